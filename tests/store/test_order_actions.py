"""A person's word about orders, and what it can't change."""

from datetime import timedelta

import pytest

from app.domain.intake import Intake
from app.domain.order import OrderState
from app.store import creation, order_actions
from app.store.engine import Store
from app.store.ledger import RunLedger
from app.store.order_actions import Moved
from tests.runs.builders import an_account, queued
from tests.runs.races import meeting
from tests.shops.builders import NOW, a_line
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entries, entry, heard, past, put


@pytest.fixture
def run_ledger(store: Store) -> RunLedger:
    account = an_account(store)
    return a_run_ledger(account, run_id=queued(store, account).id)


IGNORABLE = {"held", "due", "needs_person", "blocked", "listed_only", "before_start"}
HANDLEABLE = IGNORABLE | {"conflict", "cancelling"}
RETRYABLE = {"blocked", "before_start", "listed_only", "ignored", "needs_person"}


def test_each_word_moves_exactly_the_states_of_the_table(store: Store, run_ledger: RunLedger) -> None:
    everywhere(store, run_ledger)
    ignored = said(store, run_ledger, "ignore")
    everywhere(store, run_ledger)
    handled = said(store, run_ledger, "handle")
    everywhere(store, run_ledger)
    retried = said(store, run_ledger, "retry")

    assert set(ignored.order_ids) == IGNORABLE | {"ignored"}
    assert set(handled.order_ids) == HANDLEABLE | {"handled"}
    assert set(retried.order_ids) == RETRYABLE | {"due"}
    assert ignored.refused == {state.value: state.value for state in Intake if state not in IGNORABLE | {"ignored"}}


def test_every_state_that_is_not_final_is_moved_by_a_person_or_by_the_next_run() -> None:
    final = {"imported", "cancelled", "refused", "not_ours", "closed", "handled", "ignored"}
    moved_by_runs = {"due", "creating", "cancelling", "blocked", "held"}

    assert {state.value for state in Intake} - final - moved_by_runs <= HANDLEABLE | RETRYABLE


@pytest.mark.parametrize("code", ["SKU_UNKNOWN", "SKU_AMBIGUOUS", "PRODUCT_INACTIVE"])
def test_an_order_that_a_sku_keeps_out_is_due_at_once_when_that_is_settled(
    store: Store, run_ledger: RunLedger, code: str
) -> None:
    heard(store, run_ledger, a_sale("A", a_line("LAMP/9")), a_sale("B", a_line("LAMP/9"), a_line("LAMPE")))
    for order_id in ("A", "B"):
        put(store, order_id, Intake.BLOCKED, code=code, next_try_at=NOW + timedelta(days=1))

    retried = run(store.write(order_actions.retry_sku, run_ledger.seller.account_id, "LAMP/9", now=NOW))

    assert retried == ["A", "B"]
    assert [(row.intake, row.code, row.next_try_at) for row in entries(store)] == [(Intake.DUE, "", None)] * 2
    assert past(store, "A")[-1] == Intake.DUE


def test_a_settled_sku_leaves_all_other_orders_where_they_are(store: Store, run_ledger: RunLedger) -> None:
    other = a_run_ledger(an_account(store, "other", seller_key="other"))
    heard(store, run_ledger, *(a_sale(order_id, a_line("LAMP/9")) for order_id in ("A", "B", "C")), a_sale("D"))
    heard(store, other, a_sale("E", a_line("LAMP/9")))
    put(store, "A", Intake.BLOCKED, code="ADDRESS_MISSING")
    put(store, "B", Intake.IGNORED, code="SKU_UNKNOWN")
    put(store, "C", Intake.NEEDS_PERSON, code="SKU_UNKNOWN")
    put(store, "D", Intake.BLOCKED, code="SKU_UNKNOWN")
    put(store, "E", Intake.BLOCKED, code="SKU_UNKNOWN")

    assert run(store.write(order_actions.retry_sku, run_ledger.seller.account_id, "LAMP/9", now=NOW)) == []


def test_however_many_orders_a_sku_keeps_out_they_are_due(
    store: Store, run_ledger: RunLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_actions, "MOVED_AT_ONCE", 2)
    heard(store, run_ledger, *(a_sale(order_id, a_line("LAMP/9")) for order_id in "ABCDE"))
    for order_id in "ABCDE":
        put(store, order_id, Intake.BLOCKED, code="SKU_UNKNOWN")

    assert run(store.write(order_actions.retry_sku, run_ledger.seller.account_id, "LAMP/9", now=NOW)) == list("ABCDE")


