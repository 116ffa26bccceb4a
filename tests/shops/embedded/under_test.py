"""An embedded shop for a test, and what is really in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from pydantic import BaseModel
from sqlmodel import Session, col, func, select

from app.clock import JumpingClock
from app.domain.shop_mapping import ShopMapping
from app.keys import Cipher, Keys
from app.shops.embedded import parcels
from app.shops.embedded.orders import orders
from app.shops.kind import ShopConnector
from app.shops.port import Shop
from app.shops.registry import kind
from app.store import embedded
from app.store.embedded import Product, ShipRequest
from app.store.engine import Store
from app.store.shop_locks import StoredShopLock
from app.store.tables import EmbeddedCustomerRow, EmbeddedOrderRow, ShopRow
from app.transport.connector import Connector
from tests.shops.builders import NOW
from tests.support.aio import run

SHOP_ID = "shop-under-test"
OTHER_SHOP_ID = "shop-next-door"
PLAIN = ShopMapping()


def a_product(
    sku: str = "LAMPE", *, quantity: int = 50, price: str = "12.90", title: str = "Lampe d'été", ean: str = ""
) -> Product:
    return Product(sku=sku, title=title, ean=ean, price=Decimal(price), quantity=quantity)


@dataclass
class EmbeddedUnderTest:
    shop: Shop
    store: Store
    cipher: Cipher
    clock: JumpingClock
    config: BaseModel
    connector: ShopConnector
    shop_id: str = SHOP_ID
    knows_units: bool = True

    def printable(self, text: str) -> str:
        return text

    def reopened(self, *, mapping: ShopMapping) -> Shop:
        """Return the shop as an account opens it that uses it so."""
        return kind("embedded").open(self.config, replace(self.connector, mapping=mapping))

    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def ship(
        self, ref: str, *, number: str, carrier: str = "Colissimo", units: Mapping[str, int] | None = None
    ) -> None:
        shipped = ShipRequest(carrier=carrier, number=number, units=units)
        await parcels.ship(self.store, self.shop_id, order=ref, request=shipped, now=self.now())

    async def correct(self, ref: str, *, parcel: int, number: str) -> None:
        shipped = ShipRequest(carrier="Colissimo", number=number)
        await parcels.ship(self.store, self.shop_id, order=ref, request=shipped, now=self.now(), sequence=parcel)

    async def delete(self, ref: str) -> None:
        await parcels.delete(self.store, self.shop_id, order=ref)

    async def put(self, sku: str, *, quantity: int, price: str) -> None:
        product = a_product(sku, quantity=quantity, price=price)
        await self.store.write(embedded.save_products, self.shop_id, products=[product], now=self.now())

    async def stock(self, sku: str) -> int:
        products = await self.store.read(embedded.products_by_sku, self.shop_id, skus=[sku])
        return products[sku].quantity

    async def customers(self) -> int:
        return await self.store.read(_customers, self.shop_id)

    async def orders(self) -> int:
        return await self.store.read(_orders, self.shop_id)

    async def printed_name(self, ref: str) -> str:
        listed = [each async for each in orders(self.store, self.shop_id, self.cipher, addresses=True)]
        return next(cast(str, each["shipping_address"]["last_name"]) for each in listed if each["ref"] == ref)


def an_embedded_shop(
    store: Store, *, stock: Mapping[str, int], currency: str = "EUR", mapping: ShopMapping = PLAIN
) -> EmbeddedUnderTest:
    """A fresh shop with these units by SKU, opened through the registry, beside another that must not notice."""
    clock, cipher = JumpingClock(NOW), Keys("a secret for tests that is long enough").cipher
    run(store.write(_two_shops))
    for shop_id in (SHOP_ID, OTHER_SHOP_ID):
        products = [a_product(sku, quantity=quantity) for sku, quantity in stock.items()]
        run(store.write(embedded.save_products, shop_id, products=products, now=NOW))
    chosen = kind("embedded")
    # The embedded shop calls nobody: there is nothing to connect it to.
    lock = StoredShopLock(store, SHOP_ID, owner="test", unknown_outcome_wait_s=1)
    connector = ShopConnector(
        store=store,
        cipher=cipher,
        shop_id=SHOP_ID,
        clock=clock,
        connector=cast(Connector, None),
        lock=lock,
        mapping=mapping,
    )
    config = chosen.config(currency=currency)
    return EmbeddedUnderTest(chosen.open(config, connector), store, cipher, clock, config, connector)


def _two_shops(session: Session) -> None:
    for shop_id in (SHOP_ID, OTHER_SHOP_ID):
        session.add(ShopRow(id=shop_id, name=shop_id, kind="embedded", created_at=NOW))


def _customers(session: Session, shop_id: str) -> int:
    return session.exec(
        select(func.count(col(EmbeddedCustomerRow.id))).where(EmbeddedCustomerRow.shop_id == shop_id)
    ).one()


def _orders(session: Session, shop_id: str) -> int:
    return session.exec(select(func.count(col(EmbeddedOrderRow.id))).where(EmbeddedOrderRow.shop_id == shop_id)).one()
