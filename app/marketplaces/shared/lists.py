"""Lists that are read by offset and move while they are read.

An entry that leaves such a list pulls all later ones forward. So every page repeats the end of the one before; a page
that does not overlap it is read again from half a page further back, so that it still brings as much that is new.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from app.clock import Clock
from app.errors import CallError

R = TypeVar("R")

# So many entries may leave a list between two pages without a page being read again.
PAGE_OVERLAP = 10


@dataclass(frozen=True, slots=True)
class ListAnswer(Generic[R]):
    """One answer of a list: its records, how many there are in all, and the remote clock."""

    records: Sequence[R]
    total_count: int
    date: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[R]):
    """An answer that joins those before it, when it was asked for, and the offset behind its last record."""

    answer: ListAnswer[R]
    read_at: datetime
    end: int
    is_last: bool


async def pages(
    read: Callable[[int], Awaitable[ListAnswer[R]]],
    *,
    start: int,
    page_size: int,
    overlaps: Callable[[Sequence[R]], bool],
    most_steps_back: int | None = None,
    clock: Clock,
    error_if_incomplete: CallError,
) -> AsyncIterator[ListPage[R]]:
    """Yield the pages of a list from an offset on, without a gap while it moves.

    `read` returns the page at an offset. `overlaps`: whether no record lies between a page and what was yielded or read
    by an earlier run; a page that does not overlap after `most_steps_back` is taken as it is (None: never). Raises
    `error_if_incomplete` where total_count promises records that do not come.
    """
    offset, steps_back = max(0, start), 0
    while True:
        read_at = clock.now()
        answer = await read(offset)
        if offset and steps_back != most_steps_back and not overlaps(answer.records):
            steps_back += 1
            offset = max(0, min(offset, answer.total_count) - page_size // 2)
            continue
        steps_back = 0
        end = offset + len(answer.records)
        is_last = len(answer.records) < page_size and end >= answer.total_count
        yield ListPage(answer=answer, read_at=read_at, end=end, is_last=is_last)
        if is_last:
            return
        following = end - max(1, min(PAGE_OVERLAP, len(answer.records) // 2))
        if following <= offset:
            raise error_if_incomplete
        offset = following
