"""A day of all five tasks between real processes, hit by the URLs that `marketcron urls` prints; then differences of
every kind, each found with its cause and its fix, and healed by the next runs where nobody has to decide.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.domain.task import Task
from app.store import embedded
from app.store.embedded import OrderContent, Product
from app.system import System
from tests.support.caller import Service
from tests.support.deployment import Deployment, served_by_processes, served_in_process
from tests.support.marketplace import Json, SandboxProcess
from tests.support.service_process import ServiceProcess
from tests.support.sides import Sides, numbers
from tests.support.waiting import eventually

# An hour takes six seconds: the published frequencies let all tasks run several times.
SPEED = 600
LONG_PAST_S = 20 * 24 * 3600


class Cron:
    """A cron service: it takes anything but a 200 for a failure."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def call(self, task: Task, **parameters: Any) -> httpx.Response:
        return self._service.hit(task, detail="full", **parameters)

    def hit(self, task: Task, **parameters: Any) -> Json:
        """Hit a URL and return the report of a run that ended well."""
        answer = self.call(task, **parameters)
        assert answer.status_code == 200, answer.text
        report: Json = answer.json()
        assert report["status"] in ("done", "partial"), report
        return report

    def send_all_offers(self) -> None:
        """Send offers until the operator has worked through every file."""

        def through() -> bool:
            return not self.hit(Task.OFFERS_SEND)["counts"]["pending"]

        eventually("no file of offers is under way", through, poll_s=0.1)

    def compare(self) -> tuple[dict[str, int], dict[str, Json]]:
        """Return what orders-reconcile counted, without zeros, and its problems by order or SKU."""
        report = self.hit(Task.ORDERS_RECONCILE)
        counts = {name: number for name, number in report["counts"].items() if number}
        return counts, {problem["order_id"] or problem["sku"]: problem for problem in report["problems"]}


class CronOfUrls(Cron):
    """One that knows the URLs alone."""

    def __init__(self, service: ServiceProcess) -> None:
        super().__init__(service)
        lines = json.loads(service.cli("urls", "--json", "--base-url", service.url))
        self._urls = {line["task"]: line["url"] for line in lines if not line["catch_up"]}

    def call(self, task: Task, **parameters: Any) -> httpx.Response:
        url = httpx.URL(self._urls[task]).copy_merge_params({"wait": 50, "detail": "full", **parameters})
        return httpx.get(url, timeout=90, trust_env=False)


def a_day(deployment: Deployment) -> tuple[Sides, Cron]:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    return Sides(marketplace=marketplace, service=service, given=dict(stock)), Cron(service)


