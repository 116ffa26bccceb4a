from typing import Any

import pytest

from tests.sandbox.client import Remote, talk


async def made(remote: Remote, **body: Any) -> dict[str, Any]:
    (order_id,) = await remote.make(**body)
    return await remote.order(order_id)


def order_of(**body: Any) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        return await made(remote, **body)

    return talk(script)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", "STAGING"),
        ("to_accept", "WAITING_ACCEPTANCE"),
        ("accepted", "WAITING_DEBIT_PAYMENT"),
        ("to_ship", "SHIPPING"),
        ("shipped", "SHIPPED"),
        ("cancelled", "CANCELED"),
        ("WAITING_DEBIT", "WAITING_DEBIT"),
        ("RECEIVED", "RECEIVED"),
    ],
)
@pytest.mark.parametrize("age", ["1m", "30d"])
def test_an_order_has_the_state_that_was_asked_for(word: str, state: str, age: str) -> None:
    assert order_of(state=word, age=age, payment_delay_s=600)["order_state"] == state


def test_an_age_is_the_time_since_creation() -> None:
    assert order_of(age="3h")["created_date"] == "2026-03-02T09:00:00Z"


def test_an_old_order_comes_into_sight_by_an_update() -> None:
    assert order_of(age="3h")["last_updated_date"] == "2026-03-02T12:00:00Z"


def test_a_silent_order_does_not() -> None:
    assert order_of(age="3h", silent=True)["last_updated_date"] == "2026-03-02T09:00:00Z"


def test_a_late_order_is_not_there_before_its_time() -> None:
    async def script(remote: Remote) -> list[int]:
        await remote.make(age="1h", late_visible_s=3600)
        before = (await remote.list())["total_count"]
        await remote.wait(3600)
        return [before, (await remote.list())["total_count"]]

    assert talk(script) == [0, 1]


def test_a_late_order_has_its_older_creation_date() -> None:
    async def script(remote: Remote) -> tuple[str, str]:
        await remote.make(age="1h", late_visible_s=3600)
        await remote.wait(7200)
        (order,) = (await remote.list())["orders"]
        return order["created_date"], order["last_updated_date"]

    assert talk(script) == ("2026-03-02T11:00:00Z", "2026-03-02T13:00:00Z")


def test_an_order_sells_what_was_asked() -> None:
    (line,) = order_of(sku="LAMPE-BUREAU-001", quantity=4)["order_lines"]

    assert (line["offer_sku"], line["quantity"]) == ("LAMPE-BUREAU-001", 4)


def test_an_order_has_the_lines_that_were_asked() -> None:
    assert len(order_of(lines=5)["order_lines"]) == 5


def test_a_new_order_takes_its_stock() -> None:
    async def script(remote: Remote) -> list[int]:
        before = (await remote.state())["offers"]["LAMPE-BUREAU-001"]["quantity"]
        await remote.make(sku="LAMPE-BUREAU-001", quantity=1)
        return [before, (await remote.state())["offers"]["LAMPE-BUREAU-001"]["quantity"]]

    before, after = talk(script)

    assert after == before - 1


def test_every_order_sells_skus_of_the_catalogue() -> None:
    async def script(remote: Remote) -> tuple[set[str], set[str]]:
        await remote.make(count=100)
        orders = (await remote.list(max=100))["orders"]
        catalogue = (await remote.http.get("/_control/catalog")).json()
        return {line["offer_sku"] for order in orders for line in order["order_lines"]}, {
            row["sku"] for row in catalogue
        }

    sold, sellable = talk(script)

    assert sold <= sellable


def test_payments_are_sometimes_late_and_sometimes_refused_by_themselves() -> None:
    async def script(remote: Remote) -> set[str]:
        ids = (await remote.control("mirakl/orders", count=200, lines=1)).json()["ids"]
        for order_id in ids:
            await remote.decide(order_id, True)
        await remote.wait(3600)
        return set((await remote.state())["orders_by_state"])

    assert talk(script) == {"SHIPPING", "WAITING_DEBIT_PAYMENT", "CANCELED"}


def test_an_unknown_sku_is_not_in_the_catalogue() -> None:
    assert order_of(shape="unknown_sku")["order_lines"][0]["offer_sku"].startswith("NOT-IN-CATALOGUE")


def test_one_sku_can_be_on_two_lines() -> None:
    first, second = order_of(shape="same_sku_twice", lines=2)["order_lines"]

    assert first["offer_sku"] == second["offer_sku"]


def test_a_line_can_be_free() -> None:
    assert order_of(shape="zero_price", lines=2)["order_lines"][-1]["price"] == 0


def test_an_order_can_have_no_lines() -> None:
    assert order_of(shape="zero_lines")["order_lines"] == []


@pytest.mark.parametrize(
    ("body", "currency"), [({}, "EUR"), ({"shape": "foreign_currency"}, "SEK"), ({"currency": "GBP"}, "GBP")]
)
def test_the_currency_is_the_one_asked_for(body: dict[str, str], currency: str) -> None:
    assert order_of(**body)["currency_iso_code"] == currency
