"""Two transactions of PostgreSQL that meet, without luck and without sleeping."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from app.store.engine import Store
from tests.support.aio import run
from tests.support.databases import connected
from tests.support.kept_engines import KeptEngines

A = TypeVar("A")
B = TypeVar("B")

PATIENCE_S = 10.0
_WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def meeting(store: Store, first: Callable[[Session], A], second: Callable[[Session], B]) -> tuple[A, B]:
    """Ask the first question, and commit it only once the second one, of another process, waits for it."""
    asked, go_on = threading.Event(), threading.Event()

    def slowly(session: Session) -> A:
        answer = first(session)
        session.flush()
        asked.set()
        go_on.wait(PATIENCE_S)
        return answer

    async def scene(other: Store) -> tuple[A, B]:
        one = asyncio.create_task(store.write(slowly))
        await asyncio.to_thread(asked.wait, PATIENCE_S)
        two = asyncio.create_task(other.write(second))
        try:
            await asyncio.to_thread(_until_somebody_waits, store.url)
        finally:
            go_on.set()
        return await one, await two

    with closing(Store(store.url, engines=KeptEngines)) as other:
        return run(scene(other))


def _until_somebody_waits(url: str) -> None:
    until = time.monotonic() + PATIENCE_S
    with connected(url) as connection:
        while time.monotonic() < until:
            # Otherwise the picture of this transaction's first look would last.
            connection.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
            if connection.execute(_WAITING).scalar_one():
                return
    raise AssertionError("the second question did not wait for the first")
