"""Databases for every test: migrated and otherwise empty (the shop `main` is there), on SQLite and a real PostgreSQL.

store           an open Store, once on SQLite and once on PostgreSQL
sqlite_store    an open Store on SQLite only, where the database makes no difference
postgres_store  an open Store on PostgreSQL only
database_url    the URL behind `store`; likewise sqlite_url and postgres_url
bare_url        the URL of a database without tables, on SQLite and on PostgreSQL
"""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import migrate
from app.store.engine import Store
from tests.support import postgres
from tests.support.bytecode import compile_once
from tests.support.kept_engines import KeptEngines
from tests.support.memory import fast_folder
from tests.support.skipping import Skips

DATABASES = ["sqlite", "postgres"]
# Objects made before the collector looks for cycles. What is imported and collected lives until the end.
COLLECT_AFTER = 100_000


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(fast_folder()))
        # Whatever the environment says: workers, later runs and processes of tests read what is compiled here.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        if config.getoption("numprocesses", None):
            compile_once(config)
        postgres.claim_home()
        config.pluginmanager.register(Skips())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.remove(postgres.home())


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 100)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    name: str = request.param
    return name


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    yield from _opened(database_url)


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    yield from _opened(sqlite_url)


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    yield from _opened(postgres_url)


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{database}_url")
    return url


@pytest.fixture
def bare_url(database: str, request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"bare_{database}_url")
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = shutil.copyfile(sqlite_template, tmp_path / "marketcron.db")
    return f"sqlite:///{path}"


@pytest.fixture
def bare_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bare.db'}"


@pytest.fixture
def postgres_url(postgres_server: postgres.Server, postgres_template: str) -> Iterator[str]:
    with postgres_server.database(template=postgres_template) as url:
        yield url


@pytest.fixture
def bare_postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that each test copies."""
    path = tmp_path_factory.mktemp("template") / "marketcron.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> str:
    """A migrated database that each test copies."""
    name = postgres_server.create(f"template_{os.getpid()}")
    migrate.upgrade(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One server for the whole run; without one, tests are skipped here and fail in CI."""
    try:
        postgres.remove_leftovers()
        server = postgres.Server(postgres.home())
    except Exception as exc:
        reason = f"no PostgreSQL for tests: {type(exc).__name__}: {exc}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield server
    server.close()


def _opened(url: str) -> Iterator[Store]:
    store = Store(url, engines=KeptEngines)
    yield store
    store.close()
