"""Rate limits kept before the call, so that the remote side never has to enforce them.

A quota is a token bucket kept as one number, `tat`: the moment at which the bucket will be full again. What is missing
until then is the debt; each token adds one interval to it, and a call may go while the debt leaves room for its token.
The margin moves every token that had to be waited for a little later, so that a request which travels faster than the
one before it does not arrive too early; it never lowers the rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from app.clock import Clock
from app.domain.task import Priority
from app.errors import Cause, LimitReached
from app.transport.deadline import Deadline
from app.transport.meter import Meter

# Times are stored as floats of seconds, which are exact to a quarter of a microsecond.
ROUNDING_S = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A limit as the vendor states it: `burst` calls at once, then one every `interval_s` seconds.

    "N per rolling window" is a burst b plus one call every window / (N - b) seconds: a full bucket and its refill must
    fit into one window. `spacing_s` is the least time between two calls, whatever the bucket holds. `margin_s` covers
    the differences in travel time; a bucket of one has no room for them, so give it a spacing of interval + margin
    where the vendor is strict. `reserves` keeps the last tokens for more important calls: a priority with a reserve of
    5 leaves 5.
    """

    burst: int
    interval_s: float
    spacing_s: float = 0.0
    margin_s: float = 0.05
    reserves: Mapping[Priority, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.burst < 1 or self.interval_s <= 0 or self.spacing_s < 0 or self.margin_s < 0:
            raise ValueError(f"no bucket works like this: {self}")

    def reserve(self, priority: Priority) -> int:
        """Return how many tokens calls of that priority leave for others."""
        return self.reserves.get(priority, 0)

    def room(self, reserve: int) -> int:
        """Return the burst that is left beside a reserve; a full bucket always has one token for everybody."""
        return max(1, self.burst - reserve)


class QuotaStore(Protocol):
    """The buckets, one by (scope, operation), shared by everybody who calls in that scope. Times are business time."""

    async def take(
        self, *, scope: str, operation: str, quota: Quota, reserve: int, now: datetime, max_wait: float
    ) -> float:
        """Return the seconds to wait before the call.

        Up to `max_wait` the token is taken and the call goes after the wait; above it nothing was taken: ask again.
        """
        ...

    async def block(self, *, scope: str, operation: str, quota: Quota, until: datetime) -> None:
        """Let no call pass before that moment, or before a later one that was asked for already."""
        ...

    async def learn(self, *, scope: str, operation: str, quota: Quota, interval_s: float, now: datetime) -> None:
        """Use the interval the remote side named instead of the configured one; what is owed stays the same tokens."""
        ...

    async def interval(self, *, scope: str, operation: str, quota: Quota) -> float:
        """Return the seconds between two calls: as the remote side named it last, else as configured."""
        ...


@dataclass(slots=True)
class _Bucket:
    tat: float
    interval_s: float
    blocked_until: float = 0.0
    learned: bool = False

    def rescale(self, interval_s: float, moment: float) -> None:
        """Refill at another rate from that moment on, owing the same tokens."""
        if interval_s != self.interval_s:
            self.tat = moment + max(0.0, self.tat - moment) * interval_s / self.interval_s
            self.interval_s = interval_s


@dataclass(slots=True)
class MemoryQuotas:
    """Buckets that end with the process: right for one process that calls little, such as a connection test."""

    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)

    async def take(
        self, *, scope: str, operation: str, quota: Quota, reserve: int, now: datetime, max_wait: float
    ) -> float:
        moment = now.timestamp()
        bucket = self._bucket(scope, operation, quota, moment)
        if not bucket.learned:
            bucket.rescale(quota.interval_s, moment)
        interval, debt = bucket.interval_s, max(0.0, bucket.tat - moment)
        blocked = max(0.0, bucket.blocked_until - moment)
        wait = max(0.0, debt + interval - quota.room(reserve) * interval + quota.margin_s, blocked)
        if wait > max_wait:
            return wait
        bucket.tat = moment + max(debt, blocked) + interval
        if quota.spacing_s:
            bucket.blocked_until = moment + wait + quota.spacing_s
        return wait

    async def block(self, *, scope: str, operation: str, quota: Quota, until: datetime) -> None:
        bucket = self._bucket(scope, operation, quota, 0.0)
        bucket.blocked_until = max(bucket.blocked_until, until.timestamp())

    async def learn(self, *, scope: str, operation: str, quota: Quota, interval_s: float, now: datetime) -> None:
        moment = now.timestamp()
        bucket = self._bucket(scope, operation, quota, moment)
        bucket.rescale(interval_s, moment)
        bucket.learned = True

    async def interval(self, *, scope: str, operation: str, quota: Quota) -> float:
        bucket = self._buckets.get((scope, operation))
        return bucket.interval_s if bucket is not None and bucket.learned else quota.interval_s

    def _bucket(self, scope: str, operation: str, quota: Quota, full_at: float) -> _Bucket:
        return self._buckets.setdefault((scope, operation), _Bucket(tat=full_at, interval_s=quota.interval_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaGate:
    """The way through the quotas for the calls of one client: it waits, or says when to come back."""

    quotas: QuotaStore
    clock: Clock
    meter: Meter
    deadline: Deadline
    service: str
    side: Cause
    scope: str

    async def enter(self, operation: str, *, quota: Quota | None, priority: Priority) -> None:
        """Return when the call may be sent, its token taken.

        Raises LimitReached when the deadline has passed (TIME_USED_UP) or the next token lies behind it
        (QUOTA_USED_UP); `resume_at` is then the time of that token.
        """
        waited = 0.0
        try:
            while True:
                now = self.clock.now()
                if self.deadline.passed_by(now):
                    raise self._spent(operation, resume_at=now, code="TIME_USED_UP")
                if quota is None:
                    return
                wait = await self._ask(operation, quota=quota, priority=priority, now=now)
                if wait <= quota.margin_s + ROUNDING_S:
                    await self._sleep(wait)
                    waited += wait
                    return
                comes_at = now + timedelta(seconds=wait)
                if self.deadline.passed_by(comes_at):
                    interval_s = await self.quotas.interval(scope=self.scope, operation=operation, quota=quota)
                    raise self._spent(operation, resume_at=comes_at, code="QUOTA_USED_UP", interval_s=interval_s)
                await self._sleep(wait - quota.margin_s)
                waited += wait - quota.margin_s
        finally:
            if waited:
                self.meter.count_wait(service=self.service, operation=operation, seconds=waited)

    async def block(self, operation: str, *, quota: Quota, seconds: float) -> None:
        """Let nobody in this scope call the operation for so long."""
        until = self.clock.now() + timedelta(seconds=seconds)
        await self.quotas.block(scope=self.scope, operation=operation, quota=quota, until=until)

    async def learn(self, operation: str, *, quota: Quota, interval_s: float) -> None:
        """Keep the interval the remote side named."""
        await self.quotas.learn(
            scope=self.scope, operation=operation, quota=quota, interval_s=interval_s, now=self.clock.now()
        )

    async def _ask(self, operation: str, *, quota: Quota, priority: Priority, now: datetime) -> float:
        return await self.quotas.take(
            scope=self.scope,
            operation=operation,
            quota=quota,
            reserve=quota.reserve(priority),
            now=now,
            max_wait=quota.margin_s + ROUNDING_S,
        )

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self.clock.sleep(seconds)

    def _spent(
        self,
        operation: str,
        *,
        resume_at: datetime,
        code: Literal["QUOTA_USED_UP", "TIME_USED_UP"],
        interval_s: float = 0.0,
    ) -> LimitReached:
        return LimitReached(
            service=self.service,
            operation=operation,
            resume_at=resume_at,
            code=code,
            side=self.side,
            interval_s=interval_s,
        )
