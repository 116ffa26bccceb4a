"""A seller account on Amazon in one region, as the tasks see it."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.message import message
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.order import Missing, Order, Unreadable
from app.domain.page import Page
from app.domain.poll_policy import LateOrders, PollPolicy
from app.domain.shipment import Shipment, ShipmentOutcome, ShippingOptions
from app.domain.summary import OrderSummary
from app.domain.task import Priority, Task
from app.errors import BadInput, LimitReached, Refused, RoleMissing, Throttled
from app.marketplaces.amazon import findings, mapping
from app.marketplaces.amazon.client import PAGE_SIZE, AmazonClient, OrdersAsked, Record
from app.marketplaces.amazon.config import AmazonConfig
from app.marketplaces.amazon.errors import REQUEST_REFUSED, SERVICE
from app.marketplaces.amazon.offers import offer_updates
from app.marketplaces.amazon.offers.items import Items
from app.marketplaces.amazon.offers.live_offers import live_offers
from app.marketplaces.amazon.orders import summaries
from app.marketplaces.amazon.orders.order_list import Position, pages
from app.marketplaces.amazon.quotas import PARTICIPATIONS, SEARCH_ORDERS
from app.marketplaces.amazon.shipments.carriers import SHIPPING_OPTIONS
from app.marketplaces.amazon.shipments.fulfilment_feed import FulfilmentFeeds
from app.marketplaces.amazon.shipments.shipping import Shipping
from app.marketplaces.amazon.stores import MARKETPLACES, Region
from app.marketplaces.platform import Platform, ScarceCall
from app.marketplaces.port import Capability, ConnectionTest, LineOutcome, OrderQuery
from app.marketplaces.shared.reference_data import ReferenceData
from app.transport.connector import Connector

# A list that begins after the bound Amazon applies, two minutes ago, or before its memory, is called wrong.
YOUNGEST_LIST = timedelta(minutes=5)
OLDEST_ORDER = timedelta(days=2 * 365 - 1)
# One feed takes the backlog of days, and so many parcels are a few megabytes.
SHIP_BATCH = 5_000
# Far enough back to meet an order that waits for shipping, near enough for one page.
DAYS_TESTED = 3


class AmazonMarketplace:
    """The marketplace port for one seller and one application."""

    can = frozenset({Capability.MANY_PARCELS})
    ship_batch = SHIP_BATCH
    offer_batch = offer_updates.OFFER_BATCH

    def __init__(self, config: AmazonConfig, connector: Connector) -> None:
        self._config = config
        self._clock, self._deadline = connector.clock, connector.deadline
        self.quota_scope = quota_scope(config)
        self._references = ReferenceData(cache=connector.references, clock=connector.clock, scope=self.quota_scope)
        self._client = AmazonClient(config, connector, quota_scope=self.quota_scope)
        feeds = FulfilmentFeeds(
            client=self._client, connector=connector, scope=self.quota_scope, seller_id=config.seller_id
        )
        self._shipping = Shipping(client=self._client, feeds=feeds, clock=connector.clock, home=self._home)

    async def check(self) -> ConnectionTest:
        """Return where the account sells and what its application may read; raises CredentialsRefused, Unavailable."""
        chosen = self._config.marketplace_ids
        known = await self._participations()
        sold = _sold(known)
        # Where the account does not sell, Amazon calls the whole question wrong.
        asked = tuple(each for each in chosen if each in sold) if known is not None and chosen else chosen or sold
        # What is known of the marketplaces may be of today; orders prove that the key works now.
        roles = await self._roles(asked)
        return ConnectionTest(
            seller_key=f"{self._config.region}/{self._config.seller_id}",
            findings=(
                *findings.marketplaces(known, chosen=chosen),
                *findings.rates(asked, self._config.exchange_rates),
                roles,
                *await self._offers_role(asked),
            ),
            fulfilments=self._config.fulfilments,
        )

    async def orders(self, query: OrderQuery) -> AsyncIterator[Page[Order | Unreadable]]:
        """Yield pages of orders, oldest change first: one list for all marketplaces and both channels.

        No upper bound is ever sent; the one that Amazon applied is the page's `remote_now`. Orders that Amazon ships
        for other channels are left out.
        """
        if not query.fulfilment & self._config.fulfilments:
            yield Page(items=(), read_at=self._clock.now())
            return
        start = Position.of(query.resume) if query.resume else await self._start(query)
        async for step in pages(self._client, start, clock=self._clock, priority=query.priority):
            yield Page(
                items=self._items(step.answer.records, query),
                read_at=step.read_at,
                resume=step.then.text() if step.then else None,
                remote_now=step.answer.until,
            )

    async def orders_by_id(
        self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE
    ) -> AsyncIterator[Order | Missing | Unreadable]:
        """Yield exactly one answer for each different id, one call each: Amazon has no list of ids."""
        for order_id in dict.fromkeys(order_ids):
            # What no path can hold is no order either.
            record = await self._client.order(order_id, priority=priority) if order_id.strip(".") else None
            if record is None or mapping.is_of_another_channel(record):
                yield Missing(order_id)
            else:
                yield mapping.order(record)

    async def summaries(self, *, since: datetime, resume: str | None) -> AsyncIterator[Page[OrderSummary | Unreadable]]:
        """Yield pages of orders that changed, from a report for each thirty days.

        Orders that Amazon ships for other channels are left out.
        """
        window = summaries.Window(
            since=since,
            # A report needs names; where nobody may know where the account sells, Amazon does.
            marketplace_ids=await self._marketplace_ids() or _all_of(self._config.region),
            fulfilments=self._config.fulfilments,
        )
        async for page in summaries.pages(
            self._client, window, resume=resume, clock=self._clock, deadline=self._deadline
        ):
            yield page

    async def decide(self, order: Order, *, accept: Mapping[str, bool], intent: Intent) -> Sequence[LineOutcome]:
        """Raise Refused: Amazon decides about orders by itself, a seller can only cancel them."""
        raise Refused(
            service=SERVICE, operation="decide", reason=REQUEST_REFUSED, detail=message("NO_ACCEPTANCE_NEEDED")
        )

    async def send_offers(self, kind: OfferKind, offers: Sequence[Offer], *, priority: Priority) -> Submitted:
        """Hand in stock, or prices in every marketplace where a SKU is offered; what Amazon ships gets no stock."""
        items = await self._seller()
        return await offer_updates.send(
            items, kind, offers, exchange_rates=self._config.exchange_rates, priority=priority
        )

    async def follow(self, kind: OfferKind, receipt: str) -> OfferResults | None:
        """Return the results of a receipt's feeds, None while Amazon is at work on them."""
        return await offer_updates.follow(self._client, receipt)

    async def live_offers(self, *, resume: str | None) -> AsyncIterator[Page[LiveOffer]]:
        """Yield pages of all offers; large ranges come from reports, after empty pages."""
        items, exchange_rates = await self._seller(), self._config.exchange_rates
        listed = live_offers(
            items, exchange_rates=exchange_rates, clock=self._clock, deadline=self._deadline, resume=resume
        )
        async for page in listed:
            yield page

    async def _seller(self) -> Items:
        marketplace_ids = await self._marketplace_ids()
        if not marketplace_ids:
            raise RoleMissing(service=SERVICE, operation=PARTICIPATIONS.name, detail=findings.NOWHERE)
        return self._items_in(marketplace_ids)

    def _items_in(self, marketplace_ids: Sequence[str]) -> Items:
        stores = [MARKETPLACES[each] for each in marketplace_ids]
        return Items(client=self._client, seller_id=self._config.seller_id, stores=stores)

    async def _start(self, query: OrderQuery) -> Position:
        if query.by == "to_accept" or query.since is None:
            raise BadInput("Amazon lists orders by a date since when they were placed or updated", field="by")
        now = self._clock.now()
        asked = OrdersAsked(
            by=query.by,
            since=max(now - OLDEST_ORDER, min(query.since, now - YOUNGEST_LIST)),
            marketplace_ids=await self._marketplace_ids(),
            fulfilled_by=mapping.fulfilled_by(query.fulfilment & self._config.fulfilments),
            statuses=mapping.platform_statuses(query.states),
        )
        return Position(asked=asked, born_at=now)

    async def shipping_options(self) -> ShippingOptions:
        """Return the carriers that Amazon knows; nothing is asked, since it has no list."""
        return SHIPPING_OPTIONS

    def ship(self, shipments: Sequence[Shipment]) -> AsyncIterator[ShipmentOutcome]:
        """Confirm each parcel by a call (confirmShipment), many in one feed."""
        return self._shipping.ship(shipments)

    async def _home(self) -> str:
        """Return the first marketplace of the account, empty where nobody may know it."""
        return next(iter(await self._marketplace_ids()), "")

    async def _marketplace_ids(self) -> tuple[str, ...]:
        """Return the chosen marketplaces, else those where the account sells, none where nobody may know them."""
        return self._config.marketplace_ids or _sold(await self._participations())

    async def _participations(self) -> Sequence[mapping.Participation] | None:
        """Return where the account sells, at most a day old; None where the application has no role to read it."""

        async def load() -> list[dict[str, Any]]:
            return [asdict(mapping.participation(record)) for record in await self._client.participations()]

        try:
            known = await self._references.get(PARTICIPATIONS.name, load)
        except RoleMissing:
            return None
        return [mapping.Participation(**each) for each in known]

    async def _roles(self, marketplace_ids: tuple[str, ...]) -> Finding:
        since = self._clock.now() - timedelta(days=DAYS_TESTED)
        asked = OrdersAsked(by="updated", since=since, marketplace_ids=marketplace_ids)
        try:
            answer = await self._client.orders(asked)
        except (LimitReached, Throttled):
            return Finding(code="ROLES", ok=True, says=message("AMAZON_ORDERS_NOT_ASKED"))
        orders = (mapping.order(record) for record in answer.records if not mapping.is_of_another_channel(record))
        return findings.roles((each for each in orders if isinstance(each, Order)), since_days=DAYS_TESTED)

    async def _offers_role(self, marketplace_ids: tuple[str, ...]) -> Sequence[Finding]:
        """Return what is missing for stock and prices; nothing where it can't be asked now."""
        if not marketplace_ids:
            return ()
        try:
            await self._items_in(marketplace_ids).may_be_read()
        except RoleMissing:
            return (findings.no_listing_role(),)
        except (LimitReached, Throttled):
            return ()
        return ()

    def _items(self, records: Sequence[Record], query: OrderQuery) -> tuple[Order | Unreadable, ...]:
        read = (mapping.order(record) for record in records if not mapping.is_of_another_channel(record))
        wanted = query.fulfilment & self._config.fulfilments
        return tuple(each for each in read if isinstance(each, Unreadable) or each.fulfilment in wanted)


