"""A shop under test: what the suites ask of it, and what they see in it past the port.

A kind joins with a factory of `ShopUnderTest`: a fresh shop with the products that the suites sell.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

import pytest

from app.domain.intent import Intent
from app.domain.order import Order, marketplace_key
from app.domain.page import Page
from app.domain.shop_mapping import ShopMapping
from app.shops.port import Shop, ShopOrder, ShopProgress, UnfinishedOrder
from tests.shops.builders import an_intent, plan_for
from tests.support.aio import run

T = TypeVar("T")

STOCK = 50
SKUS = ("LAMPE", "CAFETIERE", "ÉCRAN 24' d'été")
ODD_TEXTS = (
    "Søren N'Guyen-Ångström",
    'Étoile du "Nord"; «\u202fété\u202f», 24"',
    "Robert'); DROP TABLE orders;--",
    "🎁 Zoé 👩‍👩‍👧 = 1+1",
    "é" * 300,
    "<b>&amp;</b> 100 % \\ back \u00a0 end",
)


class ShopUnderTest(Protocol):
    """A shop with `STOCK` units of each of `SKUS` that answers in pages of two, and what is really in it."""

    @property
    def shop(self) -> Shop: ...

    def reopened(self, *, mapping: ShopMapping) -> Shop:
        """Return the shop as an account opens it that uses it so."""
        ...

    def now(self) -> datetime:
        """Return what the shop's clock shows."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass in the shop."""
        ...

    async def ship(
        self, ref: str, *, number: str, carrier: str = "Colissimo", units: Mapping[str, int] | None = None
    ) -> None:
        """Send a parcel, as whoever packs it does; all that is open when no units are named."""
        ...

    async def correct(self, ref: str, *, parcel: int, number: str) -> None:
        """Give the parcel of that place, counted from 1, another tracking number."""
        ...

    async def delete(self, ref: str) -> None:
        """Delete an order."""
        ...

    async def put(self, sku: str, *, quantity: int, price: str) -> None:
        """Add a product, or change it."""
        ...

    async def stock(self, sku: str) -> int:
        """Return the units in stock."""
        ...

    async def customers(self) -> int:
        """Return how many customers there are."""
        ...

    async def orders(self) -> int:
        """Return how many orders there are."""
        ...

    async def printed_name(self, ref: str) -> str:
        """Return the name on the parcel of an order."""
        ...

    def printable(self, text: str) -> str:
        """Return what the shop can print of a name."""
        ...

    @property
    def knows_units(self) -> bool:
        """Whether the shop tells which units a parcel holds."""
        ...


@dataclass
class CrashingIntent:
    """An intent whose worker dies at the first word it would write down."""

    key: str

    @property
    def steps(self) -> dict[str, str]:
        return {}

    async def note(self, **steps: str) -> None:
        raise ConnectionAbortedError

    async def sending(self, step: str) -> None:
        return None


async def imported(shop: Shop, order: Order, intent: Intent | None = None, **choices: str) -> ShopOrder:
    """Import as the task does: resolve, plan, look, create."""
    plan, intent = await plan_for(shop, order, **choices), intent or an_intent(order)
    in_shop = (await shop.find_orders({intent.key: intent.steps})).get(intent.key)
    if in_shop is None or (isinstance(in_shop, ShopOrder) and not in_shop.whole):
        in_shop = await shop.create_order(order, plan=plan, intent=intent)
    assert isinstance(in_shop, ShopOrder), in_shop
    return in_shop


async def found(shop: Shop, order: Order) -> ShopOrder | UnfinishedOrder | None:
    key = marketplace_key(order.platform, order.order_id)
    return (await shop.find_orders({key: {}})).get(key)


async def all_of(pages: AsyncIterator[Page[T]]) -> list[T]:
    """Return what is on all pages."""
    return [item async for page in pages for item in page.items]


def progress_of(tested: ShopUnderTest, made: ShopOrder) -> ShopProgress:
    return run(tested.shop.progress_of([made.ref]))[made.ref]


def parcels_of(tested: ShopUnderTest, made: ShopOrder) -> list[tuple[str, str, Mapping[str, int] | None]]:
    """Carrier, number and units of each parcel."""
    return [(each.carrier, each.number, each.units) for each in progress_of(tested, made).parcels]


async def orders_since(tested: ShopUnderTest, since: datetime, key_prefix: str = "mkp:") -> list[ShopOrder]:
    return await all_of(tested.shop.orders(key_prefix=key_prefix, since=since))


def needs_units(tested: ShopUnderTest) -> None:
    if not tested.knows_units:
        pytest.skip("this kind of shop does not tell which units a parcel holds")
