"""Orders imported a second, from the hit to the end of the run: read over HTTP, kept, created, checked, settled.

Small imports stand on both sides of the large one, so that what the machine does beside it meets both.
"""

import statistics
from dataclasses import dataclass

from tests.bench.figures import Figure
from tests.bench.processes import ACCOUNT, Cost, Ended, begin, cost, ended, products, sandbox_and_service

UNITS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Orders of the import in the middle, and of those on both sides of it."""

    small: int
    large: int


FULL = Size(small=1_000, large=10_000)
TINY = Size(small=20, large=40)


def measure(size: Size) -> list[Figure]:
    """Return the rates of a small and a large import, and their memory."""
    before, large, after = _imported(size.small), _imported(size.large), _imported(size.small)
    small = [before, after]
    rate = statistics.mean(size.small / run.seconds for run, _ in small)
    large_rate = size.large / large[0].seconds
    peak = max(used.peak_mb for _, used in small)
    own_ms, waited_ms = (1000 * seconds / size.large for seconds in (large[1].cpu_s, large[1].calls_s))
    part = "import_orders_per_s"
    return [
        Figure(part=part, name=f"{size.small:,} orders", value=rate, unit="/s", at_least=150),
        Figure(part=part, name=f"{size.large:,} orders", value=large_rate, unit="/s", at_least=150),
        Figure(part=part, name=f"{size.large:,} ÷ {size.small:,}", value=large_rate / rate, at_least=0.9),
        Figure(part=part, name="processor time an order", value=own_ms, unit="ms"),
        Figure(part=part, name="waited for the sandbox an order", value=waited_ms, unit="ms"),
        Figure(part=part, name=f"peak memory, {size.small:,} orders", value=peak, unit="MB"),
        Figure(part=part, name=f"peak memory, {size.large:,} orders", value=large[1].peak_mb, unit="MB"),
        Figure(part=part, name="memory growth", value=large[1].peak_mb - peak, unit="MB", at_most=20),
    ]


def _imported(count: int) -> tuple[Ended, Cost]:
    """Return one import of so many orders by a new service, and what it cost."""
    with sandbox_and_service() as (marketplace, service):
        service.load(products(marketplace, quantity=UNITS))
        service.add_account(ACCOUNT, marketplace.connection())
        marketplace.seed(count, "to_ship")
        service.start()
        before = cost(service)
        run = ended(service, begin(service, "orders-import"))
        after = cost(service)
    if run.counts["imported"] != count:
        raise RuntimeError(f"{count} orders should have been imported: {run.counts}")
    used = Cost(cpu_s=after.cpu_s - before.cpu_s, calls_s=after.calls_s - before.calls_s, peak_mb=after.peak_mb)
    return run, used
