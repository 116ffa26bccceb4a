"""What a shop's orders cost of a call that its marketplace allows rarely, and what to do about it. Pure.

A list of orders costs a call for every page, for an empty one too. So imports cost by how often they are made, and
catch-ups by how many orders their windows hold.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from app.domain.message import Message, Param
from app.domain.order import Fulfilment
from app.domain.poll_policy import PollPolicy
from app.domain.task import CATCH_UPS, Task

DAY_S = 86_400
HOUR_MIN = 60
DAY_MIN = 24 * HOUR_MIN
# Orders a day above which somebody should think about frequencies, and has to.
MANY, VERY_MANY = 100, 500
# Shares of the calls of a day: beyond the first a busy day does not fit any more, beyond the second catch-ups pause.
# What we advise shall take no more than the third.
HALF_USED, NEARLY_USED_UP, PLANNED = 0.45, 0.80, 0.65
# An order moves in the list when it is paid and when it is shipped; where the marketplace ships, a day later.
MOVES = 2
DAYS_TO_SHIP = 1
INTERVALS_MIN = (10, 15, 20, 30, HOUR_MIN)
# How far imports should be apart with more orders a day than that, least and most, in minutes.
_APART = ((VERY_MANY, 10, 20), (MANY, 20, HOUR_MIN), (-1, 30, HOUR_MIN))
FEWEST_DAYS = 2
# How often orders-status is recommended.
STATUS_MIN = 4 * HOUR_MIN

Code = Literal["QUOTA_SHARE", "QUOTA_ADVICE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What one kind of hit used of the scarce call in the last 24 hours; what went on by itself is no new run."""

    task: Task
    modes: tuple[str, ...]
    runs: int
    calls: int

    @property
    def name(self) -> str:
        """The hit as it stands in a cron URL."""
        return f"{self.task}?{'&'.join(f'{mode}=1' for mode in self.modes)}" if self.modes else str(self.task)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUsage:
    """Orders and calls of all accounts that share a quota.

    `interval_s` lies between two calls, as the marketplace names it now; `at_once` is how many a catch-up makes without
    waiting. `role`: the right that gives addresses. `orders` are a day's, by who ships them, both named.
    """

    operation: str
    orders_per_call: int
    interval_s: float
    at_once: int
    role: str
    poll_policy: PollPolicy
    orders: Mapping[Fulfilment, float]
    hits: Sequence[Hit]
    accounts: int = 1

    @property
    def orders_per_day(self) -> float:
        return sum(self.orders.values())

    @property
    def calls(self) -> int:
        return sum(hit.calls for hit in self.hits)

    @property
    def allowed(self) -> float:
        """The calls that a day refills."""
        return DAY_S / self.interval_s

    @property
    def share(self) -> float:
        """The part of a day's calls that the last 24 hours used."""
        return self.calls / self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The calls of a day: plain imports, their passes over late orders, each catch-up once, and orders-status."""

    imports: int
    late_passes: int
    recheck: int
    doublecheck: int
    statuses: int

    @property
    def total(self) -> int:
        return self.imports + self.late_passes + self.recheck + self.doublecheck + self.statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something to know or to do; `code` is that of its finding."""

    code: Code
    says: Message


def forecast(usage: QuotaUsage, *, minutes: int) -> Forecast:
    """Return what a day takes with an import every so many minutes."""
    poll_policy, ours, theirs = (
        usage.poll_policy,
        usage.orders[Fulfilment.MERCHANT],
        usage.orders[Fulfilment.MARKETPLACE],
    )
    late_passes = 0
    if poll_policy.late_orders is not None:
        days = poll_policy.late_orders.days + DAYS_TO_SHIP
        late_passes = round(timedelta(days=1) / poll_policy.late_orders.every) * _pages(usage, theirs * days)
    return Forecast(
        imports=_polls(usage, minutes=minutes),
        late_passes=late_passes,
        recheck=_pages(usage, theirs * poll_policy.recheck_days),
        # Those that were shipped are listed too: a state that nobody knows yet can't be asked for.
        doublecheck=_pages(usage, ours * poll_policy.doublecheck_days),
        statuses=_polls(usage, minutes=STATUS_MIN),
    )


def usage_summary(usage: QuotaUsage) -> Advice:
    """Return how much of a day's calls is used, beside what the recommended hits need."""
    params = {
        **_used(usage),
        "orders": _number(usage.orders_per_day),
        "needed": forecast(usage, minutes=HOUR_MIN).total,
    }
    return Advice(code="QUOTA_SHARE", says=Message("QUOTA_STANDING", params))


def advise(usage: QuotaUsage) -> list[Advice]:
    """Return what to know and to do, what matters most first; nothing for a small shop with calls to spare."""
    return [*of_share(usage), *of_orders(usage)]


def of_share(usage: QuotaUsage) -> list[Advice]:
    """Return what follows from the share of a day's calls that is used; which hit to make rarer comes last."""
    if usage.share <= HALF_USED:
        return []
    if usage.share > NEARLY_USED_UP:
        return [Advice(code="QUOTA_SHARE", says=Message("QUOTA_NEARLY_USED_UP", _used(usage))), _rarer(usage)]
    most = _most(usage)
    params = {**_used(usage), "hit": most.name, "hit_calls": most.calls}
    return [Advice(code="QUOTA_SHARE", says=Message("QUOTA_HALF_USED", params))]


