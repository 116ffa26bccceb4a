"""orders-import: each order exactly once, whatever fails on the way, and nothing forgotten."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from app.domain.intake import Intake
from app.domain.money import Money
from app.domain.order import Fulfilment, Order, OrderState, Unreadable
from app.domain.task import Mode, RunRequest, Task
from app.errors import CredentialsRefused, LimitReached, OutcomeUnknown, StoreUnavailable
from app.shops.port import CancelOutcome, ImportPlan, ShopOrder
from app.store import creation, leases, order_actions, runs
from app.store.engine import Store
from app.store.tables import LeaseRow
from app.tasks.orders_import import INTENTS_AT_ONCE
from tests.runs.builders import OTHER, queued
from tests.shops.builders import BUYER, NOW, PLACED, a_line
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entries, entry, heard, past, put
from tests.tasks.fake_shop import FakeShop
from tests.tasks.task_runner import WAIT_S, TaskRunner, a_task_runner, key_of, refused

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TOUCHED_BY_DRY_RUNS = ("runs", "run_items", "leases", "quotas")
AFN = Fulfilment.MARKETPLACE


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    return a_task_runner(sqlite_store)


def test_a_due_order_is_created_once_and_its_stock_taken(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale("MKP-1", a_line(quantity=2)))

    first, second = runner.import_(), runner.import_()

    assert (first.status, first.said, first.counts) == ("done", {"MKP-1": ("imported", "")}, {"seen": 1, "imported": 1})
    assert second.said == {"MKP-1": ("already_imported", "")}
    assert runner.shop.holds() == {"MKP-1": "paid"}
    assert (runner.shop.created, runner.shop.stock["LAMPE"]) == (["MKP-1"], 48)
    assert past(store) == [Intake.DUE, Intake.CREATING, Intake.IMPORTED]
    assert entry(store).payload is None


def test_how_an_order_enters_the_shop(runner: TaskRunner) -> None:
    anonymous = replace(BUYER, email="")
    runner.marketplace.sell(
        a_sale("own"),
        a_sale("Shipped", state=OrderState.SHIPPED),
        a_sale("FBA", fulfilment=AFN, state=OrderState.SHIPPED, buyer=anonymous),
    )

    runner.import_()

    entered = {order_id: (plan.state, plan.stock, plan.email) for order_id, plan in runner.shop.plans.items()}
    assert entered == {
        "own": ("paid", "lower", BUYER.email),
        "Shipped": ("shipped", "lower", BUYER.email),
        "FBA": ("shipped", "keep", "fba@marketplace.invalid"),
    }


TOO_MUCH = Money(Decimal("99"), "EUR")


@pytest.mark.parametrize(
    ("sale", "code", "params"),
    [
        (a_sale("MKP-1", a_line("LAMPE", cancelled=1)), "NO_LINES", {}),
        (a_sale("MKP-1", shipping_address=None), "ADDRESS_MISSING", {}),
        (a_sale("MKP-1", a_line("", line_id="1")), "SKU_MISSING", {}),
        (a_sale("MKP-1", a_line("NOBODY")), "SKU_UNKNOWN", {"sku": "NOBODY"}),
        (a_sale("MKP-1", a_line("DOUBLE")), "SKU_AMBIGUOUS", {"sku": "DOUBLE"}),
        (a_sale("MKP-1", a_line("ASLEEP")), "PRODUCT_INACTIVE", {"sku": "ASLEEP"}),
        (
            a_sale("MKP-1", total=TOO_MUCH),
            "TOTAL_MISMATCH",
            {"lines": Money(Decimal("10.00"), "EUR"), "total": Money(Decimal("99.00"), "EUR")},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_obstacle_keeps_an_order_out_by_its_own_code(
    runner: TaskRunner, sale: Order, code: str, params: dict[str, Any]
) -> None:
    runner.shop.odd = {"DOUBLE": "ambiguous", "ASLEEP": "inactive"}
    runner.shop.stock["ASLEEP"] = 1
    runner.marketplace.sell(sale, a_sale("MKP-2"))

    done = runner.import_()

    assert done.said == {"MKP-1": ("not_imported", code), "MKP-2": ("imported", "")}
    assert done.params["MKP-1"] == params
    assert (done.status, done.counts["needs_person"]) == ("partial", 1)
    assert runner.shop.created == ["MKP-2"]
    assert runner.shop.searched == [key_of("MKP-2")]


def test_a_marketplace_fulfilled_order_needs_no_address(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale(fulfilment=AFN, state=OrderState.SHIPPED, shipping_address=None))

    assert runner.import_().said == {"MKP-1": ("imported", "")}


def test_missing_stock_keeps_an_order_out_only_where_the_merchant_says_so(runner: TaskRunner) -> None:
    runner.shop.stock["LAMPE"] = 1
    runner.set(import_without_stock=False)
    runner.marketplace.sell(a_sale("A"), a_sale("B"), a_sale("C", fulfilment=AFN, state=OrderState.SHIPPED))

    strict = runner.import_()
    runner.set(import_without_stock=True)
    lax = runner.import_(order_ids=("B",))

    assert strict.said == {
        "A": ("imported", ""),
        "B": ("not_imported", "OUT_OF_STOCK"),
        "C": ("imported", ""),
    }
    assert strict.params["B"] == {"sku": "LAMPE", "wanted": 1, "left": 0}
    assert lax.said == {"B": ("imported", "")}


def test_a_blocked_order_is_retried_with_back_off_until_it_is_in_the_shop(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1", a_line("NEW")))
    runner.import_()

    runner.clock.advance(14 * 60)
    too_soon = runner.import_()
    runner.clock.advance(60)
    again = runner.import_()
    runner.shop.stock["NEW"] = 3
    runner.clock.advance(29 * 60)
    still_too_soon = runner.import_()
    runner.clock.advance(60)
    done = runner.import_()

    assert [each.said["MKP-1"] for each in (too_soon, again, still_too_soon)] == [("not_imported", "SKU_UNKNOWN")] * 3
    assert done.said["MKP-1"] == ("imported", "")


def test_a_retry_can_be_forced_by_naming_the_order(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1", a_line("NEW")), a_sale("MKP-2", a_line("NEW")))
    runner.import_()
    runner.shop.stock["NEW"] = 3

    done = runner.import_(order_ids=("MKP-2",))

    assert done.said == {"MKP-2": ("imported", "")}
    assert runner.shop.created == ["MKP-2"]


def test_an_order_of_the_ledger_that_no_list_shows_any_more_is_still_retried_and_named(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1", a_line("NEW")))
    runner.import_()
    runner.marketplace.remote_now = NOW + 30 * 24 * HOUR
    runner.clock.advance(30 * 24 * 3600)
    unlisted = runner.import_()
    runner.shop.stock["NEW"] = 3
    runner.clock.advance(24 * 3600)

    done = runner.import_()

    assert unlisted.said == {"MKP-1": ("not_imported", "SKU_UNKNOWN")}
    assert done.said == {"MKP-1": ("imported", "")}


@pytest.mark.parametrize(("minutes", "looked_up"), [(60, []), (61, [("MKP-1",)])])
def test_a_copy_older_than_an_hour_is_read_again_before_the_order_is_created(
    runner: TaskRunner, minutes: int, looked_up: list[tuple[str]]
) -> None:
    runner.shop.down = True
    runner.marketplace.sell(a_sale())
    runner.import_()
    runner.shop.down = False
    runner.marketplace.hidden.add("MKP-1")
    runner.clock.advance(minutes * 60)

    done = runner.import_()

    assert runner.marketplace.looked_up == looked_up
    assert done.said == {"MKP-1": ("imported", "")}


def test_an_order_cancelled_since_its_copy_was_read_is_not_created(runner: TaskRunner) -> None:
    stale(runner, "MKP-1")
    runner.marketplace.move("MKP-1", OrderState.CANCELLED)

    done = runner.import_(modes=frozenset({Mode.RECHECK}))
    live = runner.import_()

    assert done.said == {}
    assert live.said == {"MKP-1": ("cancelled", "CANCELLED_ON_MARKETPLACE")}
    assert runner.shop.holds() == {}


def test_an_order_the_marketplace_forgot_is_blocked_and_named(runner: TaskRunner) -> None:
    stale(runner, "MKP-1")
    runner.marketplace.remote_orders.clear()

    done = runner.import_()

    assert done.said == {"MKP-1": ("not_imported", "ORDER_MISSING")}
    assert entry(runner.store).intake == Intake.BLOCKED


def test_an_order_that_can_not_be_read_any_more_says_so(runner: TaskRunner) -> None:
    stale(runner, "MKP-1")
    runner.marketplace.sell(Unreadable("MKP-1", "total_price"))

    done = runner.import_(order_ids=("MKP-1",))

    assert done.said == {"MKP-1": ("not_imported", "UNREADABLE")}
    assert runner.shop.created == []


def test_an_unreadable_order_is_never_created_from_an_older_copy(runner: TaskRunner) -> None:
    runner.shop.down = True
    runner.marketplace.sell(a_sale())
    runner.import_()
    runner.shop.down = False
    runner.marketplace.sell(Unreadable("MKP-1", "total_price"), a_sale("MKP-2"))

    live = runner.import_()
    runner.clock.advance(25 * 3600)
    a_day_later = runner.import_()

    assert live.said == {"MKP-1": ("not_imported", "UNREADABLE"), "MKP-2": ("imported", "")}
    assert a_day_later.said["MKP-1"] == ("not_imported", "UNREADABLE")
    assert runner.shop.created == ["MKP-2"]


def test_an_order_asked_for_that_nobody_knows_is_named(runner: TaskRunner) -> None:
    assert runner.import_(order_ids=("nobody",)).said == {"nobody": ("not_imported", "ORDER_MISSING")}


@pytest.mark.parametrize("reason", ["SHOP_REFUSED", "COUNTRY_INACTIVE", "a reason nobody knows"])
def test_what_the_shop_refuses_is_blocked_and_retried(runner: TaskRunner, reason: str) -> None:
    runner.shop.answers["MKP-1"] = refused(reason, detail="no such country")
    runner.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))

    first = runner.import_()
    runner.shop.answers.clear()
    runner.clock.advance(15 * 60)
    second = runner.import_()

    code = reason if reason == "COUNTRY_INACTIVE" else "SHOP_REFUSED"
    assert first.said == {"MKP-1": ("not_imported", code), "MKP-2": ("imported", "")}
    assert first.params["MKP-1"]["detail"] == "no such country"
    assert second.said["MKP-1"] == ("imported", "")


@pytest.mark.parametrize("answer", ["lost", "never"])
def test_an_unknown_outcome_is_waited_out_and_looked_for_before_anything_is_repeated(store: Store, answer: str) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))
    runner.shop.answers["MKP-1"] = answer

    first = runner.import_()
    runner.shop.answers.clear()
    searches = len(runner.shop.searched)
    at_once = runner.import_(order_ids=("MKP-1",))
    searches_at_once = len(runner.shop.searched) - searches
    runner.wait_out(WAIT_S / 2)
    early = runner.import_()
    runner.wait_out()
    later = runner.import_()

    assert first.said == {"MKP-1": ("waiting", "OUTCOME_UNKNOWN"), "MKP-2": ("imported", "")}
    assert at_once.said["MKP-1"] == early.said["MKP-1"] == ("waiting", "OUTCOME_UNKNOWN")
    assert searches_at_once == 0
    assert later.said["MKP-1"] == ("imported", "")
    assert runner.shop.created == (["MKP-1", "MKP-2"] if answer == "lost" else ["MKP-1", "MKP-2", "MKP-1"])
    assert runner.shop.holds() == {"MKP-1": "paid", "MKP-2": "paid"}
    assert runner.shop.stock["LAMPE"] == 48


def test_the_wait_after_an_unknown_outcome_is_real_time_however_fast_business_goes(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1"))
    runner.shop.answers["MKP-1"] = "never"
    runner.import_()
    runner.shop.answers.clear()
    runner.clock.advance(30 * 24 * 3600)

    done = runner.import_()

    assert done.said == {"MKP-1": ("waiting", "OUTCOME_UNKNOWN")}
    assert runner.shop.created == ["MKP-1"]


def test_what_was_made_on_the_way_is_known_to_the_next_attempt(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "never"

    runner.import_()

    steps = entry(runner.store).steps
    assert (steps["cart"], steps["sending"]) == ("cart of MKP-1", "order")


def test_a_write_unknown_for_the_second_time_goes_to_a_person(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "never"
    runner.import_()
    runner.wait_out()

    done = runner.import_()

    assert done.said == {"MKP-1": ("not_imported", "UNKNOWN_TWICE")}
    assert entry(runner.store).intake == Intake.NEEDS_PERSON


def test_a_half_order_goes_to_a_person_and_is_never_repaired(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "half"
    runner.import_()
    runner.wait_out()

    done = runner.import_()
    again = runner.import_()

    assert done.said == again.said == {"MKP-1": ("not_imported", "ORDER_HALF_MADE")}
    assert done.params["MKP-1"] == {"ref": "1", "detail": "it has no line"}
    assert entry(runner.store).intake == Intake.NEEDS_PERSON
    assert runner.shop.created == ["MKP-1"]


def test_a_half_order_finished_by_a_person_is_found_on_retry(runner: TaskRunner) -> None:
    test_a_half_order_goes_to_a_person_and_is_never_repaired(runner)
    runner.shop.held[key_of("MKP-1")] = shop_order("MKP-1")

    run(runner.store.write(order_actions.retry, runner.account.id, ["MKP-1"], now=runner.clock.now()))
    done = runner.import_(order_ids=("MKP-1",))

    assert done.said == {"MKP-1": ("imported", "")}
    assert runner.shop.created == ["MKP-1"]


def test_a_total_the_shop_counts_differently_goes_to_a_person(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "dear"

    done = runner.import_()

    assert done.said == {"MKP-1": ("not_imported", "TOTAL_MISMATCH")}
    assert done.params["MKP-1"] == {
        "ref": "1",
        "lines": Money(Decimal("20.00"), "EUR"),
        "total": Money(Decimal("10.00"), "EUR"),
    }
    assert entry(runner.store).intake == Intake.NEEDS_PERSON


def test_an_order_cancelled_in_the_shop_is_not_taken_for_imported(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.held[key_of("MKP-1")] = replace(shop_order("MKP-1"), state="cancelled")

    assert runner.import_().said == {"MKP-1": ("not_imported", "ORDER_HALF_MADE")}


def test_an_order_the_shop_holds_already_is_found_and_not_made_again(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.held[key_of("MKP-1")] = shop_order("MKP-1")

    done = runner.import_()

    assert done.said == {"MKP-1": ("imported", "")}
    assert runner.shop.created == []
    assert entry(runner.store).shop_ref == "7"


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_a_creation_of_a_killed_run_is_looked_for_before_it_is_made(store: Store, made: bool) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = RuntimeError("killed")

    killed = runner.import_()
    left = entry(store).intake
    runner.shop.answers.clear()
    if made:
        runner.shop.held[key_of("MKP-1")] = shop_order("MKP-1")
    at_once = runner.import_()
    runner.wait_out()
    done = runner.import_()

    assert (killed.status, left) == ("failed", Intake.CREATING)
    assert at_once.said["MKP-1"][0] == "waiting"
    assert done.said["MKP-1"] == ("imported", "")
    assert runner.shop.created == (["MKP-1"] if made else ["MKP-1", "MKP-1"])
    assert list(runner.shop.holds()) == ["MKP-1"]


def test_a_creation_under_way_is_looked_for_even_if_its_product_has_gone_since(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "lost"
    runner.import_()
    runner.wait_out()
    del runner.shop.stock["LAMPE"]

    assert runner.import_().said == {"MKP-1": ("imported", "")}


def test_a_creation_that_proves_not_made_may_meet_an_obstacle(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "never"
    runner.import_()
    runner.wait_out()
    del runner.shop.stock["LAMPE"]

    assert runner.import_().said == {"MKP-1": ("not_imported", "SKU_UNKNOWN")}
    assert entry(runner.store).intake == Intake.BLOCKED


@pytest.mark.parametrize("then", ["missing", "unreadable"])
def test_a_creation_under_way_is_never_given_up_without_a_look_into_the_shop(runner: TaskRunner, then: str) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "lost"
    runner.import_()
    runner.wait_out()
    runner.clock.advance(2 * 3600)
    runner.marketplace.remote_orders.clear()
    if then == "unreadable":
        runner.marketplace.sell(Unreadable("MKP-1", "total_price"))

    runner.import_()

    assert entry(runner.store).intake in (Intake.IMPORTED, Intake.NEEDS_PERSON)


def test_an_order_whose_data_went_while_it_was_created_is_never_blocked_unproven(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "lost"
    runner.import_()
    runner.wait_out()
    put(runner.store, "MKP-1", Intake.CREATING, payload=None)
    runner.marketplace.remote_orders.clear()
    runner.clock.advance(2 * 3600)

    done = runner.import_()

    assert done.said == {"MKP-1": ("not_imported", "ORDER_MISSING")}
    assert entry(runner.store).intake == Intake.NEEDS_PERSON


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.REFUSED])
def test_an_imported_order_that_the_marketplace_cancels_leaves_the_shop_and_gives_its_stock_back_once(
    store: Store, state: OrderState
) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale("MKP-1", a_line(quantity=2)))
    runner.import_()
    runner.marketplace.move("MKP-1", state)

    done = [runner.import_() for _ in range(3)]

    assert runner.shop.holds() == {"MKP-1": "cancelled"}
    assert (runner.shop.stock["LAMPE"], runner.shop.cancelled) == (50, ["1"])
    assert done[0].said == {"MKP-1": ("cancelled", "CANCELLED_ON_MARKETPLACE")}
    assert past(store)[-2:] == [Intake.CANCELLING, Intake.CANCELLED]


def test_an_order_cancelled_after_the_shop_shipped_it_is_a_conflict(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.import_()
    runner.shop.cancellations["1"] = CancelOutcome.ALREADY_SHIPPED
    runner.marketplace.move("MKP-1", OrderState.CANCELLED)

    done = runner.import_()

    assert done.said == {"MKP-1": ("already_imported", "SHIPPED_BUT_CANCELLED")}
    assert done.status == "partial"
    assert entry(runner.store).intake == Intake.CONFLICT


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_an_order_cancelled_while_it_was_created_ends_cancelled_on_both_sides(runner: TaskRunner, made: bool) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.answers["MKP-1"] = "lost" if made else "never"
    runner.import_()
    runner.marketplace.move("MKP-1", OrderState.CANCELLED)

    before_the_wait = runner.import_()
    waited = entry(runner.store).intake
    runner.wait_out()
    runner.import_()

    assert before_the_wait.said["MKP-1"][0] == "cancelled"
    assert waited == Intake.CANCELLING
    assert entry(runner.store).intake == Intake.CANCELLED
    assert runner.shop.holds() == ({"MKP-1": "cancelled"} if made else {})
    assert runner.shop.stock["LAMPE"] == 50


def test_an_order_handled_under_a_reference_is_cancelled_in_the_shop(runner: TaskRunner) -> None:
    seller = a_run_ledger(runner.account).seller
    run(runner.store.write(order_actions.adopt, seller, {"MKP-1": "4711"}, now=NOW))
    runner.shop.held["of another module"] = ShopOrder(
        ref="4711",
        key="of another module",
        marketplace_order_id="MKP-1",
        state="paid",
        total=Money(Decimal("10.00"), "EUR"),
        units={},
        created_at=NOW,
    )
    runner.marketplace.sell(a_sale(state=OrderState.CANCELLED))

    runner.import_()

    assert runner.shop.cancelled == ["4711"]
    assert entry(runner.store).intake == Intake.CANCELLED


def test_a_shop_that_refuses_to_cancel_stops_no_other_order_and_a_person_can_end_it(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1"))
    runner.import_()
    runner.shop.cancellations["1"] = refused(detail="the invoice is closed")
    runner.marketplace.move("MKP-1", OrderState.CANCELLED)
    runner.marketplace.sell(a_sale("MKP-2"))

    done = runner.import_()
    again = runner.import_()
    word = run(runner.store.write(order_actions.handle, runner.account.id, ["MKP-1"], now=NOW))
    after = runner.import_()

    assert done.said == {"MKP-1": ("cancelled", "SHOP_REFUSED"), "MKP-2": ("imported", "")}
    assert again.said["MKP-1"] == ("cancelled", "SHOP_REFUSED")
    assert word.order_ids == ["MKP-1"]
    assert after.said["MKP-1"] == ("already_imported", "")


def test_a_cancellation_without_answer_is_tried_again_after_the_wait(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1"))
    runner.import_()
    runner.shop.cancellations["1"] = OutcomeUnknown(service="shop", operation="orders", side="shop")
    runner.marketplace.move("MKP-1", OrderState.CANCELLED)
    first = runner.import_()
    runner.shop.cancellations.clear()

    runner.import_()
    before_the_wait = list(runner.shop.cancelled)
    runner.wait_out()
    runner.import_()

    assert first.status == "done"
    assert (before_the_wait, runner.shop.cancelled) == ([], ["1"])
    assert entry(runner.store).intake == Intake.CANCELLED


def test_an_order_shippable_again_after_its_cancellation_is_imported(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale(state=OrderState.CANCELLED))
    runner.import_()
    runner.marketplace.move("MKP-1", OrderState.TO_SHIP)

    assert runner.import_().said == {"MKP-1": ("imported", "")}


def test_orders_of_before_the_start_are_counted_and_left_alone_until_a_person_wants_them(runner: TaskRunner) -> None:
    runner.set(start_from=(PLACED + HOUR).isoformat())
    runner.marketplace.sell(a_sale())

    left = runner.import_()
    run(runner.store.write(order_actions.retry, runner.account.id, ["MKP-1"], now=NOW))
    wanted = runner.import_(order_ids=("MKP-1",))

    assert left.counts == {"seen": 1, "before_start": 1}
    assert wanted.said == {"MKP-1": ("imported", "")}


def test_orders_that_are_only_listed_are_imported_once_the_merchant_changes_his_mind(runner: TaskRunner) -> None:
    runner.set(fulfilled_import="list_only")
    runner.marketplace.sell(a_sale(fulfilment=AFN, state=OrderState.SHIPPED))

    left = runner.import_()
    runner.set(fulfilled_import="order")
    run(runner.store.write(order_actions.retry, runner.account.id, ["MKP-1"], now=NOW))
    wanted = runner.import_(order_ids=("MKP-1",))

    assert left.counts == {"seen": 1, "listed_only": 1}
    assert wanted.said == {"MKP-1": ("imported", "")}


def test_an_ignored_order_stays_out_until_it_is_retried(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1", a_line("NEW")))
    runner.import_()
    run(runner.store.write(order_actions.ignore, runner.account.id, ["MKP-1"], now=NOW))
    runner.shop.stock["NEW"] = 1

    ignored = runner.import_(order_ids=("MKP-1",))
    run(runner.store.write(order_actions.retry, runner.account.id, ["MKP-1"], now=NOW))
    retried = runner.import_(order_ids=("MKP-1",))

    assert (ignored.said["MKP-1"][0], runner.shop.created) == ("", ["MKP-1"])
    assert retried.said == {"MKP-1": ("imported", "")}


def test_one_failure_never_cuts_the_writes_of_its_neighbours(store: Store) -> None:
    runner = a_task_runner(store)
    runner.shop.parallel = 4
    orders = [f"MKP-{number:02d}" for number in range(INTENTS_AT_ONCE + 4)]
    runner.marketplace.sell(*(a_sale(order_id) for order_id in orders))
    runner.shop.answers["MKP-01"] = RuntimeError("bang")

    failed = runner.import_()
    begun = set(runner.shop.created)
    settled = {row.order_id for row in entries(store) if row.intake == Intake.IMPORTED}
    runner.shop.answers.clear()
    runner.wait_out()
    done = runner.import_()

    assert failed.status == "failed"
    assert begun - {"MKP-01"} == settled
    assert begun < set(orders)
    assert (done.status, sorted(runner.shop.holds())) == ("done", orders)
    assert sorted(runner.shop.created) == sorted([*orders, "MKP-01"])


def test_orders_whose_results_a_dying_process_took_with_it_are_found_in_the_shop_again(
    runner: TaskRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [f"MKP-{number}" for number in range(5)]
    runner.marketplace.sell(*(a_sale(order_id) for order_id in orders))
    settle = creation.settle_imported

    def dies(session: Session, run_ledger: Any, made: Any) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(creation, "settle_imported", dies)
    with pytest.raises(StoreUnavailable):
        runner.import_()
    left = {row.intake for row in entries(runner.store)}
    monkeypatch.setattr(creation, "settle_imported", settle)
    runner.wait_out()
    run(runner.store.write(leases.break_all_of, owner_prefix=""))
    [dead] = run(runner.store.read(runs.runs_of, account_id=runner.account.id, task=None, before=None, limit=1))
    done = runner.execute(dead.id)

    assert left == {Intake.CREATING}
    assert (done.status, sorted(runner.shop.holds()), sorted(runner.shop.created)) == ("done", orders, orders)
    assert {row.intake for row in entries(runner.store)} == {Intake.IMPORTED}


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_shop_takes_as_many_orders_at_once_as_it_says(runner: TaskRunner, parallel: int) -> None:
    runner.shop.parallel = parallel
    runner.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(7)))

    done = runner.import_()

    assert done.counts["imported"] == 7
    assert runner.shop.most_at_once == parallel


def test_a_catch_up_acts_only_on_what_it_found_and_says_so(runner: TaskRunner) -> None:
    runner.shop.down = True
    runner.marketplace.sell(a_sale("live"))
    runner.import_()
    runner.shop.down = False
    runner.marketplace.sell(a_sale("late payment", minutes=-5))

    catch_up = runner.import_(modes=frozenset({Mode.DOUBLECHECK}))
    live = runner.import_()

    assert catch_up.said == {"live": ("waiting", ""), "late payment": ("imported", "")}
    assert catch_up.counts == {"seen": 2, "imported": 1, "waiting": 1, "found_by_catch_up": 1}
    assert live.said["live"] == ("imported", "")
    assert "found_by_catch_up" not in live.counts


def test_each_catch_up_reads_what_it_is_for(runner: TaskRunner) -> None:
    runner.marketplace.sell(
        a_sale("own, open"),
        a_sale("own, shipped", state=OrderState.SHIPPED),
        a_sale("theirs, open", fulfilment=AFN),
        a_sale("theirs, shipped", fulfilment=AFN, state=OrderState.SHIPPED),
    )

    doublecheck = runner.import_(modes=frozenset({Mode.DOUBLECHECK}))
    recheck = runner.import_(modes=frozenset({Mode.RECHECK}))

    assert set(doublecheck.said) == {"own, open"}
    assert set(recheck.said) == {"theirs, shipped"}


def test_both_catch_ups_together_do_both_passes(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("own"), a_sale("theirs", fulfilment=AFN, state=OrderState.SHIPPED))

    done = runner.import_(modes=frozenset({Mode.RECHECK, Mode.DOUBLECHECK}))

    assert done.counts == {"seen": 2, "imported": 2, "found_by_catch_up": 2}


def test_a_channel_narrows_what_is_read_and_imported(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("own"), a_sale("theirs", fulfilment=AFN, state=OrderState.SHIPPED))

    done = runner.import_(fulfilments=frozenset({Fulfilment.MERCHANT}))

    assert done.said == {"own": ("imported", "")}
    assert runner.shop.created == ["own"]


def test_a_live_run_names_every_open_order_however_long_ago_it_was_seen(runner: TaskRunner) -> None:
    run_ledger = a_run_ledger(runner.account)
    long_ago = NOW - 20 * 24 * HOUR
    for order_id, intake in (("held", Intake.HELD), ("blocked", Intake.BLOCKED), ("person", Intake.NEEDS_PERSON)):
        heard(runner.store, run_ledger, replace(a_sale(order_id), updated_at=long_ago))
        put(runner.store, order_id, intake, code="SKU_UNKNOWN" if intake is Intake.BLOCKED else "")
    put(runner.store, "blocked", Intake.BLOCKED, code="SKU_UNKNOWN", next_try_at=NOW + HOUR)

    live, catch_up = runner.import_(), runner.import_(modes=frozenset({Mode.RECHECK}))

    assert {order_id: said[0] for order_id, said in live.said.items()} == {
        "held": "waiting",
        "blocked": "not_imported",
        "person": "not_imported",
    }
    assert "seen" not in live.counts
    assert catch_up.said == {}


def test_every_count_of_the_report(runner: TaskRunner) -> None:
    runner.set(start_from=PLACED.isoformat(), fulfilled_import="list_only")
    runner.marketplace.sell(a_sale("again"))
    runner.import_()
    runner.marketplace.sell(
        a_sale("new"),
        a_sale("unknown", a_line("NOBODY")),
        a_sale("unpaid", state=OrderState.PENDING),
        a_sale("theirs", fulfilment=AFN, state=OrderState.SHIPPED),
        a_sale("early", placed_at=PLACED - MINUTE),
        a_sale("gone", state=OrderState.CANCELLED),
    )

    done = runner.import_()

    assert runner.report(done).counts == {
        "seen": 7,
        "imported": 1,
        "already_imported": 1,
        "not_imported": 1,
        "waiting": 1,
        "listed_only": 1,
        "before_start": 1,
        "cancelled": 1,
        "found_by_catch_up": 0,
    }


@pytest.mark.parametrize(
    "parameters", [{}, {"order_ids": ("new", "blocked", "nobody")}, {"modes": frozenset({Mode.DOUBLECHECK})}]
)
def test_a_dry_run_creates_nothing_and_leaves_no_trace(store: Store, parameters: dict[str, Any]) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale("blocked", a_line("NEW")))
    runner.import_()
    runner.shop.stock["NEW"] = 1
    runner.marketplace.sell(a_sale("new"), a_sale("unknown", a_line("NOBODY")), Unreadable("odd", "price"))
    before, shop = runner.dump(without=TOUCHED_BY_DRY_RUNS), dict(runner.shop.held)

    done = runner.import_(dry_run=True, **parameters)

    assert runner.dump(without=TOUCHED_BY_DRY_RUNS) == before
    assert runner.shop.held == shop
    assert runner.shop.created == []
    assert done.said["new"] == done.said["blocked"] == ("imported", "")
    if "order_ids" in parameters:
        assert done.said["nobody"] == ("not_imported", "ORDER_MISSING")
    else:
        assert done.said["unknown"] == ("not_imported", "SKU_UNKNOWN")
        assert done.said["odd"] == ("not_imported", "UNREADABLE")


def test_a_run_out_of_time_pauses_and_goes_on_by_itself(runner: TaskRunner) -> None:
    runner.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(5)))
    runner.shop = _Slow(runner.clock, seconds=250)

    paused = runner.import_()
    goes_on = runner.do(RunRequest(task=Task.ORDERS_IMPORT), continues=paused.row.id)

    assert (paused.status, paused.row.cause, paused.row.resume_at) == (
        "paused",
        "service",
        NOW + timedelta(seconds=750),
    )
    assert paused.said["#TIME_USED_UP"] == ("", "TIME_USED_UP")
    assert (paused.counts["imported"], goes_on.counts["imported"]) == (3, 2)
    assert sorted(runner.shop.created) == [f"MKP-{number}" for number in range(5)]


def test_a_quota_used_up_pauses_the_run_until_it_is_back(runner: TaskRunner) -> None:
    back = NOW + 20 * MINUTE
    reached = LimitReached(service="mirakl", operation="OR11", resume_at=back, code="QUOTA_USED_UP")
    runner.marketplace.page_size = 2
    runner.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(4)))
    runner.marketplace.trouble = lambda page: reached if page == 1 else None

    done = runner.import_()

    assert (done.status, done.row.cause, done.row.resume_at) == ("paused", "marketplace", back)
    report = runner.report(done)
    assert report.message == "The marketplace's quota for OR11 is used up until 21 Nov 2026, 09:40 UTC."
    assert not report.ok


def test_what_was_read_until_the_quota_ended_is_imported_meanwhile(runner: TaskRunner) -> None:
    reached = LimitReached(service="mirakl", operation="OR11", resume_at=NOW + 90 * MINUTE, code="QUOTA_USED_UP")
    runner.marketplace.page_size = 2
    runner.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(4)))
    runner.marketplace.trouble = lambda page: reached if page == 1 else None

    dry_run = runner.import_(dry_run=True)
    paused = runner.import_()
    runner.marketplace.trouble = lambda page: None
    runner.clock.advance(90 * 60)
    done = runner.import_()

    assert (dry_run.status, paused.status, done.status) == ("paused", "paused", "done")
    assert (paused.counts["imported"], done.counts["imported"]) == (2, 2)
    # No copy grew so old that it had to be read again.
    assert runner.marketplace.looked_up == []


def test_a_shop_that_is_down_pauses_the_run_and_loses_nothing(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale())
    runner.shop.down = True

    down = runner.import_()
    runner.shop.down = False
    up = runner.import_()

    assert (down.status, down.row.cause) == ("paused", "shop")
    assert down.said["#SHOP_DOWN"] == ("", "SHOP_DOWN")
    assert up.said == {"MKP-1": ("imported", "")}


def test_a_refused_key_fails_the_run_and_names_what_to_do(runner: TaskRunner) -> None:
    runner.marketplace.trouble = lambda page: CredentialsRefused(service="mirakl", operation="OR11", detail="401")

    done = runner.import_()

    assert (done.status, done.row.cause) == ("failed", "marketplace")
    [problem] = runner.report(done).problems
    assert (problem.code, problem.order_id) == ("CREDENTIALS_REFUSED", None)
    assert "marketcron account set mirakl-demo" in problem.fix


def test_a_zombie_creates_nothing_more_once_its_lease_is_lost(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))
    row = queued(runner.store, runner.account)
    runner.shop = _TakenOver(runner.clock, runner=runner, run_id=row.id)

    runner.execute(row.id)

    assert runner.shop.created == ["MKP-1"]
    assert runner.done(row.id).status == "running"
    assert entry(runner.store, "MKP-1").intake == Intake.CREATING


class _Slow(FakeShop):
    """A shop that takes its time for every order."""

    def __init__(self, clock: Any, *, seconds: float) -> None:
        super().__init__(clock)
        self.seconds = seconds

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Any) -> ShopOrder:
        self.clock.advance(self.seconds)
        return await super().create_order(order, plan=plan, intent=intent)


class _TakenOver(FakeShop):
    """A shop that answers so late that another worker has taken the run over."""

    def __init__(self, clock: Any, *, runner: TaskRunner, run_id: str) -> None:
        super().__init__(clock)
        self.world, self.run_id = runner, run_id

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Any) -> ShopOrder:
        made = await super().create_order(order, plan=plan, intent=intent)
        await self.world.store.write(_take_over, self.run_id)
        return made


def _take_over(session: Session, run_id: str) -> None:
    session.execute(sa.update(LeaseRow).values(expires_at=0.0))
    assert runs.claim(session, run_id, owner=OTHER, lease_s=20, now=NOW) is not None


def shop_order(order_id: str) -> ShopOrder:
    """The order as a shop holds it that was created elsewhere."""
    order = a_sale(order_id)
    return ShopOrder(
        ref="7",
        key=key_of(order_id),
        marketplace_order_id=order_id,
        state="paid",
        total=order.total,
        units={"LAMPE": 1},
        created_at=NOW,
    )


def stale(runner: TaskRunner, order_id: str) -> None:
    """Leave an order due whose copy is two hours old."""
    runner.marketplace.sell(a_sale(order_id))
    runner.shop.down = True
    runner.import_()
    runner.shop.down = False
    runner.clock.advance(2 * 3600)


def test_an_address_without_a_country_waits_until_the_account_names_one(runner: TaskRunner) -> None:
    order = a_sale()
    assert order.shipping_address is not None
    runner.marketplace.sell(replace(order, shipping_address=replace(order.shipping_address, country="")))

    first = runner.import_()
    runner.set(default_country="FR")
    runner.clock.advance(24 * 3600)
    second = runner.import_()

    assert first.said == {"MKP-1": ("not_imported", "ADDRESS_MISSING")}
    assert second.said["MKP-1"] == ("imported", "")
    taken = runner.shop.taken["1"].shipping_address
    assert taken is not None
    assert taken.country == "FR"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tax_mode": "excl"}, "TAXES_EXCLUDED"),
        ({"refund_is_unclear": True}, "REFUNDED"),
        ({"amounts_are_proven": False}, "TOTAL_MISMATCH"),
    ],
)
def test_an_order_whose_money_is_not_known_waits_for_a_person(
    runner: TaskRunner, changes: dict[str, Any], code: str
) -> None:
    runner.marketplace.sell(replace(a_sale(), **changes))

    done = runner.import_()

    assert done.said == {"MKP-1": ("not_imported", code)}
    assert runner.shop.holds() == {}


def test_an_order_that_holds_free_items_is_imported_and_says_so(runner: TaskRunner) -> None:
    runner.marketplace.sell(a_sale("MKP-1", a_line("LAMPE"), a_line("CAFETIERE", price="0.00")))

    done = runner.import_()

    assert done.said == {"MKP-1": ("imported", "FREE_ITEMS")}
    assert done.params["MKP-1"]["skus"] == "CAFETIERE"
