"""What every shop adapter offers to the tasks. Methods raise only errors of `app.errors`, with `side="shop"`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.money import Money
from app.domain.offer import ShopOffer
from app.domain.order import Order
from app.domain.page import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The one product that bears a SKU; `available` is its stock at the moment it was read."""

    sku: str
    ref: str
    title: str
    active: bool
    available: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """No product bears this SKU."""

    sku: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several products bear this SKU."""

    sku: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """SKUs as the shop knows them, read at one moment."""

    by_sku: Mapping[str, Match | Unknown | Ambiguous]
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """An order that stands in the shop; `key` is our key, `total` what the shop says the buyer pays."""

    ref: str
    key: str
    marketplace_order_id: str
    state: str
    total: Money
    pieces: Mapping[str, int]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HalfOrder:
    """An order the shop began and did not finish: named to a person, never repaired blindly."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """How an order enters the shop: its products by SKU, its state there, and whether it lowers stock."""

    matches: Mapping[str, Match]
    state: Literal["paid", "shipped"]
    stock: Literal["lower", "keep"]
    email: str
    carrier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopShipment:
    """A parcel that left the shop; its `id` stays when its number is corrected, and no other parcel ever has it.

    `pieces` by the SKU that was ordered, None for all that was still open; `number` and `url` empty without tracking.
    """

    id: str
    shipped_at: datetime
    carrier: str
    number: str
    url: str
    pieces: Mapping[str, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopProgress:
    """How far an order is: `paid` (some parcels may have left), `shipped` (all of it), `cancelled`; parcels in order.

    An order that was shipped by the marketplace, or before it came, has no parcels.
    """

    ref: str
    state: str
    shipments: Sequence[ShopShipment]


class CancelOutcome(StrEnum):
    """What became of an order that had to be cancelled in the shop; `already_shipped` if any parcel of it left."""

    CANCELLED = "cancelled"
    ALREADY_CANCELLED = "already_cancelled"
    ALREADY_SHIPPED = "already_shipped"


class Shop(Protocol):
    """One shop; `parallel` says how many orders it takes at the same time."""

    parallel: int

    async def check(self) -> Sequence[Finding]:
        """Return what works, what is missing and how to mend it."""
        ...

    async def resolve(self, skus: Sequence[str]) -> Resolved:
        """Return for each SKU the product that bears it, Unknown, or Ambiguous."""
        ...

    async def find_order(self, key: str, *, steps: Mapping[str, str]) -> ShopOrder | HalfOrder | None:
        """Return the order that bears our key, if there is one."""
        ...

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Intent) -> ShopOrder:
        """Create the order with its customer, read it back and return it; never twice for one key.

        Raises Refused (reason = a code of `domain.reasons`), OutcomeUnknown, and the errors that stop a run.
        """
        ...

    async def cancel_order(self, ref: str, *, intent: Intent) -> CancelOutcome:
        """Cancel an order and put its pieces back, once."""
        ...


@runtime_checkable
class Follows(Protocol):
    """A shop that knows which parcels left."""

    async def progress_of(self, refs: Sequence[str]) -> Mapping[str, ShopProgress]:
        """Return how far each order is, by its ref; one that the shop no longer knows is left out."""
        ...


@runtime_checkable
class Sells(Protocol):
    """A shop whose products are offered at marketplaces."""

    def offers(self) -> AsyncIterator[Page[ShopOffer]]:
        """Yield all products, each once, however many change meanwhile; `read_at` is our clock before a page is read.

        At least one page, which may be empty. Free pieces may be less than none.
        """
        ...


@runtime_checkable
class Reconciles(Protocol):
    """A shop that lists the orders it has of us."""

    def orders(self, *, key_prefix: str, since: datetime) -> AsyncIterator[Page[ShopOrder]]:
        """Yield the orders made since then whose key begins so, the cancelled ones too, each once, oldest first.

        At least one page, which may be empty.
        """
        ...


class WholeShop(Shop, Follows, Sells, Reconciles, Protocol):
    """A shop that serves every task."""
