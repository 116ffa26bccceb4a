"""A seller account at a Mirakl operator, as the tasks see it."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from app.domain.intent import Intent
from app.domain.message import message
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.order import Missing, Order, Unreadable
from app.domain.page import Page
from app.domain.poll_policy import PollPolicy
from app.domain.shipment import Shipment, ShipmentOutcome, ShippingOptions
from app.domain.task import Priority, Task
from app.errors import BadInput, LimitReached, Refused, RoleMissing, SetupWrong, Throttled, Unavailable
from app.marketplaces.mirakl import carriers, findings, mapping, offer_updates, shipping
from app.marketplaces.mirakl.client import MOST_IDS, PAGE_SIZE, MiraklClient, Record
from app.marketplaces.mirakl.config import MiraklConfig
from app.marketplaces.mirakl.errors import SERVICE, malformed
from app.marketplaces.mirakl.quotas import ACCEPT, ACCOUNT, CARRIERS, CONFIGURATION, ORDERS, SHIPPING_METHODS
from app.marketplaces.platform import Platform
from app.marketplaces.port import Capability, ConnectionTest, LineOutcome, OrderQuery
from app.marketplaces.shared import lists
from app.marketplaces.shared.lists import ListAnswer
from app.marketplaces.shared.reference_data import ReferenceData
from app.transport.connector import Connector
from app.transport.operation import Operation

# The list may have become shorter since a position was stored: a pass that goes on begins so many orders before it.
RESUME_OVERLAP = 100

# Reference data may be read once a day. Older copies are for days on which it can't be read.
STALE_REFERENCE_LIFE = timedelta(days=30)

# At most so many shipments are in doubt after a crash; the refused ones among them are looked up in one call.
SHIP_BATCH = 50
# Nobody publishes how large a file may be. A minute must pass between two, so they are as large as reason allows.
OFFER_BATCH = 50_000


class MiraklMarketplace:
    """The marketplace port for one key and one shop of an operator."""

    can = frozenset({Capability.PARTIAL_ACCEPT})
    ship_batch = SHIP_BATCH
    offer_batch = OFFER_BATCH

    def __init__(self, config: MiraklConfig, connector: Connector) -> None:
        self._config = config
        self._clock = connector.clock
        self.quota_scope = quota_scope(config)
        self._references = ReferenceData(cache=connector.references, clock=connector.clock, scope=self.quota_scope)
        self._client = MiraklClient(config, connector, quota_scope=self.quota_scope)

    async def check(self) -> ConnectionTest:
        """Return what A01 and PC01 say about this key and shop; raises CredentialsRefused, Unavailable, SetupWrong."""
        account, number_refused = await self._account()
        # A01 may be a copy of today, PC01 never is: it proves that the key still works.
        configuration = await self._current_configuration(shop_id=account.shop_id)
        number = findings.shop_number(account, configured=self._config.shop_id, refused=number_refused)
        _, _, address = self._config.base_url.partition("://")
        return ConnectionTest(
            seller_key=f"{address}/{account.shop_id}",
            findings=(number, *findings.shop(account), *findings.operator(configuration)),
            discovered={} if self._config.shop_id else {"shop_id": account.shop_id},
        )

    async def orders(self, query: OrderQuery) -> AsyncIterator[Page[Order | Unreadable]]:
        """Yield pages of orders, oldest creation first, without a gap while the list changes.

        An order leaves the list when somebody accepts it, for one. Orders that enter in front of a position that was
        read are seen by the next pass, whose window begins before this one ended.
        """
        position = _Position.from_token(query.resume) if query.resume else None
        listed = lists.pages(
            lambda offset: self._page(query, offset=offset),
            start=position.offset - RESUME_OVERLAP if position else 0,
            page_size=PAGE_SIZE,
            overlaps=lambda records: position is None or position.has_no_gap_before(records),
            clock=self._clock,
            error_if_incomplete=malformed(ORDERS, message("HINT_LIST_ENDS_EARLY")),
        )
        async for page in listed:
            answer = page.answer
            if answer.records:
                position = _Position.after(answer.records[-1], offset=page.end)
            yield Page(
                items=self._items(answer, query),
                read_at=page.read_at,
                resume=position.token() if position and not page.is_last else None,
                remote_now=answer.date,
            )

    async def orders_by_id(
        self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE
    ) -> AsyncIterator[Order | Missing | Unreadable]:
        """Yield exactly one answer for each different id, a hundred ids a call."""
        # A comma separates ids in the query, so no order can be asked for whose id has one.
        wanted = list(dict.fromkeys(order_ids))
        askable = [order_id for order_id in wanted if order_id and "," not in order_id]
        for order_id in set(wanted).difference(askable):
            yield Missing(order_id)
        for start in range(0, len(askable), MOST_IDS):
            batch = askable[start : start + MOST_IDS]
            answer = await self._client.orders_by_id(batch, priority=priority)
            found = {record["order_id"]: record for record in answer.records}
            for order_id in batch:
                yield self._order(found[order_id]) if order_id in found else Missing(order_id)

    async def decide(self, order: Order, *, accept: Mapping[str, bool], intent: Intent) -> Sequence[LineOutcome]:
        """Accept or refuse every line in one call (OR21); raises Refused, OutcomeUnknown and what stops a run."""
        decisions = _for_every_line(order, accept)
        await intent.sending("decide")
        await self._client.accept(order.order_id, decisions=decisions)
        return [LineOutcome(line_id, accepted) for line_id, accepted in accept.items()]

    async def shipping_options(self) -> ShippingOptions:
        """Return the operator's carriers (SH21), shipping methods (SH12) and his rule for other carriers (PC01)."""
        listed = await self._reference(CARRIERS, self._client.carriers)
        methods = await self._reference(SHIPPING_METHODS, self._client.shipping_methods)
        configuration = await self._platform_configuration()
        return carriers.shipping_options(listed, methods, listed_carriers_only=configuration.listed_carriers_only)

    def ship(self, shipments: Sequence[Shipment]) -> AsyncIterator[ShipmentOutcome]:
        """Send carrier and number (OR23), then that the order left (OR24)."""
        return shipping.ship(self._client, shipments)

    async def send_offers(self, kind: OfferKind, offers: Sequence[Offer], *, priority: Priority) -> Submitted:
        """Hand in a file of stock (STO01) or prices (PRI01): the two calls that leave the rest of an offer alone."""
        # Stock has no decimals to ask for.
        stock = kind is OfferKind.STOCK
        decimals = mapping.USUAL_DECIMALS if stock else (await self._platform_configuration()).price_decimals
        return await offer_updates.send(
            self._client, kind, offers, decimals=decimals, clock=self._clock, priority=priority
        )

    async def follow(self, kind: OfferKind, receipt: str) -> OfferResults | None:
        """Return what became of a file (STO02, PRI02) and of its lines (STO03, PRI03)."""
        return await offer_updates.follow(self._client, kind, receipt)

    def live_offers(self, *, resume: str | None) -> AsyncIterator[Page[LiveOffer]]:
        """Yield pages of the shop's offers, on sale or not (OF21)."""
        return offer_updates.live_offers(self._client, clock=self._clock, resume=resume)

    async def _account(self) -> tuple[mapping.Account, bool]:
        """Return the account, and whether the operator refused the configured shop number."""
        configured = self._config.shop_id
        try:
            return await self._account_of(configured), False
        except (RoleMissing, SetupWrong):
            if not configured:
                raise
            # The key may be good and the number wrong: without a number the operator names the key's own shop.
            return await self._account_of(""), True

    async def _account_of(self, shop_id: str) -> mapping.Account:
        """Return the account as it is now, or as it was today when A01 was asked too often already."""

        async def load() -> dict[str, str]:
            return asdict(mapping.account(await self._client.account(shop_id=shop_id)))

        account = await self._references.get(
            f"{ACCOUNT.name} {shop_id}", load, max_age=timedelta(0), stale_if=(LimitReached, Throttled)
        )
        return mapping.Account(**account)

    async def _current_configuration(self, *, shop_id: str) -> mapping.PlatformConfiguration | None:
        try:
            return mapping.platform_configuration(await self._client.configuration(shop_id=shop_id))
        except (RoleMissing, SetupWrong):
            return None

    async def _platform_configuration(self) -> mapping.PlatformConfiguration:
        """Return the configuration of PC01, an empty one where the key may not read it."""
        shop_id = self._config.shop_id
        try:
            record = await self._reference(CONFIGURATION, lambda: self._client.configuration(shop_id=shop_id))
        except (RoleMissing, SetupWrong):
            record = {}
        return mapping.platform_configuration(record)

    async def _reference(self, operation: Operation, read: Callable[[], Awaitable[object]]) -> Any:
        """Return reference data that is at most a day old, or older where it can't be read now."""
        # Safe to keep as JSON with floats: no amount of it is read.
        return await self._references.get(
            operation.name, read, stale_if=(LimitReached, Throttled, Unavailable), max_stale=STALE_REFERENCE_LIFE
        )

    async def _page(self, query: OrderQuery, *, offset: int) -> ListAnswer[Record]:
        if query.by == "to_accept":
            return await self._client.orders(
                offset=offset, state_codes=(mapping.WAITING_ACCEPTANCE,), priority=query.priority
            )
        return await self._client.orders(
            offset=offset,
            state_codes=mapping.platform_statuses(query.states),
            start_date=query.since if query.by == "placed" else None,
            start_update_date=query.since if query.by == "updated" else None,
            priority=query.priority,
        )

    def _items(self, answer: ListAnswer[Record], query: OrderQuery) -> tuple[Order | Unreadable, ...]:
        # The codes of an operator's own warehouses are not published, so they can't be asked for.
        orders = (self._order(record) for record in answer.records)
        return tuple(each for each in orders if isinstance(each, Unreadable) or each.fulfilment in query.fulfilment)

    def _order(self, record: Record) -> Order | Unreadable:
        return mapping.order(record, asked_tax_mode=self._config.order_tax_mode)


