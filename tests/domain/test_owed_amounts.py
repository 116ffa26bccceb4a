"""Money follows the units where arithmetic proves it, and is never guessed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import round_together
from app.domain.owed_amounts import LineAmounts, OwedAmounts, owed_amounts

# Three units at 14.04 and 4.90 of shipping, of which two are still owed.
WHOLE, LEFT = Decimal("47.02"), Decimal("32.98")


def a_line(**changes: Any) -> LineAmounts:
    values: dict[str, Any] = {
        "quantity": 3,
        "quantity_open": 2,
        "unit_price": Decimal("14.04"),
        "price": Decimal("42.12"),
        "shipping": Decimal("4.90"),
        "total": WHOLE,
        "taken_off": Decimal("14.04"),
    }
    return LineAmounts(**(values | changes))


def other(**changes: Any) -> LineAmounts:
    values: dict[str, Any] = {
        "quantity": 1,
        "quantity_open": 1,
        "unit_price": Decimal("10.00"),
        "price": Decimal("10.00"),
        "shipping": Decimal(0),
        "total": Decimal("10.00"),
    }
    return LineAmounts(**(values | changes))


def totals(*lines: LineAmounts, order_total: str) -> list[Decimal] | None:
    owed = owed_amounts(lines, order_total=Decimal(order_total))
    return None if owed is None else [each.total for each in owed]


def test_nothing_taken_off_is_owed_as_it_stands() -> None:
    assert totals(other(), order_total="99.00") == [Decimal("10.00")]


def test_totals_kept_as_ordered_are_reduced_by_what_is_listed() -> None:
    assert totals(a_line(), other(), order_total="57.02") == [LEFT, Decimal("10.00")]


def test_listed_shipping_goes_too() -> None:
    [owed] = owed_amounts([a_line(taken_off=Decimal("15.04"), shipping_taken_off=Decimal(1))], order_total=WHOLE) or []

    assert owed == OwedAmounts(Decimal("31.98"), Decimal("3.90"))


def test_totals_kept_as_ordered_without_a_list_are_reduced_pro_rata() -> None:
    assert totals(a_line(taken_off=Decimal(0)), order_total="47.02") == [LEFT]


def test_totals_reduced_already_stay() -> None:
    assert totals(a_line(price=Decimal("28.08"), total=LEFT), order_total="32.98") == [LEFT]


@pytest.mark.parametrize("taken_off", [Decimal("14.04"), Decimal(0)])
def test_an_order_whose_total_alone_is_reduced_says_what_its_line_costs(taken_off: Decimal) -> None:
    assert totals(a_line(taken_off=taken_off), order_total="32.98") == [LEFT]


def test_a_list_that_differs_from_the_share_counts_where_the_total_follows_it() -> None:
    assert totals(a_line(taken_off=Decimal("12.00")), order_total="35.02") == [Decimal("35.02")]


@pytest.mark.parametrize("order_total", ["40.00", "0.00", "47.03"])
def test_a_total_that_no_interpretation_makes_proves_nothing(order_total: str) -> None:
    assert totals(a_line(), order_total=order_total) is None


def test_a_price_that_is_neither_that_of_all_units_nor_of_the_rest_proves_nothing() -> None:
    assert totals(a_line(price=Decimal("40.00")), order_total="47.02") is None


def test_an_amount_without_units_proves_nothing() -> None:
    empty = other(quantity=0, quantity_open=0, price=Decimal("205.88"), total=Decimal("205.88"))

    assert totals(other(total=Decimal("306.00")), empty, order_total="511.88") is None


def test_more_taken_off_than_there_was_proves_nothing() -> None:
    assert totals(a_line(taken_off=Decimal("60.00")), order_total="47.02") is None


@pytest.mark.parametrize("order_total", ["57.02", "47.02"])
def test_a_void_line_counts_in_the_total_or_does_not(order_total: str) -> None:
    void = other(quantity_open=0, void=True)

    assert totals(a_line(), void, order_total=order_total) == [LEFT, Decimal("10.00")]


@given(st.lists(st.decimals(0, 10_000, places=4), min_size=1, max_size=20), st.integers(0, 3))
def test_rounded_amounts_add_up_to_the_rounded_sum(amounts: list[Decimal], decimals: int) -> None:
    rounded = round_together(amounts, decimals=decimals)

    unit = Decimal(1).scaleb(-decimals)
    assert [sum(rounded, Decimal(0))] == round_together([sum(amounts, Decimal(0))], decimals=decimals)
    assert all(abs(one - other) < unit for one, other in zip(rounded, amounts, strict=True))
