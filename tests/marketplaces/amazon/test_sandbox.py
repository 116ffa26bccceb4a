"""The adapter against the sandbox: what a reading must survive when the other side behaves as Amazon does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.task import Priority
from app.errors import CredentialsRefused, RoleMissing, Unavailable
from app.marketplaces.amazon.adapter import PLATFORM, AmazonMarketplace
from app.marketplaces.amazon.config import AmazonConfig
from app.marketplaces.port import OrderQuery
from app.sandbox.app import create_sandbox
from app.transport.connector import Connector
from tests.marketplaces.amazon.held_to_models import HeldToModels
from tests.marketplaces.reaching import NOON, a_connector
from tests.sandbox.amazon.caller import Caller
from tests.support.aio import run
from tests.support.sentences import detail_and_fix

ADDRESS = "https://sandbox.example"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = OrderQuery(by="updated", since=LONG_AGO)


@dataclass(frozen=True, kw_only=True)
class Region:
    """An adapter in a region of its own, and the control API."""

    amazon: AmazonMarketplace
    config: AmazonConfig
    connector: Connector
    clock: JumpingClock
    control: Caller

    def again(self, **changes: Any) -> AmazonMarketplace:
        """Return the adapter as another run opens it."""
        return AmazonMarketplace(self.config.model_copy(update=changes), self.connector)

    async def pages(self, query: OrderQuery = EVERYTHING) -> list[Page[Order | Unreadable]]:
        return [page async for page in self.amazon.orders(query)]

    async def read(self, query: OrderQuery = EVERYTHING) -> dict[str, Order]:
        items = [item for page in await self.pages(query) for item in page.items]
        assert not [item for item in items if isinstance(item, Unreadable)]
        return {item.order_id: item for item in items if isinstance(item, Order)}

    async def wasted(self) -> dict[str, int]:
        found: dict[str, int] = (await self.control.state())["wasted"]
        return found


def play(scene: Callable[[Region], Awaitable[None]]) -> None:
    """Play a scene in a fresh region; every call and answer must be as Amazon's model files say."""

    async def in_a_world() -> None:
        clock = JumpingClock(NOON)
        transport = httpx.ASGITransport(app=create_sandbox(seed=1, clock=clock))
        held = HeldToModels(transport, prefix="/amazon")
        connector = a_connector(held, clock=clock)
        async with connector.http, httpx.AsyncClient(transport=transport, base_url=ADDRESS) as http:
            reach = (await http.get("/_control/credentials")).json()["amazon"]
            config = AmazonConfig.model_validate(reach["settings"] | reach["secrets"])
            amazon = AmazonMarketplace(config, connector)
            await scene(
                Region(
                    amazon=amazon, config=config, connector=connector, clock=clock, control=Caller(http, clock, reach)
                )
            )
        assert held.faults == []

    run(in_a_world())


def test_a_good_account_passes_its_check() -> None:
    async def scene(region: Region) -> None:
        await region.control.make(3)
        region.clock.advance(300)

        checked = await region.amazon.check()

        assert [finding for finding in checked.findings if not finding.ok] == []
        assert checked.seller_key == f"EU/{region.config.seller_id}"

    play(scene)


def test_500_orders_are_read_in_five_calls_without_a_429() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(500, age="2d")

        pages = await region.pages()

        assert sorted(item.order_id for page in pages for item in page.items) == sorted(made)
        assert len(pages) == 5
        assert region.clock.now() == NOON
        assert await region.wasted() == {}

    play(scene)


@pytest.mark.parametrize("orders", [2500, pytest.param(5000, marks=pytest.mark.long)])
def test_thousands_of_orders_take_as_long_as_the_quota_says_and_never_meet_a_429(orders: int) -> None:
    async def scene(region: Region) -> None:
        await region.control.make(orders, age="2d")

        read = await region.read()

        # A call for a hundred, 20 of them at once, the others at 0.0056 a second.
        assert len(read) == orders
        assert (region.clock.now() - NOON).total_seconds() == pytest.approx((orders / 100 - 20) / 0.0056, rel=0.01)
        assert await region.wasted() == {}

    play(scene)


