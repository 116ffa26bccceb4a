"""What is sent and answered over a whole day, held to Amazon's own model files; and that breaking them is seen."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService
from tests.marketplaces.amazon.builders import API_HOST
from tests.marketplaces.amazon.held_to_models import HeldToModels, held
from tests.sandbox.amazon.models import with_models
from tests.support.aio import run
from tests.tasks.sandbox_service import DAY_S

LAMP = "LAMPE-BUREAU-001"
ORDERS, ITEM = "/orders/2026-01-01/orders", "/listings/2021-08-01/items/A1B2C3D4E5F6G7/TEA-1"
CONFIRMATION = "/orders/v0/orders/250-1234567-8901234/shipmentConfirmation"
GOOD = {"x-amz-access-token": "Atza|token-of-nobody", "user-agent": "marketcron/1 (Language=Python/3.11)"}
PACKAGE = {
    "packageReferenceId": "1",
    "carrierCode": "Colissimo",
    "trackingNumber": "8R00000000001",
    "shipDate": "2026-03-02T11:00:00Z",
    "orderItems": [{"orderItemId": "1", "quantity": 1}],
}


@with_models
def test_every_call_of_every_task_is_as_the_models_say_and_so_is_every_answer(service: AmazonService) -> None:
    service.set(send_price=True)
    service.make(3, business=True)
    service.make(2, fulfilment="marketplace", state="shipped", age="1d")
    service.make(1, state="pending", payment_delay_s=7200)
    [sent] = service.make(1)
    service.pass_time(FOUND_AFTER_S)

    service.run()
    service.ship(sent)
    service.pass_time(3600)
    service.run("orders-status")
    service.run("offers-send")
    service.pass_time(DAY_S)
    service.run("offers-send")
    service.put_product(LAMP, quantity=3)
    service.run("offers-send")
    for asked in ({}, {"recheck": 1}, {"doublecheck": 1}, {"order_id": sent}):
        service.run(**asked)
    for _ in range(2):
        service.run("orders-reconcile")
        service.pass_time(DAY_S)

    assert service.held.faults == []
    # Feeds are for hundreds of offers; the tests of these hold them to the models too.
    called = {name for name, status in service.held.called if status < 300}
    assert called >= {
        "searchOrders",
        "getOrder",
        "getMarketplaceParticipations",
        "confirmShipment",
        "patchListingsItem",
        "searchListingsItems",
        "createReport",
        "getReport",
        "getReportDocument",
    }


@with_models
@pytest.mark.parametrize(
    ("method", "path", "query", "body", "fault"),
    [
        ("GET", ORDERS, {"colour": "red"}, None, "?colour: unknown"),
        ("GET", ORDERS, {"lastUpdatedAfter": "2026-03-02 10:00"}, None, "is not a 'date-time'"),
        ("GET", ORDERS, {"includedData": "FULFILLMENT,ADDRESS"}, None, "'ADDRESS' is not one of"),
        ("GET", ORDERS, {"maxResultsPerPage": "many"}, None, "'many' is not of type 'integer'"),
        ("GET", ORDERS, {"marketplaceIds": ",".join(["A"] * 51)}, None, "is too long"),
        ("GET", ITEM, {}, None, "?marketplaceIds: missing"),
        ("PATCH", ITEM, {"marketplaceIds": "A"}, {"productType": "PRODUCT"}, "'patches' is a required property"),
        ("PATCH", ITEM, {"marketplaceIds": "A"}, {"productType": "P", "patches": [], "x": 1}, "$.x: unknown"),
        ("GET", "/orders/v1/orders", {}, None, "no model knows GET /orders/v1/orders"),
        (
            "POST",
            CONFIRMATION,
            {},
            {"marketplaceId": "A", "packageDetail": {**PACKAGE, "packageReferenceId": 1}},
            "1 is not of type 'string'",
        ),
        (
            "POST",
            CONFIRMATION,
            {},
            {"marketplaceId": "A", "packageDetail": {**PACKAGE, "orderItems": {}}},
            "{} is not of type 'array'",
        ),
    ],
)
def test_a_request_that_breaks_a_model_is_seen(
    method: str, path: str, query: Mapping[str, str], body: object, fault: str
) -> None:
    assert fault in " ".join(faults_of(method, path, query=query, body=body))


@with_models
@pytest.mark.parametrize("name", GOOD)
def test_a_request_without_who_asks_or_a_token_is_seen(name: str) -> None:
    headers = {each: text for each, text in GOOD.items() if each != name}

    [fault] = faults_of("GET", ORDERS, query={}, headers=headers)

    assert ("user-agent" if name == "user-agent" else "no access token") in fault


@with_models
def test_a_good_request_breaks_nothing() -> None:
    asked = {"lastUpdatedAfter": "2026-03-02T10:00:00.000Z", "includedData": "FULFILLMENT"}
    body = {"marketplaceId": "A", "packageDetail": PACKAGE}

    assert faults_of("GET", ORDERS, query=asked) == []
    assert faults_of("POST", CONFIRMATION, query={}, body=body) == []


@with_models
def test_the_store_of_documents_must_not_see_the_token() -> None:
    assert faults_of("PUT", "/s3/1", query={}) == ["/s3/1 is told the access token"]


@with_models
@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (httpx.Response(200, json={"orders": [{"orderId": 1}]}), "1 is not of type 'string'"),
        (httpx.Response(200, json={"orders": [], "weather": "fine"}), "$.weather: unknown"),
        (httpx.Response(418, json={}), "is no status of this operation"),
        (httpx.Response(400, json={"errors": [{"code": "InvalidInput"}]}), "'message' is a required property"),
    ],
)
def test_an_answer_that_breaks_a_model_is_seen(answer: httpx.Response, fault: str) -> None:
    network = HeldToModels(httpx.MockTransport(lambda request: answer))

    async def script() -> None:
        async with httpx.AsyncClient(transport=network, base_url=f"https://{API_HOST}") as http:
            await http.get(ORDERS, params={"lastUpdatedAfter": "2026-03-02T10:00:00.000Z"}, headers=GOOD)

    run(script())

    assert fault in " ".join(network.faults)


def faults_of(
    method: str, path: str, *, query: Mapping[str, str], body: object = None, headers: Mapping[str, str] = GOOD
) -> list[str]:
    content: dict[str, Any] = {} if body is None else {"content": json.dumps(body)}
    sent = {**headers, **({"content-type": "application/json"} if content else {})}
    request = httpx.Request(method, f"https://{API_HOST}{path}", params=dict(query), headers=sent, **content)
    if "user-agent" not in headers:
        request.headers.pop("user-agent", None)
    return held(request)[1]
