"""SKUs to products and back, as the shop of the tests knows them."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.shop_mapping import ShopMapping, SkuSource
from app.domain.sku_names import SkuNames
from app.shops.port import Ambiguous, Match, Unknown
from app.shops.prestashop.reads.catalogue import Catalogue, Product, parse_ref, ref_of
from app.shops.prestashop.reads.stock import UNCOUNTED
from app.shops.prestashop.records import Record
from tests.shops.prestashop.fake_prestashop import FakePrestashop, a_client, some_facts
from tests.support.aio import run

Answer = Match | Unknown | Ambiguous


def a_catalogue(
    shop: FakePrestashop, mapping: ShopMapping | None = None, *, id_shop: str = "", **facts: str
) -> Catalogue:
    return Catalogue(a_client(shop, id_shop=id_shop), facts=some_facts(**facts), mapping=mapping or ShopMapping())


def resolved(shop: FakePrestashop, *skus: str, mapping: ShopMapping | None = None, **facts: str) -> dict[str, Answer]:
    return run(a_catalogue(shop, mapping, **facts).resolve(skus))


def the_ref(shop: FakePrestashop, sku: str, mapping: ShopMapping | None = None) -> str | Sequence[str] | None:
    """The ref that a SKU means, all of them when there are several, None for none."""
    match resolved(shop, sku, mapping=mapping)[sku]:
        case Match(ref=ref):
            return ref
        case Ambiguous(refs=refs):
            return refs
        case _:
            return None


def a_shop() -> FakePrestashop:
    """A lamp; a shirt in two sizes with references of their own; a mug that comes in one colour."""
    shop = FakePrestashop()
    shop.product(12, reference="LAMPE", ean13="3760000000017", quantity=7, name="Lampe & abat-jour")
    shop.product(13, reference="SHIRT", quantity=9)
    shop.combination(13, 34, reference="SHIRT-S", ean13="3760000000024", quantity=4)
    shop.combination(13, 35, reference="SHIRT-M", quantity=5)
    shop.product(14, reference="MUG", quantity=2)
    shop.combination(14, 36, quantity=2)
    return shop


# One product for a SKU.


def test_a_reference_is_found_with_its_stock_title_and_identifiers() -> None:
    answers = resolved(a_shop(), "LAMPE")

    assert answers == {
        "LAMPE": Match(
            sku="LAMPE",
            ref="12",
            title="Lampe & abat-jour",
            active=True,
            available=7,
            identifiers={"id": "12", "reference": "LAMPE", "ean13": "3760000000017"},
        )
    }


def test_a_combination_is_found_by_its_own_reference() -> None:
    match = resolved(a_shop(), "SHIRT-S")["SHIRT-S"]

    assert isinstance(match, Match)
    assert (match.ref, match.available, match.identifiers["id"]) == ("13-34", 4, "13-34")


def test_a_product_sold_by_combinations_with_references_is_no_match() -> None:
    assert resolved(a_shop(), "SHIRT") == {"SHIRT": Unknown("SHIRT")}


def test_the_only_combination_stands_for_its_product() -> None:
    assert the_ref(a_shop(), "MUG") == "14-36"


def test_the_only_combination_stands_for_its_product_by_either_reference() -> None:
    shop = FakePrestashop()
    shop.product(14, reference="MUG")
    shop.combination(14, 36, reference="MUG-RED")

    assert (the_ref(shop, "MUG"), the_ref(shop, "MUG-RED")) == ("14-36", "14-36")


def test_the_default_combination_wins_over_its_product_of_the_same_reference() -> None:
    shop = FakePrestashop()
    shop.product(13, reference="SHIRT")
    shop.combination(13, 34, reference="SHIRT")
    shop.combination(13, 35, reference="SHIRT-M")

    assert the_ref(shop, "SHIRT") == "13-34"


def test_combinations_without_references_share_their_products() -> None:
    shop = FakePrestashop()
    shop.product(13, reference="SHIRT")
    shop.combination(13, 134)
    shop.combination(13, 35)
    shop.combination(13, 36, reference="SHIRT-L")

    assert the_ref(shop, "SHIRT") == ("13-35", "13-134")


def test_two_products_of_one_reference_are_a_question_even_if_one_is_inactive() -> None:
    shop = FakePrestashop()
    shop.product(12, reference="LAMPE")
    shop.product(9, reference="LAMPE", active=0)

    assert resolved(shop, "LAMPE") == {"LAMPE": Ambiguous("LAMPE", ("9", "12"))}


@pytest.mark.parametrize("switch", ["active", "available_for_order"])
def test_what_the_shop_does_not_sell_is_a_match_that_is_not_active(switch: str) -> None:
    shop = a_shop()
    shop.change("products", 12, **{switch: 0})

    match = resolved(shop, "LAMPE")["LAMPE"]

    assert isinstance(match, Match)
    assert not match.active


# Where SKUs come from.


@pytest.mark.parametrize(
    ("sku", "ref"),
    [
        ("12", "12"),
        ("13-34", "13-34"),
        ("14", "14-36"),
        ("13", ("13-34", "13-35")),
        ("12-34", None),
        ("13-99", None),
        ("12-0", None),
        ("012", None),
        ("99", None),
        ("LAMPE", None),
        ("1" * 12, None),
    ],
)
def test_a_sku_may_be_the_number_of_a_product(sku: str, ref: str | Sequence[str] | None) -> None:
    assert the_ref(a_shop(), sku, ShopMapping(sku_from="id")) == ref


def test_a_sku_may_be_an_ean() -> None:
    mapping = ShopMapping(sku_from="ean13")

    refs = [the_ref(a_shop(), sku, mapping) for sku in ("3760000000017", "3760000000024", "03760000000017", "LAMPE")]

    assert refs == ["12", "13-34", None, None]


def test_a_sku_may_be_a_suppliers_reference() -> None:
    shop, mapping = a_shop(), ShopMapping(sku_from="supplier_reference")
    shop.add("product_suppliers", 1, id_product=12, product_supplier_reference="F-LAMPE")
    shop.add("product_suppliers", 2, id_product=12, id_supplier=2, product_supplier_reference="G-LAMPE")
    shop.add("product_suppliers", 3, id_product=13, id_product_attribute=34, product_supplier_reference="F-S")
    shop.add("product_suppliers", 4, id_product=13, product_supplier_reference="F-SHIRT")
    shop.add("product_suppliers", 5, id_product=13, id_product_attribute=35)

    refs = [the_ref(shop, sku, mapping) for sku in ("F-LAMPE", "G-LAMPE", "F-S", "F-SHIRT", "LAMPE")]

    assert refs == ["12", "12", "13-34", "13-35", None]


def test_a_supplier_who_names_two_products_alike_asks_a_question() -> None:
    shop = a_shop()
    shop.add("product_suppliers", 1, id_product=12, product_supplier_reference="F-1")
    shop.add("product_suppliers", 2, id_product=13, id_product_attribute=35, product_supplier_reference="F-1")

    assert the_ref(shop, "F-1", ShopMapping(sku_from="supplier_reference")) == ("12", "13-35")


def test_prefix_and_suffix_are_no_part_of_the_shops_identifiers() -> None:
    mapping = ShopMapping(sku_prefix="FR_", sku_suffix="-N")

    assert [the_ref(a_shop(), sku, mapping) for sku in ("FR_LAMPE-N", "LAMPE", "FR_-N")] == ["12", None, None]


def test_a_link_wins_over_every_identifier() -> None:
    mapping = ShopMapping(sku_links={"LAMPE": "13-35", "OLD": "12", "ONE-COLOUR": "14", "GONE": "99", "WRONG": "13-36"})

    refs = {sku: the_ref(a_shop(), sku, mapping) for sku in mapping.sku_links}

    assert refs == {"LAMPE": "13-35", "OLD": "12", "ONE-COLOUR": "14-36", "GONE": None, "WRONG": None}


def test_a_link_to_a_product_with_combinations_does_not_say_which() -> None:
    assert the_ref(a_shop(), "S", ShopMapping(sku_links={"S": "13"})) == ("13-34", "13-35")


# Stock.


def test_a_product_without_a_stock_row_has_nothing() -> None:
    shop = FakePrestashop()
    shop.add("products", 12, reference="LAMPE")

    match = resolved(shop, "LAMPE")["LAMPE"]

    assert isinstance(match, Match)
    assert match.available == 0


def test_a_shop_that_keeps_no_stock_has_enough_and_is_not_asked() -> None:
    shop = a_shop()

    match = resolved(shop, "LAMPE", PS_STOCK_MANAGEMENT="0")["LAMPE"]

    assert isinstance(match, Match)
    assert match.available == UNCOUNTED
    assert shop.calls("stock_availables") == 0


def test_selling_without_stock_does_not_change_what_is_there() -> None:
    shop = FakePrestashop()
    shop.add("products", 12, reference="LAMPE")
    shop.stock(12, 0, quantity=1, out_of_stock=1)

    match = resolved(shop, "LAMPE")["LAMPE"]

    assert isinstance(match, Match)
    assert match.available == 1


@pytest.mark.parametrize(("id_shop", "available"), [("2", 20), ("", 10), ("3", 5)])
def test_each_shop_has_its_own_stock_or_the_shared_one(id_shop: str, available: int) -> None:
    shop = FakePrestashop()
    shop.add("products", 12, reference="LAMPE")
    for shop_number, quantity in ((2, 20), (1, 10), (0, 5)):
        shop.stock(12, 0, quantity=quantity, id_shop=shop_number)

    match = run(a_catalogue(shop, id_shop=id_shop).resolve(["LAMPE"]))["LAMPE"]

    assert isinstance(match, Match)
    assert match.available == available


# Odd identifiers and many of them.


@pytest.mark.parametrize(
    "reference",
    ["A,B", "1,5", "12|34", "[A]", "A[1]B", "|", "[|]", "50%", "A_B", "A\\B", "\\", "24' d'été", 'A"B', "<b>"],
)
def test_an_odd_reference_is_found_and_nothing_else(reference: str) -> None:
    shop = FakePrestashop()
    shop.product(12, reference=reference)
    shop.product(13, reference=f"{reference}X")
    shop.product(14, reference="AXB")
    shop.product(15, reference="PLAIN")

    answers = resolved(shop, reference, "PLAIN")

    refs = {sku: match.ref for sku, match in answers.items() if isinstance(match, Match)}
    assert refs == {reference: "12", "PLAIN": "15"}


def test_an_odd_reference_is_found_among_thousands_that_hold_it() -> None:
    shop = FakePrestashop()
    for number in range(1, 2501):
        shop.add("products", number, reference=f"LAMPE[{number}]")

    assert the_ref(shop, "LAMPE[2500]") == "2500"


@pytest.mark.parametrize("sku", ["", "%", "' OR 1=1 --", "a\0b", "\ud83d", "🎁", "x" * 5000, "a\nb", "[]", "é" * 65])
def test_what_nobody_bears_is_unknown(sku: str) -> None:
    assert resolved(a_shop(), sku) == {sku: Unknown(sku)}


def test_no_sku_is_no_question() -> None:
    shop = a_shop()

    assert resolved(shop) == {}
    assert shop.calls() == 0


def test_a_hundred_skus_take_five_calls() -> None:
    shop = FakePrestashop()
    for number in range(1, 51):
        shop.product(number, reference=f"LAMPE-{number:05}")
        shop.product(number + 100, reference=f"SHIRT-{number:05}")
        shop.combination(number + 100, number, reference=f"SHIRT-{number:05}-S")
    skus = [f"LAMPE-{number:05}" for number in range(1, 51)] + [f"SHIRT-{number:05}-S" for number in range(1, 51)]

    answers = resolved(shop, *skus)

    assert all(isinstance(each, Match) for each in answers.values())
    assert shop.calls() == 5


def test_long_skus_are_asked_in_more_calls_than_short_ones() -> None:
    shop = FakePrestashop()
    skus = [f"{'é' * 50}{number:04}" for number in range(300)]
    for number, sku in enumerate(skus, start=1):
        shop.product(number, reference=sku)

    answers = resolved(shop, *skus)

    assert all(isinstance(each, Match) for each in answers.values())


# What orders need.


def test_products_are_found_by_their_refs_with_what_orders_need() -> None:
    shop = a_shop()
    shop.change("products", 13, ecotax="0.100000", id_tax_rules_group="3")
    shop.change("combinations", 35, ecotax="0.250000")
    shop.change("products", 12, cache_is_pack="1", id_tax_rules_group="")

    found = run(a_catalogue(shop).products(["12", "13-34", "13-35", "13", "99", "13-99", "odd"]))

    assert set(found) == {"12", "13-34", "13-35", "13"}
    assert [(each.ecotax, each.tax_group) for each in (found["13-34"], found["13-35"], found["12"])] == [
        (Decimal("0.1"), "3"),
        (Decimal("0.25"), "3"),
        (Decimal(0), "0"),
    ]
    assert found["13-34"] == Product(
        ref="13-34",
        product_id="13",
        attribute_id="34",
        title="Lampe",
        reference="SHIRT-S",
        ean13="3760000000024",
        active=True,
        orderable=True,
        tax_group="3",
        ecotax=Decimal("0.100000"),
        has_combinations=True,
        is_pack=False,
    )
    assert found["12"].is_pack


def test_what_was_resolved_is_not_read_again() -> None:
    shop = a_shop()
    catalogue = a_catalogue(shop)

    async def resolve_then_order() -> int:
        await catalogue.resolve(["LAMPE", "SHIRT-S", "MUG"])
        asked = shop.calls()
        await catalogue.products(["12", "13-34", "14-36"])
        return shop.calls() - asked

    assert run(resolve_then_order()) == 0


# Back to SKUs.


def row(product_id: int, attribute_id: int = 0, **identifiers: str) -> dict[str, str]:
    return {"product_id": str(product_id), "product_attribute_id": str(attribute_id), **identifiers}


def test_a_row_is_named_by_what_the_order_noted_of_it() -> None:
    noted = row(13, 34, product_reference="SHIRT-S", product_ean13="3760000000024")
    sources: list[SkuSource] = ["reference", "id", "ean13"]

    skus = [a_catalogue(a_shop(), ShopMapping(sku_from=source, sku_prefix="X")).sku_of(noted) for source in sources]

    assert skus == ["XSHIRT-S", "X13-34", "X3760000000024"]


def test_a_row_of_a_linked_product_is_named_by_the_link() -> None:
    catalogue = a_catalogue(a_shop(), ShopMapping(sku_links={"OLD": "12", "ONE-COLOUR": "14"}))

    assert [catalogue.sku_of(row(12)), catalogue.sku_of(row(14, 36))] == ["OLD", "ONE-COLOUR"]


def test_a_row_without_an_identifier_is_named_by_its_ref() -> None:
    assert a_catalogue(a_shop()).sku_of(row(13, 34)) == "13-34"


def test_a_row_is_named_by_its_suppliers_reference_once_it_was_learned() -> None:
    shop = a_shop()
    shop.add("product_suppliers", 1, id_product=13, product_supplier_reference="F-SHIRT")
    catalogue = a_catalogue(shop, ShopMapping(sku_from="supplier_reference"))

    run(catalogue.learn([Record({}, {"order_rows": [row(13, 34)]})]))

    assert catalogue.sku_of(row(13, 34)) == "F-SHIRT"


def test_nothing_is_learned_where_rows_say_it_all() -> None:
    shop = a_shop()

    run(a_catalogue(shop).learn([Record({}, {"order_rows": [row(12)]})]))

    assert shop.calls() == 0


WORDS = st.text(alphabet=st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)


@settings(max_examples=40, deadline=None)
@given(references=st.lists(WORDS, min_size=1, max_size=6, unique_by=lambda word: word), prefix=st.text(max_size=3))
def test_a_product_is_found_by_the_sku_it_is_offered_under(references: list[str], prefix: str) -> None:
    shop, mapping = FakePrestashop(), ShopMapping(sku_prefix=prefix)
    for number, reference in enumerate(references, start=1):
        shop.product(number, reference=reference)
    sku_names = SkuNames(mapping)
    skus = {
        str(number): sku_names.skus_of(str(number), identifiers={"reference": reference})[0]
        for number, reference in enumerate(references, start=1)
    }

    answers = resolved(shop, *skus.values(), mapping=mapping)

    assert {ref: each.ref for ref, sku in skus.items() if isinstance(each := answers[sku], Match)} == {
        ref: ref for ref in skus
    }


@given(product=st.integers(1, 2**31), attribute=st.integers(0, 2**31))
def test_a_ref_says_product_and_attribute(product: int, attribute: int) -> None:
    assert parse_ref(ref_of(str(product), str(attribute))) == (str(product), str(attribute))


@pytest.mark.parametrize("text", ["", "0", "-1", "abc", "²", "9" * 12, "01", "1\0", "1-", "1-0", "1-2-3", " 1", "1\n"])
def test_other_texts_are_no_refs(text: str) -> None:
    assert parse_ref(text) is None
