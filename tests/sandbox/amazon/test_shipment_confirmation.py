import contextlib
from typing import Any

import httpx
import pytest

from tests.sandbox.amazon.caller import DE, Caller, talk


async def status(caller: Caller, order_id: str) -> str:
    word: str = (await caller.read(order_id, "FULFILLMENT"))["fulfillment"]["fulfillmentStatus"]
    return word


def refused(body: dict[str, Any] | None = None, reference: object = "1", **detail: Any) -> tuple[int, str, str]:
    """Return how a confirmation is refused, and where the order stands long after."""

    async def script(caller: Caller) -> tuple[int, str, str]:
        [order_id] = await caller.make(**{"lines": 1, **(body or {})})
        answer = await caller.confirm(order_id, reference, **detail)
        caller.wait(550)
        code = answer.json()["errors"][0]["code"] if answer.content else ""
        return answer.status_code, code, await status(caller, order_id)

    return talk(script)


def test_a_confirmation_is_answered_at_once_and_shows_minutes_later() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make(lines=2)
        answer = await caller.confirm(order_id)
        early = await caller.read(order_id)
        caller.wait(300)
        late = await caller.read(order_id)
        [package] = late["packages"]
        return [
            (answer.status_code, answer.content),
            (early["fulfillment"]["fulfillmentStatus"], early["packages"]),
            late["fulfillment"]["fulfillmentStatus"],
            (package["packageReferenceId"], package["carrier"], package["trackingNumber"]),
        ]

    assert talk(script) == [(204, b""), ("UNSHIPPED", []), "SHIPPED", ("1", "Colissimo", "8R00000000001")]


def test_shipping_is_an_update() -> None:
    async def script(caller: Caller) -> str:
        [order_id] = await caller.make()
        await caller.confirm(order_id)
        caller.wait(3600)
        updated: str = (await caller.read(order_id))["lastUpdatedTime"]
        return updated

    assert talk(script) == "2026-03-02T12:05:00.000Z"


