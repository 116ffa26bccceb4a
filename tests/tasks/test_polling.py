"""Reading without gaps: what is asked for, how far it has come, and that a crash loses nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.order import Fulfilment, OrderState, Unreadable
from app.domain.task import Mode, Priority
from app.errors import LimitReached, Unavailable
from app.store import passes
from app.store.engine import Store
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_sale, entries
from tests.tasks.task_runner import POLL_POLICY, TaskRunner, a_task_runner

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RECHECK = {"modes": frozenset({Mode.RECHECK})}
DOUBLECHECK = {"modes": frozenset({Mode.DOUBLECHECK})}


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    return a_task_runner(sqlite_store, start_from=(NOW - 60 * DAY).isoformat())


def cursor(runner: TaskRunner) -> Any:
    return run(runner.store.read(passes.cursor, runner.account.id, "orders-import"))


def test_the_first_run_reads_from_the_start_and_later_ones_from_the_cursor_less_the_overlap(runner: TaskRunner) -> None:
    runner.import_()
    runner.clock.advance(3600)
    runner.import_()

    first, second = runner.marketplace.queries
    assert first.since == NOW - 60 * DAY
    assert second.since == NOW - POLL_POLICY.overlap


def test_the_first_run_of_a_young_account_still_looks_back_as_far_as_the_platform_says(sqlite_store: Store) -> None:
    runner = a_task_runner(sqlite_store, start_from=NOW.isoformat())

    runner.import_()

    assert runner.marketplace.queries[0].since == NOW - POLL_POLICY.first_days * DAY


def test_the_cursor_is_the_marketplace_s_clock_at_the_first_page(runner: TaskRunner) -> None:
    ahead = NOW + timedelta(minutes=7)
    runner.marketplace.page_size = 1
    runner.marketplace.sell(a_sale("A"), a_sale("B"))
    runner.marketplace.remote_now = ahead

    def later_pages_are_later(page: int) -> None:
        runner.marketplace.remote_now = ahead + page * HOUR

    runner.marketplace.trouble = later_pages_are_later

    runner.import_()

    assert cursor(runner) == ahead


@pytest.mark.parametrize(
    "parameters",
    [
        {"fulfilments": frozenset({Fulfilment.MERCHANT})},
        {"since": "5d"},
        {"order_ids": ("MKP-1",)},
        {"dry_run": True},
        RECHECK,
        DOUBLECHECK,
    ],
    ids=str,
)
def test_only_a_plain_live_run_moves_the_cursor(runner: TaskRunner, parameters: dict[str, Any]) -> None:
    runner.marketplace.sell(a_sale())

    runner.import_(**parameters)

    assert cursor(runner) is None


def test_a_run_that_does_not_come_through_moves_no_cursor(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.down = True

    runner.import_()

    assert cursor(runner) is None


def test_acceptance_has_no_part_in_the_cursor_of_the_import(runner: TaskRunner) -> None:
    runner.accept()

    assert cursor(runner) is None


@pytest.mark.parametrize(("parameters", "days"), [(DOUBLECHECK, 15), (RECHECK, 15)], ids=["doublecheck", "recheck"])
def test_a_catch_up_looks_further_back_than_the_cursor(
    runner: TaskRunner, parameters: dict[str, Any], days: int
) -> None:
    runner.import_()
    runner.clock.advance(3600)
    runner.import_(**parameters)

    query = runner.marketplace.queries[-1]
    assert query.since == NOW + HOUR - days * DAY
    assert query.priority is Priority.CATCH_UP


def test_an_older_cursor_wins_over_the_window_of_a_catch_up(runner: TaskRunner) -> None:
    runner.import_()
    runner.clock.advance(20 * 24 * 3600)

    runner.import_(**DOUBLECHECK)

    assert runner.marketplace.queries[-1].since == NOW


def test_the_merchant_may_look_back_further(runner: TaskRunner) -> None:
    runner.set(lookback_days=40)

    runner.import_(**DOUBLECHECK)

    assert runner.marketplace.queries[-1].since == NOW - 40 * DAY


def test_a_since_replaces_the_window_once(runner: TaskRunner) -> None:
    runner.import_(since="36h")
    runner.import_(since="2026-11-01T00:00:00Z")

    assert [query.since for query in runner.marketplace.queries] == [
        NOW - 36 * HOUR,
        NOW.replace(day=1, hour=0, minute=0),
    ]


def test_catch_ups_ask_for_no_more_than_they_are_for(runner: TaskRunner) -> None:
    runner.import_(**RECHECK)
    runner.import_(**DOUBLECHECK)

    recheck, doublecheck = runner.marketplace.queries
    assert recheck.states == {OrderState.SHIPPED, OrderState.CLOSED}
    assert recheck.fulfilment == {Fulfilment.MARKETPLACE}
    assert doublecheck.fulfilment == {Fulfilment.MERCHANT}
    assert not doublecheck.states & recheck.states


def test_a_crash_between_two_pages_loses_nothing_and_reads_no_page_twice(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.page_size = 2
    runner.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(6)))
    runner.marketplace.trouble = lambda page: RuntimeError("killed") if page == 1 else None

    killed = runner.import_()
    kept = [row.order_id for row in entries(store)]
    nothing_made = list(runner.shop.created)
    runner.marketplace.trouble = lambda page: None
    runner.clock.advance(60)
    done = runner.import_()

    assert (killed.status, kept, nothing_made) == ("failed", ["MKP-0", "MKP-1"], [])
    assert runner.marketplace.queries[-1].resume == "2"
    assert done.counts["imported"] == 6
    # Whatever changed while the first attempt was under way is read by the next pass.
    assert cursor(runner) == NOW


def test_a_pass_half_read_for_half_a_day_begins_anew(runner: TaskRunner) -> None:
    runner.marketplace.page_size = 1
    runner.marketplace.sell(a_sale("A"), a_sale("B"))
    runner.marketplace.trouble = lambda page: RuntimeError("killed") if page == 1 else None
    runner.import_()
    window = runner.marketplace.queries[-1].since
    runner.marketplace.trouble = lambda page: None
    runner.clock.advance(12 * 3600 + 1)

    runner.import_()

    assert (runner.marketplace.queries[-1].resume, runner.marketplace.queries[-1].since) == (None, window)
    assert cursor(runner) == NOW + timedelta(seconds=12 * 3600 + 1)


def read_for_days(runner: TaskRunner, *, pages_a_run: int) -> None:
    """Sell ten orders that changed hour by hour, a page each; import every five hours with a quota of some pages."""
    runner.marketplace.page_size = 1
    runner.marketplace.sell(
        *(replace(a_sale(f"MKP-{n}"), updated_at=NOW - 20 * HOUR + n * HOUR) for n in range(10)),
    )
    for _ in range(12):
        left = iter(range(pages_a_run))

        def no_more(page: int, left: Iterator[int] = left) -> Exception | None:
            reached = LimitReached(service="mirakl", operation="OR11", resume_at=NOW, code="QUOTA_USED_UP")
            return None if next(left, None) is not None else reached

        runner.marketplace.trouble = no_more
        runner.import_()
        runner.clock.advance(5 * 3600)


def test_a_list_that_takes_days_is_read_to_its_end_where_the_oldest_change_comes_first(runner: TaskRunner) -> None:
    runner.poll_policy = replace(POLL_POLICY, oldest_first=True)

    read_for_days(runner, pages_a_run=2)

    assert set(runner.shop.holds()) == {f"MKP-{n}" for n in range(10)}
    assert cursor(runner) is not None
    # It never went back further than the overlap behind what it had seen.
    begun = [query.since for query in runner.marketplace.queries if query.resume is None]
    assert begun[:2] == [NOW - 60 * DAY, NOW - 15 * HOUR - POLL_POLICY.overlap]


def test_elsewhere_a_list_given_up_as_too_old_is_read_from_its_beginning(runner: TaskRunner) -> None:
    read_for_days(runner, pages_a_run=2)

    begun = {query.since for query in runner.marketplace.queries if query.resume is None}
    assert begun == {NOW - 60 * DAY}


def test_of_two_catch_ups_the_report_says_the_longer_window(runner: TaskRunner) -> None:
    runner.poll_policy = replace(POLL_POLICY, recheck_days=16, doublecheck_days=8)

    done = runner.import_(modes=frozenset({Mode.RECHECK, Mode.DOUBLECHECK}))

    assert done.row.window is not None
    assert done.row.window["from"] == (NOW - 16 * DAY).isoformat()


def test_a_live_pass_that_was_read_is_read_again_when_the_run_goes_on_later(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"))
    runner.shop.down = True
    runner.import_()
    runner.shop.down = False
    runner.clock.advance(3600)
    runner.marketplace.sell(a_sale("B", minutes=80))

    done = runner.import_()

    assert runner.marketplace.queries[0].since == runner.marketplace.queries[1].since
    assert done.counts["imported"] == 2


def test_a_catch_up_that_was_read_goes_straight_on_to_act(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("A"))
    runner.shop.down = True
    runner.import_(**DOUBLECHECK)
    runner.shop.down = False

    done = runner.import_(**DOUBLECHECK)

    assert len(runner.marketplace.queries) == 1
    assert done.said == {"A": ("imported", "")}


def test_another_question_in_between_never_costs_the_live_pass_its_window(runner: TaskRunner) -> None:
    runner.import_()
    runner.clock.advance(5 * 3600)
    runner.marketplace.page_size = 1
    runner.marketplace.sell(a_sale("A", minutes=40), a_sale("B", minutes=41))
    runner.marketplace.trouble = lambda page: RuntimeError("killed") if page == 1 else None
    runner.import_()
    runner.marketplace.trouble = lambda page: None

    runner.import_(since="1h")
    runner.import_()

    assert runner.marketplace.queries[-1].since == NOW - POLL_POLICY.overlap
    assert sorted(runner.shop.created) == ["A", "B"]


def test_the_report_says_the_window_that_was_read(runner: TaskRunner) -> None:
    runner.import_()
    runner.clock.advance(3600)
    window = runner.report(runner.import_()).window

    assert window is not None
    assert (window.from_, window.to, window.by) == (NOW - POLL_POLICY.overlap, NOW + HOUR, "updated")


def test_an_unreadable_order_never_stops_the_page(runner: TaskRunner) -> None:
    runner.marketplace.sell(Unreadable("odd", "price"), a_sale("fine"))

    done = runner.import_()

    assert done.said == {"odd": ("not_imported", "UNREADABLE"), "fine": ("imported", "")}
    assert cursor(runner) == NOW


def test_every_page_is_read_before_the_first_order_is_created(runner: TaskRunner) -> None:
    runner.marketplace.page_size = 1
    runner.marketplace.sell(a_sale("A"), a_sale("B"))
    seen: list[int] = []
    runner.marketplace.trouble = lambda page: seen.append(len(runner.shop.created))

    runner.import_()

    assert seen == [0, 0]


def test_a_marketplace_that_goes_away_in_the_middle_is_asked_on_from_there(runner: TaskRunner) -> None:
    away = Unavailable(service="mirakl", operation="OR11", status=503)
    runner.marketplace.page_size = 1
    runner.marketplace.sell(a_sale("A"), a_sale("B"))
    runner.marketplace.trouble = lambda page: away if page == 1 else None

    paused = runner.import_()
    runner.marketplace.trouble = lambda page: None
    done = runner.import_()

    assert paused.status == "paused"
    assert [query.resume for query in runner.marketplace.queries] == [None, "1"]
    assert done.counts["imported"] == 2


def test_more_than_was_asked_for_is_left_out(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("own", state=OrderState.SHIPPED))

    done = runner.import_(**RECHECK)

    assert done.said == {}
    assert list(entries(runner.store)) == []
