"""A setting that can't be used stops the start and is named; its value is never repeated."""

from pathlib import Path

import pytest

from app.errors import BadInput
from app.settings import Settings, load_settings
from app.system import open_system
from tests.support.aio import run

BAD = {
    "DATABASE_URL": "mysql://user:hunter2@host/name",
    "SECRET_KEY": "hunter2",
    "SECRET_KEY_PREVIOUS": "hunter2",
    "ADMIN_TOKEN": "hunter2",
    "EXECUTOR": "hunter2",
    "SCHEDULER": "hunter2",
    "MIN_INTERVALS": "hunter2",
    "CLOCK_SPEED": "0",
    "CLOCK_BASE": "2026-01-31T08:00:00",
    "WAIT_DEFAULT_S": "-1",
    "WAIT_MAX_S": "301",
    "RUN_DEADLINE_S": "0",
    "RUNS_AT_ONCE": "0",
    "LEASE_S": "0.5",
    "TICK_S": "0",
    "UNKNOWN_OUTCOME_WAIT_S": "-1",
    "TOKEN_GRACE_DAYS": "-1",
    "REPORT_LINK_DAYS": "0",
    "KEEP_RUNS_DAYS": "0",
    "LOG_LEVEL": "loud",
    "LOG_FORMAT": "xml",
}
TAKES_ANY_TEXT = {"DATA_DIR", "BASE_URL", "ROOT_PATH", "FORWARDED_ALLOW_IPS"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours is set, no `.env` is near."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def refusal() -> str:
    with pytest.raises(BadInput) as refused:
        load_settings()
    return refused.value.message


@pytest.mark.parametrize(("name", "value"), BAD.items(), ids=list(BAD))
def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    assert f"{name}: " in refusal()


@pytest.mark.parametrize(("name", "value"), BAD.items(), ids=list(BAD))
def test_a_bad_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    assert "hunter2" not in refusal()


def test_every_bad_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BAD.items():
        monkeypatch.setenv(name, value)

    said = refusal()

    assert [name for name in BAD if f"{name}: " not in said] == []


def test_every_variable_is_tried_here() -> None:
    assert {name.upper() for name in Settings.model_fields} == {*BAD, *TAKES_ANY_TEXT}


def test_every_variable_has_a_sentence() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")

    assert load_settings() == Settings(_env_file=None)


def test_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BASE_URL=https://cron.shop.example\n")

    assert load_settings().base_url == "https://cron.shop.example"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=error\n")
    monkeypatch.setenv("LOG_LEVEL", "debug")

    assert load_settings().log_level == "debug"


def test_the_database_is_a_file_in_the_data_folder_unless_set_otherwise(tmp_path: Path) -> None:
    assert Settings(_env_file=None, data_dir=tmp_path).database == f"sqlite:///{tmp_path}/marketcron.db"


@pytest.mark.parametrize("given", ["postgres://u:p@h/n", "postgresql://u:p@h/n"])
def test_both_names_of_postgresql_are_known(given: str) -> None:
    assert Settings(_env_file=None, database_url=given).database == "postgresql://u:p@h/n"


@pytest.mark.parametrize("name", ["base_url", "root_path"])
def test_an_address_loses_the_slash_at_its_end(name: str) -> None:
    assert getattr(Settings.model_validate({name: "/shop/"}), name) == "/shop"


def test_on_postgresql_the_secret_must_be_given(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")

    async def start() -> None:
        async with open_system(settings, role="tool"):
            pass

    with pytest.raises(BadInput, match="SECRET_KEY must be set when DATABASE_URL is PostgreSQL"):
        run(start())


def test_without_a_secret_on_postgresql_no_key_file_is_made(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")

    async def start() -> None:
        async with open_system(settings, role="tool"):
            pass

    with pytest.raises(BadInput):
        run(start())

    assert list(tmp_path.iterdir()) == []
