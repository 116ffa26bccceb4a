"""How often a task is worth running, and when a pause ends."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.task import Mode, Task
from app.runs.schedule import min_interval, pause_after
from tests.runs.building import asking

RECHECK = frozenset({Mode.RECHECK})


@pytest.mark.parametrize(
    ("task", "asked", "minutes"),
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
    task: Task, asked: dict[str, Any], minutes: int
) -> None:
    assert min_interval(asking(task, **asked)) == timedelta(minutes=minutes) * 0.8


@pytest.mark.parametrize("asked", [{"dry_run": True}, {"order_ids": ("A",)}, {"dry_run": True, "modes": RECHECK}])
def test_rehearsals_and_named_orders_always_run(asked: dict[str, Any]) -> None:
    assert min_interval(asking(**asked)) is None


def test_pauses_double_from_two_minutes_up_to_an_hour() -> None:
    assert [pause_after(outages) / timedelta(minutes=1) for outages in range(8)] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert pause_after(10_000) == timedelta(hours=1)
