"""What may be asked, and the key of equal hits."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.order import Fulfilment
from app.domain.task import Mode, RunRequest, Task, parse_age, parse_moment

NOW = datetime(2026, 11, 21, 9, 20, tzinfo=UTC)


def a_request(**details: Any) -> RunRequest:
    return RunRequest(task=Task.ORDERS_IMPORT, **details)


SOME = st.fixed_dictionaries(
    {
        "modes": st.frozensets(st.sampled_from([Mode.RECHECK, Mode.DOUBLECHECK])),
        "dry_run": st.booleans(),
        "order_ids": st.lists(st.sampled_from(["A", "B", "C,D", "C", "D"]), max_size=3).map(tuple),
        "since": st.sampled_from(["", "5d", "36h"]),
        "fulfilments": st.frozensets(st.sampled_from(list(Fulfilment))),
    }
)


@given(SOME, SOME)
def test_two_hits_are_equal_exactly_when_they_ask_for_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = {**one, "order_ids": set(one["order_ids"])} == {**other, "order_ids": set(other["order_ids"])}

    assert (a_request(**one).combination == a_request(**other).combination) == same


def test_a_plain_hit_is_live_and_a_thousand_ids_make_a_short_key() -> None:
    assert a_request().combination == "live"
    assert len(a_request(order_ids=tuple(str(number) for number in range(1000))).combination) == 32


def test_the_passes_of_a_run() -> None:
    both = frozenset({Mode.DOUBLECHECK, Mode.RECHECK})

    assert a_request().pass_names() == ("live",)
    assert a_request(modes=both).pass_names() == ("recheck", "doublecheck")
    assert a_request(modes=frozenset({Mode.DOUBLECHECK})).catch_ups == (Mode.DOUBLECHECK,)


@pytest.mark.parametrize(
    ("text", "age"),
    [("36h", timedelta(hours=36)), ("90m", timedelta(minutes=90)), ("5d", timedelta(days=5)), ("0d", timedelta(0))],
)
def test_a_span_is_read(text: str, age: timedelta) -> None:
    assert parse_age(text) == age
    assert parse_moment(text, now=NOW) == NOW - age


@pytest.mark.parametrize("text", ["", "d", "5", "5w", "-5d", "5.5d", "٥d", "123456d", "5 d", "yesterday"])
def test_what_is_no_span_and_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither an ISO 8601 date"):
        parse_moment(text, now=NOW)


def test_a_span_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="too far back"):
        parse_moment("99999d", now=datetime(200, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00+01:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_and_is_utc_where_it_names_no_zone(text: str, moment: datetime) -> None:
    assert parse_moment(text, now=NOW) == moment


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_moment_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert parse_moment(text, now=NOW).tzinfo is not None
