"""The reading side against the sandbox's PrestaShop, which was written without knowing it."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import TypeVar

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.page import Page
from app.domain.shop_mapping import ShopMapping, SkuSource
from app.sandbox.clock import SandboxClock
from app.sandbox.context import Context as SandboxContext
from app.sandbox.prestashop.app import PrestaShop
from app.shops.port import Match, ShopOrder, ShopProgress
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.order_list import orders
from app.shops.prestashop.reads.product_offers import offers
from app.shops.prestashop.reads.progress import progress_of
from app.shops.prestashop.reads.setup import facts_of
from app.shops.prestashop.records import Draft
from tests.shops.prestashop.fake_prestashop import NOW, setup_over
from tests.support.aio import run

T = TypeVar("T")


class Sandboxed:
    """A shop of the sandbox and the reading side in front of it."""

    def __init__(self, mapping: ShopMapping | None = None) -> None:
        self.clock = JumpingClock(NOW)
        self.shop = PrestaShop(SandboxContext(seed=1, clock=SandboxClock(clock=self.clock)))
        transport = httpx.ASGITransport(app=self.shop.app)
        self.tested = setup_over(transport, self.clock, [], key=self.shop.shop.key)
        self.mapping = mapping or ShopMapping()
        self.client = self.tested.client

    @property
    def stock(self) -> Mapping[str, int]:
        units: Mapping[str, int] = self.shop.account.state()["stock"]
        return units

    async def facts(self) -> Facts:
        return await facts_of(self.client, references=self.tested.references, clock=self.clock)

    async def catalogue(self) -> Catalogue:
        return Catalogue(self.client, facts=await self.facts(), mapping=self.mapping)

    async def order(self, number: str, sku: str, *, quantity: int = 2) -> str:
        """Make an order as any program of the Webservice would; return its ref."""
        catalogue, add = await self.catalogue(), self.client.add
        match = (await catalogue.resolve([sku]))[sku]
        assert isinstance(match, Match)
        product = (await catalogue.products([match.ref]))[match.ref]
        name = {"lastname": "Martin", "firstname": "Zoé"}
        mail = {"email": f"{number}@orders.invalid", "passwd": "long-enough-1", "is_guest": "1"}
        customer = (await add("customers", Draft(fields={**name, **mail}))).id
        country = (await self.facts()).countries["FR"].id
        place = {"alias": "A", "address1": "1 rue", "city": "Lille", "postcode": "59000", "id_country": country}
        address = (await add("addresses", Draft(fields={**name, **place, "id_customer": customer}))).id
        sides = {"id_address_delivery": address, "id_address_invoice": address, "id_customer": customer}
        common = {**sides, "id_currency": "1", "id_lang": "1", "id_carrier": "1"}
        row = {
            "id_product": product.product_id,
            "id_product_attribute": product.attribute_id,
            "id_address_delivery": address,
            "quantity": str(quantity),
        }
        held = {"id_shop": "1", "id_shop_group": "1", "gift_message": f"mkp:mirakl:{number}"}
        cart = (await add("carts", Draft(fields={**common, **held}, rows={("cart_rows", "cart_row"): [row]}))).id
        paid = dict.fromkeys(("total_paid", "total_paid_real", "total_products", "total_products_wt"), "20.00")
        label = {"module": "ps_wirepayment", "payment": f"Mirakl {number}", "conversion_rate": "1", "id_cart": cart}
        return (await add("orders", Draft(fields={**common, **paid, **label}))).id

    def act(self, ref: str, action: str, **options: object) -> None:
        self.shop.account.act("orders", ref, action, options)

    async def progress(self, *refs: str) -> Mapping[str, ShopProgress]:
        return await progress_of(
            self.client, facts=await self.facts(), mapping=self.mapping, refs=refs, clock=self.clock
        )

    async def listed(self, *, hours: int = 1) -> list[ShopOrder]:
        pages = orders(
            self.client,
            facts=await self.facts(),
            mapping=self.mapping,
            catalogue=await self.catalogue(),
            key_prefix="mkp:mirakl:",
            since=self.clock.now() - timedelta(hours=hours),
            clock=self.clock,
        )
        return await items_of(pages)


async def items_of(pages: AsyncIterator[Page[T]]) -> list[T]:
    return [item async for page in pages for item in page.items]


def test_every_article_is_offered_with_the_units_and_the_price_of_the_shop() -> None:
    sandboxed = Sandboxed()

    async def offered() -> dict[str, tuple[int, str, bool]]:
        pages = offers(
            sandboxed.client, facts=await sandboxed.facts(), mapping=sandboxed.mapping, clock=sandboxed.clock
        )
        found = {each.sku: each for each in await items_of(pages)}
        return {sku: (each.quantity, f"{each.price_incl:.2f}", each.active) for sku, each in found.items()}

    sandboxed.shop.account.change_offers({"sku": "LAMPE-BUREAU-001", "quantity": -3, "price": "22.94"})
    found = run(offered())

    assert {sku: quantity for sku, (quantity, _, _) in found.items()} == sandboxed.stock
    assert found["LAMPE-BUREAU-001"] == (-3, "22.94", True)


def test_every_article_is_found_by_its_sku() -> None:
    sandboxed = Sandboxed()

    async def resolved() -> dict[str, int]:
        answers = await (await sandboxed.catalogue()).resolve(list(sandboxed.stock))
        return {sku: each.available for sku, each in answers.items() if isinstance(each, Match) and each.active}

    assert run(resolved()) == sandboxed.stock


@pytest.mark.parametrize("source", ["reference", "id", "ean13"])
def test_an_article_is_found_by_each_of_its_identifiers(source: SkuSource) -> None:
    sandboxed = Sandboxed()

    async def refs() -> tuple[str, str]:
        match = (await (await sandboxed.catalogue()).resolve(["LAMPE-BUREAU-001"]))["LAMPE-BUREAU-001"]
        assert isinstance(match, Match)
        sku = match.identifiers[source]
        again = Catalogue(sandboxed.client, facts=await sandboxed.facts(), mapping=ShopMapping(sku_from=source))
        found = (await again.resolve([sku]))[sku]
        assert isinstance(found, Match)
        return match.ref, found.ref

    first, second = run(refs())
    assert first == second


def test_orders_are_followed_from_entry_to_their_end() -> None:
    sandboxed = Sandboxed()

    async def followed() -> dict[str, tuple[str, list[str]]]:
        refs = [await sandboxed.order(f"MKP-{number}", "LAMPE-BUREAU-001") for number in range(5)]
        sandboxed.clock.advance(3600)
        sandboxed.act(refs[1], "ship", tracking="6A1", carrier=2)
        sandboxed.act(refs[2], "ship")
        sandboxed.act(refs[3], "cancel")
        sandboxed.act(refs[4], "delete")
        found = await sandboxed.progress(*refs)
        return {ref: (each.state, [parcel.number for parcel in each.parcels]) for ref, each in found.items()}

    assert list(run(followed()).values()) == [("paid", []), ("shipped", ["6A1"]), ("shipped", [""]), ("cancelled", [])]


def test_a_parcel_says_when_and_by_whom_it_was_taken_even_if_its_carrier_was_edited_since() -> None:
    sandboxed = Sandboxed()

    async def parcel() -> tuple[str, str, timedelta]:
        ref = await sandboxed.order("MKP-1", "LAMPE-BUREAU-001")
        sandboxed.clock.advance(3600)
        sandboxed.act(ref, "ship", tracking="6A1", carrier=2)
        sandboxed.shop.account.act("carriers", "2", "edit", {})
        (found,) = (await sandboxed.progress(ref))[ref].parcels
        return found.carrier, found.url, found.shipped_at - NOW

    carrier, url, after = run(parcel())

    assert carrier
    assert url.endswith("6A1")
    assert after == timedelta(hours=1)


def test_our_orders_are_listed_and_no_others() -> None:
    sandboxed = Sandboxed()

    async def listed() -> list[tuple[str, Mapping[str, int], str]]:
        await sandboxed.order("MKP-OLD", "LAMPE-BUREAU-001")
        sandboxed.clock.advance(7200)
        await sandboxed.order("MKP-1", "LAMPE-BUREAU-001", quantity=3)
        ref = await sandboxed.order("MKP-2", "TSHIRT-COTON-001", quantity=1)
        sandboxed.act(ref, "cancel")
        return [(each.marketplace_order_id, each.units, each.state) for each in await sandboxed.listed()]

    assert run(listed()) == [
        ("MKP-1", {"LAMPE-BUREAU-001": 3}, "paid"),
        ("MKP-2", {"TSHIRT-COTON-001": 1}, "cancelled"),
    ]


def test_the_shops_tax_is_that_of_its_country() -> None:
    sandboxed = Sandboxed()

    async def rate() -> str:
        catalogue = await sandboxed.catalogue()
        match = (await catalogue.resolve(["LAMPE-BUREAU-001"]))["LAMPE-BUREAU-001"]
        assert isinstance(match, Match)
        product = (await catalogue.products([match.ref]))[match.ref]
        country = (await sandboxed.facts()).countries["FR"].id
        return f"{await catalogue.rate(product.tax_group, country_id=country, postcode='59000'):.1f}"

    assert run(rate()) == "20.0"
