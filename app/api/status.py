"""How every account and task is doing, on one page."""

from datetime import timedelta

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from app.api.problem import answers
from app.api.security import ADMIN_SCHEME, SystemDep, admin
from app.domain.intake import NOT_IMPORTED, WAITING
from app.marketplaces.registry import platform
from app.runs.report import Moment
from app.store import accounts, orders, runs
from app.tasks import TASKS

router = APIRouter(tags=["management"], dependencies=[Depends(admin), Depends(ADMIN_SCHEME)])

EXPECTED_EVERY = timedelta(hours=1)
# A task is late when two planned hits in a row brought no success.
LATE_AFTER = EXPECTED_EVERY * 2.5


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
    late: bool = Field(description="No success for two and a half times the recommended interval.")


class AccountStatus(BaseModel):
    """One account: its orders in the ledger, and its tasks."""

    account: str
    platform: str
    last_import_at: Moment | None
    imported: int
    not_imported: int
    waiting: int
    orders: dict[str, int] = Field(description="Orders in the ledger by intake state.")
    tasks: list[TaskStatus]


@router.get("/api/status", responses=answers(401, 429, 503), summary="All accounts and tasks")
async def show_status(system: SystemDep) -> list[AccountStatus]:
    """Return for each account what stands where, and for each task when it last succeeded."""
    now = system.clock.now()
    shown = []
    for account in await system.store.read(accounts.accounts):
        counts = await system.store.read(orders.intake_counts, account.id)
        tasks = []
        for task in [task for task in TASKS if task in platform(account.platform).tasks]:
            found = await system.store.read(runs.last_runs, account.id, task)
            success = found.last_success.started_at if found.last_success else None
            since = success or account.created_at
            tasks.append(
                TaskStatus(
                    account=account.name,
                    platform=account.platform,
                    task=task,
                    last_status=found.last.status if found.last else None,
                    last_run_id=found.last.id if found.last else None,
                    last_run_at=found.last.started_at if found.last else None,
                    last_success_at=success,
                    next_expected_at=since + EXPECTED_EVERY,
                    late=now > since + LATE_AFTER,
                )
            )
        shown.append(
            AccountStatus(
                account=account.name,
                platform=account.platform,
                last_import_at=await system.store.read(orders.last_import_at, account.id),
                imported=counts.get("imported", 0),
                not_imported=sum(counts.get(intake, 0) for intake in NOT_IMPORTED),
                waiting=sum(counts.get(intake, 0) for intake in WAITING),
                orders=counts,
                tasks=tasks,
            )
        )
    return shown
