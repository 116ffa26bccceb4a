"""How every marketplace adapter accepts and refuses orders."""

from dataclasses import replace

import pytest

from app.domain.order import OrderState
from app.errors import Refused
from app.marketplaces.port import Capability
from tests.contract.marketplaces.under_test import (
    MarketplaceUnderTest,
    Subject,
    WatchingIntent,
    run_on,
)
from tests.marketplaces.reaching import KeptIntent


class DecisionsSuite:
    """Subclassed where the fixture `subject` is: each test gets a fresh one."""

    @pytest.mark.parametrize("accepted", [True, False])
    def test_a_decision_moves_the_order(self, subject: Subject, accepted: bool) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs_decisions()
            [order_id] = await tested.make(state="to_accept", lines=2)
            order = await tested.order(order_id)

            outcomes = await tested.decide(order, accepted)

            assert {outcome.line_id: outcome.accepted for outcome in outcomes} == {
                line.id: accepted for line in order.lines
            }
            now = await tested.order(order_id)
            assert now.state in (
                {OrderState.ACCEPTED, OrderState.TO_SHIP} if accepted else {OrderState.REFUSED, OrderState.CANCELLED}
            )
            assert (await tested.look())["accepted" if accepted else "refused"] == [order_id]

        run_on(subject, check)

    def test_lines_are_decided_one_by_one(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs_decisions()
            tested.needs(Capability.PARTIAL_ACCEPT)
            [order_id] = await tested.make(state="to_accept", lines=2)
            order = await tested.order(order_id)
            kept, dropped = order.lines

            outcomes = await tested.marketplace.decide(
                order, accept={kept.id: True, dropped.id: False}, intent=KeptIntent()
            )

            assert {outcome.line_id: outcome.accepted for outcome in outcomes} == {kept.id: True, dropped.id: False}
            now = await tested.order(order_id)
            assert [line.id for line in now.open_lines] == [kept.id]
            assert now.state in {OrderState.ACCEPTED, OrderState.TO_SHIP}
            assert now.open_total == kept.total
            assert now.total == order.total

        run_on(subject, check)

    def test_a_decision_is_announced_before_it_is_sent(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs_decisions()
            [order_id] = await tested.make(state="to_accept")
            order = await tested.order(order_id)
            intent = WatchingIntent(watch=tested.remote_states)

            await tested.decide(order, True, intent=intent)

            assert intent.sent
            assert intent.seen[0] == {order_id: order.platform_status}

        run_on(subject, check)

    def test_a_second_decision_is_refused_as_too_late(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs_decisions()
            [order_id] = await tested.make(state="to_accept")
            order = await tested.order(order_id)
            await tested.decide(order, True)

            with pytest.raises(Refused) as caught:
                await tested.decide(order, False)

            assert caught.value.reason == "NOT_DECIDABLE"
            assert (await tested.look())["refused"] == []

        run_on(subject, check)

    def test_an_order_that_is_not_there_can_not_be_decided(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs_decisions()
            [order_id] = await tested.make(state="to_accept")
            order = replace(await tested.order(order_id), order_id=f"{order_id}-9")

            with pytest.raises(Refused) as caught:
                await tested.decide(order, True)

            assert caught.value.reason == "ORDER_MISSING"

        run_on(subject, check)
