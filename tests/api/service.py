"""A whole service in one process, with a sandbox for its outside world and a clock that jumps.

Calls are plain functions; runs go on while a call is under way. `network.hold()` keeps every run at its first request
to the marketplace, so that a test can look at what is under way.
"""

import asyncio
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from app.clock import JumpingClock
from app.domain.task import RunRequest, RunStatus, Task
from app.main import create_app
from app.runs.report import json_schema
from app.runs.stored_request import new_run
from app.sandbox import create_sandbox
from app.settings import Settings
from app.shops.embedded.catalogue import load_catalogue, read_catalogue
from app.store import run_items, runs
from app.store.accounts import StoredAccount
from app.store.engine import Session
from app.store.run_items import ItemNote
from app.store.runs import Run
from app.store.tables import RunRow
from app.store.values import value_of
from app.system import System
from tests.support.kept_engines import KeptEngines

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "a secret of the tests that is long enough"
ADMIN = "admin-token-of-the-tests-0123456789"
NAME = "mirakl-demo"
REPORT_SCHEMA = json_schema()


class Network(httpx.AsyncBaseTransport):
    """The outside world: the sandbox, which can be held."""

    def __init__(self, world: httpx.AsyncBaseTransport) -> None:
        self._world = world
        self._open = asyncio.Event()
        self._open.set()
        self.asked = asyncio.Event()

    def hold(self) -> None:
        self._open.clear()
        self.asked.clear()

    def release(self) -> None:
        self._open.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.set()
        await self._open.wait()
        return await self._world.handle_async_request(request)


