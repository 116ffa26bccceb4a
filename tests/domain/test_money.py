"""Money adds up to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money, total

AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=2).map(lambda amount: Money(amount, "EUR"))


@given(st.lists(AMOUNTS, max_size=20))
def test_a_total_is_exact_whatever_the_order(amounts: list[Money]) -> None:
    cents = sum(int(each.amount * 100) for each in amounts)

    assert total(amounts, currency="EUR") == total(amounts[::-1], currency="EUR") == Money(Decimal(cents) / 100, "EUR")


def test_the_sum_of_nothing_is_zero_in_its_currency() -> None:
    assert total([], currency="SEK") == Money(Decimal(0), "SEK")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="EUR and SEK do not add up"):
        total([Money(Decimal(1), "SEK")], currency="EUR")
    with pytest.raises(ValueError, match="do not add up"):
        Money(Decimal(1), "EUR") - Money(Decimal(1), "SEK")


@pytest.mark.parametrize(
    ("amount", "shown"), [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.0049", "1.00"), ("12.9", "12.90"), ("0", "0.00")]
)
def test_halves_are_rounded_away_from_zero(amount: str, shown: str) -> None:
    assert str(Money(Decimal(amount), "EUR")) == f"{shown} EUR"


def test_amounts_are_equal_whatever_their_zeros() -> None:
    assert Money(Decimal("10.0"), "EUR") == Money(Decimal("10.00"), "EUR")
