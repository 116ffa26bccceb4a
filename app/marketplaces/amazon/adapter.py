"""A seller account on Amazon in one region, as the tasks see it."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.order import Missing, Order, Unreadable
from app.domain.page import Page
from app.domain.reading import Reading, Stragglers
from app.domain.task import Priority, Task
from app.errors import BadInput, BudgetSpent, Refused, RoleMissing, Throttled
from app.marketplaces.amazon import findings, mapping
from app.marketplaces.amazon.client import AmazonClient, OrdersAsked, Record
from app.marketplaces.amazon.config import AmazonConfig
from app.marketplaces.amazon.errors import REQUEST_REFUSED, SERVICE
from app.marketplaces.amazon.listing import Place, pages
from app.marketplaces.amazon.places import MARKETPLACES
from app.marketplaces.amazon.quotas import PARTICIPATIONS
from app.marketplaces.platform import Platform
from app.marketplaces.port import Capability, Checked, LineOutcome, OrderQuery
from app.transport.connector import Connector

PARTICIPATIONS_LIFE = timedelta(hours=24)
# A list that begins after the bound Amazon applies, two minutes ago, or before its memory, is called wrong.
YOUNGEST_LIST = timedelta(minutes=5)
OLDEST_ORDER = timedelta(days=2 * 365 - 1)
# Far enough back to meet an order that waits for shipping, near enough for one page.
DAYS_TESTED = 3


class AmazonMarketplace:
    """The marketplace port for one seller and one application."""

    can = frozenset[Capability]()

    def __init__(self, config: AmazonConfig, connector: Connector) -> None:
        self._config = config
        self._clock = connector.clock
        self._references = connector.references
        self.quota_scope = quota_scope(config)
        self._client = AmazonClient(config, connector, quota_scope=self.quota_scope)

    async def check(self) -> Checked:
        """Return where the account sells and what its application may read; raises CredentialsRefused, Unavailable."""
        chosen = self._config.marketplace_ids
        known = await self._participations()
        sold = _sold(known)
        # Where the account does not sell, Amazon calls the whole question wrong.
        asked = tuple(each for each in chosen if each in sold) if known is not None and chosen else chosen or sold
        # What is known of the marketplaces may be of today; orders prove that the key works now.
        roles = await self._roles(asked)
        return Checked(
            seller_key=f"{self._config.region}/{self._config.seller_id}",
            findings=(*findings.marketplaces(known, chosen=chosen), roles),
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
        start = Place.of(query.resume) if query.resume else await self._start(query)
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

    async def decide(self, order: Order, *, accept: Mapping[str, bool], intent: Intent) -> Sequence[LineOutcome]:
        """Raise Refused: Amazon decides about orders by itself, a seller can only cancel them."""
        raise Refused(
            service=SERVICE,
            operation="decide",
            reason=REQUEST_REFUSED,
            detail=f"order {order.order_id} needs no acceptance. Import it.",
        )

    async def _start(self, query: OrderQuery) -> Place:
        if query.by == "to_accept" or query.since is None:
            raise BadInput("Amazon lists orders by a date since when they were placed or updated", field="by")
        now = self._clock.now()
        asked = OrdersAsked(
            by=query.by,
            since=max(now - OLDEST_ORDER, min(query.since, now - YOUNGEST_LIST)),
            marketplace_ids=await self._marketplace_ids(),
            fulfilled_by=mapping.fulfilled_by(query.fulfilment & self._config.fulfilments),
            statuses=mapping.status_words(query.states),
        )
        return Place(asked=asked, born_at=now)

    async def _marketplace_ids(self) -> tuple[str, ...]:
        """Return the chosen marketplaces, else those where the account sells, none where nobody may know them."""
        return self._config.marketplace_ids or _sold(await self._participations())

    async def _participations(self) -> Sequence[mapping.Participation] | None:
        """Return where the account sells, at most a day old; None where the application has no role to read it."""
        now, name = self._clock.now(), PARTICIPATIONS.name
        kept = await self._references.get(self.quota_scope, name, now)
        if kept is not None:
            return [mapping.Participation(**each) for each in json.loads(kept)]
        try:
            known = [mapping.participation(record) for record in await self._client.participations()]
        except RoleMissing:
            return None
        text = json.dumps([asdict(each) for each in known])
        await self._references.put(self.quota_scope, name, text, now + PARTICIPATIONS_LIFE)
        return known

    async def _roles(self, marketplace_ids: tuple[str, ...]) -> Finding:
        since = self._clock.now() - timedelta(days=DAYS_TESTED)
        asked = OrdersAsked(by="updated", since=since, marketplace_ids=marketplace_ids)
        try:
            answer = await self._client.orders(asked)
        except (BudgetSpent, Throttled):
            sentence = "Orders were asked for too often to look into one now: whether addresses are given is not known."
            return Finding(code="ROLES", ok=True, sentence=sentence)
        orders = (mapping.order(record) for record in answer.records if not mapping.is_of_another_channel(record))
        return findings.roles((each for each in orders if isinstance(each, Order)), since_days=DAYS_TESTED)

    def _items(self, records: Sequence[Record], query: OrderQuery) -> tuple[Order | Unreadable, ...]:
        read = (mapping.order(record) for record in records if not mapping.is_of_another_channel(record))
        wanted = query.fulfilment & self._config.fulfilments
        return tuple(each for each in read if isinstance(each, Unreadable) or each.fulfilment in wanted)


def _sold(known: Sequence[mapping.Participation] | None) -> tuple[str, ...]:
    """Return the stores where the account sells; Amazon tells of other channels too."""
    there = {each.marketplace_id for each in known or () if each.sells}
    return tuple(marketplace_id for marketplace_id in MARKETPLACES if marketplace_id in there)


def quota_scope(config: AmazonConfig) -> str:
    """Return the name under which calls are counted: region, seller and application (as a hash)."""
    application = hashlib.sha256(config.client_id.encode()).hexdigest()[:16]
    return f"{SERVICE}:{config.region}:{config.seller_id}:{application}"


PLATFORM = Platform(
    name=mapping.PLATFORM_NAME,
    title="Amazon",
    tasks=frozenset(Task) - {Task.ORDERS_ACCEPT},
    reading=Reading(
        by="updated",
        overlap=timedelta(minutes=60),
        first_days=8,
        doublecheck_days=8,
        recheck_days=16,
        reconcile_days=30,
        stragglers=Stragglers(every=timedelta(hours=6), most=100, days=2),
    ),
    config=AmazonConfig,
    open=AmazonMarketplace,
)
