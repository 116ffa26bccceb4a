"""What an account's SKUs mean in an embedded shop: by reference, by EAN, between two ends, by hand."""

from collections.abc import Sequence

import pytest

from app.domain.shop_mapping import ShopMapping
from app.shops.embedded import adapter
from app.shops.port import Ambiguous, Match, Shop, ShopOrder, Unknown
from app.store import embedded
from app.store.embedded import Product
from app.store.engine import Store
from tests.shops.builders import a_line, an_intent, an_order, plan_for
from tests.shops.embedded.under_test import SHOP_ID, EmbeddedUnderTest, a_product, an_embedded_shop
from tests.support.aio import run

LAMP, MAKER, TWIN = "3760000000017", "3760000000024", "3760000000031"
PRODUCTS = (
    a_product("LAMPE", ean=LAMP, quantity=5),
    a_product("CAFETIERE", ean=MAKER, quantity=7),
    a_product("TASSE-1", ean=TWIN, quantity=1),
    a_product("TASSE-2", ean=TWIN, quantity=2),
    a_product("SANS-EAN", quantity=3),
)


def a_world(store: Store, mapping: ShopMapping, *, products: Sequence[Product] = PRODUCTS) -> EmbeddedUnderTest:
    tested = an_embedded_shop(store, stock={}, mapping=mapping)
    run(store.write(embedded.save_products, SHOP_ID, products=products, now=tested.now()))
    return tested


def a_shop(store: Store, mapping: ShopMapping, *, products: Sequence[Product] = PRODUCTS) -> Shop:
    return a_world(store, mapping, products=products).shop


def meant(shop: Shop, *skus: str) -> dict[str, str]:
    """Return by SKU the product that is meant, or what the shop says instead."""
    answers = run(shop.resolve(skus)).by_sku
    assert [answer.sku for answer in answers.values()] == list(answers)
    return {sku: answer.ref if isinstance(answer, Match) else type(answer).__name__ for sku, answer in answers.items()}


def offered(shop: Shop) -> list[tuple[str, str]]:
    """Return SKU and product of every offer."""

    async def walk() -> list[tuple[str, str]]:
        return [(offer.sku, offer.ref) async for page in shop.offers() for offer in page.items]

    return sorted(run(walk()))


def test_a_sku_is_the_products_own_unless_said_otherwise(sqlite_store: Store) -> None:
    shop = a_shop(sqlite_store, ShopMapping())

    assert meant(shop, "LAMPE", "lampe", LAMP) == {"LAMPE": "LAMPE", "lampe": "Unknown", LAMP: "Unknown"}
    assert offered(shop) == sorted((product.sku, product.sku) for product in PRODUCTS)


def test_between_two_ends_stands_the_products_own_sku(sqlite_store: Store) -> None:
    shop = a_shop(sqlite_store, ShopMapping(sku_prefix="FR-", sku_suffix="/X"), products=PRODUCTS[:2])

    assert meant(shop, "FR-LAMPE/X", "LAMPE", "FR-LAMPE", "FR-/X") == {
        "FR-LAMPE/X": "LAMPE",
        "LAMPE": "Unknown",
        "FR-LAMPE": "Unknown",
        "FR-/X": "Unknown",
    }
    assert offered(shop) == [("FR-CAFETIERE/X", "CAFETIERE"), ("FR-LAMPE/X", "LAMPE")]


def test_a_sku_may_be_the_ean(sqlite_store: Store) -> None:
    shop = a_shop(sqlite_store, ShopMapping(sku_from="ean13", sku_prefix="E-"))

    assert meant(shop, f"E-{LAMP}", "E-3769999999999", "LAMPE", LAMP, "E-") == {
        f"E-{LAMP}": "LAMPE",
        "E-3769999999999": "Unknown",
        "LAMPE": "Unknown",
        LAMP: "Unknown",
        "E-": "Unknown",
    }


def test_a_product_without_an_ean_is_not_offered_by_ean(sqlite_store: Store) -> None:
    shop = a_shop(sqlite_store, ShopMapping(sku_from="ean13"))

    assert offered(shop) == [(LAMP, "LAMPE"), (MAKER, "CAFETIERE"), (TWIN, "TASSE-1"), (TWIN, "TASSE-2")]


def test_an_ean_on_two_products_is_ambiguous(store: Store) -> None:
    shop = a_shop(store, ShopMapping(sku_from="ean13"))

    assert run(shop.resolve([TWIN])).by_sku == {TWIN: Ambiguous(TWIN, ("TASSE-1", "TASSE-2"))}


def test_a_link_settles_what_is_unknown_or_ambiguous(sqlite_store: Store) -> None:
    shop = a_shop(sqlite_store, ShopMapping(sku_from="ean13", sku_links={"OLD/1": "LAMPE", TWIN: "TASSE-2"}))

    assert meant(shop, "OLD/1", TWIN, LAMP) == {"OLD/1": "LAMPE", TWIN: "TASSE-2", LAMP: "LAMPE"}
    assert offered(shop) == [(LAMP, "LAMPE"), (MAKER, "CAFETIERE"), (TWIN, "TASSE-2"), ("OLD/1", "LAMPE")]


