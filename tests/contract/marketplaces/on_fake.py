"""The fake marketplace of the tests of tasks, held to the same promises as the adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.clock import JumpingClock
from app.domain.offer import LiveOffer
from app.domain.order import Fulfilment, Order, OrderState
from app.marketplaces.registry import PLATFORMS
from tests.contract.marketplaces.under_test import MarketplaceUnderTest, Subject
from tests.marketplaces.reaching import NOON
from tests.shops.builders import a_line
from tests.tasks.builders import a_sale
from tests.tasks.fake_marketplace import FakeMarketplace

# What an order may be beside plain: its changes.
SHAPES: dict[str, dict[str, Any]] = {
    "pickup": {"shipping_method": "pickup"},
    "unknown_state": {"state": OrderState.UNKNOWN},
    "no_address": {"shipping_address": None, "billing_address": None},
}
SKUS = ("LAMPE", "CAFETIERE", "TAPIS")
WITHOUT_ADDRESS = {OrderState.PENDING, OrderState.TO_ACCEPT}


@dataclass(kw_only=True)
class OnFake(MarketplaceUnderTest):
    """The fake, changed and read in memory."""

    fake: FakeMarketplace
    made: int = 0

    async def make(self, count: int = 1, **values: Any) -> list[str]:
        return [self._make(**values) for _ in range(count)]

    def _make(
        self,
        *,
        state: str = "to_ship",
        age: str = "0h",
        fulfilment: str = "merchant",
        lines: int = 1,
        shape: str = "",
    ) -> str:
        if shape and shape not in SHAPES:
            pytest.skip(f"the fake has no order of the shape {shape}")
        self.made += 1
        placed_at = self.clock.now() - timedelta(hours=int(age.removesuffix("h")))
        sold = [replace(a_line(sku), state=OrderState(state)) for sku in SKUS[:lines]]
        order = a_sale(f"MKP-{self.made}", *sold, state=OrderState(state), fulfilment=Fulfilment(fulfilment))
        early = {"shipping_address": None, "billing_address": None} if order.state in WITHOUT_ADDRESS else {}
        self.fake.sell(replace(order, placed_at=placed_at, updated_at=placed_at, **(early | SHAPES.get(shape, {}))))
        return order.order_id

    async def move(self, *order_ids: str, state: str) -> None:
        for order_id in order_ids:
            self.fake.move(order_id, OrderState(state))

    async def look(self) -> dict[str, Any]:
        return {
            "orders": [self._order(each) for each in self.fake.remote_orders.values() if isinstance(each, Order)],
            "accepted": [order_id for order_id, accept in self.fake.decided if any(accept.values())],
            "refused": [order_id for order_id, accept in self.fake.decided if not any(accept.values())],
            "offers": {sku: self._offer(offer) for sku, offer in self.fake.offers.items()},
            "calls": {"orders_by_id": len(self.fake.looked_up)} if self.fake.looked_up else {},
        }

    def _order(self, order: Order) -> dict[str, Any]:
        parcels = sorted(self.fake.parcels.get(order.order_id, {}).items())
        last = parcels[-1][1] if parcels else None
        return {
            "id": order.order_id,
            "state": order.platform_status,
            "total": str(order.total.amount),
            "currency": order.currency,
            "lines": [{"id": line.id, "sku": line.sku, "quantity": line.quantity} for line in order.lines],
            "tracking": last.number if last else None,
            "carrier_code": last.carrier.code if last and last.carrier else None,
            "shipped_at": parcels[0][1].shipped_at if parcels else None,
            "packages": [{"tracking": parcel.number, "contents": dict(parcel.lines)} for _, parcel in parcels],
        }

    def _offer(self, offer: LiveOffer) -> dict[str, Any]:
        return {
            "quantity": offer.quantity,
            "price": str(offer.price),
            "active": not offer.inactive,
            "fulfilment": offer.fulfilment.value,
            "channel_prices": {},
        }

    async def put_up(self, **values: Any) -> None:
        if values.keys() & {"discount_price", "channel_prices"}:
            pytest.skip("the fake has plain prices only")
        self._put_up(**values)

    def _put_up(
        self, *, count: int = 0, sku: str = "", quantity: int = 5, price: str = "5.00", fulfilment: str = "merchant"
    ) -> None:
        for name in [f"SKU-{number:04}" for number in range(count)] or [sku]:
            self.fake.offers[name] = LiveOffer(
                sku=name, quantity=quantity, price=Decimal(price), fulfilment=Fulfilment(fulfilment)
            )

    async def switch(self, **switches: object) -> None:
        """The fake has nothing to choose."""

    async def forget_everything(self) -> None:
        self.fake.receipts.clear()


def on_fake() -> Subject:
    """Return the fake as a subject, each time a new one; it has the name and the policy of Mirakl's orders."""
    platform = PLATFORMS["mirakl"]

    @asynccontextmanager
    async def connect(wrong_secrets: bool) -> AsyncIterator[MarketplaceUnderTest]:
        clock = JumpingClock(NOON)
        fake = FakeMarketplace(clock, page_size=150)
        tested = OnFake(platform=platform, marketplace=fake, clock=clock, name="the fake", fake=fake)
        await tested.put_up(count=3)
        yield tested

    return Subject(name="the fake", platform=platform, connect=connect)
