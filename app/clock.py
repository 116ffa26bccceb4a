"""The two clocks.

Business time (quotas, windows, back-off, schedules, deadlines of orders) may run faster or jump, so that a demo shows a
day in minutes and a test a month in seconds. Real time (leases, heartbeats, HTTP time-outs, the wait after an unknown
outcome) never does: it comes from `real_now` and `time.monotonic`.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


def real_now() -> datetime:
    """Return the real time of this machine, aware, UTC."""
    return datetime.now(UTC)


class Clock(Protocol):
    """Business time; `speed` is how many of its seconds pass in a real one (1 where it jumps)."""

    speed: float

    def now(self) -> datetime:
        """Return business time, aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many business seconds."""
        ...


class ScaledClock:
    """Business time that runs `speed` times as fast as real time, from `base` on.

    Processes that share `base` and `speed` read the same time.
    """

    def __init__(self, *, speed: float = 1.0, base: datetime | None = None) -> None:
        self.speed = speed
        self._base = (base or real_now()).timestamp()

    def now(self) -> datetime:
        real = time.time()
        return datetime.fromtimestamp(self._base + (real - self._base) * self.speed, UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)


class JumpingClock:
    """Business time that stands still while anybody works and jumps to the next waker when everybody waits.

    `busy` callables report work that the event loop can't see (a thread that writes to the database): the clock never
    jumps while one of them answers True.
    """

    # Turns of the event loop without a new sleeper before the clock believes that nobody works.
    QUIET_TURNS = 25

    def __init__(self, start: datetime) -> None:
        self.speed = 1.0
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._mover: asyncio.Task[None] | None = None
        self._activity = 0
        self.busy: list[Callable[[], bool]] = []

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move time forward at once and wake whoever slept until then."""
        self._move_to(self._now + timedelta(seconds=seconds))

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._count), woken))
        self._activity += 1
        if self._mover is None or self._mover.done():
            self._mover = asyncio.create_task(self._move())
        await woken

    async def _move(self) -> None:
        while self._sleepers:
            await self._until_quiet()
            if self._sleepers:
                self._move_to(max(self._sleepers[0][0], self._now))

    async def _until_quiet(self) -> None:
        quiet, seen = 0, self._activity
        while quiet < self.QUIET_TURNS:
            if any(probe() for probe in self.busy):
                await asyncio.sleep(0.0005)
                quiet = 0
                continue
            await asyncio.sleep(0)
            quiet = quiet + 1 if self._activity == seen else 0
            seen = self._activity

    def _move_to(self, moment: datetime) -> None:
        self._now = moment
        self._activity += 1
        while self._sleepers and self._sleepers[0][0] <= moment:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
