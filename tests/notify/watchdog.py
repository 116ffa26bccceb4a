"""A watchdog such as healthchecks.io, and a service whose account tells it of its runs."""

import asyncio
from collections.abc import Callable

import httpx

HOST = "watchdog.example"
URL = f"https://{HOST}/uuid-of-the-import"

Reply = Callable[[], httpx.Response]


def ok() -> httpx.Response:
    return httpx.Response(200, text="OK")


class Watchdog(httpx.AsyncBaseTransport):
    """Stands before the rest of the world and keeps what it heard: path and text, oldest first."""

    def __init__(self, world: httpx.AsyncBaseTransport) -> None:
        self._world = world
        self._open = asyncio.Event()
        self._open.set()
        self.heard: list[tuple[str, str]] = []
        self.answer: Reply = ok

    def hold(self) -> None:
        """Answer nobody until `release`."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.heard]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != HOST:
            return await self._world.handle_async_request(request)
        await self._open.wait()
        self.heard.append((request.url.path, request.content.decode()))
        return self.answer()
