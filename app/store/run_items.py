"""What each run found or did, order by order: the items of its report."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.domain.message import Params
from app.domain.reasons import NEEDS_PERSON, shown_as_problems
from app.store.tables import RunItemRow, table_of
from app.store.values import value_of

# Subjects that are no order: the run itself (`#CODE`), an offer (`sku:…`), a day (`day:…`).
NOT_ORDERS = ("#", "sku:", "day:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNote:
    """What a run has to say about one order (`subject` is its id), or about itself (`#CODE`)."""

    subject: str
    outcome: str = ""
    seen: bool = False
    catch_up: bool = False
    code: str = ""
    sku: str = ""
    params: Params = field(default_factory=dict)
    since: datetime | None = None
    deadline: datetime | None = None


def note_items(session: Session, run_id: str, notes: Sequence[ItemNote]) -> None:
    """Write what became of some orders; a later note replaces an earlier one, but an order once seen stays seen."""
    _write(session, run_id, notes, keeps_outcomes=False)


def note_shown(session: Session, run_id: str, notes: Sequence[ItemNote]) -> None:
    """Write what a run was shown of some orders; what it did to one stays said where there is nothing new to say.

    A run that was taken over is shown the orders again that it has settled before.
    """
    _write(session, run_id, notes, keeps_outcomes=True)


def _write(session: Session, run_id: str, notes: Sequence[ItemNote], *, keeps_outcomes: bool) -> None:
    if not notes:
        return
    by_subject = {note.subject: note for note in notes}
    names = [each.name for each in fields(ItemNote)]
    values = [{"run_id": run_id} | {name: getattr(note, name) for name in names} for note in by_subject.values()]
    session.execute(_upsert(session.get_bind().dialect.name, keeps_outcomes=keeps_outcomes), values)


@cache
def _upsert(dialect: str, *, keeps_outcomes: bool) -> sa.Executable:
    """Return the statement that writes items; built once, since a run asks it for every order."""
    table = table_of(RunItemRow)
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    fresh: Any = insert.excluded
    said = {name: fresh[name] for name in ("outcome", "catch_up", "code", "sku", "params", "since", "deadline")}
    if keeps_outcomes:
        # An order that this run imported may come in a later list of the same run: what was warned of stays said.
        imported_by_run = sa.and_(table.c.outcome == "imported", fresh["outcome"] == "imported", fresh["code"] == "")
        settled = sa.or_(sa.and_(table.c.outcome != "", fresh["outcome"] == ""), imported_by_run)
        said = {name: sa.case((settled, table.c[name]), else_=new) for name, new in said.items()}
    upsert: sa.Executable = insert.on_conflict_do_update(
        index_elements=["run_id", "subject"], set_=said | {"seen": sa.or_(table.c.seen, fresh["seen"])}
    )
    return upsert


# Built once: every run ends with it.
_OUTCOMES = (
    sa.select(
        col(RunItemRow.outcome),
        col(RunItemRow.code),
        sa.func.count(),
        sa.func.sum(sa.case((col(RunItemRow.seen), 1), else_=0)),
        sa.func.sum(sa.case((col(RunItemRow.catch_up), 1), else_=0)),
    )
    .where(col(RunItemRow.run_id) == sa.bindparam("run"))
    .group_by(col(RunItemRow.outcome), col(RunItemRow.code))
)


def outcome_counts(session: Session, run_id: str) -> dict[str, int]:
    """Return how many orders met each outcome; `seen`, `found_by_catch_up`, `needs_person`, `problems` count across."""
    rows = session.execute(_OUTCOMES, {"run": run_id})
    counts = {"seen": 0, "found_by_catch_up": 0, "needs_person": 0, "problems": 0}
    for outcome, code, number, seen, caught in rows:
        counts["seen"] += int(seen)
        counts["found_by_catch_up"] += int(caught)
        if code in NEEDS_PERSON:
            counts["needs_person"] += int(number)
        if code in shown_as_problems():
            counts["problems"] += int(number)
        if outcome:
            counts[outcome] = counts.get(outcome, 0) + int(number)
    return counts


def problem_items(session: Session, run_id: str, *, codes: Sequence[str], limit: int) -> list[ItemNote]:
    """Return the items with one of these codes, the nearest deadline first, then the oldest."""
    rows = session.exec(
        select(RunItemRow)
        .where(RunItemRow.run_id == run_id, col(RunItemRow.code).in_(codes))
        .order_by(
            sa.case((col(RunItemRow.subject).startswith("#"), 0), else_=1),
            sa.case((col(RunItemRow.deadline).is_(None), 1), else_=0),
            col(RunItemRow.deadline),
            col(RunItemRow.since),
            col(RunItemRow.subject),
        )
        .limit(limit)
    )
    return [value_of(row, ItemNote) for row in rows]


def said_so_far(
    session: Session, run_id: str, *, problem_codes: Sequence[str], limit: int
) -> tuple[dict[str, int], list[ItemNote]]:
    """Return the counts and the first problems of a run under way."""
    counts = outcome_counts(session, run_id)
    problems = problem_items(session, run_id, codes=problem_codes, limit=limit) if counts["problems"] else []
    return counts, problems


def items_of(session: Session, run_id: str, subjects: Sequence[str]) -> dict[str, ItemNote]:
    """Return what a run said about these subjects so far."""
    rows = session.exec(select(RunItemRow).where(RunItemRow.run_id == run_id, col(RunItemRow.subject).in_(subjects)))
    return {row.subject: value_of(row, ItemNote) for row in rows}


def items_with_outcome(session: Session, run_id: str, outcome: str, *, after: str, limit: int) -> list[ItemNote]:
    """Return the items of a run with one outcome, by subject."""
    rows = session.exec(
        select(RunItemRow)
        .where(RunItemRow.run_id == run_id, RunItemRow.outcome == outcome, col(RunItemRow.subject) > after)
        .order_by(col(RunItemRow.subject))
        .limit(limit)
    )
    return [value_of(row, ItemNote) for row in rows]


def items(session: Session, run_id: str, *, after: str, limit: int) -> list[ItemNote]:
    """Return what a run said about each order, by order id."""
    rows = session.exec(
        select(RunItemRow)
        .where(
            RunItemRow.run_id == run_id,
            col(RunItemRow.subject) > after,
            ~col(RunItemRow.subject).startswith("#"),
        )
        .order_by(col(RunItemRow.subject))
        .limit(limit)
    )
    return [value_of(row, ItemNote) for row in rows]
