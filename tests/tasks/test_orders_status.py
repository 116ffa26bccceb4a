"""orders-status against the real adapter, the sandbox and the embedded shop: told once, never too soon, never lost."""

from collections.abc import Callable
from typing import Any

import pytest

from app.errors import LeaseLost
from app.store.engine import Session
from app.tasks import orders_status
from tests.tasks.sandbox_service import HOUR_S, SandboxService
from tests.tasks.sandbox_service import service as service

LAMP = "LAMPE-BUREAU-001"
PULL = "PULL-LAINE-001"
# Longer than a refused parcel waits before it is tried again, the first times.
LATER_S = 2 * HOUR_S


def shipped_on_marketplace(service: SandboxService) -> dict[str, tuple[str | None, str | None]]:
    """Return carrier and number of every order that we told as shipped."""
    return {each["id"]: (each["carrier"], each["tracking"]) for each in service.state()["shipped"]}


class TestConfirming:
    def test_carrier_and_number_are_confirmed_once(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, carrier="Colis SBX", number="8X123")

        report = service.run("orders-status")
        again = service.run("orders-status")

        assert report.counts == {"seen": 1, "sent": 1}
        assert report.items("sent") == {order_id}
        assert shipped_on_marketplace(service) == {order_id: ("colis_sbx", "8X123")}
        assert again.counts == {"seen": 1}
        assert (service.calls("OR23"), service.calls("OR24")) == (1, 1)

    def test_an_order_that_has_not_left_is_not_confirmed(self, service: SandboxService) -> None:
        service.imported()

        assert service.run("orders-status").counts == {"seen": 1}
        assert shipped_on_marketplace(service) == {}

    def test_the_merchants_name_for_a_carrier_is_translated(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.set(carrier_names={"Transporteur A": {"carrier": "express_sbx"}})
        service.ship(order_id, carrier="Transporteur A")

        service.run("orders-status")

        assert shipped_on_marketplace(service) == {order_id: ("express_sbx", "8X123")}

    def test_a_carrier_that_is_on_no_list_brings_its_address_along(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.set(carrier_names={"Coursier": {"url": "https://coursier.example/{number}/{postcode}"}})
        service.ship(order_id, carrier="Coursier", number="A 1")

        service.run("orders-status")

        [postcode] = [row["postcode"] for row in service.rows("ledger")] or [""]
        on_marketplace = service.order(order_id)
        assert (on_marketplace["carrier"], on_marketplace["tracking"]) == ("Coursier", "A 1")
        assert on_marketplace["tracking_url"].startswith("https://coursier.example/A%201/")
        # Nobody needs to know where the buyer lives any more.
        assert postcode == ""

    def test_what_somebody_else_shipped_already_counts_as_confirmed(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.move_order(order_id, state="shipped")

        assert "refused" not in service.run("orders-status").counts
        assert service.run("orders-status").codes == set()

    def test_more_orders_than_one_batch_holds_are_confirmed_once_each(self, service: SandboxService) -> None:
        ids = service.imported_many(60)
        for order_id in ids:
            service.ship(order_id, number=f"8X{order_id}")

        report = service.run("orders-status")

        assert report.counts["sent"] == 60
        assert {number for _, number in shipped_on_marketplace(service).values()} == {
            f"8X{order_id}" for order_id in ids
        }
        assert service.state()["writes_repeated"] == 0


class TestTracking:
    def test_an_order_without_a_number_waits_and_is_held_after_the_grace(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, carrier="", number="")

        waits = service.run("orders-status")
        service.pass_time(4 * HOUR_S)
        held = service.run("orders-status")
        still = service.run("orders-status")

        assert (waits.status, waits.counts["waiting_tracking"], waits.codes) == ("done", 1, set())
        assert [(report.status, report.counts["waiting_tracking"]) for report in (held, still)] == [("partial", 1)] * 2
        assert held.problem("TRACKING_MISSING")["message"] == "The shop shipped this order without a tracking number."
        assert shipped_on_marketplace(service) == {}

    def test_a_number_that_comes_in_time_is_confirmed(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, carrier="", number="")
        service.run("orders-status")
        service.ship(order_id, carrier="Colis SBX", number="8X9", sequence=1)

        assert service.run("orders-status").counts["sent"] == 1
        assert shipped_on_marketplace(service) == {order_id: ("colis_sbx", "8X9")}

    def test_a_number_that_comes_late_ends_the_holding(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, carrier="", number="")
        service.pass_time(4 * HOUR_S)
        service.run("orders-status")
        service.ship(order_id, carrier="Colis SBX", number="8X9", sequence=1)

        report = service.run("orders-status")

        assert (report.counts["sent"], report.codes) == (1, set())

    def test_it_is_confirmed_without_a_number_if_the_merchant_wants_it(self, service: SandboxService) -> None:
        ids = service.imported_many(12)
        service.set(without_tracking="send", tracking_grace_h=0)
        for order_id in ids:
            service.ship(order_id, carrier="", number="")

        report = service.run("orders-status")

        # The operator insists on a number for some of his shipping methods.
        methods = {row["order_id"]: row["shipping_method"] for row in service.rows("ledger")}
        insisting = {order_id for order_id, method in methods.items() if method == "EXP"}
        assert 0 < len(insisting) < 12
        assert set(shipped_on_marketplace(service)) == set(ids) - insisting
        assert (report.counts["sent"], report.counts["waiting_tracking"]) == (12 - len(insisting), len(insisting))
        assert report.codes == {"TRACKING_MISSING"}

    def test_an_unknown_carrier_is_named_until_it_is_translated(self, service: SandboxService) -> None:
        service.switch(alternative_carrier=False)
        order_id = service.imported()
        service.ship(order_id, carrier="Pigeon")

        named = service.run("orders-status")
        service.set(carrier_names={"Pigeon": {"carrier": "Express SBX"}})
        report = service.run("orders-status")

        assert (named.status, named.counts["waiting_tracking"]) == ("partial", 1)
        assert named.problem("CARRIER_UNKNOWN")["message"] == "The marketplace has no carrier for “Pigeon”."
        assert report.counts["sent"] == 1
        assert shipped_on_marketplace(service) == {order_id: ("express_sbx", "8X123")}

    def test_an_address_that_needs_an_unknown_postcode_is_named(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.set(carrier_names={"Coursier": {"url": "https://coursier.example/{postcode}"}})
        service.sql("UPDATE ledger SET postcode = ''")
        service.ship(order_id, carrier="Coursier")

        report = service.run("orders-status")

        assert "needs a postcode" in report.problem("TRACKING_URL_UNKNOWN")["message"]
        assert "carrier_names" in report.problem("TRACKING_URL_UNKNOWN")["fix"]


class TestParcels:
    def test_half_the_lines_wait_for_the_rest(self, service: SandboxService) -> None:
        order_id = service.imported(lines=2, sku=LAMP)
        first, second = [line["sku"] for line in service.order(order_id)["lines"]]
        service.ship(order_id, number="8X1", units={first: 1})

        half = service.run("orders-status")
        service.ship(order_id, number="8X2", units={second: 1})
        whole = service.run("orders-status")

        assert (half.status, half.counts, half.codes) == ("done", {"seen": 1, "waiting_tracking": 1}, set())
        assert whole.counts["sent"] == 1
        assert shipped_on_marketplace(service) == {order_id: ("colis_sbx", "8X1")}

    def test_two_parcels_are_confirmed_once_where_an_order_has_one_number(self, service: SandboxService) -> None:
        order_id = service.imported(sku=LAMP, quantity=2)
        service.ship(order_id, number="8X1", units={LAMP: 1})
        service.ship(order_id, number="8X2", units={LAMP: 1}, sequence=2)

        report = service.run("orders-status")
        again = service.run("orders-status", force="1")

        assert (report.counts["sent"], again.counts.get("sent", 0)) == (1, 0)
        assert (service.calls("OR23"), service.calls("OR24")) == (1, 1)

    def test_a_corrected_number_is_confirmed_when_it_is_asked_to_look_again(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, number="WRONG")
        service.run("orders-status")
        service.ship(order_id, number="RIGHT", sequence=1)

        plain = service.run("orders-status")
        forced = service.run("orders-status", force="1")
        again = service.run("orders-status", force="1")

        assert plain.counts == {"seen": 1}
        assert [report.counts.get("sent", 0) for report in (forced, again)] == [1, 0]
        assert service.order(order_id)["tracking"] == "RIGHT"
        assert (service.calls("OR23"), service.calls("OR24")) == (2, 1)

    def test_a_corrected_carrier_is_confirmed_too(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, carrier="Colis SBX", number="8X1")
        service.run("orders-status")
        service.ship(order_id, carrier="Express SBX", number="8X1", sequence=1)

        service.run("orders-status", force="1")

        assert shipped_on_marketplace(service) == {order_id: ("express_sbx", "8X1")}

    def test_a_number_that_comes_after_it_was_confirmed_without_is_confirmed_when_asked(
        self, service: SandboxService
    ) -> None:
        service.set(without_tracking="send", tracking_grace_h=0)
        order_id = next(each for each in service.imported_many(6) if _method(service, each) == "STD")
        service.ship(order_id, carrier="", number="")
        service.run("orders-status")
        service.ship(order_id, carrier="Colis SBX", number="8X1", sequence=1)

        service.run("orders-status", force="1")

        assert shipped_on_marketplace(service)[order_id] == ("colis_sbx", "8X1")


def _method(service: SandboxService, order_id: str) -> str:
    [method] = [row["shipping_method"] for row in service.rows("ledger") if row["order_id"] == order_id]
    return str(method)


class TestRefusals:
    def test_a_refused_shipment_is_named_in_every_report_and_tried_again(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.fault("http_400", "OR24")

        refused = service.run("orders-status")
        soon = service.run("orders-status")
        service.pass_time(LATER_S)
        later = service.run("orders-status")

        assert [(each.status, each.counts["refused"]) for each in (refused, soon)] == [("partial", 1)] * 2
        assert refused.problem("SHIP_REFUSED")["order_id"] == order_id
        assert soon.problem("SHIP_REFUSED")["message"] == refused.problem("SHIP_REFUSED")["message"]
        assert (later.status, later.counts["sent"]) == ("done", 1)

    def test_a_refused_number_is_named_and_its_correction_confirmed_at_once(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, number="BAD")
        service.fault("http_400", "OR23")

        refused = service.run("orders-status")
        service.ship(order_id, number="GOOD", sequence=1)
        report = service.run("orders-status")

        assert refused.problem("TRACKING_REFUSED")["order_id"] == order_id
        assert (report.codes, report.counts["sent"]) == (set(), 1)
        assert service.order(order_id)["tracking"] == "GOOD"

    @pytest.mark.parametrize("parameter", ["force", "order_id"])
    def test_whoever_asks_need_not_wait_for_the_next_try(self, service: SandboxService, parameter: str) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.fault("http_400", "OR24")
        service.run("orders-status")

        report = service.run("orders-status", **{parameter: "1" if parameter == "force" else order_id})

        assert report.counts["sent"] == 1

    def test_an_order_in_the_wrong_state_is_not_confirmed_until_it_may_ship_again(
        self, service: SandboxService
    ) -> None:
        order_id = service.imported()
        service.ship(order_id)
        # The operator puts it back while we are about to tell.
        service.move_order(order_id, state="accepted")
        service.sql("UPDATE ledger SET remote_state = 'to_ship'")

        service.run("orders-status")
        back = shipped_on_marketplace(service)
        service.pass_time(12 * HOUR_S)
        service.run("orders-status")

        assert back == {}
        assert set(shipped_on_marketplace(service)) == {order_id}

    def test_one_refused_order_does_not_stop_the_others(self, service: SandboxService) -> None:
        ids = service.imported_many(5)
        for order_id in ids:
            service.ship(order_id)
        service.fault("http_400", "OR24")

        report = service.run("orders-status")

        assert (report.counts["sent"], report.counts["refused"]) == (4, 1)


class TestLostAnswers:
    @pytest.mark.parametrize("operation", ["OR23", "OR24"])
    @pytest.mark.parametrize("answer", ["reset", "http_500"])
    def test_a_lost_answer_is_looked_up_and_confirmed_once_on_the_whole(
        self, service: SandboxService, operation: str, answer: str
    ) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.fault("lost_ack", operation, answer=answer)

        reports = [service.run("orders-status") for _ in range(3)]

        assert shipped_on_marketplace(service) == {order_id: ("colis_sbx", "8X123")}
        assert service.state()["writes_repeated_by_operation"].get("OR24", 0) == 0
        assert sum(report.counts.get("sent", 0) for report in reports) == 1
        assert reports[-1].codes == set()

    def test_an_answer_that_never_came_is_said_until_it_is_settled(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.fault("lost_ack", "OR24")

        report = service.run("orders-status")

        assert report.codes == {"OUTCOME_UNKNOWN"}
        assert (report.status, report.counts["waiting_tracking"]) == ("done", 1)

    def test_a_write_that_never_arrived_is_confirmed_again(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.fault("timeout", "OR24")

        unknown = service.run("orders-status")
        report = service.run("orders-status")

        assert unknown.codes == {"OUTCOME_UNKNOWN"}
        assert report.counts["sent"] == 1
        assert set(shipped_on_marketplace(service)) == {order_id}

    def test_a_correction_whose_answer_was_lost_is_confirmed_again(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id, number="WRONG")
        service.run("orders-status")
        service.ship(order_id, number="RIGHT", sequence=1)
        # Nothing of it arrives, and the order counts as shipped all the same.
        service.fault("timeout", "OR23", count=8)
        service.run("orders-status", force="1")
        service.heal()

        service.pass_time(LATER_S)
        service.run("orders-status", force="1")

        assert service.order(order_id)["tracking"] == "RIGHT"

    def test_a_worker_that_dies_while_confirming_leaves_nothing_unconfirmed_or_confirmed_twice(
        self, service: SandboxService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = service.imported_many(6)
        for order_id in ids:
            service.ship(order_id)
        settling, settled = orders_status._settling, []

        def dies_at_the_third(*args: Any) -> Callable[[Session], None]:
            settled.append(args)
            if len(settled) == 3:
                raise LeaseLost("killed")
            return settling(*args)

        monkeypatch.setattr(orders_status, "_settling", dies_at_the_third)
        run_id = service.run_of_a_dead_worker("orders-status")

        taken_over = service.taken_over(run_id)
        service.run("orders-status")

        assert taken_over.status == "done"
        # What the dead worker told is told of this run too.
        assert taken_over.counts == {"seen": 6, "sent": 6}
        assert set(shipped_on_marketplace(service)) == set(ids)
        assert service.state()["writes_repeated"] == 0

    def test_many_lost_answers_are_looked_up_in_turn_and_nothing_waits_for_them(
        self, service: SandboxService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(orders_status, "LOOKED_UP", 2)
        lost = service.imported_many(5)
        for order_id in lost:
            service.ship(order_id)
        service.fault("timeout", "OR24", count=5)
        unknown = service.run("orders-status")
        new = service.imported()
        service.ship(new)

        report = service.run("orders-status")

        assert unknown.counts["waiting_tracking"] == 5
        assert (report.counts["sent"], report.codes) == (6, set())
        assert set(shipped_on_marketplace(service)) == {*lost, new}

    def test_what_the_marketplace_shows_is_not_confirmed_again_hours_later(self, service: SandboxService) -> None:
        ids = service.imported_many(3)
        for order_id in ids:
            service.ship(order_id)
        service.run("orders-status")
        calls = []
        for _ in range(3):
            service.pass_time(4 * HOUR_S)
            before = service.calls("OR11")
            service.run("orders-status")
            calls.append(service.calls("OR11") - before)

        assert (service.calls("OR23"), service.calls("OR24")) == (3, 3)
        # The list of what changed, and no order by its id.
        assert len(set(calls)) == 1


class TestCancelledInTheShop:
    def test_it_is_named_until_somebody_settles_it(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.cancel(order_id)

        found = service.run("orders-status")
        again = service.run("orders-status")
        service.handled(order_id)
        settled = service.run("orders-status")

        assert found.counts["cancelled_in_shop"] == 1
        assert found.problem("CANCELLED_IN_SHOP")["deadline"] is not None
        assert (again.status, again.codes, again.counts) == ("partial", {"CANCELLED_IN_SHOP"}, {"seen": 1})
        assert (settled.status, settled.codes) == ("done", set())
        assert shipped_on_marketplace(service) == {}

    def test_it_ends_when_the_marketplace_cancels_too(self, service: SandboxService) -> None:
        stock = service.stock()
        order_id = service.imported()
        service.cancel(order_id)
        service.run("orders-status")
        service.move_order(order_id, state="cancelled")

        report = service.run("orders-status")

        assert (report.status, report.counts["cancelled_on_marketplace"]) == ("done", 1)
        assert service.intake(order_id)[0] == "cancelled"
        assert service.stock() == stock

    def test_a_deleted_order_is_named_and_ends_when_the_marketplace_cancels_it(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.delete(order_id)

        found = service.run("orders-status")
        service.move_order(order_id, state="cancelled")
        ended = service.run("orders-status")

        assert found.counts["cancelled_in_shop"] == 1
        assert found.problem("DELETED_IN_SHOP")["order_id"] == order_id
        assert (ended.status, ended.codes) == ("done", set())
        assert service.intake(order_id)[0] == "cancelled"

    def test_an_order_of_an_older_module_is_not_looked_for(self, service: SandboxService) -> None:
        [order_id] = service.api.make_orders(count=1)
        service.api.wait_for(service.api.system.accounts.adopt("mirakl-demo", {order_id: "4711"}))

        report = service.run("orders-status")

        assert (report.status, report.codes) == ("done", set())
        assert service.intake(order_id)[0] == "handled"


class TestCancelledOnTheMarketplace:
    def test_the_shop_cancels_and_restocks_once(self, service: SandboxService) -> None:
        stock = service.stock()
        order_id = service.imported(sku=LAMP, quantity=3)
        service.move_order(order_id, state="cancelled")

        reports = [service.run("orders-status") for _ in range(3)]

        assert service.shop_states() == {order_id: "cancelled"}
        assert service.stock() == stock
        assert [report.counts.get("cancelled_on_marketplace", 0) for report in reports] == [1, 0, 0]
        assert [report.status for report in reports] == ["done"] * 3

    def test_an_order_that_left_the_shop_is_named_until_somebody_settles_it(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.move_order(order_id, state="cancelled")

        found = service.run("orders-status")
        again = service.run("orders-status")
        service.handled(order_id)

        assert found.problem("SHIPPED_BUT_CANCELLED")["order_id"] == order_id
        assert (again.status, again.codes) == ("partial", {"SHIPPED_BUT_CANCELLED"})
        assert service.run("orders-status").status == "done"
        assert shipped_on_marketplace(service) == {}

    def test_an_order_that_the_marketplace_closed_is_closed_in_the_ledger(self, service: SandboxService) -> None:
        order_id = service.imported()
        service.ship(order_id)
        service.run("orders-status")
        service.move_order(order_id, state="closed")

        closed = service.run("orders-status")
        again = service.run("orders-status")

        assert closed.counts["closed"] == 1
        assert service.intake(order_id) == ("closed", "")
        assert again.counts.get("closed", 0) == 0


class TestDryRun:
    def test_it_says_what_would_be_confirmed_and_changes_nothing(self, service: SandboxService) -> None:
        ship, wait, lose, cancel, close, keep = service.imported_many(6)
        service.ship(ship)
        service.ship(wait, carrier="", number="")
        service.cancel(lose)
        service.move_order(cancel, state="cancelled")
        service.move_order(close, state="closed")
        both_sides = service.both_sides()

        report = service.run("orders-status", dry_run="1")

        assert report.counts == {
            "seen": 6,
            "sent": 1,
            "waiting_tracking": 1,
            "cancelled_in_shop": 1,
            "cancelled_on_marketplace": 1,
            "closed": 1,
        }
        assert report.items("sent") == {ship}
        assert keep not in report.items("sent") | report.items("waiting_tracking")
        assert service.both_sides() == both_sides
        assert service.run("orders-status").counts == report.counts

    def test_it_foresees_no_second_confirmation(self, service: SandboxService) -> None:
        order_id = service.imported(sku=LAMP, quantity=2)
        service.ship(order_id, number="8X1", units={LAMP: 1})
        service.ship(order_id, number="8X2", units={LAMP: 1}, sequence=2)
        service.run("orders-status")

        assert "sent" not in service.run("orders-status", dry_run="1", force="1").counts


def test_only_the_orders_asked_for_are_confirmed(service: SandboxService) -> None:
    first, second = service.imported_many(2)
    service.ship(first)
    service.ship(second)

    report = service.run("orders-status", order_id=second)

    assert report.counts == {"seen": 1, "sent": 1}
    assert set(shipped_on_marketplace(service)) == {second}


def test_a_list_of_carriers_that_can_not_be_read_stops_nobody_who_has_nothing_to_confirm(
    service: SandboxService,
) -> None:
    service.imported()
    service.fault("http_503", "SH21", count=8)

    assert service.run("orders-status").status == "done"


def test_an_outage_on_the_first_day_does_not_keep_parcels_waiting_until_the_next(service: SandboxService) -> None:
    order_id = service.imported()
    service.ship(order_id)
    # Until now nobody could read the list of carriers.
    service.fault("http_503", "SH21", count=5)
    reports = [service.run("orders-status")]

    for _ in range(3):
        if reports[-1].status == "paused":
            reports.append(service.resumed(reports[-1]))

    assert reports[0].codes == {"MARKETPLACE_DOWN"}
    assert shipped_on_marketplace(service) == {order_id: ("colis_sbx", "8X123")}
