"""The holder's side of a lease: kept alive while a run works, and believed dead earlier than others do."""

import asyncio
import contextlib
import time
from types import TracebackType

from app.errors import LeaseLost, StoreUnavailable
from app.store import leases
from app.store.engine import Store
from app.store.leases import Lease

# A remote write is sent only under a lease renewed at most this long ago.
FRESH_S = 10.0
# Share of the lease after which its holder gives up on it, well before anybody else may take it.
TRUSTED_SHARE = 0.75


class LeaseKeeper:
    """Renews a lease every third of its length while the `async with` block runs (real time)."""

    def __init__(self, store: Store, lease: Lease, *, seconds: float) -> None:
        self._store, self._lease, self._seconds = store, lease, seconds
        self._renewed_at = time.monotonic()
        self._lost = False
        self._beat: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "LeaseKeeper":
        self._beat = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._beat is not None:
            self._beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beat

    def check(self) -> None:
        """Raise LeaseLost when the lease is gone, or so old that it may be."""
        if self._lost or self._age() > self._seconds * TRUSTED_SHARE:
            raise LeaseLost(self._lease.key)

    async def before_write(self) -> None:
        """Return only while the lease is ours beyond doubt; raises LeaseLost."""
        if self._age() > min(FRESH_S, self._seconds / 2):
            await self._renew()
        self.check()

    async def _keep(self) -> None:
        while not self._lost:
            await asyncio.sleep(self._seconds / 3)
            # Without the database nobody else can take the lease either; the next beat tries again.
            with contextlib.suppress(LeaseLost, StoreUnavailable):
                await self._renew()

    async def _renew(self) -> None:
        asked_at = time.monotonic()
        try:
            await self._store.write(leases.renew, self._lease, seconds=self._seconds)
        except LeaseLost:
            self._lost = True
            raise
        self._renewed_at = asked_at

    def _age(self) -> float:
        return time.monotonic() - self._renewed_at
