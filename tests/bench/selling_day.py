"""A seller's day at Amazon: how much of its quota of order lists our imports use up.

Half of the orders are shipped by Amazon, one to three days later; the merchant sends the others the next day. The URL
of the import is hit every hour, its catch-ups once a day. Amazon lives on before we know of it, so that the catch-ups
read what they read for ever after; the day that counts is the last one.
"""

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.task import Mode
from tests.bench.figures import Figure
from tests.support.in_process import Installation, Service

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Amazon's searchOrders, in a day.
CALLS_A_DAY = 0.0056 * DAY.total_seconds()
PICKING_H = (24, 48, 72)
READY_AFTER = DAY
CATCH_UPS = {4: Mode.RECHECK, 5: Mode.DOUBLECHECK}
SEARCH = "searchOrders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Orders a day, the days of them before the account is added, and the days from then on."""

    orders: int
    days_before: int
    days: int


# The widest catch-up looks back 16 days.
FULL = Size(orders=500, days_before=15, days=3)
TINY = Size(orders=12, days_before=1, days=1)


def measure(size: Size) -> list[Figure]:
    """Return the calls of the last day, and how much of the quota of order lists they are."""
    part = "amazon_day"
    calls, throttled, own_s = asyncio.run(_lived(size))
    share = 100 * calls[SEARCH] / CALLS_A_DAY
    return [
        Figure(part=part, name=f"{size.orders} orders, share of {SEARCH}", value=share, unit="%", at_most=45),
        Figure(part=part, name="429s", value=throttled, at_most=0),
        *(Figure(part=part, name=f"{name} calls", value=count) for name, count in sorted(calls.items())),
        Figure(part=part, name="our own time", value=own_s, unit="s"),
    ]


async def _lived(size: Size) -> tuple[Counter[str], int, float]:
    """Return the calls of the last day by operation, the 429s of all days, and our own real seconds in a day."""
    with tempfile.TemporaryDirectory(prefix="marketcron-bench-") as folder:
        installation = Installation(Path(folder), start=START)
        for hour in range(size.days_before * 24):
            _happens(installation, size, hour)
            installation.move_to(installation.clock.now() + HOUR)
        async with installation.service() as service:
            await installation.open_an_account(service.system, start_from="1d")
            for day in range(size.days):
                before, began, installation.network.took_s = (
                    Counter(installation.amazon.seller.calls),
                    time.perf_counter(),
                    0.0,
                )
                await _day(installation, service, size, day)
            own_s = time.perf_counter() - began - installation.network.took_s
        seller = installation.amazon.seller
        return seller.calls - before, seller.throttled.total(), own_s


async def _day(installation: Installation, service: Service, size: Size, day: int) -> None:
    midnight = START + (size.days_before + day) * DAY
    for hour in range(24):
        await service.until(midnight + hour * HOUR)
        _happens(installation, size, hour)
        await service.hit()
        if hour in CATCH_UPS:
            await service.hit(CATCH_UPS[hour])
    await service.until(midnight + DAY)


def _happens(installation: Installation, size: Size, hour: int) -> None:
    """Let orders come over the day that begins, and what the merchant has had ready for a day leave."""
    amazon, now = installation.amazon, installation.clock.now()
    amazon.seller.schedule.settle(now)
    if hour % 24 == 0:
        values, half = {"state": "pending", "over": "1d"}, size.orders // 2
        amazon.create_orders({**values, "count": half})
        for place, hours in enumerate(PICKING_H):
            picked = {"fulfilment": "marketplace", "picking_s": hours * HOUR.total_seconds()}
            amazon.create_orders({**values, **picked, "count": (half + place) // len(PICKING_H)})
    for order in list(amazon.seller.orders.values()):
        if order.state == "UNSHIPPED" and not order.by_amazon and order.updated <= now - READY_AFTER:
            amazon.change_order(order.order_id, {"state": "shipped"})
