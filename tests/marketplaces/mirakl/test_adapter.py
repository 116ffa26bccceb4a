"""The adapter against a remote side written by hand: exact requests, and what becomes of every answer."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import httpx
import pytest

from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.task import Priority
from app.errors import (
    BadInput,
    CredentialsRefused,
    LimitReached,
    OutcomeUnknown,
    Refused,
    RoleMissing,
    SetupWrong,
    Unavailable,
)
from app.marketplaces.mirakl import mapping
from app.marketplaces.mirakl.adapter import PLATFORM, MiraklMarketplace, quota_scope
from app.marketplaces.port import LineOutcome, OrderQuery
from tests.marketplaces.mirakl.builders import DATE, KEY, a_config, a_marketplace, a_page, answers
from tests.marketplaces.mirakl.records import Record, a_line, an_order
from tests.marketplaces.reaching import NOON, KeptIntent, Remote, a_connector
from tests.support.aio import run

SINCE = datetime(2026, 3, 1, 8, tzinfo=UTC)

ACCOUNT = {
    "shop_id": 2042,
    "shop_name": "Essai",
    "shop_state": "OPEN",
    "currency_iso_code": "EUR",
    "approval_rate": 0.9,
}
CONFIGURATION = {"features": {"order_workflows": {"order_acceptance": "NOT_AUTOMATIC"}}, "timezone": "Europe/Paris"}


def numbered(number: int, **changes: Any) -> Record:
    """Return the order that was created in that second."""
    created = (SINCE + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
    return an_order(order_id=f"SBX-{number:05}-A", created_date=created, **changes)


class Shelf:
    """An operator's list of orders, sorted as Mirakl sorts it; `before` changes it before a page is cut."""

    def __init__(self, orders: list[Record], *, before: Callable[["Shelf", int], None] | None = None) -> None:
        self.orders = orders
        self._before = before
        self.remote = Remote(self._answer)

    def leave(self, *numbers: int) -> None:
        gone = {f"SBX-{number:05}-A" for number in numbers}
        self.orders = [order for order in self.orders if order["order_id"] not in gone]

    def enter(self, *orders: Record) -> None:
        self.orders = sorted([*self.orders, *orders], key=lambda order: (order["created_date"], order["order_id"]))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self._before:
            self._before(self, len(self.remote.requests))
        offset, most = int(request.url.params["offset"]), int(request.url.params["max"])
        return a_page(*self.orders[offset : offset + most], total_count=len(self.orders))


async def read_all(marketplace: MiraklMarketplace, query: OrderQuery) -> list[Page[Order | Unreadable]]:
    return [page async for page in marketplace.orders(query)]


def pages_of(shelf: Shelf, query: OrderQuery | None = None) -> list[Page[Order | Unreadable]]:
    marketplace = a_marketplace(shelf.remote)
    return run(read_all(marketplace, query or OrderQuery(by="updated", since=SINCE)))


def ids(pages: list[Page[Order | Unreadable]]) -> list[str]:
    return [order.order_id for page in pages for order in page.items]


async def by_id(marketplace: MiraklMarketplace, order_ids: list[str]) -> list[Order | Missing | Unreadable]:
    return [each async for each in marketplace.orders_by_id(order_ids)]


def the_order(**changes: Any) -> Order:
    order = mapping.order(an_order(order_state="WAITING_ACCEPTANCE", **changes))
    assert isinstance(order, Order)
    return order


