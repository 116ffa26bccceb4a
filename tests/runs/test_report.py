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
from tests.tasks.world import Done, World, a_world


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return a_world(sqlite_store)


def said(world: World, done: Done, *, language: Language = "en") -> str:
    return world.report(done, language=language).message


@pytest.mark.parametrize("task", [Task.ORDERS_ACCEPT, Task.ORDERS_IMPORT])
def test_a_report_holds_every_count_that_its_task_promises(world: World, task: Task) -> None:
    done = world.accept() if task is Task.ORDERS_ACCEPT else world.import_()

    assert tuple(world.report(done).counts) == TASKS[task].counts


def test_a_run_without_news_says_so(world: World) -> None:
    assert said(world, world.import_()) == "nothing new"
    assert said(world, world.accept()) == "nothing new"


def test_an_import_says_what_came_in_and_what_waits(world: World) -> None:
    world.marketplace.sell(a_sale("A"), a_sale("B"), a_sale("C", state=OrderState.PENDING))

    done = world.import_()

    assert said(world, done) == "2 orders imported, 1 order waiting"
    assert said(world, done, language="fr") == "2 commandes importées, 1 commande en attente"


def test_one_order_is_one_order(world: World) -> None:
    world.marketplace.sell(a_sale("A"))

    assert said(world, world.import_()) == "1 order imported"


def test_an_order_that_needs_somebody_is_named_with_its_first_reason(world: World) -> None:
    world.marketplace.sell(a_sale("A"), a_sale("B", a_line("NOBODY")))

    done = world.import_()

    assert said(world, done) == (
        "1 order imported, 1 order not imported, 1 order needs you: No product in your shop has the SKU “NOBODY”."
    )
    assert world.report(done).ok


def test_the_reason_named_is_one_that_needs_somebody(world: World) -> None:
    world.marketplace.sell(a_sale("A"), a_sale("B", a_line("NOBODY")))
    world.shop.answers["A"] = "lost"

    done = world.import_()

    assert [problem.code for problem in world.report(done).problems] == ["OUTCOME_UNKNOWN", "SKU_UNKNOWN"]
    assert said(world, done).endswith("1 order needs you: No product in your shop has the SKU “NOBODY”.")


def test_a_dry_run_says_that_it_is_one(world: World) -> None:
    world.marketplace.sell(a_sale("A"))

    done = world.import_(dry_run=True)

    assert said(world, done) == "dry run, 1 order imported"
    assert world.report(done).dry_run


def test_a_dry_run_without_news_says_both(world: World) -> None:
    assert said(world, world.import_(dry_run=True)) == "dry run, nothing new"


def test_a_paused_run_names_its_cause_and_when_it_goes_on(world: World) -> None:
    world.marketplace.trouble = lambda page: Unavailable(
        service="mirakl", operation="OR11", status=503, detail="it answers 503"
    )

    report = world.report(world.import_())

    assert (report.ok, report.status, report.cause) == (False, "paused", "marketplace")
    assert report.message == "Mirakl does not answer properly: “it answers 503”."
    assert report.resume_at is not None
    assert report.problems[0].fix.startswith(
        "Nothing to do: the run continues automatically at 21 Nov 2026, 09:22 UTC."
    )


def test_a_failed_run_is_not_ok(world: World) -> None:
    world.marketplace.trouble = lambda page: ZeroDivisionError()

    report = world.report(world.import_())

    assert (report.ok, report.status, report.cause) == (False, "failed", "service")
    assert report.message == "Something went wrong inside marketcron (ZeroDivisionError)."


def test_a_skipped_hit_holds_the_last_report_and_zero_counts(world: World) -> None:
    world.marketplace.sell(a_sale("A"))
    last = world.import_()
    row = a_run(world.account, now=world.clock.now())
    run(world.store.write(runs.arrive, row, min_interval=min_interval(a_request())))

    report = world.report(world.done(row.id))

    assert (report.ok, report.status) == (True, "skipped")
    assert set(report.counts.values()) == {0}
    assert report.message == "This task ran a moment ago: nothing to do before 21 Nov 2026, 09:24 UTC."
    assert report.last is not None
    assert (report.last["run_id"], report.last["counts"]["imported"]) == (last.row.id, 1)
    assert not {"problems", "items", "last", "links"} & set(report.last)


@pytest.mark.parametrize(("language", "message"), [("en", "waiting for its turn"), ("fr", "en attente de son tour")])
def test_a_run_that_waits_or_works_says_so(world: World, language: Language, message: str) -> None:
    row = queued(world.store, world.account)

    report = world.report(world.done(row.id), language=language)

    assert (report.message, report.finished_at, report.duration_s) == (message, None, None)


def test_a_run_under_way_counts_what_it_has_done_so_far(world: World) -> None:
    row = claimed(world.store, queued(world.store, world.account)).run
    run(world.store.write(run_items.note_items, row.id, [ItemNote(subject="A", outcome="imported", seen=True)]))

    assert world.report(world.done(row.id)).counts["imported"] == 1


def test_all_problems_are_counted_even_if_only_the_first_are_shown(world: World) -> None:
    world.marketplace.sell(*(a_sale(f"MKP-{number:02d}", a_line("NOBODY")) for number in range(25)))

    report = world.report(world.import_())

    assert (len(report.problems), report.problems_total) == (reporting.FIRST_PROBLEMS, 25)


def test_quiet_reasons_are_no_problems(world: World) -> None:
    world.marketplace.sell(a_sale("A", state=OrderState.PENDING), a_sale("B", state=OrderState.CANCELLED))

    report = world.report(world.import_())

    assert (report.problems, report.status) == ([], "done")


def test_a_report_begins_with_what_people_look_for(world: World) -> None:
    done = ended(world.store, world.account)

    text = reporting.to_json(world.report(world.done(done.id)), indent=None)

    assert text.startswith(b'{"ok":true,"status":"done","message":')
    decoded: dict[str, Any] = json.loads(text)
    assert decoded["started_at"] == decoded["finished_at"] == "2026-11-21T09:20:00Z"
