"""Every kind of shop of the registry keeps the promises of the port, and so does the fake of the tests of tasks."""

from collections.abc import Callable, Mapping

import pytest

from app.shops.embedded import adapter
from app.shops.prestashop.reads import order_list, product_offers
from app.shops.registry import SHOPS
from tests.contract.shops.cancellations_suite import CancellationsSuite
from tests.contract.shops.mapping_suite import MappingSuite
from tests.contract.shops.offers_suite import OffersSuite
from tests.contract.shops.on_fake import a_fake_shop
from tests.contract.shops.order_list_suite import OrderListSuite
from tests.contract.shops.orders_suite import OrdersSuite
from tests.contract.shops.parcels_suite import ParcelsSuite
from tests.contract.shops.products_suite import ProductsSuite
from tests.contract.shops.under_test import SKUS, STOCK, ShopUnderTest
from tests.shops.embedded.under_test import an_embedded_shop
from tests.shops.prestashop.under_test import a_prestashop

FAKE = "fake"
Factory = Callable[[pytest.FixtureRequest], ShopUnderTest]


def embedded_on(store: str) -> Factory:
    def make(request: pytest.FixtureRequest) -> ShopUnderTest:
        monkeypatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setattr(adapter, "ORDERS_A_PAGE", 2)
        monkeypatch.setattr(adapter, "OFFERS_A_PAGE", 2)
        return an_embedded_shop(request.getfixturevalue(store), stock=dict.fromkeys(SKUS, STOCK))

    return make


def prestashop(request: pytest.FixtureRequest) -> ShopUnderTest:
    monkeypatch = request.getfixturevalue("monkeypatch")
    monkeypatch.setattr(order_list, "ORDERS_A_PAGE", 2)
    monkeypatch.setattr(product_offers, "PRODUCTS_A_PAGE", 2)
    return a_prestashop(request.getfixturevalue("sqlite_store"), stock=dict.fromkeys(SKUS, STOCK))


# How to make a fresh shop that holds what the suite asks for; a kind whose ways differ by database stands here twice.
FACTORIES: Mapping[tuple[str, str], Factory] = {
    ("embedded", "sqlite"): embedded_on("sqlite_store"),
    ("embedded", "postgres"): embedded_on("postgres_store"),
    ("prestashop", "sandbox"): prestashop,
    (FAKE, "memory"): lambda request: a_fake_shop(),
}


@pytest.fixture(params=[each for each in FACTORIES if each[0] != FAKE], ids="-".join)
def kind(request: pytest.FixtureRequest) -> tuple[str, str]:
    chosen: tuple[str, str] = request.param
    return chosen


@pytest.fixture(params=FACTORIES, ids="-".join)
def tested(request: pytest.FixtureRequest) -> ShopUnderTest:
    return FACTORIES[request.param](request)


def test_every_kind_is_tested() -> None:
    assert {kind for kind, _ in FACTORIES} == {*SHOPS, FAKE}


class TestOrders(OrdersSuite):
    """The suite, once for each kind and the fake."""


class TestCancellations(CancellationsSuite):
    """The suite, once for each kind and the fake."""


class TestProducts(ProductsSuite):
    """The suite, once for each kind and the fake."""


class TestParcels(ParcelsSuite):
    """The suite, once for each kind and the fake."""


class TestOffers(OffersSuite):
    """The suite, once for each kind and the fake."""


class TestOrderList(OrderListSuite):
    """The suite, once for each kind and the fake."""


class TestMappings(MappingSuite):
    """What an account's mapping changes, once for each kind; the fake has no mapping."""

    @pytest.fixture
    def tested(self, request: pytest.FixtureRequest, kind: tuple[str, str]) -> ShopUnderTest:
        return FACTORIES[kind](request)
