"""Who may call a shop now: few calls at a time within a process, and one order POST at a time over all processes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from app.store import leases
from app.store.engine import Store

# Longer than the longest order POST. A process that dies in one is succeeded then, or at the next start of a server.
TURN_S = 180.0
POLL_S = 0.1


class OrderTurn:
    """The turn while it is held."""

    def __init__(self) -> None:
        self.kept = False

    def keep(self) -> None:
        """Let nobody have the turn until the outcome of a call without an answer can be looked up."""
        self.kept = True


class ShopGate:
    """The gate of one shop."""

    def __init__(self, store: Store, shop_id: str, *, owner: str, unknown_outcome_wait_s: float) -> None:
        self._store, self._owner, self._wait_s = store, owner, unknown_outcome_wait_s
        self._key = f"order-turn:{shop_id}"
        self._mine = asyncio.Lock()
        self._places: tuple[int, asyncio.Semaphore] | None = None

    @contextlib.asynccontextmanager
    async def place(self, at_once: int) -> AsyncIterator[None]:
        """Wait for one of `at_once` places; the same number for everybody, or it is counted anew."""
        if self._places is None or self._places[0] != at_once:
            self._places = at_once, asyncio.Semaphore(at_once)
        async with self._places[1]:
            yield

    @contextlib.asynccontextmanager
    async def order_turn(self) -> AsyncIterator[OrderTurn]:
        """Wait for the one turn to create an order, in real time; raises StoreUnavailable."""
        async with self._mine:
            lease = await self._taken()
            turn = OrderTurn()
            try:
                yield turn
            finally:
                if turn.kept:
                    await self._store.write(leases.renew, lease, seconds=self._wait_s)
                else:
                    await self._store.write(leases.release, lease)

    async def _taken(self) -> leases.Lease:
        while True:
            lease = await self._store.write(leases.acquire, self._key, owner=self._owner, seconds=TURN_S)
            if lease is not None:
                return lease
            await asyncio.sleep(POLL_S)
