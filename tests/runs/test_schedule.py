"""How often a task is worth running, when it is late, and when a pause ends."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.task import Mode, Task
from app.domain.working_hours import ALWAYS, working_hours
from app.runs.schedule import expected_after, late_after, min_interval, pause_after
from app.tasks import TASKS
from tests.runs.builders import a_request

RECHECK = frozenset({Mode.RECHECK})


@pytest.mark.parametrize(
    ("task", "parameters", "minutes"),
    [
        (Task.ORDERS_ACCEPT, {}, 10),
        (Task.OFFERS_SEND, {}, 5),
        (Task.ORDERS_IMPORT, {}, 5),
        (Task.ORDERS_STATUS, {}, 15),
        (Task.ORDERS_IMPORT, {"modes": RECHECK}, 60),
        (Task.ORDERS_IMPORT, {"modes": frozenset({Mode.DOUBLECHECK})}, 60),
    ],
)
def test_each_kind_of_run_has_its_interval_less_the_jitter_of_crons(
    task: Task, parameters: dict[str, Any], minutes: int
) -> None:
    assert min_interval(a_request(task, **parameters)) == timedelta(minutes=minutes) * 0.8


@pytest.mark.parametrize("parameters", [{"dry_run": True}, {"order_ids": ("A",)}, {"dry_run": True, "modes": RECHECK}])
def test_dry_runs_and_named_orders_always_run(parameters: dict[str, Any]) -> None:
    assert min_interval(a_request(**parameters)) is None


@pytest.mark.parametrize(
    ("task", "hours"),
    [(Task.ORDERS_ACCEPT, 1), (Task.OFFERS_SEND, 1), (Task.ORDERS_STATUS, 4), (Task.ORDERS_RECONCILE, 24)],
)
def test_a_task_is_late_after_two_and_a_half_of_its_intervals(task: Task, hours: int) -> None:
    success, interval = datetime(2026, 11, 20, 3, 0, tzinfo=UTC), TASKS[task].interval

    expected = expected_after(success, interval=interval, hours=ALWAYS)
    late = late_after(success, interval=interval, hours=ALWAYS)

    assert (expected - success, late - success) == (timedelta(hours=hours), timedelta(hours=2.5 * hours))


@pytest.mark.parametrize(
    ("interval_h", "success", "expected", "late"),
    [
        # Friday afternoon: the rest of the day counts, the weekend does not.
        (1, "2026-11-20T18:30", "2026-11-23T08:00", "2026-11-23T09:30"),
        (1, "2026-11-20T17:30", "2026-11-20T18:30", "2026-11-23T08:30"),
        (1, "2026-11-20T09:00", "2026-11-20T10:00", "2026-11-20T11:30"),
        (4, "2026-11-20T16:50", "2026-11-23T08:00", "2026-11-23T14:00"),
        # Somebody hit it on Sunday.
        (1, "2026-11-22T12:00", "2026-11-23T08:00", "2026-11-23T09:30"),
        # The night in which the clock in Paris goes back.
        (1, "2026-10-23T18:30", "2026-10-26T08:00", "2026-10-26T09:30"),
    ],
)
def test_outside_of_working_hours_no_task_is_late(interval_h: int, success: str, expected: str, late: str) -> None:
    zone, interval = ZoneInfo("Europe/Paris"), timedelta(hours=interval_h)
    office = working_hours("mo-fr 08:00-19:00", zone=zone)
    moment, next_one, too_late = (
        datetime.fromisoformat(each).replace(tzinfo=zone).astimezone(UTC) for each in (success, expected, late)
    )

    assert expected_after(moment, interval=interval, hours=office) == next_one
    assert late_after(moment, interval=interval, hours=office) == too_late


def test_pauses_double_from_two_minutes_up_to_an_hour() -> None:
    assert [pause_after(outages) / timedelta(minutes=1) for outages in range(8)] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert pause_after(10_000) == timedelta(hours=1)