class TestReading:
    def test_it_asks_by_update_without_an_upper_bound(self) -> None:
        remote = Remote(lambda request: a_page(an_order()))
        paris = SINCE.astimezone(timezone(timedelta(hours=1)))

        run(read_all(a_marketplace(remote, shop_id="2042"), OrderQuery(by="updated", since=paris)))

        [request] = remote.requests
        assert request.method == "GET"
        assert request.url.path == "/api/orders"
        assert dict(request.url.params) == {
            "max": "100",
            "offset": "0",
            "sort": "dateCreated",
            "order": "asc",
            "start_update_date": "2026-03-01T08:00:00Z",
            "order_tax_mode": "TAX_INCLUDED",
            "shop_id": "2042",
        }
        assert request.headers["Authorization"] == KEY
        assert request.headers["Accept"] == "application/json"

    def test_it_asks_by_creation(self) -> None:
        remote = Remote(lambda request: a_page())

        run(read_all(a_marketplace(remote, order_tax_mode="excl"), OrderQuery(by="placed", since=SINCE)))

        assert dict(remote.requests[0].url.params) == {
            "max": "100",
            "offset": "0",
            "sort": "dateCreated",
            "order": "asc",
            "start_date": "2026-03-01T08:00:00Z",
            "order_tax_mode": "TAX_EXCLUDED",
        }

    def test_it_asks_for_the_orders_that_wait(self) -> None:
        remote = Remote(lambda request: a_page())

        run(read_all(a_marketplace(remote), OrderQuery(by="to_accept", since=SINCE)))

        params = remote.requests[0].url.params
        assert params["order_state_codes"] == "WAITING_ACCEPTANCE"
        assert "start_update_date" not in params

    def test_states_make_the_question_smaller(self) -> None:
        remote = Remote(lambda request: a_page())
        query = OrderQuery(by="updated", since=SINCE, states=frozenset({OrderState.SHIPPED, OrderState.CLOSED}))

        run(read_all(a_marketplace(remote), query))

        assert remote.requests[0].url.params["order_state_codes"] == "SHIPPED,TO_COLLECT,RECEIVED,CLOSED"

    def test_a_prefix_of_the_address_is_kept(self) -> None:
        remote = Remote(lambda request: a_page())

        run(read_all(a_marketplace(remote, base_url="http://127.0.0.1:9000/mirakl"), OrderQuery(by="to_accept")))

        assert remote.requests[0].url.path == "/mirakl/api/orders"

    def test_fulfilment_is_sorted_out_by_the_adapter_and_unreadable_orders_stay(self) -> None:
        theirs = numbered(1, fulfillment={"center": {"code": "HUB"}})
        broken = numbered(3, total_price=None)
        shelf = Shelf([theirs, numbered(2), broken])
        query = OrderQuery(by="updated", fulfilment=frozenset({Fulfilment.MARKETPLACE}))

        assert ids(pages_of(shelf, query)) == ["SBX-00001-A", "SBX-00003-A"]

    def test_a_page_knows_both_clocks(self) -> None:
        [page] = pages_of(Shelf([]))

        assert page.items == ()
        assert page.remote_now == datetime(2026, 3, 2, 12, 0, 7, tzinfo=UTC)
        assert page.read_at == NOON
        assert page.resume is None


