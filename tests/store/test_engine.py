"""One question, one transaction: kept whole or not at all, on both databases."""

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, col, select

from app.errors import StoreUnavailable
from app.store import engine, migrate
from app.store.engine import POSTGRES_THREADS, Store, asking_through
from app.store.tables import EmbeddedProductRow, LeaseRow, ShopRow
from tests.support import postgres
from tests.support.aio import run
from tests.support.databases import connected
from tests.support.kept_engines import KeptEngines

PATIENCE_S = 10.0


def test_concurrent_increments_from_two_stores_are_all_kept(store: Store) -> None:
    run(store.write(add_lease, "counter"))

    async def scene(other: Store) -> None:
        await asyncio.gather(*(who.write(increment, "counter") for who in (store, other) for _ in range(120)))

    with closing(Store(store.url, engines=KeptEngines)) as other:
        run(scene(other))

    assert run(store.read(epoch_of, "counter")) == 240


def test_a_cancelled_caller_never_leaves_half_a_transaction(store: Store) -> None:
    halfway, go_on = threading.Event(), threading.Event()

    def add_two(session: Session) -> None:
        add_lease(session, "first")
        halfway.set()
        go_on.wait(PATIENCE_S)
        add_lease(session, "second")

    async def scene() -> None:
        caller = asyncio.create_task(store.write(add_two))
        await asyncio.to_thread(halfway.wait, PATIENCE_S)
        caller.cancel()
        with suppress(asyncio.CancelledError):
            await caller
        go_on.set()

    run(scene())
    store.close()

    assert leases(store.url) == ["first", "second"]


def test_a_caller_cancelled_while_it_waits_for_a_thread_writes_nothing(store: Store) -> None:
    go_on = threading.Event()

    def occupy_a_thread(session: Session) -> None:
        go_on.wait(PATIENCE_S)

    async def scene() -> None:
        threads = 1 if store.is_sqlite else POSTGRES_THREADS
        others = [asyncio.create_task(store.write(occupy_a_thread)) for _ in range(threads)]
        caller = asyncio.create_task(store.write(add_lease, "late"))
        await asyncio.sleep(0)
        caller.cancel()
        with suppress(asyncio.CancelledError):
            await caller
        go_on.set()
        await asyncio.gather(*others)

    run(scene())
    store.close()

    assert leases(store.url) == []


def test_a_question_that_fails_in_the_middle_writes_nothing(store: Store) -> None:
    def add_and_fail(session: Session) -> None:
        add_lease(session, "first")
        raise LookupError("no second one")

    with pytest.raises(LookupError):
        run(store.write(add_and_fail))

    assert leases(store.url) == []


def test_a_read_writes_nothing(store: Store) -> None:
    with suppress(StoreUnavailable):
        run(store.read(add_lease, "written by a reader"))

    assert leases(store.url) == []


def test_sqlite_refuses_what_a_reader_writes(sqlite_store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        run(sqlite_store.read(add_lease, "written by a reader"))


def test_readers_go_on_while_another_question_writes(store: Store) -> None:
    async def scene() -> list[str]:
        written, go_on = threading.Event(), threading.Event()

        def write_slowly(session: Session) -> None:
            add_lease(session, "new")
            written.set()
            go_on.wait(PATIENCE_S)

        writer = asyncio.create_task(store.write(write_slowly))
        await asyncio.to_thread(written.wait, PATIENCE_S)
        seen = await store.read(lease_keys)
        go_on.set()
        await writer
        return seen

    assert run(scene()) == []
    assert leases(store.url) == ["new"]


def test_a_dry_run_answers_and_leaves_nothing(store: Store) -> None:
    def add_and_list(session: Session) -> list[str]:
        add_lease(session, "rolled back")
        return lease_keys(session)

    assert run(store.preview(add_and_list)) == ["rolled back"]
    assert leases(store.url) == []


def test_who_can_wait_asks_in_the_way_that_was_given_and_others_do_not(sqlite_store: Store) -> None:
    said: list[str] = []

    @asynccontextmanager
    async def way() -> AsyncIterator[None]:
        said.append("begin")
        yield
        said.append("end")

    async def scene() -> None:
        with asking_through(way):
            # A task that begins in the block stays on that way.
            inside = asyncio.create_task(sqlite_store.read(lease_keys))
            await sqlite_store.write(add_lease, "inside")
        await inside
        said.append("outside")
        await sqlite_store.write(add_lease, "outside")

    run(scene())

    assert sorted(said[:-1]) == ["begin", "begin", "end", "end"]
    assert said[-1] == "outside"
    assert leases(sqlite_store.url) == ["inside", "outside"]


def test_a_naive_moment_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        run(store.write(add_product, datetime(2026, 3, 29, 2, 30)))

    assert run(store.read(product_moments)) == []


def test_moments_come_back_in_utc(store: Store) -> None:
    in_paris = datetime(2026, 7, 1, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))

    run(store.write(add_product, in_paris))

    [moment] = run(store.read(product_moments))
    assert moment == in_paris
    assert moment.tzinfo is UTC


def test_a_broken_rule_is_reported_as_such(store: Store) -> None:
    run(store.write(add_lease, "once"))

    with pytest.raises(IntegrityError):
        run(store.write(add_lease, "once"))


