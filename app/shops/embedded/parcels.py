"""What people do with the orders of an embedded shop: send parcels, cancel, delete. Refusals are whole sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.parcel import Parcel
from app.domain.tracking import Tracking, tracking_numbers
from app.errors import BadInput
from app.shops.embedded.mapping import storable
from app.store import embedded
from app.store.embedded import Cancelled, NotShipped, Shipping, ShipRequest, StoredOrder
from app.store.engine import Store

LONGEST: Mapping[str, int] = {"carrier": 100, "tracking": 100, "url": 500}


@dataclass(frozen=True, slots=True)
class Shipped:
    """The order that a parcel left for, and what became of it."""

    order: StoredOrder
    shipping: Shipping


async def ship(
    store: Store, shop_id: str, *, order: str, request: ShipRequest, now: datetime, sequence: int | None = None
) -> Shipped:
    """Write down that a parcel of an order left, or correct one; safe to repeat.

    `order` is our number, the marketplace's, or the key; `sequence` which parcel is meant: one there is, or the next.
    Raises BadInput with what to do instead, and StoreUnavailable.
    """
    _check(request)
    request = _with_one_number(request)
    meant = await order_named(store, shop_id, order)
    shipping = await store.write(
        embedded.ship_order, shop_id, order_id=meant.id, request=request, now=now, sequence=sequence
    )
    if shipping is None:
        raise _unknown(order)
    if isinstance(shipping, NotShipped):
        raise BadInput(_why_not(meant, shipping, sequence=sequence))
    return Shipped(meant, shipping)


async def cancel(store: Store, shop_id: str, *, order: str, now: datetime) -> tuple[StoredOrder, Cancelled]:
    """Cancel an order and give its units back, once; raises BadInput for one that left, and StoreUnavailable."""
    meant = await order_named(store, shop_id, order)
    outcome = await store.write(embedded.cancel_order, shop_id, order_id=meant.id, now=now)
    if outcome is None:
        raise _unknown(order)
    if outcome == "already_shipped":
        raise BadInput(
            f"Order {number(meant)} is not cancelled: it left, or a parcel of it did. Settle a return or a refund at "
            "the marketplace; marketcron handles neither."
        )
    return meant, outcome


async def delete(store: Store, shop_id: str, *, order: str) -> StoredOrder:
    """Delete an order with its buyer and its parcels, stock stays as it is; raises BadInput and StoreUnavailable."""
    meant = await order_named(store, shop_id, order)
    if not await store.write(embedded.delete_order, shop_id, order_id=meant.id):
        raise _unknown(order)
    return meant


async def order_named(store: Store, shop_id: str, name: str) -> StoredOrder:
    """Return the one order that is meant by our number, the marketplace's, or the key; raises BadInput."""
    if name != storable(name):
        raise _unknown(name)
    found = await store.read(embedded.orders_named, shop_id, name=name)
    if not found:
        raise _unknown(name)
    if len(found) > 1:
        keys = ", ".join(each.content.key for each in found)
        raise BadInput(f"'{name[:40]}' may mean several orders. Name one of them in full: {keys}.", field="order")
    return found[0]


def number(order: StoredOrder) -> str:
    """Return the name that people and the marketplace have for an order."""
    return order.content.marketplace_order_id


def parcel_text(parcel: Parcel) -> str:
    """Return a parcel in a few words: `parcel 1 (Colissimo 6A123)`."""
    return f"parcel {parcel.sequence} ({way_text(parcel)})"


def way_text(parcel: Parcel) -> str:
    """Return carrier and tracking number, as far as there are any."""
    return f"{parcel.carrier} {parcel.number or 'without tracking'}".strip()


def units_text(units: Mapping[str, int]) -> str:
    """Return units as people count them: `2 x LAMPE, 1 x CAFETIERE`."""
    return ", ".join(f"{count} x {sku}" for sku, count in units.items())


def _with_one_number(request: ShipRequest) -> ShipRequest:
    """Return the request with the number that its tracking means: none for a dash, that of a link; raises BadInput."""
    found = tracking_numbers(request.number)
    if len(found) > 1:
        raise BadInput("Several tracking numbers are given. Ship one parcel for each.", field="tracking")
    tracking = found[0] if found else Tracking("")
    return replace(request, number=tracking.number, url=request.url or tracking.url)


def _check(request: ShipRequest) -> None:
    for name, text in (("carrier", request.carrier), ("tracking", request.number), ("url", request.url)):
        if len(text) > LONGEST[name]:
            raise BadInput(
                f"The {name} is too long ({len(text)} characters). Shorten it to {LONGEST[name]}.", field=name
            )
        if not text.isprintable() or text != text.strip():
            raise BadInput(
                f"The {name} has a blank at an end or a sign that can't be printed. Type it again.", field=name
            )
    if request.number and not request.carrier:
        raise BadInput("A tracking number needs its carrier. Name it: --carrier NAME.", field="carrier")
    if request.url and not request.url.startswith(("https://", "http://")):
        raise BadInput("The tracking link is no web address. Begin it with https://.", field="url")
    if request.units is not None and not request.units:
        raise BadInput("No units are named. Name them, or leave that out to ship all that is open.", field="pieces")
    few = next((sku for sku, count in (request.units or {}).items() if count < 1), None)
    if few is not None:
        raise BadInput(f"Less than one unit of '{few[:40]}' can't be shipped. Give 1 or more.", field="pieces")


def _why_not(order: StoredOrder, refusal: NotShipped, *, sequence: int | None) -> str:
    open_units = units_text(refusal.left) or "nothing"
    parcels = ", ".join(map(parcel_text, refusal.parcels))
    match refusal.reason:
        case "cancelled":
            return (
                f"Order {number(order)} is cancelled: nothing of it may be shipped. Keep the parcel, or call it back."
            )
        case "not_ordered":
            ordered = ", ".join(dict.fromkeys(line.sku for line in order.content.lines))
            return f"Order {number(order)} has no SKU '{refusal.sku[:40]}'. Name one of: {ordered}."
        case "too_many":
            corrects = f" To correct a parcel, name it with --parcel: {parcels}." if parcels else ""
            return f"Those are more units than order {number(order)} has open: {open_units}. Give fewer.{corrects}"
        case "which":
            return f"All of order {number(order)} left already. Say which parcel to correct with --parcel: {parcels}."
        case "no_such_parcel":
            following = len(refusal.parcels) + 1
            hint = f"It has {parcels}, the next is" if parcels else "Its first is"
            return f"Order {number(order)} has no parcel {sequence}. {hint} --parcel {following}."
        case "other_units":
            return (
                f"What is in parcel {sequence} of order {number(order)} can't be changed: the marketplace may know it. "
                "Leave the units out to correct its carrier or number."
            )


def _unknown(name: str) -> BadInput:
    return BadInput(
        f"The shop has no order '{name[:40]}'. Look up its number or reference with: marketcron shop orders SHOP.",
        field="order",
    )
