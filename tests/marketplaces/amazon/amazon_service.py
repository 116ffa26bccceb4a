"""The whole service in one process between the sandbox's region and the embedded shop.

Every call of the service and its answer are held to Amazon's model files.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from app.domain.task import RunStatus
from app.shops.embedded import parcels
from app.store import embedded
from app.store.tables import metadata
from tests.api.service import Service, a_service, body
from tests.marketplaces.amazon.held_to_models import HeldToModels
from tests.support.databases import connected
from tests.tasks.sandbox_service import HOUR_S, SHOP, Json, Report

ACCOUNT = "amazon"
# Until an order that was just made is found by a search.
FOUND_AFTER_S = 300


@dataclass
class Gateway(httpx.AsyncBaseTransport):
    """The way to the region: it keeps what was asked, can refuse it by itself, and change orders on their way back."""

    network: httpx.AsyncBaseTransport
    refuse: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
    change: Callable[[Json], Json] | None = None
    asked: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        refused = self.refuse(request)
        if refused is not None:
            return refused
        response = await self.network.handle_async_request(request)
        if self.change is None or "/orders/2026-01-01/" not in request.url.path or response.status_code != 200:
            return response
        answer = json.loads(await response.aread())
        changed = [self.change(record) for record in answer.get("orders", [answer.get("order")])]
        return httpx.Response(200, json=answer | ({"orders": changed} if "orders" in answer else {"order": changed[0]}))


class AmazonService:
    """Both sides of the service, and the URLs of one account."""

    def __init__(self, service: Service, gateway: Gateway, held: HeldToModels) -> None:
        self.api, self.gateway, self.held = service, gateway, held

    # The service.

    def run(self, task: str = "orders-import", **asked: Any) -> Report:
        """Hit a cron URL and return the full report of its run."""
        return Report(self.answer(task, **asked)[1])

    def answer(self, task: str = "orders-import", **asked: Any) -> tuple[int, Json]:
        """Hit a cron URL and return its status and answer."""
        answer = self.api.hit(task, account=ACCOUNT, detail="full", wait="50", **asked)
        assert answer.status_code in (200, 500), answer.text
        return answer.status_code, body(answer)

    def went_on(self, report: Report) -> Report:
        """Let time pass until a paused run goes on by itself, and return the report of the run that does."""
        assert report.status == RunStatus.PAUSED, report.answer
        resume_at = datetime.fromisoformat(report.answer["resume_at"])
        self.pass_time((resume_at - self.api.clock.now()).total_seconds() + 1)
        self.api.wait_for(self.api.system.ticker.tick())
        row = self.api.runs()[0]
        assert row.continues == report.run_id
        self.api.wait_for(self.api.system.service.wait(row.id, seconds=50))
        return self.report(row.id)

    def report(self, run_id: str) -> Report:
        token = self.api.system.accounts.cron_token(self.api.account(ACCOUNT))
        answer = self.api.get(f"/runs/{run_id}", headers={"X-Cron-Token": token})
        assert answer.status_code == 200, answer.text
        return Report(body(answer))

    def gone_on(self, report: Report, *, hours: float) -> list[Report]:
        """Let a paused run go on by itself for so long; returns every report, the first one first."""
        until, reports = self.api.clock.now() + timedelta(hours=hours), [report]
        while reports[-1].status == RunStatus.PAUSED and self.api.clock.now() < until:
            reports.append(self.went_on(reports[-1]))
        return reports

    def pass_time(self, seconds: float) -> None:
        self.api.clock.advance(seconds)

    def pass_hours(self, hours: float) -> None:
        self.pass_time(hours * HOUR_S)

    def intake(self, order_id: str) -> tuple[str, str]:
        """Return where an order stands in the ledger, and why."""
        [row] = [row for row in self.rows("ledger") if row["order_id"] == order_id]
        return row["intake"], row["code"]

    def cursor(self) -> datetime | None:
        """Return up to when all orders were read."""
        moments = [row["moment"] for row in self.rows("cursors") if row["task"] == "orders-import"]
        return moments[0] if moments else None

    def rows(self, table: str) -> list[Json]:
        with connected(self.api.system.store.url) as connection:
            return [dict(row) for row in connection.execute(sa.select(metadata.tables[table])).mappings()]

    # The marketplace.

    def make(self, count: int = 1, **values: Any) -> list[str]:
        """Make orders that are to be shipped, and let the search find them, unless told otherwise."""
        wanted = {"count": count, "state": "to_ship", "payment": "ok", "store": "FR", **values}
        if "late_payment_h" not in values:
            wanted.setdefault("payment_delay_s", 600)
        ids: list[str] = self.api.control("POST", "amazon/orders", **wanted)["ids"]
        return ids

    def change(self, order_id: str, **change: Any) -> None:
        self.api.control("POST", f"amazon/orders/{order_id}", **change)

    def switch(self, **switches: Any) -> None:
        self.api.control("POST", "amazon/switches", **switches)

    def fault(self, kind: str, **values: Any) -> None:
        self.api.control("POST", "amazon/faults", kind=kind, **values)

    def state(self) -> Json:
        return dict(self.api.control("GET", "amazon/state"))

    def calls(self, operation: str) -> int:
        return int(self.state()["calls"].get(operation, 0))

    def order(self, order_id: str) -> Json:
        [found] = [order for order in self.state()["orders"] if order["id"] == order_id]
        return dict(found)

    def refused(self, operation: str) -> int:
        return int(self.state()["refused"].get(operation, 0))

    # The shop.

    def set(self, **settings: Any) -> None:
        self.api.wait_for(self.api.system.accounts.change(ACCOUNT, settings))

    def put_product(self, sku: str, *, quantity: int) -> None:
        store, now = self.api.system.store, self.api.clock.now()
        product = embedded.Product(sku=sku, title=sku, ean="", price=Decimal("9.90"), quantity=quantity)
        self.api.wait_for(store.write(embedded.save_products, SHOP, products=[product], now=now))

    def shop_orders(self) -> Counter[str]:
        """Return how often each order stands in the shop."""
        return Counter(str(row["marketplace_order_id"]) for row in self.rows("embedded_orders"))

    def shop_order(self, order_id: str) -> Json:
        [row] = [row for row in self.rows("embedded_orders") if row["marketplace_order_id"] == order_id]
        return row

    def ship(self, order_id: str, *, carrier: str = "Colissimo", number: str = "8R00000000001") -> None:
        """Let a parcel with everything leave the shop."""
        store, now = self.api.system.store, self.api.clock.now()
        parcel = embedded.ShipRequest(carrier=carrier, number=number)
        self.api.wait_for(parcels.ship(store, SHOP, order=order_id, request=parcel, now=now))

    def stock(self, sku: str) -> int:
        products = self.api.wait_for(self.api.system.store.read(embedded.products_after, SHOP))
        return next(int(product.quantity) for product in products if product.sku == sku)


@contextmanager
def an_amazon_service(folder: Path, *, template: Path, shop: str = SHOP, **values: Any) -> Iterator[AmazonService]:
    """Yield a merchant whose orders of the last thirty days count; `values` are settings of the account."""
    with capture_logs(), a_service(folder, template=template, unknown_outcome_wait_s=0.0) as service:
        held = HeldToModels(service.network._world, prefix="/amazon")
        gateway = service.network._world = Gateway(held)
        service.stock_the_shop()
        credentials = service.control("GET", "credentials")
        made = AmazonService(service, gateway, held)
        made.switch(late_payment_rate=0.0, refused_payment_rate=0.0)
        if shop != SHOP:
            reach = credentials["shops"][shop]
            adding = service.system.shops.add(shop, kind_name=shop, values={**reach["settings"], **reach["secrets"]})
            service.wait_for(adding)
        given = {**credentials["amazon"]["settings"], **credentials["amazon"]["secrets"], "start_from": "30d", **values}
        account = service.system.accounts.add(ACCOUNT, platform_name="amazon", shop_name=shop, values=given, test=True)
        service.wait_for(account)
        yield made
    assert held.faults == []


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[AmazonService]:
    with an_amazon_service(tmp_path, template=sqlite_template) as made:
        yield made
