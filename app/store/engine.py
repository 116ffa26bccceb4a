"""The store: one question, one function, one thread hop, one transaction.

A question is a plain function of a synchronous session. SQLite has one writer thread and four readers, PostgreSQL a
small pool of threads. A caller that is cancelled never cuts a transaction in the middle: it runs to its end in its
thread, or it never started. Who can wait asks through a way (`asking_through`) that lets others go first.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlmodel import Session as Session  # for the signatures of questions asked elsewhere

from app.domain.message import Message, message
from app.errors import StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4
POSTGRES_THREADS = 8
BUSY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_S = 5
# PostgreSQL gives up one of two transactions that wait for each other; a question is pure, so it is asked again.
DEADLOCK_TRIES = 3
_RETRIABLE = {"40001", "40P01"}
_NO_TABLES = {"42P01", "42703"}
# What a question is asked in: it may wait there for its turn.
Way = Callable[[], contextlib.AbstractAsyncContextManager[None]]
_way: ContextVar[Way] = ContextVar("way", default=contextlib.nullcontext)


@contextlib.contextmanager
def asking_through(way: Way) -> Iterator[None]:
    """Ask every question of the block, and of tasks that begin there, in `way`."""
    before = _way.set(way)
    try:
        yield
    finally:
        _way.reset(before)


class DatabaseFile:
    """The file of a SQLite database, as it was first met.

    SQLite goes on with a file that was taken away, and opens an empty one in its place: what is written meanwhile is
    lost without an error.
    """

    def __init__(self, path: str | None) -> None:
        self.path = path if path != ":memory:" else None
        self.met: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise StoreUnavailable when the file is gone or another one; one that is not made yet is fine."""
        if not self.path:
            return
        try:
            status = os.stat(self.path)
            now = (status.st_dev, status.st_ino)
        except OSError:
            now = None
        if self.met is None:
            self.met = now
        elif now != self.met:
            raise StoreUnavailable(message("STORE_REPLACED"))