def of_orders(usage: QuotaUsage) -> list[Advice]:
    """Return what follows from the number of orders: how often to call what, and what else a large shop needs."""
    if usage.orders_per_day <= MANY:
        return []
    low, high = _minutes(usage)
    day = forecast(usage, minutes=low)
    imports = _advice(
        "IMPORT_BETWEEN" if low < high else "IMPORT_EVERY",
        **_allowance(usage),
        orders=_number(usage.orders_per_day),
        minutes=low,
        most_minutes=high,
        needed=day.total,
    )
    advice = [imports, _of_catch_ups(usage, day, minutes=low)]
    if usage.accounts > 1:
        advice.append(_advice("ACCOUNTS_SHARE", **_allowance(usage), accounts=usage.accounts))
    elif usage.orders_per_day > VERY_MANY:
        advice.append(_advice("ONE_ACCOUNT"))
    if usage.orders[Fulfilment.MERCHANT] >= 1:
        advice.append(_advice("ROLE", role=usage.role))
    return advice


def _rarer(usage: QuotaUsage) -> Advice:
    """Return which hit to make rarer, and how: the one that used most."""
    most = _most(usage)
    params: dict[str, Param] = {"hit": most.name, "hit_calls": most.calls, "runs": most.runs}
    if most.task is not Task.ORDERS_IMPORT:
        return _advice("RARER", **params)
    if _is_import(most):
        return _advice("RARER_IMPORT", **params, minutes=_minutes(usage)[0])
    return _advice("RARER_CATCH_UP" if most.runs > usage.accounts else "SHORTER_CATCH_UP", **params)


def _of_catch_ups(usage: QuotaUsage, day: Forecast, *, minutes: int) -> Advice:
    if day.total > NEARLY_USED_UP * usage.allowed:
        days = _fitting_days(usage, day)
        key = "TOO_MANY_DAYS" if days else "TOO_MUCH"
        return _advice(key, **_allowance(usage), minutes=minutes, needed=day.total, days=days)
    hours = math.ceil(max(0, day.recheck - usage.at_once) * usage.interval_s / 3600)
    key = "LONG_CATCH_UPS" if hours else "CATCH_UPS"
    return _advice(key, recheck=day.recheck, doublecheck=day.doublecheck, hours=hours, at_once=usage.at_once)


def _minutes(usage: QuotaUsage) -> tuple[int, int]:
    """Return how far imports should be apart, least and most, in minutes.

    The least keeps room for the rest of a day, and is more than now where imports use too much already.
    """
    soonest, latest = next(bounds for orders, *bounds in _APART if usage.orders_per_day > orders)
    now = _minutes_now(usage) if usage.share > HALF_USED and _is_import(_most(usage)) else 0
    room = PLANNED * usage.allowed
    apart = [each for each in INTERVALS_MIN if each >= soonest and each > now]
    least = next((each for each in apart if forecast(usage, minutes=each).total <= room), HOUR_MIN)
    if least <= now:
        least = math.ceil(2 * now / HOUR_MIN) * HOUR_MIN
    return least, max(least, latest)


def _minutes_now(usage: QuotaUsage) -> float:
    runs = sum(hit.runs for hit in usage.hits if _is_import(hit))
    return DAY_MIN * usage.accounts / max(1, runs)


def _fitting_days(usage: QuotaUsage, day: Forecast) -> int:
    """Return how many days a daily catch-up of what the marketplace ships may look back, 0 where it is not to blame."""
    if day.recheck <= day.doublecheck:
        return 0
    left = NEARLY_USED_UP * usage.allowed - (day.total - day.recheck)
    days = math.floor(left * usage.orders_per_call / usage.orders[Fulfilment.MARKETPLACE])
    return min(max(days, FEWEST_DAYS), usage.poll_policy.recheck_days)


def _most(usage: QuotaUsage) -> Hit:
    return max(usage.hits, key=lambda hit: hit.calls)


def _is_import(hit: Hit) -> bool:
    return hit.task is Task.ORDERS_IMPORT and not CATCH_UPS & set(hit.modes)


def _polls(usage: QuotaUsage, *, minutes: int) -> int:
    """Return what a day takes of reading, every so many minutes, what moved since the time before."""
    window = (timedelta(minutes=minutes) + usage.poll_policy.overlap) / timedelta(days=1)
    moved = usage.orders_per_day * MOVES * window / usage.accounts
    return math.ceil(usage.accounts * DAY_MIN / minutes * _pages(usage, moved))


def _pages(usage: QuotaUsage, orders: float) -> int:
    return max(1, math.ceil(orders / usage.orders_per_call))


def _used(usage: QuotaUsage) -> dict[str, Param]:
    return {**_allowance(usage), "calls": usage.calls, "share": round(usage.share * 100)}


def _allowance(usage: QuotaUsage) -> dict[str, Param]:
    return {"operation": usage.operation, "allowed": math.floor(usage.allowed)}


def _advice(key: str, **params: Param) -> Advice:
    return Advice(code="QUOTA_ADVICE", says=Message(f"QUOTA_{key}", params))


def _number(orders: float) -> float:
    return round(orders) if orders >= 10 else round(orders, 1)
