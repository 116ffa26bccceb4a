"""OR23 and OR24: tracking first, then the word that the parcel left."""

from typing import Any

from starlette.responses import Response

from app.sandbox.mirakl import lifecycle
from app.sandbox.mirakl.call import Call
from app.sandbox.mirakl.errors import Refusal, by_operator
from app.sandbox.mirakl.orders import Order, Tracking
from app.sandbox.mirakl.reference import CARRIERS, SHIPPING_TYPES
from app.sandbox.mirakl.states import ON_ITS_WAY

TRACKING_ID = "{trackingId}"


def set_tracking(call: Call) -> Response:
    """Answer PUT /api/orders/{order_id}/tracking; a later call corrects an earlier one."""
    order = call.order()
    tracking = _tracking(call, call.json_object())
    _merchant_ships(order)
    if order.state not in ("SHIPPING", "SHIPPED"):
        raise _wrong_state(order, "SHIPPING or SHIPPED")
    if order.tracking == tracking:
        call.shop.repeated["OR23"] += 1
    order.tracking = tracking
    lifecycle.touch(order, at=call.now)
    return Response(status_code=204)


def ship(call: Call) -> Response:
    """Answer PUT /api/orders/{order_id}/ship."""
    order = call.order()
    _merchant_ships(order)
    if order.state != "SHIPPING":
        if order.shipped_by_seller and order.state in ON_ITS_WAY:
            call.shop.repeated["OR24"] += 1
        raise _wrong_state(order, "SHIPPING")
    if SHIPPING_TYPES[order.shipping_type].mandatory_tracking and order.tracking is None:
        raise Refusal(400, "Tracking details are mandatory for this shipping method")
    order.shipped_by_seller = True
    lifecycle.enter(call.shop, order, "SHIPPED", at=call.now)
    return Response(status_code=204)


def _tracking(call: Call, sent: dict[str, Any]) -> Tracking:
    code, name = _text(sent, "carrier_code"), _text(sent, "carrier_name")
    number, url = _text(sent, "tracking_number"), _text(sent, "carrier_url")
    if code is None:
        if name is None:
            raise Refusal(400, "carrier_name is required for a carrier without carrier_code")
        if not call.shop.switches.alternative_carrier:
            raise Refusal(400, "Only registered carriers are allowed; carrier_code is required")
        return Tracking(None, _text(sent, "carrier_standard_code"), name, number, url)
    carrier = CARRIERS.get(code)
    if carrier is None:
        raise Refusal(400, f"Carrier with code '{code}' not found")
    template = carrier.tracking_url or ""
    if TRACKING_ID in template and number is None:
        raise Refusal(400, "tracking_number is required for this carrier")
    # The link of a registered carrier is the operator's own, whatever was sent.
    return Tracking(
        code, carrier.standard_code, carrier.label, number, template.replace(TRACKING_ID, number or "") or None
    )


def _text(sent: dict[str, Any], key: str) -> str | None:
    value = sent.get(key)
    if value is not None and not isinstance(value, str):
        raise Refusal(400, f"{key} must be a string")
    return value or None


def _merchant_ships(order: Order) -> None:
    if order.by_operator:
        raise by_operator()


def _wrong_state(order: Order, expected: str) -> Refusal:
    return Refusal(400, f"Order '{order.order_id}' is in state {order.state}, expected {expected}")