def test_a_retried_order_is_due_at_once(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", Intake.BLOCKED, code="SKU_UNKNOWN", next_try_at=NOW + timedelta(days=1))

    said(store, run_ledger, "retry")

    row = entry(store)
    assert (row.intake, row.code, row.next_try_at) == (Intake.DUE, "", None)


def test_a_retried_order_that_may_be_in_the_shop_is_looked_for_first(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", Intake.NEEDS_PERSON, code="ORDER_HALF_MADE")

    said(store, run_ledger, "retry")

    assert entry(store).intake == Intake.CREATING


def test_an_order_nobody_knows_is_reported(store: Store, run_ledger: RunLedger) -> None:
    for word in ("ignore", "handle", "retry"):
        assert said(store, run_ledger, word, "X").refused == {"X": "unknown"}


def test_another_account_s_orders_are_out_of_reach(store: Store, run_ledger: RunLedger) -> None:
    heard(store, a_run_ledger(an_account(store, "other", seller_key="other")), a_sale("A"))

    assert said(store, run_ledger, "ignore", "A").refused == {"A": "unknown"}


def test_an_order_named_twice_is_moved_once(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale())

    moved = said(store, run_ledger, "ignore", "MKP-1", "MKP-1")

    assert moved == Moved(["MKP-1"], {})
    assert past(store) == [Intake.DUE, Intake.IGNORED]


def test_a_word_that_meets_the_creation_of_an_order_comes_too_late(postgres_store: Store) -> None:
    account = an_account(postgres_store)
    run_ledger = a_run_ledger(account)
    heard(postgres_store, run_ledger, a_sale())
    ledger_id = entry(postgres_store).id

    _, moved = meeting(
        postgres_store,
        lambda session: [creation.begin_creations(session, run_ledger, [ledger_id], now=NOW), None][1],
        lambda session: order_actions.ignore(session, account.id, ["MKP-1"], now=NOW),
    )

    assert moved.refused == {"MKP-1": "creating"}
    assert entry(postgres_store).intake == Intake.CREATING


def test_adopted_orders_are_handled_when_they_are_seen_later(store: Store, run_ledger: RunLedger) -> None:
    adopted = run(store.write(order_actions.adopt, run_ledger.seller, {"A": "4711", "B": None}, now=NOW))
    heard(store, run_ledger, a_sale("A"), a_sale("B"))

    assert (adopted.adopted, adopted.already_ours) == (2, [])
    assert [(row.order_id, row.intake, row.shop_ref, row.payload) for row in entries(store)] == [
        ("A", Intake.HANDLED, "4711", None),
        ("B", Intake.HANDLED, None, None),
    ]


def test_adopting_takes_waiting_orders_over_and_leaves_imported_ones_alone(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("due"), a_sale("imported"), a_sale("creating"))
    put(store, "imported", Intake.IMPORTED, shop_ref="7")
    put(store, "creating", Intake.CREATING)

    adopted = run(
        store.write(order_actions.adopt, run_ledger.seller, {"due": "1", "imported": "2", "creating": "3"}, now=NOW)
    )

    assert (adopted.adopted, adopted.already_ours) == (1, ["imported", "creating"])
    assert [(row.intake, row.shop_ref) for row in entries(store)] == [
        (Intake.HANDLED, "1"),
        (Intake.IMPORTED, "7"),
        (Intake.CREATING, None),
    ]


def test_adopting_twice_changes_nothing_but_a_reference_that_was_missing(store: Store, run_ledger: RunLedger) -> None:
    for ref in (None, "4711", None):
        run(store.write(order_actions.adopt, run_ledger.seller, {"A": ref}, now=NOW))

    assert entry(store, "A").shop_ref == "4711"
    assert past(store, "A") == [Intake.HANDLED]


def test_an_adopted_order_with_a_reference_is_cancelled_in_the_shop_when_the_marketplace_says_so(
    store: Store, run_ledger: RunLedger
) -> None:
    run(store.write(order_actions.adopt, run_ledger.seller, {"A": "4711", "B": None}, now=NOW))

    heard(store, run_ledger, *(a_sale(order_id, state=OrderState.CANCELLED) for order_id in ("A", "B")))

    assert [row.intake for row in entries(store)] == [Intake.CANCELLING, Intake.HANDLED]


def everywhere(store: Store, run_ledger: RunLedger) -> None:
    """Put one order into each state, named after it."""
    for intake in Intake:
        heard(store, run_ledger, a_sale(intake.value))
        put(store, intake.value, intake)


def said(store: Store, run_ledger: RunLedger, word: str, *order_ids: str) -> Moved:
    question = {"ignore": order_actions.ignore, "handle": order_actions.handle, "retry": order_actions.retry}[word]
    named = order_ids or [row.order_id for row in entries(store)]
    return run(store.write(question, run_ledger.seller.account_id, named, now=NOW))
