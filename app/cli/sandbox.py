"""`marketcron sandbox`."""

import contextlib
from typing import Annotated

import typer
import uvicorn

from app.cli.process import settings_of_this_place
from app.clock import ScaledClock
from app.sandbox import server_config
from app.server import address_of, listen

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free one.")]
Seed = Annotated[int, typer.Option(help="One seed gives one world, always the same.")]
Speed = Annotated[
    float | None, typer.Option(min=0.001, help="How many times faster its time runs; default: CLOCK_SPEED.")
]


def sandbox(port: Port = 9000, seed: Seed = 1, speed: Speed = None) -> None:
    """Serve local marketplaces that speak the real protocols."""
    settings = settings_of_this_place()
    speed = settings.clock_speed if speed is None else speed
    clock = ScaledClock(speed=speed, base=settings.clock_base) if settings.clock_base else None
    with listen("127.0.0.1", port) as listener:
        address = address_of(listener)
        typer.echo(f"The sandbox listens on {address} (stop it with Ctrl-C)")
        typer.echo(f"How to reach its marketplaces: {address}/_control/credentials")
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(server_config(seed=seed, speed=speed, clock=clock)).run(sockets=[listener])
