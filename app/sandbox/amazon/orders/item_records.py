"""An order item as the API shows it."""

from collections.abc import Set
from typing import Any

from app.sandbox import amounts
from app.sandbox.amazon.orders.money import Proceeds
from app.sandbox.amazon.orders.order import Line, Order
from app.sandbox.catalogue import Product


def asin(product: Product) -> str:
    """Return Amazon's number of that article."""
    return f"B0{product.number:08d}"


def amount(cents: int, order: Order) -> dict[str, str]:
    return {"amount": amounts.text(cents), "currencyCode": order.currency}


def item_record(line: Line, order: Order, included: Set[str], *, proceeds: Proceeds | None) -> dict[str, Any]:
    """Return the JSON of one item; without proceeds no amount is shown."""
    record: dict[str, Any] = {
        "orderItemId": line.item_id,
        "quantityOrdered": line.quantity,
        "product": _product(line, order, proceeds),
    }
    if proceeds is not None and "PROCEEDS" in included:
        record["proceeds"] = _proceeds(proceeds, order)
    if line.discount_cents and "PROMOTION" in included:
        record["promotion"] = {"breakdowns": [{"promotionId": f"SBX-PROMO-{order.number}"}]}
    if "CANCELLATION" in included:
        record.update(_cancellation(line, order))
    if "FULFILLMENT" in included:
        record["fulfillment"] = _fulfillment(line, order)
    if "TAX" in included and order.facilitator:
        record["tax"] = {
            "taxCollections": [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon Services, Inc."}],
            "taxCalculationBreakdowns": [{"reportingScheme": "UOSS"}],
        }
    return record


def _product(line: Line, order: Order, proceeds: Proceeds | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "asin": asin(line.product),
        "title": line.product.title,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW", "conditionNote": ""},
    }
    if line.has_sku:
        found["sellerSku"] = line.product.sku
    if proceeds is not None:
        found["price"] = {"unitPrice": amount(proceeds.unit_cents, order)}
        if order.business:
            found["price"]["priceDesignation"] = "BUSINESS_PRICE"
    if order.by_amazon and order.state == "SHIPPED":
        found["serialNumbers"] = [f"SBX-{line.item_id}"]
    return found


def _proceeds(proceeds: Proceeds, order: Order) -> dict[str, Any]:
    shares = []
    for share in proceeds.shares:
        shown: dict[str, Any] = {"type": share.kind, "subtotal": amount(share.cents, order)}
        if share.details:
            shown["detailedBreakdowns"] = [
                {"subtype": kind, "value": amount(cents, order)} for kind, cents in share.details
            ]
        shares.append(shown)
    return {"proceedsTotal": amount(proceeds.total_cents, order), "breakdowns": shares}


def _cancellation(line: Line, order: Order) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if order.cancel_requested and line.unshipped:
        found["cancellationRequest"] = {"requester": "BUYER", "cancelReason": "BUYER_CANCELED"}
    if line.cancelled_by is not None:
        found["cancellationExecution"] = {"cancelledBy": line.cancelled_by, "cancelReason": "CANCELLED"}
    return {"cancellation": found} if found else {}


def _fulfillment(line: Line, order: Order) -> dict[str, Any]:
    found: dict[str, Any] = {"quantityFulfilled": line.shipped, "quantityUnfulfilled": line.unshipped}
    if order.gift and not order.pending:
        option = {"giftMessage": "Joyeux anniversaire, Zoé ! 🎂", "giftWrapLevel": "STANDARD"}
        found["packing"] = {"giftOption": option}
    return found
