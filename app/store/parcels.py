"""Parcels: what the shop sent for an order, and how far it is confirmed to the marketplace."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.intake import Intake
from app.domain.message import Params
from app.domain.order import TO_SHIP, Fulfilment, OrderState
from app.domain.parcel import Parcel
from app.domain.shipping_rules import Owed
from app.store import leases, ledger, state_changes
from app.store.creation import FIRST_RETRY, LAST_RETRY
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder, Scope, page
from app.store.run_items import note_items
from app.store.tables import OrderLineRow, OrderRow, ParcelRow, table_of
from app.store.values import value_of


class ParcelState(StrEnum):
    """`found` waits to be confirmed; `sending` was sent and not answered; `held` and `refused` wait for a change."""

    FOUND = "found"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    HELD = "held"


# When the next try is planned of what is confirmed again only if somebody asks for it.
ONLY_WHEN_ASKED = datetime(9999, 1, 1, tzinfo=UTC)
# Only the shop itself can lose these: a person has to say what becomes of them.
LOST_IN_SHOP = ("CANCELLED_IN_SHOP", "DELETED_IN_SHOP")
_TO_CONFIRM = (ParcelState.FOUND, ParcelState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredParcel:
    """A parcel of an order in the ledger, and how far it is confirmed to the marketplace."""

    ledger_id: int
    parcel: Parcel
    state: str
    code: str
    params: Params
    confirmed_number: str | None
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderParcels:
    """An order with its open lines and all its parcels, by sequence."""

    order: LedgerOrder
    lines: list[Owed]
    parcels: list[StoredParcel]


def orders_to_follow(
    session: Session, scope: Scope, *, placed_since: datetime | None, after_id: int, limit: int
) -> list[LedgerOrder]:
    """Return our orders in the shop that the marketplace waits for, by ledger number.

    With `placed_since` also those confirmed already: a tracking number may have been corrected.
    """
    wanted: Any = col(OrderRow.remote_state).in_(TO_SHIP)
    if placed_since is not None:
        wanted = sa.or_(wanted, col(OrderRow.placed_at) >= placed_since)
    in_shop = (col(OrderRow.intake).in_([Intake.IMPORTED, Intake.HANDLED]), col(OrderRow.shop_ref).is_not(None))
    ours = OrderRow.fulfilment == Fulfilment.MERCHANT
    return page(session, scope, *in_shop, ours, wanted, after_id=after_id, limit=limit)


def note_parcels(session: Session, ledger_id: int, seen: Sequence[Parcel], *, now: datetime) -> None:
    """Keep the parcels of an order; one that was corrected after it was confirmed has to be confirmed again.

    One that was sent and not answered stays as it was sent until it was looked up.
    """
    known = {row.shop_id: row for row in parcels_by_order(session, [ledger_id])}
    for parcel in seen:
        row = known.get(parcel.id)
        if row is None:
            sequence = max((each.sequence for each in known.values()), default=0) + 1
            row = ParcelRow(
                ledger_id=ledger_id,
                sequence=sequence,
                shop_id=parcel.id,
                shipped_at=parcel.shipped_at,
                found_at=now,
                state=ParcelState.FOUND,
            )
            session.add(row)
            known[parcel.id] = row
        elif row.state == ParcelState.SENDING:
            continue
        elif _changed(row, parcel):
            row.state, row.code, row.params, row.next_try_at = ParcelState.FOUND, "", {}, None
            row.tries, row.confirm_repeats = 0, 0
        row.carrier, row.number, row.url = parcel.carrier, parcel.number, parcel.url
        row.units = dict(parcel.units) if parcel.units is not None else None
        row.shipped_at = parcel.shipped_at


def _changed(row: ParcelRow, parcel: Parcel) -> bool:
    """Whether a parcel that was confirmed, refused or held reads otherwise now."""
    differs = (parcel.carrier, parcel.number) != (row.carrier, row.number)
    if row.state == ParcelState.SENT:
        corrected = row.confirmed_number is not None and (differs or parcel.number != row.confirmed_number)
        return corrected and bool(parcel.number)
    return differs and row.state in (ParcelState.REFUSED, ParcelState.HELD)


def parcels_as_noted(session: Session, ledger_id: int, seen: Sequence[Parcel], *, now: datetime) -> OrderParcels:
    """Return an order with its parcels as they stand once these were noted."""
    note_parcels(session, ledger_id, seen, now=now)
    session.flush()
    return parcels_of(session, [ledger_id])[0]


def parcels_of(session: Session, ledger_ids: Sequence[int]) -> list[OrderParcels]:
    """Return orders with their open lines and parcels, by ledger number."""
    orders = session.exec(select(OrderRow).where(col(OrderRow.id).in_(ledger_ids)).order_by(col(OrderRow.id)))
    lines: dict[int, list[Owed]] = {}
    for line in session.exec(
        select(OrderLineRow)
        .where(col(OrderLineRow.ledger_id).in_(ledger_ids), OrderLineRow.quantity_open > 0)
        .order_by(col(OrderLineRow.ledger_id), col(OrderLineRow.line_id))
    ):
        owed = Owed(line_id=line.line_id, sku=line.sku, units=line.quantity_open)
        lines.setdefault(line.ledger_id, []).append(owed)
    parcels: dict[int, list[StoredParcel]] = {}
    for parcel in parcels_by_order(session, ledger_ids):
        parcels.setdefault(parcel.ledger_id, []).append(_stored(parcel))
    return [OrderParcels(value_of(row, LedgerOrder), lines.get(row.id, []), parcels.get(row.id, [])) for row in orders]


def orders_to_confirm(
    session: Session, scope: Scope, *, refused_until: datetime, after_id: int, limit: int
) -> list[int]:
    """Return the ledger numbers of orders with a parcel that may be confirmed now.

    Refused ones are among them if their next try has come by `refused_until`.
    """
    again = sa.and_(col(ParcelRow.state) == ParcelState.REFUSED, col(ParcelRow.next_try_at) <= refused_until)
    return list(
        session.exec(
            select(ParcelRow.ledger_id)
            .join(OrderRow, col(OrderRow.id) == col(ParcelRow.ledger_id))
            .where(
                *_of_orders_in_shop(scope),
                col(ParcelRow.ledger_id) > after_id,
                sa.or_(col(ParcelRow.state).in_(_TO_CONFIRM), again),
            )
            .group_by(col(ParcelRow.ledger_id))
            .order_by(col(ParcelRow.ledger_id))
            .limit(limit)
        )
    )


def unconfirmed_parcels(
    session: Session, scope: Scope, *, after: tuple[int, int], limit: int
) -> list[tuple[LedgerOrder, StoredParcel]]:
    """Return the parcels that were refused or not answered, with their orders, by ledger number and sequence."""
    rows = session.exec(
        select(OrderRow, ParcelRow)
        .join(ParcelRow, col(OrderRow.id) == col(ParcelRow.ledger_id))
        .where(
            *_of_orders_in_shop(scope),
            sa.tuple_(col(ParcelRow.ledger_id), col(ParcelRow.sequence)) > sa.tuple_(*map(sa.literal, after)),
            col(ParcelRow.state).in_([ParcelState.REFUSED, ParcelState.SENDING]),
        )
        .order_by(col(ParcelRow.ledger_id), col(ParcelRow.sequence))
        .limit(limit)
    )
    return [(value_of(order, LedgerOrder), _stored(parcel)) for order, parcel in rows]


def _of_orders_in_shop(scope: Scope) -> list[Any]:
    """Parcels that the marketplace has to know of: of orders it waits for, or confirmed once and corrected since."""
    return [
        *scope.conditions(),
        OrderRow.fulfilment == Fulfilment.MERCHANT,
        col(OrderRow.intake).in_([Intake.IMPORTED, Intake.HANDLED]),
        sa.or_(col(OrderRow.remote_state).in_(TO_SHIP), col(ParcelRow.confirmed_number).is_not(None)),
    ]


def begin_confirming(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    """Commit that these parcels (ledger number, sequence) are about to be confirmed."""
    _move(session, keys, state=ParcelState.SENDING, sent_at=leases.real_time(session))


def take_back(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    """Keep that these parcels were not sent after all: they wait to be confirmed again."""
    _move(session, keys, state=ParcelState.FOUND, sent_at=None)


def _move(session: Session, keys: Sequence[tuple[int, int]], **values: Any) -> None:
    if not keys:
        return
    table = table_of(ParcelRow)
    statement = (
        sa.update(table)
        .where(table.c.ledger_id == sa.bindparam("of"), table.c.sequence == sa.bindparam("nth"))
        .values(values)
    )
    session.connection().execute(statement, [{"of": ledger_id, "nth": sequence} for ledger_id, sequence in keys])


def settle_confirmed(
    session: Session,
    run_ledger: RunLedger,
    ledger_id: int,
    sequence: int,
    *,
    also: Collection[int] = (),
    whole: bool,
    now: datetime,
) -> None:
    """Keep that the marketplace knows of a parcel, and with it of those in `also`.

    `whole`: all units of the order are under way, so it counts as shipped there once all its parcels are confirmed.
    """
    row = ledger.locked(session, ledger_id)
    parcels = parcels_by_order(session, [ledger_id])
    for parcel in parcels:
        if parcel.sequence == sequence:
            parcel.confirmed_number = parcel.number
            _await(row, [parcel], OrderState.PARTIALLY_SHIPPED, now=now)
        elif parcel.sequence not in also:
            continue
        parcel.state, parcel.code, parcel.params, parcel.sent_at = ParcelState.SENT, "", {}, None
    if whole and row.remote_state in TO_SHIP and all(parcel.state == ParcelState.SENT for parcel in parcels):
        _await(row, parcels, OrderState.SHIPPED, now=now)
        row.remote_state = OrderState.SHIPPED
        row.postcode = ""
        row.version += 1
    _note_confirmed(session, run_ledger, row, parcels)


def _await(row: OrderRow, parcels: Sequence[ParcelRow], awaited: OrderState, *, now: datetime) -> None:
    """Wait for the marketplace to show what was confirmed now, where that moves its order on."""
    moves = {OrderState.TO_SHIP} if awaited is OrderState.PARTIALLY_SHIPPED else TO_SHIP
    if row.remote_state not in moves:
        return
    for parcel in parcels:
        if parcel.confirmed_number is not None:
            parcel.unshown_since, parcel.status_when_confirmed, parcel.awaited = now, row.platform_status, awaited


def _note_confirmed(session: Session, run_ledger: RunLedger, row: OrderRow, parcels: Sequence[ParcelRow]) -> None:
    """Say of an order that a parcel was confirmed: what keeps another one of it goes before."""
    for parcel in parcels:
        if parcel.state in (ParcelState.REFUSED, ParcelState.HELD):
            outcome = "refused" if parcel.state == ParcelState.REFUSED else "waiting_tracking"
            ledger.note_row(session, run_ledger, row, outcome=outcome, code=parcel.code, params=parcel.params)
            return
    ledger.note_row(session, run_ledger, row, outcome="sent", code="", params={})


def settle_not_confirmed(
    session: Session,
    run_ledger: RunLedger,
    ledger_id: int,
    sequence: int,
    *,
    state: ParcelState,
    outcome: str,
    code: str,
    params: Params,
    now: datetime,
) -> None:
    """Keep why a parcel could not be confirmed, and say it in the run's items."""
    row = ledger.locked(session, ledger_id)
    parcel = session.get_one(ParcelRow, (ledger_id, sequence))
    parcel.state, parcel.code, parcel.params = state, code, dict(params)
    if state is ParcelState.REFUSED:
        parcel.sent_at = None
        parcel.next_try_at = now + min(FIRST_RETRY * (1 << min(parcel.tries, 10)), LAST_RETRY)
        parcel.tries += 1
    ledger.note_row(session, run_ledger, row, outcome=outcome, code=code, params=params)


