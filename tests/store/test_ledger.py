"""The ledger: every row of the intake table, what is kept, and what is forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.intake import Decision, Intake
from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.store import creation, ledger, orders
from app.store.creation import Made
from app.store.engine import Store
from app.store.ledger import RunLedger
from app.store.orders import Scope
from app.store.tables import metadata
from tests.runs.builders import CIPHER, an_account, queued
from tests.runs.races import meeting
from tests.shops.builders import ADDRESS, BUYER, NOW, PLACED, a_line
from tests.support.aio import run
from tests.support.databases import connected
from tests.tasks.builders import UPDATED, a_run_ledger, a_sale, entries, entry, heard, history, lines_of, past, put

AFN = Fulfilment.MARKETPLACE
PRIVATE = [BUYER.last_name, BUYER.email, ADDRESS.street_1, ADDRESS.phone, ADDRESS.city]
CANCELLED = a_sale(state=OrderState.CANCELLED, minutes=5)


@pytest.fixture
def run_ledger(store: Store) -> RunLedger:
    account = an_account(store)
    return a_run_ledger(account, run_id=queued(store, account).id)


@pytest.mark.parametrize(
    ("sale", "intake", "code"),
    [
        (a_sale(), Intake.DUE, ""),
        (a_sale(state=OrderState.PENDING), Intake.HELD, "WAITING_PAYMENT"),
        (a_sale(state=OrderState.ACCEPTED), Intake.HELD, "WAITING_PAYMENT"),
        (a_sale(state=OrderState.TO_ACCEPT), Intake.HELD, "WAITING_ACCEPTANCE"),
        (a_sale(state=OrderState.UNKNOWN), Intake.HELD, "STATE_UNKNOWN"),
        (a_sale(cancel_requested=True), Intake.HELD, "BUYER_ASKS_CANCEL"),
        (a_sale(state=OrderState.CANCELLED), Intake.CANCELLED, "CANCELLED_ON_MARKETPLACE"),
        (a_sale(state=OrderState.REFUSED), Intake.REFUSED, ""),
        (a_sale(fulfilment=AFN), Intake.HELD, "WAITING_FULFILMENT"),
        (a_sale(fulfilment=AFN, state=OrderState.SHIPPED), Intake.DUE, ""),
    ],
)
def test_an_order_enters_where_the_marketplace_puts_it(
    store: Store, run_ledger: RunLedger, sale: Order, intake: Intake, code: str
) -> None:
    heard(store, run_ledger, sale)

    row = entry(store)
    assert (row.intake, row.code) == (intake, code)
    assert past(store) == [intake]


def test_an_order_placed_before_the_start_is_known_and_left_alone(store: Store, run_ledger: RunLedger) -> None:
    run_ledger = a_run_ledger(an_account(store, "late", seller_key="late"), start_from=PLACED + timedelta(seconds=1))
    heard(store, run_ledger, a_sale("before"), a_sale("on the dot", placed_at=PLACED + timedelta(seconds=1)))

    heard(store, run_ledger, a_sale("before", minutes=5))

    assert [(row.order_id, row.intake) for row in entries(store)] == [
        ("before", Intake.BEFORE_START),
        ("on the dot", Intake.DUE),
    ]


def test_an_order_the_marketplace_ships_is_only_listed_where_the_merchant_says_so(store: Store) -> None:
    run_ledger = a_run_ledger(an_account(store), fulfilled_import="list_only")

    heard(store, run_ledger, a_sale("A", fulfilment=AFN, state=OrderState.SHIPPED), a_sale("B"))

    assert [row.intake for row in entries(store)] == [Intake.LISTED_ONLY, Intake.DUE]


def test_an_order_of_no_wanted_fulfilment_is_not_ours(store: Store) -> None:
    run_ledger = a_run_ledger(an_account(store), fulfilments=frozenset({Fulfilment.MERCHANT}))

    heard(store, run_ledger, a_sale(fulfilment=AFN, state=OrderState.SHIPPED))

    assert entry(store).intake == Intake.NOT_OURS


@pytest.mark.parametrize(
    ("before", "state", "after"),
    [
        (Intake.BEFORE_START, OrderState.TO_SHIP, Intake.BEFORE_START),
        (Intake.BEFORE_START, OrderState.CANCELLED, Intake.CANCELLED),
        (Intake.LISTED_ONLY, OrderState.SHIPPED, Intake.LISTED_ONLY),
        (Intake.LISTED_ONLY, OrderState.CANCELLED, Intake.CANCELLED),
        (Intake.HELD, OrderState.TO_SHIP, Intake.DUE),
        (Intake.HELD, OrderState.CANCELLED, Intake.CANCELLED),
        (Intake.HELD, OrderState.REFUSED, Intake.REFUSED),
        (Intake.DUE, OrderState.PENDING, Intake.HELD),
        (Intake.DUE, OrderState.CANCELLED, Intake.CANCELLED),
        (Intake.CREATING, OrderState.TO_SHIP, Intake.CREATING),
        (Intake.CREATING, OrderState.PENDING, Intake.CREATING),
        (Intake.CREATING, OrderState.CANCELLED, Intake.CANCELLING),
        (Intake.NEEDS_PERSON, OrderState.TO_SHIP, Intake.NEEDS_PERSON),
        (Intake.NEEDS_PERSON, OrderState.CANCELLED, Intake.CANCELLING),
        (Intake.BLOCKED, OrderState.TO_SHIP, Intake.BLOCKED),
        (Intake.BLOCKED, OrderState.PENDING, Intake.HELD),
        (Intake.BLOCKED, OrderState.CANCELLED, Intake.CANCELLED),
        (Intake.IMPORTED, OrderState.SHIPPED, Intake.IMPORTED),
        (Intake.IMPORTED, OrderState.CANCELLED, Intake.CANCELLING),
        (Intake.CANCELLING, OrderState.CANCELLED, Intake.CANCELLING),
        (Intake.CANCELLING, OrderState.TO_SHIP, Intake.CANCELLING),
        (Intake.CANCELLED, OrderState.TO_SHIP, Intake.DUE),
        (Intake.CANCELLED, OrderState.PENDING, Intake.CANCELLED),
        (Intake.REFUSED, OrderState.TO_SHIP, Intake.DUE),
        (Intake.CLOSED, OrderState.CLOSED, Intake.CLOSED),
        (Intake.CLOSED, OrderState.TO_SHIP, Intake.DUE),
        (Intake.IGNORED, OrderState.TO_SHIP, Intake.IGNORED),
        (Intake.IGNORED, OrderState.CANCELLED, Intake.IGNORED),
        (Intake.HANDLED, OrderState.TO_SHIP, Intake.HANDLED),
        (Intake.HANDLED, OrderState.CANCELLED, Intake.HANDLED),
        (Intake.CONFLICT, OrderState.CANCELLED, Intake.CONFLICT),
    ],
)
def test_each_state_follows_the_marketplace_as_the_table_says(
    sqlite_store: Store, before: Intake, state: OrderState, after: Intake
) -> None:
    run_ledger = a_run_ledger(an_account(sqlite_store))
    heard(sqlite_store, run_ledger, a_sale())
    put(sqlite_store, "MKP-1", before)

    heard(sqlite_store, run_ledger, a_sale(state=state, minutes=5))

    assert entry(sqlite_store).intake == after


def test_an_order_handled_under_a_known_reference_is_cancelled_in_the_shop_too(
    store: Store, run_ledger: RunLedger
) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", Intake.HANDLED, shop_ref="4711")

    heard(store, run_ledger, CANCELLED)

    assert entry(store).intake == Intake.CANCELLING


def test_an_order_that_somebody_handled_after_its_cancellation_stays_handled(
    store: Store, run_ledger: RunLedger
) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", Intake.IMPORTED, shop_ref="4711")
    heard(store, run_ledger, CANCELLED)
    put(store, "MKP-1", Intake.HANDLED)

    heard(store, run_ledger, CANCELLED)

    assert entry(store).intake == Intake.HANDLED


def test_an_order_cancelled_and_shippable_again_is_due_with_its_data(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.CANCELLED))

    heard(store, run_ledger, a_sale(minutes=5))

    row = entry(store)
    assert (row.intake, row.code) == (Intake.DUE, "")
    assert ledger.order_of(row.payload, CIPHER) == a_sale(minutes=5)


def test_an_answer_older_than_what_is_known_changes_nothing(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.CANCELLED, minutes=5))

    heard(store, run_ledger, a_sale(a_line("OTHER").sku, minutes=0), a_sale(minutes=4))

    row = entry(store)
    assert (row.intake, row.platform_status) == (Intake.CANCELLED, "CANCELED")
    assert row.updated_at == UPDATED + timedelta(minutes=5)
    assert past(store) == [Intake.CANCELLED]


def test_an_answer_without_a_date_counts_as_new(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, replace(a_sale(state=OrderState.PENDING), updated_at=None))

    heard(store, run_ledger, replace(a_sale(), updated_at=None))

    assert entry(store).intake == Intake.DUE


def test_hearing_the_same_again_leaves_no_trace_in_the_history(store: Store, run_ledger: RunLedger) -> None:
    for _ in range(3):
        heard(store, run_ledger, a_sale())

    assert past(store) == [Intake.DUE]
    assert len(entries(store)) == 1


def test_a_changed_order_is_kept_as_it_is_now(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("MKP-1", a_line(quantity=3), a_line("OTHER")))
    changed = a_sale("MKP-1", a_line(quantity=3, cancelled=1), minutes=5)

    heard(store, run_ledger, changed)

    row = entry(store)
    assert lines_of(store) == {"LAMPE": 2}
    assert row.total == str(changed.total.amount)
    assert ledger.order_of(row.payload, CIPHER) == changed


def test_the_history_says_every_change_with_its_reason_and_who_made_it(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.TO_ACCEPT))
    heard(store, run_ledger, a_sale(minutes=5), now=NOW + timedelta(hours=1))
    ledger_id = entry(store).id
    run(store.write(creation.begin_creations, run_ledger, [ledger_id], now=NOW + timedelta(hours=2)))
    run(store.write(creation.settle_imported, run_ledger, {ledger_id: Made(ref="7", at=NOW + timedelta(hours=2))}))

    changes = history(store)

    intake = [(c.before, c.after, c.code, c.at) for c in changes if c.machine == "intake"]
    assert intake == [
        ("", "held", "WAITING_ACCEPTANCE", NOW),
        ("held", "due", "", NOW + timedelta(hours=1)),
        ("due", "creating", "", NOW + timedelta(hours=2)),
        ("creating", "imported", "", NOW + timedelta(hours=2)),
    ]
    assert [(c.before, c.after) for c in changes if c.machine == "decision"] == [("none", "by_other")]
    assert {c.by for c in changes} == {run_ledger.run_id}


def test_every_change_raises_the_version(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.PENDING))
    before = entry(store).version

    heard(store, run_ledger, a_sale(minutes=5))

    assert entry(store).version > before


def test_who_first_made_an_order_due_is_kept(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("A", state=OrderState.PENDING), found_by="live")
    heard(store, run_ledger, a_sale("A", minutes=5), a_sale("B"), found_by="doublecheck")
    heard(store, run_ledger, a_sale("A", minutes=6), a_sale("B", minutes=6), found_by="live")

    assert {row.order_id: row.found_by for row in entries(store)} == {"A": "doublecheck", "B": "doublecheck"}


def test_an_unreadable_order_is_blocked_with_its_reason_and_tried_again(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, Unreadable("MKP-1", "order_lines.0.price"), a_sale("MKP-2"))

    row = entry(store)
    assert (row.intake, row.code, row.params) == (Intake.BLOCKED, "UNREADABLE", {"detail": "order_lines.0.price"})
    assert row.next_try_at == NOW + timedelta(hours=24)
    assert entry(store, "MKP-2").intake == Intake.DUE


def test_an_order_readable_again_is_due(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, Unreadable("MKP-1", "price"))

    heard(store, run_ledger, a_sale())

    row = entry(store)
    assert (row.intake, row.code, row.params, row.next_try_at) == (Intake.DUE, "", {}, None)


def test_an_order_of_before_the_start_stays_out_even_if_it_could_not_be_read_at_first(store: Store) -> None:
    run_ledger = a_run_ledger(an_account(store), start_from=PLACED + timedelta(hours=1))
    heard(store, run_ledger, Unreadable("MKP-1", "price"))

    heard(store, run_ledger, a_sale())

    assert entry(store).intake == Intake.BEFORE_START


def test_an_order_that_became_unreadable_is_not_imported_as_it_was(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale())

    heard(store, run_ledger, Unreadable("MKP-1", "price"))

    row = entry(store)
    assert (row.intake, row.code, row.payload) == (Intake.BLOCKED, "UNREADABLE", None)


@pytest.mark.parametrize("intake", [Intake.IMPORTED, Intake.CREATING, Intake.NEEDS_PERSON, Intake.IGNORED])
def test_what_is_settled_or_under_way_stays_so_when_it_becomes_unreadable(
    store: Store, run_ledger: RunLedger, intake: Intake
) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", intake)

    heard(store, run_ledger, Unreadable("MKP-1", "price"))

    assert entry(store).intake == intake


def test_a_missing_order_that_nobody_knows_leaves_no_row(store: Store, run_ledger: RunLedger) -> None:
    assert heard(store, run_ledger, Missing("MKP-1")) == []
    assert entries(store) == []


def test_a_missing_order_of_the_ledger_stays_as_it_is(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale())

    [row] = heard(store, run_ledger, Missing("MKP-1"), now=NOW + timedelta(hours=2))

    assert (row.intake, row.read_at) == (Intake.DUE, NOW)


def test_one_order_twice_on_a_page_is_one_row(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("A"), a_sale("B"), a_sale("A", minutes=1))

    assert [row.order_id for row in entries(store)] == ["A", "B"]


def test_two_tasks_that_meet_on_a_new_order_write_it_once(postgres_store: Store) -> None:
    account = an_account(postgres_store)
    one, two = a_run_ledger(account), a_run_ledger(account)

    def read_by(run_ledger: RunLedger) -> Any:
        items = [a_sale("A"), a_sale("B", state=OrderState.TO_ACCEPT)]
        return lambda session: [
            row.order_id for row in ledger.absorb(session, run_ledger, items, found_by="live", now=NOW)
        ]

    first, second = meeting(postgres_store, read_by(one), read_by(two))

    assert first == second == ["A", "B"]
    assert [row.order_id for row in entries(postgres_store)] == ["A", "B"]


def test_a_change_of_two_tasks_at_once_is_made_after_one_another(postgres_store: Store) -> None:
    account = an_account(postgres_store)
    run_ledger = a_run_ledger(account)
    heard(postgres_store, run_ledger, a_sale())
    ledger_id = entry(postgres_store).id

    meeting(
        postgres_store,
        lambda session: [creation.begin_creations(session, run_ledger, [ledger_id], now=NOW), None][1],
        lambda session: [ledger.absorb(session, run_ledger, [CANCELLED], found_by="live", now=NOW), None][1],
    )

    assert past(postgres_store) == [Intake.DUE, Intake.CREATING, Intake.CANCELLING]


def test_the_buyer_s_data_lies_encrypted_in_the_ledger(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale())

    row = entry(store)
    assert ledger.order_of(row.payload, CIPHER) == a_sale()
    assert leaks(store) == []


@pytest.mark.parametrize(
    "intake",
    [
        Intake.IMPORTED,
        Intake.HANDLED,
        Intake.CANCELLED,
        Intake.CANCELLING,
        Intake.REFUSED,
        Intake.IGNORED,
        Intake.CONFLICT,
        Intake.CLOSED,
    ],
)
def test_the_buyer_s_data_goes_when_the_shop_needs_it_no_more(sqlite_store: Store, intake: Intake) -> None:
    heard(sqlite_store, a_run_ledger(an_account(sqlite_store)), a_sale("MKP-1", a_line(quantity=2)))

    put(sqlite_store, "MKP-1", intake)

    row = entry(sqlite_store)
    assert row.payload is None
    # What the parcel is later told with stays.
    assert (row.postcode, lines_of(sqlite_store)) == ("59000", {"LAMPE": 2})


def test_hearing_of_an_imported_order_again_keeps_no_buyer(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", Intake.IMPORTED)

    heard(store, run_ledger, a_sale(minutes=5, state=OrderState.SHIPPED))

    assert entry(store).payload is None


@pytest.mark.parametrize("intake", [Intake.BEFORE_START, Intake.LISTED_ONLY])
def test_orders_that_are_not_imported_keep_no_buyer(store: Store, intake: Intake) -> None:
    start = NOW if intake is Intake.BEFORE_START else PLACED
    run_ledger = a_run_ledger(an_account(store), start_from=start, fulfilled_import="list_only")

    heard(store, run_ledger, a_sale(fulfilment=AFN, state=OrderState.SHIPPED))

    row = entry(store)
    assert (row.intake, row.payload) == (intake, None)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (Intake.HELD, Intake.BLOCKED, "DATA_EXPIRED"),
        (Intake.DUE, Intake.BLOCKED, "DATA_EXPIRED"),
        (Intake.BLOCKED, Intake.BLOCKED, "DATA_EXPIRED"),
        (Intake.CREATING, Intake.NEEDS_PERSON, "DATA_EXPIRED"),
        (Intake.NEEDS_PERSON, Intake.NEEDS_PERSON, ""),
    ],
)
def test_a_buyer_s_data_goes_after_thirty_days_of_waiting(
    store: Store, run_ledger: RunLedger, before: Intake, after: Intake, code: str
) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", before, next_try_at=NOW)

    early = expired(store, days=30)
    due = expired(store, days=31)

    row = entry(store)
    assert (early, due) == (0, 1)
    assert (row.intake, row.code, row.payload) == (after, code, None)
    assert expired(store, days=62) == 0


def test_an_order_whose_data_went_waits_for_a_person_and_not_for_its_next_try(
    store: Store, run_ledger: RunLedger
) -> None:
    heard(store, run_ledger, a_sale())
    expired(store, days=31)

    assert importable(store, run_ledger, days=90) == []
    assert past(store) == [Intake.DUE, Intake.BLOCKED]


def test_an_order_whose_data_went_is_due_as_soon_as_the_marketplace_mentions_it(
    store: Store, run_ledger: RunLedger
) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.PENDING))
    expired(store, days=31)

    heard(store, run_ledger, a_sale(minutes=60 * 24 * 40), now=NOW + timedelta(days=40))

    row = entry(store)
    assert (row.intake, row.code) == (Intake.DUE, "")
    assert ledger.order_of(row.payload, CIPHER) is not None


def test_expired_data_is_deleted_in_portions(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, *(a_sale(f"MKP-{number}") for number in range(5)))

    assert [expired(store, days=31, limit=3) for _ in range(3)] == [3, 2, 0]


def test_what_may_be_imported_now_comes_by_ledger_number(store: Store, run_ledger: RunLedger) -> None:
    for number, intake in enumerate(Intake):
        heard(store, run_ledger, a_sale(f"{number:02d} {intake}"))
        put(store, f"{number:02d} {intake}", intake, next_try_at=NOW)

    found = importable(store, run_ledger)

    assert [order_id[3:] for order_id in found] == ["due", "creating", "blocked", "cancelling"]


def test_a_blocked_order_waits_for_its_next_try_unless_asked_for(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("A"), a_sale("B"))
    for order_id in ("A", "B"):
        put(store, order_id, Intake.BLOCKED, next_try_at=NOW + timedelta(minutes=15))

    assert importable(store, run_ledger) == []
    assert importable(store, run_ledger, order_ids=("B",)) == ["B"]
    assert importable(store, run_ledger, days=1) == ["A", "B"]


@pytest.mark.parametrize("intake", [Intake.CREATING, Intake.CANCELLING])
def test_a_write_whose_outcome_may_still_show_is_left_alone_even_if_asked_for(
    store: Store, run_ledger: RunLedger, intake: Intake
) -> None:
    heard(store, run_ledger, a_sale())
    put(store, "MKP-1", intake, sent_at=1_000.0)

    assert importable(store, run_ledger, sent_before=999.9) == []
    assert importable(store, run_ledger, sent_before=999.9, order_ids=("MKP-1",)) == []
    assert importable(store, run_ledger, sent_before=1_000.0) == ["MKP-1"]


def test_a_scope_narrows_by_account_ids_origin_and_fulfilment(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("live"), a_sale("fba", fulfilment=AFN, state=OrderState.SHIPPED), found_by="live")
    heard(store, run_ledger, a_sale("caught"), found_by="recheck")
    heard(store, a_run_ledger(an_account(store, "other", seller_key="other")), a_sale("of another"))

    assert importable(store, run_ledger) == ["live", "fba", "caught"]
    assert importable(store, run_ledger, found_by=("recheck",)) == ["caught"]
    assert importable(store, run_ledger, fulfilments=(AFN,)) == ["fba"]
    assert importable(store, run_ledger, order_ids=("live", "of another")) == ["live"]


def test_orders_to_import_are_paged(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, *(a_sale(f"MKP-{number}") for number in range(5)))

    first = importable(store, run_ledger, limit=3)
    rest = importable(store, run_ledger, limit=3, after_id=entry(store, first[-1]).id)

    assert first + rest == [f"MKP-{number}" for number in range(5)]


def test_only_orders_that_wait_undecided_are_decided(store: Store, run_ledger: RunLedger) -> None:
    for order_id, decision in (("A", Decision.NONE), ("B", Decision.DECIDING), ("C", Decision.ACCEPTED)):
        heard(store, run_ledger, a_sale(order_id, state=OrderState.TO_ACCEPT))
        put(store, order_id, Intake.HELD, decision=decision, code="WAITING_ACCEPTANCE")
    heard(store, run_ledger, a_sale("D"), a_sale("E", state=OrderState.PENDING))

    found = run(store.read(orders.orders_to_decide, scope(run_ledger), after_id=0, limit=10))

    assert [row.order_id for row in found] == ["A"]


def test_decisions_without_answer_are_looked_up_once_their_time_has_passed(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, *(a_sale(order_id, state=OrderState.TO_ACCEPT) for order_id in ("A", "B", "C")))
    for order_id, sent_at in (("A", 500.0), ("B", 400.0), ("C", 600.0)):
        put(store, order_id, Intake.HELD, decision=Decision.DECIDING, decision_sent_at=sent_at)

    assert run(store.read(orders.undecided_outcomes, scope(run_ledger), sent_before=500.0, limit=10)) == ["B", "A"]


@pytest.mark.parametrize(
    ("state", "lines", "decision"),
    [
        (OrderState.ACCEPTED, (OrderState.ACCEPTED,), Decision.ACCEPTED),
        (OrderState.TO_SHIP, (OrderState.TO_SHIP,), Decision.ACCEPTED),
        (OrderState.TO_SHIP, (OrderState.TO_SHIP, OrderState.REFUSED), Decision.PARTLY),
        (OrderState.REFUSED, (OrderState.REFUSED,), Decision.REFUSED),
        (OrderState.CANCELLED, (OrderState.CANCELLED,), Decision.REFUSED),
    ],
)
def test_a_decision_without_answer_is_settled_by_what_the_marketplace_shows(
    store: Store, run_ledger: RunLedger, state: OrderState, lines: tuple[OrderState, ...], decision: Decision
) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.TO_ACCEPT))
    run(store.write(creation.begin_decision, run_ledger, entry(store).id, now=NOW))

    reported = [replace(a_line(line_id=str(number)), state=each) for number, each in enumerate(lines)]
    heard(store, run_ledger, a_sale("MKP-1", *reported, state=state, minutes=5))

    assert entry(store).decision == decision
    assert past(store, machine="decision") == [Decision.DECIDING, decision]


@pytest.mark.parametrize(
    ("state", "decision"),
    [
        (OrderState.TO_SHIP, Decision.BY_OTHER),
        (OrderState.REFUSED, Decision.LAPSED),
        (OrderState.CANCELLED, Decision.LAPSED),
    ],
)
def test_what_others_decided_is_kept_apart(
    store: Store, run_ledger: RunLedger, state: OrderState, decision: Decision
) -> None:
    heard(store, run_ledger, a_sale(state=OrderState.TO_ACCEPT))

    heard(store, run_ledger, a_sale(state=state, minutes=5))

    assert entry(store).decision == decision


def test_a_decision_that_does_not_show_counts_as_not_made_only_after_the_wait(store: Store) -> None:
    account = an_account(store)
    patient, impatient = a_run_ledger(account, wait_s=60), a_run_ledger(account, wait_s=0)
    waiting = a_sale(state=OrderState.TO_ACCEPT)
    heard(store, patient, waiting)
    run(store.write(creation.begin_decision, patient, entry(store).id, now=NOW))

    heard(store, patient, waiting)
    before = entry(store).decision
    heard(store, impatient, waiting)

    assert (before, entry(store).decision) == (Decision.DECIDING, Decision.NONE)


def test_a_stale_copy_of_the_marketplace_never_reopens_a_decision(store: Store, run_ledger: RunLedger) -> None:
    waiting = a_sale(state=OrderState.TO_ACCEPT)
    heard(store, run_ledger, waiting)
    ledger_id = entry(store).id
    run(store.write(creation.begin_decision, run_ledger, ledger_id, now=NOW))
    run(
        store.write(
            creation.settle_decision, run_ledger, ledger_id, decision=Decision.ACCEPTED, outcome="accepted", now=NOW
        )
    )

    heard(store, run_ledger, waiting)

    assert entry(store).decision == Decision.ACCEPTED
    assert run(store.read(orders.orders_to_decide, scope(run_ledger), after_id=0, limit=10)) == []


def test_the_deadline_to_accept_is_the_marketplace_s_or_counted_from_the_order(store: Store) -> None:
    run_ledger = a_run_ledger(an_account(store), acceptance_deadline=timedelta(hours=6))
    named = NOW + timedelta(hours=1)

    heard(store, run_ledger, a_sale("A", accept_by=named), a_sale("B"))

    assert [row.accept_by for row in entries(store)] == [named, PLACED + timedelta(hours=6)]


def test_people_see_orders_by_state_age_and_whether_they_wait_for_a_decision(
    store: Store, run_ledger: RunLedger
) -> None:
    heard(store, run_ledger, a_sale("A", state=OrderState.TO_ACCEPT), a_sale("B", state=OrderState.PENDING))
    heard(
        store, run_ledger, a_sale("old", state=OrderState.TO_ACCEPT, placed_at=NOW - timedelta(days=10)), a_sale("due")
    )

    def listed(*intakes: Intake, to_accept: bool = False, days: int = 30) -> list[str]:
        found = run(
            store.read(
                orders.listed,
                scope(run_ledger),
                intakes,
                to_accept=to_accept,
                placed_since=NOW - timedelta(days=days),
                after_id=0,
                limit=10,
            )
        )
        return [row.order_id for row in found]

    assert listed(Intake.HELD) == ["A", "B", "old"]
    assert listed(Intake.HELD, to_accept=True) == ["A", "old"]
    assert listed(Intake.HELD, Intake.DUE, days=5) == ["A", "B", "due"]


def test_an_account_s_orders_are_counted_by_state(store: Store, run_ledger: RunLedger) -> None:
    heard(store, run_ledger, a_sale("A"), a_sale("B"), a_sale("C", state=OrderState.PENDING))
    put(store, "B", Intake.IMPORTED, imported_at=NOW)

    assert run(store.read(orders.intake_counts, run_ledger.seller.account_id)) == {"due": 1, "imported": 1, "held": 1}
    assert run(store.read(orders.last_import_at, run_ledger.seller.account_id)) == NOW
    assert run(store.read(orders.last_import_at, "nobody")) is None


def scope(run_ledger: RunLedger, **narrowed: Any) -> Scope:
    return Scope(account_id=run_ledger.seller.account_id, **narrowed)


def importable(
    store: Store,
    run_ledger: RunLedger,
    *,
    days: int = 0,
    sent_before: float = 0.0,
    after_id: int = 0,
    limit: int = 100,
    **narrowed: Any,
) -> list[str]:
    """Return the ids of the orders that an import may act on so many days later."""
    found = run(
        store.read(
            orders.orders_to_import,
            scope(run_ledger, **narrowed),
            now=NOW + timedelta(days=days),
            sent_before=sent_before,
            after_id=after_id,
            limit=limit,
        )
    )
    return [row.order_id for row in found]


def expired(store: Store, *, days: int, limit: int = 100) -> int:
    """Delete the data of orders that have waited 30 days, so many days later."""
    now = NOW + timedelta(days=days)
    return run(store.write(ledger.expire_payloads, waiting_since=now - timedelta(days=30), now=now, limit=limit))


def leaks(store: Store) -> list[str]:
    """Return the columns of the database in which a buyer can be read."""
    found = []
    with connected(store.url) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)).mappings():
                found += [
                    f"{table.name}.{name}" for name, value in row.items() if any(word in str(value) for word in PRIVATE)
                ]
    return found
