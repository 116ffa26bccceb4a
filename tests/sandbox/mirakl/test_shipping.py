import contextlib
from typing import Any

import httpx
import pytest

from tests.sandbox.client import Remote, talk

PARCEL = {"carrier_code": "colis_sbx", "tracking_number": "8X01"}


async def to_ship(remote: Remote, **body: Any) -> str:
    (order_id,) = await remote.make(state="to_ship", **body)
    return order_id


def test_a_parcel_is_tracked_and_shipped() -> None:
    async def script(remote: Remote) -> tuple[list[int], Any, str]:
        order_id = await to_ship(remote)
        tracked = await remote.put(f"orders/{order_id}/tracking", PARCEL)
        shipped = await remote.put(f"orders/{order_id}/ship")
        return [tracked.status_code, shipped.status_code], (await remote.state())["shipped"], order_id

    statuses, shipped, order_id = talk(script)

    assert (statuses, shipped) == ([204, 204], [{"id": order_id, "carrier": "colis_sbx", "tracking": "8X01"}])


def test_a_registered_carriers_link_is_the_operators() -> None:
    async def script(remote: Remote) -> str:
        order_id = await to_ship(remote)
        await remote.put(f"orders/{order_id}/tracking", {**PARCEL, "carrier_url": "https://mine.example"})
        url: str = (await remote.order(order_id))["shipping_tracking_url"]
        return url

    assert talk(script) == "https://suivi.example/colis/8X01"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tracking_number": "8X01"},
        {"carrier_code": "nobody", "tracking_number": "8X01"},
        {"carrier_code": "colis_sbx"},
        {"carrier_code": 3, "tracking_number": "8X01"},
    ],
)
def test_tracking_that_is_not_whole_is_refused(body: dict[str, Any]) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.put(f"orders/{await to_ship(remote)}/tracking", body)).status_code

    assert talk(script) == 400


@pytest.mark.parametrize(("allowed", "status"), [(True, 204), (False, 400)])
def test_an_unregistered_carrier_is_a_matter_of_the_operator(allowed: bool, status: int) -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/switches", alternative_carrier=allowed)
        body = {"carrier_name": "Transport Dupont", "tracking_number": "8X1"}
        return (await remote.put(f"orders/{await to_ship(remote)}/tracking", body)).status_code

    assert talk(script) == status


@pytest.mark.parametrize("state", ["to_accept", "accepted", "cancelled", "RECEIVED"])
@pytest.mark.parametrize(("step", "body"), [("tracking", PARCEL), ("ship", None)])
def test_nothing_is_shipped_in_another_state(state: str, step: str, body: Any) -> None:
    async def script(remote: Remote) -> int:
        (order_id,) = await remote.make(state=state)
        return (await remote.put(f"orders/{order_id}/{step}", body)).status_code

    assert talk(script) == 400


def test_tracking_is_mandatory_where_the_method_says_so() -> None:
    async def script(remote: Remote) -> int:
        return (await remote.put(f"orders/{await to_ship(remote, shape='pickup')}/ship")).status_code

    assert talk(script) == 400


def test_tracking_can_be_corrected_after_shipping() -> None:
    async def script(remote: Remote) -> str:
        order_id = await to_ship(remote)
        await remote.put(f"orders/{order_id}/tracking", PARCEL)
        await remote.put(f"orders/{order_id}/ship")
        await remote.put(f"orders/{order_id}/tracking", {**PARCEL, "tracking_number": "8X02"})
        number: str = (await remote.order(order_id))["shipping_tracking"]
        return number

    assert talk(script) == "8X02"


def test_a_second_shipping_is_refused_and_counted() -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        order_id = await to_ship(remote)
        await remote.put(f"orders/{order_id}/tracking", PARCEL)
        await remote.put(f"orders/{order_id}/ship")
        second = await remote.put(f"orders/{order_id}/ship")
        return second.status_code, (await remote.state())["writes_repeated"]

    assert talk(script) == (400, 1)


@pytest.mark.parametrize(("step", "body"), [("tracking", PARCEL), ("ship", None)])
def test_the_operator_ships_its_own_orders(step: str, body: Any) -> None:
    async def script(remote: Remote) -> int:
        order_id = await to_ship(remote, fulfilment="marketplace")
        return (await remote.put(f"orders/{order_id}/{step}", body)).status_code

    assert talk(script) == 400


def test_the_same_tracking_sent_again_is_counted_apart() -> None:
    async def script(remote: Remote) -> tuple[dict[str, int], int]:
        order_id = await to_ship(remote)
        for _ in range(2):
            await remote.put(f"orders/{order_id}/tracking", PARCEL)
        state = await remote.state()
        return state["writes_repeated_by_operation"], state["writes_repeated"]

    assert talk(script) == ({"OR23": 1}, 0)


@pytest.mark.parametrize("answer", ["http_500", "reset", "timeout"])
@pytest.mark.parametrize(("operation", "step", "body"), [("OR23", "tracking", PARCEL), ("OR24", "ship", None)])
def test_a_step_whose_answer_got_lost_has_its_effect(operation: str, step: str, body: Any, answer: str) -> None:
    async def script(remote: Remote) -> tuple[str, str]:
        order_id = await to_ship(remote)
        await remote.put(f"orders/{order_id}/tracking", {**PARCEL, "tracking_number": "8X00"})
        await remote.control("mirakl/faults", kind="lost_ack", operation=operation, answer=answer)
        with contextlib.suppress(httpx.TransportError):
            assert (await remote.put(f"orders/{order_id}/{step}", body)).status_code == 500
        order = await remote.order(order_id)
        return order["shipping_tracking"], order["order_state"]

    assert talk(script) == (("8X01", "SHIPPING") if operation == "OR23" else ("8X00", "SHIPPED"))
