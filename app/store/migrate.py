"""Bring a database to the tables of this version, or tell how far it is.

One migration runs at a time, however many processes start at once, and it is done whole or not at all.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.errors import StoreUnavailable
from app.store.engine import postgres_engine, sqlite_engine, why

SCRIPTS = Path(__file__).resolve().parents[2] / "alembic"

# Any number that no other program takes and that never changes.
ADVISORY_LOCK = 6275382766


def upgrade(url: str) -> None:
    """Bring the database to the tables of this version; raises StoreUnavailable and has changed nothing then."""
    with alone(url) as connection:
        command.upgrade(_config(connection), "head")


def downgrade(url: str, revision: str) -> None:
    """Take the database back to a revision, `base` for no tables at all; raises StoreUnavailable."""
    with alone(url) as connection:
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """Return the revision of the database, None before the first migration; raises StoreUnavailable."""
    path = _sqlite_path(url)
    if path is not None and not _exists(path):
        return None
    with _connected(url, writes=False) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the newest revision of this version."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise StoreUnavailable(f"{SCRIPTS} holds no migrations; install marketcron again")
    return revision


def is_current(url: str) -> bool:
    """Tell whether the database has the tables of this version; raises StoreUnavailable."""
    return current(url) == head()


@contextmanager
def alone(url: str) -> Iterator[sa.Connection]:
    """Yield a connection that no other migration has, in one transaction; raises StoreUnavailable."""
    path = _sqlite_path(url)
    if path is not None:
        with _folder_to_itself(path.parent), _connected(url, writes=True) as connection:
            yield connection
    else:
        with _connected(url, writes=True) as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            yield connection


def _exists(path: Path) -> bool:
    try:
        path.stat()
        return True
    except FileNotFoundError:
        return False
    except OSError as exc:
        raise StoreUnavailable(f"{path} can't be used ({exc.strerror}); check DATABASE_URL") from exc


@contextmanager
def _folder_to_itself(folder: Path) -> Iterator[None]:
    # SQLite's own locks are not enough: two processes that both turn a new file to WAL find it locked at once.
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as exc:
        raise StoreUnavailable(f"the folder {folder} can't be used ({exc.strerror}); check DATABASE_URL") from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _connected(url: str, *, writes: bool) -> Iterator[sa.Connection]:
    if _sqlite_path(url) is None:
        engine = postgres_engine(url)
    else:
        engine = sqlite_engine(url, writes=writes)
        sa.event.listen(engine, "connect", _without_foreign_keys)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as exc:
        if "already exists" in str(exc.orig):
            raise StoreUnavailable(
                "the database holds tables of the same names that are not ours; give marketcron a database of its own"
            ) from exc
        raise StoreUnavailable(why(exc)) from exc
    except CommandError as exc:
        raise StoreUnavailable(f"{exc}; did a newer marketcron migrate this database? Install that version") from exc
    finally:
        engine.dispose()


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    # SQLite changes a table by copying and dropping it, and a drop would delete what refers to it.
    connection.execute("PRAGMA foreign_keys=OFF")


def _sqlite_path(url: str) -> Path | None:
    parts = make_url(url)
    return Path(parts.database or "") if parts.get_backend_name() == "sqlite" else None


def _config(connection: sa.Connection | None = None) -> Config:
    # In an installed copy without our folder, the folder of this name is the library's.
    if not (SCRIPTS / "env.py").exists():
        raise StoreUnavailable(f"the migrations are missing ({SCRIPTS}); run marketcron from its source folder")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
