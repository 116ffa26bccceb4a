"""What every marketplace adapter offers to the tasks. A method exists only if a task calls it.

Every adapter is a `Marketplace`. What differs between platforms is said in `can`; a task that makes no sense on one is
absent from its `tasks`. `SumsUp` alone is optional. Methods raise only errors of `app.errors`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.shipment import Shipment, ShipmentOutcome, ShippingOptions
from app.domain.summary import OrderSummary
from app.domain.task import Priority


class Capability(StrEnum):
    """What some platforms can do and others can't.

    `PARTIAL_ACCEPT`: an order is decided line by line. `MANY_PARCELS`: an order takes several parcels, each with its
    own lines and number; without it a shipment stands for the whole order, and the last number confirmed is its number.
    """

    PARTIAL_ACCEPT = "partial_accept"
    MANY_PARCELS = "many_parcels"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders to read: `updated` or `placed` since a moment, or those that wait for acceptance (`to_accept`).

    `fulfilment` and `states` may be used by the adapter to read less; the caller sorts again. `resume` continues after
    a page that was already stored.
    """

    by: Literal["updated", "placed", "to_accept"]
    since: datetime | None = None
    fulfilment: frozenset[Fulfilment] = frozenset(Fulfilment)
    states: frozenset[OrderState] = frozenset()
    resume: str | None = None
    priority: Priority = Priority.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTest:
    """The result of a connection test; `discovered` are settings the marketplace gave us, to be kept with the account.

    `fulfilments`: whose orders this account reads; two accounts may share a seller where none is read by both.
    """

    seller_key: str
    findings: Sequence[Finding]
    fulfilments: frozenset[Fulfilment] = frozenset(Fulfilment)
    discovered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of one line's decision."""

    line_id: str
    accepted: bool


class Marketplace(Protocol):
    """One seller account on one platform.

    `ship_batch` and `offer_batch`: how many shipments `ship` and how many offers `send_offers` take at most.
    """

    can: frozenset[Capability]
    ship_batch: int
    offer_batch: int

    async def check(self) -> ConnectionTest:
        """Return what works, what is missing and how to mend it; raises CredentialsRefused, Unavailable, SetupWrong."""
        ...

    def orders(self, query: OrderQuery) -> AsyncIterator[Page[Order | Unreadable]]:
        """Yield pages of orders, oldest first, until the last; an order may come twice."""
        ...

    def orders_by_id(
        self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE
    ) -> AsyncIterator[Order | Missing | Unreadable]:
        """Yield exactly one answer for each id, in batches as large as the platform allows."""
        ...

    async def decide(self, order: Order, *, accept: Mapping[str, bool], intent: Intent) -> Sequence[LineOutcome]:
        """Accept or refuse every line (`accept`: line id → decision).

        Raises Refused (reason `NOT_DECIDABLE`: somebody or something decided already; `PARTIAL_ACCEPT_OFF`: all or
        nothing; `ORDER_MISSING`; `FULFILLED_BY_OPERATOR`; `REQUEST_REFUSED`), OutcomeUnknown, and the errors that
        stop a run.
        """
        ...

    async def shipping_options(self) -> ShippingOptions:
        """Return carriers and rules for tracking, at most a day old; older ones where they can't be asked for now."""
        ...

    def ship(self, shipments: Sequence[Shipment]) -> AsyncIterator[ShipmentOutcome]:
        """Confirm these parcels and yield what became of each, once each, in any order.

        The caller has written down before that he is about to send them; confirming a parcel again does no harm. A
        shipment with a number has a carrier; one without a number is confirmed as sent without tracking. A correction
        changes carrier and number of a parcel confirmed before, and nothing else.

            sent       the marketplace has it
            already    it was sent before: by us, or by somebody else
            refused    reason ORDER_MISSING, SHIP_REFUSED (not in a state to be shipped), TRACKING_MISSING,
                       TRACKING_REFUSED or CARRIER_UNKNOWN; nothing was sent
            unknown    no answer came: look it up, then confirm it again
            later      it was not sent, since all is about to stop: confirm it again

        What stops a run is raised; shipments without an outcome are to be looked up and confirmed again later.
        """
        ...

    async def send_offers(self, kind: OfferKind, offers: Sequence[Offer], *, priority: Priority) -> Submitted:
        """Hand in new stock or prices, each offer once; nothing else of an offer changes, and no offer is created.

        `refused`: those that can't be sent, with a sentence; all others are in the receipt, or were taken where there
        is none. Handing in the same again does no harm. Raises Refused (REQUEST_REFUSED: the batch as a whole),
        OutcomeUnknown and the errors that stop a run.
        """
        ...

    async def follow(self, kind: OfferKind, receipt: str) -> OfferResults | None:
        """Return what became of a batch, None while the marketplace is still at work on it."""
        ...

    def live_offers(self, *, resume: str | None) -> AsyncIterator[Page[LiveOffer]]:
        """Yield pages of all offers of this account, each SKU once; after `resume` some may come again."""
        ...


@runtime_checkable
class SumsUp(Protocol):
    """A marketplace that sums up many orders at once, for fewer calls than reading them takes."""

    def summaries(self, *, since: datetime, resume: str | None) -> AsyncIterator[Page[OrderSummary | Unreadable]]:
        """Yield pages of what changed since then, each order once; a page may be empty.

        `resume` continues after a page; while the marketplace is still at work, the page before says where. Raises
        BadInput for a place that is none, LimitReached with the time when it is worth to ask again, and the errors that
        stop a run.
        """
        ...
