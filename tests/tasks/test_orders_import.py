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
from tests.tasks.world import WAIT_S, World, a_world, key_of, refused

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TOUCHED_BY_DRY_RUNS = ("runs", "run_items", "leases", "quotas")
AFN = Fulfilment.MARKETPLACE


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return a_world(sqlite_store)


def test_a_due_order_is_created_once_and_its_stock_taken(store: Store) -> None:
    world = a_world(store)
    world.marketplace.sell(a_sale("MKP-1", a_line(quantity=2)))

    first, second = world.import_(), world.import_()

    assert (first.status, first.said, first.counts) == ("done", {"MKP-1": ("imported", "")}, {"seen": 1, "imported": 1})
    assert second.said == {"MKP-1": ("already_imported", "")}
    assert world.shop.holds() == {"MKP-1": "paid"}
    assert (world.shop.created, world.shop.stock["LAMPE"]) == (["MKP-1"], 48)
    assert past(store) == [Intake.DUE, Intake.CREATING, Intake.IMPORTED]
    assert entry(store).payload is None


def test_how_an_order_enters_the_shop(world: World) -> None:
    anonymous = replace(BUYER, email="")
    world.marketplace.sell(
        a_sale("own"),
        a_sale("Shipped", state=OrderState.SHIPPED),
        a_sale("FBA", fulfilment=AFN, state=OrderState.SHIPPED, buyer=anonymous),
    )

    world.import_()

    entered = {order_id: (plan.state, plan.stock, plan.email) for order_id, plan in world.shop.plans.items()}
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
    world: World, sale: Order, code: str, params: dict[str, Any]
) -> None:
    world.shop.odd = {"DOUBLE": "ambiguous", "ASLEEP": "inactive"}
    world.shop.stock["ASLEEP"] = 1
    world.marketplace.sell(sale, a_sale("MKP-2"))

    done = world.import_()

    assert done.said == {"MKP-1": ("not_imported", code), "MKP-2": ("imported", "")}
    assert done.params["MKP-1"] == params
    assert (done.status, done.counts["needs_person"]) == ("partial", 1)
    assert world.shop.created == ["MKP-2"]
    assert world.shop.searched == [key_of("MKP-2")]


def test_a_marketplace_fulfilled_order_needs_no_address(world: World) -> None:
    world.marketplace.sell(a_sale(fulfilment=AFN, state=OrderState.SHIPPED, shipping_address=None))

    assert world.import_().said == {"MKP-1": ("imported", "")}


def test_missing_stock_keeps_an_order_out_only_where_the_merchant_says_so(world: World) -> None:
    world.shop.stock["LAMPE"] = 1
    world.set(import_without_stock=False)
    world.marketplace.sell(a_sale("A"), a_sale("B"), a_sale("C", fulfilment=AFN, state=OrderState.SHIPPED))

    strict = world.import_()
    world.set(import_without_stock=True)
    lax = world.import_(order_ids=("B",))

    assert strict.said == {
        "A": ("imported", ""),
        "B": ("not_imported", "OUT_OF_STOCK"),
        "C": ("imported", ""),
    }
    assert strict.params["B"] == {"sku": "LAMPE", "wanted": 1, "left": 0}
    assert lax.said == {"B": ("imported", "")}


