"""The service in this process: the app that a server serves, called without a socket."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from app.main import create_app
from app.system import System, open_system
from tests.support.caller import Service
from tests.support.kept_engines import KeptEngines
from tests.support.loop import Loop
from tests.support.marketplace import Json

T = TypeVar("T")

ADDRESS = "http://cron.test"
STOPS_WITHIN_S = 20.0


@dataclass(kw_only=True)
class ServiceInProcess(Service):
    """The service in an event loop of the tests; `network` is the way to its marketplaces."""

    loop: Loop
    network: httpx.AsyncBaseTransport | None

    def __post_init__(self) -> None:
        self._logged: list[Any] = []
        self._stop: asyncio.Event | None = None
        self._served: asyncio.Task[None] | None = None

    def start(self) -> Self:
        app = create_app(self.settings, network=self.network, engines=KeptEngines)
        self.loop.run(self._begin(app))
        self.http.close()
        self.http = httpx.Client(transport=self.loop.way_to(app), base_url=ADDRESS)
        return self

    def close(self) -> None:
        if self._stop is not None:
            self.loop.run(self._end(), within_s=STOPS_WITHIN_S)
        self.http.close()

    def events(self) -> list[Json]:
        return [dict(each) for each in self._logged]

    def tool(self, work: Callable[[System], Coroutine[Any, Any, T]]) -> T:
        async def opened() -> T:
            async with open_system(self.settings, role="tool", network=self.network, engines=KeptEngines) as system:
                return await work(system)

        return self.loop.run(opened())

    async def _begin(self, app: Any) -> None:
        self._stop, began = asyncio.Event(), asyncio.Event()
        self._served = asyncio.create_task(self._serve(app, began, self._stop))
        waiting = asyncio.create_task(began.wait())
        await asyncio.wait([waiting, self._served], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._served.done():
            await self._served

    async def _serve(self, app: Any, began: asyncio.Event, stop: asyncio.Event) -> None:
        with capture_logs(processors=[merge_contextvars]) as self._logged:
            async with app.router.lifespan_context(app):
                began.set()
                await stop.wait()

    async def _end(self) -> None:
        assert self._stop is not None
        assert self._served is not None
        self._stop.set()
        with contextlib.suppress(Exception):
            await self._served
        self._stop = None
