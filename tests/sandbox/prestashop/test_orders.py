"""What becomes of the POST of an order."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.sandbox.prestashop.caller import (
    CANCELED,
    COMBINED_SKU,
    ENTRY,
    ERROR,
    PLAIN_SKU,
    REMOTE,
    Caller,
    Ids,
    fields,
    talk,
)

REFUSED = "Le panier ne peut être chargé ou une commande a déjà été réalisée avec ce panier"
# Two units of the first article.
TOTAL = "32.98"


async def refused(caller: Caller, ids: Ids, **values: Any) -> list[Any]:
    """Order, and return the status, the body and how many orders there are."""
    answer = await caller.order(ids, **values)
    return [answer.status_code, answer.text, len((await caller.state())["orders"])]


def test_the_answer_is_not_the_order() -> None:
    async def script(caller: Caller) -> list[dict[str, str]]:
        answer = await caller.order(await caller.ready(quantity=2), "1.00", current_state=2, note="ours")
        echo = fields(answer)
        return [echo, await caller.one("orders", int(echo["id"]))]

    echo, kept = talk(script)

    assert (echo["total_paid"], echo["current_state"], echo["reference"], echo["note"]) == ("1.00", "", "", "ours")
    assert (kept["total_paid"], kept["current_state"], kept["note"]) == (f"{TOTAL}0000", str(ENTRY), "")
    assert len(kept["reference"]) == 9


def test_it_bears_the_carts_key() -> None:
    async def script(caller: Caller) -> list[Any]:
        order = await caller.ordered(await caller.ready(gift_message="mkp:demo:7"))
        by_key = await caller.listed("orders", display="[id]", **{"filter[gift_message]": "[mkp:demo:7]"})
        return [order == by_key[0]["id"], (await caller.seen(order))["key"]]

    assert talk(script) == [True, "mkp:demo:7"]


def test_a_state_that_does_not_count_takes_any_total() -> None:
    async def script(caller: Caller) -> Any:
        return await caller.seen(await caller.ordered(await caller.ready(quantity=2), "1.00"))

    seen = talk(script)

    assert (seen["state"], seen["total_paid"], seen["payments"], seen["invoices"]) == (ENTRY, f"{TOTAL}0000", [], [])
    assert seen["mails"] == ["order_conf"]


def test_a_state_that_counts_takes_the_right_total() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(variant="A")
        before = await caller.stock()
        seen = await caller.seen(await caller.ordered(await caller.ready(quantity=2), TOTAL))
        return [seen, before - await caller.stock()]

    seen, sold = talk(script)

    assert (seen["state"], seen["total_paid_real"], seen["invoices"], sold) == (REMOTE, f"{TOTAL}0000", [1], 2)
    assert seen["payments"] == [{"amount": f"{TOTAL}0000", "method": "Marketplace", "transaction": ""}]
    assert seen["mails"] == ["payment", "order_conf"]


def test_one_cent_makes_it_an_error_that_the_buyer_hears_of() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(variant="A")
        before = await caller.stock()
        seen = await caller.seen(await caller.ordered(await caller.ready(quantity=2), "32.97"))
        return [seen, before - await caller.stock()]

    seen, sold = talk(script)

    assert (seen["state"], seen["total_paid_real"], seen["invoices"], sold) == (ERROR, "32.970000", [], 0)
    assert seen["mails"] == ["payment_error"]


def test_the_same_cart_twice_is_refused_in_one_sentence() -> None:
    async def script(caller: Caller) -> list[Any]:
        ids = await caller.ready()
        await caller.ordered(ids)
        return await refused(caller, ids)

    assert talk(script) == [500, REFUSED, 1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"module": "nosuchmodule"}, ""),
        ({"module": "ps_banner"}, ""),
        ({"id_cart": 99}, REFUSED),
        ({"id_customer": 99}, "Error processing order. Secure key does not match."),
    ],
)
def test_what_the_program_trips_over_leaves_no_order(changes: dict[str, Any], sentence: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        return await refused(caller, await caller.ready(), **changes)

    assert talk(script) == [500, sentence, 0]


def test_version_nine_dies_in_silence() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(version="9.0.0")
        ids = await caller.ready()
        await caller.ordered(ids)
        return await refused(caller, ids)

    assert talk(script) == [500, "", 1]


def test_another_customers_key_does_not_match() -> None:
    async def script(caller: Caller) -> list[Any]:
        other = await caller.customer()
        return await refused(caller, await caller.ready(), id_customer=other)

    assert talk(script) == [500, "Error processing order. Secure key does not match.", 0]


def test_a_country_that_is_closed_kills_the_order() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(inactive_countries=["BE"])
        return await refused(caller, await caller.ready(address={"id_country": 3}))

    assert talk(script) == [500, "", 0]


def test_a_cart_of_nothing_that_exists_kills_the_order() -> None:
    async def script(caller: Caller) -> list[Any]:
        customer = await caller.customer()
        address = await caller.address(customer)
        return await refused(caller, Ids(customer, address, await caller.cart(customer, address, [(9999, 0, 1)])))

    assert talk(script) == [500, "", 0]


def test_units_that_are_not_in_stock_are_sold() -> None:
    async def script(caller: Caller) -> int:
        await caller.control("offers", sku=PLAIN_SKU, quantity=3)
        await caller.ordered(await caller.ready(quantity=5))
        return await caller.stock()

    assert talk(script) == -2


def test_a_sold_out_order_may_wait_for_supplies() -> None:
    async def script(caller: Caller) -> Any:
        await caller.switch(variant="A", backorder_status=True)
        await caller.control("offers", sku=PLAIN_SKU, quantity=1)
        return await caller.seen(await caller.ordered(await caller.ready(quantity=2), TOTAL))

    seen = talk(script)

    assert (seen["history"], seen["mails"]) == ([REMOTE, 9], ["payment", "outofstock", "order_conf"])


def test_a_combination_and_the_sum_are_lowered() -> None:
    async def script(caller: Caller) -> list[int]:
        product, _ = await caller.found(COMBINED_SKU)
        rows = {"filter[id_product]": str(product)}
        before = [int(row["quantity"]) for row in await caller.listed("stock_availables", **rows)]
        await caller.ordered(await caller.ready(sku=COMBINED_SKU, quantity=2))
        after = [int(row["quantity"]) for row in await caller.listed("stock_availables", **rows)]
        return [one - other for one, other in zip(before, after, strict=True)]

    assert talk(script) == [2, 2, 0]


def test_a_shop_without_stock_keeping_lowers_nothing() -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(stock_management=False)
        before = await caller.stock()
        await caller.ordered(await caller.ready())
        return before - await caller.stock()

    assert talk(script) == 0


def test_its_lines_say_what_was_sold() -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        order = await caller.ordered(await caller.ready(sku=COMBINED_SKU, quantity=2))
        (row,) = await caller.listed("order_details", **{"filter[id_order]": str(order)})
        return row

    row = talk(script)

    assert row["product_reference"] == COMBINED_SKU
    assert row["product_name"].endswith("(Finition : Mat)")
    assert Decimal(row["total_price_tax_incl"]) == 2 * Decimal(row["unit_price_tax_incl"])


def test_a_fatal_error_leaves_half_an_order() -> None:
    async def script(caller: Caller) -> list[Any]:
        before = await caller.stock()
        await caller.switch(half_orders=1)
        ids = await caller.ready()
        fatal_error = await caller.order(ids)
        add_twin = await caller.order(ids)
        (half,) = (await caller.state())["orders"]
        return [fatal_error.status_code, fatal_error.content, add_twin.text, half, before - await caller.stock()]

    status, body, add_twin, half, sold = talk(script)

    assert (status, body, add_twin, sold) == (500, b"", REFUSED, 1)
    assert (half["state"], half["history"], half["payments"], len(half["rows"])) == (0, [], [], 1)


def test_a_shop_under_load_may_lose_a_line_while_the_total_stays() -> None:
    async def script(caller: Caller) -> Any:
        await caller.switch(lost_rows=1)
        return await caller.seen(await caller.ordered(await caller.ready(quantity=2)))

    seen = talk(script)

    assert (seen["rows"], seen["total_paid"]) == ([], f"{TOTAL}0000")


def test_a_product_that_is_not_active_is_sold_even_so() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(inactive_skus=[PLAIN_SKU])
        (row,) = await caller.listed("products", **{"filter[reference]": f"[{PLAIN_SKU}]"})
        return [row["active"], (await caller.order(await caller.ready())).status_code]

    assert talk(script) == ["0", 201]


def test_an_order_that_was_deleted_leaves_its_rows_and_gives_nothing_back() -> None:
    async def script(caller: Caller) -> list[Any]:
        order = await caller.ordered(await caller.ready())
        before = await caller.stock()
        answer = await caller.ask("DELETE", f"orders/{order}")
        rows = await caller.listed("order_details", **{"filter[id_order]": str(order)})
        return [answer.status_code, len(rows), await caller.stock() - before]

    assert talk(script) == [200, 1, 0]


def test_the_reference_of_an_order_ties_its_payments() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(variant="A")
        order = await caller.ordered(await caller.ready(quantity=2), TOTAL)
        before = len((await caller.seen(order))["payments"])
        await caller.patch("orders", "order", order, reference="MARKET123")
        return [before, len((await caller.seen(order))["payments"])]

    assert talk(script) == [1, 0]


@pytest.mark.parametrize("field", ["module", "id_cart", "total_paid", "payment", "conversion_rate"])
def test_an_order_without_a_required_field_is_refused(field: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        ids = await caller.ready()
        return await caller.order(ids, **{field: ""})

    assert talk(script).status_code == 400


def test_a_canceled_order_stays_ordered() -> None:
    async def script(caller: Caller) -> list[Any]:
        ids = await caller.ready()
        await caller.enter(await caller.ordered(ids), CANCELED)
        return await refused(caller, ids)

    assert talk(script) == [500, REFUSED, 1]
