"""Orders as Amazon keeps them; how they are shown is in records.py."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.sandbox.amazon.marketplaces import Store
from app.sandbox.amazon.orders.states import UNPAID, State
from app.sandbox.buyers import Buyer
from app.sandbox.catalogue import Product
from app.sandbox.control_input import Shape

Party = Literal["BUYER", "MERCHANT", "AMAZON"]
Source = Literal["api", "feed", "seller_central"]


@dataclass(slots=True)
class Line:
    """One order item; amounts are cents of the order's currency with VAT, the discount is what is taken off."""

    item_id: str
    product: Product
    quantity: int
    unit_cents: int
    shipping_cents: int = 0
    gift_cents: int = 0
    discount_cents: int = 0
    has_sku: bool = True
    shipped: int = 0
    # Confirmed, and not to be seen yet.
    confirmed: int = 0
    cancelled: int = 0
    cancelled_by: Party | None = None

    @property
    def total_cents(self) -> int:
        return self.unit_cents * self.quantity + self.shipping_cents + self.gift_cents - self.discount_cents

    @property
    def unshipped(self) -> int:
        return self.quantity - self.shipped - self.cancelled

    @property
    def unconfirmed(self) -> int:
        return self.unshipped - self.confirmed


@dataclass(slots=True)
class Parcel:
    """What a confirmation says of one parcel; `contents` are units by order item."""

    reference: str
    carrier_code: str
    carrier_name: str
    method: str
    tracking: str
    shipped_at: datetime
    contents: dict[str, int]


@dataclass(slots=True, kw_only=True)
class Package(Parcel):
    """A parcel that was taken; `sent` is how often it was confirmed, `in_force` whether buyers see it."""

    created: datetime
    source: Source
    sent: int = 1
    in_force: bool = False
    delivered: bool = False


@dataclass(slots=True)
class Order:
    """One order of one seller."""

    order_id: str
    number: int
    created: datetime
    updated: datetime
    state: State
    lines: list[Line]
    buyer: Buyer
    by_amazon: bool
    store: Store
    currency: str
    shape: Shape
    payment_delay_s: float
    payment_refused: bool
    # From the payment until one of Amazon's own parcels leaves, and whether it is seen as UNSHIPPED meanwhile.
    picking_s: float
    seen_unshipped: bool
    service_level: str
    # When a search finds it.
    findable_at: datetime
    tax_added: bool
    discount_negative: bool
    unexplained: bool
    business: bool = False
    other_channel: bool = False
    replaces: str | None = None
    cancel_requested: bool = False
    gift: bool = False
    facilitator: bool = False
    programs: tuple[str, ...] = ()
    seller_order_id: str | None = None
    index_lag_s: float | None = None
    # No search finds it before, whatever becomes of it.
    hidden_until: datetime | None = None
    # How often it changed; each change has a lag of its own.
    changes: int = 0
    # Grows with every change of state, so that what was planned before is void.
    version: int = 0
    packages: dict[str, Package] = field(default_factory=dict)
    # How often an answer held it, and as what the last time.
    shown: int = 0
    shown_state: str | None = None
    reported: int = 0

    @property
    def pending(self) -> bool:
        return self.state in UNPAID

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    def line(self, item_id: str) -> Line | None:
        return next((line for line in self.lines if line.item_id == item_id), None)
