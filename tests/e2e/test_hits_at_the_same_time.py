"""Callers that come together, overlap, hang up; and a server that is asked to stop while they wait."""

import signal
import threading
import time
from typing import Any

import httpx
import pytest

from tests.support.caller import ADMIN_TOKEN, at_once
from tests.support.deployment import Deployment, served_by_processes, served_in_process
from tests.support.snapshot import differences, read_snapshot
from tests.support.waiting import eventually

SPEED = 60
# uvicorn ends with the signal that stopped it.
STOPPED = (0, -signal.SIGTERM)


def test_fifty_equal_hits_at_once_run_once(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    marketplace.seed(40, "to_ship")

    answers = [response.json() for response in at_once([lambda: service.hit("orders-import")] * 50)]

    assert len({answer["run_id"] for answer in answers}) == 1
    assert [answer["joined"] for answer in answers].count(True) == 49
    assert {(answer["status"], answer["counts"]["imported"]) for answer in answers} == {("done", 40)}
    assert len(service.runs()) == 1
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []


def test_a_recheck_that_comes_during_an_import_runs_after_it(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    marketplace.seed(30, "to_ship")
    marketplace.seed(5, "shipped", fulfilment="marketplace")
    marketplace.fault("slow", delay_s=1.5, count=1, operation="OR11")

    importing = service.hit("orders-import", wait=0).json()
    rechecking = service.hit("orders-import", wait=0, recheck=1).json()

    assert rechecking["run_id"] != importing["run_id"]
    assert (rechecking["status"], rechecking["joined"]) == ("queued", False)
    first, second = service.ended(importing["run_id"]), service.ended(rechecking["run_id"])
    assert (first["status"], second["status"]) == ("done", "done")
    assert first["counts"]["imported"] == 35
    assert (second["counts"]["seen"], second["counts"]["already_imported"]) == (5, 5)
    assert second["started_at"] >= first["finished_at"]
    begun = [event["run_id"] for event in service.events() if event.get("event") in ("run begins", "run ends")]
    assert begun == [first["run_id"], first["run_id"], second["run_id"], second["run_id"]]
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []


def test_a_dry_run_runs_beside_an_import_and_does_not_swallow_it(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    marketplace.seed(30, "to_ship")
    marketplace.fault("slow", delay_s=3, count=1, operation="OR11")
    importing = service.hit("orders-import", wait=0).json()
    eventually("the import reads", lambda: marketplace.state()["faults"].get("slow"), within_s=10)

    dry_run = service.hit("orders-import", dry_run=1).json()

    assert service.report(importing["run_id"])["status"] == "running"
    assert (dry_run["status"], dry_run["dry_run"], dry_run["counts"]["imported"]) == ("done", True, 30)
    assert read_snapshot(service.database_url).orders == []
    assert service.ended(importing["run_id"])["counts"]["imported"] == 30
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []


def test_a_caller_that_hangs_up_stops_nothing(deployment: Deployment) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    marketplace.seed(30, "to_ship")
    marketplace.fault("slow", delay_s=1.5, count=1, operation="OR11")

    with pytest.raises(httpx.ReadTimeout):
        service.hit("orders-import", timeout_s=0.7)

    report = service.ended(service.runs()[0]["run_id"])
    assert (report["status"], report["counts"]["imported"]) == ("done", 30)
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []


def test_a_server_that_is_asked_to_stop_lets_waiters_go_and_hands_its_run_over(deployment: Deployment) -> None:
    marketplace, service, stock = served_by_processes(deployment, speed=SPEED)
    ids = marketplace.seed(300, "to_ship")
    answers: list[httpx.Response] = []
    waiter = threading.Thread(target=lambda: answers.append(service.hit("orders-import")))
    waiter.start()
    eventually("some are imported", lambda: len(read_snapshot(service.database_url).orders) > 20, within_s=30)

    service.terminate()

    waiter.join(timeout=10)
    assert [(answer.status_code, answer.json()["ok"]) for answer in answers] == [(202, True)]
    assert answers[0].headers["Retry-After"]
    assert service.wait(within_s=10) in STOPPED
    assert service.logged("run handed over")
    assert 20 < len(read_snapshot(service.database_url).orders) < len(ids)
    run_id = answers[0].json()["run_id"]
    service.start()
    assert service.ended(run_id)["status"] == "done"
    assert differences(marketplace, read_snapshot(service.database_url), initial_stock=stock) == []


def test_a_service_that_stops_while_the_marketplace_is_silent_goes_on_when_it_is_back(deployment: Deployment) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=SPEED)
    ids = marketplace.seed(3, "to_accept", payment_delay_s=20 * 24 * 3600)
    marketplace.fault("slow", delay_s=60, operation="OR21", count=1)
    run_id = service.hit("orders-accept", wait=0).json()["run_id"]
    eventually("the run is stuck", lambda: marketplace.state()["faults"].get("slow"), within_s=10)

    service.close()

    service.start()
    assert service.report(run_id)["status"] in ("queued", "running")
    service.ended(run_id)
    eventually(
        "every order is decided",
        lambda: service.run("orders-accept") and sorted(marketplace.state()["accepted"]) == sorted(ids),
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [{"kind": "timeout"}, {"kind": "http_429", "retry_after": 3600}],
    ids=["answer", "quota"],
)
def test_a_server_stops_soon_even_while_a_run_waits_for_the_marketplace(
    deployment: Deployment, fault: dict[str, Any]
) -> None:
    marketplace, service, _ = served_by_processes(deployment, speed=SPEED)
    ids = marketplace.seed(3, "to_accept", payment_delay_s=20 * 24 * 3600)
    marketplace.fault(**fault, operation="OR21", count=1)
    run_id = service.hit("orders-accept", wait=0).json()["run_id"]
    eventually("the run is stuck", lambda: marketplace.state()["faults"].get(fault["kind"]), within_s=10)

    service.terminate()

    assert service.wait(within_s=10) in STOPPED
    service.start()
    assert service.report(run_id)["status"] in ("queued", "running")
    if fault["kind"] == "timeout":
        service.ended(run_id)
        eventually(
            "every order is decided",
            lambda: service.run("orders-accept") and sorted(marketplace.state()["accepted"]) == sorted(ids),
        )


@pytest.mark.long
def test_a_second_server_on_the_same_folder_refuses_to_start_and_says_why(deployment: Deployment) -> None:
    marketplace, service, _ = served_by_processes(deployment, speed=SPEED)
    second = deployment.real_service(marketplace, name="second")

    code = second.spawn().wait()

    assert code == 2
    assert "Another marketcron serves" in second.log()
    assert "use PostgreSQL to run several" in second.log()
    assert "Traceback" not in second.log()
    assert service.hit("orders-import").status_code == 200


def test_two_servers_on_one_postgresql_share_runs_and_quotas_and_one_takes_over_from_the_other(
    deployment: Deployment, postgres_url: str
) -> None:
    marketplace, left, stock = served_by_processes(
        deployment, speed=SPEED, name="left", data="left", DATABASE_URL=postgres_url
    )
    right = deployment.real_service(marketplace, name="right", data="right", DATABASE_URL=postgres_url)
    right.start()
    right.tokens = left.tokens
    ids = marketplace.seed(300, "to_ship")

    hits = at_once([lambda: left.hit("orders-import", wait=0), lambda: right.hit("orders-import", wait=0)] * 5)

    assert {hit.status_code for hit in hits} == {202}
    assert len({hit.json()["run_id"] for hit in hits}) == 1
    run_id = hits[0].json()["run_id"]
    eventually("some are imported", lambda: len(read_snapshot(postgres_url).orders) > 20, within_s=60)
    worker, other = (left, right) if "run begins" in left.log() else (right, left)
    worker.kill()
    eventually("the other one takes over", lambda: "run begins" in other.log(), within_s=30)
    assert other.ended(run_id)["status"] == "done"
    snapshot = read_snapshot(postgres_url)
    assert sorted(order.order_id for order in snapshot.orders) == sorted(ids)
    assert differences(marketplace, snapshot, initial_stock=stock) == []


@pytest.mark.long
def test_two_servers_wait_for_each_others_calls(deployment: Deployment, postgres_url: str) -> None:
    # A second between two lists: six of them take five seconds of business time, whoever asks.
    marketplace, left, _ = served_by_processes(deployment, speed=2, name="left", data="left", DATABASE_URL=postgres_url)
    right = deployment.real_service(marketplace, name="right", data="right", DATABASE_URL=postgres_url)
    right.start()
    right.tokens = left.tokens
    began = time.monotonic()

    reports = at_once(
        [
            lambda server=server, hours=hours: server.run("orders-import", dry_run=1, since=f"{hours}h")  # type: ignore[misc]
            for server in (left, right)
            for hours in ((1, 2, 3) if server is left else (4, 5, 6))
        ]
    )

    assert {report["status"] for report in reports} == {"done"}
    assert marketplace.state()["calls"]["OR11"] >= 6
    assert (time.monotonic() - began) * marketplace.speed > 5
    assert ADMIN_TOKEN not in left.log() + right.log()
