"""What will happen by itself, in the order in which it is due."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Happening = Callable[[datetime], None]


class Agenda:
    """Things to come; each is called once, with the moment at which it was due."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, Happening]] = []
        self._ranks = itertools.count()

    def plan(self, happening: Happening, *, at: datetime) -> None:
        heapq.heappush(self._due, (at, next(self._ranks), happening))

    def settle(self, now: datetime) -> None:
        """Let everything happen that was due by now, and what follows from it."""
        while self._due and self._due[0][0] <= now:
            at, _, happening = heapq.heappop(self._due)
            happening(at)
