"""Orders that the marketplace ships, where it tells of them late: asked for by id, and by a late pass now and then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.order import Fulfilment, OrderState
from app.domain.poll_policy import LateOrders
from app.domain.task import Mode, Priority
from app.errors import LimitReached
from app.store import passes
from app.store.engine import Store
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_sale, entry
from tests.tasks.task_runner import POLL_POLICY, TaskRunner, a_task_runner

AFN = Fulfilment.MARKETPLACE
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RULES = LateOrders(every=6 * HOUR, most=3, days=2)


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    made = a_task_runner(sqlite_store, start_from=(NOW - 60 * DAY).isoformat())
    made.poll_policy = replace(POLL_POLICY, late_orders=RULES)
    return made


def sell_waiting(runner: TaskRunner, *order_ids: str) -> None:
    runner.marketplace.sell(*(a_sale(each, state=OrderState.PENDING, fulfilment=AFN) for each in order_ids))


def ship_unseen(runner: TaskRunner, order_id: str) -> None:
    """Let an order leave without the list ever telling of it."""
    runner.marketplace.hidden.add(order_id)
    runner.marketplace.move(order_id, OrderState.SHIPPED)


def test_an_order_whose_shipping_is_never_listed_is_found_by_asking_for_it(runner: TaskRunner) -> None:
    sell_waiting(runner, "A")
    runner.import_()
    ship_unseen(runner, "A")

    runner.clock.advance(5 * 3600)
    too_soon = runner.import_()
    runner.clock.advance(3600)
    found = runner.import_()

    assert too_soon.said["A"][0] == "waiting"
    assert found.said["A"] == ("imported", "")
    assert found.counts["imported"] == 1
    assert runner.marketplace.looked_up == [("A",)]


def test_no_more_are_asked_for_in_a_run_than_the_rules_allow_and_all_have_their_turn(runner: TaskRunner) -> None:
    ids = ["A", "B", "C", "D", "E"]
    sell_waiting(runner, *ids)
    runner.import_()
    runner.marketplace.hidden.update(ids)

    for _ in range(2):
        runner.clock.advance(6 * 3600)
        runner.import_()

    assert [len(batch) for batch in runner.marketplace.looked_up] == [3, 3]
    assert {each for batch in runner.marketplace.looked_up for each in batch} == set(ids)


def test_only_what_the_marketplace_ships_and_what_waits_is_asked_for(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("ours", state=OrderState.PENDING), a_sale("gone", fulfilment=AFN))
    runner.marketplace.move("gone", OrderState.SHIPPED)
    runner.import_()
    runner.marketplace.hidden.update(["ours", "gone"])

    runner.clock.advance(7 * 3600)
    runner.import_()

    assert runner.marketplace.looked_up == []


def test_one_that_the_marketplace_no_longer_knows_is_named_and_asked_for_again(runner: TaskRunner) -> None:
    sell_waiting(runner, "A")
    runner.import_()
    del runner.marketplace.remote_orders["A"]

    runner.clock.advance(6 * 3600)
    lost = runner.import_()
    runner.marketplace.sell(a_sale("A", state=OrderState.SHIPPED, fulfilment=AFN))
    runner.clock.advance(25 * 3600)
    found = runner.import_()

    assert lost.said["A"] == ("not_imported", "ORDER_MISSING")
    assert found.said["A"] == ("imported", "")


def test_every_few_hours_all_that_the_marketplace_ships_is_read_anew(runner: TaskRunner) -> None:
    queries = runner.marketplace.queries

    late = []
    for _ in range(13):
        runner.import_()
        late += [query for query in queries if query.priority is Priority.CATCH_UP]
        queries.clear()
        runner.clock.advance(3600)

    # The first import has just read further back than that.
    assert [NOW - 2 * DAY + hours * HOUR for hours in (6, 12)] == [query.since for query in late]
    assert {query.fulfilment for query in late} == {frozenset({AFN})}
    assert {query.states for query in late} == {frozenset()}


def test_what_the_late_pass_finds_is_imported_by_the_same_run(runner: TaskRunner) -> None:
    late = a_sale("A", state=OrderState.SHIPPED, fulfilment=AFN)
    runner.import_()
    runner.clock.advance(6 * 3600)
    # Its change is older than the cursor: the list learned of it too late.
    runner.marketplace.sell(replace(late, updated_at=NOW - 20 * HOUR))

    done = runner.import_()

    assert done.said["A"] == ("imported", "")
    assert "found_by_catch_up" not in done.counts


def test_neither_moves_the_cursor_and_the_report_says_the_window_of_the_live_pass(runner: TaskRunner) -> None:
    runner.import_()
    runner.clock.advance(6 * 3600)

    done = runner.import_()

    assert run(runner.store.read(passes.cursor, runner.account.id, "orders-import")) == NOW + 6 * HOUR
    assert done.row.window is not None
    assert done.row.window["from"] == (NOW - POLL_POLICY.overlap).isoformat()


def test_a_quota_that_ends_in_the_late_pass_holds_no_order_back(runner: TaskRunner) -> None:
    runner.import_()
    runner.clock.advance(6 * 3600)
    runner.marketplace.sell(a_sale("A", minutes=300))
    live_pages = iter([None])

    def only_the_first_list(page: int) -> Exception | None:
        reached = LimitReached(
            service="amazon", operation="searchOrders", resume_at=NOW + 7 * HOUR, code="QUOTA_USED_UP", interval_s=178.6
        )
        return next(live_pages, reached)

    runner.marketplace.trouble = only_the_first_list
    paused = runner.import_()

    assert paused.status == "paused"
    assert paused.said["A"] == ("imported", "")
    assert run(runner.store.read(passes.cursor, runner.account.id, "orders-import")) == NOW + 6 * HOUR


@pytest.mark.parametrize(
    "parameters",
    [
        {"modes": frozenset({Mode.RECHECK})},
        {"dry_run": True},
        {"order_ids": ("A",)},
        {"since": "3d"},
        {"fulfilments": frozenset({AFN})},
    ],
    ids=["recheck", "dry run", "order id", "since", "channel"],
)
def test_only_the_plain_live_import_looks_after_them(runner: TaskRunner, parameters: dict[str, object]) -> None:
    sell_waiting(runner, "A", "B")
    runner.import_()
    runner.marketplace.hidden.add("B")
    runner.clock.advance(7 * 3600)
    runner.marketplace.queries.clear()

    runner.import_(**parameters)

    assert len(runner.marketplace.queries) <= 1
    assert all("B" not in asked_for for asked_for in runner.marketplace.looked_up)
    assert entry(runner.store, "B").read_at == NOW


def test_where_the_list_can_be_relied_upon_nothing_of_it_happens(runner: TaskRunner) -> None:
    runner.poll_policy = POLL_POLICY
    sell_waiting(runner, "A")

    for _ in range(3):
        runner.import_()
        runner.clock.advance(7 * 3600)

    assert len(runner.marketplace.queries) == 3
    assert runner.marketplace.looked_up == []