def test_a_usage_plan_that_grows_is_learned_from_good_answers() -> None:
    async def scene(region: Region) -> None:
        await region.control.make(2500, age="2d")
        await region.control.switch(plan_factor=10)

        await region.read()

        assert (region.clock.now() - NOON).total_seconds() == pytest.approx(5 / 0.056, rel=0.02)
        assert await region.wasted() == {}

    play(scene)


def test_a_429_out_of_nowhere_is_survived_by_waiting_for_the_next_token() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(150, age="2d")
        await region.control.fault("http_429", count=1, operation="searchOrders")

        read = await region.read()

        assert sorted(read) == sorted(made)
        assert (region.clock.now() - NOON).total_seconds() == pytest.approx(1 / 0.0056, abs=1)
        assert region.connector.meter.throttled == 1

    play(scene)


def test_polls_that_overlap_an_hour_see_every_order_however_late_it_is_found() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(late_index_rate=0.3, late_index_max_s=3300)
        await region.control.control("orders", count=400, state="pending", over="20h")
        seen: set[str] = set()
        cursor = NOON
        for _ in range(48):
            region.clock.advance(1800)
            query = OrderQuery(by="updated", since=cursor - PLATFORM.poll_policy.overlap)
            pages = await region.pages(query)
            seen |= {item.order_id for page in pages for item in page.items}
            assert pages[0].remote_now is not None
            cursor = pages[0].remote_now

        state = await region.control.state()
        assert {order["id"] for order in state["orders"]} - seen == set()
        assert state["wasted"] == {}

    play(scene)


def test_a_pass_broken_off_goes_on_in_another_run_and_reads_each_order_once() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(350, age="2d")
        first = await anext(region.amazon.orders(EVERYTHING))
        region.clock.advance(4000)

        rest = [page async for page in region.again(marketplaces="").orders(replace(EVERYTHING, resume=first.resume))]

        ids = [item.order_id for page in (first, *rest) for item in page.items]
        assert sorted(ids) == sorted(made)
        assert await region.wasted() == {}

    play(scene)


@pytest.mark.parametrize("hours", [1.0, 30.0])
def test_a_page_token_that_ended_costs_a_new_beginning_and_no_order(hours: float) -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(page_life_h=0.5 if hours < 23 else 24)
        made = await region.control.make(350, age="2d")
        first = await anext(region.amazon.orders(EVERYTHING))
        region.clock.advance(hours * 3600)

        rest = await region.read(replace(EVERYTHING, resume=first.resume))

        assert sorted(rest) == sorted(made)

    play(scene)


def test_a_region_that_refuses_part_of_the_data_is_read_without_it() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(150, age="2d")
        await region.control.switch(troubles={"searchOrders": "included_data_400"})

        assert sorted(await region.read()) == sorted(made)

    play(scene)


@pytest.mark.parametrize("trouble", ["http_400", "html_400", "http_413", "http_500", "same_page"])
def test_a_troubled_region_never_ends_a_pass_and_is_read_whole_afterwards(trouble: str) -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(150, age="2d")
        await region.control.switch(troubles={"searchOrders": trouble}, trouble_h=12)

        with pytest.raises(Unavailable):
            await region.pages()
        region.clock.advance(13 * 3600)

        assert sorted(await region.read()) == sorted(made)

    play(scene)


def test_tokens_that_end_all_the_time_are_renewed_and_nothing_is_refused() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(token_lifetime_s=30)
        made = await region.control.make(2500, age="2d")

        read = await region.read()

        assert sorted(read) == sorted(made)
        assert await region.wasted() == {}

    play(scene)


def test_an_authorisation_that_was_ended_says_what_to_do() -> None:
    async def scene(region: Region) -> None:
        await region.control.make(1)
        await region.pages()
        await region.control.switch(authorised=False)

        with pytest.raises(CredentialsRefused) as error:
            await region.pages()

        assert "Seller Central" in detail_and_fix(error.value)

    play(scene)


def test_without_the_role_for_orders_the_run_stops_and_names_it() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(roles=[])

        with pytest.raises(RoleMissing, match="searchOrders"):
            await region.pages()

    play(scene)


