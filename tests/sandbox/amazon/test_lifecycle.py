from typing import Any

import pytest

from tests.sandbox.amazon.caller import Caller, talk

HOUR, DAY = 3600, 86_400


async def status(caller: Caller, order_id: str) -> str:
    word: str = (await caller.read(order_id, "FULFILLMENT"))["fulfillment"]["fulfillmentStatus"]
    return word


def life(*waits: float, **body: Any) -> list[str]:
    """Return the status of one order now and after each of those waits."""

    async def script(caller: Caller) -> list[str]:
        [order_id] = await caller.make(**body)
        seen = [await status(caller, order_id)]
        for wait in waits:
            caller.wait(wait)
            seen.append(await status(caller, order_id))
        return seen

    return talk(script)


def test_a_paid_order_of_the_merchants_waits_for_its_parcel() -> None:
    assert life(599, 1, 30 * DAY, state="pending") == ["PENDING", "PENDING", "UNSHIPPED", "UNSHIPPED"]


def test_a_payment_may_take_days() -> None:
    assert life(70 * HOUR, 2 * HOUR, state="pending", late_payment_h=72) == ["PENDING", "PENDING", "UNSHIPPED"]


def test_a_refused_payment_cancels() -> None:
    assert life(600, state="pending", payment="refused") == ["PENDING", "CANCELLED"]


def test_a_pre_order_is_pending_when_it_is_out() -> None:
    seen = life(DAY, 600, state="PENDING_AVAILABILITY")

    assert seen == ["PENDING_AVAILABILITY", "PENDING", "UNSHIPPED"]


def test_amazon_ships_without_anybody_and_may_be_seen_unshipped() -> None:
    async def script(caller: Caller) -> list[list[str]]:
        seen = []
        for rate in (0.0, 1.0):
            await caller.switch(fba_unshipped_rate=rate)
            [order_id] = await caller.make(state="pending", fulfilment="marketplace", picking_s=7200)
            seen.append([await status(caller, order_id)])
            for wait in (600, 7200):
                caller.wait(wait)
                seen[-1].append(await status(caller, order_id))
        return seen

    assert talk(script) == [["PENDING", "PENDING", "SHIPPED"], ["PENDING", "UNSHIPPED", "SHIPPED"]]


def test_every_order_that_amazon_ships_leaves_within_days() -> None:
    async def script(caller: Caller) -> dict[str, int]:
        await caller.make(50, state="pending", fulfilment="marketplace")
        caller.wait(3 * DAY)
        states: dict[str, int] = (await caller.state())["orders_by_state"]
        return states

    assert talk(script) == {"SHIPPED": 50}


@pytest.mark.parametrize("state", ["pending", "to_ship", "PENDING_AVAILABILITY"])
def test_a_buyer_cancels_at_any_time_before_the_parcel(state: str) -> None:
    assert life(3 * DAY, state=state, cancel_after_s=2 * DAY)[-1] == "CANCELLED"


def test_a_buyer_no_longer_cancels_what_was_shipped() -> None:
    assert life(3 * DAY, state="shipped", cancel_after_s=2 * DAY)[-1] == "SHIPPED"


def test_payments_are_late_and_refused_as_often_as_the_switches_say() -> None:
    async def script(caller: Caller) -> dict[str, int]:
        await caller.switch(late_payment_rate=0.5, refused_payment_rate=0.2)
        await caller.control("orders", count=100, state="pending")
        caller.wait(HOUR)
        states: dict[str, int] = (await caller.state())["orders_by_state"]
        return states

    states = talk(script)

    assert 35 <= states["PENDING"] <= 65
    assert 3 <= states["CANCELLED"] <= 20
    assert states["UNSHIPPED"] + states["PENDING"] + states["CANCELLED"] == 100


def test_a_change_of_state_is_an_update_dated_when_it_was_due() -> None:
    async def script(caller: Caller) -> str:
        [order_id] = await caller.make(state="pending")
        caller.wait(5 * HOUR)
        updated: str = (await caller.read(order_id))["lastUpdatedTime"]
        return updated

    assert talk(script) == "2026-03-02T12:10:00.000Z"


def test_a_parcel_that_arrives_is_an_update_too() -> None:
    async def script(caller: Caller) -> list[str]:
        [order_id] = await caller.make()
        await caller.confirm(order_id)
        caller.wait(300)
        shipped = await caller.read(order_id)
        caller.wait(3 * DAY)
        arrived = await caller.read(order_id)
        return [order["packages"][0]["packageStatus"]["status"] for order in (shipped, arrived)] + [
            str(arrived["lastUpdatedTime"] > shipped["lastUpdatedTime"])
        ]

    assert talk(script) == ["SHIPPED", "DELIVERED", "True"]


def test_the_back_office_can_do_what_buyers_and_amazon_do() -> None:
    async def script(caller: Caller) -> list[str]:
        [order_id] = await caller.make(lines=2, quantity=2)
        seen = []
        for state in ("partially_shipped", "shipped", "to_ship", "pending", "cancelled"):
            await caller.change(order_id, state=state)
            seen.append(await status(caller, order_id))
        return seen

    assert talk(script) == ["PARTIALLY_SHIPPED", "SHIPPED", "UNSHIPPED", "PENDING", "CANCELLED"]


def test_a_line_can_be_cancelled_alone() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make(lines=2, quantity=2)
        await caller.change(order_id, cancel_line=1)
        order = await caller.read(order_id)
        first, second = order["orderItems"]
        return [
            order["fulfillment"]["fulfillmentStatus"],
            first["cancellation"]["cancellationExecution"]["cancelledBy"],
            first["fulfillment"],
            "cancellation" in second,
        ]

    assert talk(script) == ["UNSHIPPED", "AMAZON", {"quantityFulfilled": 0, "quantityUnfulfilled": 0}, False]


def test_the_rest_of_a_shipped_order_can_be_cancelled() -> None:
    async def script(caller: Caller) -> str:
        [order_id] = await caller.make(state="partially_shipped", lines=2)
        await caller.change(order_id, state="cancelled")
        return await status(caller, order_id)

    assert talk(script) == "SHIPPED"


def test_orders_come_one_by_one_over_a_span() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.make(24, over="24h", state="pending")
        seen = [len((await caller.state())["orders"])]
        for _ in range(3):
            caller.wait(8 * HOUR)
            seen.append(len((await caller.state())["orders"]))
        return seen

    assert talk(script) == [0, 8, 16, 24]
