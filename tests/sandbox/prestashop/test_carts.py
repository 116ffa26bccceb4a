"""Carts take nearly anything; it shows only when they are ordered."""

from typing import Any

import pytest

from tests.sandbox.prestashop.caller import COMBINED_SKU, MARKETPLACE_CARRIER, Caller, Ids, cart_rows, talk

COLLECT, FAST = 1, 2


def test_the_same_row_twice_kills_the_program_and_leaves_an_empty_cart() -> None:
    async def script(caller: Caller) -> list[Any]:
        customer = await caller.customer()
        address = await caller.address(customer)
        rows = cart_rows(address, [(1, 0, 1), (1, 0, 2)])
        answer = await caller.post(
            "carts",
            "cart",
            associations_sent=rows,
            id_currency=1,
            id_lang=1,
            id_customer=customer,
            id_address_delivery=address,
        )
        return [answer.status_code, answer.content, [cart["rows"] for cart in (await caller.state())["carts"]]]

    assert talk(script) == [500, b"", [0]]


def test_a_quantity_that_is_not_in_stock_is_sold() -> None:
    async def script(caller: Caller) -> int:
        customer = await caller.customer()
        return await caller.cart(customer, await caller.address(customer), [(9999, 0, 1), (1, 0, 0)])

    assert talk(script) == 1


def test_a_cart_is_found_by_its_gift_message() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.ready()
        cart = (await caller.ready(gift_message="mkp:demo:1", gift=0)).cart
        found = await caller.listed("carts", display="[id]", **{"filter[gift_message]": "[mkp:demo:1]"})
        return [cart, *(row["id"] for row in found)]

    assert talk(script) == [2, 2]


@pytest.mark.parametrize(
    ("option", "carrier"),
    [
        (f"{FAST},", FAST),
        (f"{MARKETPLACE_CARRIER},", MARKETPLACE_CARRIER),
        (f"{MARKETPLACE_CARRIER}", COLLECT),
        ("4,", COLLECT),
        ("99,", COLLECT),
        (None, COLLECT),
    ],
)
def test_a_carrier_is_chosen_with_its_comma_or_the_cheapest_wins(option: str | None, carrier: int) -> None:
    async def script(caller: Caller) -> str:
        ids = await caller.ready(carrier=option, id_carrier=FAST)
        return (await caller.one("orders", await caller.ordered(ids)))["id_carrier"]

    assert talk(script) == str(carrier)


def test_a_choice_for_another_address_is_none() -> None:
    async def script(caller: Caller) -> str:
        option = f'{{"999":"{FAST},"}}'
        ids = await caller.ready(carrier=None, delivery_option=option)
        return (await caller.one("orders", await caller.ordered(ids)))["id_carrier"]

    assert talk(script) == str(COLLECT)


def test_a_carrier_that_was_edited_is_no_longer_offered_under_its_old_number() -> None:
    async def script(caller: Caller) -> list[Any]:
        edited = (await caller.control(f"carriers/{FAST}/edit")).json()
        (row,) = await caller.listed(
            "carriers", **{"filter[id_reference]": str(FAST), "filter[deleted]": "0", "filter[active]": "1"}
        )
        ids = await caller.ready(carrier=f"{FAST},")
        return [edited["id"] == row["id"], (await caller.one("orders", await caller.ordered(ids)))["id_carrier"]]

    assert talk(script) == [True, str(COLLECT)]


def test_a_carrier_goes_where_it_has_a_price() -> None:
    async def script(caller: Caller) -> str:
        ids = await caller.ready(carrier=f"{COLLECT},", address={"id_country": 176, "postcode": "97410"})
        return (await caller.one("orders", await caller.ordered(ids)))["id_carrier"]

    assert talk(script) == str(MARKETPLACE_CARRIER)


def test_combination_zero_of_a_product_with_combinations_lowers_the_sum_alone() -> None:
    async def script(caller: Caller) -> list[int]:
        product, _ = await caller.found(COMBINED_SKU)

        async def shelves() -> list[int]:
            rows = await caller.listed("stock_availables", **{"filter[id_product]": str(product)})
            return [int(row["quantity"]) for row in rows]

        before = await shelves()
        customer = await caller.customer()
        address = await caller.address(customer)
        cart = await caller.cart(customer, address, [(product, 0, 2)])
        await caller.ordered(Ids(customer, address, cart))
        return [one - other for one, other in zip(before, await shelves(), strict=True)]

    assert talk(script) == [2, 0, 0]