@dataclass(frozen=True, slots=True)
class _Position:
    """How far a pass has read the list: its offset, and the last order before it."""

    offset: int
    created_at: datetime | None
    order_id: str

    @classmethod
    def after(cls, record: Record, *, offset: int) -> Self:
        return cls(offset, mapping.created_at(record), record["order_id"])

    @classmethod
    def from_token(cls, resume: str) -> Self:
        try:
            offset, created_at, order_id = resume.split(" ", 2)
            return cls(int(offset), None if created_at == "-" else datetime.fromisoformat(created_at), order_id)
        except ValueError as exc:
            raise BadInput(message("NO_POSITION", text=resume[:40]), field="resume") from exc

    def token(self) -> str:
        return f"{self.offset} {self.created_at.isoformat() if self.created_at else '-'} {self.order_id}"

    def has_no_gap_before(self, records: Sequence[Record]) -> bool:
        """Whether the page begins at or before this position, so that no order lies between the two."""
        if any(record["order_id"] == self.order_id for record in records):
            return True
        first = mapping.created_at(records[0]) if records else None
        return bool(first and self.created_at and first < self.created_at)


def quota_scope(config: MiraklConfig) -> str:
    """Return the name under which calls are counted: operator, key (as a hash) and shop."""
    key = hashlib.sha256(config.api_key.get_secret_value().encode()).hexdigest()[:16]
    _, _, address = config.base_url.partition("://")
    return f"{SERVICE}:{address}:{key}:{config.shop_id}"


