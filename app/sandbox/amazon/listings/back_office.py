"""Offers as tests put them: added, changed and taken off from the control API."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from app.sandbox import offer_changes
from app.sandbox.amazon.listings.issues import LATER
from app.sandbox.amazon.listings.offer import (
    AMAZON,
    BUSINESSES,
    CONSUMERS,
    DEFAULT,
    Availability,
    Discount,
    Offer,
    StorePrice,
    Terms,
    first_terms,
    offer_of,
)
from app.sandbox.amazon.listings.records import statuses
from app.sandbox.amazon.marketplaces import BY_CODE, HOME, JOINED
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.switches import StoreCode
from app.sandbox.amazon.timestamps import timestamp
from app.sandbox.catalogue import unlisted_product
from app.sandbox.control_input import ControlRefused
from app.sandbox.offer_changes import CommonOfferRequest

Amount = Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=2)]
# A discount that tests put lasts from the first day of Amazon's to the last.
ALWAYS = ("2000-01-01T00:00:00Z", "2099-12-31T00:00:00Z")


class OfferRequest(CommonOfferRequest):
    """An offers body: one SKU to add, change or remove; or `count`, a large range to put on sale."""

    # The merchant's stock; of an offer that Amazon ships, what lies in its warehouses.
    quantity: int | None = Field(default=None, ge=0, le=10_000_000)
    # The price of the home store, and those of others.
    price: Amount | None = None
    channel_prices: dict[StoreCode, Amount] | None = None
    discount_price: Amount | None = None
    minimum_price: Amount | None = None
    maximum_price: Amount | None = None
    business_price: Amount | None = None
    lead_time_days: int | None = Field(default=None, ge=0, le=30)
    active: bool | None = None
    fulfilment: Literal["merchant", "marketplace"] | None = None
    issue: str | None = None


def change_offers(seller: Seller, request: OfferRequest, *, now: datetime) -> dict[str, Any]:
    """Do what the request says and return how many offers there are, and the one that was changed."""

    def change(sku: str) -> dict[str, Any]:
        if request.issue is not None and request.issue not in ("", *LATER):
            raise ControlRefused(f"issue can't be {request.issue!r}; allowed: '', {', '.join(LATER)}.")
        offer = offers.get(sku) or _new(seller, sku, now=now)
        _change(seller, offer, request, now=now)
        return summary(offer)

    offers, new = seller.listings.offers, partial(offer_of, now=now)
    return offer_changes.change_offers(
        request, offers, context=seller.context, account=seller.name, new=new, change=change
    )


def summary(offer: Offer) -> dict[str, Any]:
    """Return what a test compares with: the terms that were taken last, and under `live` those that buyers see."""
    home = offer.terms.price(BY_CODE[HOME].store_id)
    return {
        **_terms(offer, offer.terms),
        "discount_price": f"{home.discount.value:.2f}" if home and home.discount else None,
        "minimum_price": _text(home.minimum) if home else None,
        "maximum_price": _text(home.maximum) if home else None,
        "lead_time_days": next((each.lead_time_days for each in offer.terms.availability), None),
        "active": bool(statuses(offer, BY_CODE[HOME])[:1] == ["BUYABLE"]),
        "fulfilment": "marketplace" if offer.terms.by_amazon else "merchant",
        "channels": [each.channel for each in offer.terms.availability],
        "turned_to_merchant": offer.turned_to_merchant,
        "issues": list(offer.issues),
        "updated": timestamp(offer.updated),
        "live": _terms(offer, offer.live),
    }


def _terms(offer: Offer, terms: Terms) -> dict[str, Any]:
    prices = {code: terms.price(BY_CODE[code].store_id) for code in JOINED}
    shown = {code: _text(price.our) for code, price in prices.items() if price is not None}
    return {
        "quantity": offer.amazon_stock if terms.by_amazon else terms.quantity,
        "price": shown.pop(HOME, None),
        "channel_prices": shown,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _new(seller: Seller, sku: str, *, now: datetime) -> Offer:
    known = seller.context.by_sku.get(sku)
    product = known or replace(unlisted_product(5_000 + len(seller.listings.offers)), sku=sku)
    return offer_of(product, now=now)


def _change(seller: Seller, offer: Offer, request: OfferRequest, *, now: datetime) -> None:
    terms = replace(offer.terms, prices=_prices(offer.terms, request))
    if request.fulfilment is not None:
        by_amazon = request.fulfilment == "marketplace"
        if by_amazon != terms.by_amazon:
            terms = replace(terms, availability=first_terms(offer.product, by_amazon=by_amazon).availability)
            offer.amazon_stock = offer.product.quantity if by_amazon else 0
    stock = terms.on(DEFAULT)
    if request.quantity is not None and terms.by_amazon:
        offer.amazon_stock = request.quantity
    elif stock is not None:
        terms = replace(terms, availability=_stock(stock, request, terms))
    if request.active is not None:
        offer.closed = not request.active
    if request.issue is not None:
        offer.issues = [request.issue] if request.issue else []
    seller.listings.put(offer, terms, now=now)


def _stock(stock: Availability, request: OfferRequest, terms: Terms) -> tuple[Availability, ...]:
    quantity = stock.quantity if request.quantity is None else request.quantity
    lead_time = stock.lead_time_days if request.lead_time_days is None else request.lead_time_days
    changed = replace(stock, quantity=quantity, lead_time_days=lead_time)
    return (changed, *(each for each in terms.availability if each.channel not in (DEFAULT, AMAZON)))


def _prices(terms: Terms, request: OfferRequest) -> Mapping[tuple[str, str], StorePrice]:
    prices = dict(terms.prices)
    at_home = () if request.price is None else ((HOME, request.price),)
    for code, amount in (*(request.channel_prices or {}).items(), *at_home):
        store = BY_CODE[code]
        key = (store.store_id, CONSUMERS)
        prices[key] = replace(prices.get(key) or StorePrice(store.currency), our=amount)
    home = BY_CODE[HOME]
    key = (home.store_id, CONSUMERS)
    if request.discount_price is not None:
        prices[key] = replace(prices[key], discount=Discount(request.discount_price, *ALWAYS))
    if request.minimum_price is not None:
        prices[key] = replace(prices[key], minimum=request.minimum_price)
    if request.maximum_price is not None:
        prices[key] = replace(prices[key], maximum=request.maximum_price)
    if request.business_price is not None:
        prices[home.store_id, BUSINESSES] = StorePrice(home.currency, our=request.business_price)
    return prices
