"""Large worlds stay quick: the sandbox must never be what a simulation waits for."""

import gc
import time
import tracemalloc
from datetime import timedelta

import pytest

from tests.sandbox.amazon.caller import Caller, talk

# A page takes a third of it, in which the caller's own work is counted too.
A_PAGE_S = 0.05
A_MONTH_S = 30.0


@pytest.mark.long
def test_a_page_of_a_hundred_among_ten_thousand_takes_milliseconds() -> None:
    async def script(caller: Caller) -> float:
        await caller.make(10_000, age="20d", lines=2)
        took = []
        for _ in range(5):
            start = time.process_time()
            assert len(await caller.found()) == 100
            took.append(time.process_time() - start)
        return min(took)

    assert talk(script) < A_PAGE_S


@pytest.mark.long
def test_reading_leaves_nothing_behind() -> None:
    async def script(caller: Caller) -> int:
        await caller.make(500, age="20d")
        await caller.page()
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(15):
            await caller.page()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return after - before

    assert talk(script) < 300_000


@pytest.mark.long
def test_a_month_of_three_hundred_orders_a_day_takes_seconds_and_loses_none() -> None:
    async def script(caller: Caller) -> tuple[float, list[str], dict[str, int], int]:
        start = time.process_time()
        await caller.switch(late_index_rate=0.1)
        await caller.control("orders", count=9000, state="pending", over="30d")
        for _ in range(32 * 24):
            caller.wait(3600)
            since = caller.clock.now() - timedelta(hours=2, minutes=5)
            asked = {"lastUpdatedAfter": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "includedData": "FULFILLMENT"}
            page = await caller.page(**asked)
            while "pagination" in page:
                page = await caller.page(**asked, paginationToken=page["pagination"]["nextToken"])
        state = await caller.state()
        return time.process_time() - start, state["never_shown"], state["throttled"], len(state["orders"])

    took, never_shown, throttled, made = talk(script)

    assert (never_shown, throttled, made) == ([], {}, 9000)
    assert took < A_MONTH_S
