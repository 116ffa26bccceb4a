"""Several calls at once: the quota sets their pace, not the time that each takes on its way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# A call that takes a second still leaves room for five in one.
AT_ONCE = 5


async def call_concurrently(call: Callable[[T], Awaitable[R]], items: Sequence[T]) -> list[R]:
    """Return what the call returns for each item, in their order.

    After an error nothing new is begun; what is under way comes to its end, then the first error is raised.
    """
    results: dict[int, R] = {}
    waiting = iter(enumerate(items))
    stopped = asyncio.Event()

    async def one_after_the_other() -> None:
        for place, item in waiting:
            if stopped.is_set():
                return
            try:
                results[place] = await call(item)
            finally:
                if place not in results:
                    stopped.set()

    workers = (one_after_the_other() for _ in range(min(AT_ONCE, len(items))))
    for outcome in await asyncio.gather(*workers, return_exceptions=True):
        if outcome is not None:
            raise outcome
    return [results[place] for place in range(len(items))]
