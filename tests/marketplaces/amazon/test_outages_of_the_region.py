"""What a merchant's imports make of hours in which Amazon answers badly: nothing is lost, nothing comes twice."""

from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService
from tests.marketplaces.amazon.builders import refused
from tests.tasks.sandbox_service import Report

MINUTE = timedelta(minutes=1)


def at(report: Report, name: str) -> datetime:
    return datetime.fromisoformat(report.answer[name])


def new_orders(service: AmazonService, count: int = 5) -> list[str]:
    """Let a first import run and orders come in after it."""
    assert service.run().status == "done"
    service.pass_time(FOUND_AFTER_S)
    made = service.make(count)
    service.pass_time(FOUND_AFTER_S)
    return made


def each_once(service: AmazonService, made: list[str]) -> bool:
    return service.shop_orders() == dict.fromkeys(made, 1)


@pytest.mark.parametrize("trouble", ["http_500", "http_400", "html_400", "http_413"])
def test_an_outage_of_half_a_day_pauses_for_ever_longer_and_then_brings_every_order(
    service: AmazonService, trouble: str
) -> None:
    made = new_orders(service)
    before = service.cursor()
    service.switch(troubles={"searchOrders": trouble}, trouble_h=12)

    first = service.run()
    cursor_during = service.cursor()
    reports = service.gone_on(first, hours=14)

    pauses = [
        round((at(later, "started_at") - at(earlier, "finished_at")) / MINUTE) for earlier, later in pairwise(reports)
    ]
    assert pauses[:6] == [2, 4, 8, 16, 32, 60]
    assert set(pauses[6:]) == {60}
    assert cursor_during == before
    assert {each.answer["cause"] for each in reports[:-1]} == {"marketplace"}
    assert {code for each in reports[:-1] for code in each.codes} == {"MARKETPLACE_DOWN"}
    assert reports[-1].status == "done"
    assert each_once(service, made)


def test_a_503_is_tried_again_at_once_and_nobody_hears_of_it(service: AmazonService) -> None:
    made = new_orders(service)
    service.fault("http_503", operation="searchOrders", count=1)

    report = service.run()

    assert (report.status, report.codes) == ("done", set())
    assert each_once(service, made)


def test_what_a_page_of_a_gateway_says_is_reported_without_its_html(service: AmazonService) -> None:
    new_orders(service)
    service.switch(troubles={"searchOrders": "html_400"})

    problem = service.run().problem("MARKETPLACE_DOWN")

    assert "400 Bad Request" in problem["message"]
    assert "<" not in problem["message"]


def test_the_words_of_an_outage_are_reported_and_not_its_json(service: AmazonService) -> None:
    new_orders(service)
    service.switch(troubles={"searchOrders": "http_500"})

    problem = service.run().problem("MARKETPLACE_DOWN")

    assert "InternalFailure: We encountered an internal error." in problem["message"]
    assert "{" not in problem["message"]


def test_a_region_that_refuses_good_requests_is_read_for_less_and_the_numbers_of_companies_wait(
    service: AmazonService,
) -> None:
    made = new_orders(service)
    service.switch(troubles={"*": "included_data_400"}, trouble_h=12)

    report = service.run()

    assert (report.status, report.counts["imported"]) == ("done", len(made))
    # One list for everything, refused; then the list and its second look for less.
    assert service.refused("searchOrders") <= 1
    assert each_once(service, made)


def test_page_tokens_that_are_refused_for_an_hour_stop_nothing_but_the_list(service: AmazonService) -> None:
    service.make(105, age="2d")
    service.switch(troubles={"searchOrders": "page_token_refused"}, trouble_h=1)

    during = service.run()
    reports = service.gone_on(during, hours=8)

    assert (during.status, during.codes) == ("paused", {"MARKETPLACE_DOWN"})
    assert reports[-1].status == "done"
    assert sum(service.shop_orders().values()) == len(service.shop_orders()) == 105


def test_the_same_page_for_ever_is_never_taken_for_the_end(service: AmazonService) -> None:
    service.make(105, age="2d")
    service.switch(troubles={"searchOrders": "same_page"}, trouble_h=1)

    during = service.run()
    asked = service.calls("searchOrders")
    reports = service.gone_on(during, hours=8)

    assert (during.status, during.codes) == ("paused", {"MARKETPLACE_DOWN"})
    assert "the same page of orders again and again" in during.problem("MARKETPLACE_DOWN")["message"]
    # The connection test, and twice a page with its repetition.
    assert asked <= 5
    assert reports[-1].status == "done"
    assert sum(service.shop_orders().values()) == len(service.shop_orders()) == 105


def test_a_list_that_breaks_off_goes_on_with_its_second_page_once_the_region_is_well(service: AmazonService) -> None:
    service.make(250, age="2d")
    service.gateway.refuse = outage_after_the_first_page

    during = service.run()
    service.gateway.refuse = lambda request: None
    service.gateway.asked.clear()
    after = service.went_on(during)

    lists = [request.url.params for request in service.gateway.asked if request.url.path.endswith("/orders")]
    assert during.codes == {"MARKETPLACE_DOWN"}
    assert after.status == "done"
    # Two pages are left of three, and the list is not begun again.
    assert ["paginationToken" in params for params in lists if "fulfilledBy" not in params] == [True, True]
    assert sum(service.shop_orders().values()) == len(service.shop_orders()) == 250


def test_a_list_that_broke_off_more_than_a_day_ago_is_begun_again(service: AmazonService) -> None:
    service.make(105, age="2d")
    service.gateway.refuse = outage_after_the_first_page

    service.run()
    service.gateway.refuse = lambda request: None
    service.pass_hours(26)
    after = service.run()

    assert (after.status, after.codes) == ("done", set())
    assert service.refused("searchOrders") == 0
    assert sum(service.shop_orders().values()) == len(service.shop_orders()) == 105


@pytest.mark.parametrize("kind", ["timeout", "reset", "truncate", "malformed"])
def test_an_answer_that_does_not_arrive_whole_is_no_answer(service: AmazonService, kind: str) -> None:
    made = new_orders(service)
    service.fault(kind, operation="searchOrders", count=2)

    reports = service.gone_on(service.run(), hours=1)

    assert reports[-1].status == "done"
    assert each_once(service, made)


def outage_after_the_first_page(request: httpx.Request) -> httpx.Response | None:
    if "paginationToken" not in request.url.params:
        return None
    return refused(500, "InternalFailure", "We encountered an internal error. Please try again.")
