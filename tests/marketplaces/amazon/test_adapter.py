from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.task import Priority, Task
from app.errors import BadInput, LimitReached, RoleMissing, Unavailable
from app.marketplaces.amazon.adapter import PLATFORM, AmazonMarketplace
from app.marketplaces.amazon.client import INCLUDED_DATA, REDUCED_DATA
from app.marketplaces.port import OrderQuery
from tests.marketplaces.amazon.builders import a_marketplace, a_page, letting_in, participations, refused
from tests.marketplaces.amazon.records import FRANCE, ORDER_ID, an_order, fulfilled, without
from tests.marketplaces.reaching import NOON, a_connector
from tests.support.aio import run

GERMANY = "A1PA6795UKMFR9"
SINCE = datetime(2026, 3, 2, 10, tzinfo=UTC)
QUERY = OrderQuery(by="updated", since=SINCE)


async def all_of(pages: AsyncIterator[Any]) -> list[Any]:
    return [page async for page in pages]


def pages_of(marketplace: AmazonMarketplace, query: OrderQuery = QUERY) -> list[Page[Order | Unreadable]]:
    return run(all_of(marketplace.orders(query)))


def ids(pages: list[Page[Order | Unreadable]]) -> list[str]:
    return [item.order_id for page in pages for item in page.items]


def test_one_list_asks_for_all_marketplaces_and_both_channels_without_an_upper_bound() -> None:
    remote = letting_in(lambda request: a_page(an_order()))

    [page] = pages_of(a_marketplace(remote))

    [request] = remote.requests
    assert request.url.path == "/orders/2026-01-01/orders"
    assert dict(request.url.params) == {
        "lastUpdatedAfter": "2026-03-02T10:00:00.000Z",
        "maxResultsPerPage": "100",
        "includedData": "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES,TAX",
        "marketplaceIds": f"{FRANCE},{GERMANY}",
    }
    assert request.headers["x-amz-access-token"] == "Atza|token-of-nobody"
    assert "(Language=Python/" in request.headers["user-agent"]
    assert page.remote_now == datetime(2026, 3, 2, 11, 58, tzinfo=UTC)
    assert page.resume is None
    assert ids([page]) == [ORDER_ID]


def test_every_page_repeats_what_the_first_one_asked() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "paginationToken" in request.url.params:
            return a_page(an_order("250-0000000-0000002"))
        return a_page(an_order("250-0000000-0000001"), token="next")

    remote = letting_in(answer)

    pages = pages_of(a_marketplace(remote))

    first, second = (dict(request.url.params) for request in remote.requests)
    assert second == first | {"paginationToken": "next"}
    assert ids(pages) == ["250-0000000-0000001", "250-0000000-0000002"]
    assert pages[0].resume
    assert pages[1].resume is None


def test_a_pass_goes_on_where_it_was_broken_off_with_the_marketplaces_of_its_first_page() -> None:
    remote = letting_in(
        lambda request: a_page(an_order(), token="" if request.url.params.get("paginationToken") else "next")
    )
    [first, _] = pages_of(a_marketplace(remote))
    remote.requests.clear()

    [rest] = pages_of(a_marketplace(remote, marketplaces="FR"), replace(QUERY, resume=first.resume))

    assert remote.requests[0].url.params["paginationToken"] == "next"
    assert remote.requests[0].url.params["marketplaceIds"] == f"{FRANCE},{GERMANY}"
    assert rest.resume is None


def test_a_list_of_yesterday_is_read_again_from_its_beginning() -> None:
    clock = JumpingClock(NOON)
    remote = letting_in(
        lambda request: a_page(an_order(), token="" if request.url.params.get("paginationToken") else "next")
    )
    marketplace = a_marketplace(remote, connector=a_connector(remote.transport, clock=clock))

    async def script() -> None:
        pages = marketplace.orders(QUERY)
        first = await anext(pages)
        clock.advance(23 * 3600)
        remote.requests.clear()
        await anext(marketplace.orders(replace(QUERY, resume=first.resume)))

    run(script())

    assert "paginationToken" not in remote.requests[0].url.params
    assert remote.requests[0].url.params["lastUpdatedAfter"] == "2026-03-02T10:00:00.000Z"


