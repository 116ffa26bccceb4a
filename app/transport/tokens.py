"""Access tokens that live for a while: renewed before they end, once for all processes that use them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock

# A call may travel for a while with its token, and clocks differ.
RENEW_EARLY = timedelta(seconds=120)
# Whoever renews a token has so long before another one tries.
LONGEST_RENEWAL = timedelta(seconds=60)
LOOK_AGAIN_S = 0.5


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and the business time at which it ends."""

    text: str = field(repr=False)
    expires_at: datetime


class TokenStore(Protocol):
    """Tokens by a key that names whom they let in; times are business time."""

    async def get(self, key: str) -> AccessToken | None:
        """Return the token kept last, whether it still lives or not."""
        ...

    async def claim(self, key: str, *, now: datetime, until: datetime) -> bool:
        """Take the right to renew until then, unless somebody else has it."""
        ...

    async def put(self, key: str, token: AccessToken) -> None:
        """Keep a renewed token and give the right to renew back."""
        ...

    async def give_up(self, key: str) -> None:
        """Give the right to renew back without a new token."""
        ...

    async def drop(self, key: str, text: str) -> None:
        """Forget the token, unless another one took its place already."""
        ...


@dataclass(slots=True)
class MemoryTokens:
    """Tokens that end with the process, for single checks."""

    _kept: dict[str, AccessToken] = field(default_factory=dict)
    _claimed_until: dict[str, datetime] = field(default_factory=dict)

    async def get(self, key: str) -> AccessToken | None:
        return self._kept.get(key)

    async def claim(self, key: str, *, now: datetime, until: datetime) -> bool:
        if key in self._claimed_until and self._claimed_until[key] > now:
            return False
        self._claimed_until[key] = until
        return True

    async def put(self, key: str, token: AccessToken) -> None:
        self._kept[key] = token
        await self.give_up(key)

    async def give_up(self, key: str) -> None:
        self._claimed_until.pop(key, None)

    async def drop(self, key: str, text: str) -> None:
        if key in self._kept and self._kept[key].text == text:
            del self._kept[key]


@dataclass(slots=True, kw_only=True)
class AccessTokens:
    """The tokens of one key, as one client uses them; `fetch` asks the remote side for a new one."""

    store: TokenStore
    clock: Clock
    key: str
    fetch: Callable[[], Awaitable[AccessToken]]
    _used: AccessToken | None = field(default=None, init=False, repr=False)

    async def current(self) -> str:
        """Return a token that is good for two more minutes, or was made just now; raises what `fetch` raises."""
        while self._used is None or not self._lasts(self._used):
            kept = await self.store.get(self.key)
            if kept and self._lasts(kept):
                self._used = kept
            elif await self._may_renew():
                self._used = await self._renewed()
                break
            elif kept and kept.expires_at > self.clock.now():
                # Somebody renews it at this moment: the old one still opens the door.
                return kept.text
            else:
                await self.clock.sleep(LOOK_AGAIN_S)
        return self._used.text

    async def drop(self, text: str) -> None:
        """Never use that token again: the remote side refused it. One that took its place meanwhile stays."""
        await self.store.drop(self.key, text)
        if self._used is not None and self._used.text == text:
            self._used = None

    async def _may_renew(self) -> bool:
        now = self.clock.now()
        return await self.store.claim(self.key, now=now, until=now + LONGEST_RENEWAL)

    async def _renewed(self) -> AccessToken:
        # Somebody may have renewed it between the look and the claim.
        kept = await self.store.get(self.key)
        if kept and self._lasts(kept):
            await self.store.give_up(self.key)
            return kept
        try:
            token = await self.fetch()
        except BaseException:
            await self.store.give_up(self.key)
            raise
        await self.store.put(self.key, token)
        return token

    def _lasts(self, token: AccessToken) -> bool:
        return token.expires_at - RENEW_EARLY > self.clock.now()
