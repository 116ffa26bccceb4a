"""Callers who share a quota with other processes, on a clock that runs faster than real time.

Told on standard input as JSON: `database`, `base` and `speed` of the clock, `begin_at` (real time), `burst`,
`interval_s`, `calls`, `callers`. Prints the business times at which its calls were let through as a JSON list.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app.clock import Clock, ScaledClock
from app.domain.task import Priority
from app.store.engine import Store
from app.store.quotas import StoredQuotas
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.quotas import Quota, QuotaGate

OPERATION = "LIST"
PATIENCE = timedelta(days=30)


def gate(store: Store, clock: Clock) -> QuotaGate:
    """Return the way through the quotas of a database, as a run has it."""
    return QuotaGate(
        quotas=StoredQuotas(store),
        clock=clock,
        meter=Meter(),
        deadline=Deadline(clock.now() + PATIENCE),
        service="bench",
        side="marketplace",
        scope="seller",
    )


async def let_through(way: QuotaGate, clock: Clock, quota: Quota, turns: Iterator[float]) -> list[float]:
    """Call once for each turn, whose value is how long the request travels; returns when each of them arrived."""
    arrivals = []
    for travels_s in turns:
        await way.enter(OPERATION, quota=quota, priority=Priority.LIVE)
        if travels_s:
            await clock.sleep(travels_s)
        arrivals.append(clock.now().timestamp())
    return arrivals


async def main(values: dict[str, Any]) -> list[float]:
    store = Store(values["database"])
    clock = ScaledClock(speed=values["speed"], base=datetime.fromisoformat(values["base"]))
    quota = Quota(burst=values["burst"], interval_s=values["interval_s"])
    turns = iter([0.0] * values["calls"])
    await asyncio.sleep(values["begin_at"] - time.time())
    way = gate(store, clock)
    parts = await asyncio.gather(*(let_through(way, clock, quota, turns) for _ in range(values["callers"])))
    store.close()
    return [arrival for part in parts for arrival in part]


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.load(sys.stdin))), sys.stdout)
