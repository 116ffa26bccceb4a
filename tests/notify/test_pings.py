"""A watchdog hears how runs go, and costs them nothing."""

import asyncio
import json
from collections.abc import MutableMapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.errors import StoreUnavailable
from app.notify import pings as pinging
from app.runs.reports import Reports
from tests.api.service import NAME, Service, a_service, body
from tests.api.test_privacy import SHAPES, spoken
from tests.notify.watchdog import URL, Watchdog

PATH = "/uuid-of-the-import"


def hit(service: Service, task: str = "orders-import", **parameters: Any) -> dict[str, Any]:
    """Hit a cron URL and wait until all pings have arrived."""
    report = body(service.hit(task, **parameters))
    service.wait_for(service.system.pings.close())
    return report


def test_a_run_that_gets_through_says_its_begin_and_its_end(service: Service, watchdog: Watchdog) -> None:
    service.make_orders(count=2)

    report = hit(service)

    assert report["message"] == "2 orders imported"
    assert watchdog.heard == [(f"{PATH}/start", ""), (PATH, "2 orders imported")]


def test_a_partial_run_counts_as_done_and_names_what_is_left(service: Service, watchdog: Watchdog) -> None:
    service.make_orders(shape="unknown_sku")

    report = hit(service)

    assert report["status"] == "partial"
    assert watchdog.heard[1] == (PATH, report["message"])


def test_a_failed_run_raises_the_alarm(service: Service, watchdog: Watchdog) -> None:
    service.control("POST", "mirakl/faults", kind="http_401")

    report = hit(service)

    assert report["status"] == "failed"
    assert watchdog.heard[1] == (f"{PATH}/fail", report["message"])


def test_a_paused_run_is_noted_without_an_alarm(service: Service, watchdog: Watchdog) -> None:
    service.control("POST", "mirakl/faults", kind="http_503")

    report = hit(service)

    assert report["status"] == "paused"
    assert watchdog.heard[1] == (f"{PATH}/log", report["message"])


def test_the_text_is_in_the_language_of_the_account(service: Service, watchdog: Watchdog) -> None:
    service.manage("PUT", f"/accounts/{NAME}/settings", json={"language": "fr", "ping_urls": {"orders-import": URL}})

    hit(service)

    assert watchdog.heard[1] == (PATH, "rien de nouveau")


@pytest.mark.parametrize("parameters", [{"dry_run": "1"}, {"order_id": "SBX1-1-A"}], ids=["dry run", "one order"])
def test_a_run_that_the_plan_does_not_ask_for_is_not_reported(
    service: Service, watchdog: Watchdog, parameters: dict[str, str]
) -> None:
    hit(service, **parameters)

    assert watchdog.heard == []


def test_a_task_without_an_address_is_not_reported(service: Service, watchdog: Watchdog) -> None:
    hit(service, "orders-accept")

    assert watchdog.heard == []


