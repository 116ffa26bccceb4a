from typing import Any

import httpx
import pytest

from tests.sandbox.amazon.caller import DE, FR, UK, Caller, talk

AFTER, EARLIER, LATER = "2026-03-01T12:00:00Z", "2026-02-28T12:00:00Z", "2026-03-02T11:00:00Z"


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"createdAfter": AFTER, "lastUpdatedAfter": AFTER},
        {"createdBefore": LATER},
        {"createdAfter": AFTER, "lastUpdatedBefore": LATER},
        {"lastUpdatedAfter": AFTER, "createdBefore": LATER},
        {"createdAfter": AFTER, "createdBefore": EARLIER},
        {"createdAfter": AFTER, "createdBefore": "2026-03-02T11:58:01Z"},
        {"lastUpdatedAfter": AFTER, "lastUpdatedBefore": "2026-03-02T12:00:00Z"},
        {"createdAfter": "2026-03-01"},
        {"createdAfter": "2026-03-01T12:00:00"},
        {"createdAfter": "2026-03-01T12:00:00 02:00"},
        {"createdAfter": AFTER, "fulfillmentStatuses": "Unshipped"},
        {"createdAfter": AFTER, "fulfilledBy": "MFN"},
        {"createdAfter": AFTER, "includedData": "EVERYTHING"},
        {"createdAfter": AFTER, "maxResultsPerPage": "101"},
        {"createdAfter": AFTER, "maxResultsPerPage": "0"},
        {"createdAfter": AFTER, "marketplaceIds": "ATVPDKIKX0DER"},
        {"createdAfter": AFTER, "marketplaceIds": "NOBODY"},
        {"createdAfter": AFTER, "marketplaceIds": ",".join([FR] * 51)},
        {"createdAfter": AFTER, "paginationToken": "made-up"},
    ],
)
def test_a_broken_rule_is_a_400(params: dict[str, str]) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.get("/orders/2026-01-01/orders", params)

    answer = talk(script)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


@pytest.mark.parametrize(
    "params",
    [
        {"createdAfter": AFTER, "createdBefore": "2026-03-02T11:58:00Z"},
        {"createdAfter": AFTER, "createdBefore": AFTER},
        {"lastUpdatedAfter": AFTER, "lastUpdatedBefore": LATER},
        {"createdAfter": "2026-03-02T14:00:00+02:00"},
    ],
)
def test_a_kept_rule_is_answered(params: dict[str, str]) -> None:
    async def script(caller: Caller) -> int:
        return (await caller.get("/orders/2026-01-01/orders", params)).status_code

    assert talk(script) == 200


@pytest.mark.parametrize(("by", "bound"), [("lastUpdated", "lastUpdatedBefore"), ("created", "createdBefore")])
def test_the_bound_that_was_applied_is_shown(by: str, bound: str) -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        return await caller.page(**{f"{by}After": AFTER})

    assert talk(script) == {"orders": [], bound: "2026-03-02T11:58:00.000Z"}


def test_the_callers_bound_is_shown() -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        return await caller.page(createdAfter=AFTER, createdBefore=LATER)

    assert talk(script)["createdBefore"] == "2026-03-02T11:00:00.000Z"


def test_what_changed_within_two_minutes_is_not_found_yet() -> None:
    async def script(caller: Caller) -> list[bool]:
        [order_id] = await caller.make(age="3h")
        await caller.change(order_id, touch=True)
        early = await caller.found()
        caller.wait(120)
        return [order_id in early, order_id in await caller.found()]

    assert talk(script) == [False, True]


def test_both_ends_of_the_span_count() -> None:
    async def script(caller: Caller) -> bool:
        [order_id] = await caller.make(age="3h")
        caller.wait(3600)
        return (
            await caller.found(lastUpdatedAfter="2026-03-02T11:58:00Z", lastUpdatedBefore="2026-03-02T11:58:00Z")
        ) == [order_id]

    assert talk(script)


def test_orders_come_oldest_first_by_the_date_that_is_asked_for() -> None:
    async def script(caller: Caller) -> list[bool]:
        old, young = await caller.make(age="5h", silent=True) + await caller.make(age="2h", silent=True)
        await caller.change(old, touch=True)
        caller.wait(200)
        by_change = await caller.found(lastUpdatedAfter=AFTER)
        by_date = await caller.found(createdAfter=AFTER)
        return [by_change == [young, old], by_date == [old, young]]

    assert talk(script) == [True, True]


def test_orders_are_found_by_state_by_who_ships_and_by_store() -> None:
    async def script(caller: Caller) -> list[bool]:
        pending = await caller.make(state="pending", store="FR")
        mine = await caller.make(state="shipped", store="DE")
        theirs = await caller.make(state="shipped", fulfilment="marketplace", store="UK")
        return [
            await caller.found(fulfillmentStatuses="PENDING,CANCELLED") == pending,
            set(await caller.found(fulfillmentStatuses="SHIPPED")) == {*mine, *theirs},
            await caller.found(fulfilledBy="AMAZON") == theirs,
            await caller.found(marketplaceIds=DE) == mine,
            set(await caller.found(marketplaceIds=f"{DE},{UK}")) == {*mine, *theirs},
        ]

    assert talk(script) == [True] * 5


def test_orders_of_more_than_two_years_ago_are_out_of_reach() -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.make(age="800d")
        return await caller.found(createdAfter="2020-01-01T00:00:00Z")

    assert talk(script) == []


def test_a_change_is_found_late_where_the_index_lags() -> None:
    async def script(caller: Caller) -> list[bool]:
        [late] = await caller.make(index_lag_s=1800)
        bound = (await caller.page())["lastUpdatedBefore"]
        seen = [late in await caller.found(), (await caller.read(late))["orderId"] == late]
        caller.wait(1800)
        found = (await caller.page())["orders"]
        return [*seen, found[0]["lastUpdatedTime"] <= bound]

    assert talk(script) == [False, True, True]


def test_so_many_changes_lag_and_always_the_same() -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.switch(late_index_rate=0.3, late_index_min_s=300, late_index_max_s=3600)
        await caller.make(50, age="3h")
        return await caller.found()

    first, second, other = talk(script), talk(script), talk(script, seed=2)

    assert first == second
    assert 25 <= len(first) < 45
    assert len(first) != len(other) or first != other


def test_lagging_changes_are_all_found_within_the_hour() -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(late_index_rate=0.3, late_index_min_s=300, late_index_max_s=3600)
        await caller.make(50, age="3h")
        caller.wait(3600)
        return len(await caller.found())

    assert talk(script) == 50


@pytest.mark.parametrize(
    ("silent", "updated"), [(True, "2026-03-02T10:11:12.000Z"), (False, "2026-03-02T14:00:00.000Z")]
)
def test_an_order_may_stay_out_of_sight_and_come_with_or_without_a_change(silent: bool, updated: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make(age="3h", late_visible_s=7200, silent=silent)
        caller.wait(7199)
        hidden = await caller.found()
        caller.wait(200)
        return [hidden, await caller.found() == [order_id], (await caller.read(order_id))["lastUpdatedTime"]]

    assert talk(script) == [[], True, updated]


def test_what_becomes_of_a_hidden_order_does_not_show_it() -> None:
    async def script(caller: Caller) -> list[bool]:
        await caller.make(state="pending", payment_delay_s=600, late_visible_s=7200)
        caller.wait(1200)
        return [await caller.found() == [], (await caller.state())["orders"][0]["visible"]]

    assert talk(script) == [True, False]
