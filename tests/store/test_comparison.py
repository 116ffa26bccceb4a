"""Summaries against the ledger: what tells nothing new is noted, the rest has to be read."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.intake import Intake
from app.domain.money import Money
from app.domain.order import Order, OrderState, Unreadable
from app.domain.summary import OrderSummary
from app.domain.task import RECONCILE
from app.store import comparison, run_items
from app.store.engine import Store
from app.store.ledger import RunLedger
from app.store.run_items import ItemNote
from tests.runs.builders import an_account, queued
from tests.shops.builders import a_line
from tests.support.aio import run
from tests.tasks.builders import UPDATED, a_run_ledger, a_sale, heard, put

HOUR = timedelta(hours=1)


@pytest.fixture
def run_ledger(store: Store) -> RunLedger:
    account = an_account(store)
    return a_run_ledger(account, run_id=queued(store, account).id)


def summarised(sale: Order, **changes: Any) -> OrderSummary:
    """Return the summary that says of an order what we know."""
    known = {
        "order_id": sale.order_id,
        "state": sale.state,
        "fulfilment": sale.fulfilment,
        "placed_at": sale.placed_at,
        "updated_at": sale.updated_at,
        "totals": frozenset({sale.open_total}),
    }
    return OrderSummary(**{**known, **changes})


def others(store: Store, run_ledger: RunLedger, *shown: OrderSummary | Unreadable) -> list[str]:
    """Return which of these have to be read."""
    return run(store.write(comparison.take_summaries, run_ledger, shown, read_within=HOUR))


def items(store: Store, run_ledger: RunLedger) -> dict[str, ItemNote]:
    return {item.subject: item for item in run(store.read(run_items.items, run_ledger.run_id, after="", limit=100))}


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_an_order_that_is_known_is_noted_as_a_reading_would(store: Store, run_ledger: RunLedger) -> None:
    sale = a_sale()
    heard(store, run_ledger, sale)

    assert others(store, run_ledger, summarised(sale)) == []

    [item] = items(store, run_ledger).values()
    assert (item.subject, item.outcome, item.seen, item.catch_up) == (sale.order_id, "unmatched", True, False)
    assert item.params == {
        "marketplace_state": "to_ship",
        "marketplace_total": sale.open_total,
        "day": sale.placed_at.date(),
    }


def test_an_order_that_a_comparison_found_stays_marked_until_it_is_imported(
    store: Store, run_ledger: RunLedger
) -> None:
    sale = a_sale()
    heard(store, run_ledger, sale, found_by=RECONCILE)

    others(store, run_ledger, summarised(sale))

    assert items(store, run_ledger)[sale.order_id].catch_up


def test_an_order_of_which_nothing_is_known_has_to_be_read(store: Store, run_ledger: RunLedger) -> None:
    assert others(store, run_ledger, summarised(a_sale()), Unreadable("ODD-1", "a cell")) == ["MKP-1", "ODD-1"]
    assert items(store, run_ledger) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"state": OrderState.SHIPPED},
        {"state": OrderState.UNKNOWN},
        {"totals": frozenset({euros("0.01")})},
        {"updated_at": UPDATED + timedelta(seconds=1)},
    ],
    ids=["another state", "an unknown state", "another total", "changed since"],
)
def test_an_order_of_which_something_else_is_reported_has_to_be_read(
    store: Store, run_ledger: RunLedger, changes: dict[str, Any]
) -> None:
    sale = a_sale()
    heard(store, run_ledger, sale, now=UPDATED)

    assert others(store, run_ledger, summarised(sale, **changes)) == [sale.order_id]


@pytest.mark.parametrize(
    "totals", [frozenset(), frozenset({euros("1.00"), a_sale().open_total})], ids=["none told", "one of two readings"]
)
def test_a_total_agrees_where_one_of_its_readings_does(
    store: Store, run_ledger: RunLedger, totals: frozenset[Money]
) -> None:
    sale = a_sale()
    heard(store, run_ledger, sale)

    assert others(store, run_ledger, summarised(sale, totals=totals)) == []


def test_a_change_before_the_order_was_last_read_is_no_news(store: Store, run_ledger: RunLedger) -> None:
    sale, changed = a_sale(), UPDATED + timedelta(minutes=5)
    heard(store, run_ledger, sale, now=changed + HOUR)

    assert others(store, run_ledger, summarised(sale, updated_at=changed)) == []


def test_what_is_reported_of_an_older_version_is_no_news(store: Store, run_ledger: RunLedger) -> None:
    sale = a_sale(state=OrderState.SHIPPED)
    heard(store, run_ledger, sale)

    older = summarised(sale, state=OrderState.TO_SHIP, totals=frozenset(), updated_at=UPDATED - timedelta(minutes=5))

    assert others(store, run_ledger, older) == []
    assert items(store, run_ledger)[sale.order_id].params["marketplace_state"] == "shipped"


def test_a_date_in_whole_seconds_is_the_same_version(store: Store, run_ledger: RunLedger) -> None:
    exact = UPDATED + timedelta(milliseconds=731)
    sale = replace(a_sale(), updated_at=exact)
    heard(store, run_ledger, sale)

    assert others(store, run_ledger, summarised(sale, updated_at=UPDATED, state=OrderState.SHIPPED)) == [sale.order_id]
    assert others(store, run_ledger, summarised(sale, updated_at=UPDATED)) == []


def test_a_cancelled_order_costs_nothing(store: Store, run_ledger: RunLedger) -> None:
    sale = a_sale(state=OrderState.CANCELLED)
    heard(store, run_ledger, sale)

    assert others(store, run_ledger, summarised(sale, totals=frozenset())) == []
    assert items(store, run_ledger)[sale.order_id].params["marketplace_total"] == Money(Decimal(0), "EUR")


def test_an_order_with_a_cancelled_line_has_to_be_read(store: Store, run_ledger: RunLedger) -> None:
    sale = a_sale("MKP-1", a_line("LAMPE"), a_line("CAFETIERE", line_id="2", cancelled=1))
    heard(store, run_ledger, sale)

    assert others(store, run_ledger, summarised(sale)) == [sale.order_id]


def test_an_order_whose_data_were_deleted_while_it_waits_has_to_be_read(store: Store, run_ledger: RunLedger) -> None:
    waiting, done = a_sale("A"), a_sale("B")
    heard(store, run_ledger, waiting, done)
    put(store, "A", Intake.BLOCKED, code="DATA_EXPIRED", payload=None)
    put(store, "B", Intake.IMPORTED)

    assert others(store, run_ledger, summarised(waiting), summarised(done)) == ["A"]


def test_an_order_that_can_not_be_understood_has_to_be_read(store: Store, run_ledger: RunLedger) -> None:
    sale = a_sale()
    heard(store, run_ledger, sale)
    heard(store, run_ledger, Unreadable(sale.order_id, "lines"))

    assert others(store, run_ledger, summarised(sale)) == [sale.order_id]


def test_what_this_run_was_shown_is_not_asked_for_again(store: Store, run_ledger: RunLedger) -> None:
    sale = a_sale()
    rows = heard(store, run_ledger, sale)
    run(store.write(run_items.note_items, run_ledger.run_id, comparison.notes_of(rows, [sale])))

    assert others(store, run_ledger, summarised(sale, totals=frozenset({euros("0.01")}))) == []


def test_orders_of_another_seller_are_not_taken_for_ours(store: Store, run_ledger: RunLedger) -> None:
    sale = a_sale()
    heard(store, a_run_ledger(an_account(store, "another", seller_key="another")), sale)

    assert others(store, run_ledger, summarised(sale)) == [sale.order_id]
