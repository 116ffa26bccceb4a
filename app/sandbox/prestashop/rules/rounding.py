"""Rounding as the shop does it: half up, to cents or to the millionths that prices are kept in."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")
HUNDRED = Decimal(100)


def to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def to_millionths(amount: Decimal) -> Decimal:
    return amount.quantize(MILLIONTH, ROUND_HALF_UP)


def rounded(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def with_tax(amount: Decimal, rate: Decimal) -> Decimal:
    """Return the amount with that many percent."""
    return amount * (1 + rate / HUNDRED)


def without_tax(amount: Decimal, rate: Decimal) -> Decimal:
    return amount / (1 + rate / HUNDRED)
