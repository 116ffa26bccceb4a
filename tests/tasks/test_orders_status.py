"""orders-status against the real adapter, the sandbox and the embedded shop: told once, never too soon, never lost."""

from collections.abc import Callable
from typing import Any

import pytest

from app.errors import LeaseLost
from app.store.engine import Session
from app.tasks import orders_status
from tests.tasks.market import HOUR_S, Market
from tests.tasks.market import market as market

LAMP = "LAMPE-BUREAU-001"
PULL = "PULL-LAINE-001"
# Longer than a refused parcel waits before it is tried again, the first times.
LATER_S = 2 * HOUR_S


def shipped_on_marketplace(market: Market) -> dict[str, tuple[str | None, str | None]]:
    """Return carrier and number of every order that we told as shipped."""
    return {each["id"]: (each["carrier"], each["tracking"]) for each in market.state()["shipped"]}


class TestConfirming:
    def test_carrier_and_number_are_confirmed_once(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, carrier="Colis SBX", number="8X123")

        report = market.run("orders-status")
        again = market.run("orders-status")

        assert report.counts == {"seen": 1, "sent": 1}
        assert report.items("sent") == {order_id}
        assert shipped_on_marketplace(market) == {order_id: ("colis_sbx", "8X123")}
        assert again.counts == {"seen": 1}
        assert (market.calls("OR23"), market.calls("OR24")) == (1, 1)

    def test_an_order_that_has_not_left_is_not_confirmed(self, market: Market) -> None:
        market.imported()

        assert market.run("orders-status").counts == {"seen": 1}
        assert shipped_on_marketplace(market) == {}

    def test_the_merchants_name_for_a_carrier_is_translated(self, market: Market) -> None:
        order_id = market.imported()
        market.set(carrier_names={"Transporteur A": {"carrier": "express_sbx"}})
        market.ship(order_id, carrier="Transporteur A")

        market.run("orders-status")

        assert shipped_on_marketplace(market) == {order_id: ("express_sbx", "8X123")}

    def test_a_carrier_that_is_on_no_list_brings_its_address_along(self, market: Market) -> None:
        order_id = market.imported()
        market.set(carrier_names={"Coursier": {"url": "https://coursier.example/{number}/{postcode}"}})
        market.ship(order_id, carrier="Coursier", number="A 1")

        market.run("orders-status")

        [postcode] = [row["postcode"] for row in market.rows("ledger")] or [""]
        on_marketplace = market.order(order_id)
        assert (on_marketplace["carrier"], on_marketplace["tracking"]) == ("Coursier", "A 1")
        assert on_marketplace["tracking_url"].startswith("https://coursier.example/A%201/")
        # Nobody needs to know where the buyer lives any more.
        assert postcode == ""

    def test_what_somebody_else_shipped_already_counts_as_confirmed(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.move_order(order_id, state="shipped")

        assert "refused" not in market.run("orders-status").counts
        assert market.run("orders-status").codes == set()

    def test_more_orders_than_one_batch_holds_are_confirmed_once_each(self, market: Market) -> None:
        ids = market.imported_many(60)
        for order_id in ids:
            market.ship(order_id, number=f"8X{order_id}")

        report = market.run("orders-status")

        assert report.counts["sent"] == 60
        assert {number for _, number in shipped_on_marketplace(market).values()} == {
            f"8X{order_id}" for order_id in ids
        }
        assert market.state()["writes_repeated"] == 0


class TestTracking:
    def test_an_order_without_a_number_waits_and_is_held_after_the_grace(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, carrier="", number="")

        waits = market.run("orders-status")
        market.pass_time(4 * HOUR_S)
        held = market.run("orders-status")
        still = market.run("orders-status")

        assert (waits.status, waits.counts["waiting_tracking"], waits.codes) == ("done", 1, set())
        assert [(report.status, report.counts["waiting_tracking"]) for report in (held, still)] == [("partial", 1)] * 2
        assert held.problem("TRACKING_MISSING")["message"] == "The shop shipped this order without a tracking number."
        assert shipped_on_marketplace(market) == {}

    def test_a_number_that_comes_in_time_is_confirmed(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, carrier="", number="")
        market.run("orders-status")
        market.ship(order_id, carrier="Colis SBX", number="8X9", sequence=1)

        assert market.run("orders-status").counts["sent"] == 1
        assert shipped_on_marketplace(market) == {order_id: ("colis_sbx", "8X9")}

    def test_a_number_that_comes_late_ends_the_holding(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, carrier="", number="")
        market.pass_time(4 * HOUR_S)
        market.run("orders-status")
        market.ship(order_id, carrier="Colis SBX", number="8X9", sequence=1)

        report = market.run("orders-status")

        assert (report.counts["sent"], report.codes) == (1, set())

    def test_it_is_confirmed_without_a_number_if_the_merchant_wants_it(self, market: Market) -> None:
        ids = market.imported_many(12)
        market.set(without_tracking="send", tracking_grace_h=0)
        for order_id in ids:
            market.ship(order_id, carrier="", number="")

        report = market.run("orders-status")

        # The operator insists on a number for some of his shipping methods.
        methods = {row["order_id"]: row["shipping_method"] for row in market.rows("ledger")}
        insisting = {order_id for order_id, method in methods.items() if method == "EXP"}
        assert 0 < len(insisting) < 12
        assert set(shipped_on_marketplace(market)) == set(ids) - insisting
        assert (report.counts["sent"], report.counts["waiting_tracking"]) == (12 - len(insisting), len(insisting))
        assert report.codes == {"TRACKING_MISSING"}

    def test_an_unknown_carrier_is_named_until_it_is_translated(self, market: Market) -> None:
        market.switch(alternative_carrier=False)
        order_id = market.imported()
        market.ship(order_id, carrier="Pigeon")

        named = market.run("orders-status")
        market.set(carrier_names={"Pigeon": {"carrier": "Express SBX"}})
        report = market.run("orders-status")

        assert (named.status, named.counts["waiting_tracking"]) == ("partial", 1)
        assert named.problem("CARRIER_UNKNOWN")["message"] == "The marketplace has no carrier for “Pigeon”."
        assert report.counts["sent"] == 1
        assert shipped_on_marketplace(market) == {order_id: ("express_sbx", "8X123")}

    def test_an_address_that_needs_an_unknown_postcode_is_named(self, market: Market) -> None:
        order_id = market.imported()
        market.set(carrier_names={"Coursier": {"url": "https://coursier.example/{postcode}"}})
        market.sql("UPDATE ledger SET postcode = ''")
        market.ship(order_id, carrier="Coursier")

        report = market.run("orders-status")

        assert "needs a postcode" in report.problem("TRACKING_URL_UNKNOWN")["message"]
        assert "carrier_names" in report.problem("TRACKING_URL_UNKNOWN")["fix"]


class TestParcels:
    def test_half_the_lines_wait_for_the_rest(self, market: Market) -> None:
        order_id = market.imported(lines=2, sku=LAMP)
        first, second = [line["sku"] for line in market.order(order_id)["lines"]]
        market.ship(order_id, number="8X1", units={first: 1})

        half = market.run("orders-status")
        market.ship(order_id, number="8X2", units={second: 1})
        whole = market.run("orders-status")

        assert (half.status, half.counts, half.codes) == ("done", {"seen": 1, "waiting_tracking": 1}, set())
        assert whole.counts["sent"] == 1
        assert shipped_on_marketplace(market) == {order_id: ("colis_sbx", "8X1")}

    def test_two_parcels_are_confirmed_once_where_an_order_has_one_number(self, market: Market) -> None:
        order_id = market.imported(sku=LAMP, quantity=2)
        market.ship(order_id, number="8X1", units={LAMP: 1})
        market.ship(order_id, number="8X2", units={LAMP: 1}, sequence=2)

        report = market.run("orders-status")
        again = market.run("orders-status", force="1")

        assert (report.counts["sent"], again.counts.get("sent", 0)) == (1, 0)
        assert (market.calls("OR23"), market.calls("OR24")) == (1, 1)

    def test_a_corrected_number_is_confirmed_when_it_is_asked_to_look_again(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, number="WRONG")
        market.run("orders-status")
        market.ship(order_id, number="RIGHT", sequence=1)

        plain = market.run("orders-status")
        forced = market.run("orders-status", force="1")
        again = market.run("orders-status", force="1")

        assert plain.counts == {"seen": 1}
        assert [report.counts.get("sent", 0) for report in (forced, again)] == [1, 0]
        assert market.order(order_id)["tracking"] == "RIGHT"
        assert (market.calls("OR23"), market.calls("OR24")) == (2, 1)

    def test_a_corrected_carrier_is_confirmed_too(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, carrier="Colis SBX", number="8X1")
        market.run("orders-status")
        market.ship(order_id, carrier="Express SBX", number="8X1", sequence=1)

        market.run("orders-status", force="1")

        assert shipped_on_marketplace(market) == {order_id: ("express_sbx", "8X1")}

    def test_a_number_that_comes_after_it_was_confirmed_without_is_confirmed_when_asked(self, market: Market) -> None:
        market.set(without_tracking="send", tracking_grace_h=0)
        order_id = next(each for each in market.imported_many(6) if _method(market, each) == "STD")
        market.ship(order_id, carrier="", number="")
        market.run("orders-status")
        market.ship(order_id, carrier="Colis SBX", number="8X1", sequence=1)

        market.run("orders-status", force="1")

        assert shipped_on_marketplace(market)[order_id] == ("colis_sbx", "8X1")


def _method(market: Market, order_id: str) -> str:
    [method] = [row["shipping_method"] for row in market.rows("ledger") if row["order_id"] == order_id]
    return str(method)


class TestRefusals:
    def test_a_refused_shipment_is_named_in_every_report_and_tried_again(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.fault("http_400", "OR24")

        refused = market.run("orders-status")
        soon = market.run("orders-status")
        market.pass_time(LATER_S)
        later = market.run("orders-status")

        assert [(each.status, each.counts["refused"]) for each in (refused, soon)] == [("partial", 1)] * 2
        assert refused.problem("SHIP_REFUSED")["order_id"] == order_id
        assert soon.problem("SHIP_REFUSED")["message"] == refused.problem("SHIP_REFUSED")["message"]
        assert (later.status, later.counts["sent"]) == ("done", 1)

    def test_a_refused_number_is_named_and_its_correction_confirmed_at_once(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, number="BAD")
        market.fault("http_400", "OR23")

        refused = market.run("orders-status")
        market.ship(order_id, number="GOOD", sequence=1)
        report = market.run("orders-status")

        assert refused.problem("TRACKING_REFUSED")["order_id"] == order_id
        assert (report.codes, report.counts["sent"]) == (set(), 1)
        assert market.order(order_id)["tracking"] == "GOOD"

    @pytest.mark.parametrize("parameter", ["force", "order_id"])
    def test_whoever_asks_need_not_wait_for_the_next_try(self, market: Market, parameter: str) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.fault("http_400", "OR24")
        market.run("orders-status")

        report = market.run("orders-status", **{parameter: "1" if parameter == "force" else order_id})

        assert report.counts["sent"] == 1

    def test_an_order_in_the_wrong_state_is_not_confirmed_until_it_may_ship_again(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id)
        # The operator puts it back while we are about to tell.
        market.move_order(order_id, state="accepted")
        market.sql("UPDATE ledger SET remote_state = 'to_ship'")

        market.run("orders-status")
        back = shipped_on_marketplace(market)
        market.pass_time(12 * HOUR_S)
        market.run("orders-status")

        assert back == {}
        assert set(shipped_on_marketplace(market)) == {order_id}

    def test_one_refused_order_does_not_stop_the_others(self, market: Market) -> None:
        ids = market.imported_many(5)
        for order_id in ids:
            market.ship(order_id)
        market.fault("http_400", "OR24")

        report = market.run("orders-status")

        assert (report.counts["sent"], report.counts["refused"]) == (4, 1)


class TestLostAnswers:
    @pytest.mark.parametrize("operation", ["OR23", "OR24"])
    @pytest.mark.parametrize("answer", ["reset", "http_500"])
    def test_a_lost_answer_is_looked_up_and_confirmed_once_on_the_whole(
        self, market: Market, operation: str, answer: str
    ) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.fault("lost_ack", operation, answer=answer)

        reports = [market.run("orders-status") for _ in range(3)]

        assert shipped_on_marketplace(market) == {order_id: ("colis_sbx", "8X123")}
        assert market.state()["writes_repeated_by_operation"].get("OR24", 0) == 0
        assert sum(report.counts.get("sent", 0) for report in reports) == 1
        assert reports[-1].codes == set()

    def test_an_answer_that_never_came_is_said_until_it_is_settled(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.fault("lost_ack", "OR24")

        report = market.run("orders-status")

        assert report.codes == {"OUTCOME_UNKNOWN"}
        assert (report.status, report.counts["waiting_tracking"]) == ("done", 1)

    def test_a_write_that_never_arrived_is_confirmed_again(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.fault("timeout", "OR24")

        unknown = market.run("orders-status")
        report = market.run("orders-status")

        assert unknown.codes == {"OUTCOME_UNKNOWN"}
        assert report.counts["sent"] == 1
        assert set(shipped_on_marketplace(market)) == {order_id}

    def test_a_correction_whose_answer_was_lost_is_confirmed_again(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id, number="WRONG")
        market.run("orders-status")
        market.ship(order_id, number="RIGHT", sequence=1)
        # Nothing of it arrives, and the order counts as shipped all the same.
        market.fault("timeout", "OR23", count=8)
        market.run("orders-status", force="1")
        market.heal()

        market.pass_time(LATER_S)
        market.run("orders-status", force="1")

        assert market.order(order_id)["tracking"] == "RIGHT"

    def test_a_worker_that_dies_while_confirming_leaves_nothing_unconfirmed_or_confirmed_twice(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = market.imported_many(6)
        for order_id in ids:
            market.ship(order_id)
        settling, settled = orders_status._settling, []

        def dies_at_the_third(*args: Any) -> Callable[[Session], None]:
            settled.append(args)
            if len(settled) == 3:
                raise LeaseLost("killed")
            return settling(*args)

        monkeypatch.setattr(orders_status, "_settling", dies_at_the_third)
        run_id = market.run_of_a_dead_worker("orders-status")

        taken_over = market.taken_over(run_id)
        market.run("orders-status")

        assert taken_over.status == "done"
        # What the dead worker told is told of this run too.
        assert taken_over.counts == {"seen": 6, "sent": 6}
        assert set(shipped_on_marketplace(market)) == set(ids)
        assert market.state()["writes_repeated"] == 0

    def test_many_lost_answers_are_looked_up_in_turn_and_nothing_waits_for_them(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(orders_status, "LOOKED_UP", 2)
        lost = market.imported_many(5)
        for order_id in lost:
            market.ship(order_id)
        market.fault("timeout", "OR24", count=5)
        unknown = market.run("orders-status")
        new = market.imported()
        market.ship(new)

        report = market.run("orders-status")

        assert unknown.counts["waiting_tracking"] == 5
        assert (report.counts["sent"], report.codes) == (6, set())
        assert set(shipped_on_marketplace(market)) == {*lost, new}

    def test_what_the_marketplace_shows_is_not_confirmed_again_hours_later(self, market: Market) -> None:
        ids = market.imported_many(3)
        for order_id in ids:
            market.ship(order_id)
        market.run("orders-status")
        calls = []
        for _ in range(3):
            market.pass_time(4 * HOUR_S)
            before = market.calls("OR11")
            market.run("orders-status")
            calls.append(market.calls("OR11") - before)

        assert (market.calls("OR23"), market.calls("OR24")) == (3, 3)
        # The list of what changed, and no order by its id.
        assert len(set(calls)) == 1


class TestCancelledInTheShop:
    def test_it_is_named_until_somebody_settles_it(self, market: Market) -> None:
        order_id = market.imported()
        market.cancel(order_id)

        found = market.run("orders-status")
        again = market.run("orders-status")
        market.handled(order_id)
        settled = market.run("orders-status")

        assert found.counts["cancelled_in_shop"] == 1
        assert found.problem("CANCELLED_IN_SHOP")["deadline"] is not None
        assert (again.status, again.codes, again.counts) == ("partial", {"CANCELLED_IN_SHOP"}, {"seen": 1})
        assert (settled.status, settled.codes) == ("done", set())
        assert shipped_on_marketplace(market) == {}

    def test_it_ends_when_the_marketplace_cancels_too(self, market: Market) -> None:
        stock = market.stock()
        order_id = market.imported()
        market.cancel(order_id)
        market.run("orders-status")
        market.move_order(order_id, state="cancelled")

        report = market.run("orders-status")

        assert (report.status, report.counts["cancelled_on_marketplace"]) == ("done", 1)
        assert market.intake(order_id)[0] == "cancelled"
        assert market.stock() == stock

    def test_a_deleted_order_is_named_and_ends_when_the_marketplace_cancels_it(self, market: Market) -> None:
        order_id = market.imported()
        market.delete(order_id)

        found = market.run("orders-status")
        market.move_order(order_id, state="cancelled")
        ended = market.run("orders-status")

        assert found.counts["cancelled_in_shop"] == 1
        assert found.problem("DELETED_IN_SHOP")["order_id"] == order_id
        assert (ended.status, ended.codes) == ("done", set())
        assert market.intake(order_id)[0] == "cancelled"

    def test_an_order_of_an_older_module_is_not_looked_for(self, market: Market) -> None:
        [order_id] = market.service.make_orders(count=1)
        market.service.wait_for(market.service.system.accounts.adopt("mirakl-demo", {order_id: "4711"}))

        report = market.run("orders-status")

        assert (report.status, report.codes) == ("done", set())
        assert market.intake(order_id)[0] == "handled"


class TestCancelledOnTheMarketplace:
    def test_the_shop_cancels_and_restocks_once(self, market: Market) -> None:
        stock = market.stock()
        order_id = market.imported(sku=LAMP, quantity=3)
        market.move_order(order_id, state="cancelled")

        reports = [market.run("orders-status") for _ in range(3)]

        assert market.shop_states() == {order_id: "cancelled"}
        assert market.stock() == stock
        assert [report.counts.get("cancelled_on_marketplace", 0) for report in reports] == [1, 0, 0]
        assert [report.status for report in reports] == ["done"] * 3

    def test_an_order_that_left_the_shop_is_named_until_somebody_settles_it(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.move_order(order_id, state="cancelled")

        found = market.run("orders-status")
        again = market.run("orders-status")
        market.handled(order_id)

        assert found.problem("SHIPPED_BUT_CANCELLED")["order_id"] == order_id
        assert (again.status, again.codes) == ("partial", {"SHIPPED_BUT_CANCELLED"})
        assert market.run("orders-status").status == "done"
        assert shipped_on_marketplace(market) == {}

    def test_an_order_that_the_marketplace_closed_is_closed_in_the_ledger(self, market: Market) -> None:
        order_id = market.imported()
        market.ship(order_id)
        market.run("orders-status")
        market.move_order(order_id, state="closed")

        closed = market.run("orders-status")
        again = market.run("orders-status")

        assert closed.counts["closed"] == 1
        assert market.intake(order_id) == ("closed", "")
        assert again.counts.get("closed", 0) == 0


class TestDryRun:
    def test_it_says_what_would_be_confirmed_and_changes_nothing(self, market: Market) -> None:
        ship, wait, lose, cancel, close, keep = market.imported_many(6)
        market.ship(ship)
        market.ship(wait, carrier="", number="")
        market.cancel(lose)
        market.move_order(cancel, state="cancelled")
        market.move_order(close, state="closed")
        both_sides = market.both_sides()

        report = market.run("orders-status", dry_run="1")

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
        assert market.both_sides() == both_sides
        assert market.run("orders-status").counts == report.counts

    def test_it_foresees_no_second_confirmation(self, market: Market) -> None:
        order_id = market.imported(sku=LAMP, quantity=2)
        market.ship(order_id, number="8X1", units={LAMP: 1})
        market.ship(order_id, number="8X2", units={LAMP: 1}, sequence=2)
        market.run("orders-status")

        assert "sent" not in market.run("orders-status", dry_run="1", force="1").counts


def test_only_the_orders_asked_for_are_confirmed(market: Market) -> None:
    first, second = market.imported_many(2)
    market.ship(first)
    market.ship(second)

    report = market.run("orders-status", order_id=second)

    assert report.counts == {"seen": 1, "sent": 1}
    assert set(shipped_on_marketplace(market)) == {second}


def test_a_list_of_carriers_that_can_not_be_read_stops_nobody_who_has_nothing_to_confirm(market: Market) -> None:
    market.imported()
    market.fault("http_503", "SH21", count=8)

    assert market.run("orders-status").status == "done"


def test_an_outage_on_the_first_day_does_not_keep_parcels_waiting_until_the_next(market: Market) -> None:
    order_id = market.imported()
    market.ship(order_id)
    # Until now nobody could read the list of carriers.
    market.fault("http_503", "SH21", count=5)
    reports = [market.run("orders-status")]

    for _ in range(3):
        if reports[-1].status == "paused":
            reports.append(market.resumed(reports[-1]))

    assert reports[0].codes == {"MARKETPLACE_DOWN"}
    assert shipped_on_marketplace(market) == {order_id: ("colis_sbx", "8X123")}
