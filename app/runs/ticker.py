"""The ticker: what happens without anybody hitting a URL.

It begins queued runs that a dead or busy process left, takes over runs whose worker died, goes on with paused ones,
hits what is planned (`SCHEDULER=on`), has the gauges read again, and deletes old reports and the buyers' data of orders
that wait for long.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from app.clock import Clock
from app.errors import StoreUnavailable
from app.runs.executors.local import LocalExecutor
from app.runs.scheduler import Scheduler
from app.runs.service import RunService
from app.store import ledger, runs
from app.store.engine import Store

log = structlog.get_logger()

RESUMED_AT_ONCE = 20
GAUGE_EVERY_S = 60
PURGE_EVERY_S = 3600
PURGED_AT_ONCE = 500
# After so long the copy of an order that still waits is deleted: it holds the buyer's name and address.
PAYLOAD_LIFE = timedelta(days=30)


class Ticker:
    """Looks around every `tick_s` real seconds until it is stopped."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        service: RunService,
        executor: LocalExecutor,
        stopping: asyncio.Event,
        tick_s: float,
        keep_runs: timedelta,
        scheduler: Scheduler | None,
        read_gauges: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._store, self._clock, self._service, self._executor = store, clock, service, executor
        self._stopping, self._tick_s, self._keep_runs = stopping, tick_s, keep_runs
        self._scheduler, self._read_gauges = scheduler, read_gauges
        self._purged_at = self._gauged_at = float("-inf")
        self._away = False

    async def run(self) -> None:
        """Tick until the process stops."""
        while not self._stopping.is_set():
            try:
                await self.tick()
                if self._away:
                    log.info("the database is back")
                self._away = False
            except StoreUnavailable as exc:
                if not self._away:
                    log.error("the database is away", why=str(exc))
                self._away = True
            except Exception:
                log.exception("tick failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._tick_s):
                    await self._stopping.wait()

    async def tick(self) -> None:
        """Look around once."""
        for paused in await self._store.read(runs.resumable, now=self._clock.now(), limit=RESUMED_AT_ONCE):
            await self._service.resume(paused)
        if self._scheduler is not None:
            await self._scheduler.look()
        await self._executor.look()
        if time.monotonic() - self._purged_at > PURGE_EVERY_S:
            self._purged_at = time.monotonic()
            await self._purge()
        if self._read_gauges is not None and time.monotonic() - self._gauged_at > GAUGE_EVERY_S:
            self._gauged_at = time.monotonic()
            await self._read_gauges()

    async def _purge(self) -> None:
        now = self._clock.now()
        deleted = PURGED_AT_ONCE
        while deleted >= PURGED_AT_ONCE:
            deleted = await self._store.write(runs.purge, before=now - self._keep_runs, limit=PURGED_AT_ONCE)
        expired = PURGED_AT_ONCE
        while expired >= PURGED_AT_ONCE:
            expired = await self._store.write(
                ledger.expire_payloads, waiting_since=now - PAYLOAD_LIFE, now=now, limit=PURGED_AT_ONCE
            )