def test_a_link_wins_over_the_product_that_bears_the_sku(sqlite_store: Store) -> None:
    shop = a_shop(sqlite_store, ShopMapping(sku_links={"LAMPE": "CAFETIERE"}), products=PRODUCTS[:2])

    assert meant(shop, "LAMPE") == {"LAMPE": "CAFETIERE"}
    assert offered(shop) == [("CAFETIERE", "CAFETIERE"), ("LAMPE", "CAFETIERE")]


def test_a_link_to_a_product_that_is_not_there_means_nothing(sqlite_store: Store) -> None:
    shop = a_shop(sqlite_store, ShopMapping(sku_links={"LAMPE": "GONE", "X": "\ud83d"}), products=PRODUCTS[:2])

    assert meant(shop, "LAMPE", "X") == {"LAMPE": "Unknown", "X": "Unknown"}
    assert offered(shop) == [("CAFETIERE", "CAFETIERE")]


@pytest.mark.parametrize("source", ["id", "supplier_reference"])
def test_what_products_of_this_shop_do_not_have_is_named_and_means_nothing(sqlite_store: Store, source: str) -> None:
    mapping = ShopMapping(sku_from="id" if source == "id" else "supplier_reference", sku_links={"OLD": "LAMPE"})
    shop = a_shop(sqlite_store, mapping)

    findings = {finding.code: finding for finding in run(shop.check())}

    assert {code: finding.ok for code, finding in findings.items()} == {"CATALOGUE": True, "SKU_FROM": False}
    assert "sku_from=reference" in findings["SKU_FROM"].fix
    assert meant(shop, "LAMPE", "1", "OLD") == {"LAMPE": "Unknown", "1": "Unknown", "OLD": "LAMPE"}
    assert offered(shop) == [("OLD", "LAMPE")]


def test_links_that_lead_nowhere_are_named_by_the_check(sqlite_store: Store) -> None:
    links = {"GOOD": "LAMPE"} | {f"BAD-{number}": "GONE" for number in range(22)}
    shop = a_shop(sqlite_store, ShopMapping(sku_links=links))

    (finding,) = (finding for finding in run(shop.check()) if not finding.ok)

    assert finding.code == "SKU_LINKS"
    assert "“BAD-0” to “GONE”, “BAD-1” to “GONE”" in finding.sentence
    assert finding.sentence.endswith(" and 2 more.")
    assert "marketcron account map-sku NAME SKU PRODUCT" in finding.fix


def test_an_order_takes_its_units_from_the_product_that_its_sku_means(sqlite_store: Store) -> None:
    tested = a_world(sqlite_store, ShopMapping(sku_prefix="FR-", sku_links={"OLD/1": "CAFETIERE"}))
    order = an_order(a_line("FR-LAMPE", quantity=2), a_line("OLD/1", quantity=3))

    made = run(tested.shop.create_order(order, plan=run(plan_for(tested.shop, order)), intent=an_intent(order)))

    assert isinstance(made, ShopOrder)
    assert made.units == {"FR-LAMPE": 2, "OLD/1": 3}
    assert (run(tested.stock("LAMPE")), run(tested.stock("CAFETIERE"))) == (3, 4)


def test_linked_products_come_once_each_over_all_pages(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "OFFERS_A_PAGE", 1)
    shop = a_shop(sqlite_store, ShopMapping(sku_links={"OLD-1": "LAMPE", "OLD-2": "LAMPE", "A": "TASSE-2"}))

    assert offered(shop) == sorted(
        [
            *((product.sku, product.sku) for product in PRODUCTS),
            ("OLD-1", "LAMPE"),
            ("OLD-2", "LAMPE"),
            ("A", "TASSE-2"),
        ]
    )


def test_what_a_product_is_called_is_reported_for_other_accounts(sqlite_store: Store) -> None:
    answers = run(a_shop(sqlite_store, ShopMapping()).resolve(["LAMPE", "SANS-EAN"])).by_sku

    assert [answer.identifiers for answer in answers.values() if isinstance(answer, Match)] == [
        {"reference": "LAMPE", "ean13": LAMP},
        {"reference": "SANS-EAN"},
    ]


def test_the_shop_takes_orders_in_its_own_currency_alone(sqlite_store: Store) -> None:
    shop = an_embedded_shop(sqlite_store, stock={}, currency="PLN").shop

    assert run(shop.resolve([])).currencies == frozenset({"PLN"})


@pytest.mark.parametrize("sku", ["", "FR-", "FR-a\0b", "FR-\ud83d", "FR-🎁", "FR-" + "x" * 5000])
@pytest.mark.parametrize("source", ["reference", "ean13"])
def test_odd_skus_are_unknown_in_every_naming(sqlite_store: Store, sku: str, source: str) -> None:
    mapping = ShopMapping(sku_from="ean13" if source == "ean13" else "reference", sku_prefix="FR-")

    assert run(a_shop(sqlite_store, mapping).resolve([sku])).by_sku == {sku: Unknown(sku)}
