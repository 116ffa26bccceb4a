"""What a shop's orders cost of a call that its marketplace allows rarely, and what to do about it. Pure.

A list of orders costs a call for every page, for an empty one too. So imports cost by how often they are made, and
catch-ups by how many orders their windows hold.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from app.domain.advice_words import WORDS
from app.domain.order import Fulfilment
from app.domain.reading import Reading
from app.domain.reasons import Language
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
Param = str | int | float


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
class Load:
    """Orders and calls of all accounts that share a quota.

    `interval_s` lies between two calls, as the marketplace tells it now; `at_once` is how many a catch-up makes without
    waiting. `role`: the right that gives addresses. `orders` are a day's, by who ships them, both named.
    """

    operation: str
    orders_per_call: int
    interval_s: float
    at_once: int
    role: str
    reading: Reading
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
    sweeps: int
    recheck: int
    doublecheck: int
    statuses: int

    @property
    def total(self) -> int:
        return self.imports + self.sweeps + self.recheck + self.doublecheck + self.statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something to know or to do; `key` names its sentence."""

    code: Code
    key: str
    params: Mapping[str, Param]

    def said(self, language: Language) -> str:
        """Return the sentence in a language."""
        shown = {name: _shown(value, language) for name, value in self.params.items()}
        return WORDS[self.key][language].format_map(shown)


def forecast(load: Load, *, minutes: int) -> Forecast:
    """Return what a day takes with an import every so many minutes."""
    reading, ours, theirs = load.reading, load.orders[Fulfilment.MERCHANT], load.orders[Fulfilment.MARKETPLACE]
    sweeps = 0
    if reading.stragglers is not None:
        days = reading.stragglers.days + DAYS_TO_SHIP
        sweeps = round(timedelta(days=1) / reading.stragglers.every) * _pages(load, theirs * days)
    return Forecast(
        imports=_polls(load, minutes=minutes),
        sweeps=sweeps,
        recheck=_pages(load, theirs * reading.recheck_days),
        # Those that were shipped are listed too: a state that nobody knows yet can't be asked for.
        doublecheck=_pages(load, ours * reading.doublecheck_days),
        statuses=_polls(load, minutes=STATUS_MIN),
    )


def standing(load: Load) -> Advice:
    """Return how much of a day's calls is used, beside what the recommended hits need."""
    params = {**_used(load), "orders": _number(load.orders_per_day), "needed": forecast(load, minutes=HOUR_MIN).total}
    return Advice(code="QUOTA_SHARE", key="STANDING", params=params)


def advise(load: Load) -> list[Advice]:
    """Return what to know and to do, what matters most first; nothing for a small shop with calls to spare."""
    return [*of_share(load), *of_orders(load)]


def of_share(load: Load) -> list[Advice]:
    """Return what follows from the share of a day's calls that is used; which hit to make rarer comes last."""
    if load.share <= HALF_USED:
        return []
    if load.share > NEARLY_USED_UP:
        return [Advice(code="QUOTA_SHARE", key="NEARLY_USED_UP", params=_used(load)), _rarer(load)]
    most = _most(load)
    params = {**_used(load), "hit": most.name, "hit_calls": most.calls}
    return [Advice(code="QUOTA_SHARE", key="HALF_USED", params=params)]


def of_orders(load: Load) -> list[Advice]:
    """Return what follows from the number of orders: how often to call what, and what else a large shop needs."""
    if load.orders_per_day <= MANY:
        return []
    low, high = _minutes(load)
    day = forecast(load, minutes=low)
    imports = _advice(
        "IMPORT_BETWEEN" if low < high else "IMPORT_EVERY",
        **_allowance(load),
        orders=_number(load.orders_per_day),
        minutes=low,
        most_minutes=high,
        needed=day.total,
    )
    advice = [imports, _of_catch_ups(load, day, minutes=low)]
    if load.accounts > 1:
        advice.append(_advice("ACCOUNTS_SHARE", **_allowance(load), accounts=load.accounts))
    elif load.orders_per_day > VERY_MANY:
        advice.append(_advice("ONE_ACCOUNT"))
    if load.orders[Fulfilment.MERCHANT] >= 1:
        advice.append(_advice("ROLE", role=load.role))
    return advice


