"""An event loop in a thread: plain functions of a test call apps that go on working between two calls."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx
from starlette.types import ASGIApp

T = TypeVar("T")

ENDS_WITHIN_S = 20.0


class Loop:
    """A running event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T], *, within_s: float | None = None) -> T:
        """Return what the coroutine returns; raises TimeoutError and cancels it when that takes longer."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(within_s)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise

    def way_to(self, app: ASGIApp) -> httpx.BaseTransport:
        """Return the transport of a client that calls an app of this loop."""
        return _Way(self, httpx.ASGITransport(app=app, raise_app_exceptions=False, client=("127.0.0.1", 1)))

    def close(self) -> None:
        self.run(self._end(), within_s=ENDS_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=ENDS_WITHIN_S)
        self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()


class _Way(httpx.BaseTransport):
    def __init__(self, loop: Loop, way: httpx.AsyncBaseTransport) -> None:
        self._loop, self._way = loop, way

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        try:
            return self._loop.run(self._answer(request), within_s=request.extensions["timeout"]["read"])
        except concurrent.futures.TimeoutError as exc:
            # The caller hangs up.
            raise httpx.ReadTimeout("no answer", request=request) from exc

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._way.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers.raw, content=await response.aread())
