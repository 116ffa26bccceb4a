"""How long a hit takes until it is recorded and answered, at eight callers over real HTTP.

A hit is what a cron service sends: `GET /cron/ACCOUNT/TASK` with the account's token, over a new connection, with
`wait=0`; its time ends with the last byte of the answer, when the run's row is committed. Hits go to eight accounts in
turn. Half of them are the plain URL of a task: while an equal run is under way they join it, else they begin one. The
other half ask for one order each, so each begins a run. Minimum intervals are off: a hit too soon begins no run and
would be cheaper. The service executes all these runs meanwhile; those that are left are waited for after each turn.

The bare route is hit in turns with it, so that both meet the same machine.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.figures import Figure, percentile
from tests.bench.processes import (
    ACCOUNT,
    SANDBOX_ACCOUNTS,
    Hit,
    active_runs,
    add_accounts,
    bare_service,
    begin,
    ended,
    hits,
    products,
    sandbox_and_service,
)
from tests.support.service_process import ServiceProcess as Service

CALLERS = 8
UNITS = 1_000_000
OTHERS = tuple(f"mirakl-{number}" for number in range(1, 8))
RUNS_LEFT_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """So many turns of so many seconds, and an import that outlasts those beside it."""

    idle_turns: int
    busy_turns: int
    seconds: float
    imported_meanwhile: int


FULL = Size(idle_turns=5, busy_turns=3, seconds=2.0, imported_meanwhile=6_000)
TINY = Size(idle_turns=1, busy_turns=1, seconds=0.1, imported_meanwhile=300)


def measure(size: Size) -> list[Figure]:
    """Return the figures of hits while the service has nothing else to do, and during an import."""
    with sandbox_and_service() as (marketplace, service), bare_service() as bare:
        service.load(products(marketplace, quantity=UNITS))
        service.add_account(ACCOUNT, marketplace.connection())
        add_accounts(service, OTHERS, marketplace.connection(SANDBOX_ACCOUNTS[1]))
        service.start()
        _turns(service, bare, turns=1, seconds=size.seconds / 2, first=0)
        idle = _turns(service, bare, turns=size.idle_turns, seconds=size.seconds, first=1_000_000)
        marketplace.seed(size.imported_meanwhile, "to_ship")
        run_id = begin(service, "orders-import")
        busy = _turns(service, bare, turns=size.busy_turns, seconds=size.seconds, first=2_000_000, beside=run_id)
        if run_id not in active_runs(service):
            raise RuntimeError("the import ended before the hits beside it did; let it import more orders")
        ended(service, run_id)
    bare_idle, bare_busy = percentile(idle[1], 0.99), percentile(busy[1], 0.99)
    hit_idle, hit_busy = percentile(idle[0], 0.99), percentile(busy[0], 0.99)
    part = "trigger_ms"
    return [
        Figure(part=part, name="p99, idle", value=hit_idle, unit="ms", at_most=120),
        Figure(part=part, name="p50, idle", value=percentile(idle[0], 0.5), unit="ms"),
        Figure(part=part, name="bare route p99, idle", value=bare_idle, unit="ms"),
        Figure(part=part, name="bare route p50, idle", value=percentile(idle[1], 0.5), unit="ms"),
        Figure(part=part, name="p99 ÷ bare route's, idle", value=hit_idle / bare_idle, at_most=3),
        Figure(part=part, name="p99, during an import", value=hit_busy, unit="ms", at_most=150),
        Figure(part=part, name="p50, during an import", value=percentile(busy[0], 0.5), unit="ms"),
        Figure(part=part, name="p99 ÷ bare route's, during an import", value=hit_busy / bare_busy, at_most=3),
        Figure(part=part, name="hits measured", value=len(idle[0]) + len(busy[0])),
    ]


def _turns(
    service: Service, bare: Service, *, turns: int, seconds: float, first: int, beside: str = ""
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of hits and of the bare route; the run `beside` is under way all the time."""
    of_hits: list[float] = []
    of_bare: list[float] = []
    mix = _mix(service)
    for turn in range(turns):
        of_hits += hits(service, mix, callers=CALLERS, seconds=seconds, first=first + turn * 100_000)
        while set(active_runs(service)) - {beside}:
            time.sleep(RUNS_LEFT_POLL_S)
        of_bare += hits(bare, [Hit("/insert")], callers=CALLERS, seconds=seconds)
    return of_hits, of_bare


def _mix(service: Service) -> Sequence[Hit]:
    """Return hits of every account: plain ones of two tasks, and as many for an order that nobody has."""
    paths = (
        "/cron/{account}/orders-import?wait=0",
        "/cron/{account}/orders-import?wait=0&dry_run=1&order_id=NOBODYS-{{n}}",
        "/cron/{account}/orders-accept?wait=0",
        "/cron/{account}/orders-import?wait=0&dry_run=1&order_id=NOBODYS-{{n}}",
    )
    return [
        Hit(path.format(account=account), {"X-Cron-Token": service.tokens[account]})
        for path in paths
        for account in (ACCOUNT, *OTHERS)
    ]
