"""Hours of an account's week: what lies inside, when they begin again, and the two odd days of the year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.working_hours import ALWAYS, MINUTE, WorkingHours, cleaned, working_hours

PARIS = ZoneInfo("Europe/Paris")
OFFICE = "mo-fr 08:00-19:00, sa 09:00-12:00"
MOMENTS = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
HOURS = st.sampled_from(
    [
        OFFICE,
        "08:00-12:00, 14:00-18:00",
        "su 02:30-03:30",
        "22:00-06:00",
        "sa-su 00:00-24:00",
        "02:00-02:30",
        "fr 23:59-00:00",
    ]
)


def hours(text: str, zone: ZoneInfo = PARIS) -> WorkingHours:
    return working_hours(text, zone=zone)


def local(text: str) -> datetime:
    """A moment by the clock in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-20T07:59:59", False),
        ("2026-11-20T08:00", True),
        ("2026-11-20T18:59:59", True),
        ("2026-11-20T19:00", False),
        ("2026-11-21T08:30", False),
        ("2026-11-21T11:00", True),
        ("2026-11-22T11:00", False),
    ],
)
def test_a_moment_is_inside_by_the_clock_of_the_place(moment: str, inside: bool) -> None:
    assert hours(OFFICE).hold(local(moment)) is inside
    assert hours(OFFICE).hold(local(moment).astimezone(UTC)) is inside


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        ("2026-11-20T08:00", "2026-11-20T08:00"),
        ("2026-11-20T13:37:05", "2026-11-20T13:37:05"),
        ("2026-11-20T19:00", "2026-11-21T09:00"),
        ("2026-11-21T12:00", "2026-11-23T08:00"),
        ("2026-11-23T03:00", "2026-11-23T08:00"),
    ],
)
def test_after_the_hours_they_begin_again(moment: str, begins: str) -> None:
    assert hours(OFFICE).next_from(local(moment)) == local(begins)


def test_without_ranges_every_moment_is_inside() -> None:
    moment = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    assert ALWAYS.hold(moment)
    assert ALWAYS.next_from(moment) == moment


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday = hours("fr 22:00-06:00")

    assert friday.hold(local("2026-11-20T23:00"))
    assert friday.hold(local("2026-11-21T05:59"))
    assert not friday.hold(local("2026-11-20T05:00"))
    assert friday.next_from(local("2026-11-21T06:00")) == local("2026-11-27T22:00")


def test_days_may_go_round_the_end_of_the_week() -> None:
    weekend = hours("sa-mo 10:00-11:00")

    assert [day for day in range(1, 8) if weekend.hold(local(f"2026-11-{15 + day}T10:30"))] == [1, 6, 7]


def test_the_same_wall_clock_counts_in_summer_and_in_winter() -> None:
    office = hours(OFFICE)

    assert office.next_from(datetime(2026, 7, 1, 0, 0, tzinfo=UTC)) == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert office.next_from(datetime(2026, 12, 1, 0, 0, tzinfo=UTC)) == datetime(2026, 12, 1, 7, 0, tzinfo=UTC)


def test_hours_that_the_clock_skips_begin_where_it_goes_on() -> None:
    night = hours("su 02:30-05:00")

    # On 29 March 2026 the clock in Paris goes from 02:00 to 03:00.
    assert night.next_from(datetime(2026, 3, 28, 12, 0, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_hours_that_end_as_much_later_as_the_clock_skips_begin_where_it_goes_on() -> None:
    night = hours("su 02:30-03:30")

    assert night.next_from(datetime(2026, 3, 28, 12, 0, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_hours_that_the_clock_skips_as_a_whole_begin_a_week_later() -> None:
    assert hours("su 02:10-02:50").next_from(local("2026-03-28T12:00")) == local("2026-04-05T02:10")


def test_hours_that_the_clock_shows_twice_come_twice() -> None:
    night = hours("su 02:10-02:50")

    # On 25 October 2026 the clock in Paris goes from 03:00 back to 02:00.
    first = night.next_from(datetime(2026, 10, 24, 12, 0, tzinfo=UTC))
    second = night.next_from(datetime(2026, 10, 25, 0, 50, tzinfo=UTC))

    assert (first, second) == (
        datetime(2026, 10, 25, 0, 10, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
    )


@given(HOURS, MOMENTS)
def test_the_hours_begin_at_the_first_minute_that_lies_inside(text: str, moment: datetime) -> None:
    chosen = hours(text)

    begins = chosen.next_from(moment)

    assert begins >= moment
    assert chosen.hold(begins)
    assert begins == moment or not chosen.hold(begins - MINUTE)
    between = range(0, int((begins - moment) / MINUTE), 7)
    assert not any(chosen.hold(moment + minute * MINUTE) for minute in between)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("  ", ""),
        ("MO-FR  08:00-19:00,sa 9:00 - 12:00,", "mo-fr 08:00-19:00, sa 9:00 - 12:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("mo 00:00-00:00", "mo 00:00-00:00"),
    ],
)
def test_hours_are_kept_as_they_are_best_written(text: str, written: str) -> None:
    assert cleaned(text) == written


def test_midnight_at_the_end_is_the_end_of_the_day() -> None:
    assert hours("mo 00:00-00:00").spans == hours("mo 00:00-24:00").spans


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("8-19", "“8-19” is no range of hours; write mo-fr 08:00-19:00"),
        ("lu-ve 08:00-19:00", "the days are mo tu we th fr sa su"),
        ("mo-fr 08:00-19:00; sa 09:00-12:00", "several separated by commas"),
        ("mo 08:00-08:00", "“mo 08:00-08:00” ends when it begins"),
        ("mo 24:00-08:00", "ends when it begins"),
        ("08:00-25:00", "“25:00” is no time of the day"),
        ("08:60-09:00", "“08:60” is no time of the day"),
        ("24:30-09:00", "“24:30” is no time of the day"),
    ],
)
def test_what_are_no_hours_is_refused_with_what_would_be(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="write") as refusal:
        cleaned(text)

    assert said in str(refusal.value)
