"""An adapter under test, and the marketplace behind it: what the suites do to it, and what they see there.

A suite knows no platform. It makes orders and offers at the marketplace, changes them, and reads what became of them
there, past the adapter. `on_sandbox.py` does so by the control API, `on_fake.py` in memory.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from app.clock import JumpingClock
from app.domain.intent import Intent
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.order import Missing, Order, Unreadable
from app.domain.page import Page
from app.domain.shipment import Shipment, ShipmentOutcome, ShipmentResult
from app.domain.summary import OrderSummary
from app.domain.task import Priority, Task
from app.marketplaces.platform import Platform
from app.marketplaces.port import Capability, LineOutcome, Marketplace, OrderQuery, SumsUp
from tests.marketplaces.reaching import KeptIntent
from tests.support.aio import run

A_DAY = timedelta(days=1)

# More than three pages of the largest size that any of the platforms allows.
MANY = 350

# Outcomes after which a parcel is on its way.
GONE_OUT = frozenset({ShipmentResult.SENT, ShipmentResult.ALREADY})

# Longer than an import of any of the platforms takes.
LOOKS = 30
BETWEEN_LOOKS_S = 60

# Every platform shows by then what was sent to it or changed there; until then it may show what was before.
SHOWN_AFTER_S = 600

Offers = dict[str, dict[str, Any]]


@dataclass(kw_only=True)
class MarketplaceUnderTest(ABC):
    """The adapter, its clock, and the marketplace behind it.

    An order is `id`, `state` (the platform's own), `total`, `currency`, `lines` (`id`, `sku`, `quantity`), `tracking`,
    `carrier_code`, `shipped_at` and, where there may be several parcels, `packages` (`tracking`, `contents`: units by
    line). An offer is `quantity`, `price`, `channel_prices`, and whatever else the marketplace keeps.
    """

    platform: Platform
    marketplace: Marketplace
    clock: JumpingClock
    name: str
    secrets: frozenset[str] = frozenset()

    @abstractmethod
    async def make(self, count: int = 1, **values: object) -> list[str]:
        """Return the ids of that many new orders; skips where the marketplace has no such orders."""

    @abstractmethod
    async def move(self, *order_ids: str, state: str) -> None:
        """Let somebody else change the orders."""

    @abstractmethod
    async def look(self) -> dict[str, Any]:
        """Return `orders`, the ids of those `accepted` and `refused`, `offers` by SKU, and `calls` by operation."""

    @abstractmethod
    async def put_up(self, **values: object) -> None:
        """Let somebody else put up or change offers."""

    @abstractmethod
    async def switch(self, **switches: object) -> None:
        """Let the marketplace have other rules from now on, where it has a choice."""

    @abstractmethod
    async def forget_everything(self) -> None:
        """Let the marketplace forget what was sent to it."""

    def needs(self, *capabilities: Capability) -> None:
        """Skip what this marketplace can't do."""
        missing = set(capabilities) - self.marketplace.can
        if missing:
            pytest.skip(f"{self.name} has no {', '.join(sorted(missing))}")

    def needs_decisions(self) -> None:
        """Skip a marketplace that decides about orders by itself."""
        if Task.ORDERS_ACCEPT not in self.platform.tasks:
            pytest.skip(f"{self.name} decides about orders by itself")

    def wait_until_shown(self) -> None:
        """Let so much time pass that whatever was sent or changed is to be seen."""
        self.clock.advance(SHOWN_AFTER_S)

    # Orders.

    async def remote_states(self) -> dict[str, str]:
        """Return the platform's own state of each order."""
        return {order["id"]: order["state"] for order in (await self.look())["orders"]}

    async def remote_order(self, order_id: str) -> dict[str, Any]:
        """Return an order as the marketplace holds it."""
        [found] = [order for order in (await self.look())["orders"] if order["id"] == order_id]
        return dict(found)

    async def pages(self, query: OrderQuery | None = None) -> list[Page[Order | Unreadable]]:
        """Return what a pass reads, by default the orders of the last days."""
        return [page async for page in self.marketplace.orders(query or self.recent())]

    async def orders(self, query: OrderQuery | None = None) -> dict[str, Order]:
        """Return what a pass reads, by id; the last one read counts."""
        found = [each for page in await self.pages(query) for each in page.items]
        assert all(isinstance(each, Order) for each in found), [each for each in found if isinstance(each, Unreadable)]
        return {each.order_id: each for each in found if isinstance(each, Order)}

    async def order(self, order_id: str) -> Order:
        """Return one order, read by its id."""
        [found] = await self.by_id([order_id])
        assert isinstance(found, Order), found
        return found

    async def by_id(self, order_ids: Sequence[str]) -> list[Order | Missing | Unreadable]:
        """Return what the adapter answers to these ids."""
        return [each async for each in self.marketplace.orders_by_id(order_ids)]

    def recent(self, **changes: Any) -> OrderQuery:
        """Return the query for the orders of the last days, by the date this platform can be asked by."""
        since = self.clock.now() - timedelta(days=self.platform.poll_policy.first_days)
        return OrderQuery(**({"by": self.platform.poll_policy.by, "since": since} | changes))

    async def decide(self, order: Order, accepted: bool, *, intent: Intent | None = None) -> Sequence[LineOutcome]:
        """Decide all lines alike."""
        accept = {line.id: accepted for line in order.lines}
        return await self.marketplace.decide(order, accept=accept, intent=intent or KeptIntent())

    # Shipments.

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

    async def ship(self, *shipments: Shipment) -> list[ShipmentOutcome]:
        """Confirm shipments and return what became of them."""
        return [outcome async for outcome in self.marketplace.ship(shipments)]

    # Offers.

    async def remote_offers(self) -> Offers:
        """Return what the marketplace holds of each offer, by SKU."""
        found: Offers = (await self.look())["offers"]
        return found

    async def many_skus(self) -> list[str]:
        """Put up so many offers that no platform lists all of them at once, and return their SKUs."""
        await self.put_up(count=MANY)
        return list(await self.live())[:MANY]

    async def live_pages(self, *, resume: str | None = None) -> list[Page[LiveOffer]]:
        """Return the pages of all offers."""
        return [page async for page in self.marketplace.live_offers(resume=resume)]

    async def live(self) -> dict[str, LiveOffer]:
        """Return all offers by SKU."""
        return {offer.sku: offer for page in await self.live_pages() for offer in page.items}

    async def send(self, kind: OfferKind, *offers: Offer) -> Submitted:
        """Send offers in one batch."""
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

    # Summaries.

    @property
    def sums_up(self) -> SumsUp:
        """The marketplace as one that has summaries of orders; skips where it has none."""
        if not isinstance(self.marketplace, SumsUp):
            pytest.skip(f"{self.name} has no summaries")
        return self.marketplace

    async def summary_pages(self, *, resume: str | None = None) -> list[Page[OrderSummary | Unreadable]]:
        """Return the pages of the summaries that reconcile reads."""
        since = self.clock.now() - A_DAY * self.platform.poll_policy.reconcile_days
        return [page async for page in self.sums_up.summaries(since=since, resume=resume)]

    async def summaries(self) -> list[OrderSummary]:
        """Return the summaries of all orders, in the order in which they come."""
        found = [each for page in await self.summary_pages() for each in page.items]
        assert all(isinstance(each, OrderSummary) for each in found)
        return [each for each in found if isinstance(each, OrderSummary)]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a suite runs on: `connect(wrong_secrets)` opens it with a fresh marketplace behind it."""

    name: str
    platform: Platform
    connect: Callable[[bool], AbstractAsyncContextManager[MarketplaceUnderTest]]


@dataclass
class WatchingIntent(KeptIntent):
    """An intent that looks at the other side at the moment a write is announced."""

    watch: Callable[[], Awaitable[object]] | None = None
    seen: list[object] = field(default_factory=list)

    async def sending(self, step: str) -> None:
        if self.watch:
            self.seen.append(await self.watch())
        await super().sending(step)


def run_on(subject: Subject, check: Callable[[Any], Awaitable[None]], *, wrong_secrets: bool = False) -> None:
    """Run a check on a subject that nothing happened to before."""

    async def connected() -> None:
        async with subject.connect(wrong_secrets) as tested:
            await check(tested)

    run(connected())


def without(offers: Offers, sku: str, *changed: str) -> dict[str, Any]:
    """Return what an offer holds beside what was meant to change."""
    return {name: value for name, value in offers[sku].items() if name not in changed}
