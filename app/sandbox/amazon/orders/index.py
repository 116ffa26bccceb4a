"""Orders in the order of their dates, so that a page costs what it holds, whatever the number of orders."""

import bisect
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

Field = Literal["created", "updated"]
Key = tuple[datetime, str]


class OrderIndex:
    """The ids of orders by date of creation and by date of the last change, each with the id as tie-breaker."""

    def __init__(self) -> None:
        self._keys: dict[Field, list[Key]] = {"created": [], "updated": []}

    def add(self, order_id: str, *, created: datetime, updated: datetime) -> None:
        bisect.insort(self._keys["created"], (created, order_id))
        bisect.insort(self._keys["updated"], (updated, order_id))

    def changed(self, order_id: str, *, before: datetime, now: datetime) -> None:
        """Move an order whose last change was dated otherwise until now."""
        keys = self._keys["updated"]
        del keys[bisect.bisect_left(keys, (before, order_id))]
        bisect.insort(keys, (now, order_id))

    def between(self, by: Field, after: datetime, until: datetime, *, beyond: Key | None = None) -> Iterator[Key]:
        """Yield the keys of that span, oldest first, both ends included; with `beyond` only those after that key."""
        keys = self._keys[by]
        index = bisect.bisect_left(keys, (after, ""))
        if beyond is not None:
            index = max(index, bisect.bisect_right(keys, beyond))
        while index < len(keys) and keys[index][0] <= until:
            yield keys[index]
            index += 1