def _for_every_line(order: Order, accept: Mapping[str, bool]) -> Mapping[str, bool]:
    """Return a decision for each line, once each, as OR21 demands; raises Refused where one is missing.

    Nobody decides a line that was cancelled meanwhile, yet it has to be named. It follows the others, so that an order
    accepted or refused as a whole stays all or nothing for the operators that insist on it.
    """
    undecided = [line.id for line in order.open_lines if line.id not in accept]
    unknown = set(accept).difference(line.id for line in order.lines)
    unclear = ", ".join([*undecided, *sorted(unknown)])
    if unclear:
        detail = message("LINES_WITHOUT_DECISION", lines=str(unclear))
        raise Refused(service=SERVICE, operation=ACCEPT.name, reason="REQUEST_REFUSED", detail=detail)
    default = bool(accept) and all(accept.values())
    return {line.id: accept.get(line.id, default) for line in order.lines}


PLATFORM = Platform(
    name=mapping.PLATFORM_NAME,
    title="Mirakl",
    tasks=frozenset(Task),
    poll_policy=PollPolicy(
        by="updated",
        overlap=timedelta(minutes=30),
        first_days=15,
        doublecheck_days=15,
        recheck_days=15,
        reconcile_days=30,
    ),
    config=MiraklConfig,
    open=MiraklMarketplace,
)
