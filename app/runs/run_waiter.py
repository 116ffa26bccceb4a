"""Waiting for runs without holding anything: one poller per process asks for all awaited runs at once."""

import asyncio
import contextlib

from app.domain.task import ACTIVE
from app.errors import StoreUnavailable
from app.store import runs
from app.store.engine import Store

POLL_S = 0.25


class RunWaiter:
    """Callers that wait for the end of runs, wherever these are executed."""

    def __init__(self, store: Store, *, stopping: asyncio.Event) -> None:
        self._store, self._stopping = store, stopping
        self._awaited: dict[str, set[asyncio.Event]] = {}
        self._look = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None

    async def until_finished(self, run_id: str, *, seconds: float) -> None:
        """Return when the run has ended, the time is over, or the process stops."""
        if seconds <= 0 or self._stopping.is_set():
            return
        ended = asyncio.Event()
        self._awaited.setdefault(run_id, set()).add(ended)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(seconds):
                await ended.wait()
        except TimeoutError:
            pass
        finally:
            waiters = self._awaited.get(run_id, set())
            waiters.discard(ended)
            if not waiters:
                self._awaited.pop(run_id, None)

    def look_now(self) -> None:
        """Don't wait for the next poll: something has ended here."""
        self._look.set()

    def release_all(self) -> None:
        """Let every waiter answer with what is known now."""
        for waiters in self._awaited.values():
            for ended in waiters:
                ended.set()

    async def _poll(self) -> None:
        while self._awaited:
            # Before the look: what ends while we ask shall have us ask again at once.
            self._look.clear()
            # An unreachable database ends no wait: its callers get their answer when their time is over.
            with contextlib.suppress(StoreUnavailable):
                found = await self._store.read(runs.statuses, list(self._awaited))
                for run_id, status in found.items():
                    if status not in ACTIVE:
                        for ended in self._awaited.get(run_id, ()):
                            ended.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._look.wait()
