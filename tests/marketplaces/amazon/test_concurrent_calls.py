"""Several calls at once."""

import asyncio

import pytest

from app.marketplaces.amazon.concurrent_calls import AT_ONCE, call_concurrently
from tests.support.aio import run


def test_results_come_in_the_order_of_the_items() -> None:
    async def call(number: int) -> int:
        for _ in range(20 - number):
            await asyncio.sleep(0)
        return number * 2

    assert run(call_concurrently(call, range(20))) == [number * 2 for number in range(20)]
    assert run(call_concurrently(call, [])) == []


def test_no_more_run_at_once_than_are_meant_to() -> None:
    under_way, most = set[int](), []

    async def call(number: int) -> None:
        under_way.add(number)
        most.append(len(under_way))
        await asyncio.sleep(0)
        under_way.remove(number)

    run(call_concurrently(call, range(50)))

    assert max(most) == AT_ONCE


def test_after_an_error_nothing_is_begun_and_what_is_under_way_comes_to_its_end() -> None:
    begun, ended = [], []

    async def call(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0)
        if number == 1:
            raise ValueError(str(number))
        await asyncio.sleep(0)
        ended.append(number)

    with pytest.raises(ValueError, match="1"):
        run(call_concurrently(call, range(50)))

    assert begun == list(range(AT_ONCE))
    assert sorted(ended) == [0, 2, 3, 4]
