"""What a comparison of both sides was shown so far: kept in the run's items, in step with its place in the list."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.domain.intake import Intake
from app.domain.message import Param
from app.domain.money import Money
from app.domain.order import CANCELLED, Missing, Order, OrderState, Unreadable
from app.domain.summary import OrderSummary
from app.domain.task import RECONCILE
from app.store import ledger, passes
from app.store.ledger import RunLedger, Seller
from app.store.orders import LedgerOrder
from app.store.passes import PassKey
from app.store.run_items import ItemNote, items_of, note_items
from app.store.state_changes import KEEPS_PAYLOAD
from app.store.tables import OrderLineRow, OrderRow, RunItemRow, RunRow, table_of
from app.store.values import value_of

# Dates of summaries may be in whole seconds.
COARSEST_DATE = timedelta(seconds=1)
# What the marketplace showed and the shop has not answered for yet.
UNMATCHED = "unmatched"


def take_shown(
    session: Session,
    run_ledger: RunLedger,
    answers: Sequence[Order | Unreadable | Missing],
    *,
    key: PassKey | None,
    resume: str | None,
    remote_now: datetime | None,
    now: datetime,
) -> None:
    """Take what the marketplace showed into the ledger and the run's items, and keep how far its list was read."""
    rows = ledger.absorb(session, run_ledger, answers, found_by=RECONCILE, now=now)
    note_items(session, run_ledger.run_id, notes_of(rows, answers))
    if key is not None:
        passes.mark_page(session, key, resume=resume, remote_now=remote_now)


def notes_of(rows: Sequence[LedgerOrder], answers: Sequence[Order | Unreadable | Missing]) -> list[ItemNote]:
    """Return what a run keeps of orders that the marketplace showed; `catch_up` marks those nobody saw before."""
    by_id = {row.order_id: row for row in rows}
    return [_note(each, by_id.get(each.order_id)) for each in answers if not isinstance(each, Missing)]


def _note(shown: Order | Unreadable, row: LedgerOrder | None) -> ItemNote:
    if isinstance(shown, Unreadable):
        return ItemNote(subject=shown.order_id, seen=True, code="UNREADABLE", params={"detail": shown.reason})
    params = _shown(state=shown.state, total=shown.open_total, placed_at=shown.placed_at)
    return ItemNote(subject=shown.order_id, outcome=UNMATCHED, seen=True, catch_up=_is_found(row), params=params)


def _of_row(row: LedgerOrder, total: Money) -> ItemNote:
    params = _shown(state=row.remote_state, total=total, placed_at=row.placed_at)
    return ItemNote(subject=row.order_id, outcome=UNMATCHED, seen=True, catch_up=_is_found(row), params=params)


def _shown(*, state: str, total: Money, placed_at: datetime) -> dict[str, Param]:
    return {"marketplace_state": state, "marketplace_total": total, "day": placed_at.date()}


def _is_found(row: LedgerOrder | None) -> bool:
    """Whether nobody saw this order before a comparison did."""
    return row is not None and row.found_by == RECONCILE and row.intake == Intake.DUE


def take_summaries(
    session: Session, run_ledger: RunLedger, shown: Sequence[OrderSummary | Unreadable], *, read_within: timedelta
) -> list[str]:
    """Keep in the run's items what says nothing new of orders of the ledger; returns the ids of the others to be read.

    Those that the run was shown already are not returned again. `told_within`: a reading so long after a change holds
    it, whatever date it has.
    """
    rows = _rows_of(session, run_ledger.seller, [each.order_id for each in shown])
    partly = _with_cancelled_lines(session, [row.id for row in rows.values()])
    agreeing: dict[str, ItemNote] = {}
    for each in shown:
        row = rows.get(each.order_id)
        if row is None or isinstance(each, Unreadable) or _lacks_something(row):
            continue
        total = _open_total(row, partly=row.id in partly)
        if total is not None and not _is_news(each, row, total, read_within=read_within):
            agreeing[row.order_id] = _of_row(row, total)
    note_items(session, run_ledger.run_id, list(agreeing.values()))
    others = [each.order_id for each in shown if each.order_id not in agreeing]
    known = items_of(session, run_ledger.run_id, others)
    return [order_id for order_id in others if order_id not in known or not known[order_id].seen]


def _is_news(summary: OrderSummary, row: LedgerOrder, total: Money, *, read_within: timedelta) -> bool:
    if row.updated_at is None or summary.state is OrderState.UNKNOWN:
        return True
    if row.updated_at >= summary.updated_at + COARSEST_DATE:
        # The ledger knows what came after.
        return False
    newer = summary.updated_at > row.updated_at and row.read_at < summary.updated_at + read_within
    return newer or summary.state != row.remote_state or bool(summary.totals and total.rounded() not in summary.totals)


def _lacks_something(row: LedgerOrder) -> bool:
    """Whether a reading could bring more into the ledger than news: an order it can't use as it stands."""
    return row.code == "UNREADABLE" or (row.payload is None and Intake(row.intake) in KEEPS_PAYLOAD)


def _open_total(row: LedgerOrder, *, partly: bool) -> Money | None:
    """Return what the open lines cost, None where the row does not say: some lines were cancelled (`partly`)."""
    if row.remote_state in CANCELLED:
        return Money(Decimal(0), row.currency)
    return None if partly else Money(Decimal(row.total), row.currency)


def _rows_of(session: Session, seller: Seller, order_ids: Sequence[str]) -> dict[str, LedgerOrder]:
    rows = session.exec(
        select(OrderRow)
        .where(
            OrderRow.platform == seller.platform,
            OrderRow.seller_key == seller.seller_key,
            col(OrderRow.order_id).in_(order_ids),
        )
        .order_by(col(OrderRow.id))
        .limit(len(order_ids))
    )
    return {row.order_id: value_of(row, LedgerOrder) for row in rows}


def _with_cancelled_lines(session: Session, ledger_ids: Sequence[int]) -> set[int]:
    """Return those of these orders of which a line is no longer owed."""
    found = session.exec(
        select(OrderLineRow.ledger_id)
        .where(col(OrderLineRow.ledger_id).in_(ledger_ids), col(OrderLineRow.quantity_open) <= 0)
        .distinct()
    )
    return set(found)


def carry_over(session: Session, run_id: str) -> int:
    """Give a run what the one it goes on with was shown, to be compared again; returns how many orders it holds now."""
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
