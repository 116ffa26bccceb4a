from typing import Any

import pytest

from tests.sandbox.client import Remote, talk


async def state_after(remote: Remote, order_id: str, seconds: float) -> str:
    await remote.wait(seconds)
    state: str = (await remote.order(order_id))["order_state"]
    return state


def test_a_paid_order_is_to_be_shipped_after_its_delay() -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make(lines=1, payment_delay_s=1800)
        await remote.decide(order_id, True)
        return [await state_after(remote, order_id, seconds) for seconds in (1700, 100)]

    assert talk(script) == ["WAITING_DEBIT_PAYMENT", "SHIPPING"]


def test_a_change_nobody_saw_has_the_date_at_which_it_was_due() -> None:
    async def script(remote: Remote) -> str:
        (order_id,) = await remote.make(lines=1, payment_delay_s=1800)
        await remote.decide(order_id, True)
        await remote.wait(86_400)
        updated: str = (await remote.order(order_id))["last_updated_date"]
        return updated

    assert talk(script) == "2026-03-02T12:30:00Z"


def test_a_refused_payment_cancels_the_order() -> None:
    async def script(remote: Remote) -> str:
        (order_id,) = await remote.make(lines=1, payment="refused")
        await remote.decide(order_id, True)
        return await state_after(remote, order_id, 3600)

    assert talk(script) == "CANCELED"


def test_an_undecided_order_is_refused_after_five_days() -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make()
        return [await state_after(remote, order_id, seconds) for seconds in (119 * 3600, 3600)]

    assert talk(script) == ["WAITING_ACCEPTANCE", "REFUSED"]


def test_a_refusal_by_itself_has_no_decision_date() -> None:
    async def script(remote: Remote) -> Any:
        (order_id,) = await remote.make()
        await remote.wait(6 * 86_400)
        return (await remote.order(order_id))["acceptance_decision_date"]

    assert talk(script) is None


@pytest.mark.parametrize(("hours", "expected"), [(None, "WAITING_ACCEPTANCE"), (2, "REFUSED")])
def test_the_deadline_is_a_switch_for_orders_that_wait_already(hours: float | None, expected: str) -> None:
    async def script(remote: Remote) -> str:
        (order_id,) = await remote.make()
        await remote.control("mirakl/switches", auto_refusal_h=hours)
        return await state_after(remote, order_id, 6 * 86_400)

    assert talk(script) == expected


def test_a_pending_order_waits_for_acceptance_later() -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make(state="pending")
        return [await state_after(remote, order_id, seconds) for seconds in (0, 3600)]

    assert talk(script) == ["STAGING", "WAITING_ACCEPTANCE"]


def test_automatic_acceptance_skips_the_decision() -> None:
    async def script(remote: Remote) -> tuple[str, Any]:
        await remote.control("mirakl/switches", order_acceptance="AUTOMATIC")
        (order_id,) = await remote.make()
        await remote.wait(3600)
        order = await remote.order(order_id)
        return order["order_state"], order["acceptance_decision_date"]

    assert talk(script) == ("SHIPPING", None)


def test_the_operator_accepts_and_ships_its_own_orders() -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make(fulfilment="marketplace")
        return [await state_after(remote, order_id, hours * 3600) for hours in (0, 2, 24)]

    assert talk(script) == ["WAITING_ACCEPTANCE", "SHIPPING", "SHIPPED"]


def test_a_shipped_order_is_received_and_closed_in_time() -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make(state="shipped")
        return [await state_after(remote, order_id, days * 86_400) for days in (0, 4, 14)]

    assert talk(script) == ["SHIPPED", "RECEIVED", "CLOSED"]


def test_an_order_paid_later_needs_no_debit_before_shipping() -> None:
    async def script(remote: Remote) -> tuple[str, Any]:
        (order_id,) = await remote.make(lines=1, shape="b2b")
        await remote.decide(order_id, True)
        order = await remote.order(order_id)
        return order["order_state"], order["customer_debited_date"]

    assert talk(script) == ("SHIPPING", None)
