"""A folder of one's own to call commands in, and marketplaces to call."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from app.sandbox import server_config
from app.server import address_of, listen
from tests.cli.shell import RunningSandbox, Shell, an_installation, logs_as_before


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    with logs_as_before():
        yield


@pytest.fixture
def shell(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A folder with an empty installation."""
    return an_installation(tmp_path, sqlite_template, monkeypatch)


@pytest.fixture(scope="module")
def market_server() -> Iterator[str]:
    """The address of a running sandbox."""
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(server_config())
        # Whoever connects before it is up waits in the listener's queue.
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield address_of(listener)
        server.should_exit = True
        thread.join()


@pytest.fixture
def sandbox(market_server: str) -> RunningSandbox:
    """A sandbox without orders."""
    sandbox = RunningSandbox(market_server)
    sandbox.control("reset")
    sandbox.control("mirakl/switches", quotas="off")
    return sandbox
