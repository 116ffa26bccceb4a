import csv
import io
from typing import Any

import httpx
import pytest

from tests.sandbox.client import Remote, talk


def test_orders_are_made_and_named() -> None:
    async def script(remote: Remote) -> tuple[list[str], dict[str, Any]]:
        return await remote.make(count=3), await remote.state()

    ids, state = talk(script)

    assert [order["id"] for order in state["orders"]] == ids


def test_one_seed_gives_one_catalogue_and_the_same_orders() -> None:
    async def script(remote: Remote) -> dict[str, Any]:
        await remote.make(count=20, age="3h")
        await remote.make(count=5, state="to_ship", shape="odd_text")
        return await remote.list(max=100)

    assert talk(script, seed=4) == talk(script, seed=4)


def test_another_seed_gives_other_orders() -> None:
    async def script(remote: Remote) -> list[Any]:
        await remote.make(count=5)
        return [order["total"] for order in (await remote.state())["orders"]]

    assert talk(script, seed=1) != talk(script, seed=2)


def test_a_reset_leaves_nothing_behind_but_the_keys() -> None:
    async def script(remote: Remote) -> tuple[Any, Any, int]:
        await remote.make(count=3)
        await remote.control("mirakl/faults", kind="http_500")
        await remote.wait(3600)
        clock = (await remote.control("reset", seed=2, speed=1)).json()
        return clock, (await remote.state())["orders"], (await remote.get("account")).status_code

    assert talk(script) == ({"seed": 2, "now": "2026-03-02T12:00:00Z", "offset_s": 0.0, "speed": 1.0}, [], 200)


def test_the_catalogue_comes_as_csv_with_the_columns_of_a_shop() -> None:
    async def script(remote: Remote) -> tuple[str, list[dict[str, Any]]]:
        return (
            (await remote.http.get("/_control/catalog", params={"format": "csv"})).text,
            (await remote.http.get("/_control/catalog")).json(),
        )

    page, rows = talk(script)

    assert list(csv.DictReader(io.StringIO(page))) == [{key: str(value) for key, value in row.items()} for row in rows]


def test_credentials_name_the_host_that_was_asked() -> None:
    async def script(remote: Remote) -> Any:
        return (await remote.http.get("/_control/credentials")).json()["mirakl"]["settings"]

    assert talk(script) == {"base_url": "http://sandbox.example/mirakl", "shop_id": 2001}


@pytest.mark.parametrize(
    ("path", "body", "allowed"),
    [
        ("mirakl/orders", {"state": "lost"}, "to_accept"),
        ("mirakl/orders", {"shape": "round"}, "same_sku_twice"),
        ("mirakl/orders", {"age": "soon"}, "90m"),
        ("mirakl/orders", {"count": 0}, "greater than or equal to 1"),
        ("mirakl/orders", {"sku": "NOBODY"}, "/_control/catalog"),
        ("mirakl/orders", {"colour": "red"}, "late_visible_s"),
        ("mirakl/switches", {"shop_state": "ASLEEP"}, "SUSPENDED"),
        ("clock", {"advance_s": -1}, "greater than or equal to 0"),
        ("reset", {"speed": 0}, "greater than 0"),
    ],
)
def test_bad_input_is_refused_with_what_is_allowed(path: str, body: dict[str, Any], allowed: str) -> None:
    async def script(remote: Remote) -> httpx.Response:
        return await remote.control(path, **body)

    answer = talk(script)

    assert answer.status_code == 422
    assert allowed in answer.json()["detail"]


@pytest.mark.parametrize("path", ["nowhere/orders", "mirakl/orders/SBX-0"])
def test_what_does_not_exist_is_a_404(path: str) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.control(path, state="to_ship")).status_code

    assert talk(script) == 404


def test_the_accounts_are_apart() -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        await remote.make("mirakl-two", count=2)
        return len((await remote.state())["orders"]), len((await remote.state("mirakl-two"))["orders"])

    assert talk(script) == (0, 2)
