"""What happens to an order, its stock, its money and its buyer as it goes from state to state."""

from typing import Any

import pytest

from tests.sandbox.prestashop.caller import (
    CANCELED,
    DELIVERED,
    ENTRY,
    ERROR,
    PAID,
    PREPARED,
    REFUNDED,
    SHIPPED,
    Caller,
    an_object,
    talk,
)

TOTAL = "32.98"


async def after(caller: Caller, *states: int) -> int:
    """Order one unit and go through the states; return how many units are missing then."""
    before = await caller.stock()
    order = await caller.ordered(await caller.ready())
    for state in states:
        await caller.enter(order, state)
    return before - await caller.stock()


@pytest.mark.parametrize(
    ("states", "missing"),
    [
        ((), 1),
        ((PAID,), 1),
        ((CANCELED,), 0),
        ((ERROR,), 0),
        ((PAID, SHIPPED, DELIVERED, CANCELED), 0),
        ((PAID, REFUNDED), 1),
        ((CANCELED, CANCELED), 0),
        ((CANCELED, ERROR), 0),
        ((CANCELED, PAID), 1),
        ((CANCELED, ENTRY), 0),
    ],
)
def test_canceled_and_error_give_the_stock_back(states: tuple[int, ...], missing: int) -> None:
    async def script(caller: Caller) -> int:
        return await after(caller, *states)

    assert talk(script) == missing


def test_a_history_sends_no_mail_without_sendemail() -> None:
    async def script(caller: Caller) -> list[list[str]]:
        order = await caller.ordered(await caller.ready())
        await caller.enter(order, PAID)
        await caller.enter(order, PREPARED, "?sendemail=0")
        silent = (await caller.seen(order))["mails"]
        await caller.enter(order, SHIPPED, "?sendemail=1")
        return [silent, (await caller.seen(order))["mails"]]

    assert talk(script) == [["order_conf"], ["order_conf", "shipped"]]


def test_a_state_without_a_mail_sends_none() -> None:
    async def script(caller: Caller) -> list[str]:
        order = await caller.ordered(await caller.ready())
        await caller.enter(order, DELIVERED, "?sendemail=1")
        mails: list[str] = (await caller.seen(order))["mails"]
        return mails

    assert talk(script) == ["order_conf"]


def test_the_same_state_twice_is_two_lines() -> None:
    async def script(caller: Caller) -> Any:
        order = await caller.ordered(await caller.ready())
        await caller.enter(order, PAID)
        await caller.enter(order, PAID)
        return (await caller.seen(order))["history"]

    assert talk(script) == [ENTRY, PAID, PAID]


def test_a_state_in_a_patch_always_mails() -> None:
    async def script(caller: Caller) -> Any:
        order = await caller.ordered(await caller.ready())
        await caller.patch("orders", "order", order, current_state=PREPARED)
        await caller.patch("orders", "order", order, current_state=PREPARED)
        return await caller.seen(order)

    seen = talk(script)

    assert (seen["history"], seen["mails"]) == ([ENTRY, PREPARED], ["order_conf", "preparation"])


def test_older_shops_repeat_the_state_and_the_mail_with_each_put() -> None:
    async def script(caller: Caller) -> Any:
        order = await caller.ordered(await caller.ready())
        await caller.switch(version="1.7.8.11")
        whole = await caller.one("orders", order)
        for _ in range(2):
            await caller.ask("PUT", f"orders/{order}", an_object("order", "", **{**whole, "current_state": PREPARED}))
        return await caller.seen(order)

    seen = talk(script)

    assert (seen["history"], seen["mails"]) == ([ENTRY, PREPARED, PREPARED], ["order_conf", *["preparation"] * 2])


def test_a_paid_order_has_an_invoice_and_one_payment_of_its_patched_total() -> None:
    async def script(caller: Caller) -> Any:
        order = await caller.ordered(await caller.ready(quantity=2))
        totals = dict.fromkeys(("total_paid", "total_paid_tax_incl"), "36.48")
        await caller.patch("orders", "order", order, total_shipping="3.50", **totals)
        await caller.enter(order, PAID)
        return await caller.seen(order)

    seen = talk(script)

    assert (seen["total_paid_real"], seen["invoices"]) == ("36.480000", [1])
    assert seen["payments"] == [{"amount": "36.480000", "method": "Transfert bancaire", "transaction": ""}]


