"""Imports into a PrestaShop that answers badly, by a server that is killed again and again: every order once, its total
to the cent, the stock exact, also for orders that the marketplace shipped itself.
"""

import random
from collections import Counter
from decimal import Decimal

import pytest

from app.sandbox.faults import KINDS
from tests.support.caller import Service
from tests.support.deployment import Deployment
from tests.support.killing import killed_in_the_middle
from tests.support.marketplace import Marketplace
from tests.support.prestashop import PrestaShop, connect
from tests.support.snapshot import read_snapshot

SPEED = 600
PATIENCE_S = "0.3"
WITH_PATIENCE = ("-m", "tests.support.launch", "serve", "--port", "0")
MOST_ROUNDS = 40
MANY = 300
DELIVERED = 5


def import_all(service: Service, ids: list[str]) -> None:
    """Import until the ledger says that every order is there; one that went to a person is retried by that person."""
    for _ in range(MOST_ROUNDS):
        service.run("orders-import")
        snapshot = read_snapshot(service.database_url)
        open_orders = {
            order_id: snapshot.codes.get(order_id) for order_id in ids if snapshot.intakes[order_id] != "imported"
        }
        if not open_orders:
            return
        undecided = [order_id for order_id, code in open_orders.items() if code == "UNKNOWN_TWICE"]
        if undecided:
            service.admin("POST", "/api/accounts/mirakl-demo/orders/retry", json={"order_ids": undecided})
    raise AssertionError(f"not all orders came in: {open_orders}")


def sold(marketplace: Marketplace, ids: list[str]) -> Counter[str]:
    units: Counter[str] = Counter()
    orders = marketplace.orders()
    for order_id in ids:
        for line in orders[order_id]["lines"]:
            units[line["sku"]] += line["quantity"]
    return units


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("count", "fulfilment", "dice"),
    [
        pytest.param(18, "merchant", 1, marks=pytest.mark.long),
        pytest.param(18, "marketplace", 2, marks=pytest.mark.long),
        pytest.param(MANY, "merchant", 3, marks=pytest.mark.long),
        pytest.param(MANY, "marketplace", 4, marks=pytest.mark.long),
    ],
)
def test_every_kind_of_fault_and_kills_lose_nothing_and_double_nothing(
    deployment: Deployment, count: int, fulfilment: str, dice: int
) -> None:
    draw = random.Random(dice)
    marketplace = deployment.real_marketplace(speed=SPEED)
    shop, service = PrestaShop(marketplace), deployment.real_service(marketplace, TEST_READ_TIMEOUT_S=PATIENCE_S)
    service.command = WITH_PATIENCE
    connect(service, marketplace, shop)
    service.start()
    before = shop.state()["stock"]
    state = "to_ship" if fulfilment == "merchant" else "shipped"
    ids: list[str] = []

    kinds = KINDS if count == MANY else KINDS[::3]
    for kind in kinds:
        ids += marketplace.seed(count // len(kinds), state, fulfilment=fulfilment)
        shop.heal()
        shop.fault(kind, rate=0.1, **({"delay_s": 0.1} if kind == "slow" else {}))
        killed_in_the_middle(service, "orders-import", draw=draw)
        service.run("orders-import")
    served = shop.state()["faults"]
    shop.heal()
    import_all(service, ids)

    in_shop, orders = shop.state(), marketplace.orders()
    # With few orders some kinds draw no call at all.
    assert set(served) <= set(KINDS) if count < MANY else set(served) == set(KINDS)
    assert sum(served.values()) > 0
    assert sorted(order["key"].rpartition(":")[2] for order in in_shop["orders"]) == sorted(ids)
    for order in in_shop["orders"]:
        total = Decimal(str(orders[order["key"].rpartition(":")[2]]["total"]))
        assert Decimal(order["total_paid"]) == Decimal(order["total_paid_real"]) == total, order
        assert sum(Decimal(each["amount"]) for each in order["payments"]) == total, order
        assert len(order["history"]) == len(set(order["history"])), order
    lowered = sold(marketplace, ids) if fulfilment == "merchant" else Counter[str]()
    assert in_shop["stock"] == {sku: units - lowered[sku] for sku, units in before.items()}
    assert in_shop["specific_prices"] == []
    assert in_shop["mails_to_buyers"] == {}
    assert "Traceback" not in service.log()
