"""An order as the API shows it: little by itself, the rest by what `includedData` names and the roles allow."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.sandbox.amazon.orders import money
from app.sandbox.amazon.orders.buyer_records import buyer_record, recipient_record, tax_record
from app.sandbox.amazon.orders.item_records import amount, item_record
from app.sandbox.amazon.orders.order import Order, Package
from app.sandbox.amazon.switches import Switches
from app.sandbox.amazon.timestamps import timestamp
from app.sandbox.published import lists_of

INCLUDED = lists_of("amazon")["order_data"]
# In no list of the 2026 API, and still a state of orders in Brazil.
UNKNOWN_STATE = "INVOICE_UNCONFIRMED"
SHIP_WITHIN = timedelta(days=2)
DELIVER_WITHIN = timedelta(days=5)
# Not required by the model, and missing in orders of that shape.
OPTIONAL = lists_of("amazon")["optional_order_fields"]


@dataclass(frozen=True)
class View:
    """Who looks, when, and at what."""

    included: Set[str]
    switches: Switches
    now: datetime

    def has(self, part: str, *, role: str | None = None) -> bool:
        return part in self.included and (role is None or role in self.switches.roles)


def shown_state(order: Order) -> str:
    return UNKNOWN_STATE if order.shape == "unknown_state" else order.state


def order_record(order: Order, view: View) -> dict[str, Any]:
    """Return the JSON of one order; what is not known yet is left out, not null."""
    priced = _priced(order, view)
    proceeds = [money.item_proceeds(line, order) for line in order.lines] if priced else [None] * len(order.lines)
    record: dict[str, Any] = {
        "orderId": order.order_id,
        "createdTime": timestamp(order.created),
        "lastUpdatedTime": timestamp(order.updated),
        "salesChannel": _channel(order),
        "orderItems": [
            item_record(line, order, view.included, proceeds=earned)
            for line, earned in zip(order.lines, proceeds, strict=True)
        ],
        **_relations(order),
    }
    known = not order.pending and order.shape != "no_address"
    if known and view.has("BUYER", role="buyer"):
        record["buyer"] = buyer_record(order)
    if known and view.has("RECIPIENT", role="recipient"):
        latest = order.created + DELIVER_WITHIN
        named = "buyer" in view.switches.roles
        record["recipient"] = recipient_record(order, named=named, delivered=view.now > latest)
    if priced and view.has("PROCEEDS"):
        record["proceeds"] = _proceeds(order, [earned for earned in proceeds if earned is not None])
    if priced and view.has("PAYMENT") and not order.pending:
        total = amount(money.total_cents(order), order)
        record["payment"] = {"paymentExecutions": [{"paymentMethod": "CreditCard", "paymentAmount": total}]}
    if view.has("TAX", role="buyer") and order.business and known:
        record["tax"] = tax_record(order)
    if view.has("FULFILLMENT"):
        record["fulfillment"] = _fulfillment(order)
    if view.has("PACKAGES") and not order.by_amazon:
        record["packages"] = [_package(package) for package in order.packages.values() if package.in_force]
    _distort(record, order)
    return record


def _priced(order: Order, view: View) -> bool:
    """Say whether amounts are shown: neither of cancelled orders nor of other channels, and of pending ones rarely."""
    if order.state == "CANCELLED" or order.other_channel:
        return False
    return not order.pending or view.switches.pending_shows == "prices"


def _channel(order: Order) -> dict[str, str]:
    return {
        "channelName": "NON_AMAZON" if order.other_channel else "AMAZON",
        "marketplaceId": order.store.store_id,
        "marketplaceName": f"Non-{order.store.name}" if order.other_channel else order.store.name,
    }


def _relations(order: Order) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if order.seller_order_id is not None:
        found["orderAliases"] = [{"aliasId": order.seller_order_id, "aliasType": "SELLER_ORDER_ID"}]
    if order.programs:
        found["programs"] = list(order.programs)
    if order.replaces is not None:
        found["associatedOrders"] = [{"orderId": order.replaces, "associationType": "REPLACEMENT_ORIGINAL_ID"}]
    return found


def _proceeds(order: Order, items: list[money.Proceeds]) -> dict[str, Any]:
    return {
        "grandTotal": amount(sum(item.total_cents for item in items), order),
        "breakdowns": [
            {"type": share.kind, "subtotal": amount(share.cents, order)} for share in money.order_shares(items)
        ],
    }


def _fulfillment(order: Order) -> dict[str, Any]:
    found: dict[str, Any] = {
        "fulfillmentStatus": shown_state(order),
        "fulfilledBy": "AMAZON" if order.by_amazon else "MERCHANT",
        "fulfillmentServiceLevel": order.service_level,
    }
    if order.pending:
        return found
    if not order.by_amazon:
        found["shipByWindow"] = _window(order.created, ship_by(order))
    found["deliverByWindow"] = _window(order.created + timedelta(days=2), order.created + DELIVER_WITHIN)
    return found


def ship_by(order: Order) -> datetime:
    """Return until when the merchant has to confirm a parcel."""
    return _end_of_day(order.created + SHIP_WITHIN)


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"earliestDateTime": timestamp(start), "latestDateTime": timestamp(_end_of_day(end))}


def _end_of_day(moment: datetime) -> datetime:
    return moment.replace(hour=22, minute=59, second=59, microsecond=0)


def _package(package: Package) -> dict[str, Any]:
    found: dict[str, Any] = {
        "packageReferenceId": package.reference,
        "createdTime": timestamp(package.created),
        "packageStatus": {"status": "DELIVERED" if package.delivered else "SHIPPED"},
        # A carrier on Amazon's list is shown by its code, any other by its name.
        "carrier": package.carrier_name if package.carrier_code == "Other" else package.carrier_code,
        "shipTime": timestamp(package.shipped_at),
        "trackingNumber": package.tracking,
        "packageItems": [{"orderItemId": item, "quantity": count} for item, count in package.contents.items()],
    }
    if package.method:
        found["shippingService"] = package.method
    return found


def _distort(record: dict[str, Any], order: Order) -> None:
    if order.shape == "extra_fields":
        record.update(xSandboxNewField={"nested": [1, {"deep": None}]}, riskScore=0.25, tags=["new", "Été"])
        record.setdefault("programs", []).append("SANDBOX_PROGRAM")
    if order.shape == "missing_fields":
        for key in OPTIONAL:
            record.pop(key, None)