def settle_cancelled_in_shop(
    session: Session, run_ledger: RunLedger, ledger_id: int, *, code: str, now: datetime
) -> None:
    """Keep that the shop cancelled or lost an order that the marketplace waits for: a person has to decide.

    Of one that was handled by a person, that person knows.
    """
    row = ledger.locked(session, ledger_id)
    if row.intake == Intake.IMPORTED:
        state_changes.change_intake(session, row, Intake.NEEDS_PERSON, code=code, by=run_ledger.run_id, now=now)
        ledger.note_row(session, run_ledger, row, outcome="cancelled_in_shop", seen=True)


def lost_or_in_conflict(session: Session, scope: Scope, *, after_id: int, limit: int) -> list[LedgerOrder]:
    """Return the orders that left the shop or the marketplace without the other side, by ledger number."""
    lost = sa.and_(col(OrderRow.intake) == Intake.NEEDS_PERSON, col(OrderRow.code).in_(LOST_IN_SHOP))
    return page(session, scope, sa.or_(lost, col(OrderRow.intake) == Intake.CONFLICT), after_id=after_id, limit=limit)


def close_finished(session: Session, run_ledger: RunLedger, scope: Scope, *, now: datetime, limit: int) -> int:
    """Close imported orders that the marketplace has closed; returns how many (call again while it is `limit`)."""
    rows = session.exec(
        select(OrderRow)
        .where(
            *scope.conditions(),
            col(OrderRow.intake).in_([Intake.IMPORTED, Intake.HANDLED]),
            OrderRow.remote_state == OrderState.CLOSED,
        )
        .order_by(col(OrderRow.id))
        .limit(limit)
        .with_for_update()
    ).all()
    for row in rows:
        state_changes.change_intake(session, row, Intake.CLOSED, by=run_ledger.run_id, now=now)
    orders = [value_of(row, LedgerOrder) for row in rows]
    notes = [ledger.item_of(order, run_ledger, outcome="closed", seen=True) for order in orders]
    note_items(session, run_ledger.run_id, notes)
    return len(rows)


def _stored(row: ParcelRow) -> StoredParcel:
    parcel = Parcel(
        id=row.shop_id,
        sequence=row.sequence,
        shipped_at=row.shipped_at,
        carrier=row.carrier,
        number=row.number,
        url=row.url,
        units=row.units,
    )
    return StoredParcel(
        ledger_id=row.ledger_id,
        parcel=parcel,
        state=row.state,
        code=row.code,
        params=row.params,
        confirmed_number=row.confirmed_number,
        next_try_at=row.next_try_at,
    )


def parcels_by_order(session: Session, ledger_ids: Sequence[int]) -> list[ParcelRow]:
    """Return the parcels of these orders, by ledger number and sequence."""
    return list(
        session.exec(
            select(ParcelRow)
            .where(col(ParcelRow.ledger_id).in_(ledger_ids))
            .order_by(col(ParcelRow.ledger_id), col(ParcelRow.sequence))
        )
    )