def test_a_refused_page_token_starts_the_window_anew_and_loses_nothing() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("paginationToken") == "old":
            return refused(400, "InvalidInput", "paginationToken is invalid")
        return a_page(an_order())

    remote = letting_in(answer)
    began = letting_in(lambda request: a_page(an_order("250-0000000-0000001"), token="old"))

    async def script() -> Page[Order | Unreadable]:
        return await anext(a_marketplace(began).orders(QUERY))

    resume = run(script()).resume
    pages = pages_of(a_marketplace(remote), replace(QUERY, resume=resume))

    assert ids(pages) == [ORDER_ID]
    assert [("paginationToken" in request.url.params) for request in remote.requests] == [True, True, False]


def test_the_same_page_again_and_again_never_ends_as_if_all_had_been_read() -> None:
    numbers = iter(range(1000))
    remote = letting_in(lambda request: a_page(an_order(), token=f"token-{next(numbers)}"))

    with pytest.raises(Unavailable, match="the same page"):
        pages_of(a_marketplace(remote))

    assert len(remote.requests) == 4


@pytest.mark.parametrize(
    "answer",
    [
        refused(400, "InvalidInput", "Request has missing or invalid parameters."),
        httpx.Response(400, html="<html><head><title>400 Bad Request</title></head></html>"),
        httpx.Response(400),
        httpx.Response(413),
        httpx.Response(500, json={"errors": [{"code": "InternalFailure", "message": "Please try again."}]}),
        httpx.Response(503),
        httpx.Response(200, json={"orders": [{"id": 1}]}),
        httpx.Response(200, json={"payload": {}}),
    ],
)
def test_a_list_that_is_not_given_is_asked_for_again_later_and_never_taken_for_empty(answer: httpx.Response) -> None:
    remote = letting_in(lambda request: answer)

    with pytest.raises(Unavailable):
        pages_of(a_marketplace(remote))


def test_a_wrong_request_is_made_once_more_for_less_and_then_later() -> None:
    remote = letting_in(lambda request: refused(400, "InvalidInput", "no"))

    with pytest.raises(Unavailable, match="refuses this request"):
        pages_of(a_marketplace(remote))

    assert [request.url.params["includedData"] for request in remote.requests] == [INCLUDED_DATA, REDUCED_DATA]


def test_who_was_given_less_goes_on_asking_for_less() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        if "TAX" in params["includedData"]:
            return refused(400, "InvalidInput", "no")
        token = "" if "paginationToken" in params else "next"
        return a_page(an_order(f"250-0000000-000000{len(token)}"), token=token)

    remote = letting_in(answer)

    pages = pages_of(a_marketplace(remote))

    assert len(ids(pages)) == 2
    assert ["TAX" in request.url.params["includedData"] for request in remote.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        (NOON - timedelta(seconds=30), "2026-03-02T11:55:00.000Z"),
        (NOON - timedelta(days=999), "2024-03-03T12:00:00.000Z"),
    ],
)
def test_a_window_beyond_what_amazon_answers_is_moved_into_it(since: datetime, asked: str) -> None:
    remote = letting_in(lambda request: a_page())

    pages_of(a_marketplace(remote), replace(QUERY, since=since))

    assert remote.requests[0].url.params["lastUpdatedAfter"] == asked


def test_orders_of_other_channels_never_come_in() -> None:
    other = an_order("S01-0000000-0000001", salesChannel={"channelName": "NON_AMAZON"})
    remote = letting_in(lambda request: a_page(other, an_order()))

    assert ids(pages_of(a_marketplace(remote))) == [ORDER_ID]


