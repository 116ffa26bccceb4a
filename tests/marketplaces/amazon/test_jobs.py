from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.clock import JumpingClock
from app.errors import LimitReached
from app.marketplaces.amazon.files.jobs import until_done
from app.transport.deadline import Deadline
from tests.marketplaces.reaching import NOON
from tests.support.aio import run


def found_at(clock: JumpingClock, seconds: float, looks: list[float]) -> Callable[[], Awaitable[str | None]]:
    """Return a look that finds something from so many seconds on, and keeps when it was made."""

    async def look() -> str | None:
        passed = (clock.now() - NOON).total_seconds()
        looks.append(passed)
        return "found" if passed >= seconds else None

    return look


def test_it_looks_at_once_then_after_half_a_minute_then_every_minute() -> None:
    clock, looks = JumpingClock(NOON), list[float]()

    found = run(until_done(found_at(clock, 100, looks), clock=clock, deadline=Deadline(), operation="getReport"))

    assert found == "found"
    assert looks == [0, 30, 90, 150]


def test_what_is_done_costs_no_time() -> None:
    clock, looks = JumpingClock(NOON), list[float]()

    run(until_done(found_at(clock, 0, looks), clock=clock, deadline=Deadline(NOON), operation="getReport"))

    assert clock.now() == NOON


def test_a_run_whose_time_ends_before_the_next_look_says_when_to_come_back() -> None:
    clock, looks = JumpingClock(NOON), list[float]()
    deadline = Deadline(NOON + timedelta(seconds=100))

    with pytest.raises(LimitReached) as caught:
        run(until_done(found_at(clock, 9999, looks), clock=clock, deadline=deadline, operation="getReport"))

    assert looks == [0, 30, 90]
    assert (caught.value.code, caught.value.operation) == ("TIME_USED_UP", "getReport")
    assert caught.value.resume_at == NOON + timedelta(seconds=150)
