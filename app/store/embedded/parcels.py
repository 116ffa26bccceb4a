"""The embedded shop's parcels: written down once, corrected under the number they have, never more than was ordered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session, col

from app.domain.parcel import Parcel
from app.store.embedded.orders import STATES, OrderState, StoredOrder, lines_of, locked_order, orders_after
from app.store.embedded.products import MOST_SKUS
from app.store.tables import EmbeddedOrderRow
from app.store.tables.embedded import EmbeddedShipmentRow

_PARCELS = sa.select(
    col(EmbeddedShipmentRow.order_id),
    col(EmbeddedShipmentRow.sequence),
    col(EmbeddedShipmentRow.shipped_at),
    col(EmbeddedShipmentRow.carrier),
    col(EmbeddedShipmentRow.number),
    col(EmbeddedShipmentRow.url),
    col(EmbeddedShipmentRow.units),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipRequest:
    """What a person says of a parcel that leaves; `units` by the SKU that was ordered, None for all still open."""

    carrier: str = ""
    number: str = ""
    url: str = ""
    units: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order is."""

    state: OrderState
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order with its parcels."""

    order: StoredOrder
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """What became of a parcel: new (`shipped`: now all has left, `partly`: not all), `corrected`, or `already` there.

    `parcel` is None for an order that left without a parcel of ours; `before` is how a corrected one read; `left` are
    the units still open; `following` is the sequence of the next parcel.
    """

    outcome: Literal["shipped", "partly", "corrected", "already"]
    parcel: Parcel | None
    before: Parcel | None = None
    left: Mapping[str, int] = field(default_factory=dict)
    following: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NotShipped:
    """Why nothing was written; `left` are the units still open, `parcels` those there are.

    `cancelled`: the order is; `not_ordered`: `sku` is not in it; `too_many`: more units than open; `which`: all has
    left in several parcels and it is not said which one is meant; `no_such_parcel`: there is none of that number, nor
    would it be the next; `other_units`: what is in a parcel can't be changed.
    """

    reason: Literal["cancelled", "not_ordered", "too_many", "which", "no_such_parcel", "other_units"]
    sku: str = ""
    left: Mapping[str, int] = field(default_factory=dict)
    parcels: tuple[Parcel, ...] = ()


def ship_order(
    session: Session, shop_id: str, *, order_id: int, request: ShipRequest, now: datetime, sequence: int | None = None
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
    parcels = tuple(parcels_of(session, [order_id]).get(order_id, ()))
    ordered = _ordered(session, order_id)
    left = {} if row.state == "shipped" else _left(ordered, parcels)
    stranger = next((sku for sku in request.units or () if sku not in ordered), None)
    if stranger is not None:
        return NotShipped(reason="not_ordered", sku=stranger, left=left, parcels=parcels)
    if row.state == "shipped" and not parcels:
        return Shipping(outcome="already", parcel=None)
    meant = _meant(request, sequence=sequence, parcels=parcels, left=left)
    if isinstance(meant, NotShipped):
        return meant
    if meant is not None:
        outcome, now_reads = _correct(session, order_id, meant, request=request)
        before = meant if outcome == "corrected" else None
        return Shipping(outcome=outcome, parcel=now_reads, before=before, left=left, following=len(parcels) + 1)
    sequence = len(parcels) + 1
    made = Parcel(
        id=_id(order_id, sequence),
        sequence=sequence,
        shipped_at=now,
        carrier=request.carrier,
        number=request.number,
        url=request.url,
        units=request.units,
    )
    session.add(_row(order_id, made))
    left = _left(ordered, (*parcels, made))
    row.state = "paid" if left else "shipped"
    session.flush()
    return Shipping(outcome="partly" if left else "shipped", parcel=made, left=left, following=made.sequence + 1)


def progress(session: Session, shop_id: str, *, order_ids: Sequence[int]) -> dict[int, Progress]:
    """Return how far these orders are; one the shop does not have is left out."""
    states: dict[int, OrderState] = {}
    parcels: dict[int, list[Parcel]] = {}
    for start in range(0, len(order_ids), MOST_SKUS):
        asked = order_ids[start : start + MOST_SKUS]
        rows = session.execute(
            sa.select(col(EmbeddedOrderRow.id), col(EmbeddedOrderRow.state)).where(
                col(EmbeddedOrderRow.shop_id) == shop_id, col(EmbeddedOrderRow.id).in_(asked)
            )
        )
        found = {row.id: STATES[row.state] for row in rows}
        states |= found
        parcels |= parcels_of(session, list(found))
    return {order_id: Progress(state, tuple(parcels.get(order_id, ()))) for order_id, state in states.items()}


def listed_after(session: Session, shop_id: str, *, order_id: int = 0, limit: int = 500) -> list[ListedOrder]:
    """Return the orders that follow an order with their parcels, oldest first."""
    orders = orders_after(session, shop_id, order_id=order_id, limit=limit)
    parcels = parcels_of(session, [order.id for order in orders])
    return [ListedOrder(order, tuple(parcels.get(order.id, ()))) for order in orders]


def parcels_of(session: Session, order_ids: Sequence[int]) -> dict[int, list[Parcel]]:
    """Return the parcels of these orders, each order's in their sequence."""
    if not order_ids:
        return {}
    rows = session.execute(
        _PARCELS.where(col(EmbeddedShipmentRow.order_id).in_(order_ids)).order_by(
            col(EmbeddedShipmentRow.order_id), col(EmbeddedShipmentRow.sequence)
        )
    )
    parcels: dict[int, list[Parcel]] = {}
    for row in rows:
        parcels.setdefault(row.order_id, []).append(_parcel(row))
    return parcels


