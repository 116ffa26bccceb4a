"""When a call is made again: tenacity's loop with our answers to "again?", "enough?" and "how long?".

Only errors whose `retry` is `now` come back here; a write whose outcome is unknown is never one of them.
"""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import TypeVar

import tenacity

from app.clock import Clock
from app.errors import CallError, Throttled, Unavailable
from app.transport.deadline import Deadline
from app.transport.meter import Meter

T = TypeVar("T")

MOST_TRIES = 4
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
# After a 429 that names no delay, for a call whose quota nobody publishes.
THROTTLED_DELAY_S = 5.0
# A run may repeat that many calls, or that share of its calls if that is more: an outage must not multiply the traffic.
FREE_RETRIES = 10
RETRY_SHARE = 0.1

_dice = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """The repetitions of one call.

    `waits_at_gate`: the delay of a 429 was given to the quota, and the next try waits for it there.
    """

    clock: Clock
    meter: Meter
    deadline: Deadline
    waits_at_gate: bool

    async def call(self, one_try: Callable[[int], Awaitable[T]]) -> T:
        """Return what a try (the 1st, 2nd …) returned, or raise the error of the last one."""
        numbers = itertools.count(1)

        async def next_try() -> T:
            return await one_try(next(numbers))

        loop = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(_worth_a_retry),
            wait=self._delay,
            stop=self._enough,
            sleep=self._sleep,
            reraise=True,
        )
        return await loop(next_try)

    def _delay(self, state: tenacity.RetryCallState) -> float:
        error = _error(state)
        if isinstance(error, Throttled) and self.waits_at_gate:
            return 0.0
        if isinstance(error, Throttled | Unavailable) and error.retry_after_s is not None:
            return error.retry_after_s
        if isinstance(error, Throttled):
            return THROTTLED_DELAY_S
        # Full jitter: callers that failed together must not come back together.
        return _dice.uniform(0.0, min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** (state.attempt_number - 1)))

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        if state.attempt_number >= MOST_TRIES:
            return True
        if self.meter.retries >= max(FREE_RETRIES, RETRY_SHARE * self.meter.calls):
            return True
        return self.deadline.passed_by(self.clock.now() + timedelta(seconds=state.upcoming_sleep))

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self.clock.sleep(seconds)


def _worth_a_retry(error: BaseException) -> bool:
    return isinstance(error, CallError) and error.retry == "now"


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
