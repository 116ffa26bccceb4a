from typing import Any

import httpx
import pytest

from tests.sandbox.client import Remote, talk


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_an_accepted_order_waits_for_the_debit() -> None:
    async def script(remote: Remote) -> tuple[int, str]:
        (order_id,) = await remote.make(lines=2)
        status = (await remote.decide(order_id, True, True)).status_code
        state: str = (await remote.order(order_id))["order_state"]
        return status, state

    assert talk(script) in ((204, "WAITING_DEBIT"), (204, "WAITING_DEBIT_PAYMENT"))


def test_an_order_with_every_line_refused_is_refused() -> None:
    async def script(remote: Remote) -> tuple[list[str], list[str]]:
        ids = await remote.make(lines=2)
        await remote.decide(ids[0], False, False)
        return ids, (await remote.state())["refused"]

    ids, refused = talk(script)

    assert refused == ids


def test_a_refused_line_stays_refused_while_the_rest_goes_on() -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make(lines=2)
        await remote.decide(order_id, True, False)
        await remote.wait(3600)
        return [line["order_line_state"] for line in (await remote.order(order_id))["order_lines"]]

    assert talk(script) == ["SHIPPING", "REFUSED"]


def test_a_refused_line_leaves_the_totals() -> None:
    async def script(remote: Remote) -> dict[str, Any]:
        (order_id,) = await remote.make(lines=2)
        await remote.decide(order_id, True, False)
        return await remote.order(order_id)

    order = talk(script)

    assert order["total_price"] == order["order_lines"][0]["total_price"]


def test_lines_decided_differently_are_refused_when_the_shop_may_not() -> None:
    async def script(remote: Remote) -> httpx.Response:
        await remote.control("mirakl/switches", partial_acceptance=False)
        (order_id,) = await remote.make(lines=2)
        return await remote.decide(order_id, True, False)

    assert code(talk(script)) == (400, "ORDER_PARTIAL_ACCEPTANCE_DISABLED")


def test_a_refusal_takes_the_offer_off_sale() -> None:
    async def script(remote: Remote) -> int:
        (order_id,) = await remote.make(sku="LAMPE-BUREAU-001", quantity=1)
        await remote.decide(order_id, False)
        quantity: int = (await remote.state())["offers"]["LAMPE-BUREAU-001"]["quantity"]
        return quantity

    assert talk(script) == 0


def test_a_refusal_leaves_the_stock_when_the_operator_does_not_touch_it() -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/switches", refusal_zeroes_stock=False)
        (order_id,) = await remote.make(sku="LAMPE-BUREAU-001", quantity=1)
        await remote.decide(order_id, False)
        quantity: int = (await remote.state())["offers"]["LAMPE-BUREAU-001"]["quantity"]
        return quantity

    assert talk(script) > 0


def test_a_second_decision_is_refused_and_counted() -> None:
    async def script(remote: Remote) -> tuple[tuple[int, str], int]:
        (order_id,) = await remote.make(lines=1)
        await remote.decide(order_id, True)
        second = await remote.decide(order_id, False)
        return code(second), (await remote.state())["writes_repeated"]

    assert talk(script) == ((400, "ORDER_INVALID_STATE"), 1)


def test_an_order_of_the_operator_is_not_ours_to_decide() -> None:
    async def script(remote: Remote) -> httpx.Response:
        (order_id,) = await remote.make(lines=1, fulfilment="marketplace")
        return await remote.decide(order_id, True)

    assert code(talk(script)) == (400, "ORDER_FULFILLED_UNAUTHORIZED")


@pytest.mark.parametrize("account", ["mirakl", "mirakl-two"])
def test_an_order_that_is_not_there_for_us_is_not_found(account: str) -> None:
    async def script(remote: Remote) -> httpx.Response:
        (order_id,) = await remote.make("mirakl-two", lines=1)
        return await remote.decide("SBX-0" if account == "mirakl" else order_id, True)

    assert code(talk(script)) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (None, "VALIDATION_ERROR"),
        ([], "VALIDATION_ERROR"),
        ([None], "ORDER_LINE_NULL_ELEMENT"),
        (["{id}-1"], "VALIDATION_ERROR"),
        ([{"accepted": True}], "VALIDATION_ERROR"),
        ([{"id": "{id}-1"}], "ORDER_LINE_ACCEPTANCE_DECISION_MISSING"),
        ([{"id": "{id}-1", "accepted": None}], "ORDER_LINE_ACCEPTANCE_DECISION_MISSING"),
        ([{"id": "{id}-1", "accepted": "true"}], "VALIDATION_ERROR"),
        ([{"id": "{id}-1", "accepted": True}], "ORDER_LINE_ACCEPTANCE_DECISION_MISSING"),
        ([{"id": "{id}-9", "accepted": True}], "ORDER_LINE_NOT_FOUND"),
        ([{"id": "{id}-1", "accepted": True}] * 2, "ORDER_LINE_DUPLICATE_ID"),
    ],
)
def test_a_decision_that_is_not_whole_is_refused(lines: Any, expected: str) -> None:
    async def script(remote: Remote) -> tuple[httpx.Response, str]:
        (order_id,) = await remote.make(lines=2)
        answer = await remote.put(f"orders/{order_id}/accept", _named({"order_lines": lines}, order_id))
        return answer, (await remote.order(order_id))["order_state"]

    answer, state = talk(script)

    assert (*code(answer), state) == (400, expected, "WAITING_ACCEPTANCE")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [(b"[]", "application/json", 400), (b"{", "application/json", 400), (b"{}", "text/plain", 415)],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, content_type: str, status: int) -> None:
    async def script(remote: Remote) -> int:
        (order_id,) = await remote.make()
        headers = {"Authorization": remote.key, "Content-Type": content_type}
        return (
            await remote.http.put(f"/mirakl/api/orders/{order_id}/accept", content=body, headers=headers)
        ).status_code

    assert talk(script) == status


@pytest.mark.parametrize(
    ("form", "keys"),
    [("both", {"status", "message", "errors"}), ("message", {"status", "message"}), ("errors", {"errors"})],
)
def test_the_form_of_a_refusal_can_be_chosen(form: str, keys: set[str]) -> None:
    async def script(remote: Remote) -> set[str]:
        await remote.control("mirakl/switches", error_form=form)
        return set((await remote.decide("SBX-0", True)).json())

    assert talk(script) == keys


def _named(body: Any, order_id: str) -> Any:
    if isinstance(body, dict):
        return {key: _named(value, order_id) for key, value in body.items()}
    if isinstance(body, list):
        return [_named(value, order_id) for value in body]
    return body.replace("{id}", order_id) if isinstance(body, str) else body
