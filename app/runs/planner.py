"""Planned hits, for installations without a cron of their own (`SCHEDULER=on`)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from cronsim import CronSim

from app.clock import Clock
from app.domain.task import Asked, Mode, Task
from app.runs.service import RunService
from app.store.accounts import accounts
from app.store.engine import Store
from app.store.tables import AccountRow
from app.tasks import TASKS

# After a longer pause only the newest planned moments count: runs read from their cursor anyway.
FURTHEST_BACK = timedelta(hours=1)


class Planner:
    """Hits what is due since its last look; several processes agree through slots."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        service: RunService,
        offered: Callable[[AccountRow], frozenset[Task]],
    ) -> None:
        self._store, self._clock, self._service, self._offered = store, clock, service, offered
        self._looked_at = clock.now()

    async def look(self) -> None:
        """Hit every task whose planned moment came since the last look."""
        now = self._clock.now()
        since, self._looked_at = max(self._looked_at, now - FURTHEST_BACK), now
        due = list(_due(since=since, until=now))
        if not due:
            return
        for account in await self._store.read(accounts):
            for task, mode, moment in due:
                if task in self._offered(account):
                    asked = Asked(task=task, modes=frozenset({mode} if mode else ()))
                    await self._service.trigger(account, asked, slot=f"planned {moment:%Y-%m-%dT%H:%MZ}")


def _due(*, since: datetime, until: datetime) -> Iterator[tuple[Task, Mode | None, datetime]]:
    """Yield each task and mode with its newest planned moment after `since` and not after `until`."""
    for task, spec in TASKS.items():
        for mode, expression in spec.plan.items():
            newest = None
            for moment in CronSim(expression, since):
                if moment > until:
                    break
                newest = moment
            if newest is not None:
                yield task, mode, newest