class TestPaging:
    def test_it_reads_to_the_end_and_each_page_repeats_the_end_of_the_one_before(self) -> None:
        shelf = Shelf([numbered(number) for number in range(250)])

        pages = pages_of(shelf)

        assert sorted(set(ids(pages))) == [f"SBX-{number:05}-A" for number in range(250)]
        assert [request.url.params["offset"] for request in shelf.remote.requests] == ["0", "90", "180"]
        assert [page.resume is None for page in pages] == [False, False, True]

    def test_a_full_last_page_is_not_believed_to_be_the_last(self) -> None:
        shelf = Shelf([numbered(number) for number in range(100)])

        pages = pages_of(shelf)

        assert [len(page.items) for page in pages] == [100, 10]

    def test_a_smaller_page_than_asked_for_is_not_the_end(self) -> None:
        orders = [numbered(number) for number in range(120)]

        def at_most_fifty(request: httpx.Request) -> httpx.Response:
            offset = int(request.url.params["offset"])
            return a_page(*orders[offset : offset + 50], total_count=len(orders))

        pages = run(read_all(a_marketplace(Remote(at_most_fifty)), OrderQuery(by="updated")))

        assert len(set(ids(pages))) == 120

    @pytest.mark.parametrize("gone", [range(1), range(99), range(100), range(150), range(20, 180)])
    def test_orders_that_leave_the_list_hide_no_other(self, gone: range) -> None:
        def somebody_accepts(shelf: Shelf, requests: int) -> None:
            if requests == 3:
                shelf.leave(*gone)

        shelf = Shelf([numbered(number) for number in range(350)], before=somebody_accepts)

        seen = set(ids(pages_of(shelf, OrderQuery(by="to_accept"))))

        assert {order["order_id"] for order in shelf.orders} <= seen

    def test_orders_that_leave_one_by_one_cost_no_page_twice(self) -> None:
        def somebody_accepts(shelf: Shelf, requests: int) -> None:
            shelf.leave(requests)

        shelf = Shelf([numbered(number) for number in range(350)], before=somebody_accepts)

        pages_of(shelf, OrderQuery(by="to_accept"))

        assert len(shelf.remote.requests) == 4

    def test_a_list_that_empties_ends_the_pass(self) -> None:
        def somebody_accepts_all(shelf: Shelf, requests: int) -> None:
            if requests == 2:
                shelf.orders = []

        pages = pages_of(Shelf([numbered(number) for number in range(150)], before=somebody_accepts_all))

        assert [len(page.items) for page in pages] == [100, 0]

    def test_orders_that_enter_in_front_only_make_others_come_twice(self) -> None:
        def more_come(shelf: Shelf, requests: int) -> None:
            shelf.enter(*(numbered(-10_000 + 200 * requests + number) for number in range(120)))

        first = [numbered(number) for number in range(250)]
        limited = Shelf(first, before=lambda shelf, requests: more_come(shelf, requests) if requests < 4 else None)

        seen = set(ids(pages_of(limited)))

        assert {order["order_id"] for order in first} <= seen

    def test_orders_of_one_second_are_not_lost_when_some_leave(self) -> None:
        created = "2026-03-02T08:10:05Z"

        def somebody_accepts(shelf: Shelf, requests: int) -> None:
            if requests == 2:
                shelf.leave(*range(60, 100))

        orders = [an_order(order_id=f"SBX-{number:05}-A", created_date=created) for number in range(250)]
        shelf = Shelf(orders, before=somebody_accepts)

        seen = set(ids(pages_of(shelf)))

        assert {order["order_id"] for order in shelf.orders} <= seen

    def test_it_goes_on_after_a_page_that_was_stored(self) -> None:
        shelf = Shelf([numbered(number) for number in range(350)])
        first, second, *_ = pages_of(shelf)
        stored = set(ids([first, second]))
        shelf.leave(*range(50))

        rest = pages_of(shelf, OrderQuery(by="updated", since=SINCE, resume=second.resume))

        assert {order["order_id"] for order in shelf.orders} <= stored | set(ids(rest))
        assert shelf.remote.requests[-len(rest)].url.params["offset"] == "90"

    def test_it_goes_further_back_when_more_has_left_meanwhile(self) -> None:
        shelf = Shelf([numbered(number) for number in range(450)])
        first, second, third, *_ = pages_of(shelf)
        stored = set(ids([first, second, third]))
        shelf.leave(*range(250))

        rest = pages_of(shelf, OrderQuery(by="updated", since=SINCE, resume=third.resume))

        assert {order["order_id"] for order in shelf.orders} <= stored | set(ids(rest))

    def test_a_list_that_is_short_now_is_not_searched_from_its_old_end(self) -> None:
        shelf = Shelf([numbered(5_000)])

        [page] = pages_of(shelf, OrderQuery(by="to_accept", resume="5000 2026-03-01T08:00:00+00:00 SBX-00000-A"))

        assert len(page.items) == 1
        assert len(shelf.remote.requests) == 2

    def test_a_place_without_a_date_is_a_place_too(self) -> None:
        orders = [numbered(number) for number in range(150)]
        orders[99]["created_date"] = None
        shelf = Shelf(orders)

        first, *_ = pages_of(shelf)
        rest = pages_of(shelf, OrderQuery(by="updated", resume=first.resume))

        assert len(set(ids([first, *rest]))) == 150

    @pytest.mark.parametrize("resume", ["7", "x 2026-03-02 SBX-1", "7 today SBX-1"])
    def test_a_place_that_we_never_gave_is_refused(self, resume: str) -> None:
        with pytest.raises(BadInput):
            pages_of(Shelf([]), OrderQuery(by="updated", resume=resume))

    def test_pages_keep_their_distance(self) -> None:
        shelf = Shelf([numbered(number) for number in range(250)])

        pages = pages_of(shelf)

        waits = [after.read_at - before.read_at for before, after in pairwise(pages)]
        assert sum(waits, timedelta()) >= timedelta(seconds=1)


