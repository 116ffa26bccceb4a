"""Parcels in the store: found, confirmed once, looked up, corrected."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.domain.intake import Intake
from app.domain.order import Fulfilment, OrderState
from app.domain.parcel import Parcel
from app.store import leases, parcels, run_items, unanswered_shipments
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.store.ledger import RunLedger
from app.store.orders import Scope
from app.store.parcels import ParcelState
from app.store.tables import ParcelRow
from tests.runs.builders import an_account, queued
from tests.shops.builders import NOW, a_line
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entry, heard, put

FAR = NOW + timedelta(days=3000)


class Shelf:
    """The parcels of one account's orders in the ledger."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.account: StoredAccount = an_account(store)
        self.run_ledger: RunLedger = a_run_ledger(self.account, run_id=queued(store, self.account).id)
        self.scope = Scope(account_id=self.account.id)

    def imported(self, *order_ids: str, state: OrderState = OrderState.TO_SHIP, **changes: Any) -> list[int]:
        """Return the ledger numbers of orders that stand in the shop."""
        heard(self.store, self.run_ledger, *(a_sale(order_id, state=state, **changes) for order_id in order_ids))
        return [put(self.store, order_id, Intake.IMPORTED, shop_ref=f"ref-{order_id}").id for order_id in order_ids]

    def note(self, ledger_id: int, *seen: Parcel) -> None:
        run(self.store.write(parcels.note_parcels, ledger_id, seen, now=NOW))

    def to_confirm(self, *, refused_until: Any = NOW, **scope: Any) -> list[int]:
        scope_asked = Scope(account_id=self.account.id, **scope)
        question = self.store.read(
            parcels.orders_to_confirm, scope_asked, refused_until=refused_until, after_id=0, limit=100
        )
        return run(question)

    def begin(self, *keys: tuple[int, int]) -> None:
        run(self.store.write(parcels.begin_confirming, keys))

    def confirmed(self, ledger_id: int, sequence: int = 1, *, whole: bool = True, also: Collection[int] = ()) -> None:
        self.begin((ledger_id, sequence))
        write = self.store.write(
            parcels.settle_confirmed, self.run_ledger, ledger_id, sequence, also=also, whole=whole, now=NOW
        )
        run(write)

    def refused(self, ledger_id: int, sequence: int = 1) -> None:
        self.begin((ledger_id, sequence))
        run(
            self.store.write(
                parcels.settle_not_confirmed,
                self.run_ledger,
                ledger_id,
                sequence,
                state=ParcelState.REFUSED,
                outcome="refused",
                code="SHIP_REFUSED",
                params={"detail": "no"},
                now=NOW,
            )
        )

    def look_up(self, ledger_id: int) -> None:
        run(self.store.write(unanswered_shipments.settle_looked_up, self.run_ledger, ledger_id))

    def rows(self) -> Sequence[ParcelRow]:
        def question(session: Session) -> Sequence[ParcelRow]:
            return session.exec(select(ParcelRow).order_by(ParcelRow.ledger_id, ParcelRow.sequence)).all()  # type: ignore[arg-type]

        return run(self.store.read(question))

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def said(self) -> Mapping[str, tuple[str, str]]:
        items = run(self.store.read(run_items.items, self.run_ledger.run_id, after="", limit=100))
        return {item.subject: (item.outcome, item.code) for item in items}


def seen(number: str = "8X1", *, parcel_id: str = "p-1", carrier: str = "Colis", **changes: Any) -> Parcel:
    return Parcel(
        **{
            "id": parcel_id,
            "shipped_at": NOW,
            "carrier": carrier,
            "number": number,
            "url": "",
            "units": None,
            **changes,
        }
    )


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store)


class TestFollowing:
    def test_orders_of_ours_that_the_marketplace_waits_for_are_followed(self, shelf: Shelf) -> None:
        waited, _ = shelf.imported("WAITED", "OTHER")
        put(shelf.store, "OTHER", Intake.NEEDS_PERSON)
        shelf.imported("SHIPPED", state=OrderState.SHIPPED)
        shelf.imported("THEIRS", fulfilment=Fulfilment.MARKETPLACE)
        heard(shelf.store, shelf.run_ledger, a_sale("NOT-IMPORTED"))

        assert followed(shelf) == [waited]

    def test_looking_again_finds_those_that_were_confirmed(self, shelf: Shelf) -> None:
        ids = [*shelf.imported("OPEN"), *shelf.imported("SHIPPED", state=OrderState.SHIPPED)]

        assert followed(shelf, placed_since=NOW - timedelta(days=30)) == ids
        assert followed(shelf, placed_since=NOW) == ids[:1]


