"""The HTTP server: uvicorn, told to let waiting callers go as soon as it is asked to stop."""

import gc
import os
import socket
from collections.abc import Callable
from types import FrameType
from urllib.parse import urlunsplit

import structlog
import typer
import uvicorn
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from app.errors import BadInput, MarketcronError
from app.main import create_app
from app.observe.logs import configure_logs
from app.settings import Settings
from app.system import System

log = structlog.get_logger()

# Callers who wait for a report are let go at once; this is for answers on their way to slow ones.
GRACE_S = 10


class StoppingServer(uvicorn.Server):
    """Serves an app that keeps its parts in `app.state.system`.

    uvicorn ends the lifespan only after all open requests have ended, so whoever waits for a run would hold the stop
    up: the waiters are released by the signal itself.
    """

    def __init__(
        self,
        app: Starlette,
        *,
        access_log: bool = True,
        trusted_proxies: str = "127.0.0.1",
        on_start: Callable[[], None] = lambda: None,
    ) -> None:
        self._app, self._on_start = app, on_start
        self._door = _Door(app)
        super().__init__(
            uvicorn.Config(
                self._door,
                # Ours are configured already.
                log_config=None,
                access_log=access_log,
                proxy_headers=True,
                forwarded_allow_ips=trusted_proxies,
                server_header=False,
                ws="none",
                lifespan="on",
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        system: System | None = getattr(self._app.state, "system", None)
        if system is not None:
            system.begin_stop()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; raises what kept the app from it, if that is something with a name."""
        try:
            await super().startup(sockets)
        except SystemExit:
            if self._door.failure is not None:
                raise self._door.failure from None
            raise
        # What is there now stays until the end. Each full collection would look through all of it again, and everybody
        # who waits for an answer would wait a tenth of a second more.
        gc.collect()
        gc.freeze()
        self._on_start()


class _Door:
    """Keeps what an app says when it can't start, so that it is told in a sentence and not by a traceback."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self.failure: MarketcronError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        failed: list[Message] = []

        async def send_later(message: Message) -> None:
            if message["type"].endswith(".failed"):
                failed.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receive, send_later)
        except MarketcronError as exc:
            self.failure = exc
            for message in failed:
                await send({"type": message["type"], "message": ""})
        except BaseException:
            for message in failed:
                await send(message)
            raise


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve until somebody stops it; raises BadInput and StoreUnavailable when it can't start."""
    configure_logs(level=settings.log_level, style=settings.log_format)
    listener = listen(host, port)
    app = create_app(settings)
    server = StoppingServer(
        app,
        trusted_proxies=settings.forwarded_allow_ips,
        on_start=lambda: _greet(app.state.system, address_of(listener)),
    )
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        log.info("stopped")
    finally:
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that holds the address, port 0 for any free one; raises BadInput when it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
        # Accepted sockets take it over. Without it, the second answer on a connection waits 40 ms for the client.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as exc:
        why = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else exc.strerror or str(exc)
        raise BadInput(
            f"Can't listen on {host} port {port}: {why}. Stop the program that uses it, or choose another with --port.",
            field="port",
        ) from exc


def address_of(listener: socket.socket) -> str:
    """Return the address at which this machine reaches a socket."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - the address for all is none to call
        host = "127.0.0.1"
    return urlunsplit(("http", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "", "", ""))


def _greet(system: System, address: str) -> None:
    typer.echo(f"marketcron listens on {address} (stop it with Ctrl-C)")
    if system.admin_token_is_new:
        kept = system.settings.data_dir / "admin.token"
        typer.echo(f"Admin token, made just now and kept in {kept}: {system.admin_token}")
