"""Patches of listings, as callers write them."""

from typing import Any

from tests.sandbox.amazon.caller import FR

LAMP, PUZZLE = "LAMPE-BUREAU-001", "PUZZLE-1000-001"
Json = dict[str, Any]


def stock(quantity: object, *, op: str = "merge", channel: str = "DEFAULT", **more: object) -> Json:
    value = {"fulfillment_channel_code": channel, "quantity": quantity, **more}
    return {"op": op, "path": "/attributes/fulfillment_availability", "value": [value]}


def price(amount: object, *, op: str = "merge", store: str = FR, **more: object) -> Json:
    value = {
        "marketplace_id": store,
        "audience": "ALL",
        "our_price": [{"schedule": [{"value_with_tax": amount}]}],
        **more,
    }
    return {"op": op, "path": "/attributes/purchasable_offer", "value": [value]}


def discount(amount: float) -> Json:
    schedule = {"value_with_tax": amount, "start_at": "2026-03-01T00:00:00Z", "end_at": "2026-03-31T00:00:00Z"}
    return {"discounted_price": [{"schedule": [schedule]}]}
