"""`service`: a service with one account; `look`: it reads its gauges now."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.runs import ticker
from tests.api.service import Service, a_service


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[Service]:
    with a_service(tmp_path, template=sqlite_template) as running:
        running.add_account()
        running.stock_the_shop()
        yield running


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[[Service], None]:
    """Have a service read its gauges as the ticker does every minute."""
    monkeypatch.setattr(ticker, "GAUGE_EVERY_S", -1)
    return lambda service: service.wait_for(service.system.ticker.tick())
