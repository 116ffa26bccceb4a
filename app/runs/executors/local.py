"""The local executor: runs are asyncio tasks of this process."""

import asyncio
from collections.abc import Callable

import structlog

from app.errors import StoreUnavailable
from app.runs.engine import Engine
from app.runs.hit_priority import HitPriority
from app.store import runs
from app.store.engine import asking_through

log = structlog.get_logger()


class LocalExecutor:
    """Executes up to `at_once` runs at the same time; the others stay queued in the database."""

    def __init__(self, engine: Engine, *, at_once: int, on_end: Callable[[], None]) -> None:
        self._engine, self._at_once, self._on_end = engine, at_once, on_end
        self._active: dict[str, asyncio.Task[None]] = {}
        self.hit_priority = HitPriority()

    def submit(self, run_id: str) -> None:
        """Begin a run now if there is room; otherwise a later `look` finds it."""
        if run_id in self._active or len(self._active) >= self._at_once or self._engine.stopping.is_set():
            return
        task = asyncio.create_task(self._execute(run_id))
        self._active[run_id] = task

    async def look(self) -> None:
        """Begin whatever is queued or abandoned and free."""
        room = self._at_once - len(self._active)
        if room > 0 and not self._engine.stopping.is_set():
            for run_id in await self._engine.store.read(runs.claimable, limit=room):
                self.submit(run_id)

    async def drain(self) -> None:
        """Return when nothing is under way any more."""
        while self._active:
            await asyncio.wait(list(self._active.values()))

    async def _execute(self, run_id: str) -> None:
        try:
            with asking_through(self.hit_priority.behind):
                await self._engine.execute(run_id)
        except StoreUnavailable as exc:
            log.error("run left to a takeover, the database is away", run_id=run_id, why=str(exc))
        finally:
            del self._active[run_id]
            self._on_end()
        try:
            await self.look()
        except StoreUnavailable:
            log.error("queued runs wait, the database is away")
