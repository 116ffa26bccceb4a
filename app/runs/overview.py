"""How every account and task is doing: what the management API answers and `marketcron status` prints."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, Field

from app.clock import Clock
from app.domain.intake import NOT_IMPORTED, WAITING
from app.domain.quota_advice import QuotaUsage, advise
from app.domain.task import Task
from app.domain.wording import sentence
from app.runs.quota_usage import QuotaUsageReader
from app.runs.report import Moment
from app.runs.schedule import expected_after, late_after
from app.store import accounts, orders, runs
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.tasks import TASKS
from app.tasks.settings import read_settings


class TaskStatus(BaseModel):
    """One task of one account."""

    account: str
    platform: str
    task: str
    last_status: str | None
    last_run_id: str | None
    last_run_at: Moment | None
    last_success_at: Moment | None
    next_expected_at: Moment | None
    late: bool = Field(description="Two recommended runs in a row brought no success; outside working hours none is.")


class QuotaStatus(BaseModel):
    """What was used of the one call that a marketplace allows rarely, by all accounts that share it."""

    operation: str
    calls_24h: int
    allowed_24h: float = Field(description="The calls that a day refills, at the marketplace's present rate.")
    share: float = Field(description="The used part: 0.8 is 80 %.")


class AccountStatus(BaseModel):
    """One account: its orders in the ledger, its tasks, and what it uses of a scarce quota."""

    account: str
    platform: str
    last_import_at: Moment | None
    imported: int
    not_imported: int
    waiting: int
    orders: dict[str, int] = Field(description="Orders in the ledger by intake state.")
    orders_per_day: float = Field(description="Orders placed in a day, the mean of the last week or of the days known.")
    quota: QuotaStatus | None = Field(description="Null where a day's calls are enough for everybody.")
    advice: list[str] = Field(description="What to change, in the account's language; mostly nothing.")
    tasks: list[TaskStatus]


class Overview:
    """Reads what stands where; `offered` names the tasks of an account's platform."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        offered: Callable[[StoredAccount], frozenset[Task]],
        quota_usage: QuotaUsageReader,
    ) -> None:
        self._store, self._clock, self._offered, self._quota_usage = store, clock, offered, quota_usage

    async def accounts(self) -> list[AccountStatus]:
        """Return for each account what stands where, and for each task when it last succeeded."""
        now, rows = self._clock.now(), await self._store.read(accounts.accounts)
        usages = await self._quota_usage.usages(rows)
        return [await self._account(row, usage=usages.get(row.id), now=now) for row in rows]

    async def _account(self, account: StoredAccount, *, usage: QuotaUsage | None, now: datetime) -> AccountStatus:
        counts = await self._store.read(orders.intake_counts, account.id)
        offered = [task for task in TASKS if task in self._offered(account)]
        return AccountStatus(
            account=account.name,
            platform=account.platform,
            last_import_at=await self._store.read(orders.last_import_at, account.id),
            imported=counts.get("imported", 0),
            not_imported=sum(counts.get(intake, 0) for intake in NOT_IMPORTED),
            waiting=sum(counts.get(intake, 0) for intake in WAITING),
            orders=counts,
            orders_per_day=round(sum((await self._quota_usage.orders_per_day(account)).values()), 1),
            quota=_quota(usage) if usage else None,
            advice=_advice(usage, account) if usage else [],
            tasks=[await self._task(account, task, now=now) for task in offered],
        )

    async def _task(self, account: StoredAccount, task: Task, *, now: datetime) -> TaskStatus:
        found = await self._store.read(runs.last_runs, account.id, task)
        success = found.last_success.started_at if found.last_success else None
        spec, since = TASKS[task], success or account.created_at
        return TaskStatus(
            account=account.name,
            platform=account.platform,
            task=task,
            last_status=found.last.status if found.last else None,
            last_run_id=found.last.id if found.last else None,
            last_run_at=found.last.started_at if found.last else None,
            last_success_at=success,
            next_expected_at=expected_after(since, interval=spec.interval, hours=spec.hours(account.settings)),
            late=now > late_after(since, interval=spec.interval, hours=spec.hours(account.settings)),
        )


def _quota(usage: QuotaUsage) -> QuotaStatus:
    return QuotaStatus(
        operation=usage.operation,
        calls_24h=usage.calls,
        allowed_24h=round(usage.allowed, 1),
        share=round(usage.share, 3),
    )


def _advice(usage: QuotaUsage, account: StoredAccount) -> list[str]:
    reader = read_settings(account.settings).reader()
    return [sentence(each.says, reader) for each in advise(usage)]
