"""The least that a route can do and still keep something: FastAPI, our Store, one inserted row."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer
import uvicorn
from fastapi import FastAPI
from sqlmodel import Session

from app.server import address_of, listen
from app.store import migrate
from app.store.engine import Store
from app.store.tables import ReferenceCacheRow

numbers = itertools.count()


def insert_row(session: Session) -> int:
    number = next(numbers)
    session.add(ReferenceCacheRow(scope="bench", name=str(number), text="bare", expires_at=0.0))
    return number


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = f"sqlite:///{os.environ['DATA_DIR']}/bare.db"
    migrate.upgrade(url)
    app.state.store = Store(url)
    typer.echo(f"listens on {address_of(app.state.listener)}")
    yield
    app.state.store.close()


def create_bare() -> FastAPI:
    """Return the app with its one route."""
    app = FastAPI(lifespan=lifespan)

    @app.get("/insert")
    async def insert() -> dict[str, int]:
        store: Store = app.state.store
        return {"number": await store.write(insert_row)}

    return app


def main() -> None:
    app = create_bare()
    app.state.listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none")
    uvicorn.Server(config).run(sockets=[app.state.listener])


if __name__ == "__main__":
    main()
