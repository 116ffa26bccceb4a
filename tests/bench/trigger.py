"""How long a hit takes until it is recorded and answered, at eight callers over real HTTP.

Each hit is a rehearsal of one order nobody has, so each writes a run of its own, and that run is executed too. The bare
route is hit in turns with it, so that both meet the same machine.
"""

import time

from app.store.embedded import Product
from tests.bench.actors import ACCOUNT, active_runs, bare_service, begin, ended, hits, products, stage
from tests.bench.figures import Figure, percentile
from tests.support.service import Service

CALLERS = 8
TURNS = 4
TURN_S = 3.0
# Long enough for all turns that are taken beside it.
IMPORTED_MEANWHILE = 4_000
PIECES = 1_000_000


def measure() -> list[Figure]:
    """Return the figures of hits while the service has nothing else to do, and during an import."""
    with stage() as (marketplace, service), bare_service() as bare:
        stock: list[Product] = products(marketplace, quantity=PIECES)
        service.load(stock)
        service.add_account(ACCOUNT, marketplace.connection())
        service.start()
        _turns(service, bare, turns=1, seconds=1.0, first=0)
        idle = _turns(service, bare, turns=TURNS, seconds=TURN_S, first=1_000_000)
        marketplace.seed(IMPORTED_MEANWHILE, "to_ship")
        run_id = begin(service, "orders-import")
        busy = _turns(service, bare, turns=TURNS // 2, seconds=TURN_S, first=2_000_000, beside=1)
        if not active_runs(service):
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
        Figure(part=part, name="p99 ÷ bare route's, during an import", value=hit_busy / bare_busy),
        Figure(part=part, name="hits measured", value=len(idle[0]) + len(busy[0])),
    ]


def _turns(
    service: Service, bare: Service, *, turns: int, seconds: float, first: int, beside: int = 0
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of hits and of the bare route; `beside` runs are under way all the time."""
    of_hits: list[float] = []
    of_bare: list[float] = []
    path = f"/cron/{ACCOUNT}/orders-import?dry_run=1&wait=0&order_id=NOBODYS-{{n}}"
    headers = {"X-Cron-Token": service.tokens[ACCOUNT]}
    for turn in range(turns):
        of_hits += hits(service, path, headers=headers, callers=CALLERS, seconds=seconds, first=first + turn * 100_000)
        while active_runs(service) > beside:
            time.sleep(0.05)
        of_bare += hits(bare, "/insert", headers={}, callers=CALLERS, seconds=seconds)
    return of_hits, of_bare
