"""The demo's servers: sandbox and service as two real servers of this process, on free ports and one fast clock."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from app.clock import ScaledClock, real_now
from app.keys import keep_secret
from app.main import create_app
from app.observe.logs import configure_logs
from app.sandbox import server_config
from app.sandbox.clock import SandboxClock
from app.server import StoppingServer, address_of, listen
from app.settings import Settings
from app.system import System
from app.transport.connector import http_client

SPEED = 60.0
TICK_S = 0.2
# Longer than any run of the demo.
WAIT_S = 55
READ_TIMEOUT_S = WAIT_S + 15
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an HTTP call brought."""

    status: int
    body: Any


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The two servers and a caller that reaches them as everybody does."""

    service_url: str
    sandbox_url: str
    settings: Settings
    clock: SandboxClock
    system: System
    http: Any

    async def get(self, url: str) -> Answer:
        """Hit a URL."""
        answer = await self.http.get(url, timeout=READ_TIMEOUT_S)
        return Answer(status=answer.status_code, body=answer.json())

    async def look(self, path: str) -> Any:
        """Return what the sandbox's control API shows."""
        return (await self.get(f"{self.sandbox_url}/_control/{path}")).body

    async def text(self, path: str) -> bytes:
        """Return a file of the sandbox's control API."""
        raw: bytes = (await self.http.get(f"{self.sandbox_url}/_control/{path}")).content
        return raw

    async def control(self, path: str, **options: Any) -> Any:
        """Ask something of the sandbox; raises RuntimeError with its sentence when it can't be done."""
        answer = await self.http.post(f"{self.sandbox_url}/_control/{path}", json=options)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.json()['detail']}")
        return answer.json()


@asynccontextmanager
async def open_servers(folder: Path) -> AsyncIterator[Servers]:
    """Start both servers on free ports, with their data in that folder; stop them at the end."""
    base = real_now()
    clock = SandboxClock(speed=SPEED, clock=ScaledClock(speed=SPEED, base=base))
    with listen(HOST, 0) as sandbox_listener, listen(HOST, 0) as service_listener:
        settings = _settings(
            data_dir=folder,
            base_url=address_of(service_listener),
            min_intervals="off",
            clock_speed=SPEED,
            clock_base=base,
            tick_s=TICK_S,
            wait_max_s=WAIT_S,
            log_level="warning",
        )
        sandbox_config = server_config(speed=SPEED, clock=clock)
        configure_logs(level=settings.log_level, style=settings.log_format)
        # Made here, they are no news that the log has to tell.
        for name in ("secret.key", "admin.token"):
            keep_secret(folder / name)
        app = create_app(settings, clock=clock)
        async with (
            _running(_SandboxServer(sandbox_config), sandbox_listener),
            _running(_ServiceServer(app, access_log=False), service_listener),
            http_client() as http,
        ):
            yield Servers(
                service_url=address_of(service_listener),
                sandbox_url=address_of(sandbox_listener),
                settings=settings,
                clock=clock,
                system=app.state.system,
                http=http,
            )


def _settings(**chosen: Any) -> Settings:
    """Return settings that no environment has a say in: the demo never touches what belongs to the installation."""
    defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
    return Settings(_env_file=None, **{**defaults, **chosen})


class _NoSignals:
    """Two servers in one process can't both catch Ctrl-C: the command does, and tells them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _ServiceServer(_NoSignals, StoppingServer):
    pass


class _SandboxServer(_NoSignals, uvicorn.Server):
    pass


@asynccontextmanager
async def _running(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[None]:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not (server.started or serving.done()):  # noqa: ASYNC110 - uvicorn tells it in no other way
            await asyncio.sleep(0.01)
        if serving.done():
            await serving
        yield
    finally:
        server.handle_exit(signal.SIGTERM, None)
        await serving
