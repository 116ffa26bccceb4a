"""What happens without anybody hitting a URL."""

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest

from app.domain.intake import Intake
from app.domain.task import RunStatus
from app.errors import StoreUnavailable
from app.runs import ticker as ticking
from app.runs.executors.local import LocalExecutor
from app.runs.ticker import Ticker
from app.store import order_actions
from app.store.engine import Store
from tests.runs.builders import OTHER, a_request, all_runs, claimed, ended, queued, run_row
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entry, heard
from tests.tasks.task_runner import TaskRunner, a_task_runner

DAY = timedelta(days=1)


def tick(runner: TaskRunner, *, times: int = 1) -> None:
    """Look around, and see what that began to its end."""

    async def scene() -> None:
        executor = LocalExecutor(runner.engine(), at_once=20, on_end=lambda: None)
        ticker = a_ticker(runner, executor)
        for _ in range(times):
            await ticker.tick()
            await executor.drain()

    run(scene())


def a_ticker(runner: TaskRunner, executor: LocalExecutor, *, stopping: asyncio.Event | None = None) -> Ticker:
    return Ticker(
        store=runner.store,
        clock=runner.clock,
        service=runner.service(executor),
        executor=executor,
        stopping=stopping or asyncio.Event(),
        tick_s=0.001,
        keep_runs=30 * DAY,
        scheduler=None,
    )


def test_queued_runs_and_runs_of_dead_workers_are_begun(store: Store) -> None:
    runner = a_task_runner(store)
    abandoned = queued(store, runner.account)
    claimed(store, abandoned, owner=OTHER, lease_s=-1)
    waiting = queued(store, runner.account, a_request(since="5d"))

    tick(runner)

    assert [run_row(store, row.id).status for row in (abandoned, waiting)] == [RunStatus.DONE, RunStatus.DONE]
    assert run_row(store, abandoned.id).attempt == 2


def test_a_run_of_a_living_worker_is_left_to_it(store: Store) -> None:
    runner = a_task_runner(store)
    row = queued(store, runner.account)
    claimed(store, row, owner=OTHER)

    tick(runner)

    assert run_row(store, row.id).attempt == 1


def test_a_paused_run_goes_on_once_its_time_has_come(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale())
    runner.shop.down = True
    paused = runner.import_()
    runner.shop.down = False

    tick(runner)
    before = list(runner.shop.created)
    runner.clock.advance(120)
    tick(runner, times=3)

    assert (before, runner.shop.created) == ([], ["MKP-1"])
    again = [row for row in run(store.read(all_runs)) if row.id != paused.row.id]
    assert [(row.continues, row.status) for row in again] == [(paused.row.id, RunStatus.DONE)]


def test_old_reports_are_deleted_all_of_them(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "PURGED_AT_ONCE", 2)
    runner = a_task_runner(sqlite_store)
    for _ in range(7):
        ended(sqlite_store, runner.account, now=NOW - 31 * DAY)

    tick(runner)

    assert len(run(sqlite_store.read(all_runs))) == 1


def test_the_buyer_s_data_of_orders_that_waited_a_month_is_deleted_all_of_it(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "PURGED_AT_ONCE", 2)
    runner = a_task_runner(sqlite_store)
    orders = [f"MKP-{number}" for number in range(5)]
    heard(sqlite_store, a_run_ledger(runner.account), *(a_sale(order_id) for order_id in orders), now=NOW - 31 * DAY)
    heard(sqlite_store, a_run_ledger(runner.account), a_sale("young"), now=NOW - 29 * DAY)

    tick(runner)

    assert {(entry(sqlite_store, each).code, entry(sqlite_store, each).payload) for each in orders} == {
        ("DATA_EXPIRED", None)
    }
    assert entry(sqlite_store, "young").intake == Intake.DUE


def test_an_order_whose_data_went_is_read_again_when_a_person_retries_it(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale())
    runner.marketplace.hidden.add("MKP-1")
    heard(store, a_run_ledger(runner.account), a_sale(), now=NOW - 31 * DAY)
    tick(runner)

    reported = runner.import_()
    run(store.write(order_actions.retry, runner.account.id, ["MKP-1"], now=NOW))
    retried = runner.import_()

    assert reported.said == {"MKP-1": ("not_imported", "DATA_EXPIRED")}
    assert retried.said == {"MKP-1": ("imported", "")}
    assert runner.marketplace.looked_up == [("MKP-1",)]


def test_the_ticker_goes_on_when_the_database_is_away_and_says_so_once(
    sqlite_store: Store, logged: list[MutableMapping[str, Any]]
) -> None:
    runner = a_task_runner(sqlite_store)

    async def scene() -> None:
        stopping = asyncio.Event()
        answers = iter([StoreUnavailable("away"), StoreUnavailable("away"), ValueError(), None])
        ticker = a_ticker(runner, LocalExecutor(runner.engine(), at_once=1, on_end=lambda: None), stopping=stopping)

        async def tick_once() -> None:
            answer = next(answers)
            if answer is None:
                stopping.set()
            else:
                raise answer

        ticker.tick = tick_once  # type: ignore[method-assign]
        await ticker.run()

    run(scene())

    said = [line["event"] for line in logged]
    assert said == ["the database is away", "tick failed", "the database is back"]
