"""A merchant with a PrestaShop, served by URLs."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.support.caller import Service
from tests.support.deployment import Deployment
from tests.support.marketplace import Marketplace
from tests.support.prestashop import PrestaShop, connect

PARCELS = 6


@pytest.fixture
def connected(deployment: Deployment) -> tuple[Service, Marketplace, PrestaShop]:
    """A service whose one account works for the PrestaShop of the sandbox."""
    # Imports of offers may begin once a minute: an hour passes in one.
    marketplace = deployment.marketplace(speed=60)
    shop, service = PrestaShop(marketplace), deployment.service(marketplace)
    connect(service, marketplace, shop)
    return service.start(), marketplace, shop


def _sold(marketplace: Marketplace, ids: list[str]) -> Counter[str]:
    sold: Counter[str] = Counter()
    orders = marketplace.orders()
    for order_id in ids:
        for line in orders[order_id]["lines"]:
            sold[line["sku"]] += line["quantity"]
    return sold


def test_orders_arrive_exactly_and_leave_shipped(connected: tuple[Service, Marketplace, PrestaShop]) -> None:
    service, marketplace, shop = connected
    before = shop.state()["stock"]
    ids = [*marketplace.seed(10, "to_ship"), *marketplace.seed(10, "to_ship", lines=3)]
    ids += marketplace.seed(5, "to_ship", lines=2)

    report = service.run("orders-import")

    assert report["counts"]["imported"] == len(ids), report
    in_shop, orders = shop.orders(), marketplace.orders()
    assert in_shop.keys() == set(ids)
    for order_id in ids:
        _is_exact(in_shop[order_id], orders[order_id])
    sold = _sold(marketplace, ids)
    assert shop.state()["stock"] == {sku: units - sold[sku] for sku, units in before.items()}
    assert shop.state()["mails_to_buyers"] == {}
    assert (shop.state()["specific_prices"], [cart for cart in shop.state()["carts"] if not cart["ordered"]]) == (
        [],
        [],
    )

    writes = shop.state()["writes"]
    again = service.run("orders-import")

    assert (again["counts"]["imported"], shop.state()["writes"]) == (0, writes)

    for number, order_id in enumerate(ids[:PARCELS]):
        shop.act(f"orders/{in_shop[order_id]['id']}/ship", tracking=f"6A{number:011}")
    service.run("orders-status")

    shipped = {order_id for order_id, order in marketplace.orders().items() if order["state"] == "SHIPPED"}
    assert shipped == set(ids[:PARCELS])
    assert all(marketplace.orders()[each]["tracking"] for each in shipped)


def _is_exact(in_shop: Mapping[str, Any], order: Mapping[str, Any]) -> None:
    total = Decimal(str(order["total"]))
    assert Decimal(in_shop["total_paid"]) == Decimal(in_shop["total_paid_real"]) == total, in_shop["key"]
    assert sum(Decimal(each["amount"]) for each in in_shop["payments"]) == total
    assert sum(row["quantity"] for row in in_shop["rows"]) == sum(line["quantity"] for line in order["lines"])


def test_offers_follow_the_shop_and_both_sides_end_equal(deployment: Deployment) -> None:
    marketplace = deployment.marketplace(speed=60)
    service = deployment.service(marketplace)
    connect(service, marketplace, PrestaShop(marketplace))
    service.start()
    waiting = marketplace.seed(8, "to_accept")
    service.run("orders-accept")
    marketplace.advance(900)
    for order_id in waiting:
        marketplace.move(order_id, "SHIPPING")
    service.run("orders-import")

    service.run("offers-send", full=1)
    service.run("offers-send")
    report = service.run("orders-reconcile")

    differences = ("only_on_marketplace", "only_in_shop", "state_differs", "total_differs", "offers_differ")
    assert {name: report["counts"][name] for name in differences} == dict.fromkeys(differences, 0), report
    assert report["counts"]["matched"] == len(waiting)
