"""What will happen by itself, in the order in which it is due."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Event = Callable[[datetime], None]


class Schedule:
    """Events to come; each is called once, with the time at which it was due."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, Event]] = []
        self._ranks = itertools.count()

    def plan(self, event: Event, *, at: datetime) -> None:
        """Let the event happen at that time."""
        heapq.heappush(self._due, (at, next(self._ranks), event))

    def settle(self, now: datetime) -> None:
        """Let everything happen that was due by now, and what follows from it."""
        while self._due and self._due[0][0] <= now:
            at, _, event = heapq.heappop(self._due)
            event(at)
