"""What runs cost at remote services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.task import RunStatus
from app.store.tables import RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCost:
    """One run's calls, by the names of their operations; `goes_on`: it continued another run by itself."""

    task: str
    modes: tuple[str, ...]
    goes_on: bool
    calls: Mapping[str, int]


def costs_since(session: Session, account_ids: Sequence[str], *, since: datetime) -> list[RunCost]:
    """Return what the runs of these accounts cost that were begun since then, oldest first."""
    rows = session.exec(
        select(RunRow.task, RunRow.request, RunRow.continues, RunRow.quota)
        .where(
            col(RunRow.account_id).in_(account_ids),
            RunRow.created_at >= since,
            RunRow.status != RunStatus.SKIPPED,
        )
        .order_by(col(RunRow.id))
    )
    return [
        RunCost(
            task=task,
            modes=tuple(request.get("modes", ())),
            goes_on=continues is not None,
            calls=(quota or {}).get("operations", {}),
        )
        for task, request, continues, quota in rows
    ]
