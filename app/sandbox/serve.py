"""Run the sandbox over a real socket."""

import uvicorn

from app.clock import Clock
from app.sandbox.app import create_sandbox


def server_config(
    *,
    host: str = "127.0.0.1",
    port: int = 9000,
    seed: int = 1,
    speed: float = 1.0,
    clock: Clock | None = None,
    log_level: str = "warning",
) -> uvicorn.Config:
    """Return the server's settings; the Date header is the sandbox's own, in business time."""
    sandbox = create_sandbox(seed=seed, speed=speed, clock=clock)
    return uvicorn.Config(
        sandbox, host=host, port=port, date_header=False, server_header=False, access_log=False, log_level=log_level
    )


def serve(*, host: str = "127.0.0.1", port: int = 9000, seed: int = 1, speed: float = 1.0) -> None:
    """Serve until it is stopped."""
    uvicorn.Server(server_config(host=host, port=port, seed=seed, speed=speed)).run()
