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
from tests.tasks.world import POLL_POLICY, World, a_world

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RECHECK = {"modes": frozenset({Mode.RECHECK})}
DOUBLECHECK = {"modes": frozenset({Mode.DOUBLECHECK})}


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return a_world(sqlite_store, start_from=(NOW - 60 * DAY).isoformat())


def cursor(world: World) -> Any:
    return run(world.store.read(passes.cursor, world.account.id, "orders-import"))


def test_the_first_run_reads_from_the_start_and_later_ones_from_the_cursor_less_the_overlap(world: World) -> None:
    world.import_()
    world.clock.advance(3600)
    world.import_()

    first, second = world.marketplace.queries
    assert first.since == NOW - 60 * DAY
    assert second.since == NOW - POLL_POLICY.overlap


def test_the_first_run_of_a_young_account_still_looks_back_as_far_as_the_platform_says(sqlite_store: Store) -> None:
    world = a_world(sqlite_store, start_from=NOW.isoformat())

    world.import_()

    assert world.marketplace.queries[0].since == NOW - POLL_POLICY.first_days * DAY


def test_the_cursor_is_the_marketplace_s_clock_at_the_first_page(world: World) -> None:
    ahead = NOW + timedelta(minutes=7)
    world.marketplace.page_size = 1
    world.marketplace.sell(a_sale("A"), a_sale("B"))
    world.marketplace.remote_now = ahead

    def later_pages_are_later(page: int) -> None:
        world.marketplace.remote_now = ahead + page * HOUR

    world.marketplace.trouble = later_pages_are_later

    world.import_()

    assert cursor(world) == ahead


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
def test_only_a_plain_live_run_moves_the_cursor(world: World, parameters: dict[str, Any]) -> None:
    world.marketplace.sell(a_sale())

    world.import_(**parameters)

    assert cursor(world) is None


def test_a_run_that_does_not_come_through_moves_no_cursor(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.down = True

    world.import_()

    assert cursor(world) is None


def test_acceptance_has_no_part_in_the_cursor_of_the_import(world: World) -> None:
    world.accept()

    assert cursor(world) is None


@pytest.mark.parametrize(("parameters", "days"), [(DOUBLECHECK, 15), (RECHECK, 15)], ids=["doublecheck", "recheck"])
def test_a_catch_up_looks_further_back_than_the_cursor(world: World, parameters: dict[str, Any], days: int) -> None:
    world.import_()
    world.clock.advance(3600)
    world.import_(**parameters)

    query = world.marketplace.queries[-1]
    assert query.since == NOW + HOUR - days * DAY
    assert query.priority is Priority.CATCH_UP


def test_an_older_cursor_wins_over_the_window_of_a_catch_up(world: World) -> None:
    world.import_()
    world.clock.advance(20 * 24 * 3600)

    world.import_(**DOUBLECHECK)

    assert world.marketplace.queries[-1].since == NOW


def test_the_merchant_may_look_back_further(world: World) -> None:
    world.set(lookback_days=40)

    world.import_(**DOUBLECHECK)

    assert world.marketplace.queries[-1].since == NOW - 40 * DAY


def test_a_since_replaces_the_window_once(world: World) -> None:
    world.import_(since="36h")
    world.import_(since="2026-11-01T00:00:00Z")

    assert [query.since for query in world.marketplace.queries] == [
        NOW - 36 * HOUR,
        NOW.replace(day=1, hour=0, minute=0),
    ]


def test_catch_ups_ask_for_no_more_than_they_are_for(world: World) -> None:
    world.import_(**RECHECK)
    world.import_(**DOUBLECHECK)

    recheck, doublecheck = world.marketplace.queries
    assert recheck.states == {OrderState.SHIPPED, OrderState.CLOSED}
    assert recheck.fulfilment == {Fulfilment.MARKETPLACE}
    assert doublecheck.fulfilment == {Fulfilment.MERCHANT}
    assert not doublecheck.states & recheck.states


def test_a_crash_between_two_pages_loses_nothing_and_reads_no_page_twice(store: Store) -> None:
    world = a_world(store)
    world.marketplace.page_size = 2
    world.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(6)))
    world.marketplace.trouble = lambda page: RuntimeError("killed") if page == 1 else None

    killed = world.import_()
    kept = [row.order_id for row in entries(store)]
    nothing_made = list(world.shop.created)
    world.marketplace.trouble = lambda page: None
    world.clock.advance(60)
    done = world.import_()

    assert (killed.status, kept, nothing_made) == ("failed", ["MKP-0", "MKP-1"], [])
    assert world.marketplace.queries[-1].resume == "2"
    assert done.counts["imported"] == 6
    # Whatever changed while the first attempt was under way is read by the next pass.
    assert cursor(world) == NOW


def test_a_pass_half_read_for_half_a_day_begins_anew(world: World) -> None:
    world.marketplace.page_size = 1
    world.marketplace.sell(a_sale("A"), a_sale("B"))
    world.marketplace.trouble = lambda page: RuntimeError("killed") if page == 1 else None
    world.import_()
    window = world.marketplace.queries[-1].since
    world.marketplace.trouble = lambda page: None
    world.clock.advance(12 * 3600 + 1)

    world.import_()

    assert (world.marketplace.queries[-1].resume, world.marketplace.queries[-1].since) == (None, window)
    assert cursor(world) == NOW + timedelta(seconds=12 * 3600 + 1)


