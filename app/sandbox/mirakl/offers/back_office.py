"""Offers as tests put them: added, changed and taken off from the control API."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.sandbox import offer_changes
from app.sandbox.catalogue import Product, unlisted_product
from app.sandbox.control_input import ControlRefused
from app.sandbox.mirakl.offers.offer import CHANNELS, STATES, Offer, Price, inactivity_reasons, offer_of
from app.sandbox.mirakl.orders import DEFAULT_CENTER, OPERATOR_CENTER
from app.sandbox.mirakl.shop import Shop
from app.sandbox.offer_changes import CommonOfferRequest
from app.sandbox.times import parse_datetime


def _timestamp(text: str) -> str:
    parse_datetime(text)
    return text


Amount = Annotated[Decimal, Field(gt=0, lt=1_000_000_000)]
Stamp = Annotated[str, AfterValidator(_timestamp)]


class OfferRequest(CommonOfferRequest):
    """An offers body: one SKU to add, change or remove; or `count`, a large range to put on sale."""

    quantity: int | None = Field(default=None, ge=0, le=1_000_000_000)
    price: Amount | None = None
    discount_price: Amount | None = None
    discount_start: Stamp | None = None
    discount_end: Stamp | None = None
    channel_prices: dict[str, Amount] | None = None
    active: bool | None = None
    state_code: str | None = None
    fulfilment: Literal["merchant", "marketplace"] | None = None


def change_offers(shop: Shop, request: OfferRequest, *, now: datetime) -> dict[str, Any]:
    """Do what the request says and return how many offers there are, and the one that was changed."""

    def change(sku: str) -> dict[str, Any]:
        shop.offers[sku] = _changed(shop, sku, request)
        return summary(shop.offers[sku], shop_open=shop.is_open, now=now)

    return offer_changes.change_offers(
        request, shop.offers, context=shop.context, account=shop.name, new=offer_of, change=change
    )


def summary(offer: Offer, *, shop_open: bool, now: datetime) -> dict[str, Any]:
    """Return what a test compares with; `price` is the default one, without its discount."""
    default = offer.default_price()
    return {
        "quantity": offer.quantity,
        "price": _text(default.origin) if default else None,
        "discount_price": _text(default.discount) if default and default.discount else None,
        "channel_prices": {each.channel: _text(each.origin) for each in offer.prices if each.channel},
        "prices": len(offer.prices),
        "active": not any(inactivity_reasons(offer, shop_open=shop_open, now=now)),
        "fulfilment": "marketplace" if offer.by_operator else "merchant",
    }


def _changed(shop: Shop, sku: str, request: OfferRequest) -> Offer:
    """Return the offer as it is to be; the one there was is untouched, so that a bad request changes nothing."""
    existing = shop.offers.get(sku)
    offer = replace(existing) if existing else offer_of(shop.context.by_sku.get(sku) or _unlisted_product(shop, sku))
    if request.state_code is not None and request.state_code not in STATES:
        raise ControlRefused(f"state_code can't be {request.state_code!r}; allowed: {', '.join(STATES)}.")
    offer.state_code = request.state_code or offer.state_code
    if request.quantity is not None:
        offer.quantity = request.quantity
    if request.active is not None:
        offer.disabled = not request.active
    if request.fulfilment is not None:
        offer.center = OPERATOR_CENTER if request.fulfilment == "marketplace" else DEFAULT_CENTER
    offer.prices = (*_default_prices(offer, request), *_channel_prices(offer, request.channel_prices))
    return offer


def _unlisted_product(shop: Shop, sku: str) -> Product:
    return replace(unlisted_product(next(shop.unlisted_numbers)), sku=sku)


def _default_prices(offer: Offer, request: OfferRequest) -> list[Price]:
    before = [price for price in offer.prices if price.channel is None]
    given_fields = request.model_fields_set & {"price", "discount_price", "discount_start", "discount_end"}
    if not given_fields:
        return before
    current = offer.default_price()
    origin = request.price or (current.origin if current else None)
    if origin is None:
        raise ControlRefused("The offer has no price that could be discounted; give one by price.")
    price = Price(
        origin,
        discount=request.discount_price,
        discount_start=parse_datetime(request.discount_start) if request.discount_start else None,
        discount_end=parse_datetime(request.discount_end) if request.discount_end else None,
    )
    if current and "discount_price" not in request.model_fields_set:
        price = replace(current, origin=origin)
    return [price, *(each for each in before if each is not current)]


def _channel_prices(offer: Offer, request: Mapping[str, Decimal] | None) -> list[Price]:
    if request is None:
        return [price for price in offer.prices if price.channel is not None]
    for code in request:
        if code not in CHANNELS:
            raise ControlRefused(f"channel_prices can't have {code!r}; allowed: {', '.join(CHANNELS)}.")
    return [Price(amount, channel=code) for code, amount in request.items()]


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount == amount.quantize(Decimal("0.01")) else str(amount)
