"""Sliding windows in business time, as the vendors count: a refused call costs nothing."""

import math
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limit:
    """At most `calls` in any `per_s` seconds, and at least `gap_s` between two calls."""

    calls: int
    per_s: float
    gap_s: float = 0.0


@dataclass
class SlidingWindows:
    """The calls of each (key, operation) that still count."""

    _calls: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def wait(self, key: str, operation: str, *, limit: Limit, now_s: float) -> int:
        """Count the call and return 0, or return after how many whole seconds it may come again."""
        calls = self._calls.setdefault((key, operation), deque())
        while calls and calls[0] <= now_s - limit.per_s:
            calls.popleft()
        wait_s = 0.0
        if calls and limit.gap_s:
            wait_s = calls[-1] + limit.gap_s - now_s
        if len(calls) >= limit.calls:
            wait_s = max(wait_s, calls[0] + limit.per_s - now_s)
        if wait_s > 0:
            return max(1, math.ceil(wait_s))
        calls.append(now_s)
        return 0
