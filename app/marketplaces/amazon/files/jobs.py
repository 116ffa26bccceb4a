"""The jobs that Amazon works on: reports and feeds take minutes, sometimes an hour."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from app.clock import Clock
from app.errors import LimitReached
from app.marketplaces.amazon.errors import SERVICE
from app.transport.deadline import Deadline

T = TypeVar("T")


async def until_done(
    look: Callable[[], Awaitable[T | None]],
    *,
    clock: Clock,
    deadline: Deadline,
    operation: str,
    first_s: float = 30,
    then_s: float = 60,
) -> T:
    """Return what `look` finds: now, after `first_s`, then every `then_s` business seconds.

    Raises LimitReached (TIME_USED_UP) where the run ends before the next look; the work over there goes on without it.
    """
    wait_s = first_s
    while True:
        found = await look()
        if found is not None:
            return found
        now = clock.now()
        if deadline.passed_by(now + timedelta(seconds=wait_s)):
            resume_at = now + timedelta(seconds=then_s)
            raise LimitReached(service=SERVICE, operation=operation, resume_at=resume_at, code="TIME_USED_UP")
        await clock.sleep(wait_s)
        wait_s = then_s