def _rarer(load: Load) -> Advice:
    """Return which hit to make rarer, and how: the one that used most."""
    most = _most(load)
    params: dict[str, Param] = {"hit": most.name, "hit_calls": most.calls, "runs": most.runs}
    if most.task is not Task.ORDERS_IMPORT:
        return _advice("RARER", **params)
    if _is_import(most):
        return _advice("RARER_IMPORT", **params, minutes=_minutes(load)[0])
    return _advice("RARER_CATCH_UP" if most.runs > load.accounts else "SHORTER_CATCH_UP", **params)


def _of_catch_ups(load: Load, day: Forecast, *, minutes: int) -> Advice:
    if day.total > NEARLY_USED_UP * load.allowed:
        days = _fitting_days(load, day)
        key = "TOO_MANY_DAYS" if days else "TOO_MUCH"
        return _advice(key, **_allowance(load), minutes=minutes, needed=day.total, days=days)
    hours = math.ceil(max(0, day.recheck - load.at_once) * load.interval_s / 3600)
    key = "LONG_CATCH_UPS" if hours else "CATCH_UPS"
    return _advice(key, recheck=day.recheck, doublecheck=day.doublecheck, hours=hours, at_once=load.at_once)


def _minutes(load: Load) -> tuple[int, int]:
    """Return how far imports should be apart, least and most, in minutes.

    The least keeps room for the rest of a day, and is more than now where imports use too much already.
    """
    soonest, latest = next(bounds for orders, *bounds in _APART if load.orders_per_day > orders)
    now = _minutes_now(load) if load.share > HALF_USED and _is_import(_most(load)) else 0
    room = PLANNED * load.allowed
    apart = [each for each in INTERVALS_MIN if each >= soonest and each > now]
    least = next((each for each in apart if forecast(load, minutes=each).total <= room), HOUR_MIN)
    if least <= now:
        least = math.ceil(2 * now / HOUR_MIN) * HOUR_MIN
    return least, max(least, latest)


def _minutes_now(load: Load) -> float:
    runs = sum(hit.runs for hit in load.hits if _is_import(hit))
    return DAY_MIN * load.accounts / max(1, runs)


def _fitting_days(load: Load, day: Forecast) -> int:
    """Return how many days a daily catch-up of what the marketplace ships may look back, 0 where it is not to blame."""
    if day.recheck <= day.doublecheck:
        return 0
    left = NEARLY_USED_UP * load.allowed - (day.total - day.recheck)
    days = math.floor(left * load.orders_per_call / load.orders[Fulfilment.MARKETPLACE])
    return min(max(days, FEWEST_DAYS), load.reading.recheck_days)


def _most(load: Load) -> Hit:
    return max(load.hits, key=lambda hit: hit.calls)


def _is_import(hit: Hit) -> bool:
    return hit.task is Task.ORDERS_IMPORT and not CATCH_UPS & set(hit.modes)


def _polls(load: Load, *, minutes: int) -> int:
    """Return what a day takes of reading, every so many minutes, what moved since the time before."""
    window = (timedelta(minutes=minutes) + load.reading.overlap) / timedelta(days=1)
    moved = load.orders_per_day * MOVES * window / load.accounts
    return math.ceil(load.accounts * DAY_MIN / minutes * _pages(load, moved))


def _pages(load: Load, orders: float) -> int:
    return max(1, math.ceil(orders / load.orders_per_call))


def _used(load: Load) -> dict[str, Param]:
    return {**_allowance(load), "calls": load.calls, "share": round(load.share * 100)}


def _allowance(load: Load) -> dict[str, Param]:
    return {"operation": load.operation, "allowed": math.floor(load.allowed)}


def _advice(key: str, **params: Param) -> Advice:
    return Advice(code="QUOTA_ADVICE", key=key, params=params)


def _number(orders: float) -> float:
    return round(orders) if orders >= 10 else round(orders, 1)


def _shown(value: Param, language: Language) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace(".", ",") if isinstance(value, float) and language == "fr" else text
