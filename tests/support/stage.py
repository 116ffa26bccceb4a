"""A stage for a play over real HTTP: a marketplace, one or more servers, and their logs when it goes wrong."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.store.embedded import Product
from tests.support.marketplace import Marketplace
from tests.support.service import Service, environment

PLENTY = 5000


class Stage:
    """Makes the actors of one test and takes them away afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: list[Service] = []
        self._marketplaces: list[Marketplace] = []

    def marketplace(
        self, *, speed: float = 1.0, kind: type[Marketplace] = Marketplace, platform: str = "mirakl"
    ) -> Marketplace:
        made = kind(speed=speed, base=datetime.now(UTC), account=platform)
        self._marketplaces.append(made)
        return made

    def service(self, marketplace: Marketplace, *, name: str = "service", data: str = "data", **more: str) -> Service:
        """Return a service, not started, on the clock of that marketplace; `data` names its data folder."""
        words = environment(data_dir=self.folder / data, speed=marketplace.speed, base=marketplace.base, **more)
        made = Service(name=name, folder=self.folder, environment=words, account=f"{marketplace.account}-demo")
        self.services.append(made)
        return made

    def close(self) -> None:
        for service in self.services:
            service.close()
        for marketplace in self._marketplaces:
            marketplace.close()


def stock_up(
    service: Service, marketplace: Marketplace, *, none_of: Sequence[str] = (), left_out: Sequence[str] = ()
) -> Mapping[str, int]:
    """Load the marketplace's catalogue with plenty of everything but some; returns the pieces by SKU."""
    products = [
        Product(
            sku=row["sku"],
            title=row["title"],
            ean=row["ean"],
            price=Decimal(row["price"]),
            quantity=0 if row["sku"] in none_of else PLENTY,
        )
        for row in marketplace.catalogue()
        if row["sku"] not in left_out
    ]
    service.load(products)
    return {product.sku: product.quantity for product in products}


def ready_made(
    stage: Stage,
    *,
    speed: float,
    account: Mapping[str, Any] | None = None,
    command: Sequence[str] | None = None,
    kind: type[Marketplace] = Marketplace,
    platform: str = "mirakl",
    **more: str,
) -> tuple[Marketplace, Service, Mapping[str, int]]:
    """Return a marketplace, a started service with one account there (`mirakl-demo`), and the shop's stock."""
    marketplace = stage.marketplace(speed=speed, kind=kind, platform=platform)
    service = stage.service(marketplace, **more)
    service.command = command or service.command
    stock = stock_up(service, marketplace)
    service.add_account(service.account, marketplace.connection(), platform=platform, **(account or {}))
    service.start()
    return marketplace, service, stock


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show the end of each server's log beside a failure."""
    report: Any = yield
    on_stage = getattr(item, "funcargs", {}).get("stage")
    if report.failed and isinstance(on_stage, Stage):
        report.sections += [(f"end of {each.log_file}", each.log_tail()) for each in on_stage.services]
    return report
