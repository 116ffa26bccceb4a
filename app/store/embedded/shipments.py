"""The embedded shop's parcels: told once, corrected under the number they have, never more than was ordered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import Session, col

from app.store.embedded.orders import STATES, OrderState, StoredOrder, lines_of, locked_order, orders_after
from app.store.embedded.products import MOST_SKUS
from app.store.tables import EmbeddedOrderRow
from app.store.tables.embedded import EmbeddedShipmentRow

_SHIPMENTS = sa.select(
    col(EmbeddedShipmentRow.order_id),
    col(EmbeddedShipmentRow.sequence),
    col(EmbeddedShipmentRow.shipped_at),
    col(EmbeddedShipmentRow.carrier),
    col(EmbeddedShipmentRow.number),
    col(EmbeddedShipmentRow.url),
    col(EmbeddedShipmentRow.units),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is said of a parcel; `units` by the SKU that was ordered, None for all that is still open."""

    carrier: str = ""
    number: str = ""
    url: str = ""
    units: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShipment:
    """A parcel that left; `sequence` counts those of its order from 1 and stays when the parcel is corrected."""

    order_id: int
    sequence: int
    shipped_at: datetime
    carrier: str
    number: str
    url: str
    units: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order is."""

    state: OrderState
    shipments: tuple[StoredShipment, ...]


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order with its parcels."""

    order: StoredOrder
    shipments: tuple[StoredShipment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """What became of a parcel: new (`shipped`: now all has left, `partly`: not all), `corrected`, or `already` there.

    `shipment` is None for an order that left without a parcel of ours; `before` is how a corrected one
    read; `left` are
    the units still open; `following` is the sequence of the next parcel.
    """

    outcome: Literal["shipped", "partly", "corrected", "already"]
    shipment: StoredShipment | None
    before: StoredShipment | None = None
    left: Mapping[str, int] = field(default_factory=dict)
    following: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NotShipped:
    """Why nothing was written; `left` are the units still open, `shipments` the parcels there are.

    `cancelled`: the order is; `not_ordered`: `sku` is not in it; `too_many`: more units than open; `which`: all has
    left in several parcels and it is not said which one is meant; `no_such_parcel`: there is none of that number, nor
    would it be the next; `other_units`: what is in a parcel can't be changed.
    """

    reason: Literal["cancelled", "not_ordered", "too_many", "which", "no_such_parcel", "other_units"]
    sku: str = ""
    left: Mapping[str, int] = field(default_factory=dict)
    shipments: tuple[StoredShipment, ...] = ()


def ship_order(
    session: Session, shop_id: str, *, order_id: int, parcel: Parcel, now: datetime, sequence: int | None = None
) -> Shipping | NotShipped | None:
    """Write down that a parcel left, or correct one that did; None when the shop has no such order.

    Safe to repeat: a parcel with the same number and units is the one there is. `sequence` says which parcel is meant:
    one to correct, or the next. Without it, what fits into the open units is a new parcel, and what does not is a
    correction if only one parcel can be meant.
    """
    row = locked_order(session, shop_id, order_id=order_id)
    if row is None:
        return None
    if row.state == "cancelled":
        return NotShipped(reason="cancelled")
    shipments = tuple(shipments_of(session, [order_id]).get(order_id, ()))
    ordered = _ordered(session, order_id)
    left = {} if row.state == "shipped" else _left(ordered, shipments)
    stranger = next((sku for sku in parcel.units or () if sku not in ordered), None)
    if stranger is not None:
        return NotShipped(reason="not_ordered", sku=stranger, left=left, shipments=shipments)
    if row.state == "shipped" and not shipments:
        return Shipping(outcome="already", shipment=None)
    meant = _meant(parcel, sequence=sequence, shipments=shipments, left=left)
    if isinstance(meant, NotShipped):
        return meant
    if meant is not None:
        outcome, now_reads = _correct(session, meant, parcel=parcel)
        before = meant if outcome == "corrected" else None
        return Shipping(outcome=outcome, shipment=now_reads, before=before, left=left, following=len(shipments) + 1)
    made = StoredShipment(
        order_id=order_id,
        sequence=len(shipments) + 1,
        shipped_at=now,
        carrier=parcel.carrier,
        number=parcel.number,
        url=parcel.url,
        units=parcel.units,
    )
    session.add(_row(made))
    left = _left(ordered, (*shipments, made))
    row.state = "paid" if left else "shipped"
    session.flush()
    return Shipping(outcome="partly" if left else "shipped", shipment=made, left=left, following=made.sequence + 1)


def progress(session: Session, shop_id: str, *, order_ids: Sequence[int]) -> dict[int, Progress]:
    """Return how far these orders are; one the shop does not have is left out."""
    states: dict[int, OrderState] = {}
    shipments: dict[int, list[StoredShipment]] = {}
    for start in range(0, len(order_ids), MOST_SKUS):
        asked = order_ids[start : start + MOST_SKUS]
        rows = session.execute(
            sa.select(col(EmbeddedOrderRow.id), col(EmbeddedOrderRow.state)).where(
                col(EmbeddedOrderRow.shop_id) == shop_id, col(EmbeddedOrderRow.id).in_(asked)
            )
        )
        found = {row.id: STATES[row.state] for row in rows}
        states |= found
        shipments |= shipments_of(session, list(found))
    return {order_id: Progress(state, tuple(shipments.get(order_id, ()))) for order_id, state in states.items()}


def listed_after(session: Session, shop_id: str, *, order_id: int = 0, limit: int = 500) -> list[ListedOrder]:
    """Return the orders that follow an order with their parcels, oldest first."""
    orders = orders_after(session, shop_id, order_id=order_id, limit=limit)
    shipments = shipments_of(session, [order.id for order in orders])
    return [ListedOrder(order, tuple(shipments.get(order.id, ()))) for order in orders]


def shipments_of(session: Session, order_ids: Sequence[int]) -> dict[int, list[StoredShipment]]:
    """Return the parcels of these orders, each order's in their sequence."""
    if not order_ids:
        return {}
    rows = session.execute(
        _SHIPMENTS.where(col(EmbeddedShipmentRow.order_id).in_(order_ids)).order_by(
            col(EmbeddedShipmentRow.order_id), col(EmbeddedShipmentRow.sequence)
        )
    )
    shipments: dict[int, list[StoredShipment]] = {}
    for row in rows:
        shipments.setdefault(row.order_id, []).append(StoredShipment(**row._mapping))
    return shipments


def _meant(
    parcel: Parcel, *, sequence: int | None, shipments: tuple[StoredShipment, ...], left: Mapping[str, int]
) -> StoredShipment | NotShipped | None:
    """Return the parcel that is meant, None for a new one, or why it can't be told."""
    fits = bool(left) if parcel.units is None else all(n <= left.get(sku, 0) for sku, n in parcel.units.items())
    if sequence is not None:
        return _named(parcel, sequence=sequence, shipments=shipments, left=left, fits=fits)
    alike = [each for each in shipments if each.units == parcel.units]
    repeated = next((each for each in alike if each.number == parcel.number), None)
    if repeated or fits:
        return repeated
    if len(alike) == 1:
        return alike[0]
    if parcel.units is not None:
        return NotShipped(reason="too_many", left=left, shipments=shipments)
    of_that_number = [each for each in shipments if each.number == parcel.number]
    if not parcel.number or len(shipments) == 1 or len(of_that_number) == 1:
        return (of_that_number or shipments)[-1]
    return NotShipped(reason="which", shipments=shipments)


def _named(
    parcel: Parcel,
    *,
    sequence: int,
    shipments: tuple[StoredShipment, ...],
    left: Mapping[str, int],
    fits: bool,
) -> StoredShipment | NotShipped | None:
    named = next((each for each in shipments if each.sequence == sequence), None)
    if named is not None:
        if parcel.units is None or parcel.units == named.units:
            return named
        return NotShipped(reason="other_units", left=left, shipments=shipments)
    if sequence != len(shipments) + 1:
        return NotShipped(reason="no_such_parcel", left=left, shipments=shipments)
    return None if fits else NotShipped(reason="too_many", left=left, shipments=shipments)


def _correct(
    session: Session, before: StoredShipment, *, parcel: Parcel
) -> tuple[Literal["corrected", "already"], StoredShipment]:
    carrier, number = parcel.carrier or before.carrier, parcel.number or before.number
    # A link belongs to its number.
    kept = before.url if (carrier, number) == (before.carrier, before.number) else ""
    after = replace(before, carrier=carrier, number=number, url=parcel.url or kept)
    if after == before:
        return "already", before
    session.execute(
        sa.update(EmbeddedShipmentRow)
        .where(col(EmbeddedShipmentRow.order_id) == after.order_id, col(EmbeddedShipmentRow.sequence) == after.sequence)
        .values(carrier=after.carrier, number=after.number, url=after.url)
    )
    return "corrected", after


def _ordered(session: Session, order_id: int) -> Counter[str]:
    ordered: Counter[str] = Counter()
    for line in lines_of(session, [order_id]).get(order_id, []):
        ordered[line.sku] += line.quantity
    return ordered


def _left(ordered: Counter[str], shipments: Sequence[StoredShipment]) -> dict[str, int]:
    left = Counter(ordered)
    for shipment in shipments:
        if shipment.units is None:
            return {}
        left.subtract(shipment.units)
    return {sku: units for sku, units in left.items() if units > 0}


def _row(shipment: StoredShipment) -> EmbeddedShipmentRow:
    return EmbeddedShipmentRow(
        order_id=shipment.order_id,
        sequence=shipment.sequence,
        shipped_at=shipment.shipped_at,
        carrier=shipment.carrier,
        number=shipment.number,
        url=shipment.url,
        units=None if shipment.units is None else dict(shipment.units),
    )