class Engines:
    """The two engines of one database, the one that writes and the one that reads."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.file = DatabaseFile(make_url(url).database) if self.is_sqlite else None
        if self.file is not None:
            self.writer = sqlite_engine(url, writes=True, file=self.file)
            self.reader = sqlite_engine(url, writes=False, file=self.file)
        else:
            self.writer = postgres_engine(url)
            self.reader = self.writer.execution_options(postgresql_readonly=True)

    def close(self) -> None:
        """Let go of the database."""
        self.writer.dispose()
        self.reader.dispose()


class Store:
    """The database behind `url` (`sqlite:///path` or `postgresql://…`); `engines` opens it."""

    def __init__(self, url: str, *, engines: Callable[[str], Engines] = Engines) -> None:
        self.url = url
        self._engines = engines(url)
        self.is_sqlite = self._engines.is_sqlite
        if self.is_sqlite:
            self._write_threads = ThreadPoolExecutor(1, thread_name_prefix="store-write")
            self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        else:
            self._write_threads = self._read_threads = ThreadPoolExecutor(POSTGRES_THREADS, thread_name_prefix="store")
        self.in_flight = 0

    async def read(self, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Answer a question that changes nothing; raises StoreUnavailable."""
        return await self._hop(
            self._read_threads, self._engines.reader, lambda session: question(session, *args, **kwargs), keep=False
        )

    async def write(self, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Answer a question that writes and commit it; raises StoreUnavailable when nothing was written."""
        return await self._hop(
            self._write_threads, self._engines.writer, lambda session: question(session, *args, **kwargs), keep=True
        )

    async def preview(self, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Answer a question that writes, then undo what it wrote: what would happen if …"""
        return await self._hop(
            self._write_threads, self._engines.writer, lambda session: question(session, *args, **kwargs), keep=False
        )

    def close(self) -> None:
        """Wait for what is under way, then let go of the database."""
        self._write_threads.shutdown()
        self._read_threads.shutdown()
        self._engines.close()

    async def _hop(
        self, threads: ThreadPoolExecutor, engine: Engine, question: Callable[[Session], T], *, keep: bool
    ) -> T:
        async with _way.get()():
            return await self._ask(threads, engine, question, keep=keep)

    async def _ask(
        self, threads: ThreadPoolExecutor, engine: Engine, question: Callable[[Session], T], *, keep: bool
    ) -> T:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[T] = loop.create_future()

        def landed(hop: Future[T]) -> None:
            # A loop that was closed meanwhile has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._land, hop, answered)

        try:
            hop = threads.submit(_transaction, engine, question, keep)
        except RuntimeError as exc:
            raise StoreUnavailable(message("STORE_STOPPING")) from exc
        self.in_flight += 1
        hop.add_done_callback(landed)
        try:
            return await answered
        except asyncio.CancelledError:
            # A cancelled caller has gone, its transaction has not, unless it never began.
            hop.cancel()
            raise

    def _land(self, hop: Future[T], answered: asyncio.Future[T]) -> None:
        self.in_flight -= 1
        if answered.cancelled():
            return
        error = hop.exception()
        if error is not None:
            answered.set_exception(error)
        else:
            answered.set_result(hop.result())


def change(session: Session, statement: sa.Update | sa.Delete | sa.Insert) -> int:
    """Execute a statement that writes and return how many rows it touched."""
    result = session.execute(statement)
    return int(cast("sa.CursorResult[Any]", result).rowcount)


def _transaction(engine: Engine, question: Callable[[Session], T], keep: bool) -> T:
    for tries_left in range(DEADLOCK_TRIES - 1, -1, -1):
        try:
            with Session(engine, expire_on_commit=False) as session:
                answer = question(session)
                if keep:
                    session.commit()
                return answer
        except DBAPIError as exc:
            if tries_left and getattr(exc.orig, "sqlstate", None) in _RETRIABLE:
                continue
            if isinstance(exc, IntegrityError | DataError) and not exc.connection_invalidated:
                raise
            raise StoreUnavailable(why(exc)) from exc
        except sa.exc.TimeoutError as exc:
            raise StoreUnavailable(message("STORE_BUSY")) from exc
    raise AssertionError("unreachable")


def why(exc: DBAPIError) -> Message:
    """Return what to say to whoever must mend the database."""
    text = str(exc.orig).lower()
    if "no such table" in text or "no such column" in text or getattr(exc.orig, "sqlstate", None) in _NO_TABLES:
        return message("STORE_LACKS_TABLES")
    if "locked" in text:
        return message("STORE_LOCKED")
    if "readonly" in text or "read-only" in text:
        return message("STORE_READ_ONLY")
    if "unable to open" in text:
        return message("STORE_NOT_OPENED")
    if "full" in text:
        return message("STORE_FULL")
    return message("STORE_DOWN", error=type(exc.orig).__name__)


def sqlite_engine(url: str, *, writes: bool, file: DatabaseFile | None = None) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreUnavailable(message("STORE_FOLDER", path=path, error=exc.strerror or "")) from exc
    engine = sa.create_engine(
        url,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
        poolclass=sa.pool.QueuePool,
        pool_size=1 if writes else READERS,
        max_overflow=0,
    )

    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transactions would begin late and deferred: updates get lost without an error.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        # With NORMAL a power cut may take the last commits, an intent among them.
        connection.execute("PRAGMA synchronous=FULL")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    def on_begin(connection: sa.Connection) -> None:
        if file is not None:
            file.check()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def before_connect(*_: Any) -> None:
        if file is not None:
            file.check()

    sa.event.listen(engine, "do_connect", before_connect)
    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", on_begin)
    return engine


def postgres_engine(url: str) -> Engine:
    # No prepared statements and no start-up options, so that connection poolers in between work.
    engine = sa.create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=POSTGRES_THREADS,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"prepare_threshold": None, "connect_timeout": CONNECT_TIMEOUT_S},
    )

    def on_connect(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        # A frozen holder of a row must not block a takeover; a statement that hangs must not hold a thread for ever.
        connection.execute("SET idle_in_transaction_session_timeout = '10s'")
        connection.execute("SET statement_timeout = '60s'")
        connection.autocommit = False

    sa.event.listen(engine, "connect", on_connect)
    return engine
