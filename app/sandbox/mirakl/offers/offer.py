"""An offer as the marketplace keeps it, its prices, and why it may not be on sale."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.sandbox.catalogue import Product
from app.sandbox.mirakl.orders import DEFAULT_CENTER

CHANNELS = {"FR": "Site France", "BE": "Site België / Belgique"}
NEW = "11"
STATES = {NEW: "Neuf", "1": "Occasion - Comme neuf", "2": "Occasion - Très bon état"}
LEADTIME_DAYS = 2
# Every so many articles of the catalogue there is one that the shop never put on sale.
UNLISTED_EVERY = 20


@dataclass(frozen=True, slots=True)
class VolumePrice:
    """The unit price from that quantity on."""

    threshold: int
    origin: Decimal | None
    discount: Decimal | None


@dataclass(frozen=True, slots=True)
class Price:
    """One price of an offer; without a channel it is the default, without dates it is always valid."""

    origin: Decimal
    discount: Decimal | None = None
    discount_start: datetime | None = None
    discount_end: datetime | None = None
    channel: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    volumes: tuple[VolumePrice, ...] = ()

    def applies(self, now: datetime) -> bool:
        return _within(now, self.start, self.end)

    def current(self, now: datetime) -> Decimal:
        """Return what a buyer pays for one unit now."""
        if self.discount is not None and _within(now, self.discount_start, self.discount_end):
            return self.discount
        return self.origin


@dataclass(slots=True)
class Offer:
    """One SKU of the shop on sale."""

    offer_id: int
    product: Product
    sku: str
    quantity: int
    prices: tuple[Price, ...]
    state_code: str = NEW
    leadtime_days: int = LEADTIME_DAYS
    disabled: bool = False
    center: str = DEFAULT_CENTER

    @property
    def by_operator(self) -> bool:
        return self.center != DEFAULT_CENTER

    def default_price(self) -> Price | None:
        """Return the price that is neither of a channel nor of a period."""
        return next((each for each in self.prices if each.channel is None and each.start is None), None)

    def price(self, now: datetime, *, channel: str | None = None) -> Price | None:
        """Return the price that applies: the channel's before the default, a planned one before a permanent one."""
        valid = [each for each in self.prices if each.channel in (channel, None) and each.applies(now)]
        return max(valid, key=lambda each: (each.channel is not None, each.start is not None), default=None)


def inactivity_reasons(offer: Offer, *, shop_open: bool, now: datetime) -> Iterator[str]:
    """Yield why the offer is not on sale; nothing when it is."""
    if not shop_open:
        yield "SHOP_NOT_OPEN"
    if offer.quantity == 0:
        yield "ZERO_QUANTITY"
    if offer.disabled:
        yield "PRODUCT_DISABLED"
    if not any(each.applies(now) for each in offer.prices):
        yield "NO_ACTIVE_PRICE"


def offer_of(product: Product) -> Offer:
    """Return the offer of an article as the catalogue has it."""
    return Offer(
        offer_id=7000 + product.number,
        product=product,
        sku=product.sku,
        quantity=product.quantity,
        prices=(Price(Decimal(product.price_cents).scaleb(-2)),),
    )


def first_offers(catalogue: tuple[Product, ...]) -> dict[str, Offer]:
    """Return what the shop has on sale at the beginning: all but a few articles."""
    return {product.sku: offer_of(product) for product in catalogue if product.number % UNLISTED_EVERY}


def _within(now: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or start <= now) and (end is None or now <= end)
