"""The service: what a hit, the command line and the ticker ask for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock
from app.domain.task import RunRequest, RunStatus
from app.runs.run_waiter import RunWaiter
from app.runs.schedule import min_interval
from app.runs.stored_request import new_run, request_of
from app.store import runs
from app.store.accounts import StoredAccount, account_and_shop
from app.store.engine import Store
from app.store.runs import Arrived, Run


class Executor(Protocol):
    def submit(self, run_id: str) -> None: ...


@dataclass(kw_only=True)
class RunService:
    """Begins runs, joins them, waits for them."""

    store: Store
    clock: Clock
    executor: Executor
    run_waiter: RunWaiter
    min_intervals: bool

    async def trigger(
        self, account: StoredAccount, request: RunRequest, *, slot: str | None = None, by_heart: bool = False
    ) -> Arrived:
        """Write the run of a hit, or find the one it belongs to, and have it executed; raises StoreUnavailable.

        `by_heart`: the account may be an older picture of it; raises AccountChanged when it is.
        """
        row = new_run(account, request, now=self.clock.now(), slot=slot)
        interval = min_interval(request) if self.min_intervals else None
        remembered = account if by_heart else None
        arrived = await self.store.write(runs.arrive, row, min_interval=interval, remembered=remembered)
        if arrived.arrival == "new":
            self.executor.submit(arrived.run.id)
        return arrived

    async def resume(self, paused: Run) -> None:
        """Go on with a paused run in a new one."""
        row = await self.store.read(account_and_shop, paused.account_id)
        again = new_run(row.account, request_of(paused), now=self.clock.now(), continues=paused.id, trigger="resume")
        arrived = await self.store.write(runs.arrive, again, min_interval=None)
        if arrived.arrival == "new":
            self.executor.submit(arrived.run.id)

    async def wait(self, run_id: str, *, seconds: float) -> Run:
        """Return the run once it has ended or the time is over."""
        await self.run_waiter.until_finished(run_id, seconds=seconds)
        row = await self.store.read(runs.run_by_id, run_id)
        if row is None:
            raise LookupError(run_id)
        return row

    def next_useful_at(self, run: Run) -> datetime | None:
        """Return when an equal hit will run again instead of being skipped; None where it would run at once."""
        if run.status in (RunStatus.FAILED, RunStatus.PAUSED):
            return None
        interval = min_interval(request_of(run)) if self.min_intervals else timedelta(0)
        return run.started_at + interval if run.started_at and interval is not None else None
