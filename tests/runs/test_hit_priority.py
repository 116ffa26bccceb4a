"""Hits go first, and runs are never stopped by them."""

import asyncio
import time

import pytest

from app.runs import hit_priority
from app.runs.executors.local import LocalExecutor
from app.runs.hit_priority import QUESTIONS_AT_ONCE, HitPriority
from app.store.engine import Store
from tests.runs.builders import queued, run_row
from tests.support.aio import run
from tests.tasks.task_runner import a_task_runner

LONG_S = 60.0
TURNS = 50


async def ask(order: HitPriority, said: list[str], word: str = "question") -> None:
    async with order.behind():
        said.append(word)


async def some_rounds() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hits may keep runs waiting for longer than any test lasts."""
    monkeypatch.setattr(hit_priority, "QUESTION_EVERY_S", LONG_S)


def test_while_nobody_is_answered_questions_follow_each_other_at_once(patient: None) -> None:
    async def scene() -> list[str]:
        order, said = HitPriority(), list[str]()
        async with asyncio.timeout(LONG_S / 6):
            for _ in range(10):
                await ask(order, said)
        return said

    assert len(run(scene())) == 10


def test_a_question_waits_until_the_hits_are_answered(patient: None) -> None:
    async def scene() -> list[str]:
        order, said = HitPriority(), list[str]()
        await ask(order, said, "before")
        with order.answering():
            with order.answering():
                asked = asyncio.create_task(ask(order, said))
                await some_rounds()
                said.append("first hit answered")
            await some_rounds()
            said.append("second hit answered")
        async with asyncio.timeout(LONG_S / 6):
            await asked
        return said

    assert run(scene()) == ["before", "first hit answered", "second hit answered", "question"]


def test_a_hit_that_knocks_meanwhile_goes_first_too(patient: None) -> None:
    async def scene() -> list[str]:
        order, said = HitPriority(), list[str]()
        await ask(order, said, "before")
        with order.answering():
            asked = asyncio.create_task(ask(order, said))
            await some_rounds()
        await asyncio.sleep(0)
        with order.answering():
            await some_rounds()
            said.append("second hit answered")
        async with asyncio.timeout(LONG_S / 6):
            await asked
        return said

    assert run(scene()) == ["before", "second hit answered", "question"]


def test_hits_without_an_end_let_a_question_pass_now_and_then() -> None:
    async def scene() -> float:
        order, said = HitPriority(), list[str]()
        with order.answering():
            began = time.monotonic()
            async with asyncio.timeout(LONG_S / 6):
                await asyncio.gather(*(ask(order, said) for _ in range(5)))
            return time.monotonic() - began

    assert run(scene()) >= 4 * hit_priority.QUESTION_EVERY_S


def test_runs_ask_only_so_many_questions_at_once() -> None:
    under_way, most = 0, 0

    async def scene() -> None:
        order = HitPriority()

        async def question() -> None:
            nonlocal under_way, most
            async with order.behind():
                under_way += 1
                most = max(most, under_way)
                await some_rounds()
                under_way -= 1

        await asyncio.gather(*(question() for _ in range(3 * QUESTIONS_AT_ONCE)))

    run(scene())

    assert most == QUESTIONS_AT_ONCE


def test_a_run_asks_the_store_behind_the_hits(sqlite_store: Store, patient: None) -> None:
    runner = a_task_runner(sqlite_store)
    first = queued(sqlite_store, runner.account)
    statuses: list[str] = []

    async def scene() -> str:
        executor = LocalExecutor(runner.engine(), at_once=20, on_end=lambda: None)
        executor.submit(first.id)
        await executor.drain()
        second = await asyncio.to_thread(queued, sqlite_store, runner.account)
        with executor.hit_priority.answering():
            executor.submit(second.id)
            await some_rounds()
            statuses.append((await asyncio.to_thread(run_row, sqlite_store, second.id)).status)
        async with asyncio.timeout(LONG_S / 6):
            await executor.drain()
        return second.id

    statuses.append(run_row(sqlite_store, run(scene())).status)

    assert statuses == ["queued", "done"]
