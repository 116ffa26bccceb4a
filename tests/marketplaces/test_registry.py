"""The registry knows every platform by its name."""

import pytest

from app.errors import BadInput
from app.marketplaces.registry import PLATFORMS, platform


def test_a_platform_is_found_by_its_name() -> None:
    assert platform("mirakl").title == "Mirakl"


def test_a_platform_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(BadInput, match="mirakl"):
        platform("mirakel")


def test_every_platform_stands_under_its_own_name() -> None:
    assert all(name == each.name for name, each in PLATFORMS.items())