class TestNonsense:
    @pytest.mark.parametrize(
        "body",
        [
            [],
            {"orders": None, "total_count": 0},
            {"orders": []},
            {"orders": [], "total_count": 5},
            {"orders": [], "total_count": "0"},
            {"orders": [an_order()], "total_count": 5},
            {"orders": ["SBX-1-A"], "total_count": 1},
            {"orders": [an_order(order_id=None)], "total_count": 1},
        ],
    )
    def test_a_page_that_makes_no_sense_leaves_the_cursor_where_it_is(self, body: object) -> None:
        with pytest.raises(Unavailable, match="the answer makes no sense"):
            run(read_all(a_marketplace(Remote(lambda request: answers(body))), OrderQuery(by="updated")))

    def test_a_page_for_people_is_not_an_answer(self) -> None:
        remote = Remote(lambda request: httpx.Response(200, html="<h1>Maintenance</h1>"))

        with pytest.raises(Unavailable):
            run(read_all(a_marketplace(remote), OrderQuery(by="updated")))


class TestById:
    def test_every_id_has_one_answer_a_hundred_a_call(self) -> None:
        known = {f"SBX-{number:05}-A" for number in range(200)}

        def those_known(request: httpx.Request) -> httpx.Response:
            asked = request.url.params["order_ids"].split(",")
            return a_page(*(an_order(order_id=order_id) for order_id in asked if order_id in known))

        remote = Remote(those_known)
        wanted = [f"SBX-{number:05}-A" for number in range(210)]

        found = run(by_id(a_marketplace(remote), wanted))

        assert [each.order_id for each in found] == wanted
        assert {type(each) for each in found[:200]} == {Order}
        assert found[200:] == [Missing(order_id) for order_id in wanted[200:]]
        assert [len(request.url.params["order_ids"].split(",")) for request in remote.requests] == [100, 100, 10]
        assert {request.url.params["max"] for request in remote.requests} == {"100"}

    def test_an_id_asked_twice_has_one_answer(self) -> None:
        remote = Remote(lambda request: a_page(an_order()))

        assert len(run(by_id(a_marketplace(remote), ["SBX-1-A", "SBX-1-A"]))) == 1

    def test_an_id_that_can_not_be_asked_for_is_missing(self) -> None:
        remote = Remote(lambda request: a_page())

        found = run(by_id(a_marketplace(remote), ["SBX-1,SBX-2", ""]))

        assert set(found) == {Missing("SBX-1,SBX-2"), Missing("")}
        assert remote.requests == []

    def test_an_order_that_was_left_out_is_not_missing(self) -> None:
        remote = Remote(lambda request: a_page(an_order(), total_count=2))

        with pytest.raises(Unavailable):
            run(by_id(a_marketplace(remote), ["SBX-1-A", "SBX-2-A"]))


