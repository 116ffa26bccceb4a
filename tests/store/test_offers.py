"""Offers in the store: the listing, what the shop wants, and the batches between the two."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from app.domain.guards import Figures
from app.domain.offer import LiveOffer, OfferKind
from app.domain.order import Fulfilment
from app.store import offers
from app.store.engine import Store
from app.store.offers import Batch, Known, ReceiptState, Rest, Wanted
from app.store.passes import PassKey
from app.store.tables import OfferRow
from tests.runs.builders import an_account
from tests.shops.builders import NOW
from tests.support.aio import run

HOUR = timedelta(hours=1)


@dataclass
class Shelf:
    """The offers of one account."""

    store: Store
    account_id: str

    @property
    def key(self) -> PassKey:
        return PassKey(self.account_id, "offers-send", "listing")

    def list(self, *live: LiveOffer, hours: int = 0, ended: bool = True) -> None:
        """Read the marketplace's list, so many hours after the first."""
        now = NOW + hours * HOUR
        run(self.store.write(offers.take_listing, self.account_id, live, now=now, key=None, resume=None))
        if ended:
            run(self.store.write(offers.end_listing, self.account_id, began=now, key=None))

    def want(
        self, sku: str = "LAMPE", quantity: int | None = None, price: str | None = None, *, by: str = "run"
    ) -> None:
        wanted = Wanted(sku=sku, quantity=quantity, price=Decimal(price) if price is not None else None)
        run(self.store.write(offers.want, self.account_id, [wanted], run_id=by))

    def rest(self, *, by: str, stock: bool = True) -> Rest:
        return run(self.store.write(offers.want_nothing_of_the_rest, self.account_id, run_id=by, stock=stock))

    def batch(
        self, kind: OfferKind = OfferKind.STOCK, *, sold_out: bool = False, everything: bool = False, limit: int = 100
    ) -> Batch | None:
        return run(
            self.store.write(
                offers.begin_batch,
                self.account_id,
                kind,
                run_id="run",
                everything=everything,
                sold_out=sold_out,
                after_sku="",
                limit=limit,
                now=NOW,
            )
        )

    def sent(self, kind: OfferKind = OfferKind.STOCK, **options: Any) -> int:
        """Send a batch and return its receipt."""
        batch = self.batch(kind, **options)
        assert batch is not None
        run(self.store.write(offers.settle_submitted, batch.receipt_id, remote_id="r-1", refused={}))
        return batch.receipt_id

    def answered(self, receipt_id: int, refused: Mapping[str, str] | None = None) -> int:
        return run(self.store.write(offers.settle_results, receipt_id, refused=refused or {}))

    def given_up(self, receipt_id: int) -> None:
        run(self.store.write(offers.give_up, receipt_id))

    def known(self, sku: str = "LAMPE") -> Known | None:
        return run(self.store.read(offers.known_offers, self.account_id, [sku])).get(sku)

    def figures(self, *kinds: OfferKind) -> Figures:
        return run(self.store.read(offers.figures, self.account_id, kinds=kinds or tuple(OfferKind)))

    def row(self, sku: str = "LAMPE") -> OfferRow:
        def question(session: Session) -> OfferRow:
            return session.get_one(OfferRow, (self.account_id, sku))

        return run(self.store.read(question))


def skus(batch: Batch | None) -> list[str]:
    return [offer.sku for offer in batch.offers] if batch else []


def live(sku: str = "LAMPE", quantity: int = 5, price: str = "10.00", **changes: Any) -> LiveOffer:
    return LiveOffer(sku=sku, quantity=quantity, price=Decimal(price), **changes)


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store, an_account(store).id)


