"""What every marketplace adapter must do, against the sandbox of its platform: both know the contract alone.

The suite knows no platform. It opens an account with the sandbox's credentials, makes orders and faults through the
control API, and reads the world back there. Whatever one platform can't do (`can`, `tasks`) is skipped for it.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.intent import Intent
from app.domain.money import total
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.shipment import Carrier, Shipment, ShipmentOutcome, ShipmentResult
from app.domain.summary import OrderSummary
from app.domain.task import Priority, Task
from app.errors import CredentialsRefused, OutcomeUnknown, Refused, Unavailable
from app.marketplaces.platform import Platform
from app.marketplaces.port import Capability, LineOutcome, Marketplace, OrderQuery, SumsUp
from app.sandbox import create_sandbox
from app.transport.connector import Connector
from tests.marketplaces.reaching import NOON, KeptIntent, a_connector
from tests.support.aio import run

ADDRESS = "http://127.0.0.1:9000"
A_DAY = timedelta(days=1)

# More than three pages of the largest size that any of the platforms allows.
MANY = 350

# How the sandbox begins to say that a platform knows no such state or order.
_IMPOSSIBLE = ("state can't be", "shape can't be")
# How it begins to say that there is nothing to switch.
_NO_SWITCH = "Unknown key"

# Outcomes after which a parcel is on its way.
GONE_OUT = frozenset({ShipmentResult.SENT, ShipmentResult.ALREADY})

# Longer than an import of any of the platforms takes.
LOOKS = 30
BETWEEN_LOOKS_S = 60

# Every platform shows by then what it was told or what changed there; until then it may tell the state before.
SHOWN_AFTER_S = 600

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


@dataclass(frozen=True, kw_only=True)
class World:
    """One platform in a sandbox of its own: the opened adapter, and the side door."""

    platform: Platform
    marketplace: Marketplace
    connector: Connector
    clock: JumpingClock
    control: httpx.AsyncClient
    secrets: frozenset[str]

    def needs(self, *capabilities: Capability) -> None:
        """Skip what this platform can't do."""
        missing = set(capabilities) - self.marketplace.can
        if missing:
            pytest.skip(f"{self.platform.name} has no {', '.join(sorted(missing))}")

    def needs_decisions(self) -> None:
        """Skip a platform that decides about orders by itself."""
        if Task.ORDERS_ACCEPT not in self.platform.tasks:
            pytest.skip(f"{self.platform.name} decides about orders by itself")

    async def make(self, count: int = 1, **values: object) -> list[str]:
        """Return the ids of that many new orders."""
        made: list[str] = (await self._control("orders", {"count": count, **values}))["ids"]
        return made

    async def move(self, *order_ids: str, state: str) -> None:
        """Let somebody else change the orders."""
        for order_id in order_ids:
            await self._control(f"orders/{order_id}", {"state": state})

    def wait_until_shown(self) -> None:
        """Let so much time pass that whatever was told or changed is to be seen."""
        self.clock.advance(SHOWN_AFTER_S)

    async def break_down(self, kind: str, **values: object) -> None:
        """Let calls fail from now on."""
        await _good(await self.control.post(f"{self.platform.name}/faults", json={"kind": kind, **values}))

    async def mend(self) -> None:
        await _good(await self.control.delete(f"{self.platform.name}/faults"))

    async def look(self) -> dict[str, Any]:
        """Return what the sandbox holds and has counted."""
        return await _good(await self.control.get(f"{self.platform.name}/state"))

    async def remote_states(self) -> dict[str, str]:
        """Return the platform's word for the state of each order."""
        return {order["id"]: order["state"] for order in (await self.look())["orders"]}

    async def pages(self, query: OrderQuery | None = None) -> list[Page[Order | Unreadable]]:
        return [page async for page in self.marketplace.orders(query or self.recent())]

    async def orders(self, query: OrderQuery | None = None) -> dict[str, Order]:
        """Return what a pass reads, by id; the last word counts."""
        found = [each for page in await self.pages(query) for each in page.items]
        assert all(isinstance(each, Order) for each in found), [each for each in found if isinstance(each, Unreadable)]
        return {each.order_id: each for each in found if isinstance(each, Order)}

    async def order(self, order_id: str) -> Order:
        [found] = await self.by_id([order_id])
        assert isinstance(found, Order), found
        return found

    async def by_id(self, order_ids: Sequence[str]) -> list[Order | Missing | Unreadable]:
        return [each async for each in self.marketplace.orders_by_id(order_ids)]

    async def decide(self, order: Order, accepted: bool, *, intent: Intent | None = None) -> Sequence[LineOutcome]:
        """Decide all lines alike."""
        accept = {line.id: accepted for line in order.lines}
        return await self.marketplace.decide(order, accept=accept, intent=intent or KeptIntent())

    async def ship(self, *shipments: Shipment) -> list[ShipmentOutcome]:
        return [outcome async for outcome in self.marketplace.ship(shipments)]

    async def parcel(self, order_id: str, **changes: Any) -> Shipment:
        """Return a parcel with all of an order, its number as good as any."""
        options = await self.marketplace.shipping_options()
        order = await self.order(order_id)
        values: dict[str, Any] = {
            "order_id": order_id,
            "sequence": 1,
            "lines": {line.id: line.quantity for line in order.lines},
            "shipped_at": self.clock.now(),
            "carrier": options.carriers[0],
            "number": "8X00000000001",
            "sales_channel": order.sales_channel,
        }
        return Shipment(**(values | changes))

    async def remote_order(self, order_id: str) -> dict[str, Any]:
        [found] = [order for order in (await self.look())["orders"] if order["id"] == order_id]
        return dict(found)

    async def remote_offers(self) -> dict[str, dict[str, Any]]:
        """Return what the platform holds of each offer, by SKU."""
        found: dict[str, dict[str, Any]] = (await self.look())["offers"]
        return found

    async def put_up(self, **values: object) -> None:
        """Let somebody else put up or change offers."""
        await self._control("offers", values)

    async def switch(self, **switches: object) -> None:
        """Let the platform have other rules from now on, where it has a choice."""
        answer = await self.control.post(f"{self.platform.name}/switches", json=switches)
        if not (answer.status_code == 422 and answer.json()["detail"].startswith(_NO_SWITCH)):
            await _good(answer)

    async def _control(self, path: str, values: dict[str, object]) -> dict[str, Any]:
        """Return what the sandbox did; skips what it says that this platform does not have."""
        answer = await self.control.post(f"{self.platform.name}/{path}", json=values)
        said = answer.json()["detail"] if answer.status_code == 422 else ""
        if said.startswith(_IMPOSSIBLE):
            pytest.skip(f"{self.platform.name} has no such {path.partition('/')[0]}: {said}")
        return await _good(answer)

    async def live_pages(self, *, resume: str | None = None) -> list[Page[LiveOffer]]:
        return [page async for page in self.marketplace.live_offers(resume=resume)]

    async def live(self) -> dict[str, LiveOffer]:
        return {offer.sku: offer for page in await self.live_pages() for offer in page.items}

    async def send(self, kind: OfferKind, *offers: Offer) -> Submitted:
        priority = Priority.STOCK if kind is OfferKind.STOCK else Priority.PRICES
        return await self.marketplace.send_offers(kind, offers, priority=priority)

    async def results(self, kind: OfferKind, submitted: Submitted) -> OfferResults:
        """Return what became of a batch: what was known at once, and the rest looking as often as it takes."""
        if submitted.receipt is None:
            return OfferResults(refused=submitted.refused)
        for _ in range(LOOKS):
            found = await self.marketplace.follow(kind, submitted.receipt)
            if found:
                return replace(found, refused={**submitted.refused, **found.refused})
            self.clock.advance(BETWEEN_LOOKS_S)
        raise AssertionError("the marketplace is at work for ever")

    async def sent(self, kind: OfferKind, *offers: Offer) -> OfferResults:
        """Send offers, and return what became of them."""
        return await self.results(kind, await self.send(kind, *offers))

    async def many_skus(self) -> list[str]:
        """Put up so many offers that no platform tells of all of them at once, and return their SKUs."""
        await self.put_up(count=MANY)
        return list(await self.live())[:MANY]

    @property
    def sums_up(self) -> SumsUp:
        """The marketplace as one that tells orders in a few words; skips where it is none."""
        if not isinstance(self.marketplace, SumsUp):
            pytest.skip(f"{self.platform.name} has no summaries")
        return self.marketplace

    async def summary_pages(self, *, resume: str | None = None) -> list[Page[OrderSummary | Unreadable]]:
        since = self.clock.now() - A_DAY * self.platform.poll_policy.reconcile_days
        return [page async for page in self.sums_up.summaries(since=since, resume=resume)]

    async def summaries(self) -> list[OrderSummary]:
        """Return what is told of all orders, in the order in which it is told."""
        found = [each for page in await self.summary_pages() for each in page.items]
        assert all(isinstance(each, OrderSummary) for each in found)
        return [each for each in found if isinstance(each, OrderSummary)]

    async def forget_everything(self) -> None:
        await _good(await self.control.post("reset", json={"seed": 1, "speed": 1}))

    def recent(self, **changes: Any) -> OrderQuery:
        """Return the question for the orders of the last days, by the date this platform can be asked by."""
        since = self.clock.now() - timedelta(days=self.platform.poll_policy.first_days)
        return OrderQuery(**({"by": self.platform.poll_policy.by, "since": since} | changes))


