"""Parcels that were sent without an answer: what the marketplace shows says whether they are confirmed again."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.order import SHIPPED_OR_CLOSED
from app.store import ledger
from app.store.ledger import RunLedger
from app.store.orders import Scope
from app.store.parcels import ParcelState, parcels_by_order
from app.store.tables import OrderRow, ParcelRow


def orders_with_unanswered_shipments(
    session: Session, scope: Scope, *, sent_before: float, after_id: int, limit: int
) -> dict[int, str]:
    """Return the orders (ledger number → id) of which a parcel was sent and not answered long enough ago."""
    found = session.exec(
        select(OrderRow.id, OrderRow.order_id)
        .join(ParcelRow, col(ParcelRow.ledger_id) == col(OrderRow.id))
        .where(*_unknown_of(scope, sent_before=sent_before), col(OrderRow.id) > after_id)
        .group_by(col(OrderRow.id), col(OrderRow.order_id))
        .order_by(col(OrderRow.id))
        .limit(limit)
    )
    return dict(found.all())


def settle_without_a_look(
    session: Session, run_ledger: RunLedger, scope: Scope, *, sent_before: float, limit: int
) -> int:
    """Settle the unanswered parcels of orders that the marketplace shows as shipped by now, and unanswered corrections.

    Returns of how many orders (call again while it is `limit`).
    """
    settled = sa.or_(col(OrderRow.remote_state).in_(SHIPPED_OR_CLOSED), col(ParcelRow.confirmed_number).is_not(None))
    ledger_ids = session.exec(
        select(ParcelRow.ledger_id)
        .join(OrderRow, col(ParcelRow.ledger_id) == col(OrderRow.id))
        .where(*_unknown_of(scope, sent_before=sent_before), settled)
        .group_by(col(ParcelRow.ledger_id))
        .order_by(col(ParcelRow.ledger_id))
        .limit(limit)
    ).all()
    for ledger_id in ledger_ids:
        settle_looked_up(session, run_ledger, ledger_id)
    return len(ledger_ids)


def _unknown_of(scope: Scope, *, sent_before: float) -> list[Any]:
    return [*scope.conditions(), ParcelRow.state == ParcelState.SENDING, col(ParcelRow.sent_at) <= sent_before]


def settle_looked_up(session: Session, run_ledger: RunLedger, ledger_id: int) -> None:
    """Settle the unanswered parcels of an order that was read again: shipped there means confirmed, else once more.

    A correction does no harm when it is confirmed twice, and the state of an order says nothing of it.
    """
    row = ledger.locked(session, ledger_id)
    for parcel in parcels_by_order(session, [ledger_id]):
        if parcel.state != ParcelState.SENDING:
            continue
        has_left = row.remote_state in SHIPPED_OR_CLOSED and parcel.confirmed_number is None
        parcel.state = ParcelState.SENT if has_left else ParcelState.FOUND
        parcel.code, parcel.params, parcel.sent_at = "", {}, None
        if has_left:
            parcel.confirmed_number = parcel.number
            ledger.note_row(session, run_ledger, row, outcome="sent", code="", params={})
