from typing import Any

import pytest

from tests.sandbox.amazon.caller import Caller, talk


def test_the_credentials_hold_all_it_takes_to_reach_the_account() -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        found: dict[str, Any] = (await caller.http.get("/_control/credentials")).json()
        return {name: found[name] for name in ("amazon", "amazon-two")}

    found = talk(script)

    first, second = found.values()
    assert first["platform"] == second["platform"] == "amazon"
    assert first["settings"]["base_url"] == "http://sandbox.example/amazon"
    assert first["settings"]["region"] == "EU"
    assert first["settings"]["marketplaces"] == ["FR", "DE", "IT", "ES", "BE", "NL", "UK"]
    assert first["secrets"].keys() == {"client_secret", "refresh_token"}
    assert first["settings"]["client_id"] == second["settings"]["client_id"]
    assert first["settings"]["seller_id"] != second["settings"]["seller_id"]
    assert first["secrets"]["refresh_token"] != second["secrets"]["refresh_token"]


def test_the_state_holds_what_a_test_compares_with() -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        await caller.make(3, store="FR")
        await caller.make(2, state="shipped", fulfilment="marketplace")
        return await caller.state()

    state = talk(script)

    assert state["orders_by_state"] == {"UNSHIPPED": 3, "SHIPPED": 2}
    assert state["orders_by_fulfilment"] == {"merchant": 3, "marketplace": 2}
    assert len(state["orders"]) == len(state["never_shown"]) == 5
    assert state["offers"].keys() >= {"LAMPE-BUREAU-001"}
    assert (state["shipped"], state["feeds"], state["reports"], state["turned_to_merchant"]) == ([], [], [], 0)
    assert state["buckets"]["searchOrders"] == 20


def test_the_offers_can_be_left_out() -> None:
    async def script(caller: Caller) -> bool:
        return "offers" in (await caller.http.get("/_control/amazon/state", params={"offers": "0"})).json()

    assert not talk(script)


def test_orders_nobody_was_shown_and_those_that_moved_on_since_are_named() -> None:
    async def script(caller: Caller) -> list[bool]:
        [seen] = await caller.make(state="pending")
        await caller.page()
        [unseen] = await caller.make()
        caller.wait(600)
        state = await caller.state()
        before = [state["never_shown"] == [unseen], state["out_of_date"] == [seen]]
        caller.wait(120)
        await caller.page()
        state = await caller.state()
        return [*before, state["never_shown"] == [], state["out_of_date"] == []]

    assert talk(script) == [True] * 4


def test_calls_are_counted_and_so_are_those_that_were_wasted() -> None:
    async def script(caller: Caller) -> list[dict[str, int]]:
        for _ in range(22):
            await caller.search()
        await caller.search(createdBefore="2026-03-01T00:00:00Z")
        caller.wait(200)
        await caller.search(createdBefore="2026-03-01T00:00:00Z")
        state = await caller.state()
        return [state[name] for name in ("calls", "throttled", "refused", "wasted")]

    calls, throttled, refused, wasted = talk(script)

    assert calls == {"token": 1, "searchOrders": 24}
    assert (throttled, refused, wasted) == ({"searchOrders": 3}, {"searchOrders": 1}, {"searchOrders": 4})


def test_one_seed_gives_one_catalogue_and_the_same_orders() -> None:
    async def script(caller: Caller) -> Any:
        await caller.switch(late_payment_rate=0.3, late_index_rate=0.2)
        await caller.control("orders", count=30, state="pending", age="3h")
        await caller.make(10, state="partially_shipped", fulfilment="merchant")
        caller.wait(7200)
        return (await caller.page()), (await caller.state())["orders"]

    assert talk(script, seed=4) == talk(script, seed=4)
    assert talk(script, seed=4) != talk(script, seed=5)


def test_a_reset_leaves_nothing_behind_but_the_keys() -> None:
    async def script(caller: Caller) -> list[Any]:
        before = dict(caller.secrets)
        await caller.make(3)
        await caller.fault("http_500")
        await caller.http.post("/_control/reset", json={"seed": 2})
        caller.token = ""
        after = (await caller.http.get("/_control/credentials")).json()["amazon"]["secrets"]
        return [before == after, await caller.found(), (await caller.state())["orders"]]

    assert talk(script) == [True, [], []]


def test_the_sellers_are_apart() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.control("orders", account="amazon-two", count=2)
        return [len((await caller.state(name))["orders"]) for name in ("amazon", "amazon-two")]

    assert talk(script) == [0, 2]


def test_an_order_that_was_made_bears_an_id_of_amazons() -> None:
    async def script(caller: Caller) -> list[str]:
        return await caller.make(2)

    first, second = talk(script)

    assert [len(part) for part in first.split("-")] == [3, 7, 7]
    assert first != second


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, "cancel_request"),
        ({"state": "refused"}, "'shipped'"),
        ({"cancel_line": 9}, "1 to 1"),
        ({"colour": "red"}, "touch"),
    ],
)
def test_a_change_that_can_not_be_made_names_what_is_allowed(change: dict[str, Any], allowed: str) -> None:
    async def script(caller: Caller) -> tuple[int, str]:
        [order_id] = await caller.make(lines=1)
        answer = await caller.control(f"orders/{order_id}", **change)
        return answer.status_code, answer.json()["detail"]

    status, sentence = talk(script)

    assert status == 422
    assert allowed in sentence


def test_what_was_shipped_whole_is_cancelled_by_nobody() -> None:
    async def script(caller: Caller) -> int:
        [order_id] = await caller.make(state="shipped")
        return (await caller.control(f"orders/{order_id}", state="cancelled")).status_code

    assert talk(script) == 422


def test_an_order_that_is_not_there_can_not_be_changed() -> None:
    async def script(caller: Caller) -> int:
        return (await caller.control("orders/403-0000000-0000000", touch=True)).status_code

    assert talk(script) == 404
