"""Results kept back for a moment, so that one commit holds several: a commit waits for the disk.

What a process takes with it when it dies is a result, never an intent: the next run looks it up.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

# Real time for which a result may wait for others: a quick remote side gives many meanwhile, a slow one none.
KEPT_BACK_S = 0.25


class Batch(Generic[T]):
    """Keeps results back until some time has passed since the last commit; `keep` commits those it is given."""

    def __init__(self, keep: Callable[[Sequence[T]], Awaitable[None]], *, now: Callable[[], float] = time.monotonic):
        self._keep, self._now = keep, now
        self._waiting: list[T] = []
        self._committed_at = now()

    async def add(self, result: T) -> None:
        """Keep a result back, or commit it with the others when the oldest has waited long enough."""
        self._waiting.append(result)
        if self._now() - self._committed_at > KEPT_BACK_S:
            await self.commit()

    async def commit(self) -> None:
        """Commit what was kept back."""
        waiting, self._waiting, self._committed_at = self._waiting, [], self._now()
        if waiting:
            await self._keep(waiting)
