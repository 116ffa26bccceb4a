"""The local executor: side by side, never more than it may, and nothing left lying."""

import asyncio
from typing import Any

from app.domain.task import RunStatus
from app.errors import StoreUnavailable
from app.runs.executors.local import LocalExecutor
from app.store.engine import Store
from tests.runs.builders import a_request, all_runs, queued, run_row
from tests.support.aio import run
from tests.tasks.task_runner import TaskRunner, a_task_runner


def worlds(store: Store, number: int) -> list[TaskRunner]:
    return [a_task_runner(store, name=f"shop-{each}", seller_key=f"{each}") for each in range(number)]


def test_no_more_runs_than_allowed_are_under_way_and_all_are_done_in_the_end(sqlite_store: Store) -> None:
    first, *others = worlds(sqlite_store, 7)
    rows = [queued(sqlite_store, runner.account) for runner in (first, *others)]
    under_way, most, full = 0, 0, asyncio.Event()

    async def counted(row: Any, **details: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 3:
            full.set()
        await full.wait()
        under_way -= 1
        return await first.connect(row, **details)

    ended: list[None] = []

    async def scene() -> None:
        executor = LocalExecutor(first.engine(connect=counted), at_once=3, on_end=lambda: ended.append(None))
        for row in rows:
            executor.submit(row.id)
        await executor.drain()

    run(scene())

    assert {row.status for row in run(sqlite_store.read(all_runs))} == {RunStatus.DONE}
    assert most == 3
    assert len(ended) >= len(rows)


def test_runs_that_wait_for_the_same_key_follow_each_other(store: Store) -> None:
    runner = a_task_runner(store)
    rows = [
        queued(store, runner.account, request)
        for request in (a_request(), a_request(since="5d"), a_request(since="9d"))
    ]

    async def scene() -> None:
        executor = LocalExecutor(runner.engine(), at_once=20, on_end=lambda: None)
        for row in rows:
            executor.submit(row.id)
        await executor.drain()

    run(scene())

    assert [run_row(store, row.id).status for row in rows] == [RunStatus.DONE] * 3


def test_a_run_submitted_twice_is_executed_once(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store)
    row = queued(sqlite_store, runner.account)

    async def scene() -> None:
        executor = LocalExecutor(runner.engine(), at_once=20, on_end=lambda: None)
        executor.submit(row.id)
        executor.submit(row.id)
        await executor.drain()

    run(scene())

    assert run_row(sqlite_store, row.id).attempt == 1


def test_a_stopping_process_begins_nothing(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store)
    row = queued(sqlite_store, runner.account)

    async def scene() -> None:
        engine = runner.engine()
        engine.stopping.set()
        executor = LocalExecutor(engine, at_once=20, on_end=lambda: None)
        executor.submit(row.id)
        await executor.look()
        await executor.drain()

    run(scene())

    assert run_row(sqlite_store, row.id).status == RunStatus.QUEUED


def test_a_database_that_goes_away_leaves_the_run_to_a_later_look(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store)
    row = queued(sqlite_store, runner.account)
    ended: list[None] = []

    async def gone(row: Any, **details: Any) -> Any:
        raise StoreUnavailable("gone")

    async def scene() -> None:
        executor = LocalExecutor(runner.engine(connect=gone), at_once=1, on_end=lambda: ended.append(None))
        executor.submit(row.id)
        await executor.drain()

    run(scene())

    assert run_row(sqlite_store, row.id).status == RunStatus.RUNNING
    assert ended == [None]
