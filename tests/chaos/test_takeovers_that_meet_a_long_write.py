"""A holder in the middle of a long write while its lease runs out and another worker is at the door (PostgreSQL, where
both really run at once).
"""

import asyncio
import threading

import sqlalchemy as sa

from app.store import leases, runs
from app.store.engine import Session, Store
from app.store.run_items import ItemNote, note_items
from app.store.runs import Claimed
from tests.runs.builders import OTHER, an_account, claimed, queued
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.support.databases import connected
from tests.support.waiting import eventually

PATIENCE_S = 8.0
WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def somebody_waits(url: str) -> bool:
    with connected(url) as connection:
        return bool(connection.execute(WAITING).scalar_one())


def test_a_lease_is_renewed_while_its_holder_writes_for_long(postgres_store: Store) -> None:
    taken = claimed(postgres_store, queued(postgres_store, an_account(postgres_store)))
    writing, written = threading.Event(), threading.Event()

    def write_for_long(_session: Session) -> None:
        writing.set()
        written.wait(PATIENCE_S)

    async def scene() -> bool:
        long_write = asyncio.create_task(postgres_store.write(leases.fenced, taken.lease, write_for_long))
        await asyncio.to_thread(writing.wait, PATIENCE_S)
        renewal = asyncio.create_task(postgres_store.write(leases.renew, taken.lease, seconds=20))
        await asyncio.wait({renewal}, timeout=PATIENCE_S / 2)
        renewed_meanwhile = renewal.done()
        written.set()
        await asyncio.gather(long_write, renewal)
        return renewed_meanwhile

    assert run(scene())


def test_a_takeover_waits_for_the_last_write_of_the_holder_and_neither_is_given_up(postgres_store: Store) -> None:
    taken = claimed(postgres_store, queued(postgres_store, an_account(postgres_store)), lease_s=-1)
    writing = threading.Event()
    tries: list[str] = []

    def write_an_item(session: Session) -> None:
        tries.append("holder")
        writing.set()
        eventually("the takeover waits", lambda: somebody_waits(postgres_store.url), within_s=PATIENCE_S)
        note_items(session, taken.run.id, [ItemNote(subject="ORDER-1", outcome="imported")])

    def take_over(session: Session) -> Claimed | None:
        tries.append("other")
        return runs.claim(session, taken.run.id, owner=OTHER, lease_s=20, now=NOW)

    async def scene() -> Claimed | None:
        last_write = asyncio.create_task(postgres_store.write(leases.fenced, taken.lease, write_an_item))
        await asyncio.to_thread(writing.wait, PATIENCE_S)
        takeover = asyncio.create_task(postgres_store.write(take_over))
        await last_write
        return await takeover

    took = run(scene())

    assert took is not None
    assert (took.run.attempt, took.lease.epoch) == (2, taken.lease.epoch + 1)
    # A transaction that the database gives up to end a deadlock would have been asked again.
    assert tries == ["holder", "other"]
