"""The same tokens in memory, in a file and on a server: every test runs on all three."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from app.clock import JumpingClock
from app.errors import Unavailable
from app.keys import Keys
from app.store.engine import Session, Store
from app.store.tables import AccessTokenRow
from app.store.tokens import StoredTokens
from app.transport.tokens import AccessToken, AccessTokens, MemoryTokens, TokenStore
from tests.support.aio import run

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
CIPHER = Keys("a secret of forty characters and some more").cipher


@dataclass
class Login:
    """A remote side that gives tokens of an hour, numbered; `slow_s` business seconds each."""

    tokens: TokenStore
    clock: JumpingClock
    slow_s: float = 0.0
    given: list[str] = field(default_factory=list)
    fails: bool = False

    def client(self, key: str = "seller-1") -> AccessTokens:
        return AccessTokens(store=self.tokens, clock=self.clock, key=key, fetch=self._fetch)

    async def _fetch(self) -> AccessToken:
        asked_at = self.clock.now()
        await self.clock.sleep(self.slow_s)
        if self.fails:
            raise Unavailable(service="amazon", operation="token")
        self.given.append(f"token-{len(self.given) + 1}")
        return AccessToken(self.given[-1], asked_at + AN_HOUR)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def login(request: pytest.FixtureRequest) -> Login:
    clock = JumpingClock(START)
    if request.param == "memory":
        return Login(MemoryTokens(), clock)
    store: Store = request.getfixturevalue(f"{request.param}_store")
    clock.busy.append(lambda: store.in_flight > 0)
    return Login(StoredTokens(store, CIPHER), clock)


def test_everybody_uses_the_token_that_one_asked_for(login: Login) -> None:
    async def story() -> list[str]:
        return [await login.client().current() for _ in range(3)]

    assert run(story()) == ["token-1"] * 3


def test_many_at_once_ask_for_one_token(login: Login) -> None:
    login.slow_s = 3

    async def story() -> list[str]:
        return await asyncio.gather(*(login.client().current() for _ in range(8)))

    assert run(story()) == ["token-1"] * 8
    assert login.given == ["token-1"]


def test_a_token_is_renewed_two_minutes_before_its_end(login: Login) -> None:
    client = login.client()

    async def story() -> list[str]:
        seen = [await client.current()]
        for wait_s in (3470, 15):
            login.clock.advance(wait_s)
            seen.append(await client.current())
        return seen

    assert run(story()) == ["token-1", "token-1", "token-2"]


def test_while_one_renews_it_the_others_go_on_with_the_old_one(login: Login) -> None:
    async def story() -> tuple[str, str]:
        await login.client().current()
        login.clock.advance(3500)
        login.slow_s = 3
        return await asyncio.gather(login.client().current(), login.client().current())

    assert sorted(run(story())) == ["token-1", "token-2"]


def test_a_renewal_that_failed_or_died_keeps_nobody_out(login: Login) -> None:
    login.fails = True

    async def story() -> str:
        with pytest.raises(Unavailable):
            await login.client().current()
        login.fails = False
        await login.tokens.claim("seller-1", now=START, until=START + timedelta(seconds=60))
        return await login.client().current()

    assert run(story()) == "token-1"
    assert login.clock.now() >= START + timedelta(seconds=60)


def test_a_refused_token_is_forgotten_and_a_newer_one_is_not(login: Login) -> None:
    first, second = login.client(), login.client()

    async def story() -> list[str]:
        await first.current()
        refused = await second.current()
        await first.drop(refused)
        renewed = await first.current()
        await second.drop(refused)
        # A call that was under way for longer is refused later.
        await first.drop(refused)
        return [renewed, await second.current(), await first.current()]

    assert run(story()) == ["token-2"] * 3


def test_each_key_has_its_own_token(login: Login) -> None:
    async def story() -> list[str]:
        return [await login.client(key).current() for key in ("seller-1", "seller-2", "seller-1")]

    assert run(story()) == ["token-1", "token-2", "token-1"]


def test_only_one_of_many_gets_the_right_to_renew(login: Login) -> None:
    async def story() -> list[bool]:
        claims: list[Awaitable[bool]] = [
            login.tokens.claim("seller-1", now=START, until=START + timedelta(seconds=60)) for _ in range(8)
        ]
        return await asyncio.gather(*claims)

    assert sum(run(story())) == 1


def test_a_token_lies_sealed_in_the_database_and_shows_itself_nowhere(sqlite_store: Store) -> None:
    login = Login(StoredTokens(sqlite_store, CIPHER), JumpingClock(START))

    async def story() -> bytes | None:
        await login.client().current()
        return await sqlite_store.read(sealed_token)

    kept = run(story())
    assert kept is not None
    assert b"token-1" not in kept
    assert "token-1" not in repr(AccessToken("token-1", START))


def test_a_token_under_a_forgotten_secret_key_is_asked_for_again(sqlite_store: Store) -> None:
    clock = JumpingClock(START)
    before = Login(StoredTokens(sqlite_store, Keys("an older secret of forty characters or so").cipher), clock)
    after = Login(StoredTokens(sqlite_store, CIPHER), clock, given=["used"])

    async def story() -> str:
        await before.client().current()
        return await after.client().current()

    assert run(story()) == "token-2"


def sealed_token(session: Session) -> bytes | None:
    row = session.get(AccessTokenRow, "seller-1")
    return row.sealed if row else None
