"""Offers as tests put them: added, changed and taken off from the control API."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from app.sandbox import offer_control
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
from app.sandbox.amazon.markets import BY_CODE, HOME, JOINED
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.stamps import stamp
from app.sandbox.amazon.switches import StoreCode
from app.sandbox.catalogue import stranger
from app.sandbox.offer_control import CommonOfferWish
from app.sandbox.wishes import ControlRefused

Amount = Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=2)]
# A discount that tests put lasts from the first day of Amazon's to the last.
ALWAYS = ("2000-01-01T00:00:00Z", "2099-12-31T00:00:00Z")


class OfferWish(CommonOfferWish):
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


def change_offers(seller: Seller, wish: OfferWish, *, now: datetime) -> dict[str, Any]:
    """Do what the wish says and return how many offers there are, and the one that was changed."""

    def change(sku: str) -> dict[str, Any]:
        if wish.issue is not None and wish.issue not in ("", *LATER):
            raise ControlRefused(f"issue can't be {wish.issue!r}; allowed: '', {', '.join(LATER)}.")
        offer = offers.get(sku) or _new(seller, sku, now=now)
        _change(seller, offer, wish, now=now)
        return summary(offer)

    offers, new = seller.listings.offers, partial(offer_of, now=now)
    return offer_control.change_offers(wish, offers, world=seller.world, account=seller.name, new=new, change=change)


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
        "updated": stamp(offer.updated),
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
    known = seller.world.by_sku.get(sku)
    product = known or replace(stranger(5_000 + len(seller.listings.offers)), sku=sku)
    return offer_of(product, now=now)


def _change(seller: Seller, offer: Offer, wish: OfferWish, *, now: datetime) -> None:
    terms = replace(offer.terms, prices=_prices(offer.terms, wish))
    if wish.fulfilment is not None:
        by_amazon = wish.fulfilment == "marketplace"
        if by_amazon != terms.by_amazon:
            terms = replace(terms, availability=first_terms(offer.product, by_amazon=by_amazon).availability)
            offer.amazon_stock = offer.product.quantity if by_amazon else 0
    stock = terms.on(DEFAULT)
    if wish.quantity is not None and terms.by_amazon:
        offer.amazon_stock = wish.quantity
    elif stock is not None:
        terms = replace(terms, availability=_stock(stock, wish, terms))
    if wish.active is not None:
        offer.closed = not wish.active
    if wish.issue is not None:
        offer.issues = [wish.issue] if wish.issue else []
    seller.listings.put(offer, terms, now=now)


def _stock(stock: Availability, wish: OfferWish, terms: Terms) -> tuple[Availability, ...]:
    quantity = stock.quantity if wish.quantity is None else wish.quantity
    lead_time = stock.lead_time_days if wish.lead_time_days is None else wish.lead_time_days
    changed = replace(stock, quantity=quantity, lead_time_days=lead_time)
    return (changed, *(each for each in terms.availability if each.channel not in (DEFAULT, AMAZON)))


def _prices(terms: Terms, wish: OfferWish) -> Mapping[tuple[str, str], StorePrice]:
    prices = dict(terms.prices)
    at_home = () if wish.price is None else ((HOME, wish.price),)
    for code, amount in (*(wish.channel_prices or {}).items(), *at_home):
        store = BY_CODE[code]
        key = (store.store_id, CONSUMERS)
        prices[key] = replace(prices.get(key) or StorePrice(store.currency), our=amount)
    home = BY_CODE[HOME]
    key = (home.store_id, CONSUMERS)
    if wish.discount_price is not None:
        prices[key] = replace(prices[key], discount=Discount(wish.discount_price, *ALWAYS))
    if wish.minimum_price is not None:
        prices[key] = replace(prices[key], minimum=wish.minimum_price)
    if wish.maximum_price is not None:
        prices[key] = replace(prices[key], maximum=wish.maximum_price)
    if wish.business_price is not None:
        prices[home.store_id, BUSINESSES] = StorePrice(home.currency, our=wish.business_price)
    return prices
