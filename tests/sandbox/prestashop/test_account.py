"""The shop from the control API: how it is reached, set up, worked by its merchant, and looked at."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.sandbox.prestashop.caller import COMBINED_SKU, PAID, PLAIN_SKU, SHIPPED, Caller, codes, talk


def test_credentials_name_the_shop_apart_from_the_accounts() -> None:
    async def script(caller: Caller) -> Any:
        return (await caller.http.get("/_control/credentials")).json()

    credentials = talk(script)

    shop = credentials["shops"]["prestashop"]
    assert (shop["kind"], shop["settings"]) == ("prestashop", {"url": "http://sandbox.example/prestashop"})
    assert len(shop["secrets"]["key"]) == 32
    assert "prestashop" not in credentials


def test_a_reset_keeps_the_key_and_forgets_the_rest() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.ordered(await caller.ready())
        await caller.switch(webservice=False)
        await caller.http.post("/_control/reset", json={})
        state = await caller.state()
        return [(await caller.get("orders")).status_code, state["orders"], state["customers"]]

    assert talk(script) == [200, [], []]


def test_an_unknown_switch_is_refused_with_the_list() -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.control("switches", hold_order="door")

    answer = talk(script)

    assert answer.status_code == 422
    assert "hold_orders" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"version": "1.5"}, "1.7.8.11"),
        ({"timezone": "Mars/Phobos"}, "Europe/Paris"),
        ({"denied": {"orderz": ["GET"]}}, "orders"),
        ({"group_reductions": {"9": 10}}, "1, 2 and 3"),
        ({"ecotax": {"NOBODY": "1"}}, "/_control/catalog"),
        ({"inactive_countries": ["France"]}, "^[A-Z]{2}$"),
    ],
)
def test_a_switch_that_can_not_be_set_is_refused_and_changes_nothing(body: dict[str, Any], word: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        before = (await caller.state())["switches"]
        answer = await caller.control("switches", **body)
        return [answer.status_code, answer.json()["detail"], before == (await caller.state())["switches"]]

    status, detail, same = talk(script)

    assert (status, same) == (422, True)
    assert word in detail


def test_the_shop_sells_the_catalogue() -> None:
    async def script(caller: Caller) -> list[Any]:
        catalogue = (await caller.http.get("/_control/catalog")).json()
        return [catalogue, (await caller.state())["stock"]]

    catalogue, stock = talk(script)

    assert {row["sku"]: stock.get(row["sku"]) for row in catalogue} == {
        row["sku"]: row["quantity"] for row in catalogue
    }


def test_its_prices_with_tax_are_the_catalogues() -> None:
    async def script(caller: Caller) -> list[dict[str, str]]:
        price = {"price[p][use_tax]": "1", "price[p][decimals]": "2"}
        rows = await caller.listed("products", display="[reference,p]", **price)
        rows += await caller.listed("combinations", display="[reference,p]", **price)
        catalogue = (await caller.http.get("/_control/catalog")).json()
        return [{row["reference"]: row["p"][:-4] for row in rows}, {row["sku"]: row["price"] for row in catalogue}]

    answered, catalogue = talk(script)

    assert {sku: answered[sku] for sku in catalogue} == catalogue


def test_it_takes_three_rates_of_tax() -> None:
    async def script(caller: Caller) -> set[str]:
        return {row["id_tax_rules_group"] for row in await caller.listed("products", display="[id_tax_rules_group]")}

    assert talk(script) == {"1", "2", "3"}


def test_stock_prices_and_products_are_changed_by_sku() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.control("offers", sku=COMBINED_SKU, quantity=4, price="60.00", active=False)
        product, combination = await caller.found(COMBINED_SKU)
        price = {"price[p][use_tax]": "1", "price[p][decimals]": "2", "filter[id]": f"[{combination}]"}
        (row,) = await caller.listed("combinations", display="[p]", **price)
        return [await caller.stock(COMBINED_SKU), row["p"], (await caller.one("products", product))["active"]]

    assert talk(script) == [4, "60.000000", "0"]


@pytest.mark.parametrize(("body", "status"), [({}, 422), ({"sku": "NOBODY", "quantity": 1}, 404)])
def test_goods_that_can_not_be_changed_are_refused(body: dict[str, Any], status: int) -> None:
    async def script(caller: Caller) -> int:
        return (await caller.control("offers", **body)).status_code

    assert talk(script) == status


def test_the_large_range_comes_on_sale_once() -> None:
    async def script(caller: Caller) -> list[Any]:
        first = (await caller.control("offers", count=100)).json()
        second = (await caller.control("offers", count=150)).json()
        return [first["products"], second["products"], "RANGE-000150" in (await caller.state())["stock"]]

    assert talk(script) == [160, 210, True]


def test_stock_is_read_page_by_page() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.control("offers", count=3000)
        rows = {"display": "[id]", "sort": "[id_ASC]", "output_format": "JSON"}
        pages = [await caller.listed("stock_availables", limit=f"{offset},2000", **rows) for offset in (0, 2000, 4000)]
        found = [row["id"] for page in pages for row in page]
        return [len(found), len(set(found)), int(found == sorted(found))]

    count, different, in_order = talk(script)

    assert (count == different, in_order) == (True, 1)
    assert count > 3000


def test_the_merchant_ships() -> None:
    async def script(caller: Caller) -> list[Any]:
        order = await caller.ordered(await caller.ready())
        await caller.control(f"orders/{order}/ship", tracking="6A123", carrier=2)
        row = await caller.one("orders", order)
        return [await caller.seen(order), row["id_carrier"]]

    seen, carrier = talk(script)

    assert (seen["state"], seen["carriers"], carrier) == (SHIPPED, [{"carrier": 2, "tracking": "6A123"}], "2")
    assert seen["mails"] == ["order_conf", "shipped"]


def test_a_number_typed_in_later_moves_no_date_but_in_older_shops() -> None:
    async def script(caller: Caller) -> list[Any]:
        order = await caller.ordered(await caller.ready())
        await caller.wait(60)
        await caller.control(f"orders/{order}/track", tracking="6A1")
        first = await caller.one("orders", order)
        await caller.switch(version="1.7.8.11")
        await caller.control(f"orders/{order}/track", tracking="6A2")
        second = await caller.one("orders", order)
        return [first["date_upd"], second["date_upd"], second["shipping_number"]]

    assert talk(script) == ["2026-03-02 13:00:00", "2026-03-02 13:01:00", "6A2"]


def test_the_merchant_cancels_and_deletes() -> None:
    async def script(caller: Caller) -> list[Any]:
        before = await caller.stock()
        canceled, deleted, moved = [await caller.ordered(await caller.ready()) for _ in range(3)]
        await caller.control(f"orders/{canceled}/cancel")
        await caller.control(f"orders/{deleted}/delete")
        await caller.control(f"orders/{moved}/state", state=PAID)
        state = await caller.state()
        return [state["orders_by_state"], before - state["stock"][PLAIN_SKU]]

    assert talk(script) == [{"6": 1, "2": 1}, 2]


@pytest.mark.parametrize("path", ["orders/9/ship", "orders/1/burn", "things/1/ship"])
def test_what_the_merchant_can_not_do_is_a_404(path: str) -> None:
    async def script(caller: Caller) -> int:
        await caller.ordered(await caller.ready())
        return (await caller.control(path)).status_code

    assert talk(script) == 404


def test_buyers_order_in_the_shop_itself() -> None:
    async def script(caller: Caller) -> list[Any]:
        made = (await caller.control("orders", count=3, age="2d")).json()["ids"]
        rows = await caller.listed("orders", sort="[id_ASC]")
        return [made, [(row["current_state"], row["gift_message"], row["date_upd"]) for row in rows]]

    made, rows = talk(script)

    assert made == ["1", "2", "3"]
    assert rows == [("10", "", f"2026-02-28 13:0{minute}:00") for minute in range(3)]


def test_calls_and_writes_are_counted() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.customer()
        await caller.post("customers", "customer", email="nobody")
        await caller.get("orders")
        state = await caller.state()
        return [state["calls"], state["writes"]]

    assert talk(script) == [{"customers": {"POST": 2}, "orders": {"GET": 1}}, {"customers": {"POST": 1}}]


@pytest.mark.parametrize(
    ("kind", "status", "orders"),
    [("http_500", 500, 0), ("http_503", 503, 0), ("http_429", 429, 0), ("malformed", 200, 0), ("truncate", 200, 0)],
)
def test_a_fault_is_met_instead_of_the_shop(kind: str, status: int, orders: int) -> None:
    async def script(caller: Caller) -> list[int]:
        ids = await caller.ready()
        await caller.control("faults", kind=kind, operation="POST orders", count=1)
        answer = await caller.order(ids)
        return [answer.status_code, len((await caller.state())["orders"])]

    assert talk(script) == [status, orders]


@pytest.mark.parametrize("how", ["http_500", "reset", "timeout"])
def test_an_answer_that_is_lost_leaves_the_order(how: str) -> None:
    async def script(caller: Caller) -> int:
        ids = await caller.ready()
        await caller.control("faults", kind="lost_ack", answer=how, operation="POST orders")
        with contextlib.suppress(httpx.TransportError):
            await caller.order(ids)
        return len((await caller.state())["orders"])

    assert talk(script) == 1


@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_silence_and_cuts_are_transport_errors(kind: str) -> None:
    async def script(caller: Caller) -> None:
        await caller.control("faults", kind=kind)
        with pytest.raises(httpx.TransportError):
            await caller.get("orders")

    talk(script)


def test_faults_are_taken_away() -> None:
    async def script(caller: Caller) -> int:
        await caller.control("faults", kind="http_500")
        await caller.http.delete("/_control/prestashop/faults")
        return (await caller.get("orders")).status_code

    assert talk(script) == 200


def test_a_slow_answer_is_the_true_one() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.control("faults", kind="slow", delay_s=0)
        return codes(await caller.get("orders", display="[id]"))

    assert talk(script) == []


def test_the_same_hour_comes_twice_in_autumn() -> None:
    async def script(caller: Caller) -> list[str]:
        summer = await caller.one("customers", await caller.customer())
        await caller.wait(3600)
        winter = await caller.one("customers", await caller.customer())
        return [summer["date_add"], winter["date_add"]]

    assert talk(script, now=datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == ["2026-10-25 02:30:00"] * 2
