"""Cron URLs: what a right hit gets, from the run it begins, joins or finds."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.task import RunStatus
from tests.api.service import NAME, Service, body


def skipped_after(service: Service, **options: Any) -> dict[str, Any]:
    """Return the report of the second of two equal hits, one minute apart."""
    service.hit(**options)
    service.clock.advance(60)
    return body(service.hit(**options))


@pytest.fixture
def patient(service: Service) -> Service:
    """A service that skips hits which come too soon."""
    service.system.service.min_intervals = True
    return service


def test_ok_and_status_come_within_the_first_hundred_bytes(service: Service) -> None:
    assert service.hit().content[:100].startswith(b'{"ok":true,"status":"done",')


def test_a_browser_gets_pretty_json_with_status_within_the_first_hundred_bytes(service: Service) -> None:
    answer = service.hit(headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert answer.content[:100].startswith(b'{\n  "ok": true,\n  "status": "done",')


def test_a_browser_gets_the_content_type_of_json(service: Service) -> None:
    assert service.hit(headers={"Accept": "text/html"}).headers["content-type"] == "application/json"


def test_wait_0_answers_202_before_the_run_has_ended(service: Service) -> None:
    service.network.hold()

    answer = service.hit(wait="0")

    assert (answer.status_code, body(answer)["status"]) == (202, "queued")


def test_202_says_where_the_report_is(service: Service) -> None:
    answer = service.hit(wait="0")

    assert answer.headers["Location"] == body(answer)["links"]["report"]


def test_202_says_when_a_look_is_worth_it(service: Service) -> None:
    assert service.hit(wait="0").headers["Retry-After"] == "15"


def test_location_opens_the_report_without_a_token(service: Service) -> None:
    location = service.hit(wait="0").headers["Location"]

    assert service.get(location).status_code == 200


def test_an_equal_hit_joins_the_run_under_way(service: Service) -> None:
    service.network.hold()
    first = body(service.hit(wait="0"))

    second = body(service.hit(wait="0"))

    assert (first["joined"], second["joined"], second["run_id"]) == (False, True, first["run_id"])


def test_an_equal_hit_that_joins_is_202_too(service: Service) -> None:
    service.network.hold()
    service.hit(wait="0")

    assert service.hit(wait="0").status_code == 202


@pytest.mark.parametrize(
    "other", [{"recheck": "1"}, {"dry_run": "1"}, {"since": "5d"}, {"order_id": "A"}, {"channel": "MFN"}]
)
def test_a_different_hit_is_a_run_of_its_own(service: Service, other: dict[str, str]) -> None:
    service.network.hold()
    first = body(service.hit(wait="0"))

    second = body(service.hit(wait="0", **other))

    assert (second["joined"], second["run_id"] == first["run_id"]) == (False, False)


@pytest.mark.parametrize("answer_only", [{"detail": "full"}, {"strict": "1"}, {"lang": "fr"}, {"slot": "S"}])
def test_what_only_shapes_the_answer_joins_too(service: Service, answer_only: dict[str, str]) -> None:
    service.network.hold()
    service.hit(wait="0")

    assert body(service.hit(wait="0", **answer_only))["joined"] is True


@pytest.mark.parametrize("place", ["slot", "Idempotency-Key", "X-CloudScheduler-ScheduleTime"])
def test_a_slot_never_runs_twice(service: Service, place: str) -> None:
    options: dict[str, Any] = {"slot": "09:00"} if place == "slot" else {"headers": {place: "09:00"}}
    first = body(service.hit(**options))

    second = body(service.hit(**options))

    assert (second["joined"], second["run_id"]) == (True, first["run_id"])


def test_a_slot_is_the_same_in_each_place(service: Service) -> None:
    first = body(service.hit(slot="09:00"))

    assert body(service.hit(headers={"Idempotency-Key": "09:00"}))["run_id"] == first["run_id"]


def test_a_slot_of_another_combination_runs(service: Service) -> None:
    first = body(service.hit(slot="09:00"))

    assert body(service.hit(slot="09:00", recheck="1"))["run_id"] != first["run_id"]


def test_a_slot_of_another_task_runs(service: Service) -> None:
    first = body(service.hit(slot="09:00"))

    assert body(service.hit("orders-accept", slot="09:00"))["run_id"] != first["run_id"]


def test_a_slot_whose_run_failed_may_run_again(service: Service) -> None:
    service.a_run(slot="09:00", status=RunStatus.FAILED)

    assert body(service.hit(slot="09:00"))["status"] == "done"


@pytest.mark.parametrize(
    ("task", "options", "minutes"),
    [
        ("orders-import", {}, 4),
        ("orders-accept", {}, 8),
        ("orders-import", {"recheck": "1"}, 48),
        ("orders-import", {"doublecheck": "1"}, 48),
    ],
)
def test_a_hit_is_skipped_until_four_fifths_of_the_minimum_interval_are_over(
    patient: Service, task: str, options: dict[str, str], minutes: int
) -> None:
    patient.hit(task, **options)
    began = patient.clock.now()

    patient.clock.advance(minutes * 60 - 1)
    too_soon = body(patient.hit(task, **options))
    patient.clock.advance(1)
    in_time = body(patient.hit(task, **options))

    assert (began + timedelta(minutes=minutes) == patient.clock.now(), too_soon["status"], in_time["status"]) == (
        True,
        "skipped",
        "done",
    )


def test_a_skipped_hit_is_200_and_ok(patient: Service) -> None:
    patient.hit()

    answer = patient.hit()

    assert (answer.status_code, body(answer)["ok"]) == (200, True)


def test_a_skipped_hit_has_zero_counts(patient: Service) -> None:
    patient.make_orders(count=2)

    assert set(skipped_after(patient)["counts"].values()) == {0}


def test_a_skipped_hit_holds_the_last_report(patient: Service) -> None:
    patient.make_orders(count=2)
    last = body(patient.hit())

    held = body(patient.hit())["last"]

    assert held == {key: value for key, value in last.items() if key not in ("problems", "items", "last", "links")}


def test_a_skipped_hit_says_when_the_next_is_useful(patient: Service) -> None:
    assert skipped_after(patient)["next_useful_at"] == "2026-03-02T12:04:00Z"


@pytest.mark.parametrize("options", [{"dry_run": "1"}, {"order_id": "A"}])
def test_dry_runs_and_single_orders_are_never_skipped(patient: Service, options: dict[str, str]) -> None:
    assert skipped_after(patient, **options)["status"] != "skipped"


def test_a_hit_after_a_failure_is_not_skipped(patient: Service) -> None:
    patient.control("POST", "mirakl/faults", kind="http_401", count=1)
    patient.hit()

    assert body(patient.hit())["status"] == "done"


def test_detail_full_names_what_became_of_every_order(service: Service) -> None:
    ids = service.make_orders(count=3)

    items = body(service.hit(detail="full"))["items"]

    nothing = {"sku": None, "code": None, "change": None}
    assert items == [{"order_id": order_id, "outcome": "imported"} | nothing for order_id in sorted(ids)]


def test_without_detail_no_order_is_named(service: Service) -> None:
    service.make_orders(count=3)

    assert body(service.hit())["items"] is None


def test_partial_is_200(service: Service) -> None:
    service.make_orders(shape="unknown_sku")

    answer = service.hit()

    assert (answer.status_code, body(answer)["ok"], body(answer)["status"]) == (200, True, "partial")


def test_strict_makes_partial_500(service: Service) -> None:
    service.make_orders(shape="unknown_sku")

    answer = service.hit(strict="1")

    assert (answer.status_code, body(answer)["status"]) == (500, "partial")


def test_strict_leaves_done_200(service: Service) -> None:
    assert service.hit(strict="1").status_code == 200


def test_lang_chooses_the_language_of_the_sentences(service: Service) -> None:
    service.make_orders(shape="unknown_sku")

    assert "Aucun produit de votre boutique" in body(service.hit(lang="fr"))["problems"][0]["message"]


def test_the_language_of_the_account_holds_without_lang(service: Service) -> None:
    service.wait_for(service.system.accounts.change(NAME, {"language": "fr"}))

    assert body(service.hit())["message"] == "rien de nouveau"


def test_a_refused_key_is_500_and_blames_the_marketplace(service: Service) -> None:
    service.control("POST", "mirakl/faults", kind="http_401")

    answer = service.hit()
    report = body(answer)

    assert (answer.status_code, report["ok"], report["status"], report["cause"]) == (
        500,
        False,
        "failed",
        "marketplace",
    )


def test_a_failed_run_names_its_reason_first(service: Service) -> None:
    service.control("POST", "mirakl/faults", kind="http_401")

    assert body(service.hit())["problems"][0]["code"] == "CREDENTIALS_REFUSED"


def test_a_marketplace_that_is_down_pauses_the_run_with_200(service: Service) -> None:
    service.control("POST", "mirakl/faults", kind="http_503")

    answer = service.hit()
    report = body(answer)

    assert (answer.status_code, report["ok"], report["status"], report["cause"]) == (
        200,
        False,
        "paused",
        "marketplace",
    )


def test_a_paused_run_says_when_it_goes_on(service: Service) -> None:
    service.control("POST", "mirakl/faults", kind="http_503")

    assert body(service.hit())["resume_at"] > "2026-03-02T12:00:00Z"


def test_a_hit_while_the_service_stops_is_503_with_a_delay(service: Service) -> None:
    service.system.begin_stop()

    answer = service.hit()

    assert (answer.status_code, answer.headers["Retry-After"], service.runs()) == (503, "5", [])


def test_a_hit_while_the_database_is_away_is_503_with_a_delay(service: Service) -> None:
    headers = {"X-Cron-Token": service.token}
    service.system.store.close()

    answer = service.get(f"/cron/{NAME}/orders-import", headers=headers)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_a_hit_that_was_recorded_before_the_database_went_away_is_202(service: Service) -> None:
    class Executor:
        def submit(self, run_id: str) -> None:
            service.system.store.close()

    service.system.service.executor = Executor()

    answer = service.hit(wait="0")

    assert (answer.status_code, body(answer)["status"]) == (202, "queued")


def test_a_catch_up_leaves_the_live_window_where_it_was(service: Service) -> None:
    service.hit()
    service.clock.advance(7200)
    service.hit(recheck="1", doublecheck="1")

    assert body(service.hit())["window"]["from"] == "2026-03-02T11:30:00Z"


def test_both_catch_ups_together_do_both_passes(service: Service) -> None:
    service.make_orders(count=2)
    service.make_orders(count=1, state="shipped", fulfilment="marketplace")

    report = body(service.hit(recheck="1", doublecheck="1"))

    assert (report["modes"], report["counts"]["seen"]) == (["doublecheck", "recheck"], 3)


def test_a_dry_run_imports_nothing(service: Service) -> None:
    service.make_orders(count=2)

    dry_run = body(service.hit(dry_run="1"))["counts"]["imported"]
    done = body(service.hit())["counts"]["imported"]

    assert (dry_run, done) == (2, 2)


def test_a_caller_that_hangs_up_stops_nothing(service: Service) -> None:
    service.make_orders(count=1)
    service.network.hold()
    service.hang_up_while_waiting()

    service.network.release()
    (run,) = service.runs()

    assert body(service.get(service.link(run.id)))["counts"]["imported"] == 1


@pytest.mark.parametrize("host", ["[", "a b", "evil.test/x?", "é", "x:99999", ""])
def test_an_impossible_host_header_breaks_nothing(service: Service, host: str) -> None:
    code, _ = service.get_raw(
        f"/cron/{NAME}/orders-import", query=b"", headers={"Host": host, "X-Cron-Token": service.token}
    )

    assert code == 200