def _meant(
    request: ShipRequest, *, sequence: int | None, parcels: tuple[Parcel, ...], left: Mapping[str, int]
) -> Parcel | NotShipped | None:
    """Return the parcel that is meant, None for a new one, or why it can't be."""
    fits = bool(left) if request.units is None else all(n <= left.get(sku, 0) for sku, n in request.units.items())
    if sequence is not None:
        return _named(request, sequence=sequence, parcels=parcels, left=left, fits=fits)
    alike = [each for each in parcels if each.units == request.units]
    repeated = next((each for each in alike if each.number == request.number), None)
    if repeated or fits:
        return repeated
    if len(alike) == 1:
        return alike[0]
    if request.units is not None:
        return NotShipped(reason="too_many", left=left, parcels=parcels)
    of_that_number = [each for each in parcels if each.number == request.number]
    if not request.number or len(parcels) == 1 or len(of_that_number) == 1:
        return (of_that_number or parcels)[-1]
    return NotShipped(reason="which", parcels=parcels)


def _named(
    request: ShipRequest,
    *,
    sequence: int,
    parcels: tuple[Parcel, ...],
    left: Mapping[str, int],
    fits: bool,
) -> Parcel | NotShipped | None:
    named = next((each for each in parcels if each.sequence == sequence), None)
    if named is not None:
        if request.units is None or request.units == named.units:
            return named
        return NotShipped(reason="other_units", left=left, parcels=parcels)
    if sequence != len(parcels) + 1:
        return NotShipped(reason="no_such_parcel", left=left, parcels=parcels)
    return None if fits else NotShipped(reason="too_many", left=left, parcels=parcels)


def _correct(
    session: Session, order_id: int, before: Parcel, *, request: ShipRequest
) -> tuple[Literal["corrected", "already"], Parcel]:
    carrier, number = request.carrier or before.carrier, request.number or before.number
    # A link belongs to its number.
    kept = before.url if (carrier, number) == (before.carrier, before.number) else ""
    after = replace(before, carrier=carrier, number=number, url=request.url or kept)
    if after == before:
        return "already", before
    session.execute(
        sa.update(EmbeddedShipmentRow)
        .where(col(EmbeddedShipmentRow.order_id) == order_id, col(EmbeddedShipmentRow.sequence) == after.sequence)
        .values(carrier=after.carrier, number=after.number, url=after.url)
    )
    return "corrected", after


def _ordered(session: Session, order_id: int) -> Counter[str]:
    ordered: Counter[str] = Counter()
    for line in lines_of(session, [order_id]).get(order_id, []):
        ordered[line.sku] += line.quantity
    return ordered


def _left(ordered: Counter[str], parcels: Sequence[Parcel]) -> dict[str, int]:
    left = Counter(ordered)
    for parcel in parcels:
        if parcel.units is None:
            return {}
        left.subtract(parcel.units)
    return {sku: units for sku, units in left.items() if units > 0}


def _id(order_id: int, sequence: int) -> str:
    return f"{order_id}-{sequence}"


def _parcel(row: sa.Row[Any]) -> Parcel:
    values = dict(row._mapping)
    return Parcel(id=_id(values.pop("order_id"), row.sequence), **values)


def _row(order_id: int, parcel: Parcel) -> EmbeddedShipmentRow:
    return EmbeddedShipmentRow(
        order_id=order_id,
        sequence=parcel.sequence,
        shipped_at=parcel.shipped_at,
        carrier=parcel.carrier,
        number=parcel.number,
        url=parcel.url,
        units=None if parcel.units is None else dict(parcel.units),
    )
