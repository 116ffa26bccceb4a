"""An offer as Amazon keeps it: one stock for all stores of the region, one price for each store and kind of buyer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.sandbox.amazon.marketplaces import BY_CODE, JOINED, priced
from app.sandbox.catalogue import Product

DEFAULT = "DEFAULT"
AMAZON = "AMAZON_EU"
# Merchant, and the networks of the three regions.
CHANNELS = frozenset({DEFAULT, AMAZON, "AMAZON_NA", "AMAZON_JP"})
CONSUMERS, BUSINESSES = "ALL", "B2B"
# Every so many articles of the catalogue there is one that the seller never put on sale.
UNLISTED_EVERY = 20


@dataclass(frozen=True, slots=True)
class Availability:
    """The stock on one channel; Amazon counts its own, so that has no quantity."""

    channel: str
    quantity: int | None = None
    lead_time_days: int | None = None
    restock_date: str | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    value: Decimal
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class StorePrice:
    """What the offer costs in one store."""

    currency: str
    our: Decimal | None = None
    discount: Discount | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None


# The store's id, and who buys.
Audience = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a seller can change about an offer. Never changed in place: what is live shares what did not change."""

    availability: tuple[Availability, ...]
    prices: Mapping[Audience, StorePrice]

    def on(self, channel: str) -> Availability | None:
        return next((each for each in self.availability if each.channel == channel), None)

    @property
    def by_amazon(self) -> bool:
        return self.on(DEFAULT) is None and any(each.channel != DEFAULT for each in self.availability)

    @property
    def quantity(self) -> int | None:
        """The merchant's stock; None when Amazon ships."""
        stock = self.on(DEFAULT)
        return None if stock is None else stock.quantity or 0

    def price(self, store_id: str, audience: str = CONSUMERS) -> StorePrice | None:
        return self.prices.get((store_id, audience))


@dataclass(slots=True)
class Offer:
    """One SKU: the terms that were taken, those that buyers see by now, and what is wrong with it."""

    product: Product
    sku: str
    created: datetime
    updated: datetime
    terms: Terms
    live: Terms
    # The stock in Amazon's warehouses, and how often a quantity of the merchant's took the offer out of them.
    amazon_stock: int = 0
    turned_to_merchant: int = 0
    closed: bool = False
    issues: list[str] = field(default_factory=list)


def first_terms(product: Product, *, by_amazon: bool = False) -> Terms:
    """Return the terms of an article as the catalogue has it, in every store that the sellers joined."""
    stock = Availability(AMAZON) if by_amazon else Availability(DEFAULT, product.quantity)
    prices = {}
    for store in (BY_CODE[code] for code in JOINED):
        cents = priced(product.price_cents, currency=store.currency)
        prices[store.store_id, CONSUMERS] = StorePrice(store.currency, Decimal(cents).scaleb(-2))
    return Terms((stock,), prices)


def offer_of(product: Product, *, now: datetime) -> Offer:
    terms = first_terms(product)
    return Offer(product, product.sku, created=now, updated=now, terms=terms, live=terms)
