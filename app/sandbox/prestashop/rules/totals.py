"""What a cart comes to. Where it is rounded is the shop's choice, and a cent decides what becomes of the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.sandbox.prestashop.rules.rounding import to_cents, to_millionths
from app.sandbox.prestashop.tables import Row

EACH_UNIT, EACH_LINE, ON_THE_TOTAL = 1, 2, 3


@dataclass(frozen=True)
class Line:
    """One row of a cart with its unit price."""

    product: Row
    combination: Row | None
    attribute: int
    quantity: int
    unit_excl: Decimal
    unit_incl: Decimal
    round_type: int

    @property
    def total_excl(self) -> Decimal:
        return self._total(self.unit_excl)

    @property
    def total_incl(self) -> Decimal:
        return self._total(self.unit_incl)

    @property
    def weight(self) -> Decimal:
        each: Decimal = self.product["weight"]
        if self.combination is not None:
            each += self.combination["weight"]
        return each * self.quantity

    def _total(self, unit: Decimal) -> Decimal:
        if self.round_type == EACH_UNIT:
            return to_cents(unit) * self.quantity
        if self.round_type == EACH_LINE:
            return to_cents(unit * self.quantity)
        return to_millionths(unit * self.quantity)


@dataclass(frozen=True)
class Totals:
    """The amounts of an order."""

    products_excl: Decimal
    products_incl: Decimal
    shipping_excl: Decimal
    shipping_incl: Decimal

    @property
    def paid_excl(self) -> Decimal:
        return self.products_excl + self.shipping_excl

    @property
    def paid_incl(self) -> Decimal:
        return self.products_incl + self.shipping_incl


def totals(lines: Sequence[Line], *, shipping_excl: Decimal, shipping_incl: Decimal) -> Totals:
    """Return what the lines and the carrier come to."""
    return Totals(
        products_excl=to_cents(sum((line.total_excl for line in lines), Decimal(0))),
        products_incl=to_cents(sum((line.total_incl for line in lines), Decimal(0))),
        shipping_excl=to_cents(shipping_excl),
        shipping_incl=to_cents(shipping_incl),
    )
