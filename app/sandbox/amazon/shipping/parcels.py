"""What a confirmation does to an order, whether it came by call or by feed.

A package has an id of the seller's choice: the same id again corrects that package, another id is another parcel.
Buyers see it minutes after.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

from app.sandbox.amazon.errors import Refusal, invalid
from app.sandbox.amazon.orders.lifecycle import send_off, touch
from app.sandbox.amazon.orders.order import Order, Package, Parcel, Source
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.switches import Switches
from app.sandbox.published import lists_of

# A carrier that is on no list goes as "Other", with its name beside.
OTHER = "Other"
CARRIERS = frozenset(lists_of("amazon")["carriers"])
NO_CONFIRMATION_NEEDED = "FBM_SHIP_PLUS"


def confirm(
    seller: Seller, order: Order, parcel: Parcel, *, source: Source, now: datetime, seen_after_s: float
) -> None:
    """Take the parcel, new or corrected; Refusal 400 names the rule that it breaks."""
    _check_carrier(parcel, seller.switches)
    _check_order(order)
    _check_items(order, parcel)
    if parcel.shipped_at > now:
        raise invalid("shipDate is invalid.", details="The date is in the future.")
    known = order.packages.get(parcel.reference)
    if known is not None:
        _correct(seller, order, known, parcel, now=now)
        return
    _check_left(order, parcel)
    package = Package(**asdict(parcel), created=now, source=source)
    order.packages[package.reference] = package
    for line in order.lines:
        line.confirmed += parcel.contents.get(line.item_id, 0)
    seller.schedule.plan(
        lambda moment: send_off(seller, order, package, at=moment), at=now + timedelta(seconds=seen_after_s)
    )


def _correct(seller: Seller, order: Order, package: Package, parcel: Parcel, *, now: datetime) -> None:
    package.sent += 1
    details = (parcel.carrier_code, parcel.carrier_name, parcel.method, parcel.tracking, parcel.shipped_at)
    if details == (package.carrier_code, package.carrier_name, package.method, package.tracking, package.shipped_at):
        seller.repeated["confirmShipment"] += 1
        return
    # What it holds stands: a correction is about the carrier, the number and the date.
    package.carrier_code, package.carrier_name, package.method, package.tracking, package.shipped_at = details
    if package.in_force:
        touch(seller, order, at=now)


def _check_carrier(parcel: Parcel, switches: Switches) -> None:
    if not parcel.carrier_code:
        raise invalid("carrierCode is invalid.", details="carrierCode is required.")
    if parcel.carrier_code == OTHER and not parcel.carrier_name:
        raise invalid("carrierName is invalid.", details="carrierName is required when carrierCode is Other.")
    if parcel.carrier_code not in CARRIERS and switches.unknown_carriers == "refused":
        raise invalid("carrierCode is invalid.", details=f"'{parcel.carrier_code}' is not a known carrier.")
    if not parcel.tracking:
        raise invalid("trackingNumber is invalid.", details="trackingNumber is required.")


def _check_order(order: Order) -> None:
    if order.by_amazon:
        raise invalid("The order is fulfilled by Amazon.", details="Shipment confirmation is not supported.")
    if NO_CONFIRMATION_NEEDED in order.programs:
        raise invalid(f"The order is of the program {NO_CONFIRMATION_NEEDED}.", details="Buy its label from Amazon.")
    if order.pending or order.state == "CANCELLED":
        raise invalid("The order can't be shipped.", details=f"Its status is {order.state}.")


def _check_items(order: Order, parcel: Parcel) -> None:
    if not parcel.contents:
        raise invalid("orderItems is invalid.", details="orderItems must name at least one item.")
    for item_id in parcel.contents:
        if order.line(item_id) is None:
            raise invalid("orderItemId is invalid.", details=f"'{item_id}' is not an item of this order.")


def _check_left(order: Order, parcel: Parcel) -> None:
    if not any(line.unconfirmed for line in order.lines):
        raise _nothing_to_update()
    for item_id, quantity in parcel.contents.items():
        line = order.line(item_id)
        if line is not None and quantity > line.unconfirmed:
            raise invalid("quantity is invalid.", details=f"{line.unconfirmed} of item '{item_id}' are left.")


def _nothing_to_update() -> Refusal:
    details = "Package to update not found for the order, or the order is already fulfilled."
    return invalid("PackageToUpdateNotFound", details=details)
