"""Calls through a tight quota: when the last of them goes, against what the quota's arithmetic allows.

A strict bucket stands on the other side: it counts from the first request that arrives, and refuses what comes early.
"""

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from app.clock import JumpingClock
from app.store import migrate
from app.store.engine import Store
from app.transport.quotas import Quota
from tests.bench.figures import Figure
from tests.bench.processes import together
from tests.bench.quota_user import gate, let_through

TIGHT = Quota(burst=20, interval_s=0.2)
CALLERS = 4
# A request that travels faster than the one before it must not arrive too early.
TRAVEL_S = (0.005, 0.045)
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

PROCESSES = 2
# No faster than real time: what the machine does beside it would count as that much longer travel.
SPEED = 1.0
UNTIL_BOTH_STAND_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """So many calls on the clock that jumps, and so many by two processes in real time."""

    calls: int
    shared_calls: int


FULL = Size(calls=400, shared_calls=120)
TINY = Size(calls=40, shared_calls=24)


def measure(size: Size) -> list[Figure]:
    """Return ratio and refusals in one unit, with a restart in the middle, and with two processes."""
    part = "quota_ratio"
    figures = []
    for name, ratio, refusals in (
        ("one process", *_jumping(size.calls, restarts=0)),
        ("restart in the middle", *_jumping(size.calls, restarts=1)),
        ("two processes", *_two_processes(size.shared_calls)),
    ):
        figures += [
            Figure(part=part, name=name, value=ratio, at_most=1.02),
            Figure(part=part, name=f"{name}, 429s", value=refusals, at_most=0),
        ]
    return figures


def refused(arrivals: Sequence[float], quota: Quota) -> int:
    """Return how many of these arrivals a strict bucket refuses; a refused one takes no token."""
    full_at, refusals = 0.0, 0
    for arrival in sorted(arrivals):
        debt = max(0.0, full_at - arrival)
        if debt + quota.interval_s > quota.burst * quota.interval_s + 1e-6:
            refusals += 1
        else:
            full_at = arrival + debt + quota.interval_s
    return refusals


def _ratio(arrivals: Sequence[float], quota: Quota, *, began: float) -> float:
    return (max(arrivals) - began) / ((len(arrivals) - quota.burst) * quota.interval_s)


def _jumping(calls: int, *, restarts: int) -> tuple[float, int]:
    """Return ratio and refusals on a clock that jumps; a restart opens the database again."""

    async def all_lives(url: str) -> list[float]:
        clock = JumpingClock(START)
        draw = random.Random(1)
        arrivals: list[float] = []
        for _ in range(restarts + 1):
            store = Store(url)
            clock.busy = [partial(_works, store)]
            turns = iter([draw.uniform(*TRAVEL_S) for _ in range(calls // (restarts + 1))])
            way = gate(store, clock)
            parts = await asyncio.gather(*(let_through(way, clock, TIGHT, turns) for _ in range(CALLERS)))
            arrivals += [arrival for part in parts for arrival in part]
            store.close()
        return arrivals

    with tempfile.TemporaryDirectory(prefix="marketcron-bench-") as folder:
        arrivals = asyncio.run(all_lives(_database(folder)))
    return _ratio(arrivals, TIGHT, began=START.timestamp()), refused(arrivals, TIGHT)


def _works(store: Store) -> bool:
    return store.in_flight > 0


def _two_processes(calls: int) -> tuple[float, int]:
    """Return ratio and refusals of two processes that share a database and a fast clock."""
    with tempfile.TemporaryDirectory(prefix="marketcron-bench-") as folder:
        base = datetime.now(UTC)
        begin_at = time.time() + UNTIL_BOTH_STAND_S
        values = {
            "database": _database(folder),
            "base": base.isoformat(),
            "speed": SPEED,
            "begin_at": begin_at,
            "burst": TIGHT.burst,
            "interval_s": TIGHT.interval_s,
            "calls": calls // PROCESSES,
            "callers": CALLERS // PROCESSES,
        }
        arrivals = [
            float(arrival)
            for said in together([("tests.bench.quota_user", values)] * PROCESSES)
            for arrival in json.loads(said)
        ]
    began = base.timestamp() + (begin_at - base.timestamp()) * SPEED
    return _ratio(arrivals, TIGHT, began=began), refused(arrivals, TIGHT)


def _database(folder: str) -> str:
    url = f"sqlite:///{Path(folder) / 'quotas.db'}"
    migrate.upgrade(url)
    return url
