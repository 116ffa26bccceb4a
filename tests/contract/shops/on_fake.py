"""The fake shop of the tests of tasks, held to the same promises as the adapters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from app.clock import JumpingClock
from app.domain.parcel import Parcel
from app.domain.shop_mapping import ShopMapping
from app.shops.port import Shop
from tests.contract.shops.under_test import SKUS, STOCK
from tests.shops.builders import NOW
from tests.tasks.fake_shop import FakeShop


@dataclass
class FakeShopUnderTest:
    """The fake, changed and read in memory."""

    shop: FakeShop
    knows_units: bool = True

    def reopened(self, *, mapping: ShopMapping) -> Shop:
        raise NotImplementedError("the fake has no mapping")

    def now(self) -> datetime:
        return self.shop.clock.now()

    def wait(self, seconds: float) -> None:
        self.shop.clock.advance(seconds)

    async def ship(
        self, ref: str, *, number: str, carrier: str = "Colissimo", units: Mapping[str, int] | None = None
    ) -> None:
        parcels = self.shop.parcels.setdefault(ref, [])
        if any((each.carrier, each.number, each.units) == (carrier, number, units) for each in parcels):
            return
        self.shop.ship(ref, Parcel(id="", shipped_at=self.now(), carrier=carrier, number=number, units=units))

    async def correct(self, ref: str, *, parcel: int, number: str) -> None:
        parcels = self.shop.parcels[ref]
        parcels[parcel - 1] = replace(parcels[parcel - 1], number=number)

    async def delete(self, ref: str) -> None:
        self.shop.delete(ref)

    async def put(self, sku: str, *, quantity: int, price: str) -> None:
        self.shop.stock[sku] = quantity
        self.shop.prices[sku] = Decimal(price)

    async def stock(self, sku: str) -> int:
        return self.shop.stock[sku]

    async def customers(self) -> int:
        return len(self.shop.taken)

    async def orders(self) -> int:
        return len(self.shop.held)

    async def printed_name(self, ref: str) -> str:
        address = self.shop.taken[ref].shipping_address
        assert address is not None
        return address.last_name

    def printable(self, text: str) -> str:
        return text


def a_fake_shop() -> FakeShopUnderTest:
    """A fresh fake that sells what the suites ask for, in pages of two."""
    return FakeShopUnderTest(FakeShop(JumpingClock(NOW), stock=dict.fromkeys(SKUS, STOCK), page_size=2))
