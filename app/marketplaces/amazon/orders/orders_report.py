"""The report of all orders that changed: a line for each item, summed up order by order. Pure.

It names no buyer and no street. Whether its prices hold the taxes depends on the country, so each order has both
totals; discounts are written without a sign and count against the seller.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from sys import intern

from app.domain.message import message
from app.domain.money import Money
from app.domain.order import Fulfilment, OrderState, Unreadable
from app.domain.summary import OrderSummary
from app.marketplaces.shared.fields import UnreadableField, required_amount, required_moment
from app.marketplaces.shared.json_records import required_text, text

KIND = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"

# The words of reports, which are not those of the API.
STATES = {
    "Pending": OrderState.PENDING,
    "Unshipped": OrderState.TO_SHIP,
    "Shipping": OrderState.PARTIALLY_SHIPPED,
    "Shipped": OrderState.SHIPPED,
    "Cancelled": OrderState.CANCELLED,
    "Unfulfillable": OrderState.CANCELLED,
}
FULFILMENTS = {"Merchant": Fulfilment.MERCHANT, "Amazon": Fulfilment.MARKETPLACE}
# Orders that Amazon ships and did not sell: "Non-Amazon FR".
OTHER_CHANNELS = "Non-Amazon"
CANCELLED = "Cancelled"

_ORDER_ID = "amazon-order-id"
_PRICES = ("item-price", "shipping-price", "gift-wrap-price")
_TAXES = ("item-tax", "shipping-tax", "gift-wrap-tax")
_DISCOUNTS = ("item-promotion-discount", "ship-promotion-discount")
_NONE = Decimal(0)


@dataclass(slots=True)
class _Sum:
    """What the lines of one order say so far; `odd`: which cell can't be understood."""

    state: str
    shipper: str
    placed_at: str
    updated_at: str
    currency: str = ""
    prices: Decimal = _NONE
    taxes: Decimal = _NONE
    odd: str = ""


@dataclass(slots=True)
class OrderSums:
    """The orders of a report in the order of their first lines; no rule says that an order's lines stand together."""

    _sums: dict[str, _Sum] = field(default_factory=dict)

    def add(self, row: Mapping[str, str]) -> None:
        """Take one line in; those of orders that were sold elsewhere are left out."""
        order_id = text(row, _ORDER_ID)
        if not order_id or text(row, "sales-channel").startswith(OTHER_CHANNELS):
            return
        known = self._sums.get(order_id)
        if known is None:
            # A few words stand in a hundred thousand lines.
            known = self._sums[order_id] = _Sum(
                state=intern(text(row, "order-status")),
                shipper=intern(text(row, "fulfillment-channel")),
                placed_at=text(row, "purchase-date"),
                updated_at=text(row, "last-updated-date"),
            )
        try:
            _count(known, row)
        except UnreadableField as exc:
            known.odd = str(exc)

    def after(self, offset: int, *, limit: int) -> Iterator[OrderSummary | Unreadable]:
        """Yield so many orders after the first `offset`."""
        for order_id, found in islice(self._sums.items(), offset, offset + limit):
            try:
                yield _summary(order_id, found)
            except UnreadableField as exc:
                yield Unreadable(order_id, message("FIELD_UNREADABLE", field=str(exc)))

    def __len__(self) -> int:
        return len(self._sums)


def _count(found: _Sum, row: Mapping[str, str]) -> None:
    """Add the amounts of a line that was not cancelled; a line without a price has none."""
    if text(row, "item-status") == CANCELLED or not text(row, _PRICES[0]):
        return
    currency = required_text(row, "currency")
    if found.currency not in ("", currency):
        raise UnreadableField("currency")
    found.currency = intern(currency)
    discounts = sum((abs(_amount(row, name)) for name in _DISCOUNTS), _NONE)
    found.prices += sum((_amount(row, name) for name in _PRICES), _NONE) - discounts
    found.taxes += sum((_amount(row, name) for name in _TAXES), _NONE)


def _amount(row: Mapping[str, str], name: str) -> Decimal:
    """Return an amount, zero where there is none; raises UnreadableField."""
    return required_amount(text(row, name) or 0, name)


def _summary(order_id: str, found: _Sum) -> OrderSummary:
    shipper = FULFILMENTS.get(found.shipper)
    if found.odd or shipper is None:
        raise UnreadableField(found.odd or "fulfillment-channel")
    totals = {found.prices, found.prices + found.taxes} if found.currency else frozenset[Decimal]()
    return OrderSummary(
        order_id=order_id,
        state=STATES.get(found.state, OrderState.UNKNOWN),
        fulfilment=shipper,
        placed_at=required_moment(found.placed_at, "purchase-date"),
        updated_at=required_moment(found.updated_at, "last-updated-date"),
        totals=frozenset(Money(amount, found.currency).rounded() for amount in totals),
    )
