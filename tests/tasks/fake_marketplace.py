"""A marketplace in memory that keeps the port's promises, but for what a test tells it to break."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app.clock import JumpingClock
from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.message import message
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.order import Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.shipment import Carrier, Shipment, ShipmentOutcome, ShipmentResult, ShippingOptions
from app.domain.task import Priority
from app.errors import OutcomeUnknown, Refused
from app.marketplaces.port import Capability, ConnectionTest, LineOutcome, OrderQuery
from tests.tasks.builders import PLATFORM_STATUSES

CHOICES = ShippingOptions(
    carriers=(Carrier(code="colissimo", label="Colissimo"), Carrier(code="ups", label="UPS")),
    other_carriers=True,
    tracking_required=frozenset({"pickup"}),
)


@dataclass
class FakeMarketplace:
    """Orders by id, listed by page; `hidden` ones are in no list, but known by id.

    `answers` says what becomes of a decision: `lost` (made, but nobody hears of it), `never` (not made, and nobody
    hears of it) or an error. `trouble` is what a page raises, by its number.
    """

    clock: JumpingClock
    can: frozenset[Capability] = frozenset(Capability)
    ship_batch: int = 100
    offer_batch: int = 100
    page_size: int = 100
    remote_now: datetime | None = None
    hidden: set[str] = field(default_factory=set)
    remote_orders: dict[str, Order | Unreadable] = field(default_factory=dict)
    answers: dict[str, str | Exception] = field(default_factory=dict)
    trouble: Callable[[int], Exception | None] = lambda page: None
    queries: list[OrderQuery] = field(default_factory=list)
    looked_up: list[tuple[str, ...]] = field(default_factory=list)
    decided: list[tuple[str, Mapping[str, bool]]] = field(default_factory=list)
    parcels: dict[str, dict[int, Shipment]] = field(default_factory=dict)
    offers: dict[str, LiveOffer] = field(default_factory=dict)
    receipts: dict[str, OfferResults] = field(default_factory=dict)

    def sell(self, *sales: Order | Unreadable) -> None:
        for sale in sales:
            self.remote_orders[sale.order_id] = sale

    def move(self, order_id: str, state: OrderState, **changes: Any) -> None:
        """Let an order change at the marketplace, now."""
        order = self.remote_orders[order_id]
        assert isinstance(order, Order)
        self.sell(
            replace(
                order, state=state, platform_status=PLATFORM_STATUSES[state], updated_at=self.clock.now(), **changes
            )
        )

    async def check(self) -> ConnectionTest:
        says = message("MIRAKL_CONFIGURATION_UNREAD")
        finding = Finding(code="OPERATOR_CONFIGURATION", ok=True, says=says)
        return ConnectionTest(seller_key="seller", findings=[finding])

    async def orders(self, query: OrderQuery) -> AsyncIterator[Page[Order | Unreadable]]:
        self.queries.append(query)
        listed = [
            sale
            for order_id, sale in sorted(self.remote_orders.items(), key=lambda each: _changed_at(each[1]))
            if order_id not in self.hidden and _asked_for(sale, query)
        ]
        start = int(query.resume or 0)
        for number in range(start, max(len(listed), start + 1), self.page_size):
            error = self.trouble(number // self.page_size)
            if error:
                raise error
            end = number + self.page_size
            yield Page(
                items=tuple(listed[number:end]),
                read_at=self.clock.now(),
                resume=str(end) if end < len(listed) else None,
                remote_now=self.remote_now or self.clock.now(),
            )

    async def orders_by_id(
        self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE
    ) -> AsyncIterator[Order | Missing | Unreadable]:
        if order_ids:
            self.looked_up.append(tuple(order_ids))
        for order_id in order_ids:
            yield self.remote_orders.get(order_id, Missing(order_id))

    async def decide(self, order: Order, *, accept: Mapping[str, bool], intent: Intent) -> Sequence[LineOutcome]:
        answer = self.answers.get(order.order_id)
        stands = self.remote_orders.get(order.order_id)
        if stands is None:
            raise Refused(service="mirakl", operation="OR21", reason="ORDER_MISSING")
        await intent.sending("decide")
        if isinstance(stands, Order) and stands.state is not OrderState.TO_ACCEPT:
            raise Refused(service="mirakl", operation="OR21", reason="NOT_DECIDABLE")
        self.decided.append((order.order_id, accept))
        if isinstance(answer, Exception):
            raise answer
        if answer != "never":
            states = {line: OrderState.ACCEPTED if yes else OrderState.REFUSED for line, yes in accept.items()}
            lines = tuple(
                replace(line, state=states[line.id], quantity_open=line.quantity_open if accept[line.id] else 0)
                for line in order.lines
            )
            state = OrderState.ACCEPTED if any(accept.values()) else OrderState.REFUSED
            self.move(order.order_id, state, lines=lines)
        if answer:
            raise OutcomeUnknown(service="mirakl", operation="OR21")
        return [LineOutcome(line, yes) for line, yes in accept.items()]

    async def shipping_options(self) -> ShippingOptions:
        return CHOICES

    async def ship(self, shipments: Sequence[Shipment]) -> AsyncIterator[ShipmentOutcome]:
        for shipment in shipments:
            result, reason = self._ship(shipment)
            yield ShipmentOutcome(order_id=shipment.order_id, sequence=shipment.sequence, result=result, reason=reason)

    def _ship(self, shipment: Shipment) -> tuple[ShipmentResult, str]:
        order = self.remote_orders.get(shipment.order_id)
        if not isinstance(order, Order):
            return ShipmentResult.REFUSED, "ORDER_MISSING"
        parcels = self.parcels.setdefault(order.order_id, {})
        again = parcels.get(shipment.sequence)
        if again is None and order.state in {OrderState.SHIPPED, OrderState.CLOSED}:
            return ShipmentResult.ALREADY, ""
        if again is None and order.state not in {OrderState.TO_SHIP, OrderState.PARTIALLY_SHIPPED}:
            return ShipmentResult.REFUSED, "SHIP_REFUSED"
        reason = _not_sent(order, shipment)
        if reason:
            return ShipmentResult.REFUSED, reason
        if again is not None:
            parcels[shipment.sequence] = replace(again, carrier=shipment.carrier, number=shipment.number)
            return ShipmentResult.SENT, ""
        parcels[shipment.sequence] = shipment
        sent = sum(units for parcel in parcels.values() for units in parcel.lines.values())
        whole = sent >= sum(line.quantity_open for line in order.open_lines)
        self.move(order.order_id, OrderState.SHIPPED if whole else OrderState.PARTIALLY_SHIPPED)
        return ShipmentResult.SENT, ""

    async def send_offers(self, kind: OfferKind, offers: Sequence[Offer], *, priority: Priority) -> Submitted:
        at_once: dict[str, str] = {offer.sku: "it has no SKU" for offer in offers if not offer.sku}
        sent = [offer for offer in offers if offer.sku]
        if not sent:
            return Submitted(receipt=None, refused=at_once)
        for offer in sent:
            if offer.sku in self.offers:
                self.offers[offer.sku] = _changed(self.offers[offer.sku], offer, kind)
        receipt = str(len(self.receipts) + 1)
        unknown = {offer.sku: "nobody offers it" for offer in sent if offer.sku not in self.offers}
        self.receipts[receipt] = OfferResults(refused=unknown)
        return Submitted(receipt=receipt, refused=at_once)

    async def follow(self, kind: OfferKind, receipt: str) -> OfferResults | None:
        return self.receipts.get(receipt, OfferResults(gone=True))

    async def live_offers(self, *, resume: str | None) -> AsyncIterator[Page[LiveOffer]]:
        skus = sorted(sku for sku in self.offers if sku > (resume or ""))
        for number in range(0, max(len(skus), 1), self.page_size):
            shown = skus[number : number + self.page_size]
            last = number + self.page_size >= len(skus)
            yield Page(
                items=tuple(self.offers[sku] for sku in shown),
                read_at=self.clock.now(),
                resume=None if last else shown[-1],
            )


def _changed_at(sale: Order | Unreadable) -> datetime:
    return (sale.updated_at if isinstance(sale, Order) else None) or datetime.min.replace(tzinfo=UTC)


def _asked_for(sale: Order | Unreadable, query: OrderQuery) -> bool:
    if isinstance(sale, Unreadable):
        return True
    if query.by == "to_accept":
        return sale.state is OrderState.TO_ACCEPT
    recent = query.since is None or sale.updated_at is None or sale.updated_at >= query.since
    return recent and (not query.states or sale.state in query.states)


def _not_sent(order: Order, shipment: Shipment) -> str:
    """Return why a parcel of an order that may leave is refused, empty for one that is taken."""
    if shipment.number and shipment.carrier is None:
        return "CARRIER_UNKNOWN"
    if shipment.carrier is not None and shipment.carrier.code and shipment.carrier not in CHOICES.carriers:
        return "CARRIER_UNKNOWN"
    if not shipment.number and order.shipping_method in CHOICES.tracking_required:
        return "TRACKING_MISSING"
    return ""


def _changed(live: LiveOffer, offer: Offer, kind: OfferKind) -> LiveOffer:
    if kind is OfferKind.PRICE and offer.price is not None:
        return replace(live, price=offer.price, uneven=False)
    if kind is OfferKind.STOCK and offer.quantity is not None:
        return replace(live, quantity=offer.quantity, inactive=() if offer.quantity else ("OUT_OF_STOCK",))
    return live
