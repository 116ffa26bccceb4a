"""A folder of one's own to call commands in, and marketplaces to call."""

import logging
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import uvicorn

from app.sandbox import server_config
from app.server import address_of, listen
from tests.cli.shell import Market, Shell


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Commands set up logging for their process, which is ours here."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def shell(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A folder with an empty installation."""
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "marketcron.db")
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "SECRET_KEY", "ADMIN_TOKEN", "BASE_URL", "CLOCK_SPEED", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Shell(tmp_path)


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
def market(market_server: str) -> Market:
    """A sandbox without orders."""
    market = Market(market_server)
    market.control("reset")
    market.control("mirakl/switches", quotas="off")
    return market
