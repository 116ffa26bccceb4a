"""kill -9 at random moments of an import and of an acceptance: nothing is lost, nothing is done twice."""

import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.deployment import Deployment, served_by_processes
from tests.support.service_process import ServiceProcess
from tests.support.snapshot import differences, read_snapshot
from tests.support.waiting import eventually

ORDERS = 300
# Every restart reads the list again: at this speed the published frequencies let it.
SPEED = 600
PROGRESS = "SELECT (SELECT count(*) FROM ledger) + (SELECT count(*) FROM embedded_orders)"
DECIDED = "SELECT count(*) FROM ledger WHERE decision <> 'none'"


def counter_of(service: ServiceProcess, query: str) -> Callable[[], int]:
    """Return a quick look at the database of a service: how far it has come."""
    path = Path(service.database_url.removeprefix("sqlite:///"))
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    return lambda: int(connection.execute(query).fetchone()[0])


def kill_when(service: ServiceProcess, count: Callable[[], int], *, reached: int, jitter_s: float) -> None:
    """Kill the server a moment after its work has come so far."""
    eventually(f"{reached} are reached", lambda: count() >= reached, within_s=60, poll_s=0.002)
    time.sleep(jitter_s)
    service.kill()


@pytest.mark.long
@pytest.mark.parametrize("dice", [11, 23])
def test_an_import_killed_twelve_times_creates_each_of_three_hundred_orders_once(
    deployment: Deployment, dice: int
) -> None:
    draw = random.Random(dice)
    marketplace, service, stock = served_by_processes(deployment, speed=SPEED)
    ids = marketplace.seed(ORDERS, "to_ship")
    count = counter_of(service, PROGRESS)
    moments = sorted(draw.sample(range(1, 2 * ORDERS - 15), 11))

    for reached in moments:
        service.hit("orders-import", wait=0)
        kill_when(service, count, reached=reached, jitter_s=draw.uniform(0, 0.03))
        assert count() < 2 * ORDERS, "the import had ended before it could be killed"
        service.start()
    service.kill()
    service.spawn()
    # Anywhere between the first line of the program and the first order.
    time.sleep(draw.uniform(0.5, 1.5))
    service.kill()
    service.start()
    report = service.run("orders-import")
    service.idle()

    snapshot = read_snapshot(service.database_url)
    assert report["ok"], report
    assert differences(marketplace, snapshot, initial_stock=stock) == []
    assert sorted(order.order_id for order in snapshot.orders) == sorted(ids)
    assert snapshot.intake_counts() == {"imported": ORDERS}
    assert set(snapshot.runs) <= {"done"}, snapshot.runs
    assert "takes over" in service.log() or "taken over" in service.log()


@pytest.mark.long
def test_an_acceptance_killed_eight_times_decides_each_order_once(deployment: Deployment) -> None:
    draw = random.Random(5)
    marketplace, service, _ = served_by_processes(deployment, speed=SPEED)
    ids = marketplace.seed(120, "to_accept", payment_delay_s=20 * 24 * 3600)
    count = counter_of(service, DECIDED)

    for reached in sorted(draw.sample(range(1, 110), 8)):
        service.hit("orders-accept", wait=0)
        kill_when(service, count, reached=reached, jitter_s=draw.uniform(0, 0.03))
        service.start()

    def all_decided() -> bool:
        service.run("orders-accept")
        return set(read_snapshot(service.database_url).decisions.values()) == {"accepted"}

    eventually("every order is decided", all_decided, within_s=30, poll_s=0.3)
    state = marketplace.state()
    assert sorted(state["accepted"]) == sorted(ids)
    assert (state["refused"], state["writes_repeated"]) == ([], 0)
