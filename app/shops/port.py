"""What every shop adapter offers to the tasks.

Every adapter is a `Shop`; states, carriers and test orders alone are optional. Methods raise only errors of
`app.errors`, with `side="shop"`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.message import Message
from app.domain.money import Money
from app.domain.offer import ShopOffer
from app.domain.order import Order
from app.domain.page import Page
from app.domain.parcel import Parcel
from app.domain.shop_mapping import SkuSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The one product that a SKU of the marketplace means; `available` is its stock at the moment it was read.

    `identifiers` is what the product is called, as far as the shop says: other accounts may name it by another one.
    """

    sku: str
    ref: str
    title: str
    active: bool
    available: int
    identifiers: Mapping[SkuSource, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """No product has this SKU."""

    sku: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several products have this SKU."""

    sku: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """SKUs as the shop knows them, read at one moment.

    `currencies` are those in which it takes orders, None where it does not say: then it says so at their creation.
    """

    by_sku: Mapping[str, Match | Unknown | Ambiguous]
    read_at: datetime
    currencies: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """An order that stands in the shop; `key` is our key, `total` what the shop says the buyer pays.

    `whole`: nothing of its creation is missing; otherwise creating it again finishes it. `warnings`: codes of
    `domain.reasons` with what fills their sentences, worth a look though the order is right.
    """

    ref: str
    key: str
    marketplace_order_id: str
    state: str
    total: Money
    units: Mapping[str, int]
    created_at: datetime
    whole: bool = True
    warnings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnfinishedOrder:
    """An order the shop began and did not finish: named to a person, never repaired blindly.

    `may_finish`: so young that the shop may still be at it; it is looked at again later.
    """

    ref: str
    reason: Message | str
    may_finish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """How an order enters the shop: its products by SKU, its state there, and whether it lowers stock.

    `email` is the buyer's, as the marketplace gave it, or the placeholder; a shop that can't keep its mails back uses
    the `placeholder`, since marketplaces forbid shops to write to their buyers.
    """

    matches: Mapping[str, Match]
    state: Literal["paid", "shipped"]
    stock: Literal["lower", "keep"]
    email: str
    placeholder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopProgress:
    """How far an order is: `paid` (some parcels may have left), `shipped` (all of it), `cancelled`; parcels in order.

    An order that was shipped by the marketplace, or before it came, has no parcels.
    """

    ref: str
    state: str
    parcels: Sequence[Parcel]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopState:
    """A state of the shop's own: its flags by the shop's names, and what an order in it means to us."""

    id: str
    name: str
    flags: tuple[str, ...]
    means: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopStates:
    """The shop's own states, and which of them we suggest, by the names of the account's settings, each with why."""

    states: Sequence[ShopState]
    suggested: Mapping[str, str | tuple[str, ...]]
    reasons: Mapping[str, Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopCarrier:
    """A carrier of the shop's own; `id` is the number that stays when it is edited."""

    id: str
    name: Message | str
    free: bool
    active: bool


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
        """Return for each SKU the product that it means by the account's mapping, Unknown, or Ambiguous."""
        ...

    async def find_orders(self, wanted: Mapping[str, Mapping[str, str]]) -> Mapping[str, ShopOrder | UnfinishedOrder]:
        """Return the orders that have our keys, by key; `wanted` holds by key what earlier attempts noted."""
        ...

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Intent) -> ShopOrder | UnfinishedOrder:
        """Create the order with its customer, or finish it; read it back and return it. Never twice for one key.

        `plan.matches` may lack products of an order that stands in the shop already.

        Raises Refused (reason = a code of `domain.reasons`), OutcomeUnknown, and the errors that stop a run.
        """
        ...

    async def cancel_order(self, ref: str, *, intent: Intent) -> CancelOutcome:
        """Cancel an order and put its units back, once."""
        ...

    async def abandon(self, intent: Intent) -> None:
        """Clear away what was made for an order that is not in the shop and will not be."""
        ...

    async def progress_of(self, refs: Sequence[str]) -> Mapping[str, ShopProgress]:
        """Return how far each order is, by its ref; one that the shop no longer knows is left out."""
        ...

    def offers(self) -> AsyncIterator[Page[ShopOffer]]:
        """Yield all products, each once, however many change meanwhile; `read_at` is our clock before a page is read.

        By the account's mapping: a product without the word that its SKUs are made of is left out, and one with linked
        SKUs comes once for each. At least one page, which may be empty. Free units may be less than none.
        """
        ...

    def orders(self, *, key_prefix: str, since: datetime) -> AsyncIterator[Page[ShopOrder]]:
        """Yield the orders made since then whose key begins so, the cancelled ones too, each once, oldest first.

        At least one page, which may be empty.
        """
        ...


@runtime_checkable
class HasStates(Protocol):
    """A shop whose orders stand in states that its merchant made."""

    async def states(self) -> ShopStates:
        """Return them as they are now, and what we suggest."""
        ...


@runtime_checkable
class HasCarriers(Protocol):
    """A shop that gives each order to a carrier."""

    async def carriers(self) -> Sequence[ShopCarrier]:
        """Return them as they are now, by their number."""
        ...


@runtime_checkable
class TestsOrders(Protocol):
    """A shop whose set-up an order for nobody can prove."""

    async def try_order(self, *, sku: str = "", keep: bool = False) -> Sequence[Finding]:
        """Make an order of one unit, look at it and, unless it is to be kept, take it out again.

        Says of each step how it went. `sku` names the product, empty: the first that can be sold.
        """
        ...