def test_an_error_that_becomes_paid_is_paid_twice() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(variant="A")
        before = await caller.stock()
        order = await caller.ordered(await caller.ready(quantity=2), "10.00")
        await caller.enter(order, PAID)
        return [await caller.seen(order), before - await caller.stock()]

    seen, sold = talk(script)

    assert ([each["amount"] for each in seen["payments"]], seen["total_paid_real"], sold) == (
        ["10.000000", f"{TOTAL}0000"],
        "42.980000",
        2,
    )


def test_payments_and_invoices_can_be_patched() -> None:
    async def script(caller: Caller) -> Any:
        order = await caller.ordered(await caller.ready(quantity=2))
        await caller.enter(order, PAID)
        await caller.patch("order_payments", "order_payment", 1, payment_method="Rakuten", transaction_id="R-1")
        await caller.patch("order_invoices", "order_invoice", 1, total_shipping_tax_incl="3.50")
        return [(await caller.seen(order))["payments"], await caller.one("order_invoices", 1)]

    payments, invoice = talk(script)

    assert payments == [{"amount": f"{TOTAL}0000", "method": "Rakuten", "transaction": "R-1"}]
    assert invoice["total_shipping_tax_incl"] == "3.500000"


def test_a_tracking_number_moves_no_date() -> None:
    async def script(caller: Caller) -> list[str]:
        order = await caller.ordered(await caller.ready())
        await caller.wait(60)
        await caller.patch("order_carriers", "order_carrier", 1, tracking_number="6A1")
        first = await caller.one("orders", order)
        await caller.patch("orders", "order", order, shipping_number="6A2")
        second = await caller.one("orders", order)
        row = await caller.one("order_carriers", 1)
        return [first["date_upd"], first["shipping_number"], second["date_upd"], row["tracking_number"]]

    assert talk(script) == ["2026-03-02 13:00:00", "6A1", "2026-03-02 13:01:00", "6A2"]


@pytest.mark.parametrize(("carrier", "mails"), [(2, ["order_conf", "in_transit"]), (3, ["order_conf"])])
def test_a_number_is_mailed_to_the_buyer_if_the_carrier_has_an_address(carrier: int, mails: list[str]) -> None:
    async def script(caller: Caller) -> Any:
        order = await caller.ordered(await caller.ready(carrier=f"{carrier},"))
        await caller.patch("order_carriers", "order_carrier", 1, query="?sendemail=1", tracking_number="6A1")
        return (await caller.seen(order))["mails"]

    assert talk(script) == mails


def test_a_new_state_moves_the_date() -> None:
    async def script(caller: Caller) -> str:
        order = await caller.ordered(await caller.ready())
        await caller.wait(3600)
        await caller.enter(order, PREPARED)
        return (await caller.one("orders", order))["date_upd"]

    assert talk(script) == "2026-03-02 14:00:00"


@pytest.mark.parametrize(("order", "state"), [(99, PAID), (1, 99)])
def test_a_history_of_what_does_not_exist_kills_the_program(order: int, state: int) -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.ordered(await caller.ready())
        answer = await caller.post("order_histories", "order_history", id_order=order, id_order_state=state)
        return [answer.status_code, answer.content]

    assert talk(script) == [500, b""]


def test_a_put_without_the_state_loses_it() -> None:
    async def script(caller: Caller) -> str:
        order = await caller.ordered(await caller.ready())
        whole = await caller.one("orders", order)
        del whole["current_state"]
        await caller.ask("PUT", f"orders/{order}", an_object("order", "", **whole))
        return (await caller.one("orders", order))["current_state"]

    assert talk(script) == "0"


def test_a_put_that_is_refused_after_the_state_has_changed_it_all_the_same() -> None:
    async def script(caller: Caller) -> list[Any]:
        order = await caller.ordered(await caller.ready())
        whole = {**await caller.one("orders", order), "current_state": CANCELED}
        del whole["payment"]
        answer = await caller.ask("PUT", f"orders/{order}", an_object("order", "", **whole))
        return [answer.status_code, (await caller.seen(order))["state"]]

    assert talk(script) == [400, CANCELED]
