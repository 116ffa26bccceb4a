"""A value of a foreign record is read as far as it means something, and named where it means nothing."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.marketplaces.shared.fields import (
    MOST_UNITS,
    UnreadableField,
    required_amount,
    required_count,
    required_moment,
    text,
    whole_or_zero,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.decimals(), st.text(), st.lists(st.integers()))


@pytest.mark.parametrize(
    ("value", "read"),
    [(" TEA-1\0 ", "TEA-1"), ("\ud800", "?"), (75001, "75001"), (True, ""), (None, ""), (["TEA-1"], "")],
    ids=["spaces", "half a pair", "number", "flag", "nothing", "list"],
)
def test_a_text_holds_what_a_database_takes(value: object, read: str) -> None:
    assert text(value) == read


@pytest.mark.parametrize("value", ["2026-03-04T12:00:00Z", "2026-03-04T13:00:00+01:00", "2026-03-04T12:00:00.000"])
def test_a_moment_is_in_utc_also_where_it_names_no_zone(value: str) -> None:
    assert required_moment(value, "created") == NOON
    assert required_moment(value, "created").tzinfo is UTC


@pytest.mark.parametrize("value", ["19.90", Decimal("19.90")])
def test_an_amount_may_come_as_a_text_or_as_a_number(value: object) -> None:
    assert required_amount(value, "price") == Decimal("19.90")


@pytest.mark.parametrize("value", [-1, MOST_UNITS + 1, True, "3", 3.0, None])
def test_what_is_no_number_of_units_is_zero_or_unreadable(value: object) -> None:
    assert whole_or_zero(value) == 0
    with pytest.raises(UnreadableField, match="quantity"):
        required_count(value, "quantity")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (required_moment, "yesterday"),
        (required_moment, 1772625600),
        (required_moment, "0001-01-01T00:00:00+14:00"),
        (required_amount, "a lot"),
        (required_amount, 19.9),
        (required_amount, True),
        (required_amount, "NaN"),
        (required_amount, "1e15"),
    ],
)
def test_what_can_not_be_understood_is_named(read: Callable[[object, str], object], value: object) -> None:
    with pytest.raises(UnreadableField, match=r"^field$"):
        read(value, "field")


@given(value=ANYTHING)
def test_nothing_but_an_unreadable_field_is_ever_raised(value: object) -> None:
    assert text(value) == text(value).strip()
    assert 0 <= whole_or_zero(value) <= MOST_UNITS
    for read in (required_moment, required_amount, required_count):
        with suppress(UnreadableField):
            read(value, "field")
