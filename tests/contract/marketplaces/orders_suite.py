"""How every marketplace adapter tests its connection and reads orders."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

import pytest

from app.domain.money import total
from app.domain.order import Fulfilment, Missing, Order, OrderState
from app.domain.task import Priority
from app.marketplaces.port import OrderQuery
from tests.contract.marketplaces.under_test import (
    A_DAY,
    MANY,
    MarketplaceUnderTest,
    Subject,
    run_on,
)
from tests.marketplaces.reaching import NOON

# How old the moment may be until which a list tells everything.
LISTED_WITHIN = timedelta(minutes=3)

SHAPES = [
    "unknown_sku",
    "no_address",
    "zero_lines",
    "extra_fields",
    "missing_fields",
    "foreign_currency",
    "odd_text",
    "pickup",
    "b2b",
    "same_sku_twice",
    "zero_price",
]


class OrdersSuite:
    """Subclassed where the fixture `subject` is: each test gets a fresh one."""

    def test_a_check_of_a_good_account_finds_nothing_wrong(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            checked = await tested.marketplace.check()

            assert checked.seller_key
            assert checked.findings
            assert [finding for finding in checked.findings if not finding.ok] == []
            assert set(checked.discovered) <= set(subject.platform.config.model_fields)

        run_on(subject, check)

    def test_secrets_stay_out_of_what_a_check_says(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            checked = await tested.marketplace.check()

            assert not any(secret in str(checked) for secret in tested.secrets)

        run_on(subject, check)

    def test_every_order_is_read(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            made = [*await tested.make(3, state="to_ship", age="3h"), *await tested.make(2, state="shipped", age="30h")]

            assert set(await tested.orders()) == set(made)

        run_on(subject, check)

    @pytest.mark.parametrize(
        "state", ["pending", "to_accept", "accepted", "to_ship", "shipped", "closed", "refused", "cancelled"]
    )
    def test_an_order_has_our_state_and_its_platform_status(self, subject: Subject, state: str) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state=state)

            order = await tested.order(order_id)

            assert order.state == OrderState(state)
            assert order.platform_status == (await tested.remote_states())[order_id]
            assert {line.state for line in order.lines} == {order.state}

        run_on(subject, check)

    @pytest.mark.parametrize("fulfilment", list(Fulfilment))
    def test_it_says_who_ships(self, subject: Subject, fulfilment: Fulfilment) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state="to_ship", fulfilment=fulfilment.value)

            assert (await tested.order(order_id)).fulfilment is fulfilment

        run_on(subject, check)

    @pytest.mark.parametrize("state", ["to_accept", "to_ship", "shipped"])
    def test_an_order_is_reported_with_amounts_that_add_up(self, subject: Subject, state: str) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            made = await tested.make(15, state=state, lines=3, age="5h")

            orders = (await tested.orders()).values()

            assert {order.order_id for order in orders} == set(made)
            reported = {each["id"]: each for each in (await tested.look())["orders"]}
            for order in orders:
                remote = reported[order.order_id]
                assert order.platform == subject.platform.name
                assert order.total == total((line.total for line in order.lines), currency=order.currency)
                assert (order.total.amount, order.currency) == (Decimal(remote["total"]), remote["currency"])
                assert {(line.id, line.sku, line.quantity) for line in order.lines} == {
                    (line["id"], line["sku"], line["quantity"]) for line in remote["lines"]
                }

        run_on(subject, check)

    def test_an_order_is_reported_in_the_right_types(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            await tested.make(5, state="to_ship", lines=2)

            for order in (await tested.orders()).values():
                moments = [order.placed_at, order.updated_at, order.ship_by, order.accept_by]
                assert all(moment.utcoffset() == timedelta(0) for moment in moments if moment)
                assert order.buyer
                for line in order.lines:
                    assert type(line.id) is str
                    assert line.sku
                    assert line.quantity_open == line.quantity > 0
                    for money in (line.unit_price, line.shipping, line.total):
                        assert type(money.amount) is Decimal
                        assert money.currency == order.currency

        run_on(subject, check)

    def test_addresses_come_when_an_order_can_be_shipped(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs_decisions()
            [waiting] = await tested.make(state="to_accept")
            [paid] = await tested.make(state="to_ship")

            early, late = await tested.order(waiting), await tested.order(paid)

            assert (early.shipping_address, early.billing_address) == (None, None)
            assert late.shipping_address
            assert late.billing_address
            assert late.shipping_address.street_1
            assert late.shipping_address.postcode
            assert late.shipping_address.country.isupper()
            assert len(late.shipping_address.country) == 2

        run_on(subject, check)

    def test_a_state_nobody_knows_is_unknown_and_keeps_its_platform_status(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(shape="unknown_state")

            order = await tested.order(order_id)

            assert order.state is OrderState.UNKNOWN
            assert order.platform_status

        run_on(subject, check)

    @pytest.mark.parametrize("shape", SHAPES)
    def test_an_odd_order_is_read_or_named_and_stops_no_other(self, subject: Subject, shape: str) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [odd] = await tested.make(shape=shape, state="to_ship")
            [plain] = await tested.make(state="to_ship")

            found = {each.order_id: each for page in await tested.pages() for each in page.items}

            assert found.keys() == {odd, plain}
            assert isinstance(found[plain], Order)

        run_on(subject, check)

    def test_a_narrow_question_still_finds_what_it_asks_for(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            theirs = await tested.make(3, state="shipped", fulfilment="marketplace")
            await tested.make(3, state="to_ship", fulfilment="merchant")

            found = await tested.orders(
                tested.recent(
                    fulfilment=frozenset({Fulfilment.MARKETPLACE}),
                    states=frozenset({OrderState.SHIPPED, OrderState.CLOSED}),
                    priority=Priority.CATCH_UP,
                )
            )

            assert set(theirs) <= set(found)

        run_on(subject, check)

    def test_pages_come_oldest_first_and_know_the_remote_clock(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            for hours in (5, 1, 9):
                await tested.make(60, state="to_ship", age=f"{hours}h")

            pages = await tested.pages()

            first_seen = {each.order_id: each for page in pages for each in page.items}.values()
            dates = [(each.placed_at, each.updated_at) for each in first_seen if isinstance(each, Order)]
            assert len(dates) == 180
            assert any(list(column) == sorted(column) for column in zip(*dates, strict=True))
            assert len(pages) > 1
            assert [page.resume is None for page in pages] == [False] * (len(pages) - 1) + [True]
            for page in pages:
                assert page.read_at.utcoffset() == timedelta(0)
                if page.remote_now is not None:
                    assert timedelta(seconds=-2) < page.read_at - page.remote_now < LISTED_WITHIN

        run_on(subject, check)

    def test_an_empty_list_is_one_empty_page(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [page] = await tested.pages()

            assert (page.items, page.resume) == ((), None)

        run_on(subject, check)

    @pytest.mark.parametrize("stored", [1, 2])
    def test_a_pass_goes_on_after_the_pages_that_were_stored(self, subject: Subject, stored: int) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            made = await tested.make(MANY, state="to_ship", age="2h")
            query = tested.recent()
            kept = (await tested.pages(query))[:stored]

            rest = await tested.pages(replace(query, resume=kept[-1].resume))

            assert {each.order_id for page in (*kept, *rest) for each in page.items} == set(made)

        run_on(subject, check)

    @pytest.mark.parametrize("accepted_a_page", [1, 40, 150])
    def test_orders_that_leave_the_list_while_it_is_read_hide_no_other(
        self, subject: Subject, accepted_a_page: int
    ) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs_decisions()
            made = await tested.make(MANY, state="to_accept", age="2h")
            seen: set[str] = set()
            leaving = iter(made)

            async for page in tested.marketplace.orders(OrderQuery(by="to_accept")):
                seen |= {each.order_id for each in page.items}
                if page.resume:
                    await tested.move(*islice(leaving, accepted_a_page), state="accepted")

            waiting = {order_id for order_id, status in (await tested.remote_states()).items() if "ACCEPT" in status}
            assert waiting
            assert waiting <= seen

        run_on(subject, check)

    def test_what_changes_while_a_pass_reads_is_seen_by_it_or_by_the_next(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            made = await tested.make(MANY, state="to_ship", age="2h")
            ledger: dict[str, str] = {}

            async def one_pass(since: datetime, *, restless: bool) -> datetime:
                first_clock: datetime | None = None
                changing = iter(made[::7])
                async for page in tested.marketplace.orders(replace(tested.recent(), since=since)):
                    first_clock = first_clock or page.remote_now or page.read_at
                    ledger.update(
                        {each.order_id: each.platform_status for each in page.items if isinstance(each, Order)}
                    )
                    if restless:
                        tested.clock.advance(30)
                        await tested.move(*islice(changing, 10), state="shipped")
                        made.extend(await tested.make(5, state="to_ship"))
                assert first_clock
                return first_clock - subject.platform.poll_policy.overlap

            cursor = await one_pass(NOON - A_DAY, restless=True)
            tested.wait_until_shown()
            await one_pass(cursor, restless=False)

            assert ledger == await tested.remote_states()

        run_on(subject, check)

    def test_every_id_has_exactly_one_answer(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            made = await tested.make(130, state="to_ship")
            wanted = [*made[:120], f"{made[0]}-9", *made[120:]]

            found = await tested.by_id(wanted)

            assert sorted(each.order_id for each in found) == sorted(wanted)
            assert [each for each in found if not isinstance(each, Order)] == [Missing(f"{made[0]}-9")]

        run_on(subject, check)

    def test_no_id_needs_no_call(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            assert await tested.by_id([]) == []
            assert (await tested.look())["calls"] == {}

        run_on(subject, check)
