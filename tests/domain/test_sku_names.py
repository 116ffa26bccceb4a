"""The SKUs that mean a product, and the product that a SKU means."""

from app.domain.shop_mapping import ShopMapping, SkuSource
from app.domain.sku_names import SkuNames

LAMP: dict[SkuSource, str] = {"reference": "LAMPE", "ean13": "3760000000017"}


def test_a_sku_is_the_identifier_between_prefix_and_suffix() -> None:
    assert SkuNames(ShopMapping(sku_prefix="FR-", sku_suffix="-X")).skus_of("7", identifiers=LAMP) == ["FR-LAMPE-X"]
    assert SkuNames(ShopMapping(sku_from="ean13")).skus_of("7", identifiers=LAMP) == ["3760000000017"]


def test_a_product_without_the_identifier_has_no_sku() -> None:
    assert SkuNames(ShopMapping(sku_from="supplier_reference")).skus_of("7", identifiers=LAMP) == []
    assert SkuNames(ShopMapping(sku_from="ean13")).skus_of("7", identifiers={"ean13": ""}) == []


def test_a_product_also_goes_by_the_skus_that_are_linked_to_it() -> None:
    sku_names = SkuNames(ShopMapping(sku_links={"OLD-1": "7", "OLD-2": "7", "OTHER": "8"}))

    assert sku_names.skus_of("7", identifiers=LAMP) == ["LAMPE", "OLD-1", "OLD-2"]


def test_a_link_of_the_sku_that_the_product_has_anyway_is_one_sku() -> None:
    assert SkuNames(ShopMapping(sku_links={"LAMPE": "7"})).skus_of("7", identifiers=LAMP) == ["LAMPE"]


def test_a_sku_that_is_linked_to_another_product_means_that_one_alone() -> None:
    sku_names = SkuNames(ShopMapping(sku_links={"LAMPE": "8"}))

    assert sku_names.skus_of("7", identifiers=LAMP) == []
    assert sku_names.skus_of("8", identifiers={"reference": "CAFETIERE"}) == ["CAFETIERE", "LAMPE"]


def test_a_sku_says_the_identifier_that_the_shop_does_not_give() -> None:
    sku_names = SkuNames(ShopMapping(sku_prefix="FR-"))

    assert sku_names.identifiers_of("FR-LAMPE", identifiers={}) == {"reference": "LAMPE"}
    assert sku_names.identifiers_of("FR-LAMPE", identifiers=LAMP) == LAMP


def test_a_linked_sku_and_one_of_another_make_say_nothing() -> None:
    sku_names = SkuNames(ShopMapping(sku_prefix="FR-", sku_links={"FR-LAMPE": "8"}))

    assert sku_names.identifiers_of("FR-LAMPE", identifiers={}) == {}
    assert sku_names.identifiers_of("LAMPE", identifiers={}) == {}
