"""Parcels that the marketplace took: awaited until it shows them, confirmed again a few times, then named."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.intake import Intake
from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.store import unshown_shipments
from app.store.engine import Store
from app.store.parcels import ONLY_WHEN_ASKED
from app.store.unshown_shipments import MOST_CONFIRM_REPEATS
from tests.shops.builders import NOW
from tests.store.test_parcels import Shelf, seen
from tests.support.aio import run
from tests.tasks.builders import a_sale, entry, heard, put

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store)


def a_confirmed_order(shelf: Shelf, order_id: str = "A", *, whole: bool = True, **changes: Any) -> int:
    """Return the ledger number of an order whose parcel was confirmed now."""
    [ledger_id] = shelf.imported(order_id, **changes)
    shelf.note(ledger_id, seen())
    shelf.confirmed(ledger_id, whole=whole)
    return ledger_id


def not_shown(shelf: Shelf, *, confirmed_before: Any = LATER, limit: int = 100) -> list[str]:
    run(shelf.store.write(unshown_shipments.forget_shown, shelf.scope))
    return run(
        shelf.store.read(
            unshown_shipments.orders_not_shown, shelf.scope, confirmed_before=confirmed_before, limit=limit
        )
    )


def read_again(shelf: Shelf, *answers: Order | Missing | Unreadable) -> None:
    settle = unshown_shipments.settle_read_again
    run(shelf.store.write(settle, shelf.run_ledger, answers, found_by="live", confirmed_before=LATER, now=LATER))


class TestAwaiting:
    def test_what_was_confirmed_long_enough_ago_is_awaited_the_oldest_first(self, shelf: Shelf) -> None:
        for order_id in ("A", "B"):
            a_confirmed_order(shelf, order_id)

        assert not_shown(shelf) == ["A", "B"]
        assert not_shown(shelf, limit=1) == ["A"]
        assert not_shown(shelf, confirmed_before=NOW - timedelta(seconds=1)) == []

    @pytest.mark.parametrize("state", [OrderState.SHIPPED, OrderState.CLOSED, OrderState.CANCELLED])
    def test_a_new_platform_status_ends_the_waiting(self, shelf: Shelf, state: OrderState) -> None:
        a_confirmed_order(shelf)

        heard(shelf.store, shelf.run_ledger, a_sale("A", state=state, minutes=5))

        assert not_shown(shelf) == []
        assert shelf.rows()[0].unshown_since is None

    def test_an_order_that_changed_and_is_open_still_is_awaited_further(self, shelf: Shelf) -> None:
        a_confirmed_order(shelf)

        heard(shelf.store, shelf.run_ledger, a_sale("A", minutes=5))

        assert not_shown(shelf) == ["A"]

    def test_a_part_is_shown_when_the_order_is_shipped_in_part(self, shelf: Shelf) -> None:
        a_confirmed_order(shelf, "SHOWN", whole=False)
        a_confirmed_order(shelf, "NOT-SHOWN", whole=False)

        shipped_in_part = a_sale("SHOWN", state=OrderState.PARTIALLY_SHIPPED, minutes=5)
        read_again(shelf, shipped_in_part)

        assert not_shown(shelf) == ["NOT-SHOWN"]

    def test_a_part_of_an_order_that_is_shipped_in_part_moves_nothing_and_is_not_awaited(self, shelf: Shelf) -> None:
        a_confirmed_order(shelf, whole=False, state=OrderState.PARTIALLY_SHIPPED)

        assert not_shown(shelf) == []

    def test_with_its_last_parcel_all_of_an_order_is_awaited(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A", state=OrderState.PARTIALLY_SHIPPED)
        shelf.note(ledger_id, seen(), seen("8X2", parcel_id="p-2"))
        shelf.confirmed(ledger_id, 1, whole=False)
        shelf.confirmed(ledger_id, 2)

        read_again(shelf, a_sale("A", state=OrderState.PARTIALLY_SHIPPED))

        assert shelf.states() == ["found", "found"]

    @pytest.mark.parametrize(
        ("intake", "fulfilment"),
        [(Intake.IMPORTED, Fulfilment.MARKETPLACE), (Intake.CANCELLING, Fulfilment.MERCHANT)],
    )
    def test_only_orders_that_we_are_to_ship_are_awaited(
        self, shelf: Shelf, intake: Intake, fulfilment: Fulfilment
    ) -> None:
        a_confirmed_order(shelf)

        put(shelf.store, "A", intake, fulfilment=fulfilment)

        assert not_shown(shelf) == []


class TestReadAgain:
    def test_what_is_still_open_is_confirmed_anew_and_knows_its_postcode(self, shelf: Shelf) -> None:
        ledger_id = a_confirmed_order(shelf)
        before = entry(shelf.store, "A")

        read_again(shelf, a_sale("A"))

        row, [parcel] = entry(shelf.store, "A"), shelf.rows()
        assert (before.remote_state, row.remote_state) == (OrderState.SHIPPED, OrderState.TO_SHIP)
        assert (before.postcode, bool(row.postcode)) == ("", True)
        assert (parcel.state, parcel.confirmed_number, parcel.confirm_repeats) == ("found", None, 1)
        assert shelf.to_confirm() == [ledger_id]

    def test_what_is_shipped_by_now_is_confirmed_no_more(self, shelf: Shelf) -> None:
        a_confirmed_order(shelf)

        read_again(shelf, a_sale("A", state=OrderState.SHIPPED, minutes=5))

        assert (shelf.states(), not_shown(shelf), shelf.to_confirm()) == (["sent"], [], [])

    @pytest.mark.parametrize(
        "answer", [Missing("A"), Unreadable("A", "odd"), a_sale("A", state=OrderState.UNKNOWN, minutes=5)]
    )
    def test_an_answer_that_says_nothing_leaves_it_for_hours_later(
        self, shelf: Shelf, answer: Order | Missing | Unreadable
    ) -> None:
        a_confirmed_order(shelf)

        read_again(shelf, answer)

        assert (shelf.states(), shelf.rows()[0].unshown_since) == (["sent"], LATER)

    def test_after_a_few_times_a_person_has_to_look_and_may_ask_for_another(self, shelf: Shelf) -> None:
        ledger_id = a_confirmed_order(shelf)
        for _ in range(MOST_CONFIRM_REPEATS):
            read_again(shelf, a_sale("A"))
            shelf.confirmed(ledger_id)

        read_again(shelf, a_sale("A"))

        assert shelf.said() == {"A": ("refused", "SHIPMENT_NOT_SHOWN")}
        assert (shelf.states(), shelf.rows()[0].params) == (["refused"], {"times": 4})
        assert shelf.to_confirm(refused_until=NOW + timedelta(days=9)) == []
        assert shelf.to_confirm(refused_until=ONLY_WHEN_ASKED) == [ledger_id]

    def test_a_new_number_begins_anew(self, shelf: Shelf) -> None:
        ledger_id = a_confirmed_order(shelf)
        for _ in range(MOST_CONFIRM_REPEATS):
            read_again(shelf, a_sale("A"))
            shelf.confirmed(ledger_id)
        read_again(shelf, a_sale("A"))

        shelf.note(ledger_id, seen("8X2"))

        assert (shelf.to_confirm(), shelf.rows()[0].confirm_repeats) == ([ledger_id], 0)
