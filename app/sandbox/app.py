"""The sandbox as one app: each platform under its own path, the control API beside them."""

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from app.clock import Clock
from app.sandbox import control
from app.sandbox.accounts import Account, Platform
from app.sandbox.clock import SandboxClock
from app.sandbox.connection import RAW_SEND
from app.sandbox.moments import http_date
from app.sandbox.registry import PLATFORMS
from app.sandbox.wishes import UnknownThere
from app.sandbox.world import World


class Sandbox(FastAPI):
    """All platforms of one world; `reset` builds them anew behind the same URLs."""

    def __init__(self, *, seed: int, speed: float, clock: Clock | None) -> None:
        super().__init__(title="marketcron sandbox", docs_url=None, redoc_url=None, openapi_url=None)
        self.router.redirect_slashes = False
        self.clock = SandboxClock(speed=speed, clock=clock)
        self.world = World(seed=seed, clock=self.clock)
        self.platforms = self._platforms()
        self.include_router(control.router(self))
        control.refuse_in_sentences(self)
        for name in PLATFORMS:
            self.mount(f"/{name}", _Current(self, name))

    def reset(self, *, seed: int | None, speed: float | None) -> None:
        """Start again: no orders, no faults, no advance; what is not given stays as it was."""
        self.clock.reset(speed=self.clock.speed if speed is None else speed)
        self.world = World(seed=self.world.seed if seed is None else seed, clock=self.clock)
        self.platforms = self._platforms()

    def accounts(self) -> dict[str, Account]:
        """Return every account of every platform by its name."""
        return {name: account for platform in self.platforms.values() for name, account in platform.accounts.items()}

    def account(self, name: str) -> Account:
        accounts = self.accounts()
        if name not in accounts:
            raise UnknownThere(f"There is no {name!r} here; there are: {', '.join(sorted(accounts))}.")
        return accounts[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"date"]
                message["headers"] = [*kept, (b"date", http_date(self.clock.now()).encode())]
            await send(message)

        scope[RAW_SEND] = send
        await super().__call__(scope, receive, send_dated)

    def _platforms(self) -> dict[str, Platform]:
        return {name: build(self.world) for name, build in PLATFORMS.items()}


class _Current:
    """Whatever platform stands under that name now: a reset replaces it while the mount stays."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self._sandbox = sandbox
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sandbox.platforms[self._name].app(scope, receive, send)


def create_sandbox(*, seed: int = 1, speed: float = 1.0, clock: Clock | None = None) -> Sandbox:
    """Return a sandbox of that seed; with a clock of yours, `speed` is yours to set and is ignored here."""
    return Sandbox(seed=seed, speed=speed, clock=clock)
