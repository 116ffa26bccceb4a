"""A database is brought to this version whole or not at all, by one process at a time."""

import logging
import multiprocessing
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from app.errors import StoreUnavailable
from app.store import engine, migrate
from app.store.engine import Store
from app.store.tables import ShopRow, metadata
from tests.support.aio import run
from tests.support.databases import connected, table_names

OUR_TABLES = {table.name for table in metadata.sorted_tables}


def test_a_database_goes_up_down_and_up_again(bare_url: str) -> None:
    migrate.upgrade(bare_url)
    assert table_names(bare_url) == OUR_TABLES | {"alembic_version"}
    assert migrate.is_current(bare_url)

    migrate.downgrade(bare_url, "base")
    assert table_names(bare_url) == {"alembic_version"}
    assert migrate.current(bare_url) is None

    migrate.upgrade(bare_url)
    assert table_names(bare_url) == OUR_TABLES | {"alembic_version"}
    assert migrate.current(bare_url) == migrate.head()


def test_the_embedded_shop_is_there_after_the_first_migration(store: Store) -> None:
    shop = run(store.read(lambda session: session.get_one(ShopRow, "main")))

    assert (shop.name, shop.kind, shop.config) == ("main", "embedded", None)
    assert shop.created_at.tzinfo is not None


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    with connected(database_url) as connection:
        connection.exec_driver_sql("UPDATE shops SET name = 'renamed'")

    migrate.upgrade(database_url)

    with connected(database_url) as connection:
        assert list(connection.scalars(sa.text("SELECT name FROM shops"))) == ["renamed"]


def test_processes_that_upgrade_at_once_all_succeed(bare_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(3)
    processes = [spawn.Process(target=upgrade_together, args=(bare_url, start)) for _ in range(3)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert migrate.is_current(bare_url)


def test_an_upgrade_waits_until_another_is_done(bare_url: str) -> None:
    with ThreadPoolExecutor(1) as threads:
        with migrate.alone(bare_url):
            second = threads.submit(migrate.upgrade, bare_url)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)

        second.result()

    assert migrate.is_current(bare_url)


def test_a_database_without_migrations_is_not_current(bare_url: str) -> None:
    assert migrate.current(bare_url) is None
    assert not migrate.is_current(bare_url)


def test_asking_for_the_revision_makes_no_file(bare_sqlite_url: str) -> None:
    migrate.current(bare_sqlite_url)

    assert not file_of(bare_sqlite_url).exists()


def test_migrations_are_found_from_any_folder(bare_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    migrate.upgrade(bare_url)

    assert migrate.is_current(bare_url)


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'data' / 'marketcron.db'}"

    migrate.upgrade(url)

    assert migrate.is_current(url)


def test_migrating_says_nothing_and_leaves_logging_alone(bare_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    before = logging_setup()

    migrate.upgrade(bare_url)
    migrate.is_current(bare_url)

    assert capfd.readouterr() == ("", "")
    assert logging_setup() == before


def test_a_migration_that_fails_leaves_nothing(bare_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_migration(tmp_path, monkeypatch, "op.create_table('half', sa.Column('id', sa.Integer()))", "raise LookupError")

    with pytest.raises(LookupError):
        migrate.upgrade(bare_url)

    assert table_names(bare_url) == set()


def test_changing_a_table_keeps_what_refers_to_its_rows(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(database_url) as connection:
        connection.exec_driver_sql("INSERT INTO embedded_products VALUES ('main', 'A', '', '', '', 1, '2026-01-01')")
    add_migration(
        tmp_path,
        monkeypatch,
        "with op.batch_alter_table('shops', recreate='auto') as shops:",
        "    shops.alter_column('kind', type_=sa.Text())",
    )

    migrate.upgrade(database_url)

    with connected(database_url) as connection:
        assert list(connection.scalars(sa.text("SELECT sku FROM embedded_products"))) == ["A"]
        assert list(connection.scalars(sa.text("SELECT id FROM shops"))) == ["main"]


def test_a_database_of_a_newer_version_is_reported(database_url: str) -> None:
    with connected(database_url) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreUnavailable, match=r"newer marketcron .* Install that version"):
        migrate.upgrade(database_url)

    assert not migrate.is_current(database_url)


def test_tables_of_another_program_are_reported_and_left_alone(bare_url: str) -> None:
    with connected(bare_url) as connection:
        connection.exec_driver_sql("CREATE TABLE shops (id INTEGER)")

    with pytest.raises(StoreUnavailable, match="give marketcron a database of its own"):
        migrate.upgrade(bare_url)

    assert table_names(bare_url) == {"shops"}


def test_a_locked_file_is_reported(bare_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 1)
    with closing(sqlite3.connect(file_of(bare_sqlite_url), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreUnavailable, match="locked by another program; close it"):
            migrate.upgrade(bare_sqlite_url)


@pytest.mark.parametrize(
    "url",
    ["sqlite:////proc/marketcron/marketcron.db", "postgresql://nobody@/nowhere?host=/nowhere"],
    ids=["folder", "server"],
)
def test_a_database_that_can_not_be_reached_is_reported(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="check DATABASE_URL"):
        migrate.upgrade(url)


def test_a_file_that_can_not_be_looked_at_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(StoreUnavailable, match="check DATABASE_URL"):
        migrate.current(f"sqlite:///{tmp_path / 'data' / 'marketcron.db'}")


def test_a_copy_without_its_migrations_is_reported(
    bare_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "SCRIPTS", tmp_path / "alembic")

    with pytest.raises(StoreUnavailable, match="run marketcron from its source folder"):
        migrate.upgrade(bare_sqlite_url)


def upgrade_together(url: str, start: Barrier) -> None:
    start.wait()
    migrate.upgrade(url)


def add_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let the migrations be a copy with one more after the newest."""
    scripts = tmp_path / "alembic"
    shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    body = "\n    ".join(lines)
    (scripts / "versions" / "next_one.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = 'next'\ndown_revision = '{migrate.head()}'\n"
        f"def upgrade() -> None:\n    {body}\n"
    )
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)


def logging_setup() -> dict[str, tuple[int, bool, int]]:
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in ("alembic", "sqlalchemy", "app"))]
    return {logger.name: (logger.level, logger.disabled, len(logger.handlers)) for logger in loggers}


def file_of(url: str) -> Path:
    return Path(make_url(url).database or "")
