"""A marketplace order as every platform's mapping delivers it and every shop receives it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from app.domain.message import Message
from app.domain.money import Money, total


class OrderState(StrEnum):
    """Where an order stands at the marketplace, the same words for all platforms."""

    PENDING = "pending"
    TO_ACCEPT = "to_accept"
    ACCEPTED = "accepted"
    TO_SHIP = "to_ship"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    UNKNOWN = "unknown"


SHIPPED_OR_CLOSED = frozenset({OrderState.SHIPPED, OrderState.CLOSED})
CANCELLED = frozenset({OrderState.CANCELLED, OrderState.REFUSED})
TO_SHIP = frozenset({OrderState.TO_SHIP, OrderState.PARTIALLY_SHIPPED})
# Those that may still be shipped, as far as anybody knows.
NOT_SHIPPED = TO_SHIP | {OrderState.PENDING, OrderState.TO_ACCEPT, OrderState.ACCEPTED, OrderState.UNKNOWN}


class Fulfilment(StrEnum):
    """Who ships: the merchant, or the marketplace from its own warehouse (FBA, RSL, operator)."""

    MERCHANT = "merchant"
    MARKETPLACE = "marketplace"


TaxMode = Literal["incl", "excl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    last_name: str
    first_name: str = ""
    company: str = ""
    street_1: str = ""
    street_2: str = ""
    extra: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""
    phone_2: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The person or company that bought; `email` is the marketplace's anonymised one, or empty."""

    last_name: str
    first_name: str = ""
    email: str = ""
    company: str = ""
    tax_id: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order line; `total` is what the buyer pays for it with shipping, `quantity_open` what is still owed.

    `tax`: how much of it, without shipping, is tax; None where the marketplace does not say. `reported_total` is what
    the marketplace's own amounts say for the line, where that may be another: units may have left it.
    """

    id: str
    sku: str
    quantity: int
    quantity_open: int
    unit_price: Money
    shipping: Money
    total: Money
    tax: Money | None = None
    reported_total: Money | None = None
    title: str = ""
    unit_ids: tuple[str, ...] = ()
    state: OrderState = OrderState.UNKNOWN
    platform_status: str = ""

    @property
    def reported(self) -> Money:
        """The line's part of the order's total, as the marketplace counts it."""
        return self.total if self.reported_total is None else self.reported_total


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One marketplace order; `platform_status`: the platform's own; `updated_at` None where none is given.

    `business`: it was placed by a company under the marketplace's terms for companies. `amounts_are_proven`: what is
    owed for the open units follows from the marketplace's amounts. `refund_is_unclear`: units were refunded before they
    left, and the marketplace does not say whether they are still to be shipped.
    """

    platform: str
    order_id: str
    state: OrderState
    platform_status: str
    fulfilment: Fulfilment
    placed_at: datetime
    currency: str
    total: Money
    lines: tuple[Line, ...]
    updated_at: datetime | None = None
    accept_by: datetime | None = None
    ship_by: datetime | None = None
    sales_channel: str = ""
    basket: str = ""
    buyer: Buyer | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    pickup_point: str = ""
    shipping_method: str = ""
    shipping_method_label: str = ""
    tax_mode: TaxMode = "incl"
    replacement_of: str = ""
    cancel_requested: bool = False
    business: bool = False
    amounts_are_proven: bool = True
    refund_is_unclear: bool = False

    def in_country(self, default: str) -> "Order":
        """Return the order with that country in each address that has none."""

        def completed(address: Address | None) -> Address | None:
            return address if address is None or address.country else replace(address, country=default)

        return replace(
            self,
            shipping_address=completed(self.shipping_address),
            billing_address=completed(self.billing_address),
        )

    @property
    def open_lines(self) -> tuple[Line, ...]:
        """The lines of which something is still owed to the buyer."""
        return tuple(line for line in self.lines if line.quantity_open > 0)

    @property
    def free_skus(self) -> tuple[str, ...]:
        """The SKUs of the open lines for which the buyer pays nothing."""
        return tuple(dict.fromkeys(line.sku for line in self.open_lines if not line.total.amount))

    @property
    def open_total(self) -> Money:
        """What the buyer pays for the open lines, shipping included."""
        return total((line.total for line in self.open_lines), currency=self.currency)


@dataclass(frozen=True, slots=True)
class Missing:
    """The marketplace does not know this order (any more)."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An order that our mapping can't understand; `reason` names the field, never its content."""

    order_id: str
    reason: Message | str


def marketplace_key(platform: str, order_id: str) -> str:
    """Return the key under which a shop finds this order again: `mkp:<platform>:<order id>`."""
    return f"mkp:{platform}:{order_id}"