def read_for_days(world: World, *, pages_a_run: int) -> None:
    """Sell ten orders that changed hour by hour, a page each; import every five hours with a quota of some pages."""
    world.marketplace.page_size = 1
    world.marketplace.sell(
        *(replace(a_sale(f"MKP-{n}"), updated_at=NOW - 20 * HOUR + n * HOUR) for n in range(10)),
    )
    for _ in range(12):
        left = iter(range(pages_a_run))

        def no_more(page: int, left: Iterator[int] = left) -> Exception | None:
            reached = LimitReached(service="mirakl", operation="OR11", resume_at=NOW, code="QUOTA_USED_UP")
            return None if next(left, None) is not None else reached

        world.marketplace.trouble = no_more
        world.import_()
        world.clock.advance(5 * 3600)


def test_a_list_that_takes_days_is_read_to_its_end_where_the_oldest_change_comes_first(world: World) -> None:
    world.poll_policy = replace(POLL_POLICY, oldest_first=True)

    read_for_days(world, pages_a_run=2)

    assert set(world.shop.holds()) == {f"MKP-{n}" for n in range(10)}
    assert cursor(world) is not None
    # It never went back further than the overlap behind what it had seen.
    begun = [query.since for query in world.marketplace.queries if query.resume is None]
    assert begun[:2] == [NOW - 60 * DAY, NOW - 15 * HOUR - POLL_POLICY.overlap]


def test_elsewhere_a_list_given_up_as_too_old_is_read_from_its_beginning(world: World) -> None:
    read_for_days(world, pages_a_run=2)

    begun = {query.since for query in world.marketplace.queries if query.resume is None}
    assert begun == {NOW - 60 * DAY}


def test_of_two_catch_ups_the_report_says_the_longer_window(world: World) -> None:
    world.poll_policy = replace(POLL_POLICY, recheck_days=16, doublecheck_days=8)

    done = world.import_(modes=frozenset({Mode.RECHECK, Mode.DOUBLECHECK}))

    assert done.row.window is not None
    assert done.row.window["from"] == (NOW - 16 * DAY).isoformat()


def test_a_live_pass_that_was_read_is_read_again_when_the_run_goes_on_later(world: World) -> None:
    world.marketplace.sell(a_sale("A"))
    world.shop.down = True
    world.import_()
    world.shop.down = False
    world.clock.advance(3600)
    world.marketplace.sell(a_sale("B", minutes=80))

    done = world.import_()

    assert world.marketplace.queries[0].since == world.marketplace.queries[1].since
    assert done.counts["imported"] == 2


def test_a_catch_up_that_was_read_goes_straight_on_to_act(world: World) -> None:
    world.marketplace.sell(a_sale("A"))
    world.shop.down = True
    world.import_(**DOUBLECHECK)
    world.shop.down = False

    done = world.import_(**DOUBLECHECK)

    assert len(world.marketplace.queries) == 1
    assert done.said == {"A": ("imported", "")}


def test_another_question_in_between_never_costs_the_live_pass_its_window(world: World) -> None:
    world.import_()
    world.clock.advance(5 * 3600)
    world.marketplace.page_size = 1
    world.marketplace.sell(a_sale("A", minutes=40), a_sale("B", minutes=41))
    world.marketplace.trouble = lambda page: RuntimeError("killed") if page == 1 else None
    world.import_()
    world.marketplace.trouble = lambda page: None

    world.import_(since="1h")
    world.import_()

    assert world.marketplace.queries[-1].since == NOW - POLL_POLICY.overlap
    assert sorted(world.shop.created) == ["A", "B"]


def test_the_report_says_the_window_that_was_read(world: World) -> None:
    world.import_()
    world.clock.advance(3600)
    window = world.report(world.import_()).window

    assert window is not None
    assert (window.from_, window.to, window.by) == (NOW - POLL_POLICY.overlap, NOW + HOUR, "updated")


def test_an_unreadable_order_never_stops_the_page(world: World) -> None:
    world.marketplace.sell(Unreadable("odd", "price"), a_sale("fine"))

    done = world.import_()

    assert done.said == {"odd": ("not_imported", "UNREADABLE"), "fine": ("imported", "")}
    assert cursor(world) == NOW


def test_every_page_is_read_before_the_first_order_is_created(world: World) -> None:
    world.marketplace.page_size = 1
    world.marketplace.sell(a_sale("A"), a_sale("B"))
    seen: list[int] = []
    world.marketplace.trouble = lambda page: seen.append(len(world.shop.created))

    world.import_()

    assert seen == [0, 0]


def test_a_marketplace_that_goes_away_in_the_middle_is_asked_on_from_there(world: World) -> None:
    away = Unavailable(service="mirakl", operation="OR11", status=503)
    world.marketplace.page_size = 1
    world.marketplace.sell(a_sale("A"), a_sale("B"))
    world.marketplace.trouble = lambda page: away if page == 1 else None

    paused = world.import_()
    world.marketplace.trouble = lambda page: None
    done = world.import_()

    assert paused.status == "paused"
    assert [query.resume for query in world.marketplace.queries] == [None, "1"]
    assert done.counts["imported"] == 2


def test_more_than_was_asked_for_is_left_out(world: World) -> None:
    world.marketplace.sell(a_sale("own", state=OrderState.SHIPPED))

    done = world.import_(**RECHECK)

    assert done.said == {}
    assert list(entries(world.store)) == []
