"""Records of Amazon as tests write them: the smallest whole ones, changed where a test needs it."""

from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]

ORDER_ID = "250-1234567-8901234"
FRANCE = "A13V1IB3VIYZZH"


def euros(amount: str) -> Record:
    return {"amount": amount, "currencyCode": "EUR"}


def shares(**parts: str) -> list[Record]:
    return [{"type": kind, "subtotal": euros(amount)} for kind, amount in parts.items()]


def an_item(item_id: str = "11111111111111", *, total: str | None = "24.00", **changes: Any) -> Record:
    """Return an item of two units at 10.00 that is to be shipped, taxes on top."""
    item: Record = {
        "orderItemId": item_id,
        "quantityOrdered": 2,
        "product": {
            "asin": "B000000001",
            "title": "Teapot",
            "sellerSku": "TEA-1",
            "price": {"unitPrice": euros("10.00")},
        },
        "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 2},
    }
    if total is not None:
        item["proceeds"] = {"proceedsTotal": euros(total), "breakdowns": shares(ITEM="20.00", TAX="4.00")}
    return item | changes


def an_address(**changes: Any) -> Record:
    return {
        "name": "Ada Example",
        "addressLine1": "1 rue de l'Exemple",
        "city": "Lyon",
        "postalCode": "69001",
        "countryCode": "FR",
        "phone": "0000",
    } | changes


def an_order(order_id: str = ORDER_ID, **changes: Any) -> Record:
    """Return an order that the seller is to ship, of one item."""
    items = changes.get("orderItems", [an_item()])
    order: Record = {
        "orderId": order_id,
        "createdTime": "2026-03-01T08:00:00.000Z",
        "lastUpdatedTime": "2026-03-01T09:30:00.250Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": FRANCE, "marketplaceName": "Amazon.fr"},
        "buyer": {"buyerName": "Ada Example", "buyerEmail": "abc@marketplace.example"},
        "recipient": {"deliveryAddress": an_address()},
        "fulfillment": {
            "fulfillmentStatus": "UNSHIPPED",
            "fulfilledBy": "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD",
            "shipByWindow": {"latestDateTime": "2026-03-03T22:59:59Z"},
        },
        "proceeds": {"grandTotal": euros("24.00")},
        "orderItems": items,
    }
    return order | changes


def fulfilled(status: str = "UNSHIPPED", by: str = "MERCHANT") -> Record:
    return {"fulfillmentStatus": status, "fulfilledBy": by}


def without(record: Mapping[str, Any], *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}