class TestListing:
    def test_what_is_listed_is_known_and_nothing_else_is(self, shelf: Shelf) -> None:
        shelf.list(live(price="12.9"), live("PULL"))

        assert shelf.known() == Known(5, Decimal("12.90"), Fulfilment.MERCHANT)
        assert shelf.known("CAFETIERE") is None

    def test_it_is_over_only_when_it_came_to_its_end(self, shelf: Shelf) -> None:
        shelf.list(live(), ended=False)
        before = run(shelf.store.read(offers.last_listing, shelf.account_id))
        shelf.list(live("PULL"), hours=1)

        assert before is None
        assert run(shelf.store.read(offers.last_listing, shelf.account_id)) == NOW + HOUR

    def test_what_a_whole_listing_does_not_show_is_forgotten_but_what_is_under_way(self, shelf: Shelf) -> None:
        shelf.list(live(), live("PULL"), live("CAFETIERE"))
        shelf.want("PULL", 1)
        receipt = shelf.sent()

        shelf.list(live(), hours=1)
        waiting = shelf.known("PULL")
        shelf.answered(receipt)
        shelf.list(live(), hours=2)

        assert shelf.known("CAFETIERE") is None
        assert waiting is not None
        assert shelf.known("PULL") is None

    def test_it_goes_on_where_it_stood(self, shelf: Shelf) -> None:
        def begin(hours: int) -> tuple[str | None, bool]:
            now = NOW + hours * HOUR
            row = run(
                shelf.store.write(offers.begin_listing, shelf.key, now=now, oldest_birth=now - timedelta(hours=12))
            )
            return row.resume, row.born_at == now

        def take(resume: str | None) -> None:
            page = [live(f"SKU-{resume}")]
            run(shelf.store.write(offers.take_listing, shelf.account_id, page, now=NOW, key=shelf.key, resume=resume))

        first = begin(0)
        take("100 LAMPE")
        again, too_old = begin(1), begin(14)
        run(shelf.store.write(offers.end_listing, shelf.account_id, began=NOW, key=shelf.key))

        assert (first, again, too_old) == ((None, True), ("100 LAMPE", False), (None, True))
        assert begin(15) == (None, True)

    def test_a_sku_under_way_shows_what_was_sent(self, shelf: Shelf) -> None:
        shelf.list(live(quantity=5))
        shelf.want(quantity=3)
        receipt = shelf.sent()

        shelf.list(live(quantity=9), hours=1)
        shown = shelf.known()
        shelf.answered(receipt)

        assert shown is not None
        assert shown.quantity == 3
        assert shelf.row().known_quantity == 3

    def test_another_account_has_its_own_offers(self, shelf: Shelf, store: Store) -> None:
        other = Shelf(store, an_account(store, "other", seller_key="other").id)
        shelf.list(live())
        other.list(live("PULL"))

        assert (shelf.known("PULL"), other.known("LAMPE")) == (None, None)


