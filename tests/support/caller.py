"""A service under test, in this process or in one of its own: its folder, its settings, and whoever calls it."""

import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from app.domain.task import ACTIVE
from app.settings import Settings
from app.store.embedded import Product, save_products
from app.system import System
from tests.support.marketplace import Json
from tests.support.waiting import eventually

T = TypeVar("T")

ADMIN_TOKEN = "admin-token-of-the-tests-0123456789"
SECRET_KEY = "secret-key-of-the-tests-0123456789-0123456789"


@dataclass(kw_only=True)
class Service:
    """One service and everything that outlives it: folder, settings, tokens."""

    name: str
    folder: Path
    environment: dict[str, str]
    # The account that is called where none is named.
    account: str = "mirakl-demo"
    tokens: dict[str, str] = field(default_factory=dict)
    http: httpx.Client = field(default_factory=httpx.Client)

    @property
    def settings(self) -> Settings:
        """The settings as the service reads them."""
        words = {name.lower(): value for name, value in self.environment.items()}
        known: dict[str, Any] = {name: value for name, value in words.items() if name in Settings.model_fields}
        return Settings(_env_file=None, **known)

    @property
    def database_url(self) -> str:
        return self.settings.database

    def start(self) -> Self:
        """Return once it takes calls."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def events(self) -> list[Json]:
        """Return what it logged so far."""
        raise NotImplementedError

    def tool(self, work: Callable[[System], Coroutine[Any, Any, T]]) -> T:
        """Do something with the parts of the service, beside the callers or before it starts."""
        raise NotImplementedError

    def logged(self, event: str) -> bool:
        """Whether it logged that event."""
        return any(each.get("event") == event for each in self.events())

    def logged_about(self, part: str) -> bool:
        """Whether it logged an event whose name holds that."""
        return any(part in str(each.get("event")) for each in self.events())

    def add_account(
        self,
        name: str,
        connection: Mapping[str, Any],
        *,
        platform: str = "mirakl",
        shop: str = "main",
        **settings: Any,
    ) -> None:
        """Add an account and keep its cron token."""

        async def work(system: System) -> str:
            added = await system.accounts.add(
                name,
                platform_name=platform,
                shop_name=shop,
                values={**connection, "start_from": "30d", **settings},
                test=True,
            )
            return system.accounts.cron_token(added.account)

        self.tokens[name] = self.tool(work)

    def load(self, products: Sequence[Product]) -> None:
        """Put products into the embedded shop."""

        async def work(system: System) -> None:
            shop = await system.shops.named("main")
            await system.store.write(save_products, shop.id, products=products, now=system.clock.now())

        self.tool(work)

    def hit(
        self, task: str, *, account: str = "", wait: float = 50, timeout_s: float = 90, **parameters: Any
    ) -> httpx.Response:
        """Call a cron URL and return whatever comes."""
        account = account or self.account
        return self.http.get(
            f"/cron/{account}/{task}",
            params={"wait": wait, **parameters},
            headers={"X-Cron-Token": self.tokens[account]},
            timeout=timeout_s,
        )

    def run(self, task: str, *, account: str = "", **parameters: Any) -> Json:
        """Call a cron URL and return the full report of its run once it has ended."""
        response = self.hit(task, account=account, **parameters)
        assert response.status_code in (200, 202, 500), response.text
        return self.ended(response.json()["run_id"])

    def report(self, run_id: str) -> Json:
        """Return the full report of a run as it stands, all its items on one page."""
        report: Json = self.admin("GET", f"/runs/{run_id}").raise_for_status().json()
        return report

    def ended(self, run_id: str, *, within_s: float = 60) -> Json:
        """Return the full report of a run that has ended."""

        def look() -> Json | None:
            report = self.report(run_id)
            return None if report["status"] in ACTIVE else report

        return eventually(f"run {run_id} ends", look, within_s=within_s, poll_s=0.05)

    def runs(self, **parameters: Any) -> list[Json]:
        """Return the runs of the service, newest first."""
        lines: list[Json] = self.admin("GET", "/api/runs", limit=200, **parameters).raise_for_status().json()
        return lines

    def idle(self, *, within_s: float = 60) -> None:
        """Return once nothing is queued or running any more."""
        eventually(
            "nothing is under way any more",
            lambda: all(line["status"] not in ACTIVE for line in self.runs()),
            within_s=within_s,
            poll_s=0.1,
        )

    def admin(self, method: str, path: str, *, json: Any = None, **parameters: Any) -> httpx.Response:
        """Call the management API."""
        return self.http.request(
            method, path, params=parameters, json=json, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}, timeout=60
        )


def environment(*, data_dir: Path, speed: float = 1.0, base: datetime | None = None, **more: str) -> dict[str, str]:
    """Return the environment of a server under test: no minimum intervals, quick ticks, short leases."""
    return {
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": SECRET_KEY,
        "ADMIN_TOKEN": ADMIN_TOKEN,
        "MIN_INTERVALS": "off",
        "TICK_S": "0.2",
        "LEASE_S": "3",
        "UNKNOWN_OUTCOME_WAIT_S": "0.3",
        "CLOCK_SPEED": str(speed),
        "LOG_FORMAT": "json",
        **({"CLOCK_BASE": base.isoformat()} if base else {}),
        **more,
    }


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make all calls at the same moment, a thread each, and return their answers in order."""
    answers: dict[int, T] = {}
    gate = threading.Barrier(len(calls))

    def work(index: int) -> None:
        gate.wait(timeout=30)
        answers[index] = calls[index]()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(answers) == len(calls), "some calls failed or never came back"
    return [answers[index] for index in range(len(calls))]
