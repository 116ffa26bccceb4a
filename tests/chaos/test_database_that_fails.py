"""The database is locked, full or gone while the service runs: a hit says so, nothing is half written, and all goes on
once it is back.
"""

import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.caller import Service
from tests.support.deployment import Deployment, served_by_processes, served_in_process
from tests.support.snapshot import differences, read_snapshot
from tests.support.waiting import eventually

SPEED = 60


def database_file(service: Service) -> Path:
    return Path(service.database_url.removeprefix("sqlite:///"))


@contextmanager
def locked(service: Service) -> Iterator[None]:
    """Hold the database as a backup program does."""
    connection = sqlite3.connect(database_file(service), isolation_level=None, timeout=20)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def said(response: httpx.Response) -> str:
    """Return the sentence of a 503."""
    assert response.status_code == 503, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    detail: str = response.json()["detail"]
    assert detail.startswith("Nothing was recorded: ")
    return detail


def test_a_locked_database_answers_503_and_the_next_hit_works(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    marketplace.seed(5, "to_ship")

    with locked(service):
        assert "locked by another program" in said(service.hit("orders-import"))

    assert service.runs() == []
    assert service.run("orders-import")["counts"]["imported"] == 5
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []


@pytest.mark.long
def test_an_import_that_meets_a_locked_database_goes_on_by_itself(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    ids = marketplace.seed(300, "to_ship")
    run_id = service.hit("orders-import", wait=0).json()["run_id"]
    eventually("some are imported", lambda: len(read_snapshot(service.database_url).orders) > 10, within_s=30)

    with locked(service):
        done = len(read_snapshot(service.database_url).orders)
        eventually("the run notices", lambda: service.logged_about("the database is away"), within_s=20)
        assert len(read_snapshot(service.database_url).orders) == done < len(ids)

    assert service.ended(run_id)["status"] == "done"
    snapshot = read_snapshot(service.database_url)
    assert sorted(order.order_id for order in snapshot.orders) == sorted(ids)
    assert differences(marketplace, snapshot, initial_stock=stock) == []


def test_a_disk_that_takes_no_more_answers_503_until_there_is_room(deployment: Deployment) -> None:
    marketplace, service, stock = served_by_processes(deployment, speed=SPEED)
    marketplace.seed(40, "to_ship")
    assert service.process is not None
    unlimited = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)

    # Nothing can be written any more, as on a full disk or one that was mounted read-only.
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    said(service.hit("orders-import"))
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, unlimited)

    assert service.runs() == []
    assert service.run("orders-import")["counts"]["imported"] == 40
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []


def test_a_database_file_that_is_taken_away_answers_503_until_it_is_back(deployment: Deployment) -> None:
    marketplace, service, stock = served_by_processes(deployment, speed=SPEED)
    marketplace.seed(5, "to_ship")
    files = [path for path in database_file(service).parent.iterdir() if path.name.startswith("marketcron.db")]
    elsewhere = deployment.folder / "elsewhere"
    elsewhere.mkdir()

    for path in files:
        path.rename(elsewhere / path.name)
    assert "database file is gone" in said(service.hit("orders-import", wait=0))
    assert service.admin("GET", "/readyz").status_code == 503
    assert service.admin("GET", "/healthz").status_code == 200
    eventually("the ticker notices", lambda: service.logged("the database is away"))
    assert not database_file(service).exists(), "a new, empty database would hide the loss"
    for path in files:
        (elsewhere / path.name).rename(path)

    assert service.admin("GET", "/readyz").status_code == 200
    assert service.run("orders-import")["counts"]["imported"] == 5
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []
    eventually("the ticker notices that too", lambda: service.logged("the database is back"))


def test_callers_that_wait_for_a_run_get_their_answer_when_the_database_was_away_meanwhile(
    deployment: Deployment,
) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=SPEED)
    marketplace.seed(300, "to_ship")
    answers: list[httpx.Response] = []
    waiter = threading.Thread(target=lambda: answers.append(service.hit("orders-import")))
    waiter.start()
    eventually("some are imported", lambda: len(read_snapshot(service.database_url).orders) > 10, within_s=30)

    with locked(service):
        eventually("the run notices", lambda: service.logged_about("the database is away"), within_s=20)
    waiter.join(timeout=60)

    assert [(answer.status_code, answer.json()["counts"]["imported"]) for answer in answers] == [(200, 300)]
