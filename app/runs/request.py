"""A hit as a run row keeps it, and back."""

from datetime import datetime

from app.domain.order import Fulfilment
from app.domain.task import Asked, Mode, Task
from app.ids import new_ulid
from app.store.tables import AccountRow, RunRow


def new_run(
    account: AccountRow,
    asked: Asked,
    *,
    now: datetime,
    slot: str | None = None,
    continues: str | None = None,
    trigger: str = "hit",
) -> RunRow:
    """Return the row of a run that was asked for now. A rehearsal has a lease of its own: it disturbs nobody."""
    run_id = new_ulid()
    return RunRow(
        id=run_id,
        account_id=account.id,
        task=asked.task,
        combination=asked.combination,
        asked={
            "modes": sorted(asked.modes),
            "order_ids": list(asked.order_ids),
            "since": asked.since,
            "fulfilments": sorted(asked.fulfilments),
            "confirm": asked.confirm,
        },
        dry_run=asked.dry_run,
        one_off=asked.dry_run or bool(asked.order_ids or asked.since or asked.confirm),
        slot=slot,
        lease_key=f"dry:{run_id}" if asked.dry_run else f"{account.id}:{asked.task}",
        continues=continues,
        trigger=trigger,
        created_at=now,
    )


def asked_of(run: RunRow) -> Asked:
    """Return what was asked of a run."""
    return Asked(
        task=Task(run.task),
        modes=frozenset(Mode(mode) for mode in run.asked["modes"]),
        dry_run=run.dry_run,
        order_ids=tuple(run.asked["order_ids"]),
        since=run.asked["since"],
        fulfilments=frozenset(Fulfilment(each) for each in run.asked["fulfilments"]),
        confirm=run.asked["confirm"],
    )
