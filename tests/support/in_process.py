"""Amazon's sandbox and the whole service in one process, on a clock that jumps: a month passes in seconds.

Nothing happens behind a test's back: `Service.until` lets time pass and goes on with what paused, as the ticker does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from app.clock import JumpingClock
from app.domain.task import Mode, RunRequest, Task
from app.sandbox.amazon.account import AmazonAccount
from app.sandbox.app import Sandbox
from app.sandbox.simulation import Simulation
from app.settings import Settings
from app.store import runs
from app.store.embedded import Product, save_products
from app.store.runs import Run
from app.system import System, open_system
from tests.support.kept_engines import KeptEngines

ADDRESS = "https://sandbox.example"
NAME = "amazon"
SECRET = "a secret of the tests that is long enough"
PLENTY = 1_000_000
# What the ticker needs at most to see that something is due.
TICK_S = 2.0
# The real ticker looks around once, when a service begins, and not again.
SELDOM_S = 3600.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was sent to the marketplace, and when (business time)."""

    at: datetime
    path: str
    query: httpx.QueryParams

    @property
    def is_search(self) -> bool:
        """Whether it asks for a list of orders."""
        return self.path.endswith("/orders")

    @property
    def is_of_both_channels(self) -> bool:
        """Whether that list is the live one."""
        return self.is_search and "fulfilledBy" not in self.query


class Network(httpx.AsyncBaseTransport):
    """The way to the sandbox: remembers what went over it and how long the sandbox took (real time).

    `interrupt` lets something happen while a later request is under way.
    """

    def __init__(self, sandbox: Sandbox, clock: JumpingClock) -> None:
        self._way, self._clock = httpx.ASGITransport(app=sandbox), clock
        self._happening: Callable[[], None] | None = None
        self._happens_at = 0
        self.sent: list[Request] = []
        self.took_s = 0.0

    def interrupt(self, by: Callable[[], None], *, after: int) -> None:
        """Let that happen once, after so many requests more."""
        self._happening, self._happens_at = by, len(self.sent) + after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(Request(self._clock.now(), request.url.path, request.url.params))
        began = time.perf_counter()
        try:
            return await self._way.handle_async_request(request)
        finally:
            self.took_s += time.perf_counter() - began
            if self._happening is not None and len(self.sent) >= self._happens_at:
                happening, self._happening = self._happening, None
                happening()


class Installation:
    """A region of Amazon and the folder of a service, which may be opened again and again."""

    def __init__(self, folder: Path, *, start: datetime, seed: int = 1, database_url: str = "") -> None:
        self.clock = JumpingClock(start)
        self._simulation = Simulation(seed=seed, speed=1.0, clock=self.clock)
        self.network = Network(Sandbox(self._simulation), self.clock)
        self._ending: asyncio.Task[None] | None = None
        self._settings = Settings(
            _env_file=None, data_dir=folder, database_url=database_url, secret_key=SECRET, tick_s=SELDOM_S
        )

    @property
    def amazon(self) -> AmazonAccount:
        """The seller's account in the sandbox."""
        account = self._simulation.account(NAME)
        assert isinstance(account, AmazonAccount)
        return account

    @asynccontextmanager
    async def service(self) -> AsyncIterator["Service"]:
        """Yield a service that was started now; what an earlier one left is taken over."""
        opened = open_system(self._settings, role="serve", clock=self.clock, network=self.network, engines=KeptEngines)
        async with opened as system:
            self.clock.busy = [lambda: system.store.in_flight > 0]
            service = Service(self, system)
            await service.settle()
            yield service

    def move_to(self, moment: datetime) -> None:
        """Let time pass until then, whoever is there; nothing goes back."""
        ahead = (moment - self.clock.now()).total_seconds()
        if ahead > 0:
            self.clock.advance(ahead)

    def kill(self) -> None:
        """End the run that asks for something now a minute later, as the death of its process does.

        Nobody gives its lease back or writes how it ended.
        """
        victim = asyncio.current_task()
        assert victim is not None

        async def end() -> None:
            await self.clock.sleep(60)
            victim.cancel()

        self._ending = asyncio.create_task(end())

    async def open_an_account(self, system: System, **settings: Any) -> None:
        """Load the catalogue into the shop `main`, plenty of everything, and add the seller as an account."""
        products = [
            Product(
                sku=each.sku, title=each.title, ean=each.ean, price=Decimal(each.price_cents) / 100, quantity=PLENTY
            )
            for each in self._simulation.context.catalogue
        ]
        shop = await system.shops.named("main")
        await system.store.write(save_products, shop.id, products=products, now=self.clock.now())
        reach = self.amazon.credentials(ADDRESS)
        values = {**reach["settings"], **reach["secrets"], "start_from": "60d", **settings}
        await system.accounts.add(NAME, platform_name="amazon", shop_name="main", values=values, test=True)


class Service:
    """A service that runs, and whoever hits it."""

    def __init__(self, installation: Installation, system: System) -> None:
        self._installation, self.system = installation, system

    async def hit(self, *modes: Mode) -> Run:
        """Hit the URL of orders-import and return the run as it stands once nothing works any more."""
        account = await self.system.accounts.named(NAME)
        request = RunRequest(task=Task.ORDERS_IMPORT, modes=frozenset(modes))
        arrived = await self.system.service.trigger(account, request)
        await self.settle()
        row = await self.system.store.read(runs.run_by_id, arrived.run.id)
        assert row is not None
        return row

    async def until(self, moment: datetime) -> None:
        """Let time pass until then; what paused goes on when the ticker would see that its time has come."""
        while (due := await self._next_tick()) is not None and due <= moment:
            self._installation.move_to(due)
            await self.system.ticker.tick()
            await self.settle()
        self._installation.move_to(moment)

    async def through(self, *, within: timedelta) -> None:
        """Let time pass until nothing pauses any more; raises TimeoutError when that takes longer."""
        latest = self._installation.clock.now() + within
        while (due := await self._next_tick()) is not None:
            if due > latest:
                raise TimeoutError(f"a run still pauses after {within}")
            await self.until(due)

    async def settle(self) -> None:
        """Return when no run is under way and none may begin."""
        while True:
            await self.system.executor.drain()
            waiting = await self.system.store.read(runs.claimable, limit=1)
            if not waiting or self.system.stopping.is_set():
                return
            await self.system.executor.look()

    async def _next_tick(self) -> datetime | None:
        """Return when the ticker will see that the first of the paused runs may go on."""
        ever = self._installation.clock.now() + timedelta(days=365)
        paused = await self.system.store.read(runs.resumable, now=ever, limit=1)
        resume_at = paused[0].resume_at if paused else None
        return None if resume_at is None else resume_at + timedelta(seconds=TICK_S)
