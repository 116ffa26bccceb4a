"""A seller at Amazon over real HTTP: a day of orders that are paid late, found late, cancelled, or shipped by Amazon;
then what the two catch-ups see that no other run can.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from app.domain.task import Task
from tests.support.caller import Service
from tests.support.deployment import Deployment, served_in_process
from tests.support.marketplace import Json, Marketplace
from tests.support.prestashop import PrestaShop, connect
from tests.support.sides import Sides, numbers
from tests.support.snapshot import belongs_in_shop, read_snapshot
from tests.support.waiting import eventually

# An hour takes a second.
SPEED = 3600
HOUR_S = 3600
# Offers whose goods lie at Amazon, and orders of another channel of the merchant's that Amazon ships.
FBA_OFFERS = 2
MCF = 5
# How many of them leave a PrestaShop.
PARCELS = 5
# The state of a cancelled order in a PrestaShop.
CANCELLED = 6
UNDECIDED = {"PENDING", "PENDING_AVAILABILITY"}


def orders_come(amazon: Marketplace, *, merchant: int, fba: int, over: str) -> None:
    """Let orders come in one by one: of ten one is paid hours later, one never, and one is cancelled after a while."""
    amazon.switch(late_index_rate=0.3, late_index_min_s=120, late_index_max_s=3300)
    tenth = merchant // 10
    amazon.seed(tenth, "pending", over=over, late_payment_h=2)
    amazon.seed(tenth, "pending", over=over, payment="refused")
    amazon.seed(tenth, "pending", over=over, cancel_after_s=HOUR_S)
    amazon.seed(merchant - 3 * tenth, "pending", over=over)
    amazon.seed(fba // 10, "pending", fulfilment="marketplace", over=over, late_payment_h=2, picking_s=HOUR_S)
    amazon.seed(fba - fba // 10, "pending", fulfilment="marketplace", over=over, picking_s=HOUR_S)
    amazon.seed(MCF, "pending", fulfilment="marketplace", mcf=True, over=over, picking_s=HOUR_S)


def all_came(amazon: Marketplace, count: int) -> bool:
    """Whether all orders are there, and Amazon has decided about each of them where a search shows it."""
    orders = amazon.state()["orders"]
    return len(orders) == count and all(order["state"] not in UNDECIDED and order["visible"] for order in orders)


def hit_until_all_came(service: Service, amazon: Marketplace, *, orders: int) -> None:
    """Hit the import again and again until nothing more will happen at Amazon, and once more."""

    def have_come() -> bool:
        came = all_came(amazon, orders)
        service.run(Task.ORDERS_IMPORT)
        return came

    eventually("all orders came", have_come, within_s=200)


def wanted_in_shop(amazon: Marketplace) -> dict[str, Json]:
    return {order_id: order for order_id, order in amazon.orders().items() if belongs_in_shop(order)}


def send_all_offers(service: Service) -> None:
    """Send offers until Amazon has worked through all of them."""
    eventually("no offer is under way", lambda: not service.run(Task.OFFERS_SEND)["counts"]["pending"], poll_s=0.1)


def nothing_was_wasted(amazon: Marketplace) -> None:
    """Check what Amazon counts against a seller: calls beyond a quota, writes twice, stock for what it ships itself."""
    state = amazon.state()
    assert (state["throttled"], state["writes_repeated"], state["turned_to_merchant"]) == ({}, 0, 0)


def same_on_both_sides(report: Json, *, orders: int) -> None:
    """Check that a comparison saw that many orders of Amazon and no difference."""
    counts = {name: number for name, number in report["counts"].items() if number}
    assert counts == {"marketplace": orders, "shop": counts["shop"], "matched": counts["shop"]}, report["problems"]


def test_a_day_of_both_channels_ends_with_both_sides_equal(deployment: Deployment) -> None:
    amazon, service, stock = served_in_process(deployment, speed=SPEED, platform="amazon")
    sides = Sides(marketplace=amazon, service=service, given=dict(stock))
    for sku in sorted(amazon.state()["offers"])[:FBA_OFFERS]:
        amazon.put_offer(sku, fulfilment="marketplace", quantity=7)
    orders_come(amazon, merchant=100, fba=60, over="3h")

    hit_until_all_came(service, amazon, orders=160 + MCF)
    catching_up = service.run(Task.ORDERS_IMPORT, recheck=1, doublecheck=1)
    leaving = numbers(sides.to_ship()[::2])
    sides.act(leaving=leaving)
    report = service.run(Task.ORDERS_STATUS)
    send_all_offers(service)
    comparing = service.run(Task.ORDERS_RECONCILE)

    assert sides.differences() == []
    nothing_was_wasted(amazon)
    same_on_both_sides(comparing, orders=160)
    assert (catching_up["status"], catching_up["counts"]["found_by_catch_up"]) == ("done", 0)
    assert (report["counts"]["sent"], report["problems"]) == (len(leaving), [])


@pytest.mark.parametrize(
    ("merchant", "fba"), [(20, 10), pytest.param(100, 60, marks=[pytest.mark.long, pytest.mark.timeout(400)])]
)
def test_a_day_ends_equal_in_a_prestashop_whose_stock_only_merchant_orders_lower(
    deployment: Deployment, merchant: int, fba: int
) -> None:
    amazon = deployment.marketplace(speed=SPEED, platform="amazon")
    service, shop = deployment.service(amazon), PrestaShop(amazon)
    connect(service, amazon, shop)
    service.start()
    before = shop.state()["stock"]
    orders_come(amazon, merchant=merchant, fba=fba, over="3h")

    hit_until_all_came(service, amazon, orders=merchant + fba + MCF)
    catching_up = service.run(Task.ORDERS_IMPORT, recheck=1, doublecheck=1)
    leaving = numbers([each for each, order in amazon.orders().items() if order["state"] == "UNSHIPPED"][:PARCELS])
    for order_id, number in leaving.items():
        shop.act(f"orders/{shop.orders()[order_id]['id']}/ship", tracking=number)
    report = service.run(Task.ORDERS_STATUS)
    send_all_offers(service)
    comparing = service.run(Task.ORDERS_RECONCILE)

    wanted, in_shop = wanted_in_shop(amazon), shop.orders()
    assert {order_id for order_id, order in in_shop.items() if order["state"] != CANCELLED} == wanted.keys()
    for order_id, order in wanted.items():
        assert Decimal(in_shop[order_id]["total_paid"]) == Decimal(order["total"]), order_id
    sold = Counter[str]()
    for order in wanted.values():
        for line in order["lines"]:
            sold[line["sku"]] += line["quantity"] if order["fulfilment"] == "merchant" else 0
    assert shop.state()["stock"] == {sku: units - sold[sku] for sku, units in before.items()}
    nothing_was_wasted(amazon)
    same_on_both_sides(comparing, orders=merchant + fba)
    assert (catching_up["status"], catching_up["counts"]["found_by_catch_up"]) == ("done", 0)
    assert (report["counts"]["sent"], report["problems"]) == (PARCELS, [])
    assert {each["id"]: each["tracking"] for each in amazon.state()["shipped"]} == leaving


# --- catch-ups

RECHECK = {"recheck": 1}
DOUBLECHECK = {"doublecheck": 1}
CATCH_UPS = [RECHECK, DOUBLECHECK, RECHECK | DOUBLECHECK]


def a_complete_shop(deployment: Deployment) -> tuple[Marketplace, Service]:
    """Return a seller whose orders are all in the shop: twelve to be shipped by the merchant, eight sent by Amazon."""
    amazon, service, _ = served_in_process(deployment, speed=SPEED, platform="amazon")
    amazon.seed(12, "to_ship", age="5h")
    amazon.seed(8, "shipped", fulfilment="marketplace", age="5h")
    first = service.run(Task.ORDERS_IMPORT)
    assert (first["counts"]["imported"], first["counts"]["found_by_catch_up"]) == (20, 0)
    return amazon, service


def reported(report: Json) -> dict[str, int]:
    """Return the counts that are not zero."""
    return {name: number for name, number in report["counts"].items() if number}


@pytest.mark.parametrize("modes", CATCH_UPS, ids="-".join)
def test_a_catch_up_on_a_complete_shop_finds_nothing_and_says_what_it_saw(
    deployment: Deployment, modes: Mapping[str, Any]
) -> None:
    amazon, service = a_complete_shop(deployment)

    report = service.run(Task.ORDERS_IMPORT, **modes)

    seen = 12 * ("doublecheck" in modes) + 8 * ("recheck" in modes)
    assert (report["status"], report["modes"], report["problems"]) == ("done", sorted(modes), [])
    assert reported(report) == {"seen": seen, "already_imported": seen}
    assert service.run(Task.ORDERS_IMPORT)["counts"]["imported"] == 0
    nothing_was_wasted(amazon)


@pytest.mark.parametrize("modes", CATCH_UPS, ids="-".join)
def test_what_only_a_catch_up_can_see_is_imported_by_it_and_counted_as_found(
    deployment: Deployment, modes: Mapping[str, Any]
) -> None:
    amazon, service = a_complete_shop(deployment)
    # Placed and changed days before the last import looked.
    hidden = {
        "doublecheck": amazon.seed(3, "to_ship", age="4d", silent=True),
        "recheck": amazon.seed(2, "shipped", fulfilment="marketplace", age="10d", silent=True),
    }
    in_sight = amazon.seed(4, "to_ship", age="1h")
    live = service.run(Task.ORDERS_IMPORT)

    report = service.run(Task.ORDERS_IMPORT, detail="full", **modes)

    assert (live["counts"]["imported"], live["counts"]["found_by_catch_up"]) == (len(in_sight), 0)
    found = {order_id for mode in modes for order_id in hidden[mode]}
    assert (report["counts"]["imported"], report["counts"]["found_by_catch_up"]) == (len(found), len(found))
    assert {item["order_id"] for item in report["items"] if item["outcome"] == "imported"} == found
    in_shop = {order.order_id for order in read_snapshot(service.database_url).orders}
    assert in_shop == amazon.orders().keys() - {each for ids in hidden.values() for each in ids} | found
    again = service.run(Task.ORDERS_IMPORT, **modes)
    assert (again["counts"]["imported"], again["counts"]["found_by_catch_up"]) == (0, 0)


def test_an_order_whose_payment_was_found_too_late_comes_with_the_catch_up(deployment: Deployment) -> None:
    amazon, service = a_complete_shop(deployment)
    [late] = amazon.seed(1, "pending", payment_delay_s=600, index_lag_s=4 * HOUR_S)

    def in_sight() -> bool:
        visible: bool = amazon.orders()[late]["visible"]
        assert service.run(Task.ORDERS_IMPORT)["counts"]["imported"] == 0
        return visible

    eventually("a search finds it", in_sight)
    report = service.run(Task.ORDERS_IMPORT, doublecheck=1)

    assert (report["counts"]["imported"], report["counts"]["found_by_catch_up"]) == (1, 1)
