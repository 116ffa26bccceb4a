"""What a hit, the command line and the ticker ask for."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.domain.task import RunStatus
from app.runs.run_waiter import RunWaiter
from app.runs.service import RunService
from app.store.engine import Store
from tests.runs.builders import a_request, a_run, all_runs, claimed, ended, finished, queued
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.task_runner import TaskRunner, a_task_runner

MINUTE = timedelta(minutes=1)


class Remembering:
    """An executor that does nothing yet."""

    def __init__(self) -> None:
        self.submitted: list[str] = []

    def submit(self, run_id: str) -> None:
        self.submitted.append(run_id)


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    return a_task_runner(sqlite_store)


def service(runner: TaskRunner, executor: Remembering, *, min_intervals: bool = True) -> RunService:
    run_waiter = RunWaiter(runner.store, stopping=asyncio.Event())
    return RunService(
        store=runner.store, clock=runner.clock, executor=executor, run_waiter=run_waiter, min_intervals=min_intervals
    )


def test_a_new_run_is_written_before_it_is_executed_and_a_joined_one_is_not_executed_again(runner: TaskRunner) -> None:
    executor = Remembering()
    trigger = service(runner, executor).trigger

    first, second = run(trigger(runner.account, a_request())), run(trigger(runner.account, a_request()))

    assert (first.arrival, second.arrival) == ("new", "joined")
    assert executor.submitted == [first.run.id]
    assert [row.status for row in run(runner.store.read(all_runs))] == [RunStatus.QUEUED]


def test_a_hit_too_soon_is_skipped_unless_intervals_are_off(runner: TaskRunner) -> None:
    ended(runner.store, runner.account)
    executor = Remembering()

    skipped = run(service(runner, executor).trigger(runner.account, a_request()))
    runs_anyway = run(service(runner, executor, min_intervals=False).trigger(runner.account, a_request()))

    assert (skipped.arrival, runs_anyway.arrival) == ("too_soon", "new")
    assert executor.submitted == [runs_anyway.run.id]


@pytest.mark.parametrize("parameters", [{"dry_run": True}, {"order_ids": ("A",)}])
def test_dry_runs_and_named_orders_are_never_too_soon(runner: TaskRunner, parameters: dict[str, Any]) -> None:
    ended(runner.store, runner.account, a_request(**parameters))

    assert run(service(runner, Remembering()).trigger(runner.account, a_request(**parameters))).arrival == "new"


def test_a_paused_run_goes_on_in_a_new_one_that_names_it(runner: TaskRunner) -> None:
    paused = ended(runner.store, runner.account, a_request(since="5d"), status=RunStatus.PAUSED, resume_at=NOW)
    executor = Remembering()

    run(service(runner, executor).resume(paused))

    [_, again] = sorted(run(runner.store.read(all_runs)), key=lambda row: row.continues or "")
    assert (again.continues, again.trigger, again.combination) == (paused.id, "resume", paused.combination)
    assert executor.submitted == [again.id]


def test_a_paused_run_met_by_an_equal_hit_is_not_begun_twice(runner: TaskRunner) -> None:
    paused = ended(runner.store, runner.account, status=RunStatus.PAUSED, resume_at=NOW)
    queued(runner.store, runner.account)
    executor = Remembering()

    run(service(runner, executor).resume(paused))

    assert executor.submitted == []


def test_when_an_equal_hit_is_useful_again(runner: TaskRunner) -> None:
    done = ended(runner.store, runner.account)
    dry_run = ended(runner.store, runner.account, a_request(dry_run=True))

    assert service(runner, Remembering()).next_useful_at(done) == NOW + 4 * MINUTE
    assert service(runner, Remembering(), min_intervals=False).next_useful_at(done) == NOW
    assert service(runner, Remembering()).next_useful_at(dry_run) is None
    assert service(runner, Remembering()).next_useful_at(a_run(runner.account)) is None


def test_a_caller_waits_until_the_run_has_ended_wherever_that_was(store: Store) -> None:
    runner = a_task_runner(store)
    at_work = claimed(store, queued(store, runner.account))

    async def scene() -> str:
        waited = service(runner, Remembering())
        run_waiter = asyncio.create_task(waited.wait(at_work.run.id, seconds=30))
        await asyncio.sleep(0)
        await asyncio.to_thread(finished, store, at_work)
        waited.run_waiter.look_now()
        return (await run_waiter).status

    assert run(scene()) == RunStatus.DONE


def test_a_caller_who_does_not_wait_or_waits_too_short_gets_the_run_as_it_is(runner: TaskRunner) -> None:
    row = queued(runner.store, runner.account)
    waited = service(runner, Remembering())

    assert run(waited.wait(row.id, seconds=0)).status == RunStatus.QUEUED
    assert run(waited.wait(row.id, seconds=0.001)).status == RunStatus.QUEUED
    with pytest.raises(LookupError):
        run(waited.wait("unknown", seconds=0))
