"""A marketplace that answers errors, noise, half an answer or none at all: nothing lost, nothing doubled, all of it
named in the reports.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.caller import Service
from tests.support.converge import hit_until_settled, nothing_doubled
from tests.support.deployment import Deployment, served_in_process
from tests.support.marketplace import Json
from tests.support.snapshot import read_snapshot
from tests.support.waiting import eventually

# A pause of two minutes lasts 0.2 s, one of an hour 6 s.
SPEED = 600
Fault = Mapping[str, Any]

PASSING: tuple[Fault, ...] = (
    {"kind": "http_429"},
    {"kind": "http_429", "retry_after": 30},
    {"kind": "http_500"},
    {"kind": "http_502"},
    {"kind": "http_503"},
    {"kind": "http_503", "retry_after": 30},
    {"kind": "http_504"},
    {"kind": "malformed"},
    {"kind": "truncate"},
    {"kind": "reset"},
    {"kind": "slow", "delay_s": 0.15},
    {"kind": "timeout"},
    {"kind": "lost_ack", "answer": "http_500"},
    {"kind": "lost_ack", "answer": "reset"},
    {"kind": "lost_ack", "answer": "timeout"},
)
# One of each family alone; the others are in the play of all kinds at once, and alone in the long tests.
IN_THE_QUICK_SUITE = ("timeout", "malformed", "lost_ack reset")
REFUSING = ("http_403", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("http_400", "http_401", "http_404")))
GO_ON_BY_THEMSELVES = {"MARKETPLACE_DOWN", "OUTCOME_UNKNOWN", "QUOTA_USED_UP", "TIME_USED_UP"}
LONG_PAST_S = 20 * 24 * 3600


def named(fault: Fault) -> str:
    return " ".join(str(word) for word in fault.values())


def codes(report: Json) -> set[str]:
    return {problem["code"] for problem in report["problems"]}


def gone_on(service: Service, report: Json) -> Json:
    """Return the report of the run that ended well after this one, begun by nobody's hit."""

    def look() -> Json | None:
        later = [line for line in service.runs(task=report["task"]) if line["run_id"] > report["run_id"]]
        assert all(line["continues"] for line in later), "somebody hit the URL"
        ended = [line for line in later if line["status"] in ("done", "partial")]
        return service.report(ended[0]["run_id"]) if ended else None

    return eventually("the run goes on by itself and ends well", look, within_s=60, poll_s=0.1)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(each, id=named(each), marks=() if named(each) in IN_THE_QUICK_SUITE else pytest.mark.long)
        for each in PASSING
    ],
)
def test_nothing_is_lost_or_doubled_while_a_third_of_the_calls_fail(deployment: Deployment, fault: Fault) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    wanted = {*marketplace.seed(20, "to_accept", payment_delay_s=0), *marketplace.seed(20, "to_ship")}
    marketplace.fault(**{"rate": 0.35, **fault})

    seen = hit_until_settled(service, marketplace, stock=stock, wanted=wanted)

    snapshot = nothing_doubled(marketplace, service, stock=stock)
    assert set(snapshot.intakes.values()) == {"imported"}
    assert marketplace.state()["faults"][fault["kind"]] > 0
    # What passes ends no run as failed: cron services would switch the job off.
    assert seen.statuses["failed"] == 0, seen
    assert set(seen.codes) <= {*GO_ON_BY_THEMSELVES, "DEADLINE_NEAR"}, seen.codes


@pytest.mark.long
def test_five_hundred_orders_arrive_once_each_while_every_kind_of_fault_hits_a_tenth_of_the_calls(
    deployment: Deployment,
) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    wanted = {
        *marketplace.seed(120, "to_accept", payment_delay_s=60),
        *marketplace.seed(80, "accepted", payment_delay_s=600),
        *marketplace.seed(150, "to_ship"),
        *marketplace.seed(40, "shipped"),
        *marketplace.seed(40, "shipped", fulfilment="marketplace"),
    }
    unwanted = [
        *marketplace.seed(20, "accepted", payment_delay_s=LONG_PAST_S),
        *marketplace.seed(20, "cancelled"),
        *marketplace.seed(30, "refused"),
    ]
    assert len(wanted) + len(unwanted) == 500
    for fault in PASSING:
        marketplace.fault(**{"rate": 0.1, **fault})

    seen = hit_until_settled(service, marketplace, stock=stock, wanted=wanted, within_s=100)

    snapshot = nothing_doubled(marketplace, service, stock=stock)
    assert {order.order_id for order in snapshot.orders} == wanted
    assert set(marketplace.state()["faults"]) == {fault["kind"] for fault in PASSING}
    assert seen.statuses["failed"] == 0, seen
    assert {"MARKETPLACE_DOWN", "OUTCOME_UNKNOWN"} <= set(seen.codes), seen.codes
    assert set(seen.codes) <= {*GO_ON_BY_THEMSELVES, "DEADLINE_NEAR"}, seen.codes
    assert not any(each.get("exception") for each in service.events())


@pytest.mark.parametrize("kind", REFUSING)
def test_refusals_of_a_tenth_of_the_calls_lose_nothing_either(deployment: Deployment, kind: str) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    wanted = {*marketplace.seed(20, "to_accept", payment_delay_s=0), *marketplace.seed(20, "to_ship")}
    marketplace.fault(kind, rate=0.1)

    seen = hit_until_settled(service, marketplace, stock=stock, wanted=wanted)

    nothing_doubled(marketplace, service, stock=stock)
    refusals = {"DECISION_REFUSED", "ORDER_MISSING", "MARKETPLACE_SETUP", "CREDENTIALS_REFUSED", "ROLE_MISSING"}
    assert set(seen.codes) <= {*refusals, "REQUEST_REFUSED"}, seen.codes