class Service:
    """The service under test and the world around it."""

    def __init__(self, runner: asyncio.Runner, *, settings: Settings) -> None:
        self._runner = runner
        self.clock = JumpingClock(NOON)
        sandbox = httpx.ASGITransport(app=create_sandbox(seed=1, clock=self.clock))
        self.network = Network(sandbox)
        self.app = create_app(settings, clock=self.clock, network=self.network, engines=KeptEngines)
        served = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=("192.0.2.1", 1))
        self._http = httpx.AsyncClient(transport=served, base_url="http://cron.test", follow_redirects=False)
        self._control = httpx.AsyncClient(transport=sandbox, base_url="https://sandbox.test")

    @property
    def system(self) -> System:
        system: System = self.app.state.system
        return system

    def wait_for(self, coroutine: Any) -> Any:
        """Return what a coroutine of the service's event loop returns."""
        return self._runner.run(coroutine)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        response: httpx.Response = self.wait_for(self._http.request(method, url, **options))
        return response

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def get_raw(self, path: str, *, query: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Return code and body of a GET that httpx would not send: its addresses end at 64 KB."""
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "server": ("cron.test", 80),
            "client": ("192.0.2.1", 1),
        }
        self.wait_for(self.app(scope, receive, send))
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    def hit(
        self, task: str = "orders-import", *, account: str = NAME, method: str = "GET", **options: Any
    ) -> httpx.Response:
        """Hit a cron URL of an account with its right token; other keywords are parameters or `headers`."""
        token = self.system.accounts.cron_token(self.account(account))
        headers = {"X-Cron-Token": token, **options.pop("headers", {})}
        return self.request(method, f"/cron/{account}/{task}", params=options, headers=headers)

    def hang_up_while_waiting(self) -> None:
        """Hit a cron URL and close the connection before the answer is there."""
        path, headers = f"/cron/{NAME}/orders-import", {"X-Cron-Token": self.token}

        async def leave() -> None:
            call = asyncio.create_task(self._http.get(path, headers=headers))
            await self.network.asked.wait()
            call.cancel()
            await asyncio.wait([call])

        self.wait_for(leave())

    def link(self, run_id: str) -> str:
        """Return the address that opens a run's report, once it has ended."""
        self.wait_for(self.system.service.wait(run_id, seconds=10))
        return self.system.reports.link("http://cron.test", run_id)

    def manage(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the management API as the admin."""
        return self.request(method, f"/api{path}", headers={"Authorization": f"Bearer {ADMIN}"}, **options)

    @property
    def token(self) -> str:
        return self.system.accounts.cron_token(self.account())

    def account(self, name: str = NAME) -> StoredAccount:
        row: StoredAccount = self.wait_for(self.system.accounts.named(name))
        return row

    def add_account(self, name: str = NAME, *, sandbox: str = "mirakl", **values: Any) -> StoredAccount:
        """Add an account at one of the sandbox's sellers."""
        credentials = self.control("GET", "credentials")[sandbox]
        everything = {**credentials["settings"], **credentials["secrets"], "start_from": "30d", **values}
        platform: str = credentials["platform"]
        adding = self.system.accounts.add(
            name, platform_name=platform, shop_name="main", values=everything, test=sandbox == platform
        )
        row: StoredAccount = self.wait_for(adding).account
        return row

    def control(self, method: str, path: str, **body: Any) -> Any:
        answer = self.wait_for(self._control.request(method, f"/_control/{path}", json=body or None))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make_orders(self, **task_request: Any) -> list[str]:
        """Make orders at the marketplace, paid and ready to ship unless told otherwise."""
        wanted = {"state": "to_ship", "payment": "ok", "payment_delay_s": 600, **task_request}
        ids: list[str] = self.control("POST", "mirakl/orders", **wanted)["ids"]
        return ids

    def stock_the_shop(self) -> None:
        """Put the sandbox's catalogue into the embedded shop."""
        rows = self.wait_for(self._control.get("/_control/catalog", params={"format": "csv"})).content
        self.wait_for(load_catalogue(self.system.store, "main", read_catalogue(io.BytesIO(rows)), clock=self.clock))

    def runs(self) -> list[Run]:
        """Return all runs, newest first."""
        rows: list[Run] = self.wait_for(
            self.system.store.read(runs.runs_of, account_id=None, task=None, before=None, limit=200)
        )
        return rows

    def a_run(
        self,
        task: Task = Task.ORDERS_IMPORT,
        *,
        slot: str | None = None,
        status: RunStatus = RunStatus.PARTIAL,
        notes: list[ItemNote] | None = None,
        resume_at: datetime | None = None,
        cause: str | None = None,
    ) -> Run:
        """Put a run into the database that ended a moment ago."""
        now = self.clock.now()
        made = new_run(self.account(), RunRequest(task=task), now=now, slot=slot)
        ended = replace(made, status=status, started_at=now, finished_at=now, resume_at=resume_at, cause=cause)

        def write(session: Session) -> Run:
            row = RunRow(**asdict(ended))
            session.add(row)
            session.flush()
            run_items.note_items(session, row.id, notes or [])
            row.counts = run_items.outcome_counts(session, row.id)
            return value_of(row, Run)

        written: Run = self.wait_for(self.system.store.write(write))
        return written


@cache
def description() -> dict[str, Any]:
    """Return what /openapi.json says."""
    return create_app(Settings(_env_file=None)).openapi()


@contextmanager
def a_service(folder: Path, *, template: Path | None = None, **settings: Any) -> Iterator[Service]:
    """Yield a running service whose data lies in that folder; `template` is a migrated database to begin with."""
    chosen: dict[str, Any] = {
        "data_dir": folder,
        "secret_key": SECRET,
        "admin_token": ADMIN,
        "min_intervals": "off",
        "tick_s": 3600.0,
        **settings,
    }
    if template is not None and not (folder / "marketcron.db").exists():
        shutil.copyfile(template, folder / "marketcron.db")
    with asyncio.Runner() as runner:
        service = Service(runner, settings=Settings(_env_file=None, **chosen))
        stack = AsyncExitStack()
        runner.run(stack.enter_async_context(service.app.router.lifespan_context(service.app)))
        service.clock.busy.append(lambda: service.system.store.in_flight > 0)
        try:
            yield service
        finally:
            service.network.release()
            runner.run(stack.aclose())


def body(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer."""
    content: dict[str, Any] = json.loads(answer.content)
    return content


def size(answer: httpx.Response) -> int:
    """Return the bytes of an answer as uvicorn sends it: status line, headers (two of its own), body."""
    head = b"HTTP/1.1 200 OK\r\ndate: Sat, 21 Nov 2026 09:20:00 GMT\r\nserver: uvicorn\r\n\r\n"
    lines = [name + b": " + value + b"\r\n" for name, value in answer.headers.raw]
    return len(head) + sum(map(len, lines)) + len(answer.content)
