"""What people do between two runs: parcels leave, orders are called off, goods arrive, prices rise; and whether both
sides agree at night.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from sqlmodel import Session

from app.store import embedded
from app.store.embedded import ShipRequest
from app.store.embedded.products import move_stock
from app.system import System
from tests.support.caller import Service
from tests.support.marketplace import Marketplace
from tests.support.snapshot import Snapshot, differences, offers_drifted, parcels_unconfirmed, read_snapshot

CARRIER = "Colis SBX"


@dataclass(kw_only=True)
class Sides:
    """A merchant, his buyers and the operator; `given` are the units that the shop was given so far, by SKU."""

    marketplace: Marketplace
    service: Service
    given: dict[str, int]
    called_off: set[str] = field(default_factory=set)

    def snapshot(self) -> Snapshot:
        return read_snapshot(self.service.database_url)

    def to_ship(self) -> list[str]:
        """Return the orders that wait in the shop for their parcel."""
        return [
            order.order_id
            for order in self.snapshot().orders
            if order.state == "paid" and order.stock_lowered and order.order_id not in self.called_off
        ]

    def call_off(self, order_ids: Sequence[str]) -> None:
        """Let the operator cancel orders; the shop ships them no more."""
        for order_id in order_ids:
            self.marketplace.move(order_id, "cancelled")
        self.called_off.update(order_ids)

    def act(
        self,
        *,
        leaving: Mapping[str, str] = MappingProxyType({}),
        cancelled: Sequence[str] = (),
        deleted: Sequence[str] = (),
        arrived: Mapping[str, int] = MappingProxyType({}),
        prices: Mapping[str, Decimal] = MappingProxyType({}),
    ) -> None:
        """Change the shop, all at once.

        Parcels leave, by order with their numbers; orders are cancelled or deleted; goods arrive; prices change.
        """
        doings = _Doings(leaving=leaving, cancelled=cancelled, deleted=deleted, arrived=arrived, prices=prices)

        async def work(system: System) -> None:
            shop = await system.shops.named("main")
            await system.store.write(_act, shop.id, doings, now=system.clock.now())

        self.service.tool(work)
        for sku, more in arrived.items():
            self.given[sku] += more

    def differences(self, *, never: Collection[str] = ()) -> list[str]:
        """Return in words everything in which the two sides disagree: orders, stock, parcels, offers."""
        snapshot = self.snapshot()
        return [
            *differences(self.marketplace, snapshot, initial_stock=self.given, never=never),
            *parcels_unconfirmed(self.marketplace, snapshot),
            *offers_drifted(self.marketplace, snapshot),
        ]


def numbers(order_ids: Iterable[str]) -> dict[str, str]:
    """Return a tracking number for each order."""
    return {order_id: f"8X{order_id}" for order_id in order_ids}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doings:
    leaving: Mapping[str, str]
    cancelled: Sequence[str]
    deleted: Sequence[str]
    arrived: Mapping[str, int]
    prices: Mapping[str, Decimal]


def _act(session: Session, shop_id: str, doings: _Doings, *, now: datetime) -> None:
    def number(order_id: str) -> int:
        [order] = embedded.orders_named(session, shop_id, name=order_id)
        return order.id

    for order_id, tracking in doings.leaving.items():
        parcel = ShipRequest(carrier=CARRIER if tracking else "", number=tracking)
        embedded.ship_order(session, shop_id, order_id=number(order_id), request=parcel, now=now)
    for order_id in doings.cancelled:
        embedded.cancel_order(session, shop_id, order_id=number(order_id), now=now)
    for order_id in doings.deleted:
        embedded.delete_order(session, shop_id, order_id=number(order_id))
    move_stock(session, shop_id, Counter(doings.arrived), now=now)
    in_shop = embedded.products_by_sku(session, shop_id, skus=list(doings.prices))
    products = [replace(product, price=doings.prices[sku]) for sku, product in in_shop.items()]
    embedded.save_products(session, shop_id, products=products, now=now)