@pytest.mark.parametrize(
    ("kind", "code", "sentence"),
    [
        ("http_401", "CREDENTIALS_REFUSED", "Mirakl refuses our key"),
        ("http_403", "ROLE_MISSING", "The API key is missing a permission on mirakl"),
        ("http_404", "MARKETPLACE_SETUP", "The address or configuration of mirakl is wrong"),
        ("http_400", "MARKETPLACE_SETUP", "The address or configuration of mirakl is wrong"),
    ],
)
def test_a_refused_list_fails_the_run_says_who_is_to_blame_and_the_next_hit_works(
    deployment: Deployment, kind: str, code: str, sentence: str
) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    marketplace.seed(3, "to_ship")
    marketplace.fault(kind, operation="OR11")

    response = service.hit("orders-import")

    report = response.json()
    assert (response.status_code, report["ok"], report["status"], report["cause"]) == (
        500,
        False,
        "failed",
        "marketplace",
    )
    assert [problem["code"] for problem in report["problems"]] == [code]
    assert report["message"].startswith(sentence)
    assert "marketcron account check mirakl-demo" in report["problems"][0]["fix"]
    marketplace.heal()
    assert service.run("orders-import")["counts"]["imported"] == 3
    nothing_doubled(marketplace, service, stock=stock)


@pytest.mark.parametrize(
    ("kind", "code"), [("http_400", "DECISION_REFUSED"), ("http_404", "ORDER_MISSING")], ids=["400", "404"]
)
def test_a_refused_decision_is_named_for_its_order_and_the_others_are_decided(
    deployment: Deployment, kind: str, code: str
) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=SPEED)
    ids = marketplace.seed(10, "to_accept", payment_delay_s=LONG_PAST_S)
    marketplace.fault(kind, operation="OR21", count=3)

    report = service.run("orders-accept")

    assert (report["status"], report["counts"]["accepted"], report["counts"]["waiting"]) == ("partial", 7, 3)
    assert {(problem["code"], problem["order_id"] in ids) for problem in report["problems"]} == {(code, True)}
    assert service.run("orders-accept")["counts"]["accepted"] == 3
    assert sorted(marketplace.state()["accepted"]) == sorted(ids)


@pytest.mark.parametrize(
    "kind", ["http_503", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("malformed", "reset"))]
)
def test_an_outage_pauses_the_run_which_goes_on_by_itself(deployment: Deployment, kind: str) -> None:
    marketplace, service, stock = served_in_process(deployment, speed=SPEED)
    marketplace.seed(5, "to_ship")
    marketplace.fault(kind)

    response = service.hit("orders-import")

    report = response.json()
    assert (response.status_code, report["ok"], report["status"], report["cause"]) == (
        200,
        False,
        "paused",
        "marketplace",
    )
    assert codes(report) == {"MARKETPLACE_DOWN"}
    assert report["resume_at"] > report["finished_at"]
    marketplace.heal()
    gone_on(service, report)
    assert len(nothing_doubled(marketplace, service, stock=stock).orders) == 5


def test_a_used_up_quota_pauses_the_run_until_the_marketplace_lets_us_call_again(deployment: Deployment) -> None:
    # The run may take 20 minutes of business time, the marketplace wants half an hour of silence.
    marketplace, service, stock = served_in_process(deployment, speed=SPEED, RUN_DEADLINE_S="2")
    marketplace.seed(5, "to_ship")
    marketplace.fault("http_429", retry_after=1800, count=1)

    report = service.run("orders-import")

    assert (report["status"], report["cause"], codes(report)) == ("paused", "marketplace", {"QUOTA_USED_UP"})
    assert report["quota"]["throttled"] == 1
    went_on = gone_on(service, report)
    assert went_on["started_at"] >= report["resume_at"]
    assert len(nothing_doubled(marketplace, service, stock=stock).orders) == 5


def test_runs_go_on_until_all_is_done_even_if_reading_takes_all_the_time_of_one(deployment: Deployment) -> None:
    # A run may take two seconds of real time; each of the two pages takes more than half of that.
    marketplace, service, stock = served_in_process(deployment, speed=60, RUN_DEADLINE_S="2")
    marketplace.seed(150, "to_ship")
    marketplace.fault("slow", delay_s=1.3, operation="OR11")

    report = service.run("orders-import")

    assert (report["ok"], report["status"], codes(report)) == (False, "paused", {"TIME_USED_UP"})
    gone_on(service, report)
    assert len(nothing_doubled(marketplace, service, stock=stock).orders) == 150


@pytest.mark.parametrize("answer", ["http_500", "reset"])
def test_a_decision_whose_answer_got_lost_is_named_and_settled_without_sending_it_again(
    deployment: Deployment, answer: str
) -> None:
    marketplace, service, _ = served_in_process(deployment, speed=SPEED)
    ids = marketplace.seed(6, "to_accept", payment_delay_s=LONG_PAST_S)
    marketplace.fault("lost_ack", answer=answer, count=4)

    first = service.run("orders-accept")

    assert (first["ok"], first["counts"]["accepted"], codes(first)) == (True, 2, {"OUTCOME_UNKNOWN"})

    def settled() -> bool:
        service.run("orders-accept")
        return set(read_snapshot(service.database_url).decisions.values()) == {"accepted"}

    eventually("every decision is known", settled, within_s=15, poll_s=0.2)
    state = marketplace.state()
    assert (sorted(state["accepted"]), state["calls"]["OR21"], state["writes_repeated"]) == (sorted(ids), 6, 0)
