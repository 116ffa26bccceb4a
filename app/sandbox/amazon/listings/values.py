"""The values of the two attributes that change an offer, read from JSON: stock and prices.

Amazon nests prices as list > schedule list > value; a level that is left out is an issue, not an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.sandbox.amazon.listings.issues import Invalid, missing, too_few, wrong_value
from app.sandbox.amazon.listings.offer import (
    BUSINESSES,
    CHANNELS,
    CONSUMERS,
    DEFAULT,
    Audience,
    Availability,
    Discount,
    StorePrice,
)
from app.sandbox.amazon.marketplaces import BY_ID
from app.sandbox.amazon.timestamps import parse_timestamp

STOCK = "fulfillment_availability"
PRICE = "purchasable_offer"
AUDIENCES = (CONSUMERS, BUSINESSES)
LARGEST_QUANTITY = 10_000_000
_PRICES = {
    "our_price": "our",
    "minimum_seller_allowed_price": "minimum",
    "maximum_seller_allowed_price": "maximum",
}


@dataclass(frozen=True)
class StockChange:
    """`given` are the fields of Availability that were sent."""

    key: str
    given: Mapping[str, Any]

    def whole(self) -> Availability:
        return Availability(self.key, **self.given)


@dataclass(frozen=True)
class PriceChange:
    """`given` are the fields of StorePrice that were sent."""

    key: Audience
    given: Mapping[str, Any]

    def whole(self) -> StorePrice:
        return StorePrice(**{"currency": BY_ID[self.key[0]].currency, **self.given})


def stock_change(value: Mapping[str, Any]) -> StockChange:
    """Return one instance of fulfillment_availability; raises Invalid."""
    channel = value.get("fulfillment_channel_code")
    if channel is None:
        raise Invalid(missing(STOCK, "fulfillment_channel_code"))
    if channel not in CHANNELS:
        raise Invalid(wrong_value(STOCK, "fulfillment_channel_code"))
    given: dict[str, Any] = {}
    if "quantity" in value:
        # Amazon counts what lies in its own warehouses.
        if channel != DEFAULT:
            raise Invalid(wrong_value(STOCK, "quantity"))
        given["quantity"] = _whole(value["quantity"], "quantity", most=LARGEST_QUANTITY)
    if "lead_time_to_ship_max_days" in value:
        given["lead_time_days"] = _whole(value["lead_time_to_ship_max_days"], "lead_time_to_ship_max_days", most=30)
    if "restock_date" in value:
        if not isinstance(value["restock_date"], str):
            raise Invalid(wrong_value(STOCK, "restock_date"))
        given["restock_date"] = value["restock_date"]
    return StockChange(channel, given)


def price_change(value: Mapping[str, Any], *, store_ids: Sequence[str], merging: bool) -> PriceChange:
    """Return one instance of purchasable_offer in one of those stores; raises Invalid."""
    store_id = value.get("marketplace_id")
    if store_id is None and not merging and len(store_ids) == 1:
        store_id = store_ids[0]
    if store_id is None:
        raise Invalid(missing(PRICE, "marketplace_id"))
    if store_id not in store_ids:
        raise Invalid(wrong_value(PRICE, "marketplace_id"))
    audience = value.get("audience") if merging else value.get("audience", CONSUMERS)
    if audience is None:
        raise Invalid(missing(PRICE, "audience"))
    if audience not in AUDIENCES:
        raise Invalid(wrong_value(PRICE, "audience"))
    currency = BY_ID[store_id].currency
    if value.get("currency", currency) != currency:
        raise Invalid(wrong_value(PRICE, "currency"))
    given: dict[str, Any] = {}
    for name, field in _PRICES.items():
        if name in value:
            given[field] = _amount(_only_schedule(value[name], name).get("value_with_tax"), name, currency)
    if "discounted_price" in value:
        given["discount"] = _discount(value["discounted_price"], currency)
    return PriceChange((store_id, audience), given)


def _discount(value: object, currency: str) -> Discount:
    schedule = _only_schedule(value, "discounted_price")
    start, end = schedule.get("start_at"), schedule.get("end_at")
    for text in (start, end):
        if not isinstance(text, str) or parse_timestamp(text) is None:
            raise Invalid(wrong_value(PRICE, "discounted_price.schedule"))
    return Discount(_amount(schedule.get("value_with_tax"), "discounted_price", currency), str(start), str(end))


def _only_schedule(value: object, name: str) -> Mapping[str, Any]:
    outer = _first(value, name)
    inner = _first(outer.get("schedule"), f"{name}.schedule")
    if "value_with_tax" not in inner:
        raise Invalid(missing(PRICE, f"{name}.schedule.value_with_tax"))
    return inner


def _first(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, list):
        raise Invalid(wrong_value(PRICE, name))
    if not value:
        raise Invalid(too_few(PRICE, f"purchasable_offer.{name}"))
    if not isinstance(value[0], dict):
        raise Invalid(wrong_value(PRICE, name))
    return value[0]


def _whole(value: object, name: str, *, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Invalid(wrong_value(STOCK, name))
    return value


def _amount(value: object, name: str, currency: str) -> Decimal:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        raise Invalid(wrong_value(PRICE, name))
    try:
        amount = Decimal(str(value))
    except InvalidOperation as broken:
        raise Invalid(wrong_value(PRICE, name)) from broken
    decimals = 0 if currency == "JPY" else 2
    if not amount.is_finite() or amount <= 0 or amount != round(amount, decimals):
        raise Invalid(wrong_value(PRICE, name))
    return amount