def followed(shelf: Shelf, *, placed_since: Any = None) -> list[int]:
    question = shelf.store.read(parcels.orders_to_follow, shelf.scope, placed_since=placed_since, after_id=0, limit=100)
    return [row.id for row in run(question)]


class TestNoting:
    def test_parcels_are_numbered_in_the_order_in_which_they_were_seen(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen("8X1"))
        shelf.note(ledger_id, seen("8X2", parcel_id="p-2"), seen("8X1"))

        assert [(row.sequence, row.shop_id, row.number) for row in shelf.rows()] == [
            (1, "p-1", "8X1"),
            (2, "p-2", "8X2"),
        ]
        assert shelf.states() == ["found", "found"]

    def test_a_dry_run_sees_what_noting_would_make(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")

        noted = run(shelf.store.preview(parcels.parcels_as_noted, ledger_id, [seen()], now=NOW))

        assert [stored.parcel.number for stored in noted.parcels] == ["8X1"]
        assert [line.sku for line in noted.lines] == ["LAMPE"]
        assert shelf.rows() == []

    @pytest.mark.parametrize(
        ("after", "state"),
        [
            ({"number": "8X1"}, "sent"),
            ({"number": "RIGHT"}, "found"),
            ({"number": "8X1", "carrier": "Express"}, "found"),
            ({"number": ""}, "sent"),
        ],
    )
    def test_a_parcel_that_was_confirmed_is_confirmed_again_once_corrected(
        self, shelf: Shelf, after: dict[str, str], state: str
    ) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen("8X1"))
        shelf.confirmed(ledger_id)

        shelf.note(ledger_id, seen(**after))

        assert shelf.states() == [state]

    def test_a_parcel_that_was_confirmed_by_another_one_is_not_confirmed_again(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen("8X1"), seen("8X2", parcel_id="p-2"))
        shelf.confirmed(ledger_id, 1, also=(2,))

        shelf.note(ledger_id, seen("8X1"), seen("8X3", parcel_id="p-2"))

        assert shelf.states() == ["sent", "sent"]

    def test_a_refused_parcel_is_free_once_it_was_corrected(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen("BAD"))
        shelf.refused(ledger_id)

        shelf.note(ledger_id, seen("BAD"))
        same = shelf.to_confirm()
        shelf.note(ledger_id, seen("GOOD"))

        assert (same, shelf.to_confirm()) == ([], [ledger_id])

    def test_what_was_sent_without_an_answer_stays_as_it_was_sent(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen("8X1"))
        shelf.begin((ledger_id, 1))

        shelf.note(ledger_id, seen("8X2"))

        assert [(row.state, row.number) for row in shelf.rows()] == [("sending", "8X1")]


