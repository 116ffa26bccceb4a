from datetime import UTC, datetime, timedelta

import pytest

from app.sandbox.times import duration, http_date, iso, parse_datetime

MOMENT = datetime(2026, 3, 2, 9, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", timedelta(minutes=90)),
        ("3h", timedelta(hours=3)),
        ("2d", timedelta(days=2)),
        ("1.5h", timedelta(minutes=90)),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "3", "h", "-3h", "3 h", "3w"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an age"):
        duration(text)


def test_milliseconds_are_written_only_when_there_are_some() -> None:
    assert [iso(MOMENT), iso(MOMENT.replace(microsecond=417_000))] == [
        "2026-03-02T09:15:00Z",
        "2026-03-02T09:15:00.417Z",
    ]


@pytest.mark.parametrize("text", ["2026-03-02", "2026-03-02T09:15:00", "2026-03-02T10:15:00 01:00", "yesterday"])
def test_a_stamp_without_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_datetime(text)


def test_a_stamp_with_another_offset_is_the_same_moment() -> None:
    assert parse_datetime("2026-03-02T10:15:00+01:00") == MOMENT


def test_an_http_date_is_in_gmt() -> None:
    assert http_date(MOMENT) == "Mon, 02 Mar 2026 09:15:00 GMT"