class TestWhatTheShopWants:
    def test_only_differences_are_in_a_batch(self, shelf: Shelf) -> None:
        shelf.list(live(), live("PULL"), live("CAFETIERE"))
        shelf.want("LAMPE", 5, "10.00")
        shelf.want("PULL", 4, "10.00")
        shelf.want("CAFETIERE", 5, "11.00")

        stock, price = shelf.batch(), shelf.batch(OfferKind.PRICE)

        assert (skus(stock), skus(price)) == (["PULL"], ["CAFETIERE"])
        assert shelf.batch() is None

    def test_all_is_in_a_batch_when_all_is_asked_for(self, shelf: Shelf) -> None:
        shelf.list(live(), live("PULL"))
        shelf.want("LAMPE", 5, "10.00")
        shelf.want("PULL", None, None)

        assert skus(shelf.batch(everything=True)) == ["LAMPE"]
        assert skus(shelf.batch(OfferKind.PRICE, everything=True)) == ["LAMPE"]

    def test_an_offer_that_the_marketplace_ships_is_in_no_batch_of_stock(self, shelf: Shelf) -> None:
        shelf.list(live(fulfilment=Fulfilment.MARKETPLACE))
        shelf.want(quantity=1, price="11.00")

        assert shelf.batch() is shelf.batch(sold_out=True) is shelf.batch(everything=True) is None
        assert skus(shelf.batch(OfferKind.PRICE)) == ["LAMPE"]

    def test_a_sku_that_a_listing_forgot_meanwhile_is_forgiven(self, shelf: Shelf) -> None:
        shelf.list(live())

        shelf.want("PULL", 1)

        assert shelf.known("PULL") is None

    def test_what_the_shop_has_no_more_is_taken_off_sale(self, shelf: Shelf) -> None:
        shelf.list(live(), live("PULL"), live("CAFETIERE", 0), live("OF-ANOTHER-TOOL"))
        for sku in ("LAMPE", "PULL", "CAFETIERE"):
            shelf.want(sku, 5, "10.00", by="monday")
        shelf.want("LAMPE", 5, "10.00", by="tuesday")

        rest = shelf.rest(by="tuesday")

        assert rest == Rest(changed=1, unchanged=1)
        assert skus(shelf.batch(sold_out=True)) == ["PULL"]
        assert shelf.row("OF-ANOTHER-TOOL").wanted_quantity is None

    def test_it_keeps_its_stock_where_stock_is_not_sent(self, shelf: Shelf) -> None:
        shelf.list(live())
        shelf.want(quantity=None, price="10.00", by="monday")

        assert shelf.rest(by="tuesday", stock=False) == Rest(changed=0, unchanged=1)
        assert shelf.row().wanted_quantity is None

    def test_what_is_left_alone_is_wanted_no_more(self, shelf: Shelf) -> None:
        shelf.list(live())
        shelf.want(quantity=1, price="11.00", by="monday")

        run(shelf.store.write(offers.leave_alone, shelf.account_id, ["LAMPE", "UNKNOWN"]))

        assert shelf.rest(by="tuesday") == Rest(0, 0)
        assert shelf.batch() is shelf.batch(OfferKind.PRICE) is None

    def test_figures_say_what_sending_would_do(self, shelf: Shelf) -> None:
        shelf.list(
            live("A"), live("B"), live("C"), live("D", 0), live("E", fulfilment=Fulfilment.MARKETPLACE), live("F")
        )
        for sku, quantity, price in (
            ("A", 0, "10.00"),
            ("B", 3, "13.00"),
            ("C", 5, "13.01"),
            ("D", 0, "0.00"),
            ("E", 0, "1.00"),
        ):
            shelf.want(sku, quantity, price)

        assert shelf.figures() == Figures(
            listed=6,
            live=4,
            stock_changes=2,
            to_zero=1,
            priced=5,
            price_changes=4,
            price_not_positive=1,
            price_moves=3,
        )
        assert shelf.figures(OfferKind.STOCK).price_changes == 0
        assert shelf.figures(OfferKind.PRICE).to_zero == 0


