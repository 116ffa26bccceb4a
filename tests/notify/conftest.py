"""`service`: a service whose account tells a watchdog of its imports; `watchdog`: who hears it; `logged`: its logs."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.api.service import Service, a_service
from tests.notify.watchdog import URL, Watchdog


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[Service]:
    with a_service(tmp_path, template=sqlite_template) as running:
        running.add_account(ping_urls={"orders-import": URL})
        running.stock_the_shop()
        yield running


@pytest.fixture
def watchdog(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watchdog]:
    dog = Watchdog(service.network._world)
    monkeypatch.setattr(service.network, "_world", dog)
    yield dog
    dog.release()
