"""What the buyer pays for the units that are still owed, where arithmetic proves it. Pure.

A marketplace that takes units off a line may keep the amounts as they were ordered or reduce them, and none says which.
The order's total decides between the interpretations of its lines:

    as they stand    the total is the sum of the lines: the price of a line, by its unit price, is that of the units
                     ordered (then what was taken off is subtracted) or that of the units left (then nothing is)
    as listed        the total is that sum less the amounts that the record lists for the units taken off
    pro rata         the total is that sum less the taken units' share of the price; shipping stays

Money is never guessed: where no interpretation fits, or two that differ, nothing is owed for certain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import CENT

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAmounts:
    """A line's amounts as the record has them; `total` is `price` with shipping and fees, taxes included.

    `quantity` units were ordered, `quantity_open` are owed. `unit_price` and `price` are of one kind, with or without
    taxes. `taken_off` is what the record lists for the units that went, `shipping_taken_off` the part of it that is
    shipping. `void`: nothing of the line is owed any more, and its amounts may still count in the order's total.
    """

    quantity: int
    quantity_open: int
    unit_price: Decimal
    price: Decimal
    shipping: Decimal
    total: Decimal
    taken_off: Decimal = _ZERO
    shipping_taken_off: Decimal = _ZERO
    void: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether no unit was taken off; an amount without units is never whole."""
        return self.quantity == self.quantity_open and (self.quantity > 0 or not self.total)


@dataclass(frozen=True, slots=True)
class OwedAmounts:
    """What is owed for the open units of a line, shipping included, and how much of it is shipping."""

    total: Decimal
    shipping: Decimal


Interpretation = Callable[[LineAmounts], OwedAmounts | None]


def owed_amounts(lines: Sequence[LineAmounts], *, order_total: Decimal) -> list[OwedAmounts] | None:
    """Return what is owed for each line, None where it can't be proven."""
    if all(line.is_whole or line.void for line in lines):
        return [_as_it_stands(line) for line in lines]
    if order_total in _sums(lines, _as_it_stands):
        return _read(lines, _by_unit_price)
    fitting = [
        found
        for interpretation in (_as_listed, _pro_rata)
        if order_total in _sums(lines, interpretation) and (found := _read(lines, interpretation)) is not None
    ]
    return fitting[0] if fitting and all(each == fitting[0] for each in fitting) else None


def _sums(lines: Sequence[LineAmounts], interpretation: Interpretation) -> set[Decimal]:
    """Return what the order's total may be by an interpretation: closed lines count in it or don't."""
    read = _read(lines, interpretation)
    if read is None:
        return set()
    return {
        sum((owed.total for owed in read), _ZERO),
        sum((owed.total for owed, line in zip(read, lines, strict=True) if not line.void), _ZERO),
    }


def _read(lines: Sequence[LineAmounts], interpretation: Interpretation) -> list[OwedAmounts] | None:
    read = [_as_it_stands(line) if line.void or line.is_whole else interpretation(line) for line in lines]
    found = [owed for owed in read if owed is not None and 0 <= owed.shipping <= owed.total]
    return found if len(found) == len(lines) else None


def _as_it_stands(line: LineAmounts) -> OwedAmounts:
    return OwedAmounts(line.total, line.shipping)


def _as_listed(line: LineAmounts) -> OwedAmounts | None:
    if not line.taken_off:
        return None
    return OwedAmounts(line.total - line.taken_off, line.shipping - line.shipping_taken_off)


def _pro_rata(line: LineAmounts) -> OwedAmounts | None:
    if not line.quantity:
        return None
    goods = line.total - line.shipping
    return OwedAmounts((goods * line.quantity_open / line.quantity) + line.shipping, line.shipping)


def _by_unit_price(line: LineAmounts) -> OwedAmounts | None:
    """Return what is owed by which units the price of the line pays for."""
    if not line.quantity:
        return None
    if _same(line.price, line.unit_price * line.quantity):
        return _as_listed(line) or _pro_rata(line)
    if _same(line.price, line.unit_price * line.quantity_open):
        return _as_it_stands(line)
    return None


def _same(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) < CENT
