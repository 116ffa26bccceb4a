from typing import Any

from tests.sandbox.client import Remote, talk


def test_the_back_office_can_move_an_order() -> None:
    async def script(remote: Remote) -> tuple[str, str]:
        (order_id,) = await remote.make()
        answer = (await remote.control(f"mirakl/orders/{order_id}", state="to_ship")).json()
        order = await remote.order(order_id)
        return answer["state"], order["order_state"]

    assert talk(script) == ("SHIPPING", "SHIPPING")


def test_a_move_is_an_update() -> None:
    async def script(remote: Remote) -> str:
        (order_id,) = await remote.make(age="3h", silent=True)
        await remote.wait(60)
        await remote.control(f"mirakl/orders/{order_id}", state="cancelled")
        updated: str = (await remote.order(order_id))["last_updated_date"]
        return updated

    assert talk(script) == "2026-03-02T12:01:00Z"


def test_an_order_can_go_back() -> None:
    async def script(remote: Remote) -> dict[str, Any]:
        (order_id,) = await remote.make(state="shipped")
        await remote.control(f"mirakl/orders/{order_id}", state="accepted")
        return await remote.order(order_id)

    order = talk(script)

    assert (order["order_state"], order["customer"]["shipping_address"]) == ("WAITING_DEBIT_PAYMENT", None)


def test_a_change_of_nothing_is_refused() -> None:
    async def script(remote: Remote) -> int:
        (order_id,) = await remote.make()
        return (await remote.control(f"mirakl/orders/{order_id}")).status_code

    assert talk(script) == 422


def test_the_state_holds_what_a_test_compares_with() -> None:
    async def script(remote: Remote) -> set[str]:
        return set(await remote.state())

    assert talk(script) >= {
        "orders_by_state",
        "orders",
        "accepted",
        "refused",
        "shipped",
        "offers",
        "calls",
        "throttled",
        "writes_repeated",
        "faults",
    }
