from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.client import Remote, talk


def order_of(switches: dict[str, Any] | None = None, /, **body: Any) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        await remote.control("mirakl/switches", **(switches or {}))
        params = {"order_tax_mode": body.pop("order_tax_mode")} if "order_tax_mode" in body else {}
        (order_id,) = await remote.make(**body)
        return await remote.order(order_id, **params)

    return talk(script)


@pytest.mark.parametrize(
    ("state", "known"),
    [
        ("pending", False),
        ("to_accept", False),
        ("accepted", False),
        ("to_ship", True),
        ("shipped", True),
        ("refused", False),
        ("cancelled", False),
    ],
)
def test_the_address_is_known_from_shipping_on(state: str, known: bool) -> None:
    customer = order_of(state=state)["customer"]

    assert (customer["shipping_address"] is not None, customer["billing_address"] is not None) == (known, known)


def test_the_name_is_known_before() -> None:
    assert order_of()["customer"]["lastname"]


def test_an_operator_may_show_the_address_early() -> None:
    assert order_of({"addresses_before_acceptance": True})["customer"]["shipping_address"] is not None


def test_countries_have_three_letters() -> None:
    assert len(order_of(state="to_ship")["customer"]["shipping_address"]["country_iso_code"]) == 3


def test_the_total_is_price_and_shipping() -> None:
    order = order_of(lines=3)
    amounts = [Decimal(str(order[key])) for key in ("price", "shipping_price", "total_price")]

    assert amounts[0] + amounts[1] == amounts[2]


def test_the_order_sums_its_lines() -> None:
    order = order_of(lines=3)

    assert Decimal(str(order["total_price"])) == sum(Decimal(str(line["total_price"])) for line in order["order_lines"])


def test_tax_and_net_price_make_the_price_with_tax() -> None:
    (net,) = order_of(lines=1, order_tax_mode="TAX_EXCLUDED")["order_lines"]
    (gross,) = order_of(lines=1, order_tax_mode="TAX_INCLUDED")["order_lines"]

    assert Decimal(str(net["price"])) + Decimal(str(net["taxes"][0]["amount"])) == Decimal(str(gross["price"]))


def test_taxes_are_not_listed_when_they_are_included() -> None:
    assert order_of(lines=1)["order_lines"][0]["taxes"] == []


def test_the_tax_mode_is_the_operators_when_not_asked_for() -> None:
    assert order_of({"order_tax_mode": "TAX_EXCLUDED"})["order_tax_mode"] == "TAX_EXCLUDED"


def test_an_order_of_the_operator_names_its_centre() -> None:
    assert order_of(fulfilment="marketplace")["fulfillment"] == {"center": {"code": "OPERATOR-FC1"}}


def test_only_a_merchants_order_can_be_shipped_by_the_shop() -> None:
    shippable = [order_of(state="to_ship", fulfilment=who)["can_shop_ship"] for who in ("merchant", "marketplace")]

    assert shippable == [True, False]


def test_a_state_can_be_one_nobody_knows() -> None:
    assert order_of(shape="unknown_state")["order_state"] == "WAITING_DRONE_PICKUP"


def test_fields_nobody_knows_can_appear() -> None:
    assert "risk_score" in order_of(shape="extra_fields")


def test_optional_fields_can_be_missing() -> None:
    assert "shipping_deadline" not in order_of(shape="missing_fields", state="to_ship")


def test_an_address_can_be_missing_although_it_is_to_be_shipped() -> None:
    assert order_of(shape="no_address", state="to_ship")["customer"]["shipping_address"] is None


def test_a_pick_up_order_names_its_point() -> None:
    order = order_of(shape="pickup", state="to_ship")

    assert (order["shipping_type_code"], order["shipping_pudo_id"]) == ("REL", "PUDO-000001")


def test_a_company_is_an_organisation() -> None:
    assert order_of(shape="b2b", state="to_ship")["customer"]["organization"]["name"]


def test_dates_come_with_and_without_milliseconds() -> None:
    async def script(remote: Remote) -> set[bool]:
        await remote.wait(0.417)
        await remote.make(count=30)
        return {"." in order["created_date"] for order in (await remote.list(max=100))["orders"]}

    assert talk(script) == {True, False}
