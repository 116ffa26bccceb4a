"""Orders imported from Amazon, against the least time that its quota of order lists allows.

A call tells of a hundred orders and comes back after three minutes; twenty are kept. On a clock that jumps, only that
waiting takes business time: reading and creating is counted apart, in real seconds. Pauses at the deadline of a run and
the ticker that ends them are part of the figure, and so is a service that is restarted or dies half way.
"""

import asyncio
import math
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from app.domain.intake import Intake
from app.marketplaces.amazon.adapter import quota_scope
from app.marketplaces.amazon.client import PAGE_SIZE, AmazonClient, OrdersAsked
from app.marketplaces.amazon.config import AmazonConfig
from app.store import orders
from app.system import System
from app.transport.connector import Connector
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from tests.bench.figures import Figure
from tests.support.in_process import ADDRESS, NAME, Installation, Service

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
# What Amazon publishes of searchOrders: calls a second, and how many at once.
RATE, BURST = 0.0056, 20
UNTIL_FULL = timedelta(seconds=BURST / RATE)
LONGEST = timedelta(days=2)

Bucket = Literal["full", "empty"]
End = Literal["restarted", "killed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many orders are imported, and with how many of them the service ends half way."""

    counts: tuple[int, ...]
    cut_off: int


FULL = Size(counts=(100, 500, 2_000, 5_000), cut_off=2_000)
TINY = Size(counts=(40,), cut_off=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One import: of how many orders, with what in the bucket, and how the service ends half way."""

    orders: int
    bucket: Bucket
    end: End | None = None

    @property
    def name(self) -> str:
        return f"{self.orders:,} orders, {self.bucket}" + (f", {self.end}" if self.end else "")

    @property
    def pages(self) -> int:
        return math.ceil(self.orders / PAGE_SIZE)

    @property
    def least_s(self) -> float:
        """How long the quota alone keeps the last page back."""
        return max(0, self.pages - (BURST if self.bucket == "full" else 0)) / RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """When the last page was asked for and the last order was in the shop, counted from the hit; what that took."""

    last_call_s: float
    imported_s: float
    calls: int
    throttled: int
    own_s: float


def measure(size: Size) -> list[Figure]:
    """Return of each import when its last page was asked for and its last order made, and what that took."""
    cases = [Case(orders=count, bucket=bucket) for count in size.counts for bucket in ("full", "empty")]
    cases += [Case(orders=size.cut_off, bucket="empty", end=end) for end in ("restarted", "killed")]
    return [figure for case in cases for figure in _figures(case, asyncio.run(_imported(case)))]


def _figures(case: Case, seen: Imported) -> list[Figure]:
    part, most_s = "amazon_floor", round(1.02 * case.least_s + 1, 1)
    return [
        Figure(part=part, name=f"{case.name}: last call", value=seen.last_call_s, unit="s", at_most=most_s),
        Figure(part=part, name=f"{case.name}: all in the shop", value=seen.imported_s, unit="s", at_most=most_s),
        Figure(part=part, name=f"{case.name}: 429s", value=seen.throttled, at_most=0),
        Figure(part=part, name=f"{case.name}: calls", value=seen.calls, at_most=case.pages),
        Figure(part=part, name=f"{case.name}: our own time", value=seen.own_s, unit="s"),
    ]


async def _imported(case: Case) -> Imported:
    """Return one import; raises RuntimeError when not every order of it is in the shop at the end."""
    with tempfile.TemporaryDirectory(prefix="marketcron-bench-") as folder:
        installation = Installation(Path(folder), start=START)
        async with installation.service() as service:
            await _make_ready(installation, service.system, case)
            installation.network.sent.clear()
            installation.network.took_s, began, real = 0.0, installation.clock.now(), time.perf_counter()
            if case.end:
                ending = service.system.begin_stop if case.end == "restarted" else installation.kill
                installation.network.interrupt(ending, after=case.pages // 2)
            await service.hit()
            await service.through(within=LONGEST)
            if not case.end:
                imported_at = await _imported_at(service, case)
        if case.end:
            async with installation.service() as service:
                await service.through(within=LONGEST)
                imported_at = await _imported_at(service, case)
        # What is asked after that looks for orders that Amazon tells of late.
        calls = [sent.at for sent in installation.network.sent if sent.is_of_both_channels and sent.at <= imported_at]
        return Imported(
            last_call_s=(max(calls) - began).total_seconds(),
            imported_s=(imported_at - began).total_seconds(),
            calls=len(calls),
            throttled=installation.amazon.seller.throttled.total(),
            own_s=time.perf_counter() - real - installation.network.took_s,
        )


async def _make_ready(installation: Installation, system: System, case: Case) -> None:
    """Let the orders be there and the bucket hold what it should."""
    await installation.open_an_account(system)
    installation.amazon.create_orders({"count": case.orders, "state": "to_ship", "age": "2d"})
    installation.clock.advance(2 * UNTIL_FULL.total_seconds())
    if case.bucket == "empty":
        await _empty(installation, system)


async def _empty(installation: Installation, system: System) -> None:
    """Use the bucket up at once, as another task of this seller would."""
    reach = installation.amazon.credentials(ADDRESS)
    config = AmazonConfig.model_validate(reach["settings"] | reach["secrets"])
    connector = Connector(
        http=system.connections.http,
        clock=installation.clock,
        quotas=system.connections.quotas,
        references=system.connections.references,
        tokens=system.connections.tokens,
        meter=Meter(),
        deadline=Deadline(),
        before_write=_nothing,
    )
    client = AmazonClient(config, connector, quota_scope=quota_scope(config))
    asked = OrdersAsked(by="updated", since=installation.clock.now() - timedelta(minutes=10))
    for _ in range(BURST):
        await client.orders(asked)


async def _nothing() -> None:
    return None


async def _imported_at(service: Service, case: Case) -> datetime:
    """Return when the last order entered the shop."""
    store, account = service.system.store, await service.system.accounts.named(NAME)
    counts = await store.read(orders.intake_counts, account.id)
    imported_at = await store.read(orders.last_import_at, account.id)
    if counts != {Intake.IMPORTED: case.orders} or imported_at is None:
        raise RuntimeError(f"{case.orders} orders should have been imported: {counts}")
    return imported_at
