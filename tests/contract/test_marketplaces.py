"""Every platform of the registry keeps the promises of the port."""

import pytest

from app.marketplaces.platform import Platform
from app.marketplaces.registry import PLATFORMS
from tests.contract.marketplace_suite import MarketplaceSuite


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> Platform:
    return PLATFORMS[request.param]


class TestMarketplaces(MarketplaceSuite):
    """The suite, once for each platform."""
