"""What an item earned, in the breakdowns that Amazon shows. Two readings of them are about, so there are both.

tax added     ITEM + SHIPPING + GIFT_WRAP + TAX - DISCOUNT = total; the parts are without tax
tax included  ITEM + SHIPPING + GIFT_WRAP - DISCOUNT = total; TAX, if it is shown, is the part inside

DISCOUNT is shown with a minus or without, and counts against the seller either way.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.sandbox.amazon.orders.order import Line, Order
from app.sandbox.amounts import without_tax

# What no reading explains.
UNEXPLAINED_CENTS = 37
# In the second reading TAX is left out of so many orders.
SILENT_EVERY = 3


@dataclass(frozen=True)
class Share:
    """One breakdown, with its details by subtype where Amazon has them."""

    kind: str
    cents: int
    details: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Proceeds:
    unit_cents: int
    total_cents: int
    shares: tuple[Share, ...]


def item_proceeds(line: Line, order: Order) -> Proceeds:
    """Return what the item earned, in the reading of its order."""
    parts = {"ITEM": line.unit_cents * line.quantity, "SHIPPING": line.shipping_cents, "GIFT_WRAP": line.gift_cents}
    rate = line.product.vat_permille
    unit_net = without_tax(line.unit_cents, rate_permille=rate)
    net = {kind: without_tax(cents, rate_permille=rate) for kind, cents in parts.items()}
    net["ITEM"] = unit_net * line.quantity
    discount_net = without_tax(line.discount_cents, rate_permille=rate)
    taxes = {kind: parts[kind] - net[kind] for kind in parts}
    discount_tax = line.discount_cents - discount_net
    sign = -1 if order.discount_negative else 1
    shown = net if order.tax_added else parts
    off = discount_net if order.tax_added else line.discount_cents
    shares = [Share(kind, cents) for kind, cents in shown.items() if cents or kind == "ITEM"]
    if off:
        shares.append(Share("DISCOUNT", sign * off, (("ITEM", sign * off),)))
    tax = sum(taxes.values()) - discount_tax
    if tax and (order.tax_added or order.number % SILENT_EVERY):
        details = [(kind, cents) for kind, cents in taxes.items() if cents]
        if discount_tax:
            details.append(("DISCOUNT", -discount_tax))
        shares.append(Share("TAX", tax, tuple(details)))
    extra = UNEXPLAINED_CENTS if order.unexplained and line is order.lines[0] else 0
    return Proceeds(unit_net if order.tax_added else line.unit_cents, line.total_cents + extra, tuple(shares))


def order_shares(items: Iterable[Proceeds]) -> tuple[Share, ...]:
    """Return the breakdowns of the order: the sums over its items by type."""
    sums: Counter[str] = Counter()
    for item in items:
        for share in item.shares:
            sums[share.kind] += share.cents
    return tuple(Share(kind, cents) for kind, cents in sums.items())


def total_cents(order: Order) -> int:
    """Return what the order's grand total says."""
    return order.total_cents + (UNEXPLAINED_CENTS if order.unexplained and order.lines else 0)