def test_a_blocked_order_is_retried_with_back_off_until_it_is_in_the_shop(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1", a_line("NEW")))
    world.import_()

    world.clock.advance(14 * 60)
    too_soon = world.import_()
    world.clock.advance(60)
    again = world.import_()
    world.shop.stock["NEW"] = 3
    world.clock.advance(29 * 60)
    still_too_soon = world.import_()
    world.clock.advance(60)
    done = world.import_()

    assert [each.said["MKP-1"] for each in (too_soon, again, still_too_soon)] == [("not_imported", "SKU_UNKNOWN")] * 3
    assert done.said["MKP-1"] == ("imported", "")


def test_a_retry_can_be_forced_by_naming_the_order(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1", a_line("NEW")), a_sale("MKP-2", a_line("NEW")))
    world.import_()
    world.shop.stock["NEW"] = 3

    done = world.import_(order_ids=("MKP-2",))

    assert done.said == {"MKP-2": ("imported", "")}
    assert world.shop.created == ["MKP-2"]


def test_an_order_of_the_ledger_that_no_list_shows_any_more_is_still_retried_and_named(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1", a_line("NEW")))
    world.import_()
    world.marketplace.remote_now = NOW + 30 * 24 * HOUR
    world.clock.advance(30 * 24 * 3600)
    unlisted = world.import_()
    world.shop.stock["NEW"] = 3
    world.clock.advance(24 * 3600)

    done = world.import_()

    assert unlisted.said == {"MKP-1": ("not_imported", "SKU_UNKNOWN")}
    assert done.said == {"MKP-1": ("imported", "")}


@pytest.mark.parametrize(("minutes", "looked_up"), [(60, []), (61, [("MKP-1",)])])
def test_a_copy_older_than_an_hour_is_read_again_before_the_order_is_created(
    world: World, minutes: int, looked_up: list[tuple[str]]
) -> None:
    world.shop.down = True
    world.marketplace.sell(a_sale())
    world.import_()
    world.shop.down = False
    world.marketplace.hidden.add("MKP-1")
    world.clock.advance(minutes * 60)

    done = world.import_()

    assert world.marketplace.looked_up == looked_up
    assert done.said == {"MKP-1": ("imported", "")}


def test_an_order_cancelled_since_its_copy_was_read_is_not_created(world: World) -> None:
    stale(world, "MKP-1")
    world.marketplace.move("MKP-1", OrderState.CANCELLED)

    done = world.import_(modes=frozenset({Mode.RECHECK}))
    live = world.import_()

    assert done.said == {}
    assert live.said == {"MKP-1": ("cancelled", "CANCELLED_ON_MARKETPLACE")}
    assert world.shop.holds() == {}


def test_an_order_the_marketplace_forgot_is_blocked_and_named(world: World) -> None:
    stale(world, "MKP-1")
    world.marketplace.remote_orders.clear()

    done = world.import_()

    assert done.said == {"MKP-1": ("not_imported", "ORDER_MISSING")}
    assert entry(world.store).intake == Intake.BLOCKED


def test_an_order_that_can_not_be_read_any_more_says_so(world: World) -> None:
    stale(world, "MKP-1")
    world.marketplace.sell(Unreadable("MKP-1", "total_price"))

    done = world.import_(order_ids=("MKP-1",))

    assert done.said == {"MKP-1": ("not_imported", "UNREADABLE")}
    assert world.shop.created == []


def test_an_unreadable_order_is_never_created_from_an_older_copy(world: World) -> None:
    world.shop.down = True
    world.marketplace.sell(a_sale())
    world.import_()
    world.shop.down = False
    world.marketplace.sell(Unreadable("MKP-1", "total_price"), a_sale("MKP-2"))

    live = world.import_()
    world.clock.advance(25 * 3600)
    a_day_later = world.import_()

    assert live.said == {"MKP-1": ("not_imported", "UNREADABLE"), "MKP-2": ("imported", "")}
    assert a_day_later.said["MKP-1"] == ("not_imported", "UNREADABLE")
    assert world.shop.created == ["MKP-2"]


def test_an_order_asked_for_that_nobody_knows_is_named(world: World) -> None:
    assert world.import_(order_ids=("nobody",)).said == {"nobody": ("not_imported", "ORDER_MISSING")}


@pytest.mark.parametrize("reason", ["SHOP_REFUSED", "COUNTRY_INACTIVE", "a reason nobody knows"])
def test_what_the_shop_refuses_is_blocked_and_retried(world: World, reason: str) -> None:
    world.shop.answers["MKP-1"] = refused(reason, detail="no such country")
    world.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))

    first = world.import_()
    world.shop.answers.clear()
    world.clock.advance(15 * 60)
    second = world.import_()

    code = reason if reason == "COUNTRY_INACTIVE" else "SHOP_REFUSED"
    assert first.said == {"MKP-1": ("not_imported", code), "MKP-2": ("imported", "")}
    assert first.params["MKP-1"]["detail"] == "no such country"
    assert second.said["MKP-1"] == ("imported", "")


@pytest.mark.parametrize("answer", ["lost", "never"])
def test_an_unknown_outcome_is_waited_out_and_looked_for_before_anything_is_repeated(store: Store, answer: str) -> None:
    world = a_world(store)
    world.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))
    world.shop.answers["MKP-1"] = answer

    first = world.import_()
    world.shop.answers.clear()
    searches = len(world.shop.searched)
    at_once = world.import_(order_ids=("MKP-1",))
    searches_at_once = len(world.shop.searched) - searches
    world.wait_out(WAIT_S / 2)
    early = world.import_()
    world.wait_out()
    later = world.import_()

    assert first.said == {"MKP-1": ("waiting", "OUTCOME_UNKNOWN"), "MKP-2": ("imported", "")}
    assert at_once.said["MKP-1"] == early.said["MKP-1"] == ("waiting", "OUTCOME_UNKNOWN")
    assert searches_at_once == 0
    assert later.said["MKP-1"] == ("imported", "")
    assert world.shop.created == (["MKP-1", "MKP-2"] if answer == "lost" else ["MKP-1", "MKP-2", "MKP-1"])
    assert world.shop.holds() == {"MKP-1": "paid", "MKP-2": "paid"}
    assert world.shop.stock["LAMPE"] == 48


