"""The flat files of all orders: a line for each item, tabs between, no names and no streets."""

from collections.abc import Iterator
from datetime import datetime

from app.sandbox import amounts
from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.orders.index import Field
from app.sandbox.amazon.orders.item_records import asin
from app.sandbox.amazon.orders.order import Line, Order
from app.sandbox.amazon.orders.states import State
from app.sandbox.amazon.seller import Seller
from app.sandbox.amounts import without_tax
from app.sandbox.published import lists_of
from app.sandbox.times import iso

COLUMNS = lists_of("amazon")["orders_report"]
STATES: dict[State, str] = {
    "PENDING_AVAILABILITY": "Pending",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "Shipping",
    "SHIPPED": "Shipped",
    "CANCELLED": "Cancelled",
    "UNFULFILLABLE": "Unfulfillable",
}


def orders_by_change(seller: Seller, job: Job) -> str | None:
    """Return the orders whose last change falls into the span; None when there is none."""
    return _report(seller, job, "updated")


def orders_by_date(seller: Seller, job: Job) -> str | None:
    """Return the orders that were placed in the span; None when there is none."""
    return _report(seller, job, "created")


def _report(seller: Seller, job: Job, by: Field) -> str | None:
    assert job.data_start is not None
    assert job.data_end is not None
    lines = list(_lines(seller, job, by, job.data_start, job.data_end))
    return "\r\n".join(["\t".join(COLUMNS), *lines, ""]) if lines else None


def _lines(seller: Seller, job: Job, by: Field, start: datetime, end: datetime) -> Iterator[str]:
    for _, order_id in seller.index.between(by, start, end):
        order = seller.orders[order_id]
        if order.store.store_id in job.store_ids or order.other_channel:
            order.reported += 1
            yield from ("\t".join(_cell(text) for text in _row(line, order)) for line in order.lines)


def _row(line: Line, order: Order) -> list[str]:
    return [
        order.order_id,
        order.seller_order_id or "",
        _date(order.created),
        _date(order.updated),
        STATES[order.state],
        "Amazon" if order.by_amazon else "Merchant",
        f"Non-{order.store.name}" if order.other_channel else order.store.name,
        "",
        order.service_level.title().replace("_", " "),
        line.product.title,
        line.product.sku if line.has_sku else "",
        asin(line.product),
        _item_state(line, order),
        str(line.quantity - line.cancelled),
        *_amounts(line, order),
        *_town(order),
        f"SBX-PROMO-{order.number}" if line.discount_cents else "",
        "true" if order.business else "false",
        "",
        "Business Price" if order.business else "",
    ]


def _item_state(line: Line, order: Order) -> str:
    if line.cancelled == line.quantity:
        return "Cancelled"
    if line.shipped and not line.unshipped:
        return "Shipped"
    return "Unshipped" if not order.pending else ""


def _amounts(line: Line, order: Order) -> list[str]:
    if order.pending or order.state == "CANCELLED" or order.other_channel:
        return [""] * 9
    rate = line.product.vat_permille
    found = [order.currency]
    for cents in (line.unit_cents * line.quantity, line.shipping_cents, line.gift_cents):
        tax = cents - without_tax(cents, rate_permille=rate)
        found += [amounts.text(cents), amounts.text(tax)]
    return [*found, amounts.text(line.discount_cents), "0.00"]


def _town(order: Order) -> list[str]:
    if order.pending:
        return [""] * 4
    town = order.buyer.town
    return [town.city, "", town.zip_code, town.alpha2]


def _date(moment: datetime) -> str:
    # Reports write the offset where the API writes Z.
    return iso(moment.replace(microsecond=0)).replace("Z", "+00:00")


def _cell(text: str) -> str:
    return " ".join(text.split())
