"""Many callers, one question to the database."""

import asyncio
from typing import Any

from app.runs.run_waiter import RunWaiter
from app.store.engine import Store
from tests.runs.builders import a_request, an_account, claimed, ended, finished, queued
from tests.support.aio import run

LONG_S = 60.0


class CountedReads:
    """A store that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self._store, self.asked = store, list[list[str]]()

    async def read(self, question: Any, *args: Any) -> Any:
        self.asked.append(sorted(args[0]))
        return await self._store.read(question, *args)


def test_all_callers_are_served_by_one_question(sqlite_store: Store) -> None:
    account = an_account(sqlite_store)
    rows = [queued(sqlite_store, account, a_request(since=f"{days}d")) for days in range(1, 4)]
    done = [ended(sqlite_store, account, a_request(since=f"{days}h")) for days in range(1, 4)]
    counted = CountedReads(sqlite_store)

    async def scene() -> None:
        run_waiter = RunWaiter(counted, stopping=asyncio.Event())  # type: ignore[arg-type]
        callers = [
            asyncio.create_task(run_waiter.until_finished(row.id, seconds=LONG_S)) for row in [*done, *done, *rows]
        ]
        await asyncio.wait(callers[: 2 * len(done)])
        assert not any(caller.done() for caller in callers[2 * len(done) :])
        run_waiter.release_all()
        await asyncio.gather(*callers)

    run(scene())

    assert counted.asked[0] == sorted(row.id for row in [*done, *rows])
    assert len(counted.asked) <= 2


def test_a_run_that_ends_while_we_ask_is_noticed_at_once(sqlite_store: Store, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.runs.run_waiter.POLL_S", LONG_S)
    account = an_account(sqlite_store)
    at_work = claimed(sqlite_store, queued(sqlite_store, account))

    run_waiter: Any = None

    class EndsMeanwhile(CountedReads):
        async def read(self, question: Any, *args: Any) -> Any:
            answer = await super().read(question, *args)
            if len(self.asked) == 1:
                await asyncio.to_thread(finished, sqlite_store, at_work)
                run_waiter.look_now()
            return answer

    async def scene() -> None:
        nonlocal run_waiter
        run_waiter = RunWaiter(EndsMeanwhile(sqlite_store), stopping=asyncio.Event())  # type: ignore[arg-type]
        async with asyncio.timeout(LONG_S / 6):
            await run_waiter.until_finished(at_work.run.id, seconds=LONG_S)

    run(scene())


def test_a_stopping_process_lets_every_caller_go(sqlite_store: Store) -> None:
    row = queued(sqlite_store, an_account(sqlite_store))

    async def scene() -> None:
        stopping = asyncio.Event()
        run_waiter = RunWaiter(sqlite_store, stopping=stopping)
        callers = [asyncio.create_task(run_waiter.until_finished(row.id, seconds=LONG_S)) for _ in range(3)]
        await asyncio.sleep(0)
        stopping.set()
        run_waiter.release_all()
        async with asyncio.timeout(LONG_S / 6):
            await asyncio.gather(*callers)
            await run_waiter.until_finished(row.id, seconds=LONG_S)

    run(scene())