class TestBatches:
    def test_sold_out_and_the_rest_are_batches_of_their_own(self, shelf: Shelf) -> None:
        shelf.list(live(), live("PULL"))
        shelf.want("LAMPE", 0)
        shelf.want("PULL", 2)

        assert (skus(shelf.batch(sold_out=True)), skus(shelf.batch())) == (["LAMPE"], ["PULL"])

    def test_a_batch_holds_so_many(self, shelf: Shelf) -> None:
        shelf.list(*(live(f"SKU-{number}") for number in range(5)))
        for number in range(5):
            shelf.want(f"SKU-{number}", 1)

        batches = [skus(shelf.batch(limit=2)) for _ in range(4)]

        assert batches == [["SKU-0", "SKU-1"], ["SKU-2", "SKU-3"], ["SKU-4"], []]

    def test_a_sku_under_way_waits_but_for_nothing_left(self, shelf: Shelf) -> None:
        shelf.list(live())
        shelf.want(quantity=3)
        first = shelf.sent()
        shelf.want(quantity=2)
        waits = shelf.batch()
        shelf.want(quantity=0)

        second = shelf.sent(sold_out=True)
        again = shelf.batch(sold_out=True)
        late = shelf.answered(first)

        assert (waits, again, late) == (None, None, 0)
        assert shelf.answered(second) == 1
        assert shelf.row().known_quantity == 0

    def test_a_price_under_way_waits(self, shelf: Shelf) -> None:
        shelf.list(live())
        shelf.want(price="11.00")
        receipt = shelf.sent(OfferKind.PRICE)
        shelf.want(price="12.00")

        waits = shelf.batch(OfferKind.PRICE)
        shelf.answered(receipt)

        assert waits is None
        assert skus(shelf.batch(OfferKind.PRICE)) == ["LAMPE"]

    def test_what_was_accepted_is_known(self, shelf: Shelf) -> None:
        shelf.list(live(), live("PULL"))
        shelf.want("LAMPE", 3)
        shelf.want("PULL", 4)
        receipt = shelf.sent()
        pending = run(shelf.store.read(offers.pending_count, shelf.account_id))

        accepted = shelf.answered(receipt)

        assert (pending, accepted) == (2, 2)
        assert run(shelf.store.read(offers.pending_count, shelf.account_id)) == 0
        assert run(shelf.store.read(offers.receipts, shelf.account_id, state=ReceiptState.OPEN)) == []

    @pytest.mark.parametrize("kind", list(OfferKind))
    def test_what_was_refused_waits_for_another_value(self, shelf: Shelf, kind: OfferKind) -> None:
        shelf.list(live())
        shelf.want(quantity=3, price="11.00")
        shelf.answered(shelf.sent(kind), {"LAMPE": "too dear", "UNKNOWN": "?"})

        refused = run(shelf.store.read(offers.refused_offers, shelf.account_id, after_sku="", limit=10))
        same = shelf.batch(kind)
        shelf.want(quantity=2, price="12.00")

        assert [(row.sku, row.refused_params) for row in refused] == [("LAMPE", {"detail": "too dear"})]
        assert same is None
        assert run(shelf.store.read(offers.refused_offers, shelf.account_id, after_sku="", limit=10)) == []
        assert skus(shelf.batch(kind)) == ["LAMPE"]

    def test_what_is_refused_before_it_is_sent_is_not_among_the_lines(self, shelf: Shelf) -> None:
        shelf.list(live(), live("PULL"))
        shelf.want("LAMPE", 3)
        shelf.want("PULL", 4)
        batch = shelf.batch()
        assert batch is not None
        settle = shelf.store.write(
            offers.settle_submitted, batch.receipt_id, remote_id="r-1", refused={"PULL": "bad SKU"}
        )
        run(settle)

        [receipt] = run(shelf.store.read(offers.receipts, shelf.account_id, state=ReceiptState.OPEN))
        assert receipt.lines == 1
        assert shelf.answered(batch.receipt_id) == 1

    def test_a_batch_that_is_given_up_is_sent_again_also_if_the_shop_went_back(self, shelf: Shelf) -> None:
        shelf.list(live(quantity=5, price="10.00"))
        shelf.want(quantity=3, price="11.00")
        for kind in OfferKind:
            shelf.given_up(shelf.sent(kind))
        shelf.want(quantity=5, price="10.00")

        known = shelf.known()
        assert known is not None
        assert (known.quantity, known.stock_unsure, known.price_unsure) == (5, True, True)
        for kind in OfferKind:
            shelf.answered(shelf.sent(kind))
        assert shelf.batch() is shelf.batch(OfferKind.PRICE) is None

    def test_what_got_lost_before_is_not_forgotten_by_a_later_batch_that_got_lost_too(self, shelf: Shelf) -> None:
        shelf.list(live(quantity=5, price="10.00"))
        for quantity, price in ((3, "11.00"), (5, "10.00")):
            shelf.want(quantity=quantity, price=price)
            for kind in OfferKind:
                shelf.given_up(shelf.sent(kind))

        again = [shelf.batch(kind) for kind in OfferKind]

        # The marketplace may have taken the first batch and never seen the second.
        assert [skus(batch) for batch in again] == [["LAMPE"], ["LAMPE"]]

    def test_a_new_listing_makes_sure(self, shelf: Shelf) -> None:
        shelf.list(live(quantity=5))
        shelf.want(quantity=3)
        shelf.given_up(shelf.sent())

        shelf.list(live(quantity=3), hours=1)

        assert shelf.known() == Known(3, Decimal("10.00"), Fulfilment.MERCHANT, was_wanted=True)
        assert shelf.batch() is None
