"""Token buckets: `rate` tokens a second run in until `burst`, each call takes one. A bucket begins full.

A refused call takes nothing. The rate of a plan may change at a moment: Amazon moves it with the business volume.
"""

from collections.abc import Hashable
from dataclasses import dataclass

# So much is forgiven to the arithmetic of whoever waits exactly until the next token.
SLACK = 1e-6


@dataclass(frozen=True)
class Rate:
    """Tokens a second, and how many the bucket holds."""

    per_second: float
    burst: int


@dataclass(frozen=True)
class Plan:
    """A factor on all rates: one before that moment, another from then on."""

    before: float = 1.0
    factor: float = 1.0
    since_s: float = 0.0

    def at(self, now_s: float) -> float:
        """Return the factor that holds at that moment."""
        return self.factor if now_s >= self.since_s else self.before

    def seconds(self, start_s: float, end_s: float) -> float:
        """Return how many seconds at the plain rate that span is worth."""
        change = min(max(self.since_s, start_s), end_s)
        return (change - start_s) * self.before + (end_s - change) * self.factor


PLAIN = Plan()


@dataclass(frozen=True)
class Wanted:
    """A token of one bucket."""

    key: Hashable
    rate: Rate
    plan: Plan = PLAIN


@dataclass
class _Bucket:
    tokens: float
    looked_s: float


class TokenBuckets:
    """Buckets by key, full at the first call."""

    def __init__(self) -> None:
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, *wanted: Wanted, now_s: float) -> Hashable | None:
        """Take a token of each bucket and return None, or take none and return the key of the first empty one."""
        buckets = [self._filled(each.key, each.rate, now_s=now_s, plan=each.plan) for each in wanted]
        for each, bucket in zip(wanted, buckets, strict=True):
            if bucket.tokens < 1 - SLACK:
                return each.key
        for bucket in buckets:
            bucket.tokens = max(0.0, bucket.tokens - 1)
        return None

    def level(self, key: Hashable, rate: Rate, *, now_s: float, plan: Plan = PLAIN) -> float:
        """Return how many tokens the bucket holds."""
        return self._filled(key, rate, now_s=now_s, plan=plan).tokens

    def _filled(self, key: Hashable, rate: Rate, *, now_s: float, plan: Plan) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(tokens=float(rate.burst), looked_s=now_s))
        gained = plan.seconds(bucket.looked_s, now_s) * rate.per_second
        bucket.tokens = min(float(rate.burst), bucket.tokens + gained)
        bucket.looked_s = now_s
        return bucket
