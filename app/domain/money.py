"""Money: a decimal amount and its currency, never a float."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217). Adding two currencies is a mistake and raises ValueError."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.rounded().amount} {self.currency}"

    def rounded(self) -> "Money":
        """Return the amount at two decimals, halves away from zero (the one place where money is rounded)."""
        return Money(self.amount.quantize(CENT, ROUND_HALF_UP), self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


def total(amounts: Iterable[Money], *, currency: str) -> Money:
    """Return the sum, zero in that currency for nothing."""
    return sum(amounts, Money(Decimal(0), currency))


def round_together(amounts: Sequence[Decimal], *, decimals: int) -> list[Decimal]:
    """Return the amounts at so many decimals, so that they add up to their sum, rounded once, halves away from zero.

    Each is moved by less than one unit; those with the largest remainders are rounded up (largest remainder method).
    """
    unit = Decimal(1).scaleb(-decimals)
    floors = [amount.quantize(unit, ROUND_FLOOR) for amount in amounts]
    left = int((sum(amounts, Decimal(0)).quantize(unit, ROUND_HALF_UP) - sum(floors, Decimal(0))) / unit)
    by_remainder = sorted(range(len(amounts)), key=lambda place: (floors[place] - amounts[place], place))
    raised = frozenset(by_remainder[:left])
    return [floor + unit if place in raised else floor for place, floor in enumerate(floors)]


def currency_decimals(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217 as Unicode CLDR knows it), two for an unknown one."""
    return get_currency_precision(currency)
