"""A request as a run row keeps it, and back."""

from datetime import datetime

from app.domain.order import Fulfilment
from app.domain.task import Mode, RunRequest, Task
from app.ids import new_ulid
from app.store.accounts import StoredAccount
from app.store.runs import Run


def new_run(
    account: StoredAccount,
    request: RunRequest,
    *,
    now: datetime,
    slot: str | None = None,
    continues: str | None = None,
    trigger: str = "hit",
) -> Run:
    """Return a run that was asked for now. A dry run has a lease of its own: it disturbs nobody."""
    run_id = new_ulid()
    return Run(
        id=run_id,
        account_id=account.id,
        task=request.task,
        combination=request.combination,
        request={
            "modes": sorted(request.modes),
            "order_ids": list(request.order_ids),
            "since": request.since,
            "fulfilments": sorted(request.fulfilments),
            "confirm": request.confirm,
        },
        dry_run=request.dry_run,
        one_off=request.dry_run or bool(request.order_ids or request.since or request.confirm),
        slot=slot,
        lease_key=f"dry:{run_id}" if request.dry_run else f"{account.id}:{request.task}",
        continues=continues,
        trigger=trigger,
        created_at=now,
    )


def request_of(run: Run) -> RunRequest:
    """Return the request that a run answers."""
    return RunRequest(
        task=Task(run.task),
        modes=frozenset(Mode(mode) for mode in run.request["modes"]),
        dry_run=run.dry_run,
        order_ids=tuple(run.request["order_ids"]),
        since=run.request["since"],
        fulfilments=frozenset(Fulfilment(each) for each in run.request["fulfilments"]),
        confirm=run.request["confirm"],
    )
