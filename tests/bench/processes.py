"""The processes of a measurement: the sandbox (in a thread here), the service, and who calls it."""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa

from app.domain.order import Fulfilment
from app.domain.task import ACTIVE
from app.store.accounts import keep_connection_test
from app.store.embedded import Product
from app.system import System
from tests.support.caller import environment
from tests.support.databases import connected
from tests.support.marketplace import SandboxServer as Marketplace
from tests.support.processes import started
from tests.support.service_process import ROOT
from tests.support.service_process import ServiceProcess as Service

ACCOUNT = "mirakl-demo"
# Two sellers of one operator: the first gets orders and offers, the second has none.
SANDBOX_ACCOUNTS = ("mirakl", "mirakl-two")
# Longer than any measurement, so that nothing pauses or is taken over on a busy machine.
PATIENCE_S = 3600
POLL_S = 0.2
_CALL_SECONDS = re.compile(r"^marketcron_call_seconds_sum\{.*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the service has used up to now: processor seconds, seconds in calls to the sandbox, most memory."""

    cpu_s: float
    calls_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run that has ended: its status, its wall seconds, its counts."""

    status: str
    seconds: float
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """An address and what is sent with it; `{n}` in the path becomes the number of the hit."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def sandbox_and_service() -> Iterator[tuple[Marketplace, Service]]:
    """Yield a sandbox without frequencies and a service, not started yet; both end with the block."""
    with tempfile.TemporaryDirectory(prefix="marketcron-bench-") as folder:
        marketplace = Marketplace()
        for account in SANDBOX_ACCOUNTS:
            _control(marketplace, f"{account}/switches", {"quotas": "off"})
        service = Service(name="service", folder=Path(folder), environment=_environment(Path(folder)))
        service.command = ("-m", "tests.bench.served")
        try:
            yield marketplace, service
        finally:
            service.close()
            marketplace.close()


@contextmanager
def bare_service() -> Iterator[Service]:
    """Yield the started service of the bare route."""
    with tempfile.TemporaryDirectory(prefix="marketcron-bench-") as folder:
        (Path(folder) / "data").mkdir()
        service = Service(name="bare", folder=Path(folder), environment=_environment(Path(folder)))
        service.command = ("-m", "tests.bench.bare")
        try:
            yield service.start()
        finally:
            service.close()


def _environment(folder: Path) -> dict[str, str]:
    words = environment(data_dir=folder / "data", RUN_DEADLINE_S=str(PATIENCE_S))
    # As in production; the tests are in more of a hurry.
    return words | {"LEASE_S": "20", "TICK_S": "2", "UNKNOWN_OUTCOME_WAIT_S": "60"}


def add_accounts(service: Service, names: Sequence[str], connection: Mapping[str, Any]) -> None:
    """Add accounts that reach the same seller of the sandbox as if each were a seller of its own."""

    async def work(system: System) -> None:
        for name in names:
            values = {**connection, "start_from": "30d"}
            added = await system.accounts.add(name, platform_name="mirakl", shop_name="main", values=values, test=False)
            row = added.account
            key, both, config = f"bench/{name}", list(Fulfilment), row.config or b""
            await system.store.write(keep_connection_test, row.id, seller_key=key, fulfilments=both, config=config)
            service.tokens[name] = system.accounts.cron_token(row)

    service.tool(work)


def products(marketplace: Marketplace, *, quantity: int | None = None) -> list[Product]:
    """Return what the sandbox sells as products of the shop, with this stock or the sandbox's."""
    return [
        Product(
            sku=row["sku"],
            title=row["title"],
            ean=row["ean"],
            price=Decimal(row["price"]),
            quantity=row["quantity"] if quantity is None else quantity,
        )
        for row in marketplace.catalogue()
    ]


def put_on_sale(marketplace: Marketplace, count: int) -> None:
    """Put so many articles on sale at the sandbox; they join its catalogue."""
    _control(marketplace, "mirakl/offers", {"count": count})


def _control(marketplace: Marketplace, path: str, values: Mapping[str, Any]) -> None:
    address = f"{marketplace.url}/_control/{path}"
    httpx.post(address, json=values, timeout=PATIENCE_S, trust_env=False).raise_for_status()


def bytes_sent(marketplace: Marketplace) -> int:
    """Return how many bytes of files the sandbox was sent."""
    address = f"{marketplace.url}/_control/mirakl/state?offers=0"
    state = httpx.get(address, timeout=PATIENCE_S, trust_env=False).raise_for_status().json()
    return sum(int(sent["bytes"]) for sent in state["imports"])


def begin(service: Service, task: str, **parameters: Any) -> str:
    """Hit a cron URL and return the id of its run at once."""
    answer = service.hit(task, wait=0, **parameters)
    answer.raise_for_status()
    run_id: str = answer.json()["run_id"]
    return run_id


def ended(service: Service, run_id: str) -> Ended:
    """Return a run once it has ended; the service is not asked meanwhile. Raises for one that is not `done`."""
    query = sa.text("SELECT status, started_at, finished_at, counts FROM runs WHERE id = :id")
    until = time.monotonic() + PATIENCE_S
    while True:
        with connected(service.database_url) as connection:
            row = connection.execute(query, {"id": run_id}).one()
        if row.status not in ACTIVE or time.monotonic() > until:
            break
        time.sleep(POLL_S)
    if row.status != "done":
        raise RuntimeError(f"the run ended as {row.status}: {row.counts}\n{service.log_tail()}")
    began, end = datetime.fromisoformat(row.started_at), datetime.fromisoformat(row.finished_at)
    return Ended(status=row.status, seconds=(end - began).total_seconds(), counts=json.loads(row.counts))


def active_runs(service: Service) -> list[str]:
    """Return the ids of the runs that are queued or running."""
    with connected(service.database_url) as connection:
        return list(connection.scalars(sa.text("SELECT id FROM runs WHERE status IN ('queued', 'running')")))


def cost(service: Service) -> Cost:
    """Return what the service has used up to now."""
    used = httpx.get(f"{service.url}/_usage", trust_env=False).raise_for_status().json()
    metrics = httpx.get(f"{service.url}/metrics", trust_env=False).raise_for_status().text
    return Cost(cpu_s=used["cpu_s"], peak_mb=used["peak_mb"], calls_s=sum(map(float, _CALL_SECONDS.findall(metrics))))


def hits(service: Service, mix: Sequence[Hit], *, callers: int, seconds: float, first: int = 0) -> list[float]:
    """Have another process send hits for so long, in turn, and return the milliseconds of each answer."""
    address = urlsplit(service.url)
    values = {
        "host": address.hostname,
        "port": address.port,
        "hits": [[hit.path, dict(hit.headers)] for hit in mix],
        "callers": callers,
        "seconds": seconds,
        "first": first,
    }
    times: list[float] = json.loads(python("tests.bench.caller", values))
    return times


def python(module: str, values: Mapping[str, Any]) -> str:
    """Run a module of ours as a process, give it a wish as JSON, and return what it says."""
    return together([(module, values)])[0]


def together(calls: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Run modules of ours as processes at the same time and return what each of them says."""
    with ExitStack() as stack:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        running = [stack.enter_context(started("-m", module, cwd=ROOT, **pipes)) for module, _ in calls]
        for process, (_, values) in zip(running, calls, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(values))
            process.stdin.close()
            process.stdin = None
        said = [process.communicate(timeout=PATIENCE_S)[0] for process in running]
    failed = [module for process, (module, _) in zip(running, calls, strict=True) if process.returncode]
    if failed:
        raise RuntimeError(f"{failed[0]} failed")
    return said
