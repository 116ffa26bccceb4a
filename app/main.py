"""The composition root of the HTTP service."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from app import api
from app.clock import Clock
from app.settings import Settings
from app.store.engine import Engines
from app.system import open_system


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    network: httpx.AsyncBaseTransport | None = None,
    engines: Callable[[str], Engines] = Engines,
) -> FastAPI:
    """Return the application; its lifespan opens the database and works on runs. `app.state.system` holds the parts.

    `clock` and `network` replace business time and the outside world, for simulations in one process; `engines` opens
    the database.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_system(settings, role="serve", clock=clock, network=network, engines=engines) as system:
            app.state.system = system
            yield

    app = FastAPI(lifespan=lifespan, root_path=settings.root_path, **api.description())
    api.install(app)
    return app