def test_a_locked_database_is_reported_and_works_again_afterwards(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 1)
    with closing(Store(sqlite_url)) as store:
        with closing(sqlite3.connect(file_of(sqlite_url), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked by another program; close it"):
                run(store.write(add_lease, "blocked"))

        run(store.write(add_lease, "free"))

    assert leases(sqlite_url) == ["free"]


def test_a_file_that_may_not_be_written_is_reported(sqlite_url: str) -> None:
    make_read_only(file_of(sqlite_url))

    with closing(Store(sqlite_url)) as store, pytest.raises(StoreUnavailable, match="can't be written; check"):
        run(store.write(add_lease, "lost"))


def test_a_full_disk_is_reported_and_nothing_is_half_written(sqlite_store: Store) -> None:
    def write_too_much(session: Session) -> None:
        add_lease(session, "first")
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        for number in range(1000):
            add_lease(session, f"{number}".rjust(4000))

    with pytest.raises(StoreUnavailable, match="full; make room"):
        run(sqlite_store.write(write_too_much))

    assert leases(sqlite_store.url) == []


def test_a_file_that_is_no_database_is_reported(bare_sqlite_url: str) -> None:
    file_of(bare_sqlite_url).write_text("sku;title;price\n" * 100)

    with closing(Store(bare_sqlite_url)) as store, pytest.raises(StoreUnavailable, match="check DATABASE_URL"):
        run(store.read(lease_keys))


def test_a_folder_that_can_not_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(StoreUnavailable, match="check DATABASE_URL"):
        Store(f"sqlite:///{tmp_path / 'data' / 'marketcron.db'}")


@pytest.mark.parametrize("writes", [False, True], ids=["read", "write"])
def test_missing_tables_are_reported(bare_url: str, writes: bool) -> None:
    with closing(Store(bare_url)) as store, pytest.raises(StoreUnavailable, match="run `marketcron migrate`"):
        run(store.write(add_lease, "lost") if writes else store.read(lease_keys))


def test_a_missing_postgres_database_is_not_taken_for_missing_tables(bare_postgres_url: str) -> None:
    url = make_url(bare_postgres_url).set(database="nowhere").render_as_string(hide_password=False)

    with closing(Store(url)) as store, pytest.raises(StoreUnavailable, match="check DATABASE_URL and the server"):
        run(store.read(lease_keys))


def test_a_postgres_that_only_reads_is_reported(postgres_url: str) -> None:
    database = make_url(postgres_url).database
    with connected(postgres_url) as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')

    with closing(Store(postgres_url)) as store, pytest.raises(StoreUnavailable, match="can't be written"):
        run(store.write(add_lease, "lost"))


def test_a_connection_cut_in_the_middle_leaves_nothing_and_the_next_question_works(postgres_store: Store) -> None:
    def add_and_lose_the_connection(session: Session) -> None:
        add_lease(session, "half")
        session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailable, match="check DATABASE_URL and the server"):
        run(postgres_store.write(add_and_lose_the_connection))
    run(postgres_store.write(add_lease, "whole"))

    assert leases(postgres_store.url) == ["whole"]


def test_a_connection_cut_while_idle_harms_no_question(postgres_store: Store) -> None:
    run(postgres_store.write(add_lease, "before"))
    with connected(postgres_store.url) as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert run(postgres_store.read(lease_keys)) == ["before"]


def test_a_server_that_vanishes_is_reported(passing_server: postgres.Server) -> None:
    url = passing_server.url(passing_server.create())
    migrate.upgrade(url)
    with closing(Store(url)) as store:
        run(store.write(add_lease, "before"))
        postgres.remove(passing_server.folder)

        for question in (store.write(add_lease, "after"), store.read(lease_keys)):
            with pytest.raises(StoreUnavailable, match="check DATABASE_URL and the server"):
                run(question)


def test_a_deadlock_is_asked_again(postgres_store: Store) -> None:
    tries: Counter[str] = Counter()
    both_hold_one = threading.Barrier(2)
    for key in ("left", "right"):
        run(postgres_store.write(add_lease, key))

    def increment_both(session: Session, first: str, second: str) -> None:
        tries[first] += 1
        increment(session, first)
        if tries[first] == 1:
            both_hold_one.wait(PATIENCE_S)
        increment(session, second)

    async def scene() -> None:
        await asyncio.gather(
            postgres_store.write(increment_both, "left", "right"), postgres_store.write(increment_both, "right", "left")
        )

    run(scene())

    assert [run(postgres_store.read(epoch_of, key)) for key in ("left", "right")] == [2, 2]
    # One of the two was given up at least once; on a busy machine its second try can meet the other one too.
    assert tries.total() >= 3


@pytest.fixture
def passing_server(postgres_server: postgres.Server) -> Iterator[postgres.Server]:
    """A PostgreSQL of one test, that it may stop."""
    folder = postgres.side_home("passing")
    server = postgres.Server(folder)
    yield server
    server.close()
    postgres.remove(folder)


def add_lease(session: Session, key: str) -> None:
    session.add(LeaseRow(key=key))
    session.flush()


def increment(session: Session, key: str) -> None:
    row = session.get_one(LeaseRow, key, with_for_update=True)
    row.epoch += 1
    session.flush()


def epoch_of(session: Session, key: str) -> int:
    return session.get_one(LeaseRow, key).epoch


def lease_keys(session: Session) -> list[str]:
    return list(session.exec(select(LeaseRow.key).order_by(col(LeaseRow.key))))


def leases(url: str) -> list[str]:
    with connected(url) as connection:
        return list(connection.scalars(sa.text("SELECT key FROM leases ORDER BY key")))


def add_product(session: Session, updated_at: datetime) -> None:
    shop = session.exec(select(ShopRow)).one()
    session.add(
        EmbeddedProductRow(shop_id=shop.id, sku="A-1", title="Lamp", price="12.90", quantity=3, updated_at=updated_at)
    )
    session.flush()


def product_moments(session: Session) -> list[datetime]:
    return list(session.exec(select(EmbeddedProductRow.updated_at)))


def file_of(url: str) -> Path:
    return Path(make_url(url).database or "")


def make_read_only(path: Path) -> None:
    # Rights don't stop root. SQLite reads but never writes a file of a write version that it does not know.
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")
