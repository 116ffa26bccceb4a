"""Tax rates by country, postcode and state, as PrestaShop would find them."""

from decimal import Decimal

import pytest

from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.records import records_in
from app.transport.xml import parse
from tests.shops.prestashop.fake_prestashop import FakePrestashop, a_client, some_facts
from tests.shops.prestashop.recordings import recorded, with_recordings
from tests.support.aio import run


def rate(
    shop: FakePrestashop, group: str = "1", *, country: str = "8", postcode: str = "", state: str = "", **facts: str
) -> Decimal:
    catalogue = Catalogue(a_client(shop), facts=some_facts(**facts), mapping=ShopMapping())
    return run(catalogue.rate(group, country_id=country, postcode=postcode, state_id=state))


def a_shop() -> FakePrestashop:
    """20 % in France, 5.5 % for group 3; nothing elsewhere."""
    shop = FakePrestashop()
    shop.add("taxes", 1, rate="20.000")
    shop.add("taxes", 2, rate="5.500")
    shop.add("taxes", 3, rate="8.500")
    shop.add("tax_rules", 1)
    shop.add("tax_rules", 2, id_tax_rules_group=3, id_tax=2)
    return shop


@pytest.mark.parametrize(
    ("group", "country", "percent"),
    [("1", "8", "20"), ("3", "8", "5.5"), ("2", "8", "0"), ("1", "21", "0"), ("0", "8", "0"), ("", "8", "0")],
)
def test_a_group_has_the_rate_of_its_rule_in_the_country(group: str, country: str, percent: str) -> None:
    assert rate(a_shop(), group, country=country) == Decimal(percent)


def test_a_shop_without_taxes_has_none() -> None:
    assert rate(a_shop(), PS_TAX="0") == 0


@pytest.mark.parametrize(
    ("postcode", "percent"), [("97400", "8.5"), ("97999", "8.5"), ("98000", "20"), ("", "20"), ("59000", "20")]
)
def test_a_rule_for_postcodes_wins_where_it_holds(postcode: str, percent: str) -> None:
    shop = a_shop()
    shop.add("tax_rules", 3, id_tax=3, zipcode_from="97000", zipcode_to="97999")

    assert rate(shop, postcode=postcode) == Decimal(percent)


def test_a_rule_may_hold_for_one_postcode() -> None:
    shop = a_shop()
    shop.add("tax_rules", 3, id_tax=3, zipcode_from="97400")

    assert [rate(shop, postcode=each) for each in ("97400", "97401")] == [Decimal("8.5"), Decimal(20)]


def test_a_rule_for_a_state_wins_in_that_state() -> None:
    shop = a_shop()
    shop.add("tax_rules", 3, id_tax=3, id_state=7)

    assert [rate(shop, state=each) for each in ("7", "8", "")] == [Decimal("8.5"), Decimal(20), Decimal(20)]


@pytest.mark.parametrize(("behaviour", "percent"), [("0", "8.5"), ("1", "28.5"), ("2", "30.2")])
def test_the_most_specific_rule_says_what_becomes_of_the_next(behaviour: str, percent: str) -> None:
    shop = a_shop()
    shop.add("tax_rules", 3, id_tax=3, id_state=7, behavior=behaviour)

    assert rate(shop, state="7") == Decimal(percent)


def test_rates_are_read_once_a_country() -> None:
    shop = a_shop()
    catalogue = Catalogue(a_client(shop), facts=some_facts(), mapping=ShopMapping())

    async def ask() -> list[Decimal]:
        return [
            await catalogue.rate(group, country_id="8", postcode=code) for group in "13" for code in ("59000", "75001")
        ]

    assert run(ask()) == [20, 20, Decimal("5.5"), Decimal("5.5")]
    assert shop.calls() == 2


@with_recordings
def test_the_rule_and_the_tax_of_a_real_shop_are_understood() -> None:
    shop = FakePrestashop()
    for name, plural, singular in (("296", "tax_rules", "tax_rule"), ("295", "taxes", "tax")):
        for each in records_in(parse(recorded(name).body.decode())[0], plural=plural, singular=singular) or ():
            known = {field: value for field, value in each.fields.items() if field not in ("id", "name", "description")}
            shop.add(plural, each.id, **known)

    assert rate(shop, "1", country="8", postcode="59000") == 20
