"""The report as a person reads it."""

import json
from typing import Any

import pytest

from app.domain.order import OrderState
from app.domain.task import Task
from app.domain.wording import Language
from app.errors import Unavailable
from app.runs import report as reporting
from app.runs.schedule import min_interval
from app.store import run_items, runs
from app.store.engine import Store
from app.store.run_items import ItemNote
from app.tasks import TASKS
from tests.runs.builders import a_request, a_run, claimed, ended, queued
from tests.shops.builders import a_line
from tests.support.aio import run
from tests.tasks.builders import a_sale
from tests.tasks.task_runner import Done, TaskRunner, a_task_runner


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    return a_task_runner(sqlite_store)


def said(runner: TaskRunner, done: Done, *, language: Language = "en") -> str:
    return runner.report(done, language=language).message


@pytest.mark.parametrize("task", [Task.ORDERS_ACCEPT, Task.ORDERS_IMPORT])
def test_a_report_holds_every_count_that_its_task_promises(runner: TaskRunner, task: Task) -> None:
    done = runner.accept() if task is Task.ORDERS_ACCEPT else runner.import_()

    assert tuple(runner.report(done).counts) == TASKS[task].counts


def test_a_run_without_news_says_so(runner: TaskRunner) -> None:
    assert said(runner, runner.import_()) == "nothing new"
    assert said(runner, runner.accept()) == "nothing new"


def test_an_import_says_what_came_in_and_what_waits(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"), a_sale("B"), a_sale("C", state=OrderState.PENDING))

    done = runner.import_()

    assert said(runner, done) == "2 orders imported, 1 order waiting"
    assert said(runner, done, language="fr") == "2 commandes importées, 1 commande en attente"


def test_one_order_is_one_order(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"))

    assert said(runner, runner.import_()) == "1 order imported"


def test_an_order_that_needs_somebody_is_named_with_its_first_reason(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"), a_sale("B", a_line("NOBODY")))

    done = runner.import_()

    assert said(runner, done) == (
        "1 order imported, 1 order not imported, 1 order needs you: No product in your shop has the SKU “NOBODY”."
    )
    assert runner.report(done).ok


def test_the_reason_named_is_one_that_needs_somebody(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"), a_sale("B", a_line("NOBODY")))
    runner.shop.answers["A"] = "lost"

    done = runner.import_()

    assert [problem.code for problem in runner.report(done).problems] == ["OUTCOME_UNKNOWN", "SKU_UNKNOWN"]
    assert said(runner, done).endswith("1 order needs you: No product in your shop has the SKU “NOBODY”.")


def test_a_dry_run_says_that_it_is_one(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"))

    done = runner.import_(dry_run=True)

    assert said(runner, done) == "dry run, 1 order imported"
    assert runner.report(done).dry_run


def test_a_dry_run_without_news_says_both(runner: TaskRunner) -> None:
    assert said(runner, runner.import_(dry_run=True)) == "dry run, nothing new"


def test_a_paused_run_names_its_cause_and_when_it_goes_on(runner: TaskRunner) -> None:
    runner.marketplace.trouble = lambda page: Unavailable(
        service="mirakl", operation="OR11", status=503, detail="it answers 503"
    )

    report = runner.report(runner.import_())

    assert (report.ok, report.status, report.cause) == (False, "paused", "marketplace")
    assert report.message == "Mirakl does not answer properly: “it answers 503”."
    assert report.resume_at is not None
    assert report.problems[0].fix.startswith(
        "Nothing to do: the run continues automatically at 21 Nov 2026, 09:22 UTC."
    )


def test_a_failed_run_is_not_ok(runner: TaskRunner) -> None:
    runner.marketplace.trouble = lambda page: ZeroDivisionError()

    report = runner.report(runner.import_())

    assert (report.ok, report.status, report.cause) == (False, "failed", "service")
    assert report.message == "Something went wrong inside marketcron (ZeroDivisionError)."


def test_a_skipped_hit_holds_the_last_report_and_zero_counts(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"))
    last = runner.import_()
    row = a_run(runner.account, now=runner.clock.now())
    run(runner.store.write(runs.arrive, row, min_interval=min_interval(a_request())))

    report = runner.report(runner.done(row.id))

    assert (report.ok, report.status) == (True, "skipped")
    assert set(report.counts.values()) == {0}
    assert report.message == "This task ran a moment ago: nothing to do before 21 Nov 2026, 09:24 UTC."
    assert report.last is not None
    assert (report.last["run_id"], report.last["counts"]["imported"]) == (last.row.id, 1)
    assert not {"problems", "items", "last", "links"} & set(report.last)


@pytest.mark.parametrize(("language", "message"), [("en", "waiting for its turn"), ("fr", "en attente de son tour")])
def test_a_run_that_waits_or_works_says_so(runner: TaskRunner, language: Language, message: str) -> None:
    row = queued(runner.store, runner.account)

    report = runner.report(runner.done(row.id), language=language)

    assert (report.message, report.finished_at, report.duration_s) == (message, None, None)


def test_a_run_under_way_counts_what_it_has_done_so_far(runner: TaskRunner) -> None:
    row = claimed(runner.store, queued(runner.store, runner.account)).run
    run(runner.store.write(run_items.note_items, row.id, [ItemNote(subject="A", outcome="imported", seen=True)]))

    assert runner.report(runner.done(row.id)).counts["imported"] == 1


def test_all_problems_are_counted_even_if_only_the_first_are_shown(runner: TaskRunner) -> None:
    runner.marketplace.sell(*(a_sale(f"MKP-{number:02d}", a_line("NOBODY")) for number in range(25)))

    report = runner.report(runner.import_())

    assert (len(report.problems), report.problems_total) == (reporting.FIRST_PROBLEMS, 25)


def test_quiet_reasons_are_no_problems(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A", state=OrderState.PENDING), a_sale("B", state=OrderState.CANCELLED))

    report = runner.report(runner.import_())

    assert (report.problems, report.status) == ([], "done")


def test_a_report_begins_with_what_people_look_for(runner: TaskRunner) -> None:
    done = ended(runner.store, runner.account)

    text = reporting.to_json(runner.report(runner.done(done.id)), indent=None)

    assert text.startswith(b'{"ok":true,"status":"done","message":')
    decoded: dict[str, Any] = json.loads(text)
    assert decoded["started_at"] == decoded["finished_at"] == "2026-11-21T09:20:00Z"
