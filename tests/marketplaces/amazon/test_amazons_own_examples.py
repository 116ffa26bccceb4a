"""The adapter against Amazon's static sandbox: every documented answer is understood, every refusal becomes ours."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.order import Order
from app.domain.task import Priority
from app.errors import CallError, Refused, Unavailable
from app.marketplaces.amazon import mapping, quotas
from app.marketplaces.amazon.adapter import quota_scope
from app.marketplaces.amazon.client import AmazonClient, OrdersAsked
from app.marketplaces.amazon.files import feeds, reports
from app.marketplaces.amazon.offers.items import Items
from app.marketplaces.amazon.quotas import CONFIRM_SHIPMENT, GET_FEED_DOCUMENT
from app.marketplaces.amazon.stores import STORES
from app.sandbox.app import create_sandbox
from app.transport.operation import Operation
from tests.marketplaces.amazon.builders import API_HOST, TOKEN_PATH, a_config, a_token
from tests.marketplaces.amazon.held_to_models import held
from tests.marketplaces.amazon.records import ORDER_ID
from tests.marketplaces.reaching import NOON, a_connector
from tests.sandbox.amazon.caller import Caller
from tests.sandbox.amazon.models import FOLDER, model, with_models
from tests.sandbox.amazon.test_static import Example, asked, examples
from tests.support.aio import run

REPORT = b"seller-sku\tquantity\nTEA-1\t3\n"


async def _orders(client: AmazonClient) -> Any:
    answer = await client.orders(OrdersAsked(by="placed", since=datetime(2024, 12, 25, tzinfo=UTC)))
    return [mapping.order(record) for record in answer.records]


async def _order(client: AmazonClient) -> Any:
    record = await client.order(ORDER_ID)
    return [mapping.order(record)] if record else None


async def _participations(client: AmazonClient) -> Any:
    return [mapping.participation(record).marketplace_id for record in await client.participations()]


async def _confirmed(client: AmazonClient) -> Any:
    reported = {
        "packageReferenceId": "1",
        "carrierCode": "Colissimo",
        "trackingNumber": "8R00000000001",
        "shipDate": "2026-03-02T11:00:00.000Z",
        "orderItems": [{"orderItemId": "1", "quantity": 1}],
    }
    body = {"marketplaceId": STORES["FR"].id, "packageDetail": reported}
    return (await client.call(CONFIRM_SHIPMENT, path={"order_id": ORDER_ID}, json=body)).status


async def _patched(client: AmazonClient) -> Any:
    patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [{"quantity": 1}]}
    return (await _items(client).patch("TEA-1", STORES["FR"], patch, priority=Priority.STOCK))["status"]


async def _one_looked_up(client: AmazonClient) -> Any:
    return list(await _items(client).look_up(["TEA,1"], prices=True, priority=Priority.STOCK))


async def _looked_up(client: AmazonClient) -> Any:
    return list(await _items(client).look_up(["TEA-1"], prices=False, priority=Priority.STOCK))


async def _fed(client: AmazonClient) -> Any:
    return await feeds.submit(
        client,
        kind="JSON_LISTINGS_FEED",
        marketplace_ids=[STORES["FR"].id],
        content=b"{}",
        content_type="application/json; charset=UTF-8",
        priority=Priority.STOCK,
    )


async def _feed_ended(client: AmazonClient) -> Any:
    return await feeds.finished(client, "1")


async def _feeds_under_way(client: AmazonClient) -> Any:
    return await feeds.any_under_way(client, kind="JSON_LISTINGS_FEED", priority=Priority.STOCK)


async def _feed_document(client: AmazonClient) -> Any:
    answer = await client.call(GET_FEED_DOCUMENT, path={"document_id": "1"})
    assert isinstance(answer.data, dict)
    return await client.download(answer.data)


async def _reported(client: AmazonClient) -> Any:
    kind = "GET_MERCHANT_LISTINGS_ALL_DATA"
    return await reports.request(client, kind=kind, marketplace_ids=[STORES["FR"].id], priority=Priority.BACKFILL)


async def _report_ended(client: AmazonClient) -> Any:
    return await reports.finished(client, "1", priority=Priority.BACKFILL)


async def _report_lines(client: AmazonClient) -> Any:
    return [row async for row in reports.lines(client, "1", priority=Priority.BACKFILL)]


# What we ask of each operation that we know, and what we make of its good examples, one after the other.
ASKED: dict[str, tuple[Callable[[AmazonClient], Awaitable[Any]], list[Any]]] = {
    "searchOrders": (_orders, []),
    "getOrder": (_order, []),
    "getMarketplaceParticipations": (_participations, [["ATVPDKIKX0DER"]]),
    "confirmShipment": (_confirmed, [204]),
    "patchListingsItem": (_patched, ["ACCEPTED", "VALID", "INVALID"]),
    "getListingsItem": (_one_looked_up, [["GM-ZDPI-9B4E"]]),
    "searchListingsItems": (_looked_up, [["GM-ZDPI-9B4E"]]),
    "createFeedDocument": (_fed, ["3485934"]),
    "createFeed": (_fed, ["3485934"]),
    "getFeed": (_feed_ended, [feeds.FeedResult("CANCELLED", None)]),
    "getFeeds": (_feeds_under_way, [True]),
    "getFeedDocument": (_feed_document, [REPORT]),
    "createReport": (_reported, ["ID323"]),
    "getReport": (_report_ended, [None]),
    "getReportDocument": (_report_lines, [[{"seller-sku": "TEA-1", "quantity": "3"}]]),
}
# The same name in an API that ends.
OF_OLD = frozenset({("get", "/orders/v0/orders/{orderId}")})
# A reading that never differs from those that are answered is asked for again: see `suspect`.
ASKED_AGAIN = frozenset({"searchOrders", "getOrder"})


class Replaying(httpx.AsyncBaseTransport):
    """Asks the static sandbox for one example in place of what our client asks; of other operations a good one."""

    def __init__(self, caller: Caller, example: Example) -> None:
        self._caller, self._example = caller, example

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            return a_token()
        if request.url.host != API_HOST:
            return httpx.Response(200, content=REPORT if request.method == "GET" else b"")
        operation, faults = held(request)
        assert operation is not None
        assert faults == []
        chosen = self._example
        if operation_of(chosen) != operation.name:
            chosen = next(each for each in ours() if operation_of(each) == operation.name and each[3] < 300)
        self._caller.wait(60)
        answer = await asked(self._caller, *chosen[:3])
        assert answer.status_code == chosen[3]
        return httpx.Response(answer.status_code, content=answer.content, headers={"content-type": "application/json"})


def operation_of(example: Example) -> str:
    """Return the name of the operation that an example belongs to."""
    verb, path = example[:2]
    files = (model(file.stem).get("paths", {}) for file in sorted(FOLDER.glob("*.json")))
    name: str = next(paths[path][verb]["operationId"] for paths in files if path in paths)
    return name


def ours() -> list[Example]:
    """Return the examples of the operations that the adapter calls."""
    return [each for each in examples() if operation_of(each) in ASKED and (each[0], each[1]) not in OF_OLD]


async def replay(example: Example) -> Any:
    """Return what the adapter makes of an example."""
    clock = JumpingClock(NOON)
    sandbox = httpx.ASGITransport(app=create_sandbox(seed=1, clock=clock, models=FOLDER))
    async with httpx.AsyncClient(transport=sandbox, base_url="https://sandbox.example") as http:
        reach = (await http.get("/_control/credentials")).json()["amazon"]
        config = a_config()
        connector = a_connector(Replaying(Caller(http, clock, reach), example))
        client = AmazonClient(config, connector, quota_scope=quota_scope(config))
        return await ASKED[operation_of(example)][0](client)


@with_models
@pytest.mark.parametrize("name", ASKED)
def test_every_documented_answer_is_understood(name: str) -> None:
    good = [each for each in ours() if operation_of(each) == name and each[3] < 300]

    understood = [run(replay(each)) for each in good]

    assert good
    if name in ASKED_AGAIN:
        assert all(isinstance(each, Order) for orders in understood for each in orders)
        assert all(understood)
    else:
        assert understood == ASKED[name][1]


@with_models
@pytest.mark.parametrize("name", ASKED)
def test_every_documented_refusal_becomes_an_error_of_ours_that_repeats_its_words(name: str) -> None:
    for example in ours():
        if operation_of(example) != name or example[3] < 400:
            continue
        with pytest.raises(CallError) as caught:
            run(replay(example))

        expected: type[CallError] = Unavailable if name in ASKED_AGAIN else Refused
        said = example[4]["errors"][0]
        assert type(caught.value) is expected
        assert caught.value.operation == name
        assert said["message"] in caught.value.plain_detail


@with_models
def test_no_operation_that_the_adapter_calls_is_left_out() -> None:

    called = {each.name for each in vars(quotas).values() if isinstance(each, Operation)}

    assert called - {"token", "upload", "download"} == ASKED.keys()


def _items(client: AmazonClient) -> Items:
    return Items(client=client, seller_id="A1B2C3D4E5F6G7", stores=[STORES["FR"]])
