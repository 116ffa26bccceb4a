from decimal import Decimal
from typing import Any

import pytest

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


async def totals(remote: Remote, order_id: str) -> tuple[Decimal, Decimal]:
    """Return what the order says that it costs, and what its lines come to."""
    order = await remote.order(order_id)
    lines = order["order_lines"]
    by_units = sum(Decimal(str(line["price_unit"])) * line["quantity"] for line in lines)
    by_lines = by_units + sum(Decimal(str(line["shipping_price"])) for line in lines)
    return Decimal(str(order["total_price"])), by_lines


@pytest.mark.parametrize("total", ["0.01", "64.73", "1999.99"])
def test_a_total_can_be_planted_and_the_lines_agree(total: str) -> None:
    async def script(remote: Remote) -> tuple[str, tuple[Decimal, Decimal]]:
        (order_id,) = await remote.make(state="to_ship", sku="LAMPE-BUREAU-001", quantity=3)
        shipping = (await remote.order(order_id))["shipping_price"]
        wanted = str(Decimal(total) + Decimal(str(shipping)))
        answer = await remote.control(f"mirakl/orders/{order_id}", total=wanted)
        return wanted, await totals(remote, order_id) if answer.status_code == 200 else (Decimal(0), Decimal(0))

    wanted, found = talk(script)

    assert found == (Decimal(wanted), Decimal(wanted))


def test_a_planted_total_is_an_update() -> None:
    async def script(remote: Remote) -> str:
        (order_id,) = await remote.make(age="3h", silent=True)
        await remote.control(f"mirakl/orders/{order_id}", total="500")
        updated: str = (await remote.order(order_id))["last_updated_date"]
        return updated

    assert talk(script) == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize(("shape", "total"), [("zero_lines", "5"), ("normal", "-1"), ("normal", "1.005")])
def test_a_total_that_no_line_can_bear_is_refused(shape: str, total: str) -> None:
    async def script(remote: Remote) -> int:
        (order_id,) = await remote.make(shape=shape)
        return (await remote.control(f"mirakl/orders/{order_id}", total=total)).status_code

    assert talk(script) == 422


def test_the_operator_can_cancel_what_is_to_be_shipped() -> None:
    async def script(remote: Remote) -> tuple[str, str, int]:
        (order_id,) = await remote.make(state="to_ship", lines=1)
        await remote.control(f"mirakl/orders/{order_id}", state="cancelled")
        order = await remote.order(order_id)
        shipped = await remote.put(f"orders/{order_id}/ship")
        return order["order_state"], order["order_lines"][0]["order_line_state"], shipped.status_code

    assert talk(script) == ("CANCELED", "CANCELED", 400)


@pytest.mark.parametrize("state", ["RECEIVED", "CLOSED"])
def test_an_order_can_be_received_and_closed(state: str) -> None:
    async def script(remote: Remote) -> tuple[str, set[bool]]:
        (order_id,) = await remote.make(state="to_ship", lines=1)
        await remote.control(f"mirakl/orders/{order_id}", state=state)
        order = await remote.order(order_id)
        (line,) = order["order_lines"]
        dates = {bool(line[name]) for name in ("debited_date", "shipped_date", "received_date")}
        return order["order_state"], dates

    assert talk(script) == (state, {True})
