"""orders-reconcile on Amazon: a report of all orders against the ledger, and only what differs is asked for by id."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.shops.embedded import parcels
from app.store.embedded import ShipRequest
from tests.marketplaces.amazon.merchant import FOUND_AFTER_S, Merchant, a_merchant
from tests.support.databases import connected
from tests.tasks.market import SHOP, Report

ORDER_CALLS = ("createReport", "getReportDocument", "searchOrders", "getOrder")
LAMP = "LAMPE-BUREAU-001"
NEVER_S = 90 * 86400.0


@pytest.fixture
def seller(merchant: Merchant) -> Merchant:
    """A merchant whose orders were imported once, so that a cursor stands."""
    assert merchant.run().status == "done"
    merchant.pass_time(FOUND_AFTER_S)
    return merchant


def imported(seller: Merchant, count: int = 1, **values: Any) -> list[str]:
    """Return orders that were found and imported."""
    made = seller.make(count, **{"lines": 1, "quantity": 1, **values})
    seller.pass_time(FOUND_AFTER_S)
    assert seller.run().counts["imported"] >= count
    return made


def lost(seller: Merchant, **values: Any) -> str:
    """Return an order that no search ever finds."""
    [order_id] = seller.make(1, index_lag_s=NEVER_S, lines=1, quantity=1, **values)
    seller.pass_time(2 * 3600)
    assert seller.run().counts.get("imported", 0) == 0
    return order_id


def calls(seller: Merchant) -> Counter[str]:
    """Return how often each of the calls about orders was made so far."""
    made = seller.state()["calls"]
    return Counter({name: made.get(name, 0) for name in ORDER_CALLS})


def reconciled(seller: Merchant, **asked: Any) -> tuple[Report, dict[str, int]]:
    """Return the report of a comparison, and the calls it made about orders."""
    before = calls(seller)
    report = seller.run("orders-reconcile", **asked)
    return report, dict(calls(seller) - before)


def offered(seller: Merchant) -> None:
    """Send what the shop wants of its offers, and let Amazon work on it."""
    seller.run("offers-send")
    seller.pass_time(3600)


def orders_of(report: Report) -> dict[str, int]:
    """Return the counts of a report that are about orders."""
    return {key: number for key, number in report.counts.items() if not key.startswith("offers")}


def in_shop(seller: Merchant, doing: Any, order_id: str, **how: Any) -> None:
    system = seller.service.system
    seller.service.wait_for(doing(system.store, SHOP, order=order_id, **how))


def ship(seller: Merchant, order_id: str) -> None:
    parcel = ShipRequest(carrier="Colissimo", number="8X123", units=None)
    in_shop(seller, parcels.ship, order_id, request=parcel, now=seller.service.clock.now())


class TestDifferences:
    def test_two_equal_sides_cost_a_report_and_no_order(self, seller: Merchant) -> None:
        imported(seller, 5)
        imported(seller, 2, fulfilment="marketplace", state="shipped")
        seller.make(2, state="pending", late_payment_h=48)
        seller.pass_time(FOUND_AFTER_S)
        seller.run()

        report, made = reconciled(seller)

        assert orders_of(report) == {"marketplace": 9, "shop": 7, "matched": 7}
        assert made == {"createReport": 1, "getReportDocument": 1}

    def test_an_order_that_every_list_lost_comes_in_with_the_next_import(self, seller: Merchant) -> None:
        imported(seller)
        order_id = lost(seller)

        report, made = reconciled(seller)
        healed = seller.run()

        assert orders_of(report) == {"marketplace": 2, "shop": 1, "matched": 1, "only_on_marketplace": 1}
        assert report.problem("NOT_YET_IMPORTED")["order_id"] == order_id
        assert made == {"createReport": 1, "getReportDocument": 1, "getOrder": 1}
        assert (healed.counts["imported"], healed.counts["found_by_catch_up"]) == (1, 1)
        assert seller.shop_orders()[order_id] == 1
        assert orders_of(reconciled(seller)[0]) == {"marketplace": 2, "shop": 2, "matched": 2}

    def test_a_lost_order_that_was_found_is_still_reported_by_the_next_comparison(self, seller: Merchant) -> None:
        order_id = lost(seller)
        reconciled(seller)

        report, made = reconciled(seller)

        assert report.problem("NOT_YET_IMPORTED")["order_id"] == order_id
        assert made == {"createReport": 1, "getReportDocument": 1}

    def test_an_order_that_was_deleted_in_the_shop(self, seller: Merchant) -> None:
        kept, order_id = imported(seller, 2)
        in_shop(seller, parcels.delete, order_id)

        report, made = reconciled(seller)

        assert orders_of(report) == {"marketplace": 2, "shop": 1, "matched": 1, "only_on_marketplace": 1}
        assert report.problem("DELETED_IN_SHOP")["order_id"] == order_id
        assert report.items("matched") == {kept}
        assert "getOrder" not in made

    def test_an_order_that_amazon_does_not_know(self, seller: Merchant) -> None:
        [order_id] = imported(seller)
        for column in ("marketplace_order_id", "key"):
            rename = sa.text(f"UPDATE embedded_orders SET {column} = replace({column}, :old, '1-2-3')")
            with connected(seller.service.system.store.url) as connection:
                connection.execute(rename, {"old": order_id})

        report, _ = reconciled(seller)

        assert orders_of(report) == {"marketplace": 1, "shop": 2, "matched": 1, "only_in_shop": 1}
        assert report.problem("UNKNOWN_THERE")["order_id"] == "1-2-3"

    def test_an_order_that_amazon_cancelled(self, seller: Merchant) -> None:
        _, order_id = imported(seller, 2)
        seller.change(order_id, state="cancelled")

        report, made = reconciled(seller)
        seller.run("orders-status")
        healed, _ = reconciled(seller)

        assert report.problem("CANCELLED_THERE_ONLY")["order_id"] == order_id
        assert made["getOrder"] == 1
        assert orders_of(healed) == {"marketplace": 2, "shop": 2, "matched": 2}

    def test_an_order_that_the_shop_cancelled(self, seller: Merchant) -> None:
        [order_id] = imported(seller)
        in_shop(seller, parcels.cancel, order_id, now=seller.service.clock.now())

        report, _ = reconciled(seller)

        assert report.problem("CANCELLED_IN_SHOP")["order_id"] == order_id

    def test_an_order_that_left_the_shop_unconfirmed(self, seller: Merchant) -> None:
        [order_id] = imported(seller)
        ship(seller, order_id)

        report, _ = reconciled(seller)

        assert report.problem("SHIPPED_HERE_ONLY")["order_id"] == order_id

    def test_an_order_that_counts_as_shipped_on_the_marketplace_alone(self, seller: Merchant) -> None:
        [order_id] = imported(seller)
        seller.change(order_id, state="shipped")

        report, made = reconciled(seller)

        assert report.problem("SHIPPED_THERE_ONLY")["order_id"] == order_id
        assert made["getOrder"] == 1

    def test_a_total_that_changed(self, seller: Merchant) -> None:
        [order_id] = imported(seller)
        seller.change(order_id, total="1234.56")

        report, made = reconciled(seller)

        assert orders_of(report)["total_differs"] == 1
        assert "€1,234.56" in report.problem("TOTAL_DIFFERS")["message"]
        assert made["getOrder"] == 1

    def test_an_order_with_a_cancelled_line_is_compared_by_what_is_left(self, seller: Merchant) -> None:
        [order_id] = seller.make(1, lines=2, quantity=1)
        seller.change(order_id, cancel_line=1)
        seller.pass_time(FOUND_AFTER_S)
        seller.run()

        report, made = reconciled(seller)

        assert orders_of(report) == {"marketplace": 1, "shop": 1, "matched": 1}
        assert made["getOrder"] == 1

    def test_an_order_whose_amounts_nobody_understands_is_compared_by_its_own_total(self, seller: Merchant) -> None:
        imported(seller, 2, money="unexplained")

        report, made = reconciled(seller)

        assert orders_of(report) == {"marketplace": 2, "shop": 2, "matched": 2}
        assert made["getOrder"] == 2

    def test_an_order_that_can_not_enter_keeps_its_own_reason(self, seller: Merchant) -> None:
        [order_id] = seller.make(1, shape="unknown_sku")
        seller.pass_time(FOUND_AFTER_S)
        seller.run()

        report, made = reconciled(seller)

        assert report.problem("SKU_UNKNOWN")["order_id"] == order_id
        assert "getOrder" not in made

    def test_an_offer_that_drifted_is_named_and_sent_by_the_next_run(self, seller: Merchant) -> None:
        offered(seller)
        offered(seller)
        seller.service.control("POST", "amazon/offers", sku=LAMP, quantity=3)

        report, _ = reconciled(seller)
        offered(seller)

        drift = report.problem("OFFER_DIFFERS")
        assert drift["sku"] == LAMP
        assert "marketplace: stock 3, " in drift["message"]
        assert reconciled(seller)[0].counts.get("offers_differ", 0) == 0

    def test_orders_of_other_channels_are_on_no_side(self, seller: Merchant) -> None:
        seller.make(3, mcf=True, fulfilment="marketplace", age="2d")

        assert orders_of(reconciled(seller)[0]) == {}

    def test_one_order_is_compared_by_its_id(self, seller: Merchant) -> None:
        order_id, _ = imported(seller, 2)

        report, made = reconciled(seller, order_id=order_id)

        assert orders_of(report) == {"marketplace": 1, "shop": 1, "matched": 1}
        assert made == {"getOrder": 1}


class TestDryRun:
    def test_it_names_the_differences_and_changes_nothing(self, seller: Merchant) -> None:
        kept, deleted, cancelled = imported(seller, 3)
        unseen = lost(seller)
        in_shop(seller, parcels.delete, deleted)
        seller.change(cancelled, state="cancelled")
        ledger = seller.rows("ledger")

        dry_run, _ = reconciled(seller, dry_run="1")

        assert seller.rows("ledger") == ledger
        assert seller.rows("passes") == []
        assert dry_run.items("matched") == {kept}
        assert dry_run.items("only_on_marketplace") == {deleted, unseen}
        assert dry_run.items("state_differs") == {cancelled}
        assert dry_run.counts == reconciled(seller)[0].counts


class TestPauses:
    def test_a_comparison_waits_for_its_report_and_never_orders_a_second_one(self, seller: Merchant) -> None:
        imported(seller, 3)
        seller.switch(job_wait_s=1800)

        first, _ = reconciled(seller)
        reports = seller.gone_on(first, hours=2)

        assert first.codes == {"TIME_USED_UP"}
        assert len(reports) > 2
        assert orders_of(reports[-1]) == {"marketplace": 3, "shop": 3, "matched": 3}
        assert (calls(seller)["createReport"], calls(seller)["getReportDocument"]) == (1, 1)

    def test_a_report_that_amazon_gives_up_is_ordered_anew(self, seller: Merchant) -> None:
        imported(seller, 3)
        seller.switch(reports_fail=True)
        first, _ = reconciled(seller)
        seller.switch(reports_fail=False)

        last = seller.gone_on(first, hours=2)[-1]

        assert first.codes == {"MARKETPLACE_DOWN"}
        assert orders_of(last) == {"marketplace": 3, "shop": 3, "matched": 3}

    def test_no_order_is_read_twice_by_a_comparison_that_pauses_in_between(self, seller: Merchant) -> None:
        imported(seller, 20)
        # Too few for the list, too many for the time of one run.
        missing = seller.make(360, index_lag_s=NEVER_S, state="pending", late_payment_h=48, lines=1)
        seller.pass_time(600)
        # They are known, so the list is no shorter way.
        seller.make(380, state="pending", late_payment_h=48, lines=1)
        seller.pass_time(FOUND_AFTER_S)
        seller.run()
        before = calls(seller)

        first, _ = reconciled(seller)
        reports = seller.gone_on(first, hours=3)

        assert first.codes & {"QUOTA_USED_UP", "TIME_USED_UP"}
        assert orders_of(reports[-1]) == {"marketplace": 760, "shop": 20, "matched": 20}
        made = calls(seller) - before
        assert (made["getOrder"], made["createReport"], made["searchOrders"]) == (len(missing), 1, 0)

    def test_a_later_comparison_orders_a_report_of_its_own(self, seller: Merchant) -> None:
        imported(seller, 2)
        seller.switch(job_wait_s=1800)
        assert reconciled(seller)[0].status == "paused"
        seller.switch(job_wait_s=60)
        imported(seller)

        report, made = reconciled(seller)

        assert orders_of(report) == {"marketplace": 3, "shop": 3, "matched": 3}
        assert made["createReport"] == 1


class TestMany:
    def test_a_shop_that_nobody_read_yet_is_read_from_the_list(self, merchant: Merchant) -> None:
        merchant.make(700, age="20d", state="pending", late_payment_h=700, lines=1)
        merchant.make(3, age="20d", index_lag_s=NEVER_S, state="pending", late_payment_h=700, lines=1)
        merchant.pass_time(FOUND_AFTER_S)

        report, made = reconciled(merchant)

        assert orders_of(report) == {"marketplace": 703}
        # What the list lost is asked for by id.
        assert made == {"createReport": 1, "getReportDocument": 2, "searchOrders": 7, "getOrder": 3}

    def test_the_list_of_such_a_shop_is_gone_on_with_after_a_pause(self, merchant: Merchant) -> None:
        merchant.make(1800, age="20d", state="pending", late_payment_h=700, lines=1)
        merchant.make(2, age="20d", index_lag_s=NEVER_S, state="pending", late_payment_h=700, lines=1)
        merchant.pass_time(FOUND_AFTER_S)
        before = calls(merchant)

        first, _ = reconciled(merchant)
        reports = merchant.gone_on(first, hours=3)

        assert first.codes == {"QUOTA_USED_UP"}
        assert orders_of(reports[-1]) == {"marketplace": 1802}
        made = calls(merchant) - before
        assert (made["createReport"], made["searchOrders"], made["getOrder"]) == (1, 18, 2)

    @pytest.mark.parametrize("settled", [600, pytest.param(5000, marks=pytest.mark.long)], indirect=True)
    def test_orders_that_agree_cost_a_report_however_many_they_are(self, settled: Merchant) -> None:
        known = len(settled.rows("ledger"))

        report, made = reconciled(settled)

        assert orders_of(report) == {"marketplace": known}
        assert made == {"createReport": 1, "getReportDocument": 1}


@pytest.fixture
def settled(tmp_path: Path, sqlite_template: Path, request: pytest.FixtureRequest) -> Iterator[Merchant]:
    """A merchant with that many orders of before his start: known, and never imported."""
    with a_merchant(tmp_path, template=sqlite_template, start_from="1h") as made:
        made.make(request.param, age="7d", lines=1, quantity=1)
        made.pass_time(FOUND_AFTER_S)
        reports = made.gone_on(made.run(), hours=6)
        assert reports[-1].status == "done"
        yield made
