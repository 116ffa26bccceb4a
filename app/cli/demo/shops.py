"""The demo's shop: the embedded one, or a PrestaShop of the sandbox. What a merchant does in it, and what it holds."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.cli.demo.servers import Servers
from app.cli.output import say
from app.cli.shop import load
from app.domain.wording import Reader
from app.shops.embedded import parcels
from app.shops.embedded.orders import orders as orders_of
from app.store.embedded import ShipRequest, products_after

COLUMNS = ("sku", "title", "ean", "price", "quantity")
# Ids of a fresh PrestaShop: shipped, delivered, cancelled.
_STATES = {4: "shipped", 5: "shipped", 6: "cancelled"}


class DemoShop(Protocol):
    """A shop in a merchant's hands."""

    name: str

    async def open(self) -> None:
        """Make the shop ready and say so."""
        ...

    async def put(self, *products: Mapping[str, Any]) -> None:
        """Add products or change them; keys as in a catalogue file."""
        ...

    async def ship(self, order: Mapping[str, Any], *, carrier: str = "", number: str = "") -> None:
        """Send a parcel with everything of an order, or give it its number."""
        ...

    async def orders(self) -> list[dict[str, Any]]:
        """Return what the shop holds, oldest first."""
        ...

    async def stock(self) -> Mapping[str, int]:
        """Return how many units the shop has of each product."""
        ...


@dataclass
class EmbeddedDemo:
    """The shop in our own database."""

    servers: Servers
    name: str = "main"

    async def open(self) -> None:
        saved = await load(self.servers.system, self.name, io.BytesIO(await self.servers.text("catalog?format=csv")))
        say(f"The shop '{self.name}' got a catalogue of {saved.added} products.")

    async def put(self, *products: Mapping[str, Any]) -> None:
        page = io.StringIO(newline="")
        writer = csv.DictWriter(page, COLUMNS)
        writer.writeheader()
        writer.writerows(products)
        await load(self.servers.system, self.name, io.BytesIO(page.getvalue().encode()))

    async def ship(self, order: Mapping[str, Any], *, carrier: str = "", number: str = "") -> None:
        system = self.servers.system
        shop = await system.shops.named(self.name)
        request = ShipRequest(carrier=carrier, number=number)
        marketplace_id = order["marketplace_order_id"]
        await parcels.ship(system.store, shop.id, order=marketplace_id, request=request, now=system.clock.now())

    async def orders(self) -> list[dict[str, Any]]:
        system = self.servers.system
        shop = await system.shops.named(self.name)
        return [order async for order in orders_of(system.store, shop.id, system.keys.cipher)]

    async def stock(self) -> Mapping[str, int]:
        shop = await self.servers.system.shops.named(self.name)
        products = await self.servers.system.store.read(products_after, shop.id)
        return {product.sku: product.quantity for product in products}


@dataclass
class PrestashopDemo:
    """A PrestaShop of the sandbox, connected as a merchant connects his."""

    servers: Servers
    name: str = "ps"

    async def open(self) -> None:
        given = (await self.servers.look("credentials"))["shops"]["prestashop"]
        values = {**given["settings"], **given["secrets"]}
        await self.servers.system.shops.add(self.name, kind_name=given["kind"], values=values)
        say(f"The PrestaShop of the sandbox is the shop '{self.name}'. Its check says:")
        for finding in await self.servers.system.shops.check(self.name):
            said = finding.said(Reader())
            say(f"  {'good' if finding.ok else 'TO DO'}  {said.message} {said.fix}".rstrip())

    async def put(self, *products: Mapping[str, Any]) -> None:
        for product in products:
            options = {key: product[key] for key in ("sku", "quantity", "price")}
            await self.servers.control("prestashop/offers", **options)

    async def ship(self, order: Mapping[str, Any], *, carrier: str = "", number: str = "") -> None:
        action = "track" if order["state"] == "shipped" else "ship"
        await self.servers.control(f"prestashop/orders/{order['ref']}/{action}", tracking=number)

    async def orders(self) -> list[dict[str, Any]]:
        state = await self.servers.look("prestashop/state")
        return [_shown(order) for order in state["orders"]]

    async def stock(self) -> Mapping[str, int]:
        stock: Mapping[str, int] = (await self.servers.look("prestashop/state"))["stock"]
        return stock


SHOPS: Mapping[str, type[EmbeddedDemo] | type[PrestashopDemo]] = {
    "embedded": EmbeddedDemo,
    "prestashop": PrestashopDemo,
}


def _shown(order: Mapping[str, Any]) -> dict[str, Any]:
    _, platform, number = order["key"].split(":", 2)
    tracked: Sequence[Mapping[str, Any]] = [each for each in order["carriers"] if each["tracking"]]
    return {
        "ref": str(order["id"]),
        "marketplace_order_id": number,
        "platform": platform,
        "state": _STATES.get(order["state"], "paid"),
        "total": {"amount": f"{float(order['total_paid']):.2f}", "currency": "EUR"},
        "lines": [{"quantity": row["quantity"], "sku": row["sku"]} for row in order["rows"]],
        "shipments": [{"carrier": "", "tracking": each["tracking"]} for each in tracked],
    }