@dataclass
class WatchingIntent(KeptIntent):
    """An intent that looks at the other side at the moment a write is announced."""

    watch: Callable[[], Awaitable[object]] | None = None
    seen: list[object] = field(default_factory=list)

    async def sending(self, step: str) -> None:
        if self.watch:
            self.seen.append(await self.watch())
        await super().sending(step)


@asynccontextmanager
async def a_world(platform: Platform, *, wrong_secrets: bool = False) -> AsyncIterator[World]:
    """Yield the platform in a new sandbox, on a clock of its own that jumps when everybody waits."""
    clock = JumpingClock(NOON)
    transport = httpx.ASGITransport(app=create_sandbox(seed=1, speed=1, clock=clock))
    connector = a_connector(transport, clock=clock)
    async with connector.http, httpx.AsyncClient(transport=transport, base_url=f"{ADDRESS}/_control/") as control:
        accounts = (await _good(await control.get("credentials"))).values()
        account = next(each for each in accounts if each["platform"] == platform.name)
        secrets: dict[str, str] = account["secrets"]
        if wrong_secrets:
            secrets = {name: secret[::-1] for name, secret in secrets.items()}
        config = platform.config.model_validate(account["settings"] | secrets)
        yield World(
            platform=platform,
            marketplace=platform.open(config, connector),
            connector=connector,
            clock=clock,
            control=control,
            secrets=frozenset(secrets.values()),
        )


def _without(offers: dict[str, dict[str, Any]], sku: str, *changed: str) -> dict[str, Any]:
    """Return what an offer holds beside what was meant to change."""
    return {name: value for name, value in offers[sku].items() if name not in changed}


