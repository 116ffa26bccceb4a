"""Reference data is read once a day, and an older copy helps where it can't be read."""

from datetime import timedelta
from typing import Any

import pytest

from app.clock import JumpingClock
from app.errors import CallError, Refused, Unavailable
from app.marketplaces.shared.reference_data import ReferenceData
from app.transport.references import MemoryReferences
from tests.marketplaces.reaching import NOON
from tests.support.aio import run

DOWN = Unavailable(service="nobody", operation="list")
HOUR = timedelta(hours=1)


class Carriers:
    def __init__(self) -> None:
        self.clock, self.cache = JumpingClock(NOON), MemoryReferences()
        self.loaded = 0
        self.fault: CallError | None = None

    async def load(self) -> list[int]:
        self.loaded += 1
        if self.fault:
            raise self.fault
        return [self.loaded]

    def get(self, *, after: timedelta = timedelta(0), scope: str = "a", **ages: Any) -> Any:
        self.clock.advance(after.total_seconds())
        return run(ReferenceData(cache=self.cache, clock=self.clock, scope=scope).get("carriers", self.load, **ages))


def test_it_is_read_once_a_day_and_for_each_scope() -> None:
    carriers = Carriers()

    assert [carriers.get(), carriers.get(after=23 * HOUR), carriers.get(after=HOUR)] == [[1], [1], [2]]
    assert carriers.get(scope="another") == [3]


def test_an_older_copy_is_good_enough_where_it_can_not_be_read() -> None:
    carriers = Carriers()
    carriers.get(max_stale=48 * HOUR)
    carriers.fault = DOWN

    assert carriers.get(after=25 * HOUR, stale_if=(Unavailable,), max_stale=48 * HOUR) == [1]
    with pytest.raises(Unavailable):
        carriers.get(stale_if=(Refused,), max_stale=48 * HOUR)
    with pytest.raises(Unavailable):
        carriers.get(after=23 * HOUR, stale_if=(Unavailable,), max_stale=48 * HOUR)


def test_without_a_copy_it_raises_what_the_reading_raised() -> None:
    carriers = Carriers()
    carriers.fault = DOWN

    with pytest.raises(Unavailable):
        carriers.get(stale_if=(Unavailable,))


def test_what_has_to_be_new_is_read_each_time_and_kept_for_a_bad_hour() -> None:
    carriers = Carriers()
    ages: dict[str, Any] = {"max_age": timedelta(0), "stale_if": (Unavailable,)}

    assert [carriers.get(**ages), carriers.get(**ages)] == [[1], [2]]
    carriers.fault = DOWN
    assert carriers.get(after=23 * HOUR, **ages) == [2]


@pytest.mark.parametrize("text", ["[]", '{"shop_id": "1"}', "null", "{", "7"])
def test_a_copy_in_another_form_is_read_anew(text: str) -> None:
    carriers = Carriers()
    run(carriers.cache.put("a", "carriers", text, NOON + HOUR))

    assert carriers.get() == [1]
