"""Large worlds: a month of orders is read whole, and reading leaves nothing behind."""

import gc
import tracemalloc
from datetime import timedelta

import pytest

from tests.sandbox.amazon.caller import Caller, talk


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
def test_a_month_of_three_hundred_orders_a_day_loses_none() -> None:
    async def script(caller: Caller) -> tuple[list[str], dict[str, int], int]:
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
        return state["never_shown"], state["throttled"], len(state["orders"])

    never_shown, throttled, made = talk(script)

    assert (never_shown, throttled, made) == ([], {}, 9000)
