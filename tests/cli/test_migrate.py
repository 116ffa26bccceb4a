import shutil
from pathlib import Path

import pytest

from app.store import migrate
from tests.cli.shell import Shell


def test_migrate_says_from_where_to_where(shell: Shell) -> None:
    shutil.rmtree(shell.folder / "data")

    first = shell.call("migrate")
    again = shell.call("migrate", "--json")

    assert first.out == f"The database went from no tables to revision {migrate.head()}.\n"
    assert again.json == {"from": migrate.head(), "to": migrate.head()}


def test_a_database_that_cannot_be_used_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = Path(shell.file("blocked", ""))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{blocked / 'marketcron.db'}")

    said = shell.call("migrate")

    assert said.code == 1
    assert said.err.startswith("Nothing was done: ")
    assert "check DATABASE_URL" in said.err
