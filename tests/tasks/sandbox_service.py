"""The whole service in one process between the sandbox's marketplace and the embedded shop."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.task import RunStatus
from app.shops.embedded import parcels
from app.store import embedded, leases
from app.store.embedded import Product, ShipRequest
from app.store.tables import metadata
from tests.api.service import NAME, Service, a_service, body
from tests.support.databases import connected

Json = dict[str, Any]
SHOP = "main"
# Longer than a file of offers waits and runs at the operator.
IMPORT_S = 120
HOUR_S = 3600
DAY_S = 24 * HOUR_S


@dataclass
class Report:
    """What a cron URL answered with detail=full."""

    answer: Json

    @property
    def status(self) -> str:
        return str(self.answer["status"])

    @property
    def run_id(self) -> str:
        return str(self.answer["run_id"])

    @property
    def counts(self) -> Mapping[str, int]:
        """Return the counts that are not zero."""
        return {key: number for key, number in self.answer["counts"].items() if number}

    @property
    def codes(self) -> set[str]:
        return {problem["code"] for problem in self.answer["problems"]}

    def problem(self, code: str) -> Json:
        """Return the one problem of that code."""
        [found] = [problem for problem in self.answer["problems"] if problem["code"] == code]
        return dict(found)

    def items(self, outcome: str) -> set[str]:
        """Return the orders or SKUs with one outcome."""
        return {item["order_id"] or item["sku"] for item in self.answer["items"] if item["outcome"] == outcome}

    def changes(self) -> dict[str, str]:
        """Return old → new by SKU."""
        return {item["sku"]: item["change"] for item in self.answer["items"] if item["sku"] and item["change"]}


class SandboxService:
    """Both sides of the service, and its URLs."""

    def __init__(self, service: Service) -> None:
        self.api = service

    def run(self, task: str, **parameters: Any) -> Report:
        """Hit a cron URL and return the full report of its run."""
        answer = self.api.hit(task, detail="full", **parameters)
        assert answer.status_code in (200, 500), answer.text
        return Report(body(answer))

    def send_offers(self, **parameters: Any) -> Report:
        """Send what differs, and let the operator work on it."""
        report = self.run("offers-send", **parameters)
        self.pass_time(IMPORT_S)
        return report

    def in_step(self) -> None:
        """Let the marketplace show what the shop has, results read."""
        self.send_offers()
        assert self.send_offers().counts.get("pending", 0) == 0

    def imported(self, **options: Any) -> str:
        """Return an order that was paid and imported."""
        return self.imported_many(1, **options)[0]

    def imported_many(self, count: int, **options: Any) -> list[str]:
        ids = self.api.make_orders(count=count, **{"lines": 1, "quantity": 1, **options})
        assert self.run("orders-import").counts["imported"] >= count
        return ids

    def pass_time(self, seconds: float) -> None:
        self.api.clock.advance(seconds)

    # The marketplace.

    def state(self) -> Json:
        return dict(self.api.control("GET", "mirakl/state"))

    def order(self, order_id: str) -> Json:
        [found] = [order for order in self.state()["orders"] if order["id"] == order_id]
        return dict(found)

    def offer(self, sku: str) -> Json:
        return dict(self.state()["offers"][sku])

    def files(self, operation: str) -> list[str]:
        """Return the files that the operator got by a call, oldest first."""
        return [str(sent["file"]) for sent in self.state()["imports"] if sent["operation"] == operation]

    def sent_for(self, sku: str, *, operation: str = "STO01") -> list[str]:
        """Return the lines about a SKU in these files, oldest first."""
        lines = [line for file in self.files(operation) for line in file.splitlines()[1:]]
        return [line.split(";")[1] for line in lines if line.split(";")[0] == sku]

    def calls(self, operation: str) -> int:
        return int(self.state()["calls"].get(operation, 0))

    def put_offer(self, sku: str, **options: Any) -> None:
        self.api.control("POST", "mirakl/offers", sku=sku, **options)

    def move_order(self, order_id: str, **options: Any) -> None:
        self.api.control("POST", f"mirakl/orders/{order_id}", **options)

    def switch(self, **switches: Any) -> None:
        self.api.control("POST", "mirakl/switches", **switches)

    def fault(self, kind: str, operation: str, **options: Any) -> None:
        self.api.control("POST", "mirakl/faults", **{"kind": kind, "operation": operation, "count": 1, **options})

    def heal(self) -> None:
        self.api.control("DELETE", "mirakl/faults")

    # The shop.

    def products(self) -> dict[str, Product]:
        found = self.api.wait_for(self.api.system.store.read(embedded.products_after, SHOP))
        return {product.sku: product for product in found}

    def product(self, sku: str, *, quantity: int | None = None, price: str | None = None) -> None:
        """Change a product of the shop, or add one."""
        before = self.products().get(sku)
        product = Product(
            sku=sku,
            title=before.title if before else sku,
            ean="",
            price=Decimal(price) if price else (before.price if before else Decimal("9.90")),
            quantity=quantity if quantity is not None else (before.quantity if before else 1),
        )
        store, now = self.api.system.store, self.api.clock.now()
        self.api.wait_for(store.write(embedded.save_products, SHOP, products=[product], now=now))

    def remove_product(self, sku: str) -> None:
        self.sql("DELETE FROM embedded_products WHERE sku = :sku", sku=sku)

    def ship(
        self,
        order_id: str,
        *,
        carrier: str = "Colis SBX",
        number: str = "8X123",
        units: Mapping[str, int] | None = None,
        sequence: int | None = None,
    ) -> None:
        """Let a parcel leave the shop."""
        parcel = ShipRequest(carrier=carrier, number=number, units=units)
        store, now = self.api.system.store, self.api.clock.now()
        self.api.wait_for(parcels.ship(store, SHOP, order=order_id, request=parcel, now=now, sequence=sequence))

    def cancel(self, order_id: str) -> None:
        store, now = self.api.system.store, self.api.clock.now()
        self.api.wait_for(parcels.cancel(store, SHOP, order=order_id, now=now))

    def delete(self, order_id: str) -> None:
        self.api.wait_for(parcels.delete(self.api.system.store, SHOP, order=order_id))

    def stock(self) -> dict[str, int]:
        return {sku: product.quantity for sku, product in self.products().items()}

    def shop_states(self) -> dict[str, str]:
        """Return the state of every order in the shop by marketplace id."""
        return {row["marketplace_order_id"]: row["state"] for row in self.rows("embedded_orders")}

    # The service.

    def set(self, **settings: Any) -> None:
        self.api.wait_for(self.api.system.accounts.change(NAME, settings))

    def handled(self, order_id: str) -> None:
        """Say at the desk that an order is settled."""
        answer = self.api.manage("POST", f"/accounts/{NAME}/orders/handled", json={"order_ids": [order_id]})
        assert answer.status_code == 200, answer.text

    def intake(self, order_id: str) -> tuple[str, str]:
        [row] = [row for row in self.rows("ledger") if row["order_id"] == order_id]
        return row["intake"], row["code"]

    def rows(self, table: str) -> list[Json]:
        with connected(self.api.system.store.url) as connection:
            return [dict(row) for row in connection.execute(sa.select(metadata.tables[table])).mappings()]

    def sql(self, statement: str, **values: Any) -> None:
        with connected(self.api.system.store.url) as connection:
            connection.execute(sa.text(statement), values)

    def run_of_a_dead_worker(self, task: str, **parameters: Any) -> str:
        """Hit a URL whose run loses its lease on the way; return the run's id."""
        answer = self.api.hit(task, wait="0", **parameters)
        self.api.wait_for(self.api.system.executor.drain())
        return str(body(answer)["run_id"])

    def taken_over(self, run_id: str) -> Report:
        """Let another worker take over a run whose worker died, and return its report."""
        system = self.api.system
        self.api.wait_for(system.store.write(leases.break_all_of, owner_prefix=""))
        self.api.wait_for(system.engine.execute(run_id))
        return self.report(run_id)

    def report(self, run_id: str) -> Report:
        answer = self.api.get(f"/runs/{run_id}", headers={"X-Cron-Token": self.api.token})
        assert answer.status_code == 200, answer.text
        return Report(body(answer))

    def resumed(self, report: Report) -> Report:
        """Let time pass until a paused run goes on, and return the report of the run that goes on with it."""
        assert report.status == RunStatus.PAUSED, report.answer
        self.pass_time(2 * HOUR_S)
        self.api.wait_for(self.api.system.ticker.tick())
        row = self.api.runs()[0]
        self.api.wait_for(self.api.system.service.wait(row.id, seconds=20))
        return self.report(row.id)

    def both_sides(self) -> dict[str, list[Json]]:
        """Return all that a dry run must not change."""
        kept = ("ledger", "ledger_lines", "ledger_history", "parcels", "receipts", "passes")
        tables = [*kept, *(name for name in metadata.tables if name.startswith("embedded_"))]
        shop = {name: self.rows(name) for name in tables}
        known = ("wanted_quantity", "wanted_price", "sent_quantity", "sent_price", "stock_receipt", "price_receipt")
        shown = [{"sku": row["sku"], **{name: row[name] for name in known}} for row in self.rows("offers")]
        # What a dry run may keep is the marketplace's list.
        wanted = [row for row in shown if any(row[name] is not None for name in known)]
        state = self.state()
        on_marketplace = [{"orders": state["orders"], "offers": state["offers"], "imports": state["imports"]}]
        return {**shop, "wanted": wanted, "marketplace": on_marketplace}


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[SandboxService]:
    """A merchant with the sandbox's catalogue, whose prices are sent; unknown outcomes are looked up at once."""
    with a_service(tmp_path, template=sqlite_template, unknown_outcome_wait_s=0.0) as service:
        service.stock_the_shop()
        service.add_account()
        made = SandboxService(service)
        made.switch(late_payment_rate=0.0, refused_payment_rate=0.0)
        yield made