def test_a_catch_up_asks_for_its_channel_and_states_alone() -> None:
    remote = letting_in(lambda request: a_page(an_order(fulfillment=fulfilled("SHIPPED", "AMAZON"))))
    query = OrderQuery(
        by="updated",
        since=SINCE,
        fulfilment=frozenset({Fulfilment.MARKETPLACE}),
        states=frozenset({OrderState.SHIPPED, OrderState.CLOSED}),
        priority=Priority.CATCH_UP,
    )

    pages_of(a_marketplace(remote), query)

    params = remote.requests[0].url.params
    assert (params["fulfilledBy"], params["fulfillmentStatuses"]) == ("AMAZON", "SHIPPED")


def test_a_channel_that_is_switched_off_is_neither_asked_for_nor_read() -> None:
    remote = letting_in(lambda request: a_page(an_order(), an_order("2", fulfillment=fulfilled("SHIPPED", "AMAZON"))))
    of_amazon = replace(QUERY, fulfilment=frozenset({Fulfilment.MARKETPLACE}))

    assert ids(pages_of(a_marketplace(remote, channels="MFN"))) == [ORDER_ID]
    assert remote.requests[0].url.params["fulfilledBy"] == "MERCHANT"
    assert ids(pages_of(a_marketplace(remote, channels="MFN"), of_amazon)) == []
    assert len(remote.requests) == 1


def test_a_catch_up_leaves_three_calls_to_the_live_poll() -> None:
    remote = letting_in(
        lambda request: a_page(an_order(f"250-0000000-{len(remote.requests):07}"), token=str(len(remote.requests)))
    )
    connector = a_connector(remote.transport, deadline=NOON + timedelta(seconds=60))
    marketplace = a_marketplace(remote, connector=connector)

    with pytest.raises(LimitReached):
        pages_of(marketplace, replace(QUERY, priority=Priority.CATCH_UP))
    read_by_catch_up = len(remote.requests)
    with pytest.raises(LimitReached):
        pages_of(marketplace)

    assert (read_by_catch_up, len(remote.requests)) == (17, 20)


def test_without_chosen_marketplaces_those_are_asked_where_the_account_sells_once_a_day() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/sellers/v1/marketplaceParticipations":
            return participations(FRANCE, "NOT-A-STORE")
        return a_page()

    remote = letting_in(answer)
    marketplace = a_marketplace(remote, marketplaces="")

    pages_of(marketplace)
    pages_of(marketplace)

    assert [request.url.path.rsplit("/", 1)[1] for request in remote.requests] == [
        "marketplaceParticipations",
        "orders",
        "orders",
    ]
    assert remote.requests[1].url.params["marketplaceIds"] == FRANCE


def test_an_order_is_read_by_its_id_and_each_id_has_one_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        order_id = request.url.path.rsplit("/", 1)[1]
        if order_id == ORDER_ID:
            return httpx.Response(200, json={"order": an_order()})
        if order_id == "250-0000000-0000003":
            return httpx.Response(200, json={"order": without(an_order(order_id), "fulfillment")})
        return refused(404, "NotFound", "not here")

    remote = letting_in(answer)
    wanted = [ORDER_ID, "250-0000000-0000002", "250-0000000-0000003", ORDER_ID]

    found = run(all_of(a_marketplace(remote).orders_by_id(wanted)))

    assert [type(each) for each in found] == [Order, Missing, Unreadable]
    assert [each.order_id for each in found] == wanted[:3]
    assert remote.requests[0].url.path == f"/orders/2026-01-01/orders/{ORDER_ID}"


@pytest.mark.parametrize("order_id", ["", ".", "..", "a/b?c=d", "é à"])
def test_an_id_that_no_order_has_is_missing_and_asks_nothing_else(order_id: str) -> None:
    remote = letting_in(lambda request: refused(400, "InvalidInput", "orderId is invalid"))

    assert run(all_of(a_marketplace(remote).orders_by_id([order_id]))) == [Missing(order_id)]

    assert all(request.url.path.startswith("/orders/2026-01-01/orders/") for request in remote.requests)


