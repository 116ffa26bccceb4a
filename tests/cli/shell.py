"""What the command line's tests call with."""

import json
import logging
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from app.cli.root import commands
from tests.support import processes


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """Calls commands in a folder."""

    folder: Path

    def call(self, *words: str, typed: str = "") -> Said:
        """Call a command in this process; its standard input and output are no terminal."""
        result = CliRunner().invoke(commands, list(words), input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    @contextmanager
    def started(self, *words: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
        """Start a command in a process of its own, which ends with the block."""
        with processes.started(
            *("-m", "app", *words),
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            yield process

    def file(self, name: str, content: str | bytes) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def add_account(self, name: str = "mirakl", *more: str) -> Said:
        """Add an account whose marketplace nobody calls."""
        fields = ("--set", "base_url=https://operator.example", "--set", "api_key=very-secret-key")
        return self.call("account", "add", name, "--platform", "mirakl", "--no-check", *fields, *more)

    def add_account_without_acceptance(self, name: str = "amazon") -> Said:
        """Add an account of a marketplace that accepts orders by itself, and that nobody calls."""
        values = {
            "base_url": "https://amazon.example",
            "seller_id": "A1B2C3D4E5F6G7",
            "client_id": "amzn1.application-oa2-client.nobody",
            "client_secret": "secret-of-nobody",
            "refresh_token": "Atzr|refresh-of-nobody",
        }
        fields = [word for field, value in values.items() for word in ("--set", f"{field}={value}")]
        return self.call("account", "add", name, "--platform", "amazon", "--no-check", *fields)


@contextmanager
def logs_as_before() -> Iterator[None]:
    """Take back how commands of the block set up logging for their process, which is ours here."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def an_installation(folder: Path, template: Path, patch: pytest.MonkeyPatch) -> Shell:
    """Make that folder an empty installation and the place where commands are called."""
    (folder / "data").mkdir()
    shutil.copyfile(template, folder / "data" / "marketcron.db")
    patch.chdir(folder)
    for name in ("DATABASE_URL", "SECRET_KEY", "ADMIN_TOKEN", "BASE_URL", "CLOCK_SPEED", "DATA_DIR"):
        patch.delenv(name, raising=False)
    patch.setenv("NO_PROXY", "127.0.0.1")
    return Shell(folder)


@dataclass(frozen=True)
class RunningSandbox:
    """A running sandbox."""

    url: str

    def control(self, path: str, **task_request: Any) -> Any:
        """Ask something of it."""
        request = urllib.request.Request(
            f"{self.url}/_control/{path}", data=json.dumps(task_request).encode(), method="POST"
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def look(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/_control/{path}") as answer:
            return json.load(answer)

    def catalogue(self) -> bytes:
        with urllib.request.urlopen(f"{self.url}/_control/catalog?format=csv") as answer:
            content: bytes = answer.read()
            return content

    def fields(self, name: str = "mirakl", **others: str) -> Sequence[str]:
        """Return the words that give `account add` what it needs; `others` stand in for what the sandbox tells."""
        reach = self.look("credentials")[name]
        values = {**reach["settings"], **reach["secrets"], "start_from": "30d", **others}
        texts = {field: ",".join(value) if isinstance(value, list) else value for field, value in values.items()}
        return [word for field, text in texts.items() for word in ("--set", f"{field}={text}")]

    def connect(self, shell: Shell) -> None:
        """Give a shell this account, and a shop that sells what it sells."""
        added = shell.call("account", "add", "mirakl", "--platform", "mirakl", *self.fields())
        assert added.code == 0, added.err
        loaded = shell.call("shop", "load-catalog", "main", shell.file("catalogue.csv", self.catalogue()))
        assert loaded.code == 0, loaded.err