def test_one_call_for_each_parcel() -> None:
    async def script(caller: Caller) -> list[str]:
        [order_id] = await caller.make(lines=2, quantity=2)
        first, second = (line["id"] for line in (await caller.order(order_id))["lines"])
        seen = []
        for reference, item_id, quantity in (("1", first, 1), ("2", first, 1), ("3", second, 2)):
            items = [{"orderItemId": item_id, "quantity": quantity}]
            answer = await caller.confirm(order_id, reference, trackingNumber=f"8R{reference}", orderItems=items)
            assert answer.status_code == 204
            caller.wait(300)
            seen.append(await status(caller, order_id))
        packages = (await caller.read(order_id))["packages"]
        return [*seen, *(package["trackingNumber"] for package in packages)]

    assert talk(script) == ["PARTIALLY_SHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "8R1", "8R2", "8R3"]


def test_the_same_id_again_corrects_the_package() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make()
        await caller.confirm(order_id)
        caller.wait(300)
        items = (await caller.read(order_id))["packages"][0]["packageItems"]
        answer = await caller.confirm(order_id, carrierCode="DPD", trackingNumber="DPD1", orderItems=items)
        [package] = (await caller.read(order_id))["packages"]
        [shown] = (await caller.order(order_id))["packages"]
        return [answer.status_code, package["carrier"], package["trackingNumber"], shown["sent"]]

    assert talk(script) == [204, "DPD", "DPD1", 2]


def test_the_same_confirmation_again_changes_nothing_and_is_counted() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make()
        codes = [(await caller.confirm(order_id)).status_code for _ in range(3)]
        caller.wait(300)
        state = await caller.state()
        [shown] = state["shipped"]
        return [codes, state["writes_repeated"], len(shown["packages"]), shown["packages"][0]["sent"]]

    assert talk(script) == [[204] * 3, 2, 1, 3]


def test_another_carrier_is_confirmed_by_name() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make()
        await caller.confirm(order_id, carrierCode="Other", carrierName="Transport Dupont")
        caller.wait(300)
        return [(await caller.read(order_id))["packages"][0]["carrier"], (await caller.order(order_id))["carrier_code"]]

    assert talk(script) == ["Transport Dupont", "Other"]


@pytest.mark.parametrize("reference", [1, 0, "0", "", "A-1", "-1", None])
def test_the_id_of_a_package_is_a_positive_number_as_text(reference: object) -> None:
    assert refused(reference=reference) == (400, "InvalidInput", "UNSHIPPED")


@pytest.mark.parametrize(
    "detail",
    [
        {"carrierCode": ""},
        {"carrierCode": None},
        {"carrierCode": "Pigeon Express"},
        {"carrierCode": "Other"},
        {"trackingNumber": ""},
        {"trackingNumber": 17},
        {"shipDate": "02/21/2022"},
        {"shipDate": "2026-03-02"},
        {"shipDate": "2026-03-02T12:00:01Z"},
        {"orderItems": None},
        {"orderItems": {"orderItemId": "1", "quantity": 1}},
        {"orderItems": []},
        {"orderItems": [{"orderItemId": "1", "quantity": 1}]},
    ],
)
def test_a_parcel_that_breaks_a_rule_is_refused(detail: dict[str, Any]) -> None:
    assert refused(**detail) == (400, "InvalidInput", "UNSHIPPED")


@pytest.mark.parametrize("quantity", [0, -1, "1", 1.5, True, 99])
def test_quantities_are_whole_and_not_more_than_what_is_left(quantity: object) -> None:
    async def script(caller: Caller) -> int:
        [order_id] = await caller.make(lines=1)
        [line] = (await caller.order(order_id))["lines"]
        return (
            await caller.confirm(order_id, orderItems=[{"orderItemId": line["id"], "quantity": quantity}])
        ).status_code

    assert talk(script) == 400


@pytest.mark.parametrize(
    ("body", "stays"),
    [
        ({"state": "pending", "payment_delay_s": 86_400}, "PENDING"),
        ({"state": "PENDING_AVAILABILITY"}, "PENDING_AVAILABILITY"),
        ({"state": "cancelled"}, "CANCELLED"),
        ({"fulfilment": "marketplace", "picking_s": 86_400}, "UNSHIPPED"),
        ({"programs": ["FBM_SHIP_PLUS"]}, "UNSHIPPED"),
    ],
)
def test_an_order_that_may_not_leave_is_refused(body: dict[str, Any], stays: str) -> None:
    assert refused(body) == (400, "InvalidInput", stays)


def test_everything_was_shipped_already() -> None:
    async def script(caller: Caller) -> tuple[int, str, list[str]]:
        [order_id] = await caller.make()
        items = [{"orderItemId": line["id"], "quantity": 1} for line in (await caller.order(order_id))["lines"]]
        await caller.change(order_id, state="shipped", tracking="8R777")
        answer = await caller.confirm(order_id, trackingNumber="8R777", orderItems=items)
        packages = (await caller.read(order_id))["packages"]
        return answer.status_code, answer.json()["errors"][0]["message"], [each["trackingNumber"] for each in packages]

    assert talk(script) == (400, "PackageToUpdateNotFound", ["8R777"])


def test_an_order_nobody_placed_and_a_wrong_store() -> None:
    async def script(caller: Caller) -> list[int]:
        [order_id] = await caller.make(store="FR")
        path = "/orders/v0/orders/{}/shipmentConfirmation"
        missing = await caller.post(path.format("403-0000000-0000000"), {})
        elsewhere = await caller.post(path.format(order_id), {"marketplaceId": DE, "packageDetail": {}})
        return [missing.status_code, elsewhere.status_code]

    assert talk(script) == [404, 400]


def test_what_is_cancelled_meanwhile_is_not_shipped() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make()
        await caller.confirm(order_id)
        await caller.change(order_id, state="cancelled")
        caller.wait(300)
        return [await status(caller, order_id), (await caller.read(order_id))["packages"]]

    assert talk(script) == ["CANCELLED", []]


@pytest.mark.parametrize("answer", ["http_500", "timeout", "reset"])
def test_a_lost_answer_leaves_the_effect_and_confirming_again_does_no_harm(answer: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make()
        await caller.fault("lost_ack", operation="confirmShipment", answer=answer, count=1)
        with contextlib.suppress(httpx.TransportError):
            assert (await caller.confirm(order_id)).status_code == 500
        again = (await caller.confirm(order_id)).status_code
        caller.wait(300)
        return [again, await status(caller, order_id), len((await caller.read(order_id))["packages"])]

    assert talk(script) == [204, "SHIPPED", 1]


def test_carriers_of_no_list_may_be_taken() -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(unknown_carriers="accepted")
        [order_id] = await caller.make()
        return (await caller.confirm(order_id, carrierCode="Pigeon Express")).status_code

    assert talk(script) == 204
