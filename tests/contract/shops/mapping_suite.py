"""What every shop promises an account with SKUs of its own. One suite, run on each kind of the registry."""

import pytest

from app.domain.offer import ShopOffer
from app.domain.shop_mapping import ShopMapping
from app.shops.port import Match, Shop, Unknown
from tests.contract.shops.under_test import SKUS, STOCK, ShopUnderTest, all_of, imported
from tests.shops.builders import a_line, an_order
from tests.support.aio import run

FRENCH = ShopMapping(sku_prefix="FR-", sku_suffix="/X")


def ref_of(shop: Shop, sku: str) -> str:
    """Return the product that a SKU means, empty for none."""
    answer = run(shop.resolve([sku])).by_sku[sku]
    assert answer.sku == sku
    return answer.ref if isinstance(answer, Match) else ""


def offers(shop: Shop) -> dict[str, ShopOffer]:
    """Return every offer by SKU; no SKU comes twice."""
    found = run(all_of(shop.offers()))
    by_sku = {offer.sku: offer for offer in found}
    assert len(by_sku) == len(found)
    return by_sku


class MappingSuite:
    """Subclassed where the fixture `world` is: each test gets a fresh shop."""

    def test_between_prefix_and_suffix_stands_the_products_own_identifier(self, tested: ShopUnderTest) -> None:
        shop = tested.reopened(mapping=FRENCH)

        assert ref_of(shop, "FR-LAMPE/X") == ref_of(tested.shop, "LAMPE") != ""
        assert [ref_of(shop, sku) for sku in ("LAMPE", "FR-LAMPE", "LAMPE/X", "FR-/X", "fr-LAMPE/X")] == [""] * 5

    def test_products_are_offered_under_the_skus_of_the_account(self, tested: ShopUnderTest) -> None:
        assert sorted(offers(tested.reopened(mapping=FRENCH))) == sorted(f"FR-{sku}/X" for sku in SKUS)

    def test_an_order_of_such_a_sku_takes_the_units_of_its_product(self, tested: ShopUnderTest) -> None:
        shop = tested.reopened(mapping=FRENCH)

        made = run(imported(shop, an_order(a_line("FR-LAMPE/X", quantity=3))))

        assert made.units == {"FR-LAMPE/X": 3}
        assert run(tested.stock("LAMPE")) == STOCK - 3

    def test_a_linked_sku_means_its_product_and_is_offered_beside_the_products_own(self, tested: ShopUnderTest) -> None:
        lamp = ref_of(tested.shop, "LAMPE")
        shop = tested.reopened(mapping=ShopMapping(sku_links={"OLD-1": lamp, "LAMPE": lamp}))

        shown = offers(shop)

        assert ref_of(shop, "OLD-1") == ref_of(shop, "LAMPE") == lamp
        assert sorted(shown) == sorted([*SKUS, "OLD-1"])
        assert shown["OLD-1"].quantity == shown["LAMPE"].quantity == STOCK

    def test_a_link_wins_over_the_product_that_bears_the_sku(self, tested: ShopUnderTest) -> None:
        maker = ref_of(tested.shop, "CAFETIERE")
        run(tested.put("CAFETIERE", quantity=7, price="12.90"))
        shop = tested.reopened(mapping=ShopMapping(sku_links={"LAMPE": maker}))

        shown = offers(shop)

        assert ref_of(shop, "LAMPE") == maker
        assert sorted(shown) == sorted(SKUS)
        assert shown["LAMPE"].quantity == 7

    @pytest.mark.parametrize("ref", ["99999999", "nothing", "12:x", " ", "é" * 100])
    def test_a_link_that_leads_nowhere_means_nothing_and_offers_nothing(self, tested: ShopUnderTest, ref: str) -> None:
        shop = tested.reopened(mapping=ShopMapping(sku_links={"LAMPE": ref}))

        assert run(shop.resolve(["LAMPE"])).by_sku == {"LAMPE": Unknown("LAMPE")}
        assert sorted(offers(shop)) == sorted(set(SKUS) - {"LAMPE"})

    def test_offers_say_the_product_that_their_sku_means_and_what_it_is_called(self, tested: ShopUnderTest) -> None:
        shop = tested.reopened(mapping=ShopMapping(sku_prefix="A-", sku_links={"OLD-1": ref_of(tested.shop, "LAMPE")}))

        shown = offers(shop)

        assert {sku: offer.ref for sku, offer in shown.items()} == {sku: ref_of(shop, sku) for sku in shown}
        assert shown["OLD-1"].identifiers.get("reference") == shown["A-LAMPE"].identifiers.get("reference") == "LAMPE"

    def test_a_match_has_every_identifier_that_other_accounts_may_use(self, tested: ShopUnderTest) -> None:
        answer = run(tested.shop.resolve(["LAMPE"])).by_sku["LAMPE"]

        assert isinstance(answer, Match)
        assert answer.identifiers.get("reference") == "LAMPE"

    def test_a_shop_that_says_its_currencies_takes_the_euro(self, tested: ShopUnderTest) -> None:
        currencies = run(tested.shop.resolve([])).currencies

        assert currencies is None or "EUR" in currencies
