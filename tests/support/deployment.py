"""A deployment for a play over real HTTP: a marketplace, one or more servers, and their logs when it goes wrong."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.store.embedded import Product
from tests.support.caller import Service, environment
from tests.support.loop import Loop
from tests.support.marketplace import Marketplace, SandboxInProcess, SandboxProcess, SandboxServer
from tests.support.service import ServiceInProcess
from tests.support.service_process import ServiceProcess

PLENTY = 5000


class Deployment:
    """Makes the marketplaces and services of one test and takes them away afterwards.

    `real` ones are processes behind sockets; the others work in this process.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: list[Service] = []
        self._marketplaces: list[Marketplace] = []
        self._loop: Loop | None = None

    @property
    def loop(self) -> Loop:
        if self._loop is None:
            self._loop = Loop()
        return self._loop

    def marketplace(self, *, speed: float = 1.0, platform: str = "mirakl") -> Marketplace:
        return self._kept(SandboxInProcess(self.loop, speed=speed, base=datetime.now(UTC), account=platform))

    def real_marketplace(
        self,
        *,
        speed: float = 1.0,
        kind: type[SandboxServer | SandboxProcess] = SandboxServer,
        platform: str = "mirakl",
    ) -> Marketplace:
        return self._kept(kind(speed=speed, base=datetime.now(UTC), account=platform))

    def service(self, marketplace: Marketplace, **more: str) -> ServiceInProcess:
        """Return a service, not started, on the clock of that marketplace."""
        made = ServiceInProcess(
            **self._described(marketplace, name="service", data="data", **more),
            loop=self.loop,
            network=marketplace.network,
        )
        self.services.append(made)
        return made

    def real_service(
        self, marketplace: Marketplace, *, name: str = "service", data: str = "data", **more: str
    ) -> ServiceProcess:
        """Return a service process, not started, on the clock of that marketplace; `data` names its data folder."""
        made = ServiceProcess(**self._described(marketplace, name=name, data=data, **more))
        self.services.append(made)
        return made

    def close(self) -> None:
        with ExitStack() as stack:
            if self._loop is not None:
                stack.callback(self._loop.close)
            for marketplace in self._marketplaces:
                stack.callback(marketplace.close)
            for service in self.services:
                stack.callback(service.close)

    def _kept(self, made: Marketplace) -> Marketplace:
        self._marketplaces.append(made)
        return made

    def _described(self, marketplace: Marketplace, *, name: str, data: str, **more: str) -> dict[str, Any]:
        words = environment(data_dir=self.folder / data, speed=marketplace.speed, base=marketplace.base, **more)
        return {
            "name": name,
            "folder": self.folder,
            "environment": words,
            "account": f"{marketplace.account}-demo",
        }


def stock_up(
    service: Service, marketplace: Marketplace, *, none_of: Sequence[str] = (), left_out: Sequence[str] = ()
) -> Mapping[str, int]:
    """Load the marketplace's catalogue with plenty of everything but some; returns the units by SKU."""
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


def served_in_process(
    deployment: Deployment,
    *,
    speed: float,
    account: Mapping[str, Any] | None = None,
    platform: str = "mirakl",
    **more: str,
) -> tuple[Marketplace, ServiceInProcess, Mapping[str, int]]:
    """Return a marketplace, a started service with one account there (`mirakl-demo`), and the shop's stock."""
    marketplace = deployment.marketplace(speed=speed, platform=platform)
    service = deployment.service(marketplace, **more)
    return marketplace, service, _started(service, marketplace, account or {})


def served_by_processes(
    deployment: Deployment,
    *,
    speed: float,
    command: Sequence[str] | None = None,
    kind: type[SandboxServer | SandboxProcess] = SandboxServer,
    **more: str,
) -> tuple[Marketplace, ServiceProcess, Mapping[str, int]]:
    """Return the same as processes behind sockets."""
    marketplace = deployment.real_marketplace(speed=speed, kind=kind)
    service = deployment.real_service(marketplace, **more)
    service.command = command or service.command
    return marketplace, service, _started(service, marketplace, {})


def _started(service: Service, marketplace: Marketplace, account: Mapping[str, Any]) -> Mapping[str, int]:
    stock = stock_up(service, marketplace)
    service.add_account(service.account, marketplace.connection(), platform=marketplace.account, **account)
    service.start()
    return stock


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = Deployment(tmp_path)
    yield made
    made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show the end of each server's log beside a failure."""
    report: Any = yield
    of_test = getattr(item, "funcargs", {}).get("deployment")
    if report.failed and isinstance(of_test, Deployment):
        report.sections += [
            (f"end of {each.log_file}", each.log_tail())
            for each in of_test.services
            if isinstance(each, ServiceProcess)
        ]
    return report
