"""What a comparison of both sides was shown so far: kept in the run's items, in step with its place in the list."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.domain.intake import Intake
from app.domain.order import Missing, Order, Unreadable
from app.domain.task import RECONCILE
from app.store import ledger, passes
from app.store.ledger import Book
from app.store.passes import PassKey
from app.store.run_items import ItemNote, note_items
from app.store.tables import OrderRow, RunItemRow, RunRow, table_of

# What the marketplace showed and the shop has not answered for yet.
UNMATCHED = "unmatched"


def take_shown(
    session: Session,
    book: Book,
    answers: Sequence[Order | Unreadable | Missing],
    *,
    key: PassKey | None,
    resume: str | None,
    remote_now: datetime | None,
    now: datetime,
) -> None:
    """Take what the marketplace showed into the ledger and the run's items, and keep how far its list was read."""
    rows = ledger.absorb(session, book, answers, found_by=RECONCILE, now=now)
    note_items(session, book.run_id, notes_of(rows, answers))
    if key is not None:
        passes.mark_page(session, key, resume=resume, remote_now=remote_now)


def notes_of(rows: Sequence[OrderRow], answers: Sequence[Order | Unreadable | Missing]) -> list[ItemNote]:
    """Return what a run keeps of orders that the marketplace showed; `catch_up` marks those nobody saw before."""
    by_id = {row.order_id: row for row in rows}
    return [_note(each, by_id.get(each.order_id)) for each in answers if not isinstance(each, Missing)]


def _note(shown: Order | Unreadable, row: OrderRow | None) -> ItemNote:
    if isinstance(shown, Unreadable):
        return ItemNote(subject=shown.order_id, seen=True, code="UNREADABLE", params={"detail": shown.reason})
    found = row is not None and row.due_by == RECONCILE and row.intake == Intake.DUE
    params = {
        "there_state": shown.state,
        "there_total": str(shown.open_total),
        "day": f"{shown.placed_at:%Y-%m-%d}",
    }
    return ItemNote(subject=shown.order_id, outcome=UNMATCHED, seen=True, catch_up=found, params=params)


def carry_over(session: Session, run_id: str) -> int:
    """Give a run what the one it goes on with was shown, to be compared anew; returns how many orders it holds now."""
    run = session.get_one(RunRow, run_id)
    if run.continues is not None:
        columns = [column for column in table_of(RunItemRow).columns if column.name != "run_id"]
        before = sa.select(sa.literal(run_id), *columns).where(
            col(RunItemRow.run_id) == run.continues, col(RunItemRow.seen)
        )
        insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(RunItemRow)
        names = ["run_id", *(column.name for column in columns)]
        session.execute(insert.from_select(names, before).on_conflict_do_nothing())
    mine = (col(RunItemRow.run_id) == run_id, col(RunItemRow.seen))
    session.execute(
        sa.update(RunItemRow).where(*mine, col(RunItemRow.outcome) != "").values(outcome=UNMATCHED, code="")
    )
    counted = sa.select(sa.func.count()).select_from(RunItemRow)
    return int(session.scalar(counted.where(*mine)) or 0)
