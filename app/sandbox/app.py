"""The sandbox as one app: each platform and shop under its own path, the control API beside them."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from app.clock import Clock
from app.sandbox import control
from app.sandbox.connection import RAW_SEND
from app.sandbox.simulation import Simulation
from app.sandbox.times import http_date


class Sandbox(Starlette):
    """The simulation's HTTP side; every answer has the simulation's own time."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(routes=control.routes(simulation))
        self.router.redirect_slashes = False
        self._simulation = simulation
        control.refuse_in_sentences(self)
        for name in (*simulation.platforms, *simulation.shops):
            self.mount(f"/{name}", _Current(simulation, name))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"date"]
                message["headers"] = [*kept, (b"date", http_date(self._simulation.clock.now()).encode())]
            await send(message)

        scope[RAW_SEND] = send
        await super().__call__(scope, receive, send_dated)


class _Current:
    """Whatever platform or shop has that name now: a reset replaces it while the mount stays."""

    def __init__(self, simulation: Simulation, name: str) -> None:
        self._simulation = simulation
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._simulation.mounted(self._name).app(scope, receive, send)


def create_sandbox(
    *, seed: int = 1, speed: float = 1.0, clock: Clock | None = None, models: Path | None = None
) -> Sandbox:
    """Return a sandbox of that seed; with a clock of yours, `speed` is yours to set and is ignored here.

    `models` is a folder with Amazon's model files, whose examples are then served under /amazon/static.
    """
    return Sandbox(Simulation(seed=seed, speed=speed, clock=clock, models=models))
