"""orders-accept: who is accepted, who is refused, who is left, and that nobody is asked twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.intake import Decision, Intake
from app.domain.order import Fulfilment, Order, OrderState
from app.errors import LimitReached, Unavailable
from app.marketplaces.port import Capability
from app.store.engine import Store
from tests.shops.builders import NOW, a_line
from tests.tasks.builders import a_sale, entries, entry, past
from tests.tasks.task_runner import WAIT_S, TaskRunner, a_task_runner, refused

TOUCHED_BY_DRY_RUNS = ("runs", "run_items", "leases", "quotas")


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    return a_task_runner(sqlite_store)


def waiting(order_id: str = "MKP-1", *lines: object, **changes: object) -> Order:
    return a_sale(order_id, *lines, state=OrderState.TO_ACCEPT, **changes)  # type: ignore[arg-type]


def of_two(left: str = "LAMPE", right: str = "CAFETIERE", *, units: int = 1) -> Order:
    return waiting("MKP-1", a_line(left, quantity=units), a_line(right, quantity=units))


def test_an_order_in_stock_is_accepted(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(waiting())

    done = runner.accept()

    assert runner.marketplace.decided == [("MKP-1", {"LAMPE-1": True})]
    assert (done.status, done.said) == ("done", {"MKP-1": ("accepted", "")})
    assert done.counts == {"seen": 1, "accepted": 1}
    row = entry(store)
    assert (row.decision, row.intake, row.code) == (Decision.ACCEPTED, Intake.HELD, "WAITING_PAYMENT")
    assert past(store, machine="decision") == [Decision.DECIDING, Decision.ACCEPTED]


STOCK = {
    "all": {"LAMPE": 1, "CAFETIERE": 1},
    "some": {"LAMPE": 1, "CAFETIERE": 0},
    "none": {"LAMPE": 0, "CAFETIERE": 0},
}
BOTH = {"LAMPE-1": True, "CAFETIERE-1": True}
NEITHER = {"LAMPE-1": False, "CAFETIERE-1": False}
FIRST = {"LAMPE-1": True, "CAFETIERE-1": False}


@pytest.mark.parametrize(
    ("accept_when", "when_short", "line_by_line", "stock", "sent", "said"),
    [
        (when, short, partial, stock, BOTH, ("accepted", ""))
        for when, stocks in (("always", ("all", "some", "none")), ("in_stock", ("all",)))
        for stock in stocks
        for short in ("leave", "refuse", "refuse_lines")
        for partial in (True, False)
    ]
    + [
        ("never", short, partial, stock, None, ("waiting", "WAITING_ACCEPTANCE"))
        for stock in ("all", "some", "none")
        for short in ("leave", "refuse", "refuse_lines")
        for partial in (True, False)
    ]
    + [
        ("in_stock", "leave", partial, stock, None, ("waiting", "OUT_OF_STOCK"))
        for stock in ("some", "none")
        for partial in (True, False)
    ]
    + [
        ("in_stock", "refuse", partial, stock, NEITHER, ("refused", "OUT_OF_STOCK"))
        for stock in ("some", "none")
        for partial in (True, False)
    ]
    + [
        ("in_stock", "refuse_lines", True, "some", FIRST, ("accepted", "OUT_OF_STOCK")),
        ("in_stock", "refuse_lines", False, "some", None, ("waiting", "PARTIAL_ACCEPT_OFF")),
        ("in_stock", "refuse_lines", True, "none", NEITHER, ("refused", "OUT_OF_STOCK")),
        ("in_stock", "refuse_lines", False, "none", NEITHER, ("refused", "OUT_OF_STOCK")),
    ],
)
def test_the_merchant_s_rules_decide(
    sqlite_store: Store,
    accept_when: str,
    when_short: str,
    line_by_line: bool,
    stock: str,
    sent: dict[str, bool] | None,
    said: tuple[str, str],
) -> None:
    runner = a_task_runner(sqlite_store, accept_when=accept_when, when_short=when_short)
    runner.marketplace.can = frozenset({Capability.PARTIAL_ACCEPT} if line_by_line else ())
    runner.shop.stock = dict(STOCK[stock])
    runner.marketplace.sell(of_two())

    done = runner.accept()

    assert runner.marketplace.decided == ([("MKP-1", sent)] if sent else [])
    assert done.said == {"MKP-1": said}


def test_an_order_accepted_in_part_is_partly_decided(runner: TaskRunner) -> None:
    runner.set(when_short="refuse_lines")
    runner.shop.stock["CAFETIERE"] = 0
    runner.marketplace.sell(of_two())

    runner.accept()

    assert entry(runner.store).decision == Decision.PARTLY


@pytest.mark.parametrize(
    ("oddity", "code"),
    [("unknown", "SKU_UNKNOWN"), ("ambiguous", "SKU_AMBIGUOUS"), ("inactive", "PRODUCT_INACTIVE")],
)
def test_a_product_the_shop_can_not_name_is_never_a_reason_to_refuse(
    runner: TaskRunner, oddity: str, code: str
) -> None:
    runner.set(when_short="refuse")
    runner.shop.stock["CAFETIERE"] = 0
    runner.shop.odd["LAMPE"] = oddity
    if oddity == "unknown":
        del runner.shop.stock["LAMPE"]
    runner.marketplace.sell(of_two())

    done = runner.accept()

    assert runner.marketplace.decided == []
    assert done.said == {"MKP-1": ("waiting", code)}
    assert (done.status, done.counts["needs_person"]) == ("partial", 1)


def test_a_line_without_sku_leaves_the_order_to_a_person(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting("MKP-1", a_line("", line_id="1")))

    assert runner.accept().said == {"MKP-1": ("waiting", "SKU_MISSING")}


def test_an_order_that_the_operator_ships_is_left_to_him(runner: TaskRunner) -> None:
    runner.set(accept_when="always")
    runner.marketplace.sell(waiting(fulfilment=Fulfilment.MARKETPLACE))

    done = runner.accept()

    assert runner.marketplace.decided == []
    assert (done.status, done.said) == ("done", {"MKP-1": ("waiting", "WAITING_ACCEPTANCE")})


def test_an_order_the_operator_turns_out_to_ship_is_left_to_him(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting())
    runner.marketplace.answers["MKP-1"] = refused("FULFILLED_BY_OPERATOR", shop=False)

    done = runner.accept()

    assert done.said == {"MKP-1": ("waiting", "WAITING_ACCEPTANCE")}
    assert entry(runner.store).decision == Decision.NONE


def test_two_orders_for_one_unit_do_not_refuse_each_other(runner: TaskRunner) -> None:
    runner.set(when_short="refuse")
    runner.shop.stock["LAMPE"] = 1
    runner.marketplace.sell(waiting("first"), waiting("second"))

    done = runner.accept()

    assert done.said == {"first": ("accepted", ""), "second": ("refused", "OUT_OF_STOCK")}


def test_units_of_a_refused_order_are_free_for_the_next(runner: TaskRunner) -> None:
    runner.set(when_short="refuse")
    runner.shop.stock["LAMPE"] = 2
    runner.marketplace.sell(waiting("greedy", a_line(quantity=3)), waiting("modest", a_line(quantity=2)))

    done = runner.accept()

    assert done.said == {"greedy": ("refused", "OUT_OF_STOCK"), "modest": ("accepted", "")}


def test_an_accepted_order_keeps_its_units_until_it_is_imported(runner: TaskRunner) -> None:
    runner.shop.stock["LAMPE"] = 1
    runner.marketplace.sell(waiting("first"))
    runner.accept()
    runner.marketplace.sell(waiting("second"))

    done = runner.accept()

    assert done.said["second"] == ("waiting", "OUT_OF_STOCK")
    assert done.counts["waiting"] == 1


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_a_decision_without_answer_is_looked_up_and_never_sent_again_before(store: Store, made: bool) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(waiting())
    runner.marketplace.answers["MKP-1"] = "lost" if made else "never"

    first = runner.accept()
    at_once = runner.accept()
    sent_before_the_wait = len(runner.marketplace.decided)
    runner.marketplace.answers.clear()
    runner.wait_out()
    later = runner.accept()

    assert first.said == {"MKP-1": ("waiting", "OUTCOME_UNKNOWN")}
    assert first.status == at_once.status == "done"
    assert sent_before_the_wait == 1
    assert len(runner.marketplace.decided) == (1 if made else 2)
    assert entry(store).decision == Decision.ACCEPTED
    assert later.said["MKP-1"] == (("already_accepted" if made else "accepted"), entry(store).code if made else "")


def test_unknown_outcomes_are_looked_up_together_and_not_before_their_time(runner: TaskRunner) -> None:
    orders = [f"MKP-{number}" for number in range(5)]
    runner.marketplace.sell(*(waiting(order_id) for order_id in orders))
    runner.marketplace.answers = dict.fromkeys(orders, "lost")
    runner.accept()

    runner.wait_out(WAIT_S / 2)
    runner.accept()
    early = list(runner.marketplace.looked_up)
    runner.wait_out()
    runner.accept()

    assert early == []
    assert [sorted(ids) for ids in runner.marketplace.looked_up] == [orders]
    assert {row.decision for row in entries(runner.store)} == {Decision.ACCEPTED}


def test_a_worker_killed_after_it_sent_leaves_a_decision_to_look_up(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting())
    runner.marketplace.answers["MKP-1"] = RuntimeError("killed")

    failed = runner.accept()
    runner.marketplace.answers.clear()
    runner.accept()
    before_the_wait = entry(runner.store).decision
    runner.wait_out()
    runner.accept()

    assert failed.status == "failed"
    assert before_the_wait == Decision.DECIDING
    assert len(runner.marketplace.decided) == 2


def test_an_order_somebody_decided_meanwhile_is_read_back(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting())
    runner.marketplace.answers["MKP-1"] = refused("NOT_DECIDABLE", shop=False)
    runner.accept()
    runner.marketplace.move("MKP-1", OrderState.TO_SHIP)

    # The list is a moment old: it still shows the order as waiting.
    done = runner.accept()

    assert runner.marketplace.looked_up == [("MKP-1",), ("MKP-1",)]
    assert done.said == {"MKP-1": ("already_accepted", "")}
    assert entry(runner.store).decision == Decision.BY_OTHER


def test_a_decision_the_marketplace_refuses_is_reported_and_may_be_made_again(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting("bad"), waiting("good"))
    runner.marketplace.answers["bad"] = refused("REQUEST_REFUSED", detail="no", shop=False)

    first = runner.accept()
    del runner.marketplace.answers["bad"]
    second = runner.accept()

    assert first.said == {"bad": ("waiting", "DECISION_REFUSED"), "good": ("accepted", "")}
    assert first.status == "partial"
    assert second.said["bad"] == ("accepted", "")


@pytest.mark.parametrize(
    ("hours", "code"),
    [(11.9, "OUT_OF_STOCK"), (12, "DEADLINE_NEAR"), (23.9, "DEADLINE_NEAR"), (24, "DEADLINE_PASSED")],
)
def test_an_undecided_order_gets_louder_as_its_deadline_comes(runner: TaskRunner, hours: float, code: str) -> None:
    runner.shop.stock["LAMPE"] = 0
    runner.marketplace.sell(waiting(accept_by=NOW + timedelta(hours=24)))
    runner.clock.advance(hours * 3600)

    done = runner.accept()

    assert done.said == {"MKP-1": ("waiting", code)}
    assert done.params["MKP-1"]["sku"] == "LAMPE"


def test_an_order_without_a_deadline_of_the_marketplace_has_the_merchant_s(runner: TaskRunner) -> None:
    runner.set(accept_when="never", acceptance_deadline_h=2)
    runner.marketplace.sell(waiting(placed_at=NOW - timedelta(hours=2)))

    assert runner.accept().said == {"MKP-1": ("waiting", "DEADLINE_PASSED")}


def test_only_the_orders_asked_for_are_decided(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting("A"), waiting("B"))

    done = runner.accept(order_ids=("B", "missing"))

    assert [order_id for order_id, _ in runner.marketplace.decided] == ["B"]
    assert done.said == {"B": ("accepted", ""), "missing": ("not_imported", "ORDER_MISSING")}


def test_every_page_is_in_the_ledger_before_the_first_decision(runner: TaskRunner) -> None:
    runner.marketplace.page_size = 2
    runner.marketplace.sell(*(waiting(f"MKP-{number}") for number in range(5)))

    done = runner.accept()

    # A list that loses an order with each decision would have hidden every second page.
    assert done.counts == {"seen": 5, "accepted": 5}
    assert len(runner.marketplace.queries) == 1


def test_orders_accepted_before_are_counted_as_such(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting())
    runner.accept()

    done = runner.accept(order_ids=("MKP-1",))

    assert done.counts == {"seen": 1, "already_accepted": 1}


@pytest.mark.parametrize("parameters", [{}, {"order_ids": ("A", "B", "gone", "unheard of")}], ids=["all", "by id"])
def test_a_dry_run_decides_nothing_and_leaves_no_trace(store: Store, parameters: dict[str, tuple[str, ...]]) -> None:
    runner = a_task_runner(store, when_short="refuse")
    runner.shop.stock["LAMPE"] = 1
    runner.marketplace.sell(waiting("gone"))
    runner.set(accept_when="never")
    runner.accept()
    runner.set(accept_when="in_stock")
    runner.marketplace.remote_orders.clear()
    runner.shop.stock["LAMPE"] = 2
    runner.marketplace.sell(waiting("A"), waiting("B", a_line(quantity=5)))
    before = runner.dump(without=TOUCHED_BY_DRY_RUNS)

    done = runner.accept(dry_run=True, **parameters)

    assert runner.dump(without=TOUCHED_BY_DRY_RUNS) == before
    assert runner.marketplace.decided == []
    assert done.said["A"] == ("accepted", "")
    assert done.said["B"] == ("refused", "OUT_OF_STOCK")


def test_a_dry_run_foresees_that_one_unit_is_sold_once(runner: TaskRunner) -> None:
    runner.set(when_short="refuse")
    runner.shop.stock["LAMPE"] = 1
    runner.marketplace.sell(waiting("first"), waiting("second"))

    dry_run = runner.accept(dry_run=True)
    done = runner.accept()

    assert dry_run.said == done.said


def test_a_marketplace_that_is_down_pauses_the_run_and_keeps_what_was_decided(runner: TaskRunner) -> None:
    runner.marketplace.sell(waiting("A"), waiting("B"))
    runner.marketplace.answers["B"] = Unavailable(service="mirakl", operation="OR21", status=503)

    done = runner.accept()

    assert (done.status, done.row.cause) == ("paused", "marketplace")
    assert done.said["A"] == ("accepted", "")
    assert done.said["#MARKETPLACE_DOWN"] == ("", "MARKETPLACE_DOWN")


def test_a_quota_used_up_pauses_the_run_until_it_is_back(runner: TaskRunner) -> None:
    back = NOW + timedelta(minutes=20)
    runner.marketplace.sell(waiting())
    runner.marketplace.answers["MKP-1"] = LimitReached(
        service="mirakl", operation="OR21", resume_at=back, code="QUOTA_USED_UP"
    )

    done = runner.accept()

    assert (done.status, done.row.resume_at) == ("paused", back)


def test_a_refused_order_that_comes_back_is_imported(runner: TaskRunner) -> None:
    runner.set(when_short="refuse")
    runner.shop.stock["LAMPE"] = 0
    runner.marketplace.sell(waiting())
    runner.accept()
    runner.shop.stock["LAMPE"] = 1
    runner.marketplace.move("MKP-1", OrderState.TO_SHIP, lines=a_sale().lines)

    runner.import_()

    assert runner.shop.holds() == {"MKP-1": "paid"}


def test_an_order_changed_since_it_was_read_is_decided_as_it_is_now(runner: TaskRunner) -> None:
    runner.set(accept_when="never")
    runner.marketplace.sell(waiting("MKP-1", a_line(quantity=1)))
    runner.accept()
    runner.set(accept_when="in_stock")
    runner.shop.stock["LAMPE"] = 2
    runner.marketplace.sell(replace(waiting("MKP-1", a_line(quantity=3)), updated_at=NOW))

    assert runner.accept().said == {"MKP-1": ("waiting", "OUT_OF_STOCK")}
