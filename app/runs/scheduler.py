"""Planned hits, for installations without a cron of their own (`SCHEDULER=on`)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from cronsim import CronSim

from app.clock import Clock
from app.domain.task import RunRequest, Task
from app.domain.working_hours import MINUTE, WorkingHours
from app.runs.service import RunService
from app.store.accounts import StoredAccount, accounts
from app.store.engine import Store
from app.tasks import TASKS

# After a longer pause only the newest planned moments count: runs read from their cursor anyway.
FURTHEST_BACK = timedelta(hours=1)


class Scheduler:
    """Hits what is due since its last look; several processes agree through slots."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        service: RunService,
        offered: Callable[[StoredAccount], frozenset[Task]],
    ) -> None:
        self._store, self._clock, self._service, self._offered = store, clock, service, offered
        self._looked_at = clock.now()

    async def look(self) -> None:
        """Hit every task whose planned moment came since the last look."""
        now = self._clock.now()
        since, self._looked_at = max(self._looked_at, now - FURTHEST_BACK), now
        # Neither plans nor working hours know of seconds.
        if _minute(since) == _minute(now):
            return
        plans = [
            (task, mode, list(_moments(expression, since=since, until=now)))
            for task, spec in TASKS.items()
            for mode, expression in spec.plan.items()
        ]
        for account in await self._store.read(accounts):
            for task, mode, moments in plans:
                due = _due(moments, since=since, until=now, hours=TASKS[task].hours(account.settings))
                if due is not None and task in self._offered(account):
                    request = RunRequest(task=task, modes=frozenset({mode} if mode else ()))
                    await self._service.trigger(account, request, slot=f"planned {due:%Y-%m-%dT%H:%MZ}")


def _moments(expression: str, *, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the newest planned moment not after `since`, then those after it and not after `until`."""
    yield next(CronSim(expression, _minute(since) + MINUTE, reverse=True))
    for moment in CronSim(expression, since):
        if moment > until:
            return
        yield moment


def _due(moments: Sequence[datetime], *, since: datetime, until: datetime, hours: WorkingHours) -> datetime | None:
    """Return the newest moment to hit after `since` and not after `until`.

    One that was planned outside of the hours waits until they begin; with many it is still one hit.
    """
    return max((moment for moment in map(hours.next_from, moments) if since < moment <= until), default=None)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
