"""Money: a decimal amount and its currency, never a float."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

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
