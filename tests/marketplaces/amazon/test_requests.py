"""What a request to Amazon must look like, whoever asks for it."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import unquote

import httpx
import pytest

from app.domain.order import OrderState
from app.domain.task import Priority
from app.marketplaces.amazon.adapter import quota_scope
from app.marketplaces.amazon.client import MOST_MARKETPLACES, PAGE_SIZE, AmazonClient, utc
from app.marketplaces.amazon.offers.items import Items
from app.marketplaces.amazon.stores import MARKETPLACES, STORES
from app.marketplaces.port import OrderQuery
from tests.marketplaces.amazon.builders import a_config, a_marketplace, a_page, letting_in
from tests.marketplaces.amazon.records import an_order, fulfilled
from tests.marketplaces.amazon.test_adapter import QUERY, pages_of
from tests.marketplaces.reaching import NOON, a_connector
from tests.support.aio import run


@pytest.mark.parametrize("by", ["updated", "placed"])
def test_no_list_has_an_upper_bound_or_a_second_lower_one(by: Literal["updated", "placed"]) -> None:
    remote = letting_in(lambda request: a_page(token="" if "paginationToken" in request.url.params else "next"))

    pages_of(a_marketplace(remote), replace(QUERY, by=by))

    bounds = [
        {name for name in request.url.params if name.endswith(("After", "Before"))} for request in remote.requests
    ]
    assert bounds == [{"lastUpdatedAfter" if by == "updated" else "createdAfter"}] * 2


def test_a_moment_of_another_zone_is_asked_for_in_utc() -> None:
    tokyo = datetime(2026, 3, 2, 19, tzinfo=timezone(timedelta(hours=9)))
    remote = letting_in(lambda request: a_page())

    pages_of(a_marketplace(remote), replace(QUERY, since=tokyo))

    assert remote.requests[0].url.params["lastUpdatedAfter"] == "2026-03-02T10:00:00.000Z" == utc(tokyo)


def test_a_page_is_as_large_as_it_may_be_and_holds_all_data_of_an_import() -> None:
    remote = letting_in(lambda request: a_page())

    pages_of(a_marketplace(remote))

    params = remote.requests[0].url.params
    assert (PAGE_SIZE, params["maxResultsPerPage"]) == (100, "100")
    assert {"FULFILLMENT", "RECIPIENT", "BUYER", "PROCEEDS", "CANCELLATION"} <= set(params["includedData"].split(","))


def test_all_marketplaces_of_a_region_fit_into_one_request() -> None:
    largest = max(sum(store.region == region for store in MARKETPLACES.values()) for region in ("EU", "NA", "FE"))

    assert largest <= MOST_MARKETPLACES


def test_a_request_says_who_asks_in_less_than_500_characters_and_is_not_signed() -> None:
    remote = letting_in(lambda request: a_page())

    pages_of(a_marketplace(remote))

    headers = remote.requests[0].headers
    assert "(Language=Python/" in headers["user-agent"]
    assert len(headers["user-agent"]) <= 500
    assert "authorization" not in headers


@pytest.mark.parametrize("sku", ["A/B", "A+B", "A B", "A#B", "100%", "é", "a?b=c"])
def test_a_sku_in_a_path_is_the_sku_that_arrives(sku: str) -> None:
    config = a_config()
    remote = letting_in(
        lambda request: httpx.Response(200, json={"sku": sku, "status": "ACCEPTED", "submissionId": "1"})
    )
    client = AmazonClient(config, a_connector(remote.transport), quota_scope=quota_scope(config))
    items = Items(client=client, seller_id=config.seller_id, stores=[STORES["FR"]])
    patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [{"quantity": 1}]}

    run(items.patch(sku, STORES["FR"], patch, priority=Priority.STOCK))

    [request] = remote.requests
    path = request.url.raw_path.decode().partition("?")[0].split("/")
    assert (len(path), unquote(path[-1])) == (6, sku)


def test_an_order_is_never_read_call_by_call_while_a_list_is_read() -> None:
    orders = [an_order(f"250-0000000-{number:07}", fulfillment=fulfilled("UNSHIPPED")) for number in range(59)]
    remote = letting_in(lambda request: a_page(*orders))
    query = OrderQuery(by="updated", since=NOON - timedelta(hours=1), states=frozenset({OrderState.TO_SHIP}))

    pages_of(a_marketplace(remote), query)

    assert len(remote.requests) == 1
