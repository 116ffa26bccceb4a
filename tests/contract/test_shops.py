"""Every kind of shop of the registry keeps the promises of the port."""

from collections.abc import Callable, Mapping

import pytest

from app.shops.embedded import adapter
from app.shops.prestashop.reads import order_list, product_offers
from app.shops.registry import SHOPS
from tests.contract.mapping_suite import MappingSuite
from tests.contract.shop_suite import SKUS, STOCK, ShopSuite, ShopWorld
from tests.shops.embedded.world import embedded_world
from tests.shops.prestashop.world import prestashop_world

Factory = Callable[[pytest.FixtureRequest], ShopWorld]


def embedded_on(store: str) -> Factory:
    def make(request: pytest.FixtureRequest) -> ShopWorld:
        monkeypatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setattr(adapter, "ORDERS_A_PAGE", 2)
        monkeypatch.setattr(adapter, "OFFERS_A_PAGE", 2)
        return embedded_world(request.getfixturevalue(store), stock=dict.fromkeys(SKUS, STOCK))

    return make


def prestashop(request: pytest.FixtureRequest) -> ShopWorld:
    monkeypatch = request.getfixturevalue("monkeypatch")
    monkeypatch.setattr(order_list, "ORDERS_A_PAGE", 2)
    monkeypatch.setattr(product_offers, "PRODUCTS_A_PAGE", 2)
    return prestashop_world(request.getfixturevalue("sqlite_store"), stock=dict.fromkeys(SKUS, STOCK))


# How to make a fresh shop that holds what the suite asks for; a kind whose ways differ by database stands here twice.
FACTORIES: Mapping[tuple[str, str], Factory] = {
    ("embedded", "sqlite"): embedded_on("sqlite_store"),
    ("embedded", "postgres"): embedded_on("postgres_store"),
    ("prestashop", "sandbox"): prestashop,
}


@pytest.fixture(params=FACTORIES, ids="-".join)
def world(request: pytest.FixtureRequest) -> ShopWorld:
    return FACTORIES[request.param](request)


def test_every_kind_is_tested() -> None:
    assert {kind for kind, _ in FACTORIES} == SHOPS.keys()


class TestShops(ShopSuite):
    """The suite, once for each kind."""


class TestMappings(MappingSuite):
    """What an account's mapping changes, once for each kind."""
