"""What an import and an acceptance write down before and after they act."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.intake import Decision, Intake
from app.domain.order import OrderState
from app.errors import LeaseLost
from app.store import creation, leases, ledger, passes, run_items, runs
from app.store.creation import Made
from app.store.engine import Store
from app.store.ledger import RunLedger
from app.store.orders import Scope
from app.store.passes import PassKey
from app.store.run_items import ItemNote
from app.store.runs import Claimed
from app.store.tables import OrderRow
from tests.runs.builders import OTHER, an_account, claimed, lose, queued, run_row
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entry, heard, past, put

MINUTE = timedelta(minutes=1)
CANCELLED = a_sale(state=OrderState.CANCELLED, minutes=5)


@pytest.fixture
def run_ledger(store: Store) -> RunLedger:
    """The book of a run, with one due order in the ledger."""
    account = an_account(store)
    run_ledger = a_run_ledger(account, run_id=queued(store, account).id)
    heard(store, run_ledger, a_sale())
    return run_ledger


def test_the_intent_is_committed_for_those_that_may_be_created(store: Store, run_ledger: RunLedger) -> None:
    for intake in Intake:
        heard(store, run_ledger, a_sale(intake.value))
        put(store, intake.value, intake)
    ids = [entry(store, intake.value).id for intake in Intake]

    begun = run(store.write(creation.begin_creations, run_ledger, ids, now=NOW))

    assert [row.order_id for row in begun] == ["due", "creating", "blocked"]
    assert {row.intake for row in begun} == {Intake.CREATING}
    assert entry(store, "cancelling").intake == Intake.CANCELLING


def test_what_was_made_and_what_is_being_sent_is_kept(store: Store, run_ledger: RunLedger) -> None:
    begin(store, run_ledger)
    before = run(store.read(leases.real_time))

    note(store, cart="12")
    run(store.write(creation.note_sending, ledger_id(store), "order"))

    row = entry(store)
    assert row.steps == {"cart": "12", "sending": "order"}
    assert row.sent_at is not None
    assert before <= row.sent_at <= run(store.read(leases.real_time))


def test_an_imported_order_forgets_its_buyer_and_its_open_write(store: Store, run_ledger: RunLedger) -> None:
    begin(store, run_ledger)
    run(store.write(creation.note_sending, ledger_id(store), "order"))

    run(store.write(creation.settle_imported, run_ledger, {ledger_id(store): Made(ref="7", at=NOW)}))

    row = entry(store)
    assert (row.intake, row.shop_ref, row.imported_at, row.imported_run) == (
        Intake.IMPORTED,
        "7",
        NOW,
        run_ledger.run_id,
    )
    assert (row.payload, row.sent_at) == (None, None)


def test_an_order_cancelled_while_it_was_created_keeps_its_shop_order_and_is_cancelled_next(
    store: Store, run_ledger: RunLedger
) -> None:
    begin(store, run_ledger)
    heard(store, run_ledger, CANCELLED)

    run(store.write(creation.settle_imported, run_ledger, {ledger_id(store): Made(ref="7", at=NOW)}))

    row = entry(store)
    assert (row.intake, row.shop_ref) == (Intake.CANCELLING, "7")


def test_a_half_order_cancelled_meanwhile_stays_to_be_cancelled(store: Store, run_ledger: RunLedger) -> None:
    begin(store, run_ledger)
    heard(store, run_ledger, CANCELLED)

    settle(store, run_ledger, creation.settle_needs_person, code="ORDER_HALF_MADE", params={"ref": "7"})

    assert entry(store).intake == Intake.CANCELLING


def test_a_refused_order_cancelled_meanwhile_stays_to_be_cancelled(store: Store, run_ledger: RunLedger) -> None:
    begin(store, run_ledger)
    heard(store, run_ledger, CANCELLED)

    settle(store, run_ledger, creation.settle_blocked, code="SHOP_REFUSED", params={})

    assert entry(store).intake == Intake.CANCELLING


def test_a_blocked_order_is_retried_after_a_quarter_of_an_hour_doubling_up_to_a_day(
    store: Store, run_ledger: RunLedger
) -> None:
    waits = []
    for _ in range(9):
        begin(store, run_ledger)
        row = settle(store, run_ledger, creation.settle_blocked, code="SKU_UNKNOWN", params={"sku": "X"})
        assert row.next_try_at is not None
        waits.append((row.next_try_at - NOW) / MINUTE)

    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_a_blocked_order_has_nothing_open_at_the_shop(store: Store, run_ledger: RunLedger) -> None:
    begin(store, run_ledger)
    run(store.write(creation.note_sending, ledger_id(store), "order"))

    row = settle(store, run_ledger, creation.settle_blocked, code="SHOP_REFUSED", params={"detail": "no"})

    assert (row.intake, row.code, row.params, row.sent_at) == (Intake.BLOCKED, "SHOP_REFUSED", {"detail": "no"}, None)


def test_an_order_stands_blocked_since_the_first_time(store: Store, run_ledger: RunLedger) -> None:
    for minutes in (0, 15, 45):
        run(
            store.write(
                creation.settle_blocked,
                run_ledger,
                ledger_id(store),
                code="SKU_UNKNOWN",
                params={"sku": "X"},
                now=NOW + minutes * MINUTE,
            )
        )

    assert entry(store).intake_since == NOW


def test_an_order_imported_after_many_tries_begins_its_tries_anew(store: Store, run_ledger: RunLedger) -> None:
    settle(store, run_ledger, creation.settle_blocked, code="SKU_UNKNOWN", params={})
    begin(store, run_ledger)
    run(store.write(creation.settle_imported, run_ledger, {ledger_id(store): Made(ref="7", at=NOW)}))

    assert entry(store).tries == 0


def test_an_unknown_outcome_keeps_the_order_where_it_is_and_remembers_when_it_was_sent(
    store: Store, run_ledger: RunLedger
) -> None:
    begin(store, run_ledger)
    run(store.write(creation.note_sending, ledger_id(store), "order"))
    sent_at = entry(store).sent_at

    row = settle(store, run_ledger, creation.settle_unknown, params={"service": "shop"})

    assert (row.intake, row.code, row.sent_at) == (Intake.CREATING, "OUTCOME_UNKNOWN", sent_at)
    assert past(store) == [Intake.DUE, Intake.CREATING, Intake.CREATING]


def test_an_unknown_outcome_of_a_shop_that_announced_nothing_waits_from_now(
    store: Store, run_ledger: RunLedger
) -> None:
    begin(store, run_ledger)

    row = settle(store, run_ledger, creation.settle_unknown, params={"service": "shop"})

    assert row.sent_at is not None


@pytest.mark.parametrize(
    ("conflict", "intake", "code"),
    [
        (False, Intake.CANCELLED, "CANCELLED_ON_MARKETPLACE"),
        (True, Intake.CONFLICT, "SHIPPED_BUT_CANCELLED"),
    ],
)
def test_a_cancellation_ends_cancelled_or_in_conflict(
    store: Store, run_ledger: RunLedger, conflict: bool, intake: Intake, code: str
) -> None:
    put(store, "MKP-1", Intake.CANCELLING)

    row = settle(store, run_ledger, creation.settle_cancelled, conflict=conflict)

    assert (row.intake, row.code) == (intake, code)


def test_a_decision_is_written_down_with_its_time_before_it_is_sent(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.TO_ACCEPT, minutes=5))

    run(store.write(creation.begin_decision, run_ledger, ledger_id(store), now=NOW))

    row = entry(store)
    assert row.decision == Decision.DECIDING
    assert row.decision_sent_at is not None


@pytest.mark.parametrize(
    ("decision", "intake", "code", "remote"),
    [
        (Decision.ACCEPTED, Intake.HELD, "WAITING_PAYMENT", OrderState.ACCEPTED),
        (Decision.PARTLY, Intake.HELD, "WAITING_PAYMENT", OrderState.ACCEPTED),
        (Decision.REFUSED, Intake.REFUSED, "", OrderState.REFUSED),
        (Decision.NONE, Intake.HELD, "WAITING_ACCEPTANCE", OrderState.TO_ACCEPT),
    ],
)
def test_a_settled_decision_moves_the_order_on(
    store: Store, run_ledger: RunLedger, decision: Decision, intake: Intake, code: str, remote: OrderState
) -> None:
    heard(store, run_ledger, a_sale("A", state=OrderState.TO_ACCEPT))
    number = ledger_id(store, "A")
    run(store.write(creation.begin_decision, run_ledger, number, now=NOW))

    run(store.write(creation.settle_decision, run_ledger, number, decision=decision, outcome="", now=NOW))

    row = entry(store, "A")
    assert (row.decision, row.intake, row.code, row.remote_state) == (decision, intake, code, remote)


def test_a_decision_settled_after_the_order_moved_on_does_not_pull_it_back(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("A", state=OrderState.TO_ACCEPT))
    run(store.write(creation.begin_decision, run_ledger, ledger_id(store, "A"), now=NOW))
    heard(store, run_ledger, a_sale("A", minutes=5))

    run(
        store.write(
            creation.settle_decision, run_ledger, ledger_id(store, "A"), decision=Decision.ACCEPTED, outcome="", now=NOW
        )
    )

    row = entry(store, "A")
    assert (row.intake, row.remote_state, row.decision) == (Intake.DUE, OrderState.TO_SHIP, Decision.ACCEPTED)


def test_each_end_is_reported_in_the_report(store: Store, run_ledger: RunLedger) -> None:
    settle(store, run_ledger, creation.settle_blocked, code="SKU_UNKNOWN", params={"sku": "X"})

    [item] = items(store, run_ledger)
    assert (item.subject, item.outcome, item.code, item.sku) == ("MKP-1", "not_imported", "SKU_UNKNOWN", "X")
    assert item.since == NOW


def test_open_orders_are_added_to_a_report_in_portions(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, *(a_sale(order_id, state=OrderState.PENDING) for order_id in ("A", "B")))
    scope, held = Scope(account_id=run_ledger.seller.account_id), [Intake.HELD, Intake.DUE]

    first = run(store.write(creation.include_open, run_ledger, scope, held, after_id=0, limit=2))
    second = run(store.write(creation.include_open, run_ledger, scope, held, after_id=first or 0, limit=2))

    assert (first, second) == (ledger_id(store, "A"), None)
    assert [(item.subject, item.outcome, item.seen) for item in items(store, run_ledger)] == [
        ("A", "waiting", False),
        ("B", "waiting", False),
        ("MKP-1", "waiting", False),
    ]


def test_a_holder_that_was_followed_writes_no_order_cursor_report_or_intent(store: Store) -> None:
    account = an_account(store)
    present = claimed(store, queued(store, account), lease_s=-1)
    present = claimed(store, present.run, owner=OTHER)
    zombie = Claimed(present.run, lose(present.lease))
    run_ledger = a_run_ledger(account, run_id=present.run.id)
    heard(store, run_ledger, a_sale(), a_sale("B", state=OrderState.TO_ACCEPT))
    number, other = ledger_id(store), ledger_id(store, "B")
    key = PassKey(account.id, "orders-import", "live")
    page: dict[str, Any] = {"key": key, "resume": None, "remote_now": NOW, "found_by": "live", "now": NOW}
    note: dict[str, Any] = {
        "status": "done",
        "now": NOW,
        "cause": None,
        "resume_at": None,
        "window": None,
        "quota": {},
        "tally": {},
    }

    begin_pass(store, key)
    before = run_row(store, present.run.id), entry(store), entry(store, "B")

    writes: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (creation.begin_creations, (run_ledger, [number]), {"now": NOW}),
        (creation.note_steps, (number, {"cart": "1"}), {}),
        (creation.note_sending, (number, "order"), {}),
        (creation.settle_imported, (run_ledger, {number: Made(ref="7", at=NOW)}), {}),
        (creation.begin_decision, (run_ledger, other), {"now": NOW}),
        (passes.end_pass, (key,), {"moves_cursor": True}),
        (run_items.note_items, (present.run.id, [ItemNote(subject="A", outcome="imported")]), {}),
        (absorbing(run_ledger), (), page),
    ]
    for question, args, kwargs in writes:
        with pytest.raises(LeaseLost):
            run(store.write(leases.fenced, zombie.lease, question, *args, **kwargs))
    with pytest.raises(LeaseLost):
        run(store.write(runs.finish, zombie.lease, present.run.id, **note))

    assert (run_row(store, present.run.id), entry(store), entry(store, "B")) == before
    assert run(store.read(passes.cursor, account.id, "orders-import")) is None
    assert items(store, run_ledger) == []


def absorbing(run_ledger: RunLedger) -> Any:
    return lambda session, **page: ledger.absorb_page(session, run_ledger, [a_sale("NEW")], **page)


def begin_pass(store: Store, key: PassKey) -> None:
    run(
        store.write(
            passes.begin_pass,
            key,
            combination="live",
            window_from=NOW,
            now=NOW,
            oldest_birth=NOW - timedelta(hours=12),
            reread=True,
        )
    )


def ledger_id(store: Store, order_id: str = "MKP-1") -> int:
    return entry(store, order_id).id


def begin(store: Store, run_ledger: RunLedger) -> None:
    run(store.write(creation.begin_creations, run_ledger, [ledger_id(store)], now=NOW))


def note(store: Store, **steps: str) -> None:
    run(store.write(creation.note_steps, ledger_id(store), steps))


def settle(store: Store, run_ledger: RunLedger, question: Any, **details: Any) -> OrderRow:
    run(store.write(question, run_ledger, ledger_id(store), now=NOW, **details))
    return entry(store)


def items(store: Store, run_ledger: RunLedger) -> list[ItemNote]:
    return run(store.read(run_items.items, run_ledger.run_id, after="", limit=100))
