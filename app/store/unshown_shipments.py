"""Parcels that the marketplace took and does not show: confirmed again hours later, then named to a person."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.intake import Intake
from app.domain.order import TO_SHIP, Fulfilment, Missing, Order, OrderState, Unreadable
from app.store import ledger
from app.store.engine import change
from app.store.ledger import RunLedger
from app.store.orders import Scope
from app.store.parcels import ONLY_WHEN_ASKED, ParcelState, parcels_by_order
from app.store.tables import OrderRow, ParcelRow

# How often a parcel is confirmed again before a person has to look.
MOST_CONFIRM_REPEATS = 3


def forget_shown(session: Session, scope: Scope) -> None:
    """Stop waiting for what the marketplace has shown by now, in its own status of the order."""
    partly = sa.and_(
        col(ParcelRow.awaited) == OrderState.PARTIALLY_SHIPPED, col(OrderRow.remote_state) != OrderState.TO_SHIP
    )
    shown = (
        sa.select(col(OrderRow.id))
        .where(
            *scope.conditions(),
            col(OrderRow.id) == col(ParcelRow.ledger_id),
            col(OrderRow.platform_status) != col(ParcelRow.status_when_confirmed),
            sa.or_(col(OrderRow.remote_state).not_in(TO_SHIP), partly),
        )
        .correlate(ParcelRow)
    )
    change(
        session,
        sa.update(ParcelRow)
        .where(col(ParcelRow.unshown_since).is_not(None), shown.exists())
        .values(unshown_since=None),
    )


def orders_not_shown(session: Session, scope: Scope, *, confirmed_before: datetime, limit: int) -> list[str]:
    """Return the ids of orders of which a parcel was confirmed before that and is not shown, the oldest first."""
    return list(
        session.exec(
            select(OrderRow.order_id)
            .join(ParcelRow, col(ParcelRow.ledger_id) == col(OrderRow.id))
            .where(
                *scope.conditions(),
                OrderRow.fulfilment == Fulfilment.MERCHANT,
                col(OrderRow.intake).in_([Intake.IMPORTED, Intake.HANDLED]),
                ParcelRow.state == ParcelState.SENT,
                col(ParcelRow.unshown_since) <= confirmed_before,
            )
            .group_by(col(OrderRow.id), col(OrderRow.order_id))
            .order_by(sa.func.min(ParcelRow.unshown_since), col(OrderRow.id))
            .limit(limit)
        )
    )


def settle_read_again(
    session: Session,
    run_ledger: RunLedger,
    answers: Sequence[Order | Missing | Unreadable],
    *,
    found_by: str,
    confirmed_before: datetime,
    now: datetime,
) -> None:
    """Take what the marketplace says of some orders; parcels confirmed before that and not shown are confirmed again.

    An order of which the answer says nothing is read again as long after.
    """
    known = ledger.absorbed_rows(session, run_ledger, answers, found_by=found_by, now=now)
    rows = {row.order_id: row for row in known}
    for answer in answers:
        row = rows.get(answer.order_id)
        if row is None:
            continue
        for parcel in parcels_by_order(session, [row.id]):
            if (
                parcel.state == ParcelState.SENT
                and parcel.unshown_since is not None
                and parcel.unshown_since <= confirmed_before
            ):
                _settle(session, run_ledger, row, parcel, answer, now=now)


def _settle(
    session: Session,
    run_ledger: RunLedger,
    row: OrderRow,
    parcel: ParcelRow,
    answer: Order | Missing | Unreadable,
    *,
    now: datetime,
) -> None:
    if (
        not isinstance(answer, Order)
        or answer.state is OrderState.UNKNOWN
        or answer.platform_status != row.platform_status
    ):
        parcel.unshown_since = now
    elif _shows(parcel, answer.state):
        parcel.unshown_since = None
    else:
        row.remote_state, row.version = answer.state, row.version + 1
        if answer.shipping_address:
            row.postcode = answer.shipping_address.postcode
        _confirm_again(session, run_ledger, row, parcel)


def _shows(parcel: ParcelRow, state: OrderState) -> bool:
    if parcel.awaited == OrderState.PARTIALLY_SHIPPED:
        return state is not OrderState.TO_SHIP
    return state not in TO_SHIP


def _confirm_again(session: Session, run_ledger: RunLedger, row: OrderRow, parcel: ParcelRow) -> None:
    parcel.unshown_since, parcel.confirmed_number = None, None
    if parcel.confirm_repeats < MOST_CONFIRM_REPEATS:
        parcel.state, parcel.confirm_repeats = ParcelState.FOUND, parcel.confirm_repeats + 1
        return
    parcel.state, parcel.code, parcel.next_try_at = ParcelState.REFUSED, "SHIPMENT_NOT_SHOWN", ONLY_WHEN_ASKED
    parcel.params = {"times": parcel.confirm_repeats + 1}
    ledger.note_row(session, run_ledger, row, outcome="refused", code=parcel.code, params=parcel.params)
