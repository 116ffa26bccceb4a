"""A month of Amazon: payments days late, parcels of Amazon's own that leave a week later, orders that are found an hour
after they changed, and calls that fail. Every order enters the shop once or is cancelled, whoever forgot a catch-up and
however long the service was away; a window of a day, read once a day, loses some of the same orders.
"""

import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.task import Mode
from app.sandbox.amazon.orders.order import Order
from app.sandbox.faults import FaultRequest
from tests.support.aio import run
from tests.support.in_process import PLENTY, Installation
from tests.support.snapshot import Snapshot, read_snapshot

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
H = 3600

# What is sold, and how many of forty a day. The longest way of an order is six days.
SOLD: tuple[tuple[int, Mapping[str, Any]], ...] = (
    (8, {}),
    *((1, {"late_payment_h": hours}) for hours in (7, 26, 50, 96, 119)),
    (1, {"payment": "refused", "late_payment_h": 72}),
    (1, {"cancel_after_s": 3 * H}),
    (1, {"cancel_after_s": 30 * H}),
    (2, {"cancel_request": True}),
    (1, {"replacement": True}),
    (5, {"fulfilment": "marketplace", "picking_s": 2 * H}),
    (5, {"fulfilment": "marketplace", "picking_s": 20 * H}),
    (4, {"fulfilment": "marketplace", "picking_s": 60 * H}),
    (1, {"fulfilment": "marketplace", "picking_s": 143 * H}),
    (1, {"fulfilment": "marketplace", "picking_s": 5 * H, "late_payment_h": 119}),
    (1, {"fulfilment": "marketplace", "picking_s": 40 * H, "late_payment_h": 90}),
    (1, {"fulfilment": "marketplace", "payment": "refused", "late_payment_h": 30}),
    (1, {"fulfilment": "marketplace", "cancel_after_s": 10 * H}),
    (2, {"fulfilment": "marketplace", "mcf": True}),
)
PER_DAY = 40
TAIL_DAYS = 7
# The buyer changes his mind again.
TAKEN_BACK_AFTER = timedelta(hours=20)
CATCH_UP_HOUR, PLAIN_HOUR = 4, 7
FAULTS = ("http_500", "http_503", "timeout", "reset", "malformed", "lost_ack")
FAULT_RATE = 0.02
# How many changes are found late, by up to an hour.
LATE_RATE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many orders come for how many days; whether the catch-ups are hit; how long the service is away."""

    orders_a_day: int
    days: int
    catch_ups: bool = True
    away_days: int = 0

    @property
    def hours(self) -> range:
        return range((self.days + TAIL_DAYS) * 24)

    def is_up(self, hour: int) -> bool:
        gone = self.days // 2
        return not gone * 24 <= hour < (gone + self.away_days) * 24

    def is_hit(self, hour: int) -> bool:
        """Whether the cron hits the import: every hour, once nobody buys any more every six."""
        return hour < self.days * 24 or hour % 6 == 0


@dataclass
class Month:
    """What happens at Amazon, and what a reader of plain windows would have made of it."""

    installation: Installation
    plan: Plan
    cancel_requests: list[tuple[datetime, str]] = field(default_factory=list)
    by_creation: set[str] = field(default_factory=set)
    by_change: set[str] = field(default_factory=set)

    def happens(self, hour: int) -> None:
        """Let what is due in that hour happen at Amazon."""
        amazon, now = self.installation.amazon, self.installation.clock.now()
        amazon.seller.schedule.settle(now)
        if hour % 24 == 0 and hour < self.plan.days * 24:
            self._sell(now)
        while self.cancel_requests and self.cancel_requests[0][0] <= now:
            _, order_id = self.cancel_requests.pop(0)
            amazon.change_order(order_id, {"cancel_request": False})
        if hour % 24 == PLAIN_HOUR and self.plan.is_up(hour):
            self._read_plainly(now)

    def _sell(self, now: datetime) -> None:
        for share, values in SOLD:
            count = max(1, round(share * self.plan.orders_a_day / PER_DAY))
            sold = {"payment": "ok", **values, "count": count, "over": "1d", "state": "pending"}
            ids = self.installation.amazon.create_orders(sold)
            if values.get("cancel_request"):
                each = DAY / count
                self.cancel_requests += [
                    (now + each * (n + 1) + TAKEN_BACK_AFTER, order_id) for n, order_id in enumerate(ids)
                ]
        self.cancel_requests.sort()

    def _read_plainly(self, now: datetime) -> None:
        for order in self.installation.amazon.seller.orders.values():
            ready = order.state == "SHIPPED" or (order.state == "UNSHIPPED" and not order.by_amazon)
            seen = order.findable_at <= now and order.updated <= self.installation.amazon.seller.bound(now)
            if not ready or not seen or order.cancel_requested:
                continue
            if order.created >= now - DAY:
                self.by_creation.add(order.order_id)
            if order.updated >= now - DAY:
                self.by_change.add(order.order_id)

    def belonging(self) -> Iterator[Order]:
        """Yield the orders that should stand in the shop in the end."""
        for order in self.installation.amazon.seller.orders.values():
            if order.state != "CANCELLED" and not order.other_channel:
                yield order


async def lived(folder: Path, plan: Plan, *, database_url: str) -> Month:
    """Return the month once it is over and everything has settled."""
    installation = Installation(folder, start=START, database_url=database_url)
    month = Month(installation, plan)
    async with installation.service() as service:
        await installation.open_an_account(service.system)
    installation.amazon.set_switches({"late_index_rate": LATE_RATE, "late_payment_rate": 0, "refused_payment_rate": 0})
    for operation in (None, "token"):
        for kind in FAULTS:
            trouble = {"kind": kind, "rate": FAULT_RATE / len(FAULTS), "operation": operation}
            installation.amazon.faults.add(
                FaultRequest.model_validate(trouble), operations=installation.amazon.operations
            )
    for up, hours in itertools.groupby(plan.hours, key=plan.is_up):
        if not up:
            for hour in hours:
                installation.move_to(START + timedelta(hours=hour))
                month.happens(hour)
            continue
        async with installation.service() as service:
            for hour in hours:
                await service.until(START + timedelta(hours=hour))
                month.happens(hour)
                if plan.is_hit(hour):
                    await service.hit()
                if plan.catch_ups and hour % 24 == CATCH_UP_HOUR:
                    await service.hit(Mode.RECHECK)
                    await service.hit(Mode.DOUBLECHECK)
    return month


TINY, SMALL, MONTH = (Plan(orders_a_day=n, days=days) for n, days in ((15, 5), (40, 8), (300, 30)))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(replace(TINY, catch_ups=False, away_days=3), id="tiny-forgetful-away"),
        pytest.param(SMALL, id="small", marks=pytest.mark.long),
        pytest.param(replace(SMALL, catch_ups=False, away_days=3), id="small-forgetful-away", marks=pytest.mark.long),
        pytest.param(replace(SMALL, catch_ups=False), id="small-forgetful", marks=pytest.mark.long),
        pytest.param(replace(SMALL, away_days=3), id="small-away", marks=pytest.mark.long),
        pytest.param(MONTH, id="month", marks=pytest.mark.long),
        pytest.param(replace(MONTH, catch_ups=False, away_days=3), id="month-forgetful-away", marks=pytest.mark.long),
    ],
)
def test_every_order_of_a_month_is_imported_once_or_cancelled(tmp_path: Path, sqlite_url: str, plan: Plan) -> None:
    began = time.monotonic()

    month = run(lived(tmp_path, plan, database_url=sqlite_url))

    snapshot, seller = read_snapshot(sqlite_url), month.installation.amazon.seller
    assert differences(month, snapshot) == []
    assert dict(seller.throttled) == {}
    assert seller.faults.hits.total() > 0
    # What somebody would have lost who asks once a day for what was placed, or what changed, in the last day.
    belonging = {order.order_id for order in month.belonging()}
    by_creation, by_change = len(belonging - month.by_creation), len(belonging - month.by_change)
    sys.stdout.write(
        f"{plan}: {len(belonging)} orders, none lost ({by_creation} of a day's new ones, {by_change} of a day's "
        f"changes), {snapshot.reported['orders-import found_by_catch_up']} found by a catch-up, "
        f"{dict(seller.calls)}, {sum(snapshot.runs.values())} runs, {time.monotonic() - began:.0f} s\n"
    )
    assert by_creation > 0
    assert by_change > 0


def differences(month: Month, snapshot: Snapshot) -> list[str]:
    """Return in words everything in which Amazon and the shop disagree."""
    on_marketplace = {order["id"]: order for order in month.installation.amazon.state(offers=False)["orders"]}
    times = Counter(made.order_id for made in snapshot.orders)
    found = [f"{order_id} stands in the shop {n} times" for order_id, n in times.items() if n > 1]
    not_cancelled = {made.order_id: made for made in snapshot.orders if made.state != "cancelled"}
    belonging = {order.order_id for order in month.belonging()}
    found += [
        f"{_described(on_marketplace, each)} is missing: {snapshot.intakes.get(each)}"
        for each in belonging - not_cancelled.keys()
    ]
    found += [
        f"{_described(on_marketplace, each)} should not stand in the shop" for each in not_cancelled.keys() - belonging
    ]
    for order_id in belonging & not_cancelled.keys():
        made, order = not_cancelled[order_id], on_marketplace[order_id]
        if (made.total, made.currency) != (Decimal(order["total"]), order["currency"]):
            found.append(f"{order_id} costs {made.total} {made.currency}, not {order['total']} {order['currency']}")
    for order_id, intake in snapshot.intakes.items():
        if intake != ("imported" if order_id in belonging else "cancelled"):
            found.append(f"{_described(on_marketplace, order_id)} is {intake} in the ledger")
    sold: Counter[str] = Counter()
    for made in not_cancelled.values():
        if on_marketplace.get(made.order_id, {}).get("fulfilment") == "merchant":
            sold.update(made.units)
    found += [f"stock of {sku} is {left}" for sku, left in snapshot.stock.items() if left != PLENTY - sold[sku]]
    return found


def _described(on_marketplace: Mapping[str, Any], order_id: str) -> str:
    order = on_marketplace.get(order_id, {})
    return f"{order_id} ({order.get('fulfilment')}, {order.get('state')}, changed {order.get('last_updated')})"
