"""Planned hits: each planned moment once, however many processes look, and some in working hours alone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.task import Mode, RunRequest, Task
from app.runs.executors.local import LocalExecutor
from app.runs.run_waiter import RunWaiter
from app.runs.scheduler import Scheduler
from app.runs.service import RunService
from app.runs.stored_request import new_run
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.store.runs import Arrived
from tests.runs.builders import all_runs, an_account
from tests.support.aio import run
from tests.tasks.task_runner import TaskRunner, a_task_runner

OFFERED = frozenset({Task.ORDERS_ACCEPT, Task.ORDERS_IMPORT})


class Stopped(LocalExecutor):
    """Begins nothing: what was planned stays queued."""

    def submit(self, run_id: str) -> None:
        return None


def a_planner(runner: TaskRunner, *, offered: frozenset[Task] = OFFERED) -> Scheduler:
    executor = Stopped(runner.engine(), at_once=20, on_end=lambda: None)

    def offers(_: StoredAccount) -> frozenset[Task]:
        return offered

    return Scheduler(store=runner.store, clock=runner.clock, service=runner.service(executor), offered=offers)


def planned(store: Store) -> list[tuple[str, list[str], str | None]]:
    return sorted((row.task, row.request["modes"], row.slot) for row in run(store.read(all_runs)))


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    runner = a_task_runner(sqlite_store)
    runner.clock.advance((datetime(2026, 11, 22, 3, 30, tzinfo=UTC) - runner.clock.now()).total_seconds())
    return runner


def test_nothing_is_hit_before_its_time(runner: TaskRunner) -> None:
    run(a_planner(runner).look())

    assert planned(runner.store) == []


def test_what_came_due_is_hit_once_by_however_many_processes(runner: TaskRunner) -> None:
    planners = [a_planner(runner), a_planner(runner)]
    runner.clock.advance(timedelta(minutes=55).total_seconds())

    for scheduler in planners:
        run(scheduler.look())
        run(scheduler.look())

    assert planned(runner.store) == [
        (Task.ORDERS_ACCEPT, [], "planned 2026-11-22T04:00Z"),
        (Task.ORDERS_IMPORT, [], "planned 2026-11-22T04:20Z"),
        (Task.ORDERS_IMPORT, [Mode.RECHECK], "planned 2026-11-22T03:40Z"),
    ]


def test_after_a_long_sleep_only_the_newest_moment_of_each_counts(runner: TaskRunner) -> None:
    scheduler = a_planner(runner)
    runner.clock.advance(timedelta(days=3, minutes=5).total_seconds())

    run(scheduler.look())

    assert planned(runner.store) == [
        (Task.ORDERS_ACCEPT, [], "planned 2026-11-25T03:00Z"),
        (Task.ORDERS_IMPORT, [], "planned 2026-11-25T03:20Z"),
    ]


def test_a_task_that_a_platform_does_not_offer_is_not_hit(runner: TaskRunner) -> None:
    scheduler = a_planner(runner, offered=frozenset({Task.ORDERS_ACCEPT}))
    runner.clock.advance(3600)

    run(scheduler.look())

    assert {task for task, _, _ in planned(runner.store)} == {Task.ORDERS_ACCEPT}


OFFICE = "mo-fr 08:00-19:00"
WORKDAY = frozenset({Task.OFFERS_SEND, Task.ORDERS_STATUS, Task.ORDERS_ACCEPT})


class Heard(RunService):
    """Writes nothing: what was hit is remembered."""

    def __init__(self, runner: TaskRunner) -> None:
        executor = Stopped(runner.engine(), at_once=20, on_end=lambda: None)
        run_waiter = RunWaiter(runner.store, stopping=asyncio.Event())
        super().__init__(
            store=runner.store, clock=runner.clock, executor=executor, run_waiter=run_waiter, min_intervals=True
        )
        self.hits: list[tuple[Task, str]] = []

    async def trigger(
        self, account: StoredAccount, request: RunRequest, *, slot: str | None = None, by_heart: bool = False
    ) -> Arrived:
        self.hits.append((request.task, (slot or "").removeprefix("planned 2026-")))
        return Arrived("new", new_run(account, request, now=self.clock.now()))


def hits(runner: TaskRunner, *, start: str, hours: float, every_min: float = 1) -> dict[Task, list[str]]:
    """Return when each task is hit within some hours (UTC), while the scheduler looks every few minutes."""
    runner.clock.advance((datetime.fromisoformat(start).replace(tzinfo=UTC) - runner.clock.now()).total_seconds())
    heard = Heard(runner)

    def offers(_: StoredAccount) -> frozenset[Task]:
        return WORKDAY

    scheduler = Scheduler(store=runner.store, clock=runner.clock, service=heard, offered=offers)
    for _ in range(int(hours * 60 / every_min)):
        runner.clock.advance(every_min * 60)
        run(scheduler.look())
    return {task: [moment for each, moment in heard.hits if each is task] for task in WORKDAY}


def test_outside_of_working_hours_only_tasks_that_need_none_are_hit(sqlite_store: Store) -> None:
    saturday = hits(a_task_runner(sqlite_store, working_hours=OFFICE), start="2026-11-21T10:30", hours=2)

    assert saturday == {
        Task.OFFERS_SEND: [],
        Task.ORDERS_STATUS: [],
        Task.ORDERS_ACCEPT: ["11-21T11:00Z", "11-21T12:00Z"],
    }


def test_in_working_hours_every_planned_moment_is_hit_and_what_came_before_when_they_begin(
    sqlite_store: Store,
) -> None:
    # Friday; the clock in Paris is an hour ahead.
    friday = hits(a_task_runner(sqlite_store, working_hours=OFFICE), start="2026-11-20T00:00", hours=24)

    assert friday[Task.OFFERS_SEND] == [
        "11-20T07:00Z",
        *(f"11-20T{hour:02}:40Z" for hour in range(7, 18)),
    ]
    assert friday[Task.ORDERS_STATUS] == ["11-20T07:00Z", "11-20T08:50Z", "11-20T12:50Z", "11-20T16:50Z"]
    assert len(friday[Task.ORDERS_ACCEPT]) == 24


def test_hours_that_hold_no_planned_moment_still_have_their_hit(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store, working_hours="mo-fr 07:00-08:00")

    two_days = hits(runner, start="2026-11-19T00:00", hours=48, every_min=10)

    assert two_days[Task.ORDERS_STATUS] == ["11-19T06:00Z", "11-20T06:00Z"]


@pytest.mark.parametrize("every_min", [0.25, 1, 7])
def test_however_often_the_planner_looks_each_moment_is_hit_once(sqlite_store: Store, every_min: float) -> None:
    runner = a_task_runner(sqlite_store, working_hours=OFFICE)

    morning = hits(runner, start="2026-11-20T06:30", hours=3.5, every_min=every_min)

    assert morning[Task.OFFERS_SEND] == ["11-20T07:00Z", "11-20T07:40Z", "11-20T08:40Z", "11-20T09:40Z"]


@pytest.mark.parametrize(
    ("start", "first"),
    [
        # In the night before, the clock in Paris went from 02:00 to 03:00, or from 03:00 back to 02:00.
        ("2026-03-28T12:00", "03-29T06:00Z"),
        ("2026-10-24T12:00", "10-25T07:00Z"),
    ],
)
def test_hours_begin_by_the_clock_on_the_wall_also_when_it_was_put_forward_or_back(
    sqlite_store: Store, start: str, first: str
) -> None:
    runner = a_task_runner(sqlite_store, working_hours="su 08:00-19:00")

    sunday = hits(runner, start=start, hours=36, every_min=5)

    assert sunday[Task.OFFERS_SEND][0] == first
    assert len(sunday[Task.OFFERS_SEND]) == 12


def test_each_account_has_its_own_hours(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store, working_hours=OFFICE)
    an_account(sqlite_store, "in-new-york", seller_key="new-york", working_hours=OFFICE, timezone="America/New_York")

    evening = hits(runner, start="2026-11-20T17:30", hours=2.5)

    assert evening[Task.OFFERS_SEND] == ["11-20T17:40Z", "11-20T17:40Z", "11-20T18:40Z", "11-20T19:40Z"]
