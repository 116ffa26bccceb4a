"""orders-reconcile on Amazon: a report of all orders against the ledger, and only what differs is asked for by id."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.shops.embedded import parcels
from app.store.embedded import ShipRequest
from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService, an_amazon_service
from tests.support.databases import connected
from tests.tasks.sandbox_service import SHOP, Report

ORDER_CALLS = ("createReport", "getReportDocument", "searchOrders", "getOrder")
LAMP = "LAMPE-BUREAU-001"
NEVER_S = 90 * 86400.0


@pytest.fixture
def service(service: AmazonService) -> AmazonService:
    """A merchant whose orders were imported once, so that a cursor stands."""
    assert service.run().status == "done"
    service.pass_time(FOUND_AFTER_S)
    return service


def imported(service: AmazonService, count: int = 1, **values: Any) -> list[str]:
    """Return orders that were found and imported."""
    made = service.make(count, **{"lines": 1, "quantity": 1, **values})
    service.pass_time(FOUND_AFTER_S)
    assert service.run().counts["imported"] >= count
    return made


def lost(service: AmazonService, **values: Any) -> str:
    """Return an order that no search ever finds."""
    [order_id] = service.make(1, index_lag_s=NEVER_S, lines=1, quantity=1, **values)
    service.pass_time(2 * 3600)
    assert service.run().counts.get("imported", 0) == 0
    return order_id


def calls(service: AmazonService) -> Counter[str]:
    """Return how often each of the calls about orders was made so far."""
    made = service.state()["calls"]
    return Counter({name: made.get(name, 0) for name in ORDER_CALLS})


def reconciled(service: AmazonService, **asked: Any) -> tuple[Report, dict[str, int]]:
    """Return the report of a comparison, and the calls it made about orders."""
    before = calls(service)
    report = service.run("orders-reconcile", **asked)
    return report, dict(calls(service) - before)


def offered(service: AmazonService) -> None:
    """Send what the shop wants of its offers, and let Amazon work on it."""
    service.run("offers-send")
    service.pass_time(3600)


def orders_of(report: Report) -> dict[str, int]:
    """Return the counts of a report that are about orders."""
    return {key: number for key, number in report.counts.items() if not key.startswith("offers")}


def in_shop(service: AmazonService, doing: Any, order_id: str, **how: Any) -> None:
    system = service.api.system
    service.api.wait_for(doing(system.store, SHOP, order=order_id, **how))


def ship(service: AmazonService, order_id: str) -> None:
    parcel = ShipRequest(carrier="Colissimo", number="8X123", units=None)
    in_shop(service, parcels.ship, order_id, request=parcel, now=service.api.clock.now())


class TestDifferences:
    def test_two_equal_sides_cost_a_report_and_no_order(self, service: AmazonService) -> None:
        imported(service, 5)
        imported(service, 2, fulfilment="marketplace", state="shipped")
        service.make(2, state="pending", late_payment_h=48)
        service.pass_time(FOUND_AFTER_S)
        service.run()

        report, made = reconciled(service)

        assert orders_of(report) == {"marketplace": 9, "shop": 7, "matched": 7}
        assert made == {"createReport": 1, "getReportDocument": 1}

    def test_an_order_that_every_list_lost_comes_in_with_the_next_import(self, service: AmazonService) -> None:
        imported(service)
        order_id = lost(service)

        report, made = reconciled(service)
        healed = service.run()

        assert orders_of(report) == {"marketplace": 2, "shop": 1, "matched": 1, "only_on_marketplace": 1}
        assert report.problem("NOT_YET_IMPORTED")["order_id"] == order_id
        assert made == {"createReport": 1, "getReportDocument": 1, "getOrder": 1}
        assert (healed.counts["imported"], healed.counts["found_by_catch_up"]) == (1, 1)
        assert service.shop_orders()[order_id] == 1
        assert orders_of(reconciled(service)[0]) == {"marketplace": 2, "shop": 2, "matched": 2}

    def test_a_lost_order_that_was_found_is_still_reported_by_the_next_comparison(self, service: AmazonService) -> None:
        order_id = lost(service)
        reconciled(service)

        report, made = reconciled(service)

        assert report.problem("NOT_YET_IMPORTED")["order_id"] == order_id
        assert made == {"createReport": 1, "getReportDocument": 1}

    def test_an_order_that_was_deleted_in_the_shop(self, service: AmazonService) -> None:
        kept, order_id = imported(service, 2)
        in_shop(service, parcels.delete, order_id)

        report, made = reconciled(service)

        assert orders_of(report) == {"marketplace": 2, "shop": 1, "matched": 1, "only_on_marketplace": 1}
        assert report.problem("DELETED_IN_SHOP")["order_id"] == order_id
        assert report.items("matched") == {kept}
        assert "getOrder" not in made

    def test_an_order_that_amazon_does_not_know(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        for column in ("marketplace_order_id", "key"):
            rename = sa.text(f"UPDATE embedded_orders SET {column} = replace({column}, :old, '1-2-3')")
            with connected(service.api.system.store.url) as connection:
                connection.execute(rename, {"old": order_id})

        report, _ = reconciled(service)

        assert orders_of(report) == {"marketplace": 1, "shop": 2, "matched": 1, "only_in_shop": 1}
        assert report.problem("UNKNOWN_THERE")["order_id"] == "1-2-3"

    def test_an_order_that_amazon_cancelled(self, service: AmazonService) -> None:
        _, order_id = imported(service, 2)
        service.change(order_id, state="cancelled")

        report, made = reconciled(service)
        service.run("orders-status")
        healed, _ = reconciled(service)

        assert report.problem("CANCELLED_THERE_ONLY")["order_id"] == order_id
        assert made["getOrder"] == 1
        assert orders_of(healed) == {"marketplace": 2, "shop": 2, "matched": 2}

    def test_an_order_that_the_shop_cancelled(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        in_shop(service, parcels.cancel, order_id, now=service.api.clock.now())

        report, _ = reconciled(service)

        assert report.problem("CANCELLED_IN_SHOP")["order_id"] == order_id

    def test_an_order_that_left_the_shop_unconfirmed(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        ship(service, order_id)

        report, _ = reconciled(service)

        assert report.problem("SHIPPED_HERE_ONLY")["order_id"] == order_id

    def test_an_order_that_counts_as_shipped_on_the_marketplace_alone(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        service.change(order_id, state="shipped")

        report, made = reconciled(service)

        assert report.problem("SHIPPED_THERE_ONLY")["order_id"] == order_id
        assert made["getOrder"] == 1

    def test_a_total_that_changed(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        service.change(order_id, total="1234.56")

        report, made = reconciled(service)

        assert orders_of(report)["total_differs"] == 1
        assert "€1,234.56" in report.problem("TOTAL_DIFFERS")["message"]
        assert made["getOrder"] == 1

    def test_an_order_with_a_cancelled_line_is_compared_by_what_is_left(self, service: AmazonService) -> None:
        [order_id] = service.make(1, lines=2, quantity=1)
        service.change(order_id, cancel_line=1)
        service.pass_time(FOUND_AFTER_S)
        service.run()

        report, made = reconciled(service)

        assert orders_of(report) == {"marketplace": 1, "shop": 1, "matched": 1}
        assert made["getOrder"] == 1

    def test_an_order_whose_amounts_nobody_understands_is_compared_by_its_own_total(
        self, service: AmazonService
    ) -> None:
        imported(service, 2, money="unexplained")

        report, made = reconciled(service)

        assert orders_of(report) == {"marketplace": 2, "shop": 2, "matched": 2}
        assert made["getOrder"] == 2

    def test_an_order_that_can_not_enter_keeps_its_own_reason(self, service: AmazonService) -> None:
        [order_id] = service.make(1, shape="unknown_sku")
        service.pass_time(FOUND_AFTER_S)
        service.run()

        report, made = reconciled(service)

        assert report.problem("SKU_UNKNOWN")["order_id"] == order_id
        assert "getOrder" not in made

    def test_an_offer_that_drifted_is_named_and_sent_by_the_next_run(self, service: AmazonService) -> None:
        offered(service)
        offered(service)
        service.api.control("POST", "amazon/offers", sku=LAMP, quantity=3)

        report, _ = reconciled(service)
        offered(service)

        drift = report.problem("OFFER_DIFFERS")
        assert drift["sku"] == LAMP
        assert "marketplace: stock 3, " in drift["message"]
        assert reconciled(service)[0].counts.get("offers_differ", 0) == 0

    def test_orders_of_other_channels_are_on_no_side(self, service: AmazonService) -> None:
        service.make(3, mcf=True, fulfilment="marketplace", age="2d")

        assert orders_of(reconciled(service)[0]) == {}

    def test_one_order_is_compared_by_its_id(self, service: AmazonService) -> None:
        order_id, _ = imported(service, 2)

        report, made = reconciled(service, order_id=order_id)

        assert orders_of(report) == {"marketplace": 1, "shop": 1, "matched": 1}
        assert made == {"getOrder": 1}


class TestDryRun:
    def test_it_names_the_differences_and_changes_nothing(self, service: AmazonService) -> None:
        kept, deleted, cancelled = imported(service, 3)
        unseen = lost(service)
        in_shop(service, parcels.delete, deleted)
        service.change(cancelled, state="cancelled")
        ledger = service.rows("ledger")

        dry_run, _ = reconciled(service, dry_run="1")

        assert service.rows("ledger") == ledger
        assert service.rows("passes") == []
        assert dry_run.items("matched") == {kept}
        assert dry_run.items("only_on_marketplace") == {deleted, unseen}
        assert dry_run.items("state_differs") == {cancelled}
        assert dry_run.counts == reconciled(service)[0].counts


class TestPauses:
    def test_a_comparison_waits_for_its_report_and_never_orders_a_second_one(self, service: AmazonService) -> None:
        imported(service, 3)
        service.switch(job_wait_s=1800)

        first, _ = reconciled(service)
        reports = service.gone_on(first, hours=2)

        assert first.codes == {"TIME_USED_UP"}
        assert len(reports) > 2
        assert orders_of(reports[-1]) == {"marketplace": 3, "shop": 3, "matched": 3}
        assert (calls(service)["createReport"], calls(service)["getReportDocument"]) == (1, 1)

    def test_a_report_that_amazon_gives_up_is_ordered_anew(self, service: AmazonService) -> None:
        imported(service, 3)
        service.switch(reports_fail=True)
        first, _ = reconciled(service)
        service.switch(reports_fail=False)

        last = service.gone_on(first, hours=2)[-1]

        assert first.codes == {"MARKETPLACE_DOWN"}
        assert orders_of(last) == {"marketplace": 3, "shop": 3, "matched": 3}

    def test_no_order_is_read_twice_by_a_comparison_that_pauses_in_between(self, service: AmazonService) -> None:
        imported(service, 20)
        # Too few for the list, too many for the time of one run.
        missing = service.make(360, index_lag_s=NEVER_S, state="pending", late_payment_h=48, lines=1)
        service.pass_time(600)
        # They are known, so the list is no shorter way.
        service.make(380, state="pending", late_payment_h=48, lines=1)
        service.pass_time(FOUND_AFTER_S)
        service.run()
        before = calls(service)

        first, _ = reconciled(service)
        reports = service.gone_on(first, hours=3)

        assert first.codes & {"QUOTA_USED_UP", "TIME_USED_UP"}
        assert orders_of(reports[-1]) == {"marketplace": 760, "shop": 20, "matched": 20}
        made = calls(service) - before
        assert (made["getOrder"], made["createReport"], made["searchOrders"]) == (len(missing), 1, 0)

    def test_a_later_comparison_orders_a_report_of_its_own(self, service: AmazonService) -> None:
        imported(service, 2)
        service.switch(job_wait_s=1800)
        assert reconciled(service)[0].status == "paused"
        service.switch(job_wait_s=60)
        imported(service)

        report, made = reconciled(service)

        assert orders_of(report) == {"marketplace": 3, "shop": 3, "matched": 3}
        assert made["createReport"] == 1


class TestMany:
    def test_a_shop_that_nobody_read_yet_is_read_from_the_list(self, service: AmazonService) -> None:
        service.make(700, age="20d", state="pending", late_payment_h=700, lines=1)
        service.make(3, age="20d", index_lag_s=NEVER_S, state="pending", late_payment_h=700, lines=1)
        service.pass_time(FOUND_AFTER_S)

        report, made = reconciled(service)

        assert orders_of(report) == {"marketplace": 703}
        # What the list lost is asked for by id.
        assert made == {"createReport": 1, "getReportDocument": 2, "searchOrders": 7, "getOrder": 3}

    def test_the_list_of_such_a_shop_is_gone_on_with_after_a_pause(self, service: AmazonService) -> None:
        service.make(1800, age="20d", state="pending", late_payment_h=700, lines=1)
        service.make(2, age="20d", index_lag_s=NEVER_S, state="pending", late_payment_h=700, lines=1)
        service.pass_time(FOUND_AFTER_S)
        before = calls(service)

        first, _ = reconciled(service)
        reports = service.gone_on(first, hours=3)

        assert first.codes == {"QUOTA_USED_UP"}
        assert orders_of(reports[-1]) == {"marketplace": 1802}
        made = calls(service) - before
        assert (made["createReport"], made["searchOrders"], made["getOrder"]) == (1, 18, 2)

    @pytest.mark.parametrize("settled", [600, pytest.param(5000, marks=pytest.mark.long)], indirect=True)
    def test_orders_that_agree_cost_a_report_however_many_they_are(self, settled: AmazonService) -> None:
        known = len(settled.rows("ledger"))

        report, made = reconciled(settled)

        assert orders_of(report) == {"marketplace": known}
        assert made == {"createReport": 1, "getReportDocument": 1}


@pytest.fixture
def settled(tmp_path: Path, sqlite_template: Path, request: pytest.FixtureRequest) -> Iterator[AmazonService]:
    """A merchant with that many orders of before his start: known, and never imported."""
    with an_amazon_service(tmp_path, template=sqlite_template, start_from="1h") as made:
        made.make(request.param, age="7d", lines=1, quantity=1)
        made.pass_time(FOUND_AFTER_S)
        reports = made.gone_on(made.run(), hours=6)
        assert reports[-1].status == "done"
        yield made
