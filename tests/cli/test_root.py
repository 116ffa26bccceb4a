import re
import subprocess
import sys

import pytest

from app.cli.lazy import LazyCommand
from app.cli.root import COMMANDS
from tests.cli.shell import Shell
from tests.house.files import ROOT

HEAVY = {
    "alembic", "cryptography", "fastapi", "httpx", "prometheus_client", "pydantic", "rich", "sqlalchemy", "sqlmodel",
    "starlette", "structlog", "tenacity", "uvicorn",
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself(shell: Shell, command: LazyCommand) -> None:
    said = shell.call(str(command.name), "--help")

    assert said.code == 0
    assert said.out.startswith("Usage: ")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_says_of_each_command_what_it_says_of_itself(command: LazyCommand) -> None:
    loaded = command.load()

    assert (loaded.name, loaded.get_short_help_str(120)) == (command.name, command.get_short_help_str(120))


@pytest.mark.parametrize("words", [["--version"], ["--help"], []], ids=" ".join)
def test_nothing_heavy_is_imported_before_a_command_is_called(words: list[str]) -> None:
    process = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "app", *words], cwd=ROOT, capture_output=True, text=True
    )

    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", process.stderr, re.MULTILINE))
    assert "app.cli.root" in imported
    assert {name.partition(".")[0] for name in imported} & HEAVY == set()


def test_a_command_that_is_nearly_right_brings_the_right_one_to_mind(shell: Shell) -> None:
    said = shell.call("stauts")

    assert "Did you mean 'status'" in said.err


def test_the_module_is_the_command(shell: Shell) -> None:
    with shell.started("--version") as process:
        out, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "")
    assert out.strip()


def test_settings_that_cannot_be_used_are_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_SPEED", "fast")

    said = shell.call("urls")

    assert said.code == 2
    assert "CLOCK_SPEED" in said.err


def test_the_admin_token_is_reported_once_to_whoever_comes_first(shell: Shell) -> None:
    first, second = shell.call("account", "list"), shell.call("account", "list")

    token = (shell.folder / "data" / "admin.token").read_text().strip()
    assert token in first.err
    assert token not in first.out + second.out + second.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["invent"], "No such command 'invent'"),
        (["serve", "--port", "70000"], "Invalid value for '--port'"),
        (["serve", "--host", "256.0.0.1"], "Can't listen on 256.0.0.1"),
        (["sandbox", "--speed", "0"], "Invalid value for '--speed'"),
        (["demo", "--twice"], "No such option"),
    ],
)
def test_bad_usage_is_a_sentence_and_exit_code_2(shell: Shell, words: list[str], sentence: str) -> None:
    said = shell.call(*words)

    assert said.code == 2
    assert sentence in said.err
