from typing import Any

import pytest

from tests.sandbox.client import Remote, talk


async def found(remote: Remote, **params: Any) -> list[str]:
    return [order["order_id"] for order in (await remote.list(max=100, **params))["orders"]]


@pytest.mark.parametrize(
    "params",
    [
        {"max": "101"},
        {"max": "0"},
        {"max": "many"},
        {"offset": "-1"},
        {"sort": "price"},
        {"order": "up"},
        {"order_tax_mode": "NONE"},
        {"order_state_codes": "SHIPPING,LOST"},
        {"start_update_date": "2026-03-02"},
        {"start_date": "2026-03-02T09:15:00"},
        {"end_date": "2026-03-02T09:15:00+01:00".replace("+", " ")},
        {"customer_debited": "yes"},
        {"has_incident": "1"},
        {"payment_workflow": "CASH"},
        {"order_ids": ",".join(f"X-{number}" for number in range(101))},
    ],
)
def test_what_cannot_be_read_is_a_400(params: dict[str, str]) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.get("orders", params)).status_code

    assert talk(script) == 400


def test_unknown_parameters_are_ignored() -> None:
    async def script(remote: Remote) -> int:
        return (await remote.get("orders", {"colour": "red", "locale": "fr_FR"})).status_code

    assert talk(script) == 200


def test_orders_are_found_by_id() -> None:
    async def script(remote: Remote) -> bool:
        made = await remote.make(count=5)
        return await found(remote, order_ids=f"{made[3]},{made[1]},SBX-0") == [made[1], made[3]]

    assert talk(script)


def test_orders_are_found_by_state() -> None:
    async def script(remote: Remote) -> bool:
        await remote.make()
        made = await remote.make(state="to_ship") + await remote.make(state="shipped")
        return await found(remote, order_state_codes="SHIPPING,SHIPPED") == made

    assert talk(script)


def test_orders_are_found_by_creation() -> None:
    async def script(remote: Remote) -> bool:
        await remote.make(age="5h")
        made = await remote.make(age="3h")
        await remote.make(age="1h")
        return await found(remote, start_date="2026-03-02T08:00:00Z", end_date="2026-03-02T10:00:00Z") == made

    assert talk(script)


def test_an_update_is_found_a_little_before_the_asked_date() -> None:
    async def script(remote: Remote) -> bool:
        made = await remote.make()
        return await found(remote, start_update_date="2026-03-02T12:00:20Z") == made

    assert talk(script)


def test_an_update_that_is_too_old_is_not_found() -> None:
    async def script(remote: Remote) -> list[str]:
        await remote.make()
        return await found(remote, start_update_date="2026-03-02T12:01:00Z")

    assert talk(script) == []


def test_orders_are_found_by_fulfilment_centre() -> None:
    async def script(remote: Remote) -> bool:
        await remote.make()
        made = await remote.make(fulfilment="marketplace")
        return await found(remote, fulfillment_center_code="OPERATOR-FC1") == made

    assert talk(script)


def test_paid_orders_are_found() -> None:
    async def script(remote: Remote) -> bool:
        await remote.make()
        made = await remote.make(state="to_ship")
        return await found(remote, customer_debited="true") == made

    assert talk(script)


def test_orders_with_an_incident_are_found() -> None:
    async def script(remote: Remote) -> bool:
        made = await remote.make(count=2)
        await remote.control(f"mirakl/orders/{made[1]}", incident=True)
        return await found(remote, has_incident="true") == [made[1]]

    assert talk(script)


def test_orders_are_found_by_channel() -> None:
    async def script(remote: Remote) -> tuple[list[str], list[str]]:
        await remote.make(count=30)
        orders = (await remote.list(max=100))["orders"]
        belgian = [order["order_id"] for order in orders if order["channel"] and order["channel"]["code"] == "BE"]
        return belgian, await found(remote, channel_codes="BE")

    belgian, listed = talk(script)

    assert listed == belgian


def test_orders_without_channel_are_found() -> None:
    async def script(remote: Remote) -> tuple[list[str], list[str]]:
        await remote.make(count=30)
        orders = (await remote.list(max=100))["orders"]
        without = [order["order_id"] for order in orders if order["channel"] is None]
        return without, await found(remote, only_null_channel="true")

    without, listed = talk(script)

    assert listed == without
