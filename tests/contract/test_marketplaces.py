"""Every platform of the registry keeps the promises of the port, and so does the fake of the tests of tasks."""

import pytest

from app.marketplaces.registry import PLATFORMS
from tests.contract.marketplaces.decisions_suite import DecisionsSuite
from tests.contract.marketplaces.offers_suite import OffersSuite
from tests.contract.marketplaces.on_fake import on_fake
from tests.contract.marketplaces.on_sandbox import on_sandbox
from tests.contract.marketplaces.orders_suite import OrdersSuite
from tests.contract.marketplaces.shipments_suite import ShipmentsSuite
from tests.contract.marketplaces.summaries_suite import SummariesSuite
from tests.contract.marketplaces.troubles_suite import TroublesSuite
from tests.contract.marketplaces.under_test import Subject

FAKE = "fake"


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> Subject:
    return on_sandbox(PLATFORMS[request.param])


@pytest.fixture(params=[*PLATFORMS, FAKE])
def subject(request: pytest.FixtureRequest) -> Subject:
    return on_fake() if request.param == FAKE else on_sandbox(PLATFORMS[request.param])


class TestOrders(OrdersSuite):
    """The suite, once for each platform and the fake."""


class TestDecisions(DecisionsSuite):
    """The suite, once for each platform and the fake."""


class TestShipments(ShipmentsSuite):
    """The suite, once for each platform and the fake."""


class TestOffers(OffersSuite):
    """The suite, once for each platform and the fake."""


class TestSummaries(SummariesSuite):
    """The suite, once for each platform; the fake has no summaries."""

    @pytest.fixture
    def subject(self, platform: Subject) -> Subject:
        return platform


class TestTroubles(TroublesSuite):
    """The suite, once for each platform; no network is between the fake and whoever asks it."""

    @pytest.fixture
    def subject(self, platform: Subject) -> Subject:
        return platform