def test_the_wait_after_an_unknown_outcome_is_real_time_however_fast_business_goes(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1"))
    world.shop.answers["MKP-1"] = "never"
    world.import_()
    world.shop.answers.clear()
    world.clock.advance(30 * 24 * 3600)

    done = world.import_()

    assert done.said == {"MKP-1": ("waiting", "OUTCOME_UNKNOWN")}
    assert world.shop.created == ["MKP-1"]


def test_what_was_made_on_the_way_is_known_to_the_next_attempt(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "never"

    world.import_()

    steps = entry(world.store).steps
    assert (steps["cart"], steps["sending"]) == ("cart of MKP-1", "order")


def test_a_write_unknown_for_the_second_time_goes_to_a_person(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "never"
    world.import_()
    world.wait_out()

    done = world.import_()

    assert done.said == {"MKP-1": ("not_imported", "UNKNOWN_TWICE")}
    assert entry(world.store).intake == Intake.NEEDS_PERSON


def test_a_half_order_goes_to_a_person_and_is_never_repaired(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "half"
    world.import_()
    world.wait_out()

    done = world.import_()
    again = world.import_()

    assert done.said == again.said == {"MKP-1": ("not_imported", "ORDER_HALF_MADE")}
    assert done.params["MKP-1"] == {"ref": "1", "detail": "it has no line"}
    assert entry(world.store).intake == Intake.NEEDS_PERSON
    assert world.shop.created == ["MKP-1"]


def test_a_half_order_finished_by_a_person_is_found_on_retry(world: World) -> None:
    test_a_half_order_goes_to_a_person_and_is_never_repaired(world)
    world.shop.held[key_of("MKP-1")] = shop_order("MKP-1")

    run(world.store.write(order_actions.retry, world.account.id, ["MKP-1"], now=world.clock.now()))
    done = world.import_(order_ids=("MKP-1",))

    assert done.said == {"MKP-1": ("imported", "")}
    assert world.shop.created == ["MKP-1"]


def test_a_total_the_shop_counts_differently_goes_to_a_person(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "dear"

    done = world.import_()

    assert done.said == {"MKP-1": ("not_imported", "TOTAL_MISMATCH")}
    assert done.params["MKP-1"] == {
        "ref": "1",
        "lines": Money(Decimal("20.00"), "EUR"),
        "total": Money(Decimal("10.00"), "EUR"),
    }
    assert entry(world.store).intake == Intake.NEEDS_PERSON


def test_an_order_cancelled_in_the_shop_is_not_taken_for_imported(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.held[key_of("MKP-1")] = replace(shop_order("MKP-1"), state="cancelled")

    assert world.import_().said == {"MKP-1": ("not_imported", "ORDER_HALF_MADE")}


def test_an_order_the_shop_holds_already_is_found_and_not_made_again(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.held[key_of("MKP-1")] = shop_order("MKP-1")

    done = world.import_()

    assert done.said == {"MKP-1": ("imported", "")}
    assert world.shop.created == []
    assert entry(world.store).shop_ref == "7"


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_a_creation_of_a_killed_run_is_looked_for_before_it_is_made(store: Store, made: bool) -> None:
    world = a_world(store)
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = RuntimeError("killed")

    killed = world.import_()
    left = entry(store).intake
    world.shop.answers.clear()
    if made:
        world.shop.held[key_of("MKP-1")] = shop_order("MKP-1")
    at_once = world.import_()
    world.wait_out()
    done = world.import_()

    assert (killed.status, left) == ("failed", Intake.CREATING)
    assert at_once.said["MKP-1"][0] == "waiting"
    assert done.said["MKP-1"] == ("imported", "")
    assert world.shop.created == (["MKP-1"] if made else ["MKP-1", "MKP-1"])
    assert list(world.shop.holds()) == ["MKP-1"]


def test_a_creation_under_way_is_looked_for_even_if_its_product_has_gone_since(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "lost"
    world.import_()
    world.wait_out()
    del world.shop.stock["LAMPE"]

    assert world.import_().said == {"MKP-1": ("imported", "")}


def test_a_creation_that_proves_not_made_may_meet_an_obstacle(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "never"
    world.import_()
    world.wait_out()
    del world.shop.stock["LAMPE"]

    assert world.import_().said == {"MKP-1": ("not_imported", "SKU_UNKNOWN")}
    assert entry(world.store).intake == Intake.BLOCKED


@pytest.mark.parametrize("then", ["missing", "unreadable"])
def test_a_creation_under_way_is_never_given_up_without_a_look_into_the_shop(world: World, then: str) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "lost"
    world.import_()
    world.wait_out()
    world.clock.advance(2 * 3600)
    world.marketplace.remote_orders.clear()
    if then == "unreadable":
        world.marketplace.sell(Unreadable("MKP-1", "total_price"))

    world.import_()

    assert entry(world.store).intake in (Intake.IMPORTED, Intake.NEEDS_PERSON)


def test_an_order_whose_data_went_while_it_was_created_is_never_blocked_unproven(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "lost"
    world.import_()
    world.wait_out()
    put(world.store, "MKP-1", Intake.CREATING, payload=None)
    world.marketplace.remote_orders.clear()
    world.clock.advance(2 * 3600)

    done = world.import_()

    assert done.said == {"MKP-1": ("not_imported", "ORDER_MISSING")}
    assert entry(world.store).intake == Intake.NEEDS_PERSON


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.REFUSED])
def test_an_imported_order_that_the_marketplace_cancels_leaves_the_shop_and_gives_its_stock_back_once(
    store: Store, state: OrderState
) -> None:
    world = a_world(store)
    world.marketplace.sell(a_sale("MKP-1", a_line(quantity=2)))
    world.import_()
    world.marketplace.move("MKP-1", state)

    done = [world.import_() for _ in range(3)]

    assert world.shop.holds() == {"MKP-1": "cancelled"}
    assert (world.shop.stock["LAMPE"], world.shop.cancelled) == (50, ["1"])
    assert done[0].said == {"MKP-1": ("cancelled", "CANCELLED_ON_MARKETPLACE")}
    assert past(store)[-2:] == [Intake.CANCELLING, Intake.CANCELLED]


def test_an_order_cancelled_after_the_shop_shipped_it_is_a_conflict(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.import_()
    world.shop.cancellations["1"] = CancelOutcome.ALREADY_SHIPPED
    world.marketplace.move("MKP-1", OrderState.CANCELLED)

    done = world.import_()

    assert done.said == {"MKP-1": ("already_imported", "SHIPPED_BUT_CANCELLED")}
    assert done.status == "partial"
    assert entry(world.store).intake == Intake.CONFLICT


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_an_order_cancelled_while_it_was_created_ends_cancelled_on_both_sides(world: World, made: bool) -> None:
    world.marketplace.sell(a_sale())
    world.shop.answers["MKP-1"] = "lost" if made else "never"
    world.import_()
    world.marketplace.move("MKP-1", OrderState.CANCELLED)

    before_the_wait = world.import_()
    waited = entry(world.store).intake
    world.wait_out()
    world.import_()

    assert before_the_wait.said["MKP-1"][0] == "cancelled"
    assert waited == Intake.CANCELLING
    assert entry(world.store).intake == Intake.CANCELLED
    assert world.shop.holds() == ({"MKP-1": "cancelled"} if made else {})
    assert world.shop.stock["LAMPE"] == 50


def test_an_order_handled_under_a_reference_is_cancelled_in_the_shop(world: World) -> None:
    seller = a_run_ledger(world.account).seller
    run(world.store.write(order_actions.adopt, seller, {"MKP-1": "4711"}, now=NOW))
    world.shop.held["of another module"] = ShopOrder(
        ref="4711",
        key="of another module",
        marketplace_order_id="MKP-1",
        state="paid",
        total=Money(Decimal("10.00"), "EUR"),
        units={},
        created_at=NOW,
    )
    world.marketplace.sell(a_sale(state=OrderState.CANCELLED))

    world.import_()

    assert world.shop.cancelled == ["4711"]
    assert entry(world.store).intake == Intake.CANCELLED


def test_a_shop_that_refuses_to_cancel_stops_no_other_order_and_a_person_can_end_it(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1"))
    world.import_()
    world.shop.cancellations["1"] = refused(detail="the invoice is closed")
    world.marketplace.move("MKP-1", OrderState.CANCELLED)
    world.marketplace.sell(a_sale("MKP-2"))

    done = world.import_()
    again = world.import_()
    word = run(world.store.write(order_actions.handle, world.account.id, ["MKP-1"], now=NOW))
    after = world.import_()

    assert done.said == {"MKP-1": ("cancelled", "SHOP_REFUSED"), "MKP-2": ("imported", "")}
    assert again.said["MKP-1"] == ("cancelled", "SHOP_REFUSED")
    assert word.order_ids == ["MKP-1"]
    assert after.said["MKP-1"] == ("already_imported", "")


def test_a_cancellation_without_answer_is_tried_again_after_the_wait(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1"))
    world.import_()
    world.shop.cancellations["1"] = OutcomeUnknown(service="shop", operation="orders", side="shop")
    world.marketplace.move("MKP-1", OrderState.CANCELLED)
    first = world.import_()
    world.shop.cancellations.clear()

    world.import_()
    before_the_wait = list(world.shop.cancelled)
    world.wait_out()
    world.import_()

    assert first.status == "done"
    assert (before_the_wait, world.shop.cancelled) == ([], ["1"])
    assert entry(world.store).intake == Intake.CANCELLED


def test_an_order_shippable_again_after_its_cancellation_is_imported(world: World) -> None:
    world.marketplace.sell(a_sale(state=OrderState.CANCELLED))
    world.import_()
    world.marketplace.move("MKP-1", OrderState.TO_SHIP)

    assert world.import_().said == {"MKP-1": ("imported", "")}


def test_orders_of_before_the_start_are_counted_and_left_alone_until_a_person_wants_them(world: World) -> None:
    world.set(start_from=(PLACED + HOUR).isoformat())
    world.marketplace.sell(a_sale())

    left = world.import_()
    run(world.store.write(order_actions.retry, world.account.id, ["MKP-1"], now=NOW))
    wanted = world.import_(order_ids=("MKP-1",))

    assert left.counts == {"seen": 1, "before_start": 1}
    assert wanted.said == {"MKP-1": ("imported", "")}


def test_orders_that_are_only_listed_are_imported_once_the_merchant_changes_his_mind(world: World) -> None:
    world.set(fulfilled_import="list_only")
    world.marketplace.sell(a_sale(fulfilment=AFN, state=OrderState.SHIPPED))

    left = world.import_()
    world.set(fulfilled_import="order")
    run(world.store.write(order_actions.retry, world.account.id, ["MKP-1"], now=NOW))
    wanted = world.import_(order_ids=("MKP-1",))

    assert left.counts == {"seen": 1, "listed_only": 1}
    assert wanted.said == {"MKP-1": ("imported", "")}


def test_an_ignored_order_stays_out_until_it_is_retried(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1", a_line("NEW")))
    world.import_()
    run(world.store.write(order_actions.ignore, world.account.id, ["MKP-1"], now=NOW))
    world.shop.stock["NEW"] = 1

    ignored = world.import_(order_ids=("MKP-1",))
    run(world.store.write(order_actions.retry, world.account.id, ["MKP-1"], now=NOW))
    retried = world.import_(order_ids=("MKP-1",))

    assert (ignored.said["MKP-1"][0], world.shop.created) == ("", ["MKP-1"])
    assert retried.said == {"MKP-1": ("imported", "")}


def test_one_failure_never_cuts_the_writes_of_its_neighbours(store: Store) -> None:
    world = a_world(store)
    world.shop.parallel = 4
    orders = [f"MKP-{number:02d}" for number in range(INTENTS_AT_ONCE + 4)]
    world.marketplace.sell(*(a_sale(order_id) for order_id in orders))
    world.shop.answers["MKP-01"] = RuntimeError("bang")

    failed = world.import_()
    begun = set(world.shop.created)
    settled = {row.order_id for row in entries(store) if row.intake == Intake.IMPORTED}
    world.shop.answers.clear()
    world.wait_out()
    done = world.import_()

    assert failed.status == "failed"
    assert begun - {"MKP-01"} == settled
    assert begun < set(orders)
    assert (done.status, sorted(world.shop.holds())) == ("done", orders)
    assert sorted(world.shop.created) == sorted([*orders, "MKP-01"])


def test_orders_whose_results_a_dying_process_took_with_it_are_found_in_the_shop_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [f"MKP-{number}" for number in range(5)]
    world.marketplace.sell(*(a_sale(order_id) for order_id in orders))
    settle = creation.settle_imported

    def dies(session: Session, run_ledger: Any, made: Any) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(creation, "settle_imported", dies)
    with pytest.raises(StoreUnavailable):
        world.import_()
    left = {row.intake for row in entries(world.store)}
    monkeypatch.setattr(creation, "settle_imported", settle)
    world.wait_out()
    run(world.store.write(leases.break_all_of, owner_prefix=""))
    [dead] = run(world.store.read(runs.runs_of, account_id=world.account.id, task=None, before=None, limit=1))
    done = world.execute(dead.id)

    assert left == {Intake.CREATING}
    assert (done.status, sorted(world.shop.holds()), sorted(world.shop.created)) == ("done", orders, orders)
    assert {row.intake for row in entries(world.store)} == {Intake.IMPORTED}


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_shop_takes_as_many_orders_at_once_as_it_says(world: World, parallel: int) -> None:
    world.shop.parallel = parallel
    world.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(7)))

    done = world.import_()

    assert done.counts["imported"] == 7
    assert world.shop.most_at_once == parallel


def test_a_catch_up_acts_only_on_what_it_found_and_says_so(world: World) -> None:
    world.shop.down = True
    world.marketplace.sell(a_sale("live"))
    world.import_()
    world.shop.down = False
    world.marketplace.sell(a_sale("late payment", minutes=-5))

    catch_up = world.import_(modes=frozenset({Mode.DOUBLECHECK}))
    live = world.import_()

    assert catch_up.said == {"live": ("waiting", ""), "late payment": ("imported", "")}
    assert catch_up.counts == {"seen": 2, "imported": 1, "waiting": 1, "found_by_catch_up": 1}
    assert live.said["live"] == ("imported", "")
    assert "found_by_catch_up" not in live.counts


def test_each_catch_up_reads_what_it_is_for(world: World) -> None:
    world.marketplace.sell(
        a_sale("own, open"),
        a_sale("own, shipped", state=OrderState.SHIPPED),
        a_sale("theirs, open", fulfilment=AFN),
        a_sale("theirs, shipped", fulfilment=AFN, state=OrderState.SHIPPED),
    )

    doublecheck = world.import_(modes=frozenset({Mode.DOUBLECHECK}))
    recheck = world.import_(modes=frozenset({Mode.RECHECK}))

    assert set(doublecheck.said) == {"own, open"}
    assert set(recheck.said) == {"theirs, shipped"}


def test_both_catch_ups_together_do_both_passes(world: World) -> None:
    world.marketplace.sell(a_sale("own"), a_sale("theirs", fulfilment=AFN, state=OrderState.SHIPPED))

    done = world.import_(modes=frozenset({Mode.RECHECK, Mode.DOUBLECHECK}))

    assert done.counts == {"seen": 2, "imported": 2, "found_by_catch_up": 2}


def test_a_channel_narrows_what_is_read_and_imported(world: World) -> None:
    world.marketplace.sell(a_sale("own"), a_sale("theirs", fulfilment=AFN, state=OrderState.SHIPPED))

    done = world.import_(fulfilments=frozenset({Fulfilment.MERCHANT}))

    assert done.said == {"own": ("imported", "")}
    assert world.shop.created == ["own"]


def test_a_live_run_names_every_open_order_however_long_ago_it_was_seen(world: World) -> None:
    run_ledger = a_run_ledger(world.account)
    long_ago = NOW - 20 * 24 * HOUR
    for order_id, intake in (("held", Intake.HELD), ("blocked", Intake.BLOCKED), ("person", Intake.NEEDS_PERSON)):
        heard(world.store, run_ledger, replace(a_sale(order_id), updated_at=long_ago))
        put(world.store, order_id, intake, code="SKU_UNKNOWN" if intake is Intake.BLOCKED else "")
    put(world.store, "blocked", Intake.BLOCKED, code="SKU_UNKNOWN", next_try_at=NOW + HOUR)

    live, catch_up = world.import_(), world.import_(modes=frozenset({Mode.RECHECK}))

    assert {order_id: said[0] for order_id, said in live.said.items()} == {
        "held": "waiting",
        "blocked": "not_imported",
        "person": "not_imported",
    }
    assert "seen" not in live.counts
    assert catch_up.said == {}


def test_every_count_of_the_report(world: World) -> None:
    world.set(start_from=PLACED.isoformat(), fulfilled_import="list_only")
    world.marketplace.sell(a_sale("again"))
    world.import_()
    world.marketplace.sell(
        a_sale("new"),
        a_sale("unknown", a_line("NOBODY")),
        a_sale("unpaid", state=OrderState.PENDING),
        a_sale("theirs", fulfilment=AFN, state=OrderState.SHIPPED),
        a_sale("early", placed_at=PLACED - MINUTE),
        a_sale("gone", state=OrderState.CANCELLED),
    )

    done = world.import_()

    assert world.report(done).counts == {
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
    world = a_world(store)
    world.marketplace.sell(a_sale("blocked", a_line("NEW")))
    world.import_()
    world.shop.stock["NEW"] = 1
    world.marketplace.sell(a_sale("new"), a_sale("unknown", a_line("NOBODY")), Unreadable("odd", "price"))
    before, shop = world.dump(without=TOUCHED_BY_DRY_RUNS), dict(world.shop.held)

    done = world.import_(dry_run=True, **parameters)

    assert world.dump(without=TOUCHED_BY_DRY_RUNS) == before
    assert world.shop.held == shop
    assert world.shop.created == []
    assert done.said["new"] == done.said["blocked"] == ("imported", "")
    if "order_ids" in parameters:
        assert done.said["nobody"] == ("not_imported", "ORDER_MISSING")
    else:
        assert done.said["unknown"] == ("not_imported", "SKU_UNKNOWN")
        assert done.said["odd"] == ("not_imported", "UNREADABLE")


def test_a_run_out_of_time_pauses_and_goes_on_by_itself(world: World) -> None:
    world.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(5)))
    world.shop = _Slow(world.clock, seconds=250)

    paused = world.import_()
    goes_on = world.do(RunRequest(task=Task.ORDERS_IMPORT), continues=paused.row.id)

    assert (paused.status, paused.row.cause, paused.row.resume_at) == (
        "paused",
        "service",
        NOW + timedelta(seconds=750),
    )
    assert paused.said["#TIME_USED_UP"] == ("", "TIME_USED_UP")
    assert (paused.counts["imported"], goes_on.counts["imported"]) == (3, 2)
    assert sorted(world.shop.created) == [f"MKP-{number}" for number in range(5)]


def test_a_quota_used_up_pauses_the_run_until_it_is_back(world: World) -> None:
    back = NOW + 20 * MINUTE
    reached = LimitReached(service="mirakl", operation="OR11", resume_at=back, code="QUOTA_USED_UP")
    world.marketplace.page_size = 2
    world.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(4)))
    world.marketplace.trouble = lambda page: reached if page == 1 else None

    done = world.import_()

    assert (done.status, done.row.cause, done.row.resume_at) == ("paused", "marketplace", back)
    report = world.report(done)
    assert report.message == "The marketplace's quota for OR11 is used up until 21 Nov 2026, 09:40 UTC."
    assert not report.ok


def test_what_was_read_until_the_quota_ended_is_imported_meanwhile(world: World) -> None:
    reached = LimitReached(service="mirakl", operation="OR11", resume_at=NOW + 90 * MINUTE, code="QUOTA_USED_UP")
    world.marketplace.page_size = 2
    world.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(4)))
    world.marketplace.trouble = lambda page: reached if page == 1 else None

    dry_run = world.import_(dry_run=True)
    paused = world.import_()
    world.marketplace.trouble = lambda page: None
    world.clock.advance(90 * 60)
    done = world.import_()

    assert (dry_run.status, paused.status, done.status) == ("paused", "paused", "done")
    assert (paused.counts["imported"], done.counts["imported"]) == (2, 2)
    # No copy grew so old that it had to be read again.
    assert world.marketplace.looked_up == []


def test_a_shop_that_is_down_pauses_the_run_and_loses_nothing(world: World) -> None:
    world.marketplace.sell(a_sale())
    world.shop.down = True

    down = world.import_()
    world.shop.down = False
    up = world.import_()

    assert (down.status, down.row.cause) == ("paused", "shop")
    assert down.said["#SHOP_DOWN"] == ("", "SHOP_DOWN")
    assert up.said == {"MKP-1": ("imported", "")}


def test_a_refused_key_fails_the_run_and_names_what_to_do(world: World) -> None:
    world.marketplace.trouble = lambda page: CredentialsRefused(service="mirakl", operation="OR11", detail="401")

    done = world.import_()

    assert (done.status, done.row.cause) == ("failed", "marketplace")
    [problem] = world.report(done).problems
    assert (problem.code, problem.order_id) == ("CREDENTIALS_REFUSED", None)
    assert "marketcron account set mirakl-demo" in problem.fix


def test_a_zombie_creates_nothing_more_once_its_lease_is_lost(world: World) -> None:
    world.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))
    row = queued(world.store, world.account)
    world.shop = _TakenOver(world.clock, world=world, run_id=row.id)

    world.execute(row.id)

    assert world.shop.created == ["MKP-1"]
    assert world.done(row.id).status == "running"
    assert entry(world.store, "MKP-1").intake == Intake.CREATING


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

    def __init__(self, clock: Any, *, world: World, run_id: str) -> None:
        super().__init__(clock)
        self.world, self.run_id = world, run_id

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


def stale(world: World, order_id: str) -> None:
    """Leave an order due whose copy is two hours old."""
    world.marketplace.sell(a_sale(order_id))
    world.shop.down = True
    world.import_()
    world.shop.down = False
    world.clock.advance(2 * 3600)