def _sold(known: Sequence[mapping.Participation] | None) -> tuple[str, ...]:
    """Return the stores where the account sells; Amazon lists other channels too."""
    sold_in = {each.marketplace_id for each in known or () if each.sells}
    return tuple(marketplace_id for marketplace_id in MARKETPLACES if marketplace_id in sold_in)


def _all_of(region: Region) -> tuple[str, ...]:
    return tuple(store.id for store in MARKETPLACES.values() if store.region == region)


def quota_scope(config: AmazonConfig) -> str:
    """Return the name under which calls are counted: region, seller and application (as a hash)."""
    application = hashlib.sha256(config.client_id.encode()).hexdigest()[:16]
    return f"{SERVICE}:{config.region}:{config.seller_id}:{application}"


PLATFORM = Platform(
    name=mapping.PLATFORM_NAME,
    title="Amazon",
    tasks=frozenset(Task) - {Task.ORDERS_ACCEPT},
    poll_policy=PollPolicy(
        by="updated",
        overlap=timedelta(minutes=60),
        first_days=8,
        doublecheck_days=8,
        recheck_days=16,
        reconcile_days=30,
        oldest_first=True,
        late_orders=LateOrders(every=timedelta(hours=6), most=100, days=2),
    ),
    config=AmazonConfig,
    open=AmazonMarketplace,
    scarce_call=ScarceCall(
        service=SERVICE,
        operation=SEARCH_ORDERS,
        orders_per_call=PAGE_SIZE,
        address_role=findings.ADDRESS_ROLE,
        scope=quota_scope,
    ),
)
