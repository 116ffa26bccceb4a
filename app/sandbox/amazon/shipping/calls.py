"""confirmShipment: one call for each parcel, answered before anything shows."""

from typing import Any

from starlette.responses import Response

from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import invalid
from app.sandbox.amazon.orders.order import Order, Parcel
from app.sandbox.amazon.shipping.parcels import confirm
from app.sandbox.amazon.timestamps import parse_timestamp


def confirm_shipment(call: Call) -> Response:
    """Answer POST /orders/v0/orders/{orderId}/shipmentConfirmation."""
    sent = call.json_object()
    order = call.order()
    _check_request(order, sent)
    detail = sent.get("packageDetail")
    if not isinstance(detail, dict):
        raise invalid("packageDetail is invalid.", details="packageDetail is required.")
    seen_after_s = call.seller.switches.confirmation_s
    confirm(call.seller, order, _parcel(detail), source="api", now=call.now, seen_after_s=seen_after_s)
    return Response(status_code=204)


def _check_request(order: Order, sent: dict[str, Any]) -> None:
    if sent.get("marketplaceId") != order.store.store_id:
        raise invalid("marketplaceId is invalid.", details="It must be the marketplace of the order.")
    if "codCollectionMethod" in sent:
        raise invalid("codCollectionMethod is invalid.", details="It is supported in Japan only.")


def _parcel(detail: dict[str, Any]) -> Parcel:
    shipped_at = parse_timestamp(_text(detail, "shipDate"))
    if shipped_at is None:
        raise invalid("shipDate is invalid.", details="It must be an ISO 8601 date-time.")
    return Parcel(
        reference=_reference(detail.get("packageReferenceId")),
        carrier_code=_text(detail, "carrierCode"),
        carrier_name=_text(detail, "carrierName", required=False),
        method=_text(detail, "shippingMethod", required=False),
        tracking=_text(detail, "trackingNumber"),
        shipped_at=shipped_at,
        contents=_contents(detail.get("orderItems")),
    )


def _reference(value: object) -> str:
    # A JSON integer was taken until January 2026.
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()) or int(value) == 0:
        raise invalid("packageReferenceId is invalid.", details="It must be a positive number, as a string.")
    return value


def _text(detail: dict[str, Any], key: str, *, required: bool = True) -> str:
    value = detail.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise invalid(f"{key} is invalid.", details=f"{key} is required and must be a string.")
    return value


def _contents(value: object) -> dict[str, int]:
    if not isinstance(value, list):
        raise invalid("orderItems is invalid.", details="orderItems must be a list.")
    contents: dict[str, int] = {}
    for item in value:
        item_id = item.get("orderItemId") if isinstance(item, dict) else None
        quantity = item.get("quantity") if isinstance(item, dict) else None
        if not isinstance(item_id, str):
            raise invalid("orderItemId is invalid.", details="orderItemId is required and must be a string.")
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
            raise invalid("quantity is invalid.", details="quantity must be a positive integer.")
        contents[item_id] = contents.get(item_id, 0) + quantity
    return contents
