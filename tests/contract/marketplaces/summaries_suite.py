"""How a marketplace adapter that has summaries of orders gives them."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.order import OrderState
from app.errors import Unavailable
from tests.contract.marketplaces.on_sandbox import OnSandbox
from tests.contract.marketplaces.under_test import (
    MANY,
    MarketplaceUnderTest,
    Subject,
    run_on,
)


class SummariesSuite:
    """Subclassed where the fixture `subject` is: each test gets a fresh one."""

    def test_summaries_show_each_order_once_and_as_the_list_does(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            assert tested.sums_up
            for state in ("to_ship", "shipped", "cancelled"):
                await tested.make(40, state=state, age="30h")
            await tested.make(20, state="shipped", fulfilment="marketplace", age="9h")
            await tested.make(20, state="to_ship", fulfilment="merchant", age="5h")

            reported = await tested.summaries()

            orders = await tested.orders()
            assert len(reported) == 160
            assert sorted(each.order_id for each in reported) == sorted(orders)
            for each in reported:
                order = orders[each.order_id]
                assert (each.state, each.fulfilment) == (order.state, order.fulfilment)
                assert abs(each.placed_at - order.placed_at) < timedelta(seconds=1)
                assert order.state is OrderState.CANCELLED or order.total in each.totals

        run_on(subject, check)

    def test_a_summary_of_an_order_that_is_not_paid_may_have_no_total(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            assert tested.sums_up
            [order_id] = await tested.make(state="pending", age="3h")

            [reported] = await tested.summaries()

            assert (reported.order_id, reported.state) == (order_id, OrderState.PENDING)
            remote = await tested.remote_order(order_id)
            assert not reported.totals or Decimal(remote["total"]) in {total.amount for total in reported.totals}

        run_on(subject, check)

    def test_an_account_without_orders_has_no_summaries(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            assert await tested.summaries() == []

        run_on(subject, check)

    @pytest.mark.parametrize("stored", [1, 2, 3])
    def test_summaries_go_on_after_the_pages_that_were_stored(self, subject: Subject, stored: int) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            assert tested.sums_up
            made = await tested.make(MANY, state="to_ship", age="2h")
            pages = await tested.summary_pages()
            kept = pages[: min(stored, len(pages) - 1)]

            rest = await tested.summary_pages(resume=kept[-1].resume if kept else None)

            reported = Counter(each.order_id for page in (*kept, *rest) for each in page.items)
            assert reported == Counter(made)

        run_on(subject, check)

    def test_summaries_cost_fewer_calls_than_the_list(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            assert tested.sums_up
            await tested.make(3 * MANY, state="to_ship", age="2h")

            before = sum((await tested.look())["calls"].values())
            await tested.summaries()
            between = sum((await tested.look())["calls"].values())
            await tested.orders()
            after = sum((await tested.look())["calls"].values())

            assert between - before < after - between
            assert (await tested.look())["throttled"] == {}

        run_on(subject, check)

    @pytest.mark.parametrize("kind", ["http_503", "malformed", "truncate", "timeout"])
    def test_a_breakdown_ends_summaries_and_is_over_when_it_is_over(self, subject: Subject, kind: str) -> None:
        async def check(tested: OnSandbox) -> None:
            assert tested.sums_up
            made = await tested.make(3, state="to_ship", age="2h")
            await tested.break_down(kind)

            with pytest.raises(Unavailable):
                await tested.summaries()

            await tested.mend()
            assert sorted(each.order_id for each in await tested.summaries()) == sorted(made)

        run_on(subject, check)
