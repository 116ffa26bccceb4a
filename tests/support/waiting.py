"""Waiting for something to become true, with a deadline instead of a guess."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.02


def eventually(what: str, look: Callable[[], T | None], *, within_s: float = 20.0, poll_s: float = POLL_S) -> T:
    """Return the first answer that is neither None nor False; fails with `what` when the time is over."""
    until = time.monotonic() + within_s
    while True:
        answer = look()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(poll_s)