class TestDeciding:
    def test_it_decides_every_line_in_one_call_and_says_so_before(self) -> None:
        remote = Remote(lambda request: httpx.Response(204))
        order = the_order(order_id="SBX/1-A", order_lines=[a_line(order_line_id="1"), a_line(order_line_id="2")])
        written: list[int] = []
        intent = KeptIntent(on_sending=lambda: written.append(len(remote.requests)))
        marketplace = a_marketplace(remote, shop_id="2042")

        outcomes = run(marketplace.decide(order, accept={"1": True, "2": False}, intent=intent))

        assert outcomes == [LineOutcome("1", True), LineOutcome("2", False)]
        [request] = remote.requests
        assert request.method == "PUT"
        assert remote.paths == ["/api/orders/SBX%2F1-A/accept?shop_id=2042"]
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.content) == {
            "order_lines": [{"id": "1", "accepted": True}, {"id": "2", "accepted": False}]
        }
        assert (intent.sent, written) == (["decide"], [0])

    @pytest.mark.parametrize(
        ("accept", "cancelled_line"),
        [({"1": True, "2": True}, True), ({"1": False, "2": False}, False), ({"1": True, "2": False}, False)],
    )
    def test_a_line_cancelled_meanwhile_is_named_and_follows_the_others(
        self, accept: dict[str, bool], cancelled_line: bool
    ) -> None:
        remote = Remote(lambda request: httpx.Response(204))
        lines = [a_line(order_line_id=line_id) for line_id in "123"]
        lines[2]["order_line_state"] = "CANCELED"

        outcomes = run(a_marketplace(remote).decide(the_order(order_lines=lines), accept=accept, intent=KeptIntent()))

        sent = json.loads(remote.requests[0].content)["order_lines"]
        assert {line["id"]: line["accepted"] for line in sent} == {**accept, "3": cancelled_line}
        assert [outcome.line_id for outcome in outcomes] == ["1", "2"]

    @pytest.mark.parametrize("accept", [{}, {"1": True}, {"1": True, "2": True, "3": True}])
    def test_lines_without_a_decision_or_decisions_without_a_line_are_not_sent(self, accept: dict[str, bool]) -> None:
        remote = Remote(lambda request: httpx.Response(204))
        order = the_order(order_lines=[a_line(order_line_id="1"), a_line(order_line_id="2")])
        intent = KeptIntent()

        with pytest.raises(Refused) as caught:
            run(a_marketplace(remote).decide(order, accept=accept, intent=intent))

        assert caught.value.reason == "REQUEST_REFUSED"
        assert (remote.requests, intent.sent) == ([], [])

    def test_an_order_decided_already_is_refused_as_such(self) -> None:
        body = {"errors": [{"code": "ORDER_INVALID_STATE", "field": "order_id", "message": "No."}]}
        remote = Remote(lambda request: answers(body, status=400))

        with pytest.raises(Refused) as caught:
            run(a_marketplace(remote).decide(the_order(), accept={"SBX-1-A-1": True}, intent=KeptIntent()))

        assert caught.value.reason == "NOT_DECIDABLE"

    @pytest.mark.parametrize(
        "answer", [httpx.Response(500), httpx.Response(200, html="<h1>Sign in</h1>"), httpx.ReadTimeout("late")]
    )
    def test_an_answer_that_says_nothing_leaves_the_outcome_unknown_and_is_not_repeated(
        self, answer: httpx.Response | Exception
    ) -> None:
        def once(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            return answer

        remote = Remote(once)

        with pytest.raises(OutcomeUnknown):
            run(a_marketplace(remote).decide(the_order(), accept={"SBX-1-A-1": True}, intent=KeptIntent()))

        assert len(remote.requests) == 1


def an_operator(
    *, account: Callable[[httpx.Request], httpx.Response], configuration: httpx.Response | None = None
) -> Remote:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/account":
            return account(request)
        assert request.url.path == "/api/platform/configuration"
        return configuration or answers(CONFIGURATION)

    return Remote(answer)


class TestChecking:
    def test_a_good_key_learns_its_shop(self) -> None:
        remote = an_operator(account=lambda request: answers(ACCOUNT))

        checked = run(a_marketplace(remote).check())

        assert checked.seller_key == "op.example.test/2042"
        assert checked.discovered == {"shop_id": "2042"}
        assert all(finding.ok for finding in checked.findings)
        assert remote.paths == ["/api/account", "/api/platform/configuration?shop_id=2042"]

    def test_a_configured_shop_is_asked_for_and_not_learned(self) -> None:
        remote = Remote(lambda request: answers(ACCOUNT if request.url.path.endswith("account") else CONFIGURATION))

        checked = run(a_marketplace(remote, shop_id="2042", base_url="http://127.0.0.1:9000/mirakl").check())

        assert checked.discovered == {}
        assert checked.seller_key == "127.0.0.1:9000/mirakl/2042"
        assert remote.paths[0] == "/mirakl/api/account?shop_id=2042"

    def test_a_shop_of_another_key_is_found_out(self) -> None:
        def only_the_own_shop(request: httpx.Request) -> httpx.Response:
            if "shop_id" in request.url.params:
                return answers({"message": "Forbidden"}, status=403)
            return answers(ACCOUNT)

        checked = run(a_marketplace(an_operator(account=only_the_own_shop), shop_id="7").check())

        [number] = [finding for finding in checked.findings if finding.code == "SHOP_ID"]
        assert not number.ok
        assert "2042" in number.sentence
        assert checked.seller_key == "op.example.test/2042"

    def test_an_operator_that_answers_for_another_shop_is_found_out(self) -> None:
        checked = run(a_marketplace(an_operator(account=lambda request: answers(ACCOUNT)), shop_id="7").check())

        assert not next(finding for finding in checked.findings if finding.code == "SHOP_ID").ok

    def test_a_configuration_out_of_reach_is_no_obstacle(self) -> None:
        remote = an_operator(account=lambda request: answers(ACCOUNT), configuration=answers({}, status=403))

        checked = run(a_marketplace(remote).check())

        assert all(finding.ok for finding in checked.findings)

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (answers({"message": "Unauthorized"}, status=401), CredentialsRefused),
            (answers({"message": "Forbidden"}, status=403), RoleMissing),
            (httpx.Response(404, html="<h1>Not here</h1>"), SetupWrong),
            (httpx.Response(302, headers={"Location": "https://elsewhere.example.test/"}), SetupWrong),
            (httpx.Response(503), Unavailable),
            (answers({"shop_name": "Essai"}), Unavailable),
        ],
    )
    def test_what_stands_in_the_way_is_named(self, answer: httpx.Response, error: type[Exception]) -> None:
        with pytest.raises(error):
            run(a_marketplace(an_operator(account=lambda request: answer)).check())

    def test_a_check_too_many_takes_the_account_of_today(self) -> None:
        async def checks(often: int) -> list[str]:
            connector = a_connector(remote.transport, deadline=NOON + timedelta(minutes=10))
            marketplace = a_marketplace(remote, connector=connector)
            return [(await marketplace.check()).seller_key for _ in range(often)]

        remote = an_operator(account=lambda request: answers(ACCOUNT))

        keys = run(checks(7))

        assert set(keys) == {"op.example.test/2042"}
        assert [path.partition("?")[0] for path in remote.paths].count("/api/account") == 5
        assert [path.partition("?")[0] for path in remote.paths].count("/api/platform/configuration") == 7

    def test_a_check_too_many_without_an_account_of_today_says_when_to_come_back(self) -> None:
        remote = an_operator(account=lambda request: httpx.Response(429, headers={"Retry-After": "7200", "Date": DATE}))
        connector = a_connector(remote.transport, deadline=NOON + timedelta(minutes=10))

        with pytest.raises(LimitReached):
            run(a_marketplace(remote, connector=connector).check())

    def test_only_what_is_needed_of_the_account_is_kept(self) -> None:
        remote = an_operator(account=lambda request: answers({**ACCOUNT, "payment_info": {"iban": "FR76"}}))
        connector = a_connector(remote.transport)
        marketplace = a_marketplace(remote, connector=connector)

        run(marketplace.check())

        kept = asyncio.run(connector.references.get(marketplace.quota_scope, "A01 ", NOON))
        assert kept
        assert "iban" not in kept


