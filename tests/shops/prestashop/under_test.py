"""A PrestaShop of the sandbox for a test, reached through the real transport, and what is really in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from app.clock import JumpingClock
from app.domain.shop_mapping import ShopMapping
from app.keys import Keys
from app.sandbox.app import Sandbox
from app.sandbox.catalogue import Product
from app.sandbox.prestashop.account import PrestaShopAccount
from app.sandbox.prestashop.installation.products import add_products
from app.sandbox.prestashop.shop import Shop as SandboxShop
from app.sandbox.simulation import Simulation
from app.shops.kind import ShopConnector
from app.shops.port import Shop
from app.shops.prestashop.mapping import texts
from app.shops.registry import kind
from app.store.engine import Store
from app.store.shop_locks import CreationSlot, StoredShopLock
from tests.marketplaces.reaching import a_connector
from tests.shops.builders import NOW

ADDRESS = "http://shop.test"
PLAIN = ShopMapping()


@dataclass
class LoopLock:
    """A lock for each event loop: a test has several, a process one."""

    store: Store
    _locks: dict[asyncio.AbstractEventLoop, StoredShopLock] = field(default_factory=dict)

    def _lock(self) -> StoredShopLock:
        loop = asyncio.get_running_loop()
        if loop not in self._locks:
            self._locks[loop] = StoredShopLock(self.store, "shop", owner="test", unknown_outcome_wait_s=0.01)
        return self._locks[loop]

    @asynccontextmanager
    async def call_slot(self, at_once: int) -> AsyncIterator[None]:
        async with self._lock().call_slot(at_once):
            yield

    @asynccontextmanager
    async def creation_slot(self, *, claim: str = "") -> AsyncIterator[CreationSlot]:
        async with self._lock().creation_slot(claim=claim) as slot:
            yield slot


def an_article(sku: str, number: int, *, quantity: int, price: str) -> Product:
    return Product(
        number=number,
        sku=sku,
        title=f"Article {number}",
        ean="",
        price_cents=int(Decimal(price) * 100),
        quantity=quantity,
        category_code="LAMP",
        category_label="Luminaires",
        vat_permille=200,
    )


@dataclass
class PrestashopUnderTest:
    """The shop as tasks see it, and the sandbox behind it."""

    shop: Shop
    sandbox: SandboxShop
    clock: JumpingClock
    control: httpx.AsyncClient
    connector: ShopConnector
    key: str
    knows_units: bool = False

    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def printable(self, text: str) -> str:
        return " ".join(texts.person(text, "", "", name=texts.address_name)[::-1])

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """Ask the sandbox's control."""
        answer = await self.control.request(method, f"/_control/prestashop/{path}", json=options or None)
        answer.raise_for_status()
        return answer.json()

    async def switch(self, **switches: Any) -> None:
        await self.ask("POST", "switches", **switches)

    async def state(self) -> Any:
        return await self.ask("GET", "state")

    def reopened(self, *, mapping: ShopMapping = PLAIN, **config: Any) -> Shop:
        """Return the shop as another run opens it."""
        return opened(self.connector, key=self.key, mapping=mapping, **config)

    async def ship(
        self, ref: str, *, number: str, carrier: str = "Colissimo", units: Mapping[str, int] | None = None
    ) -> None:
        names = {row["name"]: row.id for row in self.sandbox.database["carriers"]}
        if carrier not in names:
            row = self.sandbox.database["carriers"].add(name=carrier, active=1)
            self.sandbox.database["carriers"].change(row, id_reference=row.id)
            names[carrier] = row.id
        await self.ask("POST", f"orders/{ref}/ship", tracking=number, carrier=names[carrier])

    async def correct(self, ref: str, *, parcel: int, number: str) -> None:
        await self.ask("POST", f"orders/{ref}/track", tracking=number)

    async def delete(self, ref: str) -> None:
        await self.ask("POST", f"orders/{ref}/delete")

    async def put(self, sku: str, *, quantity: int, price: str) -> None:
        if any(row["reference"] == sku for row in self.sandbox.database["products"]):
            await self.ask("POST", "offers", sku=sku, quantity=quantity, price=price)
        else:
            number = 8 * (len(self.sandbox.database["products"]) + 100) + 1
            number += number % 7 == 0
            add_products(self.sandbox, [an_article(sku, number, quantity=quantity, price=price)])

    async def stock(self, sku: str) -> int:
        return int((await self.state())["stock"][sku])

    async def customers(self) -> int:
        return len((await self.state())["customers"])

    async def orders(self) -> int:
        return len((await self.state())["orders"])

    async def printed_name(self, ref: str) -> str:
        order = self.sandbox.database["orders"][int(ref)]
        address = self.sandbox.database["addresses"][order["id_address_delivery"]]
        return f"{address['firstname']} {address['lastname']}"


def opened(connector: ShopConnector, *, key: str, mapping: ShopMapping = PLAIN, **config: Any) -> Shop:
    chosen = kind("prestashop")
    made = ShopConnector(
        store=connector.store,
        cipher=connector.cipher,
        shop_id=connector.shop_id,
        clock=connector.clock,
        connector=connector.connector,
        lock=connector.lock,
        mapping=mapping,
    )
    return chosen.open(chosen.config(url=f"{ADDRESS}/prestashop", key=key, **config), made)


def a_prestashop(
    store: Store,
    *,
    stock: Mapping[str, int] | None = None,
    mapping: ShopMapping = PLAIN,
    wrap: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda inner: inner,
    **config: Any,
) -> PrestashopUnderTest:
    """A fresh shop of the sandbox; with `stock`, it sells these units by SKU and nothing else.

    `wrap` puts something between us and the shop.
    """
    clock = JumpingClock(NOW)
    simulation = Simulation(seed=1, speed=1.0, clock=clock)
    transport = httpx.ASGITransport(app=Sandbox(simulation))
    account = simulation.shop("prestashop")
    assert isinstance(account, PrestaShopAccount)
    sandbox = account.shop
    if stock is not None:
        _clear(sandbox)
        add_products(
            sandbox,
            [
                an_article(sku, 7 * number + 1, quantity=quantity, price="12.90")
                for number, (sku, quantity) in enumerate(stock.items(), start=1)
            ],
        )
    connector = ShopConnector(
        store=store,
        cipher=Keys("a secret for tests that is long enough").cipher,
        shop_id="shop",
        clock=clock,
        connector=a_connector(wrap(transport), clock=clock),
        lock=LoopLock(store),
        mapping=mapping,
    )
    control = httpx.AsyncClient(transport=transport, base_url=ADDRESS)
    return PrestashopUnderTest(
        shop=opened(connector, key=sandbox.key, mapping=mapping, **config),
        sandbox=sandbox,
        clock=clock,
        control=control,
        connector=connector,
        key=sandbox.key,
    )


def _clear(sandbox: SandboxShop) -> None:
    for name in ("products", "combinations", "stock_availables", "product_suppliers"):
        for row in list(sandbox.database[name]):
            sandbox.database[name].remove(row)
