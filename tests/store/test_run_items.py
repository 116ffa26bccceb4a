"""What runs said: one word for each order, counted once, carried on by a run that goes on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.money import Money
from app.domain.order import Missing, Order, OrderState, Unreadable
from app.domain.task import Task
from app.store import comparison, run_items
from app.store.engine import Store
from app.store.passes import PassKey, begin_pass
from app.store.run_items import ItemNote
from tests.runs.builders import a_request, an_account, queued
from tests.shops.builders import NOW
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entry


def noted(store: Store, *notes: ItemNote) -> str:
    """Write items of a new run and return its id."""
    row = queued(store, an_account(store))
    run(store.write(run_items.note_items, row.id, notes))
    return row.id


def test_a_later_word_replaces_an_earlier_one_but_seen_stays_seen(store: Store) -> None:
    run_id = noted(store, ItemNote(subject="A", outcome="waiting", seen=True, code="ON_HOLD", params={"a": 1}))

    run(store.write(run_items.note_items, run_id, [ItemNote(subject="A", outcome="imported")]))

    [item] = run(store.read(run_items.items, run_id, after="", limit=10))
    assert (item.outcome, item.code, item.params, item.seen) == ("imported", "", {}, True)


def test_what_a_run_did_stays_said_when_it_is_shown_the_order_again_and_has_nothing_to_add(store: Store) -> None:
    reported = ItemNote(subject="A", outcome="sent", params={"a": 1}, since=NOW)
    run_id = noted(store, reported, ItemNote(subject="B", outcome="waiting"), ItemNote(subject="C", code="ON_HOLD"))
    shown = [
        ItemNote(subject="A", seen=True, code="ON_HOLD"),
        ItemNote(subject="B", outcome="cancelled", seen=True),
        ItemNote(subject="C", seen=True),
    ]

    run(store.write(run_items.note_shown, run_id, shown))

    items = run(store.read(run_items.items, run_id, after="", limit=10))
    assert [(item.outcome, item.code, item.seen) for item in items] == [
        ("sent", "", True),
        ("cancelled", "", True),
        ("", "", True),
    ]
    assert (items[0].params, items[0].since) == ({"a": 1}, NOW)


def test_the_warning_of_an_import_stays_when_a_later_list_of_the_run_holds_the_order_too(
    store: Store,
) -> None:
    run_id = noted(store, ItemNote(subject="A", outcome="imported", code="VAT_DIFFERS", sku="LAMPE", params={"a": 1}))

    run(store.write(run_items.note_shown, run_id, [ItemNote(subject="A", outcome="imported", seen=True)]))
    [kept] = run(store.read(run_items.items, run_id, after="", limit=10))
    run(store.write(run_items.note_shown, run_id, [ItemNote(subject="A", outcome="cancelled", seen=True)]))
    [moved_on] = run(store.read(run_items.items, run_id, after="", limit=10))

    assert (kept.outcome, kept.code, kept.sku, kept.params, kept.seen) == (
        "imported",
        "VAT_DIFFERS",
        "LAMPE",
        {"a": 1},
        True,
    )
    assert (moved_on.outcome, moved_on.code) == ("cancelled", "")


def test_the_last_of_two_words_in_one_breath_counts(store: Store) -> None:
    run_id = noted(store, ItemNote(subject="A", outcome="sent"), ItemNote(subject="A", outcome="refused"))

    assert run(store.read(run_items.outcome_counts, run_id))["refused"] == 1


def test_outcomes_are_counted_with_what_goes_across_them(store: Store) -> None:
    run_id = noted(
        store,
        ItemNote(subject="A", outcome="sent", seen=True),
        ItemNote(subject="B", outcome="sent", seen=True, catch_up=True),
        ItemNote(subject="C", outcome="refused", code="SHIP_REFUSED"),
        ItemNote(subject="D", code="WAITING_TRACKING"),
        ItemNote(subject="#STOCK_GUARD", code="STOCK_GUARD"),
        ItemNote(subject="#OFFERS_LOST", code="OFFERS_LOST"),
    )

    assert run(store.read(run_items.outcome_counts, run_id)) == {
        "seen": 2,
        "found_by_catch_up": 1,
        "needs_person": 2,
        "problems": 3,
        "sent": 2,
        "refused": 1,
    }


def test_problems_come_with_the_run_itself_first_then_by_deadline_and_age(store: Store) -> None:
    codes = ["SHIP_REFUSED", "STOCK_GUARD"]
    run_id = noted(
        store,
        ItemNote(subject="NEW", code="SHIP_REFUSED", since=NOW),
        ItemNote(subject="OLD", code="SHIP_REFUSED", since=NOW - timedelta(days=1)),
        ItemNote(subject="LATE", code="SHIP_REFUSED", since=NOW, deadline=NOW),
        ItemNote(subject="#STOCK_GUARD", code="STOCK_GUARD"),
        ItemNote(subject="QUIET", code="WAITING_TRACKING"),
    )

    found = run(store.read(run_items.problem_items, run_id, codes=codes, limit=10))
    first = run(store.read(run_items.problem_items, run_id, codes=codes, limit=1))

    assert [item.subject for item in found] == ["#STOCK_GUARD", "LATE", "OLD", "NEW"]
    assert [item.subject for item in first] == ["#STOCK_GUARD"]


def test_pages_of_items_leave_out_what_is_about_the_run(store: Store) -> None:
    run_id = noted(store, *(ItemNote(subject=subject) for subject in ("#X", "A", "B", "day:1", "sku:Z")))

    first = run(store.read(run_items.items, run_id, after="", limit=2))
    rest = run(store.read(run_items.items, run_id, after=first[-1].subject, limit=10))

    assert [item.subject for item in [*first, *rest]] == ["A", "B", "day:1", "sku:Z"]


@pytest.mark.parametrize("subjects", [["A", "C"], [], ["UNKNOWN"]])
def test_items_are_found_by_their_subjects(store: Store, subjects: list[str]) -> None:
    run_id = noted(store, ItemNote(subject="A"), ItemNote(subject="B"), ItemNote(subject="C"))

    assert sorted(run(store.read(run_items.items_of, run_id, subjects))) == [each for each in subjects if each in "ABC"]


class TestComparing:
    def test_what_is_shown_enters_the_ledger_the_items_and_the_place_in_the_list(self, store: Store) -> None:
        account = an_account(store)
        run_ledger = a_run_ledger(account, run_id=queued(store, account).id)
        key = PassKey(account.id, Task.ORDERS_RECONCILE, "reconcile")

        def begun() -> tuple[str | None, bool]:
            state = run(
                store.write(
                    begin_pass, key, combination="live", window_from=NOW, now=NOW, oldest_birth=NOW, reread=False
                )
            )
            return state.resume, state.read_whole

        begun()
        shown: list[Order | Unreadable | Missing] = [
            a_sale("DUE"),
            a_sale("HELD", state=OrderState.TO_ACCEPT),
            Unreadable("ODD", "lines"),
            Missing("GONE"),
        ]
        run(store.write(comparison.take_shown, run_ledger, shown, key=key, resume="100 X", remote_now=NOW, now=NOW))

        items = run(store.read(run_items.items, run_ledger.run_id, after="", limit=10))
        assert {item.subject: (item.outcome, item.code, item.catch_up) for item in items} == {
            "DUE": ("unmatched", "", True),
            "HELD": ("unmatched", "", False),
            "ODD": ("", "UNREADABLE", False),
        }
        assert items[0].params == {
            "marketplace_state": "to_ship",
            "marketplace_total": Money(Decimal("10.00"), "EUR"),
            "day": date(2026, 11, 21),
        }
        assert entry(store, "DUE").found_by == "reconcile"
        assert begun() == ("100 X", False)

    def test_a_run_takes_over_what_the_one_before_it_was_shown_once(self, store: Store) -> None:
        account = an_account(store)
        before = queued(store, account, a_request(Task.ORDERS_RECONCILE))
        notes = [ItemNote(subject="A", outcome="matched", seen=True, params={"x": 1}), ItemNote(subject="#QUOTA")]
        run(store.write(run_items.note_items, before.id, notes))
        after = queued(store, account, a_request(Task.ORDERS_RECONCILE, since="5d"), continues=before.id)
        run(store.write(run_items.note_items, after.id, [ItemNote(subject="B", seen=True)]))

        held = [run(store.write(comparison.carry_over, after.id)) for _ in range(2)]

        items = run(store.read(run_items.items, after.id, after="", limit=10))
        assert held == [2, 2]
        assert [(item.subject, item.outcome, item.params) for item in items] == [
            ("A", "unmatched", {"x": 1}),
            ("B", "", {}),
        ]

    def test_a_run_of_its_own_holds_nothing_of_others(self, store: Store) -> None:
        run_id = noted(store, ItemNote(subject="#X"))

        assert run(store.write(comparison.carry_over, run_id)) == 0