async def _good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    content: dict[str, Any] = answer.json() if answer.content else {}
    return content


Scene = Callable[[World], Awaitable[None]]


def play(platform: Platform, scene: Scene, *, wrong_secrets: bool = False) -> None:
    """Play a scene in a world of its own."""

    async def in_a_world() -> None:
        async with a_world(platform, wrong_secrets=wrong_secrets) as world:
            await scene(world)

    run(in_a_world())


class MarketplaceSuite:
    """Subclassed where the fixture `platform` is: each test gets a fresh sandbox."""

    # --- the connection test

    def test_a_check_of_a_good_account_finds_nothing_wrong(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            checked = await world.marketplace.check()

            assert checked.seller_key
            assert checked.findings
            assert [finding for finding in checked.findings if not finding.ok] == []
            assert set(checked.discovered) <= set(platform.config.model_fields)

        play(platform, scene)

    def test_wrong_secrets_are_refused_by_name(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            with pytest.raises(CredentialsRefused):
                await world.marketplace.check()
            with pytest.raises(CredentialsRefused):
                await world.pages()

        play(platform, scene, wrong_secrets=True)

    def test_secrets_stay_out_of_what_a_check_says(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            checked = await world.marketplace.check()

            assert not any(secret in str(checked) for secret in world.secrets)

        play(platform, scene)

    # --- reading

    def test_every_order_is_read(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            made = [*await world.make(3, state="to_ship", age="3h"), *await world.make(2, state="shipped", age="30h")]

            assert set(await world.orders()) == set(made)

        play(platform, scene)

    @pytest.mark.parametrize(
        "state", ["pending", "to_accept", "accepted", "to_ship", "shipped", "closed", "refused", "cancelled"]
    )
    def test_an_order_has_our_state_and_its_platform_status(self, platform: Platform, state: str) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state=state)

            order = await world.order(order_id)

            assert order.state == OrderState(state)
            assert order.platform_status == (await world.remote_states())[order_id]
            assert {line.state for line in order.lines} == {order.state}

        play(platform, scene)

    @pytest.mark.parametrize("fulfilment", list(Fulfilment))
    def test_it_says_who_ships(self, platform: Platform, fulfilment: Fulfilment) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship", fulfilment=fulfilment.value)

            assert (await world.order(order_id)).fulfilment is fulfilment

        play(platform, scene)

    @pytest.mark.parametrize("state", ["to_accept", "to_ship", "shipped"])
    def test_an_order_is_reported_with_amounts_that_add_up(self, platform: Platform, state: str) -> None:
        async def scene(world: World) -> None:
            made = await world.make(15, state=state, lines=3, age="5h")

            orders = (await world.orders()).values()

            assert {order.order_id for order in orders} == set(made)
            reported = {each["id"]: each for each in (await world.look())["orders"]}
            for order in orders:
                remote = reported[order.order_id]
                assert order.platform == platform.name
                assert order.total == total((line.total for line in order.lines), currency=order.currency)
                assert (order.total.amount, order.currency) == (Decimal(remote["total"]), remote["currency"])
                assert {(line.id, line.sku, line.quantity) for line in order.lines} == {
                    (line["id"], line["sku"], line["quantity"]) for line in remote["lines"]
                }

        play(platform, scene)

    def test_an_order_is_reported_in_the_right_types(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            await world.make(5, state="to_ship", lines=2)

            for order in (await world.orders()).values():
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

        play(platform, scene)

    def test_addresses_come_when_an_order_can_be_shipped(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            [waiting] = await world.make(state="to_accept")
            [paid] = await world.make(state="to_ship")

            early, late = await world.order(waiting), await world.order(paid)

            assert (early.shipping_address, early.billing_address) == (None, None)
            assert late.shipping_address
            assert late.billing_address
            assert late.shipping_address.street_1
            assert late.shipping_address.postcode
            assert late.shipping_address.country.isupper()
            assert len(late.shipping_address.country) == 2

        play(platform, scene)

    def test_a_state_nobody_knows_is_unknown_and_keeps_its_platform_status(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(shape="unknown_state")

            order = await world.order(order_id)

            assert order.state is OrderState.UNKNOWN
            assert order.platform_status

        play(platform, scene)

    @pytest.mark.parametrize("shape", SHAPES)
    def test_an_odd_order_is_read_or_named_and_stops_no_other(self, platform: Platform, shape: str) -> None:
        async def scene(world: World) -> None:
            [odd] = await world.make(shape=shape, state="to_ship")
            [plain] = await world.make(state="to_ship")

            found = {each.order_id: each for page in await world.pages() for each in page.items}

            assert found.keys() == {odd, plain}
            assert isinstance(found[plain], Order)

        play(platform, scene)

    def test_a_narrow_question_still_finds_what_it_asks_for(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            theirs = await world.make(3, state="shipped", fulfilment="marketplace")
            await world.make(3, state="to_ship", fulfilment="merchant")

            found = await world.orders(
                world.recent(
                    fulfilment=frozenset({Fulfilment.MARKETPLACE}),
                    states=frozenset({OrderState.SHIPPED, OrderState.CLOSED}),
                    priority=Priority.CATCH_UP,
                )
            )

            assert set(theirs) <= set(found)

        play(platform, scene)

    # --- pages

    def test_pages_come_oldest_first_and_know_the_remote_clock(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            for hours in (5, 1, 9):
                await world.make(60, state="to_ship", age=f"{hours}h")

            pages = await world.pages()

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

        play(platform, scene)

    def test_an_empty_list_is_one_empty_page(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [page] = await world.pages()

            assert (page.items, page.resume) == ((), None)

        play(platform, scene)

    @pytest.mark.parametrize("stored", [1, 2])
    def test_a_pass_goes_on_after_the_pages_that_were_stored(self, platform: Platform, stored: int) -> None:
        async def scene(world: World) -> None:
            made = await world.make(MANY, state="to_ship", age="2h")
            query = world.recent()
            kept = (await world.pages(query))[:stored]

            rest = await world.pages(replace(query, resume=kept[-1].resume))

            assert {each.order_id for page in (*kept, *rest) for each in page.items} == set(made)

        play(platform, scene)

    @pytest.mark.parametrize("accepted_a_page", [1, 40, 150])
    def test_orders_that_leave_the_list_while_it_is_read_hide_no_other(
        self, platform: Platform, accepted_a_page: int
    ) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            made = await world.make(MANY, state="to_accept", age="2h")
            seen: set[str] = set()
            leaving = iter(made)

            async for page in world.marketplace.orders(OrderQuery(by="to_accept")):
                seen |= {each.order_id for each in page.items}
                if page.resume:
                    await world.move(*islice(leaving, accepted_a_page), state="accepted")

            waiting = {order_id for order_id, word in (await world.remote_states()).items() if "ACCEPT" in word}
            assert waiting
            assert waiting <= seen

        play(platform, scene)

    def test_what_changes_while_a_pass_reads_is_seen_by_it_or_by_the_next(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            made = await world.make(MANY, state="to_ship", age="2h")
            ledger: dict[str, str] = {}

            async def one_pass(since: datetime, *, restless: bool) -> datetime:
                first_clock: datetime | None = None
                changing = iter(made[::7])
                async for page in world.marketplace.orders(replace(world.recent(), since=since)):
                    first_clock = first_clock or page.remote_now or page.read_at
                    ledger.update(
                        {each.order_id: each.platform_status for each in page.items if isinstance(each, Order)}
                    )
                    if restless:
                        world.clock.advance(30)
                        await world.move(*islice(changing, 10), state="shipped")
                        made.extend(await world.make(5, state="to_ship"))
                assert first_clock
                return first_clock - platform.poll_policy.overlap

            cursor = await one_pass(NOON - A_DAY, restless=True)
            world.wait_until_shown()
            await one_pass(cursor, restless=False)

            assert ledger == await world.remote_states()

        play(platform, scene)

    # --- by id

    def test_every_id_has_exactly_one_answer(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            made = await world.make(130, state="to_ship")
            wanted = [*made[:120], f"{made[0]}-9", *made[120:]]

            found = await world.by_id(wanted)

            assert sorted(each.order_id for each in found) == sorted(wanted)
            assert [each for each in found if not isinstance(each, Order)] == [Missing(f"{made[0]}-9")]

        play(platform, scene)

    def test_no_id_needs_no_call(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            assert await world.by_id([]) == []
            assert (await world.look())["calls"] == {}

        play(platform, scene)

    # --- deciding

    @pytest.mark.parametrize("accepted", [True, False])
    def test_a_decision_moves_the_order(self, platform: Platform, accepted: bool) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            [order_id] = await world.make(state="to_accept", lines=2)
            order = await world.order(order_id)

            outcomes = await world.decide(order, accepted)

            assert {outcome.line_id: outcome.accepted for outcome in outcomes} == {
                line.id: accepted for line in order.lines
            }
            now = await world.order(order_id)
            assert now.state in (
                {OrderState.ACCEPTED, OrderState.TO_SHIP} if accepted else {OrderState.REFUSED, OrderState.CANCELLED}
            )
            assert (await world.look())["accepted" if accepted else "refused"] == [order_id]

        play(platform, scene)

    def test_lines_are_decided_one_by_one(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            world.needs(Capability.PARTIAL_ACCEPT)
            [order_id] = await world.make(state="to_accept", lines=2)
            order = await world.order(order_id)
            kept, dropped = order.lines

            outcomes = await world.marketplace.decide(
                order, accept={kept.id: True, dropped.id: False}, intent=KeptIntent()
            )

            assert {outcome.line_id: outcome.accepted for outcome in outcomes} == {kept.id: True, dropped.id: False}
            now = await world.order(order_id)
            assert [line.id for line in now.open_lines] == [kept.id]
            assert now.state in {OrderState.ACCEPTED, OrderState.TO_SHIP}
            assert now.open_total == kept.total
            assert now.total == order.total

        play(platform, scene)

    def test_a_decision_is_announced_before_it_is_sent(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            [order_id] = await world.make(state="to_accept")
            order = await world.order(order_id)
            intent = WatchingIntent(watch=world.remote_states)

            await world.decide(order, True, intent=intent)

            assert intent.sent
            assert intent.seen[0] == {order_id: order.platform_status}

        play(platform, scene)

    def test_a_second_decision_is_refused_as_too_late(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            [order_id] = await world.make(state="to_accept")
            order = await world.order(order_id)
            await world.decide(order, True)

            with pytest.raises(Refused) as caught:
                await world.decide(order, False)

            assert caught.value.reason == "NOT_DECIDABLE"
            assert (await world.look())["refused"] == []

        play(platform, scene)

    def test_an_order_that_is_not_there_can_not_be_decided(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            [order_id] = await world.make(state="to_accept")
            order = replace(await world.order(order_id), order_id=f"{order_id}-9")

            with pytest.raises(Refused) as caught:
                await world.decide(order, True)

            assert caught.value.reason == "ORDER_MISSING"

        play(platform, scene)

    @pytest.mark.parametrize("kind", ["lost_ack", "timeout", "reset", "http_500"])
    def test_a_decision_without_an_answer_is_unknown_until_it_is_read_back(self, platform: Platform, kind: str) -> None:
        async def scene(world: World) -> None:
            world.needs_decisions()
            [order_id] = await world.make(state="to_accept")
            order = await world.order(order_id)
            await world.break_down(kind, count=1)

            with pytest.raises(OutcomeUnknown):
                await world.decide(order, True)

            decided = (await world.order(order_id)).state is not OrderState.TO_ACCEPT
            looked = await world.look()
            assert decided == (looked["accepted"] == [order_id])
            assert decided or kind != "lost_ack"
            assert looked["writes_repeated"] == 0

        play(platform, scene)

    # --- shipping

    def test_it_says_how_much_a_call_takes(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            assert world.marketplace.ship_batch > 0
            assert world.marketplace.offer_batch > 0

        play(platform, scene)

    def test_carriers_are_listed_once_and_asked_for_once(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            options = await world.marketplace.shipping_options()
            calls = (await world.look())["calls"]

            assert options.carriers
            assert all(carrier.code and carrier.label for carrier in options.carriers)
            assert len({carrier.code for carrier in options.carriers}) == len(options.carriers)
            assert await world.marketplace.shipping_options() == options
            assert (await world.look())["calls"] == calls

        play(platform, scene)

    def test_a_parcel_is_shipped_with_its_number(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship", lines=2)
            parcel = await world.parcel(order_id)

            [outcome] = await world.ship(parcel)

            assert (outcome.order_id, outcome.sequence) == (order_id, parcel.sequence)
            assert (outcome.result, outcome.reason) == (ShipmentResult.SENT, "")
            world.wait_until_shown()
            assert (await world.order(order_id)).state is OrderState.SHIPPED
            remote = await world.remote_order(order_id)
            assert parcel.carrier
            assert (remote["tracking"], remote["carrier_code"]) == (parcel.number, parcel.carrier.code)

        play(platform, scene)

    def test_a_carrier_on_no_list_goes_by_its_name(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            if not (await world.marketplace.shipping_options()).other_carriers:
                pytest.skip(f"{platform.name} takes carriers of its list alone")
            [order_id] = await world.make(state="to_ship")
            parcel = await world.parcel(order_id, carrier=Carrier(code="", label="Transport Dupont"))

            [outcome] = await world.ship(parcel)

            assert outcome.result is ShipmentResult.SENT
            assert (await world.remote_order(order_id))["tracking"] == parcel.number

        play(platform, scene)

    def test_a_parcel_confirmed_twice_was_sent_already(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship")
            parcel = await world.parcel(order_id)
            await world.ship(parcel)
            before = await world.remote_order(order_id)

            [outcome] = await world.ship(parcel)

            # Where parcels have our own numbers, the same one again corrects it, and that is taken every time.
            again = GONE_OUT if Capability.MANY_PARCELS in world.marketplace.can else {ShipmentResult.ALREADY}
            assert outcome.result in again
            after = await world.remote_order(order_id)
            assert (after["tracking"], after["shipped_at"]) == (before["tracking"], before["shipped_at"])

        play(platform, scene)

    @pytest.mark.parametrize("state", ["shipped", "closed"])
    def test_a_parcel_that_somebody_else_confirmed_was_sent_already(self, platform: Platform, state: str) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship")
            parcel = await world.parcel(order_id)
            await world.move(order_id, state=state)

            [outcome] = await world.ship(parcel)

            assert outcome.result is ShipmentResult.ALREADY

        play(platform, scene)

    @pytest.mark.parametrize("state", ["pending", "to_accept", "accepted", "cancelled", "refused"])
    def test_an_order_that_may_not_leave_is_refused(self, platform: Platform, state: str) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state=state)
            parcel = await world.parcel(order_id)
            word = (await world.remote_states())[order_id]

            [outcome] = await world.ship(parcel)

            assert (outcome.result, outcome.reason) == (ShipmentResult.REFUSED, "SHIP_REFUSED")
            assert (await world.remote_states())[order_id] == word

        play(platform, scene)

    def test_an_order_that_is_not_there_can_not_be_shipped(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship")
            parcel = replace(await world.parcel(order_id), order_id=f"{order_id}-9")

            [outcome] = await world.ship(parcel)

            assert (outcome.result, outcome.reason) == (ShipmentResult.REFUSED, "ORDER_MISSING")

        play(platform, scene)

    def test_a_carrier_nobody_knows_is_refused_and_nothing_leaves(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship")
            word = (await world.remote_states())[order_id]
            nobody = Carrier(code="no-such-carrier", label="No such carrier")

            outcomes = [
                *await world.ship(await world.parcel(order_id, carrier=nobody)),
                *await world.ship(await world.parcel(order_id, carrier=None)),
            ]

            assert [(each.result, each.reason) for each in outcomes] == [
                (ShipmentResult.REFUSED, "CARRIER_UNKNOWN")
            ] * 2
            assert (await world.remote_states())[order_id] == word

        play(platform, scene)

    def test_a_method_that_needs_a_number_is_refused_without_one(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            options = await world.marketplace.shipping_options()
            [order_id] = await world.make(shape="pickup", state="to_ship")
            if (await world.order(order_id)).shipping_method not in options.tracking_required:
                pytest.skip(f"{platform.name} has no such method")

            [outcome] = await world.ship(await world.parcel(order_id, number="", carrier=None))

            assert (outcome.result, outcome.reason) == (ShipmentResult.REFUSED, "TRACKING_MISSING")

        play(platform, scene)

    def test_a_corrected_number_takes_the_place_of_the_old_one(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship")
            parcel = await world.parcel(order_id)
            await world.ship(parcel)
            before = await world.remote_order(order_id)

            [outcome] = await world.ship(replace(parcel, number="8X00000000002", correction=True))

            assert outcome.result is ShipmentResult.SENT
            after = await world.remote_order(order_id)
            assert after["tracking"] == "8X00000000002"
            assert (after["state"], after["shipped_at"]) == (before["state"], before["shipped_at"])

        play(platform, scene)

    def test_an_order_leaves_in_several_parcels_each_with_its_own_lines_and_number(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            world.needs(Capability.MANY_PARCELS)
            [order_id] = await world.make(state="to_ship", lines=2)
            contents = [{line.id: line.quantity} for line in (await world.order(order_id)).lines]
            first, second = [
                await world.parcel(order_id, sequence=place, lines=lines, number=f"8X0000000000{place}")
                for place, lines in enumerate(contents, start=1)
            ]

            [one] = await world.ship(first)
            world.wait_until_shown()
            between = await world.order(order_id)
            [other] = await world.ship(second)
            [corrected] = await world.ship(replace(first, number="8X00000000009", correction=True))
            world.wait_until_shown()

            assert {one.result, other.result, corrected.result} == {ShipmentResult.SENT}
            assert [one.sequence, other.sequence, corrected.sequence] == [1, 2, 1]
            assert between.state is OrderState.PARTIALLY_SHIPPED
            assert (await world.order(order_id)).state is OrderState.SHIPPED
            on_marketplace = (await world.remote_order(order_id))["packages"]
            assert [(package["tracking"], package["contents"]) for package in on_marketplace] == [
                ("8X00000000009", contents[0]),
                ("8X00000000002", contents[1]),
            ]

        play(platform, scene)

    def test_one_that_is_refused_keeps_no_other_back(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            good = await world.make(3, state="to_ship")
            [unpaid] = await world.make(state="pending")
            [shipped] = await world.make(state="shipped")
            wanted = {
                good[0]: ShipmentResult.SENT,
                unpaid: ShipmentResult.REFUSED,
                good[1]: ShipmentResult.SENT,
                shipped: ShipmentResult.ALREADY,
                good[2]: ShipmentResult.SENT,
            }

            outcomes = await world.ship(*[await world.parcel(order_id) for order_id in wanted])

            assert len(outcomes) == len(wanted)
            assert {each.order_id: each.result for each in outcomes} == wanted

        play(platform, scene)

    @pytest.mark.parametrize("kind", ["lost_ack", "timeout", "reset", "http_500"])
    def test_a_parcel_whose_answer_was_lost_leaves_once(self, platform: Platform, kind: str) -> None:
        async def scene(world: World) -> None:
            [first, *others] = await world.make(6, state="to_ship")
            parcel = await world.parcel(first)
            before = (await world.look())["calls"]
            await world.ship(parcel)
            after = (await world.look())["calls"]
            operations = [name for name, calls in after.items() if calls > before.get(name, 0)]

            for operation, order_id in zip(operations, others, strict=False):
                reported = await world.parcel(order_id)
                await world.break_down(kind, operation=operation, count=1)
                [outcome] = await world.ship(reported)
                assert outcome.result in {*GONE_OUT, ShipmentResult.UNKNOWN}
                left_at = (await world.remote_order(order_id))["shipped_at"]
                world.clock.advance(600)

                [again] = await world.ship(reported)

                assert again.result in GONE_OUT
                remote = await world.remote_order(order_id)
                assert remote["tracking"] == reported.number
                assert left_at in {None, remote["shipped_at"]}
            assert operations

        play(platform, scene)

    def test_a_breakdown_stops_parcels_and_is_over_when_it_is_over(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            [order_id] = await world.make(state="to_ship")
            parcel = await world.parcel(order_id)
            await world.break_down("http_503")

            with pytest.raises(Unavailable):
                await world.ship(parcel)

            await world.mend()
            [outcome] = await world.ship(parcel)
            assert outcome.result in GONE_OUT

        play(platform, scene)

    # --- offers

    def test_every_offer_is_listed_exactly_once(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            await world.put_up(count=MANY)

            listed = [offer for page in await world.live_pages() for offer in page.items]

            remote = await world.remote_offers()
            assert sorted(offer.sku for offer in listed) == sorted(remote)
            for offer in listed:
                assert (offer.quantity, offer.price) == (
                    remote[offer.sku]["quantity"],
                    Decimal(remote[offer.sku]["price"]),
                )

        play(platform, scene)

    def test_a_list_of_offers_goes_on_after_the_pages_that_were_stored(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            await world.put_up(count=MANY)
            first, *_ = await world.live_pages()

            rest = await world.live_pages(resume=first.resume)

            found = {offer.sku for page in (first, *rest) for offer in page.items}
            assert found == set(await world.remote_offers())

        play(platform, scene)

    def test_an_offer_says_who_ships_it(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            await world.put_up(sku="THEIRS-1", fulfilment="marketplace", quantity=3, price="5.00")

            live = await world.live()

            assert {sku for sku, offer in live.items() if offer.fulfilment is Fulfilment.MARKETPLACE} == {"THEIRS-1"}

        play(platform, scene)

    def test_stock_changes_and_nothing_else(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            before = await world.remote_offers()
            first, second, *_ = before

            results = await world.sent(OfferKind.STOCK, Offer(sku=first, quantity=0), Offer(sku=second, quantity=4321))

            assert results == OfferResults()
            after = await world.remote_offers()
            assert (after[first]["quantity"], after[second]["quantity"]) == (0, 4321)
            assert _without(after, first, "quantity", "active") == _without(before, first, "quantity", "active")
            assert _without(after, second, "quantity") == _without(before, second, "quantity")
            assert {sku: after[sku] for sku in after if sku not in {first, second}} == {
                sku: before[sku] for sku in before if sku not in {first, second}
            }

        play(platform, scene)

    def test_an_offer_without_stock_says_why_it_is_not_on_sale(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            first, second, *_ = await world.live()

            await world.sent(OfferKind.STOCK, Offer(sku=first, quantity=0))
            world.wait_until_shown()

            live = await world.live()
            assert live[first].quantity == 0
            assert live[first].inactive
            assert not live[second].inactive

        play(platform, scene)

    @pytest.mark.parametrize("options", [{}, {"discount_price": "1.50"}, {"channel_prices": {"BE": "77.00"}}])
    def test_a_price_changes_and_the_other_prices_stay(self, platform: Platform, options: dict[str, object]) -> None:
        async def scene(world: World) -> None:
            sku, *_ = await world.live()
            if "channel_prices" in options:
                await world.switch(channel_pricing=True)
            if options:
                await world.put_up(sku=sku, **options)
            before = await world.remote_offers()
            live = (await world.live())[sku]

            results = await world.sent(
                OfferKind.PRICE, Offer(sku=sku, price=Decimal("43.21"), price_set=live.price_set)
            )

            assert results == OfferResults()
            after = await world.remote_offers()
            assert Decimal(after[sku]["price"]) == Decimal("43.21")
            assert _without(after, sku, "price", "channel_prices") == _without(before, sku, "price", "channel_prices")
            reported, stood = after[sku]["channel_prices"], before[sku]["channel_prices"]
            # A channel whose price is one of the offer's own set keeps it; another follows, in the same currency.
            follows = set() if live.price_set else {"43.21"}
            assert reported.keys() == stood.keys()
            assert [price for channel, price in reported.items() if price not in {stood[channel], *follows}] == []
            assert {**after, sku: None} == {**before, sku: None}
            world.wait_until_shown()
            assert (await world.live())[sku] == replace(live, price=Decimal("43.21"), uneven=False)

        play(platform, scene)

    @pytest.mark.parametrize("kind", list(OfferKind))
    def test_a_sku_nobody_offers_is_refused_with_its_reason_and_made_by_nobody(
        self, platform: Platform, kind: OfferKind
    ) -> None:
        async def scene(world: World) -> None:
            before = await world.remote_offers()
            known, *_ = before

            results = await world.sent(
                kind,
                Offer(sku="NO-SUCH-SKU", quantity=5, price=Decimal("5.00")),
                Offer(sku=known, quantity=77, price=Decimal("77.00")),
            )

            assert results.refused.keys() == {"NO-SUCH-SKU"}
            assert results.refused["NO-SUCH-SKU"]
            assert (results.gone, results.failed) == (False, "")
            after = await world.remote_offers()
            assert after.keys() == before.keys()
            assert after[known] != before[known]

        play(platform, scene)

    @pytest.mark.parametrize("kind", list(OfferKind))
    def test_an_offer_that_can_not_be_sent_is_refused_at_once(self, platform: Platform, kind: OfferKind) -> None:
        async def scene(world: World) -> None:
            submitted = await world.send(kind, Offer(sku="", quantity=5, price=Decimal("5.00")))

            assert submitted.receipt is None
            assert submitted.refused[""]

        play(platform, scene)

    @pytest.mark.parametrize("kind", list(OfferKind))
    def test_a_receipt_that_nobody_knows_any_more_is_gone(self, platform: Platform, kind: OfferKind) -> None:
        async def scene(world: World) -> None:
            offers = [Offer(sku=sku, quantity=5, price=Decimal("5.00")) for sku in await world.many_skus()]
            submitted = await world.send(kind, *offers)
            assert submitted.receipt
            await world.forget_everything()

            assert (await world.results(kind, submitted)).gone

        play(platform, scene)

    @pytest.mark.parametrize("fault", ["lost_ack", "timeout", "reset", "http_500", "http_429"])
    def test_offers_whose_answer_was_lost_are_right_in_the_end(self, platform: Platform, fault: str) -> None:
        async def scene(world: World) -> None:
            known, *_ = await world.live()
            offer = Offer(sku=known, quantity=4321)
            await world.break_down(fault, count=1)

            try:
                submitted = await world.send(OfferKind.STOCK, offer)
            except OutcomeUnknown:
                submitted = await world.send(OfferKind.STOCK, offer)

            assert await world.results(OfferKind.STOCK, submitted) == OfferResults()
            assert (await world.remote_offers())[known]["quantity"] == 4321

        play(platform, scene)

    @pytest.mark.parametrize("fault", ["http_503", "malformed", "truncate", "timeout"])
    def test_a_breakdown_stops_offers_and_is_over_when_it_is_over(self, platform: Platform, fault: str) -> None:
        async def scene(world: World) -> None:
            known, *others = await world.many_skus()
            offers = [Offer(sku=sku, quantity=4321) for sku in (known, *others)]
            submitted = await world.send(OfferKind.STOCK, *offers)
            assert submitted.receipt
            await world.break_down(fault)

            with pytest.raises(Unavailable):
                await world.live()
            with pytest.raises(Unavailable):
                await world.results(OfferKind.STOCK, submitted)
            with pytest.raises((OutcomeUnknown, Unavailable)):
                await world.send(OfferKind.STOCK, Offer(sku=known, quantity=1))

            await world.mend()
            assert await world.results(OfferKind.STOCK, submitted) == OfferResults()

        play(platform, scene)

    def test_offers_sent_all_day_are_never_throttled(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            known, *_ = await world.live()

            for number in range(10):
                offer = Offer(sku=known, quantity=number, price=Decimal(10 + number))
                receipts = [(kind, await world.send(kind, offer)) for kind in OfferKind]
                assert [await world.results(*receipt) for receipt in receipts] == [OfferResults()] * 2
                await world.live()

            looked = await world.look()
            assert looked["throttled"] == {}
            assert looked["offers"][known]["quantity"] == 9
            assert Decimal(looked["offers"][known]["price"]) == 19

        play(platform, scene)

    # --- summaries

    def test_summaries_show_each_order_once_and_as_the_list_does(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            assert world.sums_up
            for state in ("to_ship", "shipped", "cancelled"):
                await world.make(40, state=state, age="30h")
            await world.make(20, state="shipped", fulfilment="marketplace", age="9h")
            await world.make(20, state="to_ship", fulfilment="merchant", age="5h")

            reported = await world.summaries()

            orders = await world.orders()
            assert len(reported) == 160
            assert sorted(each.order_id for each in reported) == sorted(orders)
            for each in reported:
                order = orders[each.order_id]
                assert (each.state, each.fulfilment) == (order.state, order.fulfilment)
                assert abs(each.placed_at - order.placed_at) < timedelta(seconds=1)
                assert order.state is OrderState.CANCELLED or order.total in each.totals

        play(platform, scene)

    def test_a_summary_of_an_order_that_is_not_paid_may_have_no_total(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            assert world.sums_up
            [order_id] = await world.make(state="pending", age="3h")

            [reported] = await world.summaries()

            assert (reported.order_id, reported.state) == (order_id, OrderState.PENDING)
            remote = await world.remote_order(order_id)
            assert not reported.totals or Decimal(remote["total"]) in {total.amount for total in reported.totals}

        play(platform, scene)

    def test_an_account_without_orders_has_no_summaries(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            assert await world.summaries() == []

        play(platform, scene)

    @pytest.mark.parametrize("stored", [1, 2, 3])
    def test_summaries_go_on_after_the_pages_that_were_stored(self, platform: Platform, stored: int) -> None:
        async def scene(world: World) -> None:
            assert world.sums_up
            made = await world.make(MANY, state="to_ship", age="2h")
            pages = await world.summary_pages()
            kept = pages[: min(stored, len(pages) - 1)]

            rest = await world.summary_pages(resume=kept[-1].resume if kept else None)

            reported = Counter(each.order_id for page in (*kept, *rest) for each in page.items)
            assert reported == Counter(made)

        play(platform, scene)

    def test_summaries_cost_fewer_calls_than_the_list(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            assert world.sums_up
            await world.make(3 * MANY, state="to_ship", age="2h")

            before = sum((await world.look())["calls"].values())
            await world.summaries()
            between = sum((await world.look())["calls"].values())
            await world.orders()
            after = sum((await world.look())["calls"].values())

            assert between - before < after - between
            assert (await world.look())["throttled"] == {}

        play(platform, scene)

    @pytest.mark.parametrize("kind", ["http_503", "malformed", "truncate", "timeout"])
    def test_a_breakdown_ends_summaries_and_is_over_when_it_is_over(self, platform: Platform, kind: str) -> None:
        async def scene(world: World) -> None:
            assert world.sums_up
            made = await world.make(3, state="to_ship", age="2h")
            await world.break_down(kind)

            with pytest.raises(Unavailable):
                await world.summaries()

            await world.mend()
            assert sorted(each.order_id for each in await world.summaries()) == sorted(made)

        play(platform, scene)

    # --- a bad day

    @pytest.mark.parametrize("kind", ["http_500", "http_502", "http_503", "http_429", "timeout", "reset", "truncate"])
    def test_a_question_is_asked_again_after_a_hiccup(self, platform: Platform, kind: str) -> None:
        async def scene(world: World) -> None:
            made = await world.make(3, state="to_ship")
            await world.break_down(kind, count=1)

            assert set(await world.orders()) == set(made)
            assert world.connector.meter.retries == 1

        play(platform, scene)

    @pytest.mark.parametrize("kind", ["http_503", "malformed", "truncate", "timeout"])
    def test_a_breakdown_that_lasts_is_named_and_over_when_it_is_over(self, platform: Platform, kind: str) -> None:
        async def scene(world: World) -> None:
            made = await world.make(3, state="to_ship")
            await world.break_down(kind)

            with pytest.raises(Unavailable):
                await world.pages()
            with pytest.raises(Unavailable):
                await world.by_id(made)
            with pytest.raises(Unavailable):
                await world.marketplace.check()

            await world.mend()
            assert set(await world.orders()) == set(made)

        play(platform, scene)

    def test_a_busy_day_is_never_throttled(self, platform: Platform) -> None:
        async def scene(world: World) -> None:
            made = await world.make(400, state="to_ship", age="2h")

            for _ in range(8):
                assert len(await world.orders()) == len(made)

            looked = await world.look()
            assert sum(looked["calls"].values()) > 30
            assert looked["throttled"] == {}

        play(platform, scene)
