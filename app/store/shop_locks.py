"""The lock of a shop: few calls at a time within a process, one order POST at a time over all processes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from app.store import leases
from app.store.engine import Store

# Longer than the longest order POST. A process that dies in one is succeeded then, or at the next start of a server.
SLOT_S = 180.0
# A process passes its slot on to its own next order for so long, then everybody's chance is the same.
PASSED_ON_S = 20.0
POLL_S = 0.1


class CreationSlot:
    """The creation slot while held; `handovers`: how often another process may have had it between two of ours."""

    def __init__(self, *, handovers: int) -> None:
        self.handovers, self.kept = handovers, False

    def keep(self) -> None:
        """Let nobody have the slot until the outcome of a call without an answer can be looked up."""
        self.kept = True


class StoredShopLock:
    """The lock of one shop."""

    def __init__(self, store: Store, shop_id: str, *, owner: str, unknown_outcome_wait_s: float) -> None:
        self._store, self._owner, self._wait_s = store, owner, unknown_outcome_wait_s
        self._key = f"order-creation:{shop_id}"
        self._mine = asyncio.Lock()
        self._call_slots: tuple[int, asyncio.Semaphore] | None = None
        self._waiting = 0
        self._held: leases.Lease | None = None
        self._held_since = 0.0
        self._last_epoch = -1
        self._handovers = 0

    @contextlib.asynccontextmanager
    async def call_slot(self, at_once: int) -> AsyncIterator[None]:
        """Wait for one of `at_once` call slots; the same number for everybody, or they are counted again."""
        if self._call_slots is None or self._call_slots[0] != at_once:
            self._call_slots = at_once, asyncio.Semaphore(at_once)
        async with self._call_slots[1]:
            yield

    @contextlib.asynccontextmanager
    async def creation_slot(self, *, claim: str = "") -> AsyncIterator[CreationSlot]:
        """Wait for the one slot to create an order, in real time; raises StoreUnavailable.

        `claim` names the order that must not be disturbed until it is done: if its process dies meanwhile, nobody but
        that order gets the slot for a while.
        """
        self._waiting += 1
        try:
            await self._mine.acquire()
        except asyncio.CancelledError:
            await self._give_up_what_was_passed_on()
            raise
        finally:
            self._waiting -= 1
        try:
            passed_on = await self._passed_on(claim)
            lease = passed_on or await self._taken(claim)
            if passed_on is None and lease.epoch != self._last_epoch + 1:
                self._handovers += 1
            slot = CreationSlot(handovers=self._handovers)
            self._held, self._last_epoch = None, lease.epoch
            try:
                yield slot
            finally:
                await self._leave(lease, slot, claim)
        finally:
            self._mine.release()

    async def _passed_on(self, claim: str) -> leases.Lease | None:
        held = self._held
        if held is None or not claim:
            return held
        # A claim is its own owner.
        await self._store.write(leases.release, held)
        self._held, self._last_epoch = None, held.epoch
        return None

    async def _taken(self, claim: str) -> leases.Lease:
        owner = f"order:{claim}" if claim else self._owner
        while True:
            lease = await self._store.write(leases.acquire, self._key, owner=owner, seconds=SLOT_S, again=bool(claim))
            if lease is not None:
                self._held_since = time.monotonic()
                return lease
            await asyncio.sleep(POLL_S)

    async def _give_up_what_was_passed_on(self) -> None:
        """Release a slot that was passed on to somebody who will not take it."""
        if self._waiting == 1 and self._held is not None and not self._mine.locked():
            lease, self._held = self._held, None
            await self._store.write(leases.release, lease)

    async def _leave(self, lease: leases.Lease, slot: CreationSlot, claim: str) -> None:
        if slot.kept:
            await self._store.write(leases.renew, lease, seconds=self._wait_s)
        elif self._waiting and not claim and time.monotonic() - self._held_since < PASSED_ON_S:
            self._held = lease
        else:
            await self._store.write(leases.release, lease)
            if self._waiting:
                # Another process that waits looks every now and then.
                await asyncio.sleep(2 * POLL_S)