def test_without_the_roles_for_people_orders_are_read_and_the_check_names_what_is_missing() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(roles=["orders"])
        [order_id] = await region.control.make(1, fulfilment="merchant")
        region.clock.advance(300)

        order = (await region.read())[order_id]
        checked = await region.amazon.check()

        assert (order.shipping_address, order.buyer) == (None, None)
        fixes = " ".join(finding.fix for finding in checked.findings if finding.code == "ROLE_MISSING")
        assert "Direct-to-Consumer Delivery" in fixes
        assert "Product Listing" in fixes

    play(scene)


@pytest.mark.parametrize("money", ["tax_added", "tax_included"])
@pytest.mark.parametrize("sign", ["positive", "negative"])
def test_every_line_adds_up_in_every_reading(money: str, sign: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.make(60, lines=3, money=money, discount_sign=sign, discount=True, gift=True, age="1d")

        for order in (await region.read()).values():
            assert order.total.amount == sum(line.total.amount for line in order.lines)
            for line in order.lines:
                goods = line.total.amount - line.shipping.amount
                assert 0 < goods <= line.unit_price.amount * line.quantity + 10

    play(scene)


def test_a_breakdown_that_nothing_explains_is_imported_with_its_total() -> None:
    async def scene(region: Region) -> None:
        [order_id] = await region.control.make(1, money="unexplained", age="1d")

        order = (await region.read())[order_id]

        assert order.total.amount == sum(line.total.amount for line in order.lines)
        assert None in [line.tax for line in order.lines]

    play(scene)


def test_special_orders_are_read_as_what_they_are() -> None:
    async def scene(region: Region) -> None:
        [original] = await region.control.make(1, state="shipped", age="1d")
        [replacement] = await region.control.make(1, replacement=True, age="1d")
        [with_request] = await region.control.make(1, cancel_request=True, age="1d")
        [nameless] = await region.control.make(1, missing_sku=True, age="1d")
        [business] = await region.control.make(1, business=True, age="1d")
        [british] = await region.control.make(1, store="UK", age="1d")
        [channel] = await region.control.make(1, mcf=True, fulfilment="marketplace", age="1d")

        read = await region.read()
        by_id = [each async for each in region.amazon.orders_by_id([channel, original, "250-0000000-0000000"])]

        assert read[replacement].replacement_of == original
        assert read[with_request].cancel_requested
        assert "" in [line.sku for line in read[nameless].lines]
        company = read[business].buyer
        assert company is not None
        assert company.company
        assert read[british].currency == "GBP"
        assert channel not in read
        assert [type(each) for each in by_id] == [Missing, Order, Missing]

    play(scene)


def test_a_parcel_of_amazons_own_is_pending_and_then_shipped() -> None:
    async def scene(region: Region) -> None:
        [order_id] = await region.control.make(1, state="pending", fulfilment="marketplace", payment_delay_s=600)
        region.clock.advance(300)
        pending = (await region.read())[order_id]
        region.clock.advance(5 * 86_400)

        [shipped] = [each async for each in region.amazon.orders_by_id([order_id])]

        assert (pending.state, pending.fulfilment) == (OrderState.PENDING, Fulfilment.MARKETPLACE)
        assert isinstance(shipped, Order)
        assert shipped.state is OrderState.SHIPPED
        assert all(line.quantity_open == line.quantity for line in shipped.lines)

    play(scene)


def test_a_catch_up_finds_the_shipped_ones_of_amazon_alone() -> None:
    async def scene(region: Region) -> None:
        [theirs] = await region.control.make(1, state="shipped", fulfilment="marketplace", age="2d")
        await region.control.make(2, state="shipped", fulfilment="merchant", age="2d")
        query = replace(
            EVERYTHING,
            fulfilment=frozenset({Fulfilment.MARKETPLACE}),
            states=frozenset({OrderState.SHIPPED, OrderState.CLOSED}),
            priority=Priority.CATCH_UP,
        )

        assert list(await region.read(query)) == [theirs]

    play(scene)
