"""Orders in a few words: from reports that the adapter orders, waits for, and goes on with."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.order import Fulfilment, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.summary import OrderSummary
from app.errors import BadInput, LimitReached, Unavailable
from app.marketplaces.amazon.adapter import AmazonMarketplace
from app.marketplaces.port import OrderQuery, SumsUp
from app.transport.deadline import Deadline
from tests.marketplaces.amazon.test_sandbox import Region, play
from tests.marketplaces.reaching import NOON

MONTH = NOON - timedelta(days=30)
Summaries = list[Page[OrderSummary | Unreadable]]
ById = dict[str, OrderSummary]


async def pages_of(amazon: AmazonMarketplace, *, resume: str | None = None, days: int = 30) -> Summaries:
    since = NOON - timedelta(days=days)
    return [page async for page in amazon.summaries(since=since, resume=resume)]


async def summarised(amazon: AmazonMarketplace, **asked: Any) -> ById:
    return by_id(await pages_of(amazon, **asked))


def by_id(pages: Summaries) -> ById:
    items = [item for page in pages for item in page.items]
    assert not [item for item in items if isinstance(item, Unreadable)]
    return {item.order_id: item for item in items if isinstance(item, OrderSummary)}


async def calls(region: Region) -> dict[str, int]:
    found: dict[str, int] = (await region.control.state())["calls"]
    return {name: number for name, number in found.items() if name != "token"}


async def first_page(amazon: AmazonMarketplace) -> Page[OrderSummary | Unreadable]:
    """Return the page that says which reports were ordered, and wait no longer."""
    return await anext(aiter(amazon.summaries(since=MONTH, resume=None)))


def in_a_hurry(region: Region, *, seconds: float) -> AmazonMarketplace:
    """Return the adapter of a run that ends so soon."""
    deadline = Deadline(region.clock.now() + timedelta(seconds=seconds))
    return AmazonMarketplace(region.config, replace(region.connector, deadline=deadline))


def test_an_adapter_of_amazon_sums_up() -> None:
    async def scene(region: Region) -> None:
        assert isinstance(region.amazon, SumsUp)

    play(scene)


def test_a_month_of_orders_costs_one_call_to_order_and_one_to_fetch() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(1200, age="20d")

        pages = await pages_of(region.amazon)

        counted = await calls(region)
        assert sorted(by_id(pages)) == sorted(made)
        # Ordered; then pages of some hundreds.
        assert [len(page.items) for page in pages] == [0, 500, 500, 200]
        assert [bool(page.resume) for page in pages] == [True, True, True, False]
        assert (counted["createReport"], counted["getReportDocument"]) == (1, 1)
        assert "searchOrders" not in counted
        assert "getOrder" not in counted
        assert await region.wasted() == {}

    play(scene)


def test_summaries_and_orders_say_the_same_of_every_order() -> None:
    async def scene(region: Region) -> None:
        await region.control.make(120, age="9d")
        await region.control.make(40, age="3d", fulfilment="marketplace", state="shipped")
        await region.control.make(20, age="3d", state="pending", late_payment_h=300)
        await region.control.make(10, age="3d", replacement=True)
        for order_id in await region.control.make(20, age="3d", lines=2):
            await region.control.change(order_id, cancel_line=1)
        for order_id in await region.control.make(5, age="3d"):
            await region.control.change(order_id, state="cancelled")
        region.clock.advance(3600)

        orders = await region.read()
        summaries = await summarised(region.amazon)

        assert summaries.keys() == orders.keys()
        for order_id, order in orders.items():
            assert_agree(order, summaries[order_id])

    play(scene)


def assert_agree(order: Order, summary: OrderSummary) -> None:
    assert order.updated_at is not None
    assert (summary.state, summary.fulfilment) == (order.state, order.fulfilment)
    assert timedelta(0) <= order.updated_at - summary.updated_at < timedelta(seconds=1)
    assert timedelta(0) <= order.placed_at - summary.placed_at < timedelta(seconds=1)
    paid = order.state not in (OrderState.PENDING, OrderState.CANCELLED)
    assert bool(summary.totals) is paid
    assert not paid or order.open_total.rounded() in summary.totals, (order.open_total, summary.totals)


def test_only_the_channels_of_the_account_are_reported_and_never_another_shop_s_orders() -> None:
    async def scene(region: Region) -> None:
        [ours] = await region.control.make(1, age="2d")
        [theirs] = await region.control.make(1, age="2d", fulfilment="marketplace")
        await region.control.make(2, age="2d", mcf=True, fulfilment="marketplace")

        both = await summarised(region.amazon)
        one = await summarised(region.again(channels="AFN"))

        assert both.keys() == {ours, theirs}
        assert one.keys() == {theirs}
        assert one[theirs].fulfilment is Fulfilment.MARKETPLACE

    play(scene)


def test_the_letters_of_windows_harm_nothing() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(30, age="2d", shape="odd_text")
        await region.control.switch(report_encoding="cp1252", gzip=False)

        assert sorted(await summarised(region.amazon)) == sorted(made)

    play(scene)


def test_where_nothing_changed_there_is_nothing_to_report() -> None:
    async def scene(region: Region) -> None:
        pages = await pages_of(region.amazon)

        assert [page.items for page in pages] == [(), ()]
        assert pages[-1].resume is None
        assert "getReportDocument" not in await calls(region)

    play(scene)


def test_a_longer_window_takes_a_report_for_every_thirty_days() -> None:
    async def scene(region: Region) -> None:
        made = [order_id for age in ("2d", "29d", "31d", "59d") for order_id in await region.control.make(2, age=age)]

        found = await summarised(region.amazon, days=60)

        state = await region.control.state()
        assert sorted(found) == sorted(made)
        assert len(state["reports"]) == 2

    play(scene)


def test_a_run_that_ends_before_the_report_goes_on_with_the_same_one() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(3, age="2d")
        first = await first_page(region.amazon)
        with pytest.raises(LimitReached) as caught:
            await pages_of(in_a_hurry(region, seconds=10), resume=first.resume)
        region.clock.advance(3600)

        pages = await pages_of(region.again(), resume=first.resume)

        assert (first.items, caught.value.code) == ((), "TIME_USED_UP")
        assert sorted(by_id(pages)) == sorted(made)
        # The page that orders comes once.
        assert len(pages) == 1
        assert (await calls(region))["createReport"] == 1

    play(scene)


def test_a_document_is_gone_on_with_where_it_was_left() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(1200, age="20d")
        pages = await pages_of(region.amazon)

        rest = await pages_of(region.again(), resume=pages[1].resume)

        assert [len(page.items) for page in rest] == [500, 200]
        assert sorted(by_id([*pages[:2], *rest])) == sorted(made)
        assert (await calls(region))["createReport"] == 1

    play(scene)


Spoil = Callable[[Region, str], Awaitable[str]]


async def of_last_month(region: Region, resume: str) -> str:
    region.clock.advance(28 * 86400)
    return resume


async def of_another_seller(region: Region, resume: str) -> str:
    number = (await region.control.state())["reports"][0]["id"]
    assert number in resume
    return resume.replace(number, "1")


@pytest.mark.parametrize("spoil", [of_last_month, of_another_seller])
def test_a_report_that_is_too_old_or_unknown_is_ordered_anew(spoil: Spoil) -> None:
    async def scene(region: Region) -> None:
        first = await first_page(region.amazon)
        resume = await spoil(region, first.resume or "")
        made = await region.control.make(3, age="1h")

        pages = await pages_of(region.again(), resume=resume)

        assert pages[0].items == ()
        assert pages[0].resume != resume
        assert sorted(by_id(pages)) == sorted(made)

    play(scene)


def test_a_report_that_amazon_gives_up_is_an_outage_and_ordered_anew_by_the_next_run() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(3, age="2d")
        await region.control.switch(reports_fail=True)
        first = await first_page(region.amazon)
        region.clock.advance(3600)
        with pytest.raises(Unavailable, match="gave up making the report"):
            await pages_of(region.amazon)
        await region.control.switch(reports_fail=False)

        pages = await pages_of(region.again(), resume=first.resume)

        assert sorted(by_id(pages)) == sorted(made)

    play(scene)


def test_a_refused_report_is_an_outage() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(report_days=7)

        with pytest.raises(Unavailable, match="createReport"):
            await pages_of(region.amazon)

    play(scene)


@pytest.mark.parametrize("resume", ["nonsense", "{}", '{"born_at": "x", "reports": [], "read": 0, "offset": 0}'])
def test_a_place_that_is_none_is_refused(resume: str) -> None:
    async def scene(region: Region) -> None:
        with pytest.raises(BadInput):
            await pages_of(region.amazon, resume=resume)

    play(scene)


def test_all_marketplaces_of_a_region_are_asked_for_in_one_report() -> None:
    async def scene(region: Region) -> None:
        await region.control.make(2, age="2d", store="DE")

        found = await summarised(region.again(marketplaces=""))

        assert len(found) == 2
        assert (await calls(region))["createReport"] == 1

    play(scene)


def test_a_list_and_summaries_take_no_token_from_each_other() -> None:
    async def scene(region: Region) -> None:
        await region.control.make(2, age="2d")
        await summarised(region.amazon)

        await region.pages(OrderQuery(by="updated", since=MONTH))

        assert (await calls(region))["searchOrders"] == 1

    play(scene)
