"""What a piece costs in a cart, and what the cart comes to."""

from decimal import Decimal
from typing import Any

import pytest

from app.sandbox.prestashop.rules.totals import EACH_LINE, EACH_UNIT, ON_THE_TOTAL, Line, totals
from app.sandbox.prestashop.tables import RESOURCES, Table
from tests.sandbox.prestashop.caller import COMBINED_SKU, PLAIN_SKU, Caller, a_price, talk

FAST = 2


async def ordered_price(caller: Caller, price: str, *, sku: str = PLAIN_SKU, quantity: int = 1, **values: Any) -> Any:
    """Order units at a price of the cart's own; return the order's line and total."""
    ids = await caller.ready(sku=sku, quantity=quantity, **values.pop("ready", {}))
    product, attribute = await caller.found(sku)
    await caller.make("specific_prices", "specific_price", **{**a_price(ids.cart, product, attribute, price), **values})
    seen = await caller.seen(await caller.ordered(ids))
    return seen["rows"][0]["unit_price"], seen["total_paid"]


def line(quantity: int, excl: str, incl: str, *, round_type: int) -> Line:
    product = Table(RESOURCES["products"]).add()
    return Line(product, None, 0, quantity, Decimal(excl), Decimal(incl), round_type)


@pytest.mark.parametrize(
    ("round_type", "incl", "excl"),
    [(EACH_UNIT, "30.00", "24.99"), (EACH_LINE, "29.99", "24.99"), (ON_THE_TOTAL, "29.99", "24.99")],
)
def test_where_it_is_rounded_decides_a_cent(round_type: int, incl: str, excl: str) -> None:
    lines = [line(3, "8.33", "9.996", round_type=round_type)]

    found = totals(lines, shipping_excl=Decimal(0), shipping_incl=Decimal(0))

    assert (str(found.products_incl), str(found.products_excl)) == (incl, excl)


def test_on_the_total_lines_are_added_before_they_are_rounded() -> None:
    each = {
        kind: totals(
            [line(1, "1.004", "1.2048", round_type=kind) for _ in range(3)],
            shipping_excl=Decimal(0),
            shipping_incl=Decimal(0),
        ).products_excl
        for kind in (EACH_LINE, ON_THE_TOTAL)
    }

    assert each == {EACH_LINE: Decimal("3.00"), ON_THE_TOTAL: Decimal("3.01")}


@pytest.mark.parametrize(("price", "quantity", "total"), [("16.658333", 2, "39.980000"), ("8.33", 3, "29.990000")])
def test_a_price_of_the_cart_is_the_unit_price(price: str, quantity: int, total: str) -> None:
    async def script(caller: Caller) -> Any:
        return await ordered_price(caller, price, quantity=quantity)

    assert talk(script)[1] == total


def test_it_beats_a_promotion_of_the_catalogue() -> None:
    async def script(caller: Caller) -> Any:
        (product, _) = await caller.found(PLAIN_SKU)
        promotion = {"reduction": "0.2", "reduction_type": "percentage"}
        await caller.make("specific_prices", "specific_price", **{**a_price(0, product, 0, "-1"), **promotion})
        return await ordered_price(caller, "10")

    assert talk(script)[1] == "12.000000"


def test_without_it_the_promotion_holds() -> None:
    async def script(caller: Caller) -> list[str]:
        (product, _) = await caller.found(PLAIN_SKU)
        before = (await caller.seen(await caller.ordered(await caller.ready())))["total_paid"]
        promotion = {"reduction": "0.2", "reduction_type": "percentage"}
        await caller.make("specific_prices", "specific_price", **{**a_price(0, product, 0, "-1"), **promotion})
        return [before, (await caller.seen(await caller.ordered(await caller.ready())))["total_paid"]]

    before, after = talk(script)

    assert (Decimal(before) * Decimal("0.8")).quantize(Decimal("0.01")) == Decimal(after)


def test_a_price_for_no_combination_gets_the_combinations_difference() -> None:
    async def script(caller: Caller) -> list[str]:
        other = f"{COMBINED_SKU}-BRILLANT"
        exact = await ordered_price(caller, "10", sku=other)
        loose = await ordered_price(caller, "10", sku=other, id_product_attribute=0)
        return [exact[1], loose[1]]

    assert talk(script) == ["12.000000", "15.000000"]


def test_the_discount_of_a_group_comes_on_top() -> None:
    async def script(caller: Caller) -> Any:
        await caller.switch(group_reductions={"2": 10})
        return await ordered_price(caller, "16.658333")

    assert talk(script)[1] == "17.990000"


def test_an_ecotax_comes_on_top_without_tax() -> None:
    async def script(caller: Caller) -> Any:
        await caller.switch(ecotax={PLAIN_SKU: "0.50"})
        return await ordered_price(caller, "10")

    assert talk(script)[1] == "12.500000"


@pytest.mark.parametrize(("country", "total"), [(8, "12.000000"), (3, "12.100000"), (19, "10.000000")])
def test_the_tax_is_that_of_the_country_it_goes_to(country: int, total: str) -> None:
    async def script(caller: Caller) -> Any:
        return await ordered_price(caller, "10", ready={"address": {"id_country": country}})

    assert talk(script)[1] == total


def test_the_tax_may_be_that_of_the_invoice() -> None:
    async def script(caller: Caller) -> Any:
        await caller.switch(tax_address="id_address_invoice")
        customer = await caller.customer()
        invoice = await caller.address(customer, id_country=3)
        return await ordered_price(caller, "10", ready={"id_address_invoice": invoice})

    assert talk(script)[1] == "12.100000"


def test_a_price_for_another_cart_is_nobodys() -> None:
    async def script(caller: Caller) -> list[str]:
        usual = (await caller.seen(await caller.ordered(await caller.ready())))["total_paid"]
        return [usual, (await ordered_price(caller, "10", id_cart=999))[1]]

    usual, answered = talk(script)

    assert usual == answered


def test_the_price_for_a_cart_goes_with_its_order() -> None:
    async def script(caller: Caller) -> Any:
        await ordered_price(caller, "10")
        return (await caller.state())["specific_prices"]

    assert talk(script) == []


def test_a_carrier_costs_its_price_the_handling_and_the_tax() -> None:
    async def script(caller: Caller) -> dict[str, str]:
        return await caller.one("orders", await caller.ordered(await caller.ready(carrier=f"{FAST},")))

    order = talk(script)

    assert (order["total_shipping_tax_excl"], order["total_shipping"]) == ("7.000000", "8.400000")
    assert Decimal(order["total_paid"]) == Decimal(order["total_products_wt"]) + Decimal("8.40")
