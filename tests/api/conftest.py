"""`service`: a fresh service with one account at the sandbox, for every test; `module_service`: one for a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.service import Service, a_service


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[Service]:
    with a_service(tmp_path, template=sqlite_template) as running:
        running.add_account()
        running.stock_the_shop()
        yield running


@pytest.fixture(scope="module")
def module_service(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Service]:
    """One service for the tests of a file that leave it as it was."""
    with a_service(tmp_path_factory.mktemp("service"), template=sqlite_template) as running:
        running.add_account()
        yield running