@pytest.mark.parametrize("orders", [100, pytest.param(500, marks=pytest.mark.long)])
def test_hundreds_of_orders_through_all_five_tasks_leave_both_sides_equal(deployment: Deployment, orders: int) -> None:
    marketplace, service, stock = served_by_processes(deployment, speed=SPEED, kind=SandboxProcess)
    sides, cron = Sides(marketplace=marketplace, service=service, given=dict(stock)), CronOfUrls(service)

    def of(share: int) -> int:
        return orders * share // 500

    def seed(share: int, state: str, **options: Any) -> list[str]:
        return sides.marketplace.seed(of(share), state, **options)

    to_accept = [*seed(220, "to_accept", payment_delay_s=900), *seed(20, "to_accept", payment="refused")]
    seed(60, "accepted", payment_delay_s=900)
    seed(20, "accepted", payment_delay_s=LONG_PAST_S)
    seed(80, "to_ship")
    seed(30, "to_ship", age="3h")
    seed(15, "cancelled")
    seed(15, "refused")
    seed(20, "shipped")
    seed(20, "shipped", fulfilment="marketplace")

    cron.send_all_offers()
    accepting = cron.hit(Task.ORDERS_ACCEPT)
    cron.hit(Task.OFFERS_SEND)
    # All but those who take weeks.
    eventually(
        "buyers have paid", lambda: sides.marketplace.state()["orders_by_state"].get("WAITING_DEBIT_PAYMENT") == of(20)
    )
    importing = cron.hit(Task.ORDERS_IMPORT)
    leaving = numbers(sides.to_ship()[::2])
    sides.act(leaving=leaving)
    report = cron.hit(Task.ORDERS_STATUS)
    cron.send_all_offers()
    counts, problems = cron.compare()

    assert (accepting["counts"]["accepted"], accepting["status"]) == (of(240), "done")
    assert (importing["counts"]["seen"], importing["counts"]["imported"]) == (orders, of(430))
    assert (report["counts"]["sent"], report["status"]) == (len(leaving), "done")
    assert (counts, problems) == ({"marketplace": orders, "shop": of(430), "matched": of(430)}, {})
    assert sides.differences() == []
    state = sides.marketplace.state()
    assert sorted(state["accepted"]) == sorted(to_accept)
    assert {each["id"]: each["tracking"] for each in state["shipped"]} == leaving
    assert (state["calls"]["OR21"], state["calls"]["OR23"], state["calls"]["OR24"]) == (of(240), of(195), of(195))
    assert state["writes_repeated"] == 0
    snapshot = sides.snapshot()
    for task in Task:
        cron.hit(task)
    assert sides.snapshot().orders == snapshot.orders
    assert sides.marketplace.state()["calls"]["STO01"] == state["calls"]["STO01"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Orders and offers of which the two sides tell different things, one of each kind."""

    deleted: str
    called_off: str
    cancelled: str
    left: str
    shipped_on_marketplace: str
    dearer: str
    unseen: str
    stranger: str
    by_hand: str
    emptier: str
    cheaper: str
    orders: Mapping[str, Json]


def plant(sides: Sides, cron: Cron) -> Planted:
    """Bring forty orders into the shop, all equal; then change something on one side of some of them."""
    marketplace = sides.marketplace
    ids = marketplace.seed(40, "to_ship", lines=1)
    cron.send_all_offers()
    cron.hit(Task.ORDERS_IMPORT)
    cron.send_all_offers()
    assert cron.compare() == ({"marketplace": 40, "shop": 40, "matched": 40}, {})
    deleted, called_off, cancelled, left, shipped_on_marketplace, dearer, *_ = ids
    orders = marketplace.orders()
    emptier, cheaper = sorted(sides.given.keys() - {orders[order_id]["lines"][0]["sku"] for order_id in ids[:6]})[:2]
    sides.act(deleted=[deleted], cancelled=[cancelled], leaving=numbers([left]))
    marketplace.move(called_off, "cancelled")
    marketplace.move(shipped_on_marketplace, "shipped")
    marketplace.change(dearer, total=str(Decimal(orders[dearer]["total"]) + 5))
    # Placed and changed long before the last import looked.
    unseen, stranger = (
        marketplace.seed(1, "to_ship", age="3d", silent=True, lines=1, shape=shape)[0]
        for shape in ("normal", "unknown_sku")
    )
    made_by_hand(sides, "BY-HAND-1")
    marketplace.put_offer(emptier, quantity=1)
    marketplace.put_offer(cheaper, price="1.00")
    return Planted(
        deleted=deleted,
        called_off=called_off,
        cancelled=cancelled,
        left=left,
        shipped_on_marketplace=shipped_on_marketplace,
        dearer=dearer,
        unseen=unseen,
        stranger=stranger,
        by_hand="BY-HAND-1",
        emptier=emptier,
        cheaper=cheaper,
        orders=orders,
    )


def test_every_kind_of_difference_is_found_with_its_cause_and_its_fix(deployment: Deployment) -> None:
    sides, cron = a_day(deployment)
    planted = plant(sides, cron)

    counts, problems = cron.compare()

    gives_back = planted.orders[planted.cancelled]["lines"][0]["sku"]
    expected = {
        planted.deleted: ("DELETED_IN_SHOP", "the shop does not have it any more", "cancel it on the marketplace"),
        planted.called_off: ("CANCELLED_THERE_ONLY", "the order is cancelled, in the shop paid", "Run orders-status"),
        planted.cancelled: ("CANCELLED_IN_SHOP", "cancelled in the shop but not", "Cancel or refund it"),
        planted.left: ("SHIPPED_HERE_ONLY", "the marketplace is still waiting for it", "Run orders-status"),
        planted.shipped_on_marketplace: (
            "SHIPPED_THERE_ONLY",
            "counts this order as shipped",
            "mark it as shipped in the shop",
        ),
        planted.dearer: ("TOTAL_DIFFERS", planted.orders[planted.dearer]["total"], "a change by hand"),
        planted.unseen: ("NOT_YET_IMPORTED", "not in the shop yet", "the next orders-import creates it"),
        planted.stranger: ("NOT_YET_IMPORTED", "not in the shop yet", "the next orders-import creates it"),
        planted.by_hand: ("UNKNOWN_THERE", "the marketplace does not know it", "cancel it in the shop"),
        planted.emptier: ("OFFER_DIFFERS", "marketplace: stock 1, ", "offers-send"),
        planted.cheaper: ("OFFER_DIFFERS", "price 1.00; shop: ", "offers-send"),
        gives_back: ("OFFER_DIFFERS", "; shop: stock ", "offers-send"),
    }
    assert {name: problem["code"] for name, problem in problems.items()} == {
        name: code for name, (code, _, _) in expected.items()
    }
    for name, (_, message, fix) in expected.items():
        assert message in problems[name]["message"]
        assert fix in problems[name]["fix"]
    assert counts == {
        "marketplace": 42,
        "shop": 40,
        "matched": 34,
        "only_on_marketplace": 3,
        "only_in_shop": 1,
        "state_differs": 4,
        "total_differs": 1,
        "offers_differ": 3,
    }


@pytest.mark.long
def test_differences_heal_by_the_next_runs_and_what_is_left_by_whoever_does_what_the_fix_says(
    deployment: Deployment,
) -> None:
    sides, cron = a_day(deployment)
    marketplace, planted = sides.marketplace, plant(sides, cron)
    cron.compare()

    def the_next_runs() -> None:
        cron.hit(Task.ORDERS_STATUS)
        cron.hit(Task.ORDERS_IMPORT)
        cron.send_all_offers()

    the_next_runs()
    _, left = cron.compare()
    for order_id in (planted.deleted, planted.cancelled):
        marketplace.move(order_id, "cancelled")
    # Without a number: of an order that counts as shipped there, nothing more is told.
    sides.act(leaving={planted.shipped_on_marketplace: ""}, cancelled=[planted.by_hand])
    marketplace.change(planted.dearer, total=planted.orders[planted.dearer]["total"])
    [line] = marketplace.orders()[planted.stranger]["lines"]
    sides.service.load([Product(sku=line["sku"], title="Found again", ean="", price=Decimal("19.90"), quantity=9)])
    cron.hit(Task.ORDERS_IMPORT, order_id=planted.stranger)
    the_next_runs()
    counts, problems = cron.compare()

    assert {name: problem["code"] for name, problem in left.items()} == {
        planted.deleted: "DELETED_IN_SHOP",
        planted.cancelled: "CANCELLED_IN_SHOP",
        planted.shipped_on_marketplace: "SHIPPED_THERE_ONLY",
        planted.dearer: "TOTAL_DIFFERS",
        planted.by_hand: "UNKNOWN_THERE",
        planted.stranger: "SKU_UNKNOWN",
    }
    # The one that was deleted is missed by nobody any more; the one made by hand is neither.
    assert (counts, problems) == ({"marketplace": 42, "shop": 42, "matched": 41}, {})
    # A deleted order gives nothing back.
    [line] = planted.orders[planted.deleted]["lines"]
    sides.given[line["sku"]] -= line["quantity"]
    assert sides.differences() == []


def made_by_hand(sides: Sides, order_id: str) -> None:
    """Put an order into the shop that no marketplace knows."""

    async def work(system: System) -> None:
        shop, now = await system.shops.named("main"), system.clock.now()
        content = OrderContent(
            shop_id=shop.id,
            key=f"mkp:mirakl:{order_id}",
            platform="mirakl",
            marketplace_order_id=order_id,
            state="paid",
            currency="EUR",
            total=Decimal("9.90"),
            shipping_method="",
            placed_at=now,
            created_at=now,
            lowers_stock=False,
            lines=(),
            person=b"",
            addresses=b"",
        )
        await system.store.write(embedded.create_order, content)

    sides.service.tool(work)
