"""100,000 offers: the marketplace's own are read and all are sent, then the one in a hundred that changed.

Our own time is what the run took less what its calls did, or its processor time where that is more (answers are parsed
inside a call).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tests.bench.figures import Figure
from tests.bench.processes import (
    ACCOUNT,
    Cost,
    begin,
    bytes_sent,
    cost,
    ended,
    products,
    put_on_sale,
    sandbox_and_service,
)
from tests.support.marketplace import SandboxServer as Marketplace
from tests.support.service_process import ServiceProcess as Service

CHANGED_EVERY = 100
# Until the sandbox has worked through its files.
FILES_DONE_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """So many offers are put on sale beside those that the sandbox begins with."""

    offers: int


FULL = Size(offers=100_000)
TINY = Size(offers=200)


def measure(size: Size) -> list[Figure]:
    """Return time, bytes and memory of a full send and of one with few changes."""
    with sandbox_and_service() as (marketplace, service):
        put_on_sale(marketplace, size.offers)
        stock = products(marketplace)
        service.load(stock)
        service.add_account(ACCOUNT, marketplace.connection())
        service.start()
        full_s, full_wall_s, full_bytes, full = _sent(marketplace, service, full=1)
        marketplace.advance(FILES_DONE_S)
        changed = [
            replace(product, quantity=product.quantity + 1, price=product.price + Decimal("0.10"))
            for product in stock[::CHANGED_EVERY]
        ]
        service.load(changed)
        few_s, _, few_bytes, few = _sent(marketplace, service)
    part, share = "offers_100k", few_bytes / full_bytes * 100
    return [
        Figure(part=part, name="full send, our own time", value=full_s, unit="s", at_most=60),
        Figure(part=part, name="full send, processor time", value=full.cpu_s, unit="s"),
        Figure(part=part, name="full send, whole run", value=full_wall_s, unit="s"),
        Figure(part=part, name="full send, bytes", value=full_bytes),
        Figure(part=part, name="1 % changed, our own time", value=few_s, unit="s"),
        Figure(part=part, name="1 % changed, bytes", value=few_bytes),
        Figure(part=part, name="1 % changed, share of the bytes", value=share, unit="%", at_most=1.5),
        Figure(part=part, name="peak memory", value=max(full.peak_mb, few.peak_mb), unit="MB", at_most=200),
    ]


def _sent(marketplace: Marketplace, service: Service, **parameters: int) -> tuple[float, float, int, Cost]:
    """Return our own seconds, those of the whole run, the bytes of its files, and what it cost."""
    sent_before, before = bytes_sent(marketplace), cost(service)
    run = ended(service, begin(service, "offers-send", **parameters))
    after = cost(service)
    used = Cost(cpu_s=after.cpu_s - before.cpu_s, calls_s=after.calls_s - before.calls_s, peak_mb=after.peak_mb)
    own_s = max(run.seconds - used.calls_s, used.cpu_s)
    return own_s, run.seconds, bytes_sent(marketplace) - sent_before, used
