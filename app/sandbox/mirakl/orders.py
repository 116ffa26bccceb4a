"""Orders as the marketplace keeps them; how they are shown is in records.py."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.sandbox.buyers import Buyer
from app.sandbox.catalogue import Product
from app.sandbox.control_input import Shape
from app.sandbox.mirakl.states import ON_ITS_WAY, Ending, State

DEFAULT_CENTER = "DEFAULT"
OPERATOR_CENTER = "OPERATOR-FC1"


@dataclass
class Line:
    """One order line; amounts are cents with VAT. `ended` overrides the order's state."""

    line_id: str
    index: int
    product: Product
    quantity: int
    unit_cents: int
    origin_cents: int
    shipping_cents: int
    ended: Ending | None = None

    @property
    def price_cents(self) -> int:
        return self.unit_cents * self.quantity


@dataclass
class Tracking:
    """What OR23 said."""

    carrier_code: str | None
    carrier_standard_code: str | None
    carrier_name: str
    number: str | None
    url: str | None


@dataclass
class Order:
    """One order of one shop."""

    order_id: str
    commercial_id: str
    number: int
    created: datetime
    updated: datetime
    state: State
    lines: list[Line]
    buyer: Buyer
    center: str
    currency: str
    channel: tuple[str, str] | None
    shipping_type: str
    shape: Shape
    workflow: str
    payment_delay_s: float
    debit_request_s: float
    payment_refused: bool
    visible: bool = True
    decided_by: Literal["shop", "automatic"] | None = None
    decided_at: datetime | None = None
    accepted: bool | None = None
    decided_by_seller: bool = False
    debited_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None
    shipped_by_seller: bool = False
    tracking: Tracking | None = None
    incident: bool = False
    reason: tuple[str, str] | None = None
    # Grows with every change of state, so that what was planned before is void.
    version: int = field(default=0)

    @property
    def by_operator(self) -> bool:
        return self.center != DEFAULT_CENTER

    @property
    def paid(self) -> bool:
        return self.debited_at is not None

    @property
    def address_known(self) -> bool:
        """Say whether the seller may see the address without the operator's early-address switch."""
        return self.state == "SHIPPING" or self.state in ON_ITS_WAY or (self.state == "CANCELED" and self.paid)

    def counted_lines(self, *, open_only: bool) -> list[Line]:
        """Return the lines that make the totals: the open ones, or all when none is open."""
        still = [line for line in self.lines if line.ended is None]
        return still if open_only and still else self.lines

    def total_cents(self, *, open_only: bool) -> int:
        return sum(line.price_cents + line.shipping_cents for line in self.counted_lines(open_only=open_only))
