"""All products of a shop as offers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.domain.offer import ShopOffer
from app.domain.page import Page
from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.reads import product_offers
from app.shops.prestashop.reads.product_offers import offers
from app.shops.prestashop.reads.stock import UNCOUNTED
from tests.shops.prestashop.fake_prestashop import NOW, FakePrestashop, a_client, a_setup, some_facts
from tests.support.aio import run


def pages(shop: FakePrestashop, mapping: ShopMapping | None = None, **facts: str) -> list[Page[ShopOffer]]:
    setup = a_setup(shop)

    async def walk() -> list[Page[ShopOffer]]:
        found = offers(setup.client, facts=some_facts(**facts), mapping=mapping or ShopMapping(), clock=setup.clock)
        return [page async for page in found]

    return run(walk())


def offered(shop: FakePrestashop, mapping: ShopMapping | None = None, **facts: str) -> dict[str, ShopOffer]:
    items = [offer for page in pages(shop, mapping, **facts) for offer in page.items]
    assert len({offer.sku for offer in items}) == len(items)
    return {offer.sku: offer for offer in items}


def a_shop() -> FakePrestashop:
    shop = FakePrestashop()
    shop.product(12, reference="LAMPE", ean13="3760000000017", quantity=7, incl="22.94")
    shop.product(13, reference="SHIRT", quantity=9)
    shop.combination(13, 34, reference="SHIRT-S", quantity=4, incl="19.90")
    shop.combination(13, 35, reference="SHIRT-M", quantity=-2, incl="21.90")
    shop.product(14, reference="MUG", quantity=2)
    return shop


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product_offers, "PRODUCTS_A_PAGE", 3)
    monkeypatch.setattr(product_offers, "COMBINATIONS_A_CALL", 2)


def test_a_product_is_offered_with_its_units_and_prices() -> None:
    lamp = offered(a_shop())["LAMPE"]

    assert lamp == ShopOffer(
        sku="LAMPE",
        quantity=7,
        price_incl=Decimal("22.94"),
        price_excl=Decimal("19.116667"),
        active=True,
        ref="12",
        identifiers={"id": "12", "reference": "LAMPE", "ean13": "3760000000017"},
    )


def test_a_product_with_combinations_is_offered_by_them_alone() -> None:
    found = offered(a_shop())

    assert {sku: (offer.ref, offer.quantity, offer.price_incl) for sku, offer in found.items()} == {
        "LAMPE": ("12", 7, Decimal("22.94")),
        "SHIRT-S": ("13-34", 4, Decimal("19.90")),
        "SHIRT-M": ("13-35", -2, Decimal("21.90")),
        "MUG": ("14", 2, Decimal("12.00")),
    }


@pytest.mark.parametrize("switch", ["active", "available_for_order"])
def test_what_the_shop_does_not_sell_is_offered_as_inactive(switch: str) -> None:
    shop = a_shop()
    shop.change("products", 12, **{switch: 0})
    shop.change("products", 13, **{switch: 0})

    active = {sku: offer.active for sku, offer in offered(shop).items()}

    assert active == {"LAMPE": False, "SHIRT-S": False, "SHIRT-M": False, "MUG": True}


def test_a_product_without_an_identifier_is_left_out() -> None:
    shop = FakePrestashop()
    shop.product(12, ean13="3760000000017")
    shop.product(13, reference="MUG")

    assert set(offered(shop)) == {"MUG"}
    assert set(offered(shop, ShopMapping(sku_from="ean13"))) == {"3760000000017"}
    assert set(offered(shop, ShopMapping(sku_from="id", sku_prefix="P"))) == {"P12", "P13"}


def test_a_sku_that_several_products_bear_comes_as_often() -> None:
    shop = FakePrestashop()
    shop.product(12, reference="LAMPE")
    shop.product(13, reference="LAMPE")
    shop.product(14)
    shop.combination(14, 1, reference="LAMPE")

    items = [offer for page in pages(shop) for offer in page.items]

    assert sorted((offer.sku, offer.ref) for offer in items) == [("LAMPE", "12"), ("LAMPE", "13"), ("LAMPE", "14-1")]


def test_linked_skus_come_beside_the_products_own() -> None:
    mapping = ShopMapping(sku_links={"LAMPE-2": "12", "LAMPE-3": "12", "ONE-COLOUR": "15", "GONE": "99"})
    shop = a_shop()
    shop.product(15, reference="HAT")
    shop.combination(15, 40, reference="HAT-RED")

    refs = {sku: offer.ref for sku, offer in offered(shop, mapping).items()}

    assert refs["LAMPE"] == refs["LAMPE-2"] == refs["LAMPE-3"] == "12"
    assert refs["ONE-COLOUR"] == refs["HAT-RED"] == "15-40"
    assert "GONE" not in refs


def test_every_suppliers_reference_is_a_sku() -> None:
    shop, mapping = a_shop(), ShopMapping(sku_from="supplier_reference", sku_links={"LINKED": "12"})
    shop.add("product_suppliers", 1, id_product=12, product_supplier_reference="F-1")
    shop.add("product_suppliers", 2, id_product=12, id_supplier=2, product_supplier_reference="G-1")
    shop.add("product_suppliers", 3, id_product=13, product_supplier_reference="F-2")
    shop.add("product_suppliers", 4, id_product=13, id_product_attribute=35, product_supplier_reference="F-3")

    found = offered(shop, mapping)

    assert {sku: offer.ref for sku, offer in found.items()} == {
        "F-1": "12",
        "G-1": "12",
        "LINKED": "12",
        "F-2": "13-34",
        "F-3": "13-35",
    }
    assert found["G-1"].identifiers["supplier_reference"] == "G-1"


def test_a_shop_that_keeps_no_stock_has_enough_of_all() -> None:
    shop = a_shop()

    quantities = {offer.quantity for offer in offered(shop, PS_STOCK_MANAGEMENT="0").values()}

    assert quantities == {UNCOUNTED}
    assert shop.calls("stock_availables") == 0


def test_a_price_that_is_none_is_nothing() -> None:
    shop = a_shop()
    shop.change("products", 12, price_incl="", price_excl="n/a")

    lamp = offered(shop)["LAMPE"]

    assert (lamp.price_incl, lamp.price_excl) == (Decimal(0), Decimal(0))


def test_prices_are_asked_with_tax_and_reductions_in_six_decimals() -> None:
    shop = a_shop()

    offered(shop)

    asked = next(query for resource, query in shop.asked if resource == "products")
    assert {name: value for name, value in asked.items() if name.startswith("price[")} == {
        "price[price_incl][use_tax]": "1",
        "price[price_incl][use_reduction]": "1",
        "price[price_incl][decimals]": "6",
        "price[price_excl][use_tax]": "0",
        "price[price_excl][use_reduction]": "1",
        "price[price_excl][decimals]": "6",
    }


def test_an_empty_shop_is_one_empty_page() -> None:
    (page,) = pages(FakePrestashop())

    assert (page.items, page.resume, page.read_at) == ((), None, NOW)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [2, 3, 4, 6, 7])
def test_all_pages_together_hold_all_products_once(count: int) -> None:
    shop = FakePrestashop()
    for number in range(1, count + 1):
        shop.product(number, reference=f"P{number}", quantity=number)
        for size in range(number % 4):
            shop.combination(number, 1000 - 10 * number + size, reference=f"P{number}-{size}", quantity=size)

    found = offered(shop)

    alone = {f"P{number}": number for number in range(1, count + 1) if number % 4 == 0}
    combined = {f"P{number}-{size}": size for number in range(1, count + 1) for size in range(number % 4)}
    assert {sku: offer.quantity for sku, offer in found.items()} == alone | combined


@pytest.mark.usefixtures("small_pages")
def test_only_the_last_page_is_the_last() -> None:
    shop = FakePrestashop()
    for number in range(1, 7):
        shop.product(number, reference=f"P{number}")
        shop.combination(number, number, reference=f"P{number}-S")

    resumes = [page.resume for page in pages(shop)]

    assert resumes[-1] is None
    assert all(resumes[:-1])


@pytest.mark.usefixtures("small_pages")
def test_a_page_is_as_old_as_its_stock() -> None:
    shop = FakePrestashop()
    for number in range(1, 5):
        shop.product(number, reference=f"P{number}")
    shop.combination(1, 1, reference="P1-S")
    setup = a_setup(shop)
    stock_read: list[datetime] = []

    def slow(resource: str) -> None:
        if resource == "stock_availables":
            stock_read.append(setup.clock.now())
        setup.clock.advance(10)

    shop.before_answer = slow

    async def walk() -> Iterator[datetime]:
        found = offers(setup.client, facts=some_facts(), mapping=ShopMapping(), clock=setup.clock)
        return iter([page.read_at async for page in found])

    assert list(run(walk())) == stock_read
    assert stock_read[-1] - NOW > timedelta(seconds=30)


@pytest.mark.usefixtures("small_pages")
def test_a_product_that_comes_or_goes_meanwhile_moves_no_other() -> None:
    shop = FakePrestashop()
    for number in range(1, 8):
        shop.product(number, reference=f"P{number}")
    client, clock = a_client(shop), a_setup(shop).clock

    async def walk() -> list[str]:
        skus: list[str] = []
        async for page in offers(client, facts=some_facts(), mapping=ShopMapping(), clock=clock):
            skus += [offer.sku for offer in page.items]
            shop.tables["products"] = [each for each in shop.tables["products"] if each["id"] != "1"]
            if "8" not in {each["id"] for each in shop.tables["products"]}:
                shop.product(8, reference="P8")
        return skus

    assert run(walk()) == [f"P{number}" for number in range(1, 9)]


def test_a_shop_without_combinations_takes_three_calls_for_five_hundred_products() -> None:
    shop = FakePrestashop()
    for number in range(1, 500):
        shop.product(number, reference=f"P{number}")

    offered(shop)

    assert shop.calls() == 3
