"""The service as a process of its own behind a real socket: started, hit, killed, started again."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from app.domain.task import ACTIVE
from app.settings import Settings
from app.store.embedded import Product, save_products
from app.system import System, open_system
from tests.support import processes
from tests.support.aio import run
from tests.support.kept_engines import KeptEngines
from tests.support.marketplace import Json
from tests.support.waiting import eventually

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
ADMIN_TOKEN = "admin-token-of-the-tests-0123456789"
SECRET_KEY = "secret-key-of-the-tests-0123456789-0123456789"
START_WITHIN_S = 30.0
CALL_WITHIN_S = 60.0
TAIL_LINES = 40
_ADDRESS = re.compile(r"listens on (http://\S+)")


@dataclass(kw_only=True)
class Service:
    """One server process and everything that outlives it: folder, settings, log, tokens."""

    name: str
    folder: Path
    environment: dict[str, str]
    command: Sequence[str] = ("-m", "app", "serve", "--port", "0")
    # The account that is hit where none is named.
    account: str = "mirakl-demo"
    tokens: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def settings(self) -> Settings:
        """The settings as the server process reads them."""
        words = {name.lower(): value for name, value in self.environment.items()}
        known: dict[str, Any] = {name: value for name, value in words.items() if name in Settings.model_fields}
        return Settings(_env_file=None, **known)

    @property
    def database_url(self) -> str:
        return self.settings.database

    def spawn(self) -> "Service":
        """Start the process without waiting for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.log_file, "ab") as log:
            self._log_begins_at = log.tell()
            self.process = processes.start(
                *self.command,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def start(self) -> "Service":
        """Start the process and return once it takes hits."""
        self.spawn()
        self.url = eventually(f"{self.name} listens", self._address, within_s=START_WITHIN_S)
        return self

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=20)

    def terminate(self) -> None:
        """Ask the process to stop; `wait` tells whether it did."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, *, within_s: float = 20.0) -> int:
        """Return the exit code of the process."""
        assert self.process is not None
        return self.process.wait(timeout=within_s)

    def close(self) -> None:
        if self.process is not None:
            processes.end(self.process)

    def _address(self) -> str | None:
        assert self.process is not None
        with open(self.log_file, "rb") as log:
            log.seek(self._log_begins_at)
            said = log.read().decode(errors="replace")
        found = _ADDRESS.search(said)
        if found is None and self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode} instead of starting:\n{said}")
        return found[1] if found else None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_tail(self) -> str:
        return "\n".join(self.log().splitlines()[-TAIL_LINES:])

    def tool(self, work: Callable[[System], Coroutine[Any, Any, T]]) -> T:
        """Do something with the parts of the service in this process, beside the server or before it starts."""

        async def opened() -> T:
            async with open_system(self.settings, role="tool", engines=KeptEngines) as system:
                return await work(system)

        return run(opened())

    def cli(self, *words: str) -> str:
        """Call a command as a process of its own, beside the server or before it starts; return what it printed."""
        called = subprocess.run(
            [sys.executable, "-m", "app", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CALL_WITHIN_S,
        )
        assert called.returncode == 0, called.stderr
        return called.stdout

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
        return httpx.get(
            f"{self.url}/cron/{account}/{task}",
            params={"wait": wait, **parameters},
            headers={"X-Cron-Token": self.tokens[account]},
            timeout=timeout_s,
            trust_env=False,
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
        return httpx.request(
            method,
            f"{self.url}{path}",
            params=parameters,
            json=json,
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
            timeout=60,
            trust_env=False,
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


def events(log: str) -> list[Json]:
    """Return what a JSON log holds, line by line; other lines are left out."""
    found = []
    for line in log.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            found.append(event)
    return found
