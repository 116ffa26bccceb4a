"""The calls of searchOrders are scarce: a full bucket is 2,000 orders, and each call comes back in three minutes."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.task import Priority
from app.errors import LimitReached
from app.marketplaces.amazon.adapter import PLATFORM, AmazonMarketplace
from app.marketplaces.amazon.client import PAGE_SIZE, AmazonClient
from app.marketplaces.amazon.quotas import CONFIRM_SHIPMENT, SEARCH_ORDERS
from app.marketplaces.port import OrderQuery
from app.store.engine import Store
from app.store.quotas import StoredQuotas
from app.transport.connector import Connector
from tests.marketplaces.amazon.builders import a_config, a_marketplace, a_page, letting_in, refused
from tests.marketplaces.amazon.records import FRANCE, ORDER_ID, an_order
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.support.aio import run
from tests.support.kept_engines import KeptEngines

TOKEN_S = 1 / 0.0056
PARCEL = {
    "marketplaceId": FRANCE,
    "packageDetail": {
        "packageReferenceId": "1",
        "carrierCode": "Colissimo",
        "trackingNumber": "8X0000000001",
        "shipDate": "2026-03-02T11:00:00Z",
        "orderItems": [{"orderItemId": "12345678901234", "quantity": 1}],
    },
}
QUERY = OrderQuery(by="updated", since=NOON - timedelta(days=16))


def endless(**headers: str) -> Remote:
    """Return an Amazon whose list has no end, a new order on every page."""

    def answer(request: httpx.Request) -> httpx.Response:
        if "confirm" in request.url.path.lower():
            return httpx.Response(204)
        number = len(remote.requests)
        page = a_page(an_order(f"250-0000000-{number:07}"), token=str(number))
        page.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return page

    remote = letting_in(answer)
    return remote


def a_run(remote: Remote, *, seconds: float = 60, clock: JumpingClock | None = None) -> Connector:
    """Return what a run of so many seconds reaches Amazon with."""
    clock = clock or JumpingClock(NOON)
    return a_connector(remote.transport, clock=clock, deadline=clock.now() + timedelta(seconds=seconds))


async def read(marketplace: AmazonMarketplace, priority: Priority = Priority.LIVE) -> LimitReached:
    """Read until the quota ends it."""
    with pytest.raises(LimitReached) as reached:
        async for _ in marketplace.orders(replace(QUERY, priority=priority)):
            pass
    return reached.value


def test_what_the_platform_calls_scarce_is_counted_where_its_adapter_counts() -> None:
    scarce_call = PLATFORM.scarce_call
    assert scarce_call is not None

    config = a_config()

    assert scarce_call.scope(config) == a_marketplace(endless()).quota_scope
    assert (scarce_call.operation, scarce_call.orders_per_call) == (SEARCH_ORDERS, PAGE_SIZE)
    assert 86_400 / scarce_call.quota.interval_s == pytest.approx(483.8, abs=0.1)


def test_a_backfill_leaves_six_calls_and_a_catch_up_three() -> None:
    remote = endless()
    marketplace = a_marketplace(remote, connector=a_run(remote))

    async def calls() -> AsyncIterator[int]:
        for priority in (Priority.BACKFILL, Priority.CATCH_UP, Priority.LIVE):
            await read(marketplace, priority)
            yield len(remote.requests)

    async def story() -> list[int]:
        return [number async for number in calls()]

    assert run(story()) == [14, 17, 20]


def test_a_run_without_calls_says_when_the_next_one_comes_and_how_far_they_are_apart() -> None:
    remote = endless()

    reached = run(read(a_marketplace(remote, connector=a_run(remote)), Priority.CATCH_UP))

    assert (reached.resume_at - NOON).total_seconds() == pytest.approx(TOKEN_S, abs=0.1)
    assert reached.interval_s == pytest.approx(TOKEN_S)


def test_parcels_are_confirmed_while_no_call_for_orders_is_left() -> None:
    remote = endless()
    connector = a_run(remote)
    marketplace = a_marketplace(remote, connector=connector)
    client = AmazonClient(a_config(), connector, quota_scope=marketplace.quota_scope)

    async def story() -> None:
        await read(marketplace)
        path = {"order_id": ORDER_ID}
        await client.call(CONFIRM_SHIPMENT, path=path, json=PARCEL, priority=Priority.SHIPMENTS)

    run(story())

    assert len(remote.requests) == 21
    assert connector.clock.now() - NOON < timedelta(seconds=1)


def test_the_rate_that_an_answer_says_counts_from_then_on() -> None:
    remote = endless(x_amzn_RateLimit_Limit="0.0112")
    connector = a_run(remote, seconds=TOKEN_S)

    reached = run(read(a_marketplace(remote, connector=connector)))

    # Twice the rate: two more calls in the time of one token.
    assert len(remote.requests) == 20 + 2 - 1
    assert reached.interval_s == pytest.approx(TOKEN_S / 2)
    assert (reached.resume_at - NOON).total_seconds() == pytest.approx(TOKEN_S, abs=0.2)


def test_a_429_costs_one_call_and_the_next_token_is_waited_for() -> None:
    answers: Iterator[Callable[[], httpx.Response]] = iter(
        [lambda: refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource."), lambda: a_page()]
    )
    remote = letting_in(lambda request: next(answers)())
    connector = a_run(remote, seconds=600)

    async def story() -> None:
        async for _ in a_marketplace(remote, connector=connector).orders(QUERY):
            pass

    run(story())

    assert (len(remote.requests), connector.meter.throttled) == (2, 1)
    assert (connector.clock.now() - NOON).total_seconds() == pytest.approx(TOKEN_S, abs=0.1)


def test_a_restart_gives_no_call_back_and_keeps_what_was_learned(database_url: str) -> None:
    remote = endless(x_amzn_RateLimit_Limit="0.0112")

    async def process(clock: JumpingClock) -> LimitReached:
        store = Store(database_url, engines=KeptEngines)
        clock.busy = [lambda: store.in_flight > 0]
        connector = replace(a_run(remote, clock=clock), quotas=StoredQuotas(store))
        reached = await read(a_marketplace(remote, connector=connector))
        store.close()
        return reached

    async def story() -> LimitReached:
        clock = JumpingClock(NOON)
        await process(clock)
        return await process(clock)

    after = run(story())

    assert len(remote.requests) == 20
    assert (after.resume_at - NOON).total_seconds() == pytest.approx(TOKEN_S / 2, abs=0.1)
    assert after.interval_s == pytest.approx(TOKEN_S / 2)


def test_two_processes_take_no_more_calls_than_there_are(database_url: str) -> None:
    remote = endless()
    stores = [Store(database_url, engines=KeptEngines), Store(database_url, engines=KeptEngines)]

    async def story() -> None:
        clock = JumpingClock(NOON)
        clock.busy = [lambda: any(store.in_flight > 0 for store in stores)]
        connectors = [replace(a_run(remote, clock=clock), quotas=StoredQuotas(store)) for store in stores]
        first, second = (a_marketplace(remote, connector=connector) for connector in connectors)
        await read(first, Priority.CATCH_UP)
        await read(second)
        await read(first)

    run(story())

    assert len(remote.requests) == 20
    for store in stores:
        store.close()