def test_a_check_says_where_the_account_sells_and_what_is_stopped() -> None:
    found = check(lambda request: a_page(an_order()), suspended=[FRANCE])

    assert [(each.code, each.ok) for each in found] == [
        ("MARKETPLACES", False),
        ("LISTINGS_SUSPENDED", False),
        ("ROLES", True),
    ]
    assert "does not sell in DE" in found[0].sentence


def test_a_check_names_the_role_that_addresses_need() -> None:
    found = check(lambda request: a_page(without(an_order(), "recipient")))

    assert found[-1].code == "ROLE_MISSING"
    assert "Direct-to-Consumer" in found[-1].fix


def test_a_check_asks_for_orders_only_where_the_account_sells() -> None:
    asked: list[str] = []

    def orders(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["marketplaceIds"])
        return a_page()

    check(orders)

    assert asked == [FRANCE]


def test_a_check_passes_without_the_role_to_know_where_the_account_sells() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/sellers/v1/marketplaceParticipations":
            return refused(403, "Unauthorized", "Access to requested resource is denied.")
        return no_listings() if is_about_listings(request) else a_page(an_order())

    remote = letting_in(answer)

    checked = run(a_marketplace(remote).check())

    assert [finding.ok for finding in checked.findings] == [True, True]
    asked = {request.url.params.get("marketplaceIds") for request in remote.requests}
    assert asked == {None, f"{FRANCE},{GERMANY}"}


def test_a_check_names_the_role_that_offers_need() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if is_about_listings(request):
            return refused(403, "Unauthorized", "Access to requested resource is denied.")
        return participations(FRANCE, GERMANY) if "sellers" in request.url.path else a_page(an_order())

    checked = run(a_marketplace(letting_in(answer)).check())

    assert [(each.code, each.ok) for each in checked.findings] == [
        ("MARKETPLACES", True),
        ("ROLES", True),
        ("ROLE_MISSING", False),
    ]
    assert "Product Listing" in checked.findings[-1].fix


def test_a_check_without_an_order_to_ship_says_that_it_does_not_know() -> None:
    [*_, last] = check(lambda request: a_page(an_order(fulfillment=fulfilled("SHIPPED"))))

    assert last.ok
    assert "not known" in last.sentence


def test_a_missing_role_stops_the_run_and_says_what_to_do() -> None:
    remote = letting_in(lambda request: refused(403, "Unauthorized", "Access to requested resource is denied."))

    with pytest.raises(RoleMissing, match="Developer Central"):
        pages_of(a_marketplace(remote))

    assert len(remote.requests) == 2


@pytest.mark.parametrize("resume", ["x", "{}", '{"by": 1}', "[]"])
def test_a_place_that_is_none_is_refused(resume: str) -> None:
    with pytest.raises(BadInput):
        pages_of(a_marketplace(letting_in(lambda request: a_page())), replace(QUERY, resume=resume))


def test_amazon_offers_all_tasks_but_acceptance() -> None:
    assert set(Task) - PLATFORM.tasks == {Task.ORDERS_ACCEPT}
    assert PLATFORM.poll_policy.overlap == timedelta(minutes=60)


def is_about_listings(request: httpx.Request) -> bool:
    return request.url.path.startswith("/listings/")


def no_listings() -> httpx.Response:
    return httpx.Response(200, json={"numberOfResults": 0, "items": []})


def check(orders: Callable[[httpx.Request], httpx.Response], *, suspended: list[str] | None = None) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/sellers/v1/marketplaceParticipations":
            return participations(FRANCE, suspended=suspended or [])
        return no_listings() if is_about_listings(request) else orders(request)

    checked = run(a_marketplace(letting_in(answer)).check())
    assert checked.seller_key == "EU/A1B2C3D4E5F6G7"
    return checked.findings
