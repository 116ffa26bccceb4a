"""An offer as OF21 shows it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.sandbox.mirakl.offers.offer import CHANNELS, Offer, Price, inactivity_reasons
from app.sandbox.times import iso_or_none

MIN_SHIPPING = Decimal("3.90")


def offer_record(offer: Offer, *, shop_open: bool, now: datetime, channel: str | None) -> dict[str, Any]:
    """Return the JSON of one offer; `price` and `applicable_pricing` are those of the channel."""
    reasons = list(inactivity_reasons(offer, shop_open=shop_open, now=now))
    applies = offer.price(now, channel=channel)
    amount = None if applies is None else applies.current(now)
    product = offer.product
    return {
        "offer_id": offer.offer_id,
        "shop_sku": offer.sku,
        "active": not reasons,
        "inactivity_reasons": reasons,
        "quantity": offer.quantity,
        "price": _number(amount),
        "total_price": None if amount is None else float(amount + MIN_SHIPPING),
        "applicable_pricing": None if applies is None else _price_record(applies, now),
        "all_prices": [_price_record(each, now) for each in offer.prices],
        "discount": _discount(applies),
        "currency_iso_code": "EUR",
        "state_code": offer.state_code,
        "product_sku": product_sku(offer),
        "product_title": product.title,
        "product_references": [{"reference_type": "EAN", "reference": product.ean}],
        "category_code": product.category_code,
        "category_label": product.category_label,
        "description": None,
        "channels": list(CHANNELS),
        "logistic_class": {"code": "S", "label": "Petit colis"},
        "leadtime_to_ship": offer.leadtime_days,
        "warehouses": [],
        "min_shipping_price": float(MIN_SHIPPING),
        "shipping_deadline": None,
        # The contract shows the centre in orders alone; offers name it in the same way.
        "fulfillment": {"center": {"code": offer.center}},
    }


def product_sku(offer: Offer) -> str:
    """Return the operator's own SKU of the product."""
    return f"OPPROD-{offer.product.number}"


def _price_record(price: Price, now: datetime) -> dict[str, Any]:
    return {
        "channel_code": price.channel,
        "price": float(price.current(now)),
        "unit_origin_price": float(price.origin),
        "unit_discount_price": _number(price.discount),
        "discount_start_date": iso_or_none(price.discount_start),
        "discount_end_date": iso_or_none(price.discount_end),
        "start_date": iso_or_none(price.start),
        "end_date": iso_or_none(price.end),
        "volume_prices": [
            {
                "quantity_threshold": volume.threshold,
                "unit_origin_price": _number(volume.origin),
                "unit_discount_price": _number(volume.discount),
            }
            for volume in price.volumes
        ],
    }


def _discount(price: Price | None) -> dict[str, Any] | None:
    if price is None or price.discount is None:
        return None
    return {
        "origin_price": float(price.origin),
        "discount_price": float(price.discount),
        "start_date": iso_or_none(price.discount_start),
        "end_date": iso_or_none(price.discount_end),
    }


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