def test_a_skipped_hit_is_not_reported(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_service(tmp_path, template=sqlite_template, min_intervals="on") as service:
        service.add_account(ping_urls={"orders-import": URL})
        dog = Watchdog(service.network._world)
        monkeypatch.setattr(service.network, "_world", dog)

        statuses = [hit(service)["status"], hit(service)["status"]]

    assert statuses == ["done", "skipped"]
    assert dog.paths == [f"{PATH}/start", PATH]


def test_no_ping_names_a_buyer(service: Service, watchdog: Watchdog) -> None:
    for shape in SHAPES:
        service.make_orders(shape=shape)
        hit(service)

    assert len(watchdog.heard) == 2 * len(SHAPES)
    assert spoken(json.dumps(watchdog.heard, ensure_ascii=False)) == set()


def test_no_ping_holds_a_link_or_a_secret(service: Service, watchdog: Watchdog) -> None:
    service.make_orders(shape="unknown_sku")

    hit(service)

    said = json.dumps(watchdog.heard)
    assert [word for word in ("http", "sig=", service.token) if word in said] == []


def test_a_watchdog_that_hangs_holds_no_run(service: Service, watchdog: Watchdog) -> None:
    watchdog.hold()
    service.make_orders()

    report = body(service.hit())

    assert (report["status"], watchdog.heard) == ("done", [])


def test_pings_arrive_in_the_order_of_the_runs_however_slow(service: Service, watchdog: Watchdog) -> None:
    watchdog.hold()
    for _ in range(3):
        service.hit()

    watchdog.release()
    service.wait_for(service.system.pings.close())

    assert watchdog.paths == [f"{PATH}/start", PATH] * 3


def test_pings_pile_up_only_so_high(service: Service, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinging, "MOST_WAITING", 3)
    watchdog.hold()
    for _ in range(3):
        service.hit()

    watchdog.release()
    service.wait_for(service.system.pings.close())

    assert watchdog.paths == [f"{PATH}/start", PATH, f"{PATH}/start"]


def test_what_is_under_way_when_the_service_stops_gets_a_moment_and_no_more(
    service: Service, watchdog: Watchdog
) -> None:
    watchdog.hold()
    service.system.pings.stop_grace_s = 0.01
    service.hit()

    service.wait_for(asyncio.wait_for(service.system.pings.close(), timeout=2))

    watchdog.release()
    service.wait_for(service.system.pings.close())
    assert watchdog.heard == []


@pytest.mark.parametrize(("status", "tries"), [(200, 1), (301, 1), (404, 1), (429, 2), (500, 2), (503, 2)])
def test_what_another_try_may_mend_is_tried_once_more(
    service: Service, watchdog: Watchdog, status: int, tries: int
) -> None:
    watchdog.answer = lambda: httpx.Response(status)

    report = hit(service)

    assert report["status"] == "done"
    assert watchdog.paths == [f"{PATH}/start"] * tries + [PATH] * tries


def test_a_watchdog_that_never_answers_is_given_up_on(service: Service, watchdog: Watchdog) -> None:
    tried: list[str] = []

    async def never(url: str, *, text: str) -> int:
        tried.append(url)
        await asyncio.Event().wait()
        return 200

    service.system.pings.post, service.system.pings.timeout_s = never, 0.01

    report = hit(service)

    assert report["status"] == "done"
    assert tried == [f"{URL}/start"] * 2 + [URL] * 2


def test_a_watchdog_that_can_not_be_reached_is_named_once_and_its_return_once(
    service: Service, watchdog: Watchdog, logged: list[MutableMapping[str, Any]]
) -> None:
    def cut() -> httpx.Response:
        raise httpx.ConnectError("no route to " + URL)

    watchdog.answer = cut
    hit(service)
    watchdog.answer = lambda: httpx.Response(200)
    hit(service)

    said = [line for line in logged if "watchdog" in line["event"]]
    assert [line["event"].split(";")[0] for line in said] == ["the watchdog can't be reached", "the watchdog is back"]
    assert said[0]["why"] == "ConnectError"
    assert PATH not in str(logged)


def test_the_end_is_reported_even_when_the_report_can_not_be_read(
    service: Service, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable("away")

    run = service.a_run()
    monkeypatch.setattr(Reports, "of", away)

    async def end() -> None:
        service.system.pings.ended(run, account)

    account = service.account()
    service.wait_for(end())
    service.wait_for(service.system.pings.close())

    assert watchdog.heard == [(PATH, "partial")]


def test_a_run_that_goes_on_after_a_pause_is_reported_again(service: Service, watchdog: Watchdog) -> None:
    service.control("POST", "mirakl/faults", kind="http_503")
    hit(service)
    service.control("DELETE", "mirakl/faults")
    service.clock.advance(timedelta(hours=1).total_seconds())

    service.wait_for(service.system.ticker.tick())
    service.wait_for(service.system.executor.drain())
    service.wait_for(service.system.pings.close())

    assert watchdog.paths == [f"{PATH}/start", f"{PATH}/log", f"{PATH}/start", PATH]