class TestConfirming:
    def test_found_parcels_of_orders_that_the_marketplace_waits_for_are_confirmed(self, shelf: Shelf) -> None:
        open_, gone = [*shelf.imported("OPEN"), *shelf.imported("SHIPPED", state=OrderState.SHIPPED)]
        shelf.note(open_, seen())
        shelf.note(gone, seen())

        assert shelf.to_confirm() == [open_]
        assert shelf.to_confirm(order_ids=("SHIPPED",)) == []

    def test_an_order_that_leaves_the_shop_is_not_confirmed(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen())

        put(shelf.store, "A", Intake.CANCELLING)

        assert shelf.to_confirm() == []

    def test_what_is_confirmed_completes_its_order_and_forgets_where_it_went(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen(), seen("8X2", parcel_id="p-2"))

        shelf.confirmed(ledger_id, also=(2,))

        row = entry(shelf.store, "A")
        assert (row.remote_state, row.postcode) == (OrderState.SHIPPED, "")
        assert [(each.state, each.confirmed_number) for each in shelf.rows()] == [("sent", "8X1"), ("sent", None)]
        assert shelf.said() == {"A": ("sent", "")}

    def test_a_part_completes_nothing(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen(), seen("8X2", parcel_id="p-2"))

        shelf.confirmed(ledger_id, whole=False)

        assert entry(shelf.store, "A").remote_state == OrderState.TO_SHIP
        assert (shelf.states(), shelf.to_confirm()) == (["sent", "found"], [ledger_id])

    def test_an_order_counts_as_shipped_once_every_parcel_of_it_is_confirmed(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen(), seen("8X2", parcel_id="p-2"))

        shelf.confirmed(ledger_id, 1)
        half = entry(shelf.store, "A").remote_state
        shelf.confirmed(ledger_id, 2)

        assert (half, entry(shelf.store, "A").remote_state) == (OrderState.TO_SHIP, OrderState.SHIPPED)
        assert [each.confirmed_number for each in shelf.rows()] == ["8X1", "8X2"]

    def test_a_refused_parcel_stays_named_when_another_one_is_confirmed(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen(), seen("8X2", parcel_id="p-2"))
        shelf.refused(ledger_id, 1)

        shelf.confirmed(ledger_id, 2)

        assert entry(shelf.store, "A").remote_state == OrderState.TO_SHIP
        assert shelf.said() == {"A": ("refused", "SHIP_REFUSED")}

    def test_what_was_not_sent_after_all_waits_as_before(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen())
        shelf.begin((ledger_id, 1))

        run(shelf.store.write(parcels.take_back, [(ledger_id, 1)]))

        assert (shelf.states(), shelf.to_confirm()) == (["found"], [ledger_id])
        assert shelf.rows()[0].sent_at is None

    def test_an_order_that_the_marketplace_ships_is_never_confirmed(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen())
        put(shelf.store, "A", Intake.IMPORTED, fulfilment=Fulfilment.MARKETPLACE)

        assert shelf.to_confirm() == []

    def test_a_correction_of_a_closed_order_opens_it_no_more(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen())
        shelf.confirmed(ledger_id)
        put(shelf.store, "A", Intake.IMPORTED, remote_state=OrderState.CLOSED)
        shelf.note(ledger_id, seen("8X2"))

        shelf.confirmed(ledger_id)

        assert entry(shelf.store, "A").remote_state == OrderState.CLOSED

    def test_a_refused_parcel_is_tried_later_and_later(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen())
        waits = []
        for _ in range(3):
            shelf.refused(ledger_id)
            [row] = shelf.rows()
            assert row.next_try_at is not None
            waits.append(row.next_try_at - NOW)

        assert waits == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
        assert shelf.to_confirm() == []
        assert (
            shelf.to_confirm(refused_until=NOW + timedelta(hours=1))
            == shelf.to_confirm(refused_until=FAR)
            == [ledger_id]
        )


class TestLookingUp:
    def unknown(self, shelf: Shelf, sent_before: float) -> list[str]:
        question = shelf.store.read(
            unanswered_shipments.orders_with_unanswered_shipments,
            shelf.scope,
            sent_before=sent_before,
            after_id=0,
            limit=100,
        )
        return list(run(question).values())

    def test_only_what_was_sent_long_enough_ago_is_looked_up(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen(), seen("8X2", parcel_id="p-2"))
        shelf.begin((ledger_id, 1), (ledger_id, 2))
        now = run(shelf.store.read(leases.real_time))

        assert self.unknown(shelf, now - 60) == []
        assert self.unknown(shelf, now + 1) == ["A"]

    @pytest.mark.parametrize(
        ("on_marketplace", "state", "said"),
        [
            (OrderState.SHIPPED, "sent", {"A": ("sent", "")}),
            (OrderState.CLOSED, "sent", {"A": ("sent", "")}),
            (OrderState.TO_SHIP, "found", {}),
            # Nobody confirmed it: it was cancelled.
            (OrderState.CANCELLED, "found", {}),
        ],
    )
    def test_what_the_marketplace_shows_settles_it(
        self, shelf: Shelf, on_marketplace: OrderState, state: str, said: dict[str, tuple[str, str]]
    ) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen())
        shelf.begin((ledger_id, 1))
        put(shelf.store, "A", Intake.IMPORTED, remote_state=on_marketplace)

        shelf.look_up(ledger_id)

        assert (shelf.states(), shelf.said()) == ([state], said)

    def test_a_correction_is_confirmed_again_since_the_state_says_nothing_of_it(self, shelf: Shelf) -> None:
        [ledger_id] = shelf.imported("A")
        shelf.note(ledger_id, seen("WRONG"))
        shelf.confirmed(ledger_id)
        shelf.note(ledger_id, seen("RIGHT"))
        shelf.begin((ledger_id, 1))

        shelf.look_up(ledger_id)

        assert (shelf.states(), shelf.to_confirm()) == (["found"], [ledger_id])

    def test_what_a_list_showed_meanwhile_needs_no_look(self, shelf: Shelf) -> None:
        shown, corrected, waits = shelf.imported("SHOWN", "CORRECTED", "WAITS")
        for ledger_id in (shown, corrected, waits):
            shelf.note(ledger_id, seen("8X1"))
        shelf.confirmed(corrected)
        shelf.note(corrected, seen("8X2"))
        shelf.begin((shown, 1), (corrected, 1), (waits, 1))
        put(shelf.store, "SHOWN", Intake.IMPORTED, remote_state=OrderState.SHIPPED)
        now = run(shelf.store.read(leases.real_time))

        def settled(sent_before: float) -> int:
            settle = unanswered_shipments.settle_without_a_look
            return run(shelf.store.write(settle, shelf.run_ledger, shelf.scope, sent_before=sent_before, limit=1))

        assert settled(now - 60) == 0
        assert [settled(now + 1) for _ in range(3)] == [1, 1, 0]
        assert shelf.states() == ["sent", "found", "sending"]

    def test_what_was_refused_or_not_answered_can_be_named(self, shelf: Shelf) -> None:
        one, two, three = shelf.imported("A", "B", "C")
        for ledger_id in (one, two, three):
            shelf.note(ledger_id, seen())
        shelf.refused(one)
        shelf.begin((two, 1))

        def unconfirmed(after: tuple[int, int]) -> list[tuple[str, str]]:
            found = run(shelf.store.read(parcels.unconfirmed_parcels, shelf.scope, after=after, limit=100))
            return [(row.order_id, parcel.state) for row, parcel in found]

        assert unconfirmed((0, 0)) == [("A", "refused"), ("B", "sending")]
        assert unconfirmed((one, 1)) == [("B", "sending")]


