"""Hits go first: whoever waits for an answer is not kept waiting by runs that work beside it.

While nobody is being answered, runs ask the database as they like, a few questions at a time. While hits pour in, all
runs together ask one question every few milliseconds: a storm of hits slows runs down and never stops them.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

# Questions that all runs together ask at once; a hit that comes then finds no longer queue in front of it.
QUESTIONS_AT_ONCE = 4
# Between two questions of runs while hits pour in.
QUESTION_EVERY_S = 0.02
# After a hit others are expected for so long; nobody listens for them before or after.
EXPECTED_S = 0.1
# Turns of the event loop without a new hit before nobody is believed to knock: one that does is seen in its turn.
QUIET_TURNS = 5


class HitPriority:
    """Knows which hits are being answered, and lets the questions of runs pass between them."""

    def __init__(self) -> None:
        self._hits = self._answering = 0
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._places = asyncio.Semaphore(QUESTIONS_AT_ONCE)
        self._turn = asyncio.Lock()
        self._hit_at = self._passed_at = float("-inf")

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Let a hit go before runs while the block runs."""
        self._hits += 1
        self._hit_at = time.monotonic()
        self._answering += 1
        self._nobody.clear()
        try:
            yield
        finally:
            self._answering -= 1
            if not self._answering:
                self._nobody.set()

    @contextlib.asynccontextmanager
    async def behind(self) -> AsyncIterator[None]:
        """Ask a run's question in the block, which begins when it is its turn."""
        async with self._places:
            async with self._turn:
                await self._hits_have_passed(until=self._passed_at + QUESTION_EVERY_S)
                self._passed_at = time.monotonic()
            yield

    async def _hits_have_passed(self, *, until: float) -> None:
        """Return when no hit is being answered and none knocks, or at that time (monotonic)."""
        if not self._answering and time.monotonic() - self._hit_at > EXPECTED_S:
            return
        quiet = 0
        while quiet < QUIET_TURNS and (left := until - time.monotonic()) > 0:
            seen = self._hits
            if self._answering:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._nobody.wait()
            else:
                await asyncio.sleep(0)
            quiet = quiet + 1 if self._hits == seen and not self._answering else 0
