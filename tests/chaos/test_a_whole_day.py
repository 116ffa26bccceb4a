"""Everything at once: all five tasks, every kind of fault, a server that is killed again and again. In the evening each
order was accepted once, stands in the shop once, was shipped once, and stock and offers are exact.
"""

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from app.domain.task import Task
from app.sandbox.faults import KINDS
from tests.support.converge import Seen, hit_until
from tests.support.deployment import Deployment, served_by_processes
from tests.support.killing import killed_in_the_middle
from tests.support.marketplace import Marketplace
from tests.support.sides import Sides, numbers

# A pause of two minutes lasts 0.2 s, a day of retries two minutes.
SPEED = 600
PATIENCE_S = "0.3"
WITH_PATIENCE = ("-m", "tests.support.launch", "serve", "--port", "0")
WRITES = ("OR21", "OR23", "OR24", "STO01", "PRI01")
# What else is hit while a task is killed.
BESIDE: Mapping[str, Mapping[str, Any]] = {
    Task.OFFERS_SEND: {"full": 1},
    Task.ORDERS_IMPORT: {"recheck": 1, "doublecheck": 1},
    Task.ORDERS_STATUS: {"force": 1},
}
DIFFERING = ("only_on_marketplace", "only_in_shop", "state_differs", "total_differs", "offers_differ")


def storm(marketplace: Marketplace, *, operations: Sequence[str | None]) -> None:
    """Let every kind of fault hit a tenth of the calls, and no other."""
    marketplace.heal()
    # The first that hits is served: answers get lost as often as all else.
    for kind in sorted(KINDS, key=lambda kind: kind != "lost_ack"):
        for operation in operations:
            marketplace.fault(kind, rate=0.1, operation=operation, **({"delay_s": 0.1} if kind == "slow" else {}))


def orders_come(marketplace: Marketplace, count: int) -> list[str]:
    """Make orders of every kind; return those that we have to decide."""
    eighth, seed = count // 8, marketplace.seed
    to_accept = seed(4 * eighth, "to_accept", payment_delay_s=60)
    never_paid = seed(eighth, "to_accept", payment_delay_s=60, payment="refused")
    seed(eighth, "accepted", payment_delay_s=600)
    seed(eighth, "to_ship")
    seed(count - 7 * eighth, "shipped", fulfilment="marketplace")
    return to_accept + never_paid


def work(sides: Sides, draw: random.Random, sent: dict[str, str]) -> None:
    """Let parcels leave, the operator call off two orders, goods arrive and prices rise."""
    waiting = sides.to_ship()
    draw.shuffle(waiting)
    sides.call_off(waiting[:2])
    leaving = numbers(waiting[2:])
    arrived, dearer = draw.sample(sorted(sides.given), 3), draw.sample(sorted(sides.given), 3)
    prices = sides.snapshot().prices
    sides.act(
        leaving=leaving,
        arrived={sku: draw.randint(1, 9) for sku in arrived},
        prices={sku: prices[sku] + Decimal("0.10") for sku in dearer},
    )
    sent.update(leaving)


# A restart takes a second, on a busy machine four.
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("orders", "rounds", "dice"),
    [
        pytest.param(96, 2, 1, marks=pytest.mark.long),
        *(pytest.param(500, 4, dice, marks=pytest.mark.long) for dice in (2, 3, 4, 5, 6)),
    ],
)
def test_a_day_of_all_tasks_under_every_fault_and_many_kills_loses_nothing_and_doubles_nothing(
    deployment: Deployment, orders: int, rounds: int, dice: int
) -> None:
    draw = random.Random(dice)
    marketplace, service, stock = served_by_processes(
        deployment, speed=SPEED, command=WITH_PATIENCE, TEST_READ_TIMEOUT_S=PATIENCE_S
    )
    sides = Sides(marketplace=marketplace, service=service, given=dict(stock))
    decided: list[str] = []
    sent: dict[str, str] = {}

    # Each task is killed in each of them.
    for number in range(rounds):
        decided += orders_come(marketplace, orders // rounds)
        work(sides, draw, sent)
        # Where reading fails nearly always, little is ever written: every other round only writes are hit.
        everywhere = number % 2 == 1
        storm(marketplace, operations=(None,) if everywhere else WRITES)
        for task in draw.sample(list(Task), k=len(Task)):
            if everywhere:
                for other in Task:
                    if other != task:
                        service.hit(other, wait=0, **BESIDE.get(other, {}))
            killed_in_the_middle(service, task, draw=draw)
        if not everywhere:
            for task in Task:
                service.run(task)
    served = marketplace.state()["faults"]
    marketplace.heal()

    def differing(seen: Seen) -> list[str]:
        counts = seen.last(Task.ORDERS_RECONCILE)["counts"]
        return sides.differences() + [f"{name}: {counts[name]}" for name in DIFFERING if counts[name]]

    hit_until(service, list(Task), differing=differing, within_s=120)
    service.idle()

    assert set(served) == set(KINDS)
    assert sides.differences() == []
    state = marketplace.state()
    assert sorted(state["accepted"]) == sorted(decided)
    assert {shipment["id"]: shipment["tracking"] for shipment in state["shipped"]} == sent
    # No order was decided or shipped a second time, not even in vain.
    assert (state["refused"], state["writes_repeated"]) == ([], 0)
    snapshot = sides.snapshot()
    assert snapshot.intake_counts().keys() == {"imported", "cancelled"}
    # The reports of all runs, also of those that were taken over, tell of each import and each parcel once; an order
    # that was called off while a dead server left it half way is told as cancelled alone.
    not_cancelled = [order for order in snapshot.orders if order.state != "cancelled"]
    assert len(not_cancelled) <= snapshot.reported["orders-import imported"] <= len(snapshot.orders)
    assert snapshot.reported["orders-status sent"] == len(sent)
    assert "Traceback" not in service.log()