class TestLost:
    @pytest.mark.parametrize("intake", [Intake.IMPORTED, Intake.HANDLED, Intake.CANCELLING])
    def test_only_an_order_that_we_made_goes_to_a_person(self, shelf: Shelf, intake: Intake) -> None:
        [ledger_id] = shelf.imported("A")
        put(shelf.store, "A", intake)

        run(
            shelf.store.write(
                parcels.settle_cancelled_in_shop, shelf.run_ledger, ledger_id, code="DELETED_IN_SHOP", now=NOW
            )
        )

        ours = intake is Intake.IMPORTED
        row = entry(shelf.store, "A")
        assert (row.intake, row.code) == (("needs_person", "DELETED_IN_SHOP") if ours else (intake, ""))
        assert shelf.said() == ({"A": ("cancelled_in_shop", "DELETED_IN_SHOP")} if ours else {})

    def test_they_can_be_named_with_those_in_conflict(self, shelf: Shelf) -> None:
        shelf.imported("A", "B", "C", "D")
        put(shelf.store, "A", Intake.NEEDS_PERSON, code="CANCELLED_IN_SHOP")
        put(shelf.store, "B", Intake.NEEDS_PERSON, code="TOTAL_MISMATCH")
        put(shelf.store, "C", Intake.CONFLICT, code="SHIPPED_BUT_CANCELLED")

        found = run(shelf.store.read(parcels.lost_or_in_conflict, shelf.scope, after_id=0, limit=100))

        assert [row.order_id for row in found] == ["A", "C"]

    def test_what_the_marketplace_closed_is_closed(self, shelf: Shelf) -> None:
        shelf.imported("A", "B", state=OrderState.CLOSED)
        shelf.imported("C", state=OrderState.SHIPPED)

        def close() -> int:
            return run(shelf.store.write(parcels.close_finished, shelf.run_ledger, shelf.scope, now=NOW, limit=1))

        assert [close(), close(), close()] == [1, 1, 0]
        assert [entry(shelf.store, order_id).intake for order_id in "ABC"] == ["closed", "closed", "imported"]


def test_open_lines_come_with_the_parcels(shelf: Shelf) -> None:
    heard(
        shelf.store, shelf.run_ledger, a_sale("A", a_line("LAMPE", quantity=2), a_line("PULL", quantity=1, cancelled=1))
    )
    ledger_id = put(shelf.store, "A", Intake.IMPORTED, shop_ref="1").id

    [found] = run(shelf.store.read(parcels.parcels_of, [ledger_id]))

    assert [(line.sku, line.units) for line in found.lines] == [("LAMPE", 2)]
    assert found.parcels == []