class TestQuotaScope:
    def test_it_keeps_operator_key_and_shop_apart_without_the_key(self) -> None:
        scopes = {
            quota_scope(a_config()),
            quota_scope(a_config(shop_id="2042")),
            quota_scope(a_config(api_key="another-key")),
            quota_scope(a_config(base_url="https://other.example.test")),
        }

        assert len(scopes) == 4
        assert not any(KEY in scope for scope in scopes)

    def test_catch_ups_leave_calls_for_live_runs(self) -> None:
        async def calls_until_spent(marketplace: MiraklMarketplace, priority: Priority) -> int:
            for calls in range(100):
                try:
                    await read_all(marketplace, OrderQuery(by="to_accept", priority=priority))
                except LimitReached:
                    return calls
            return 100

        async def both() -> tuple[int, int]:
            remote = Remote(lambda request: a_page())
            connector = a_connector(remote.transport, deadline=NOON + timedelta(seconds=60))
            marketplace = a_marketplace(remote, connector=connector)
            catch_up = await calls_until_spent(marketplace, Priority.CATCH_UP)
            return catch_up, await calls_until_spent(marketplace, Priority.LIVE)

        assert run(both()) == (20, 10)


def test_the_platform_opens_an_account() -> None:
    remote = Remote(lambda request: a_page())

    marketplace = PLATFORM.open(a_config(), a_connector(remote.transport))

    assert marketplace.can == MiraklMarketplace.can
