"""A list that moves while it is read loses none of its entries."""

from collections.abc import Callable, Sequence

import pytest

from app.clock import JumpingClock
from app.errors import Unavailable
from app.marketplaces.shared.lists import ListAnswer, pages
from tests.marketplaces.reaching import NOON
from tests.support.aio import run

PAGE_SIZE = 20
ENDLESS = Unavailable(service="nobody", operation="list", detail="ANSWER_MAKES_NO_SENSE")


def all_read(
    entries: list[int],
    *,
    after: Callable[[int], None] = lambda page: None,
    start: int = 0,
    seen: Sequence[int] = (),
    most_steps_back: int | None = None,
    promised: int = 0,
) -> tuple[list[int], int]:
    """Return what is read of a list in order, each once, and by how many calls; `after` is called after each page."""
    found, calls = dict.fromkeys(seen), 0

    async def read(offset: int) -> ListAnswer[int]:
        nonlocal calls
        calls += 1
        return ListAnswer(entries[offset : offset + PAGE_SIZE], len(entries) + promised, None)

    async def script() -> None:
        listed = pages(
            read,
            start=start,
            page_size=PAGE_SIZE,
            overlaps=lambda records: not found.keys().isdisjoint(records),
            most_steps_back=most_steps_back,
            clock=JumpingClock(NOON),
            error_if_incomplete=ENDLESS,
        )
        number = 0
        async for page in listed:
            found.update(dict.fromkeys(page.answer.records))
            after(number)
            number += 1

    run(script())
    return list(found), calls


def test_a_list_at_rest_is_read_to_its_end() -> None:
    assert all_read(list(range(45))) == (list(range(45)), 4)
    assert all_read([]) == ([], 1)


@pytest.mark.parametrize("leaving", [5, 15, 20, 30])
def test_entries_that_leave_pull_no_other_past_the_reader(leaving: int) -> None:
    entries = list(range(100))

    def after(page: int) -> None:
        if page == 1:
            del entries[:leaving]

    assert all_read(entries, after=after)[0] == list(range(100))


def test_a_reading_that_goes_on_steps_back_until_it_joins() -> None:
    entries = list(range(70, 100))

    assert all_read(entries, start=75, seen=range(75))[0] == list(range(100))


def test_a_page_that_never_joins_is_taken_after_some_steps_back() -> None:
    read, calls = all_read(list(range(200, 300)), start=80, seen=[0], most_steps_back=2)

    assert read == [0, *range(260, 300)]
    assert calls == 6


def test_records_that_are_promised_and_do_not_come_end_the_reading() -> None:
    with pytest.raises(Unavailable):
        all_read(list(range(20)), promised=1)
