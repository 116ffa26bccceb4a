"""Parcels by runs of orders-status: told in time, told again when Amazon does not show them, never to no purpose."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from app.marketplaces.amazon.shipments import shipping
from app.shops.embedded import parcels
from app.store.embedded import ShipRequest
from app.tasks import orders_status
from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService
from tests.tasks.sandbox_service import SHOP, Report

NEVER_S = 90 * 86_400
# So many parcels go in a feed, and so many orders are looked up at once, in these tests.
IN_A_FEED, LOOKED_UP = 20, 8
MANY = IN_A_FEED + 3


def imported(service: AmazonService, count: int = 1, **values: Any) -> list[str]:
    """Return orders that stand in the shop."""
    ids = service.make(count, **{"lines": 1, "quantity": 1, **values})
    service.pass_time(FOUND_AFTER_S)
    assert service.run().counts["imported"] == count
    return ids


def part(service: AmazonService, order_id: str, nth: int, units: Mapping[str, int], *, number: str = "") -> None:
    """Let a parcel with some units of an order leave the shop."""
    store, now = service.api.system.store, service.api.clock.now()
    parcel = ShipRequest(carrier="Colissimo", number=number or f"PART{nth}", units=units)
    shipping = parcels.ship(store, SHOP, order=order_id, request=parcel, now=now, sequence=nth)
    service.api.wait_for(shipping)


def status(service: AmazonService, *, hours: float = 0, **asked: Any) -> Report:
    service.pass_hours(hours)
    return service.run("orders-status", **asked)


def sent(service: AmazonService, order_id: str) -> dict[str, int]:
    """Return how often Amazon was told of each package of an order, by its reference."""
    return {package["reference"]: package["sent"] for package in service.order(order_id)["packages"]}


class TestNotShown:
    def test_what_amazon_shows_is_neither_asked_for_nor_confirmed_again(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        service.ship(order_id)

        first = status(service)
        later = [status(service, hours=4) for _ in range(3)]

        assert first.counts == {"seen": 1, "sent": 1}
        assert all(report.counts.get("sent", 0) == 0 and report.status == "done" for report in later)
        assert (sent(service, order_id), service.calls("getOrder")) == ({"1": 1}, 0)

    def test_it_is_confirmed_again_after_two_hours_and_a_look_with_the_same_package(
        self, service: AmazonService
    ) -> None:
        service.switch(confirmation_s=NEVER_S)
        [order_id] = imported(service)
        service.ship(order_id)

        status(service)
        soon = status(service, hours=1.5)
        late = status(service, hours=1)

        assert (soon.counts.get("sent", 0), late.counts.get("sent", 0)) == (0, 1)
        assert (sent(service, order_id), service.calls("getOrder")) == ({"1": 2}, 1)

    def test_it_is_confirmed_a_few_times_then_named_to_a_person_until_it_shows(self, service: AmazonService) -> None:
        service.switch(confirmation_s=NEVER_S)
        [order_id] = imported(service)
        service.ship(order_id)

        reports = [status(service, hours=2.5) for _ in range(7)]
        got = sent(service, order_id)
        service.change(order_id, state="shipped")
        over = status(service, hours=1)

        assert got == {"1": 4}
        assert [report.counts.get("sent", 0) for report in reports] == [1, 1, 1, 1, 0, 0, 0]
        assert [report.codes for report in reports[4:]] == [{"SHIPMENT_NOT_SHOWN"}] * 3
        assert reports[4].problem("SHIPMENT_NOT_SHOWN")["message"] == (
            "The marketplace accepted this shipment 4 times but still shows the order as unshipped."
        )
        assert (over.status, over.codes) == ("done", set())

    @pytest.mark.parametrize("asks_for_it_by_id", [True, False])
    def test_whoever_asks_has_it_confirmed_once_more(self, service: AmazonService, asks_for_it_by_id: bool) -> None:
        service.switch(confirmation_s=NEVER_S)
        [order_id] = imported(service)
        service.ship(order_id)
        for _ in range(5):
            status(service, hours=2.5)

        report = status(service, order_id=order_id) if asks_for_it_by_id else status(service, force="1")

        assert (report.counts["sent"], sent(service, order_id)) == (1, {"1": 5})

    def test_an_order_that_changed_and_still_waits_is_not_taken_for_shown(self, service: AmazonService) -> None:
        service.switch(confirmation_s=NEVER_S)
        [order_id] = imported(service)
        service.ship(order_id)
        status(service)
        service.change(order_id, touch=True)

        status(service, hours=1)
        status(service, hours=2)

        assert sent(service, order_id) == {"1": 2}

    def test_an_order_that_is_cancelled_meanwhile_is_confirmed_no_more(self, service: AmazonService) -> None:
        service.switch(confirmation_s=NEVER_S)
        [order_id] = imported(service)
        service.ship(order_id)
        status(service)
        service.change(order_id, state="cancelled")

        for _ in range(3):
            status(service, hours=3)

        assert service.calls("confirmShipment") == 1

    def test_a_run_looks_at_a_limited_number_the_oldest_first(
        self, service: AmazonService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(orders_status, "LOOKED_UP", LOOKED_UP)
        service.switch(confirmation_s=NEVER_S)
        ids = imported(service, MANY)
        for nth, order_id in enumerate(ids):
            service.ship(order_id, number=f"8R{nth}")
        status(service)

        got = [status(service, hours=3).counts.get("sent", 0) for _ in range(2)]

        assert got == [LOOKED_UP, LOOKED_UP]
        assert service.calls("getOrder") == 2 * LOOKED_UP
        assert Counter(sum(sent(service, order_id).values()) for order_id in ids) == {2: 2 * LOOKED_UP, 1: MANY - 16}


class TestParcels:
    def test_all_parcels_of_an_order_are_confirmed_in_one_run(self, service: AmazonService) -> None:
        [order_id] = imported(service, lines=2, quantity=2)
        first, second = [line["sku"] for line in service.order(order_id)["lines"]]
        part(service, order_id, 1, {first: 2, second: 1})
        part(service, order_id, 2, {second: 1})

        report = status(service)
        service.pass_hours(1)

        on_marketplace = service.order(order_id)
        assert (report.counts, on_marketplace["state"]) == ({"seen": 1, "sent": 1}, "SHIPPED")
        assert [sum(package["contents"].values()) for package in on_marketplace["packages"]] == [3, 1]
        assert status(service, hours=3).counts.get("sent", 0) == 0

    def test_a_part_is_confirmed_at_once_and_the_rest_when_it_leaves(self, service: AmazonService) -> None:
        [order_id] = imported(service, quantity=3)
        [sku] = [line["sku"] for line in service.order(order_id)["lines"]]
        part(service, order_id, 1, {sku: 1})
        status(service)
        half = status(service, hours=4)
        part(service, order_id, 2, {sku: 2})

        status(service)
        whole = status(service, hours=4)

        assert (half.counts.get("sent", 0), whole.counts.get("sent", 0)) == (0, 0)
        assert (service.order(order_id)["state"], sent(service, order_id)) == ("SHIPPED", {"1": 1, "2": 1})
        assert service.calls("getOrder") == 0

    def test_a_part_that_amazon_does_not_show_is_confirmed_again(self, service: AmazonService) -> None:
        service.switch(confirmation_s=NEVER_S)
        [order_id] = imported(service, quantity=3)
        [sku] = [line["sku"] for line in service.order(order_id)["lines"]]
        part(service, order_id, 1, {sku: 1})
        status(service)

        status(service, hours=3)

        assert sent(service, order_id) == {"1": 2}

    def test_a_parcel_that_is_refused_leaves_its_order_open_and_named(self, service: AmazonService) -> None:
        [order_id] = imported(service, quantity=2)
        [sku] = [line["sku"] for line in service.order(order_id)["lines"]]
        part(service, order_id, 1, {sku: 1})
        part(service, order_id, 2, {sku: 1})
        service.fault("http_400", operation="confirmShipment", count=1)

        refused = status(service)
        service.pass_hours(1)
        later = status(service)

        assert (refused.codes, later.codes) == ({"SHIP_REFUSED"}, set())
        assert sent(service, order_id) == {"1": 1, "2": 1}

    def test_a_corrected_number_takes_the_place_of_the_old_one(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        [sku] = [line["sku"] for line in service.order(order_id)["lines"]]
        part(service, order_id, 1, {sku: 1}, number="WRONG")
        status(service)
        part(service, order_id, 1, {sku: 1}, number="RIGHT")

        status(service, hours=1, force="1")

        on_marketplace = service.order(order_id)
        assert [(package["tracking"], package["sent"]) for package in on_marketplace["packages"]] == [("RIGHT", 2)]
        assert on_marketplace["state"] == "SHIPPED"


class TestNeverConfirmed:
    def test_what_amazon_ships_itself_even_if_the_shop_ships_it_too(self, service: AmazonService) -> None:
        [order_id] = service.make(fulfilment="marketplace", state="shipped", age="1d")
        service.run(recheck="1")
        assert service.shop_orders() == {order_id: 1}
        service.ship(order_id)

        status(service)
        status(service, hours=1, force="1")

        assert service.calls("confirmShipment") == 0

    def test_an_order_that_is_pending_again(self, service: AmazonService) -> None:
        [order_id] = imported(service)
        service.change(order_id, state="pending")
        service.ship(order_id)

        status(service, hours=0.1)

        assert service.calls("confirmShipment") == 0

    def test_a_parcel_without_a_number_whatever_the_merchant_wants(self, service: AmazonService) -> None:
        service.set(without_tracking="send", tracking_grace_h=0)
        [order_id] = imported(service)
        service.ship(order_id, carrier="", number="")

        report = status(service)

        assert report.codes == {"TRACKING_MISSING"}
        assert service.calls("confirmShipment") == 0


class TestABacklog:
    @pytest.fixture(autouse=True)
    def _few_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shipping, "FEED_ABOVE", IN_A_FEED)
        monkeypatch.setattr(orders_status, "LOOKED_UP", LOOKED_UP)

    def shipped(self, service: AmazonService) -> list[str]:
        ids = imported(service, MANY)
        for nth, order_id in enumerate(ids):
            service.ship(order_id, number=f"8R{nth}")
        return ids

    def left(self, service: AmazonService) -> tuple[Counter[str], Counter[int]]:
        """Return how many orders stand where, and how many have so many packages."""
        orders = service.state()["orders"]
        return Counter(each["state"] for each in orders), Counter(len(each["packages"]) for each in orders)

    def test_it_leaves_in_one_feed(self, service: AmazonService) -> None:
        self.shipped(service)

        report = status(service)
        later = status(service, hours=4)

        assert (report.status, report.counts) == ("done", {"seen": MANY, "sent": MANY})
        assert self.left(service) == ({"SHIPPED": MANY}, {1: MANY})
        assert (service.calls("createFeed"), service.calls("confirmShipment")) == (1, 0)
        assert (later.counts.get("sent", 0), service.calls("getOrder")) == (0, 0)

    def test_a_feed_that_takes_longer_than_a_run_goes_on_by_itself_and_nothing_is_doubled(
        self, service: AmazonService
    ) -> None:
        service.switch(job_run_s=1800)
        self.shipped(service)

        reports = service.gone_on(status(service), hours=4)
        last = status(service, hours=1)

        assert (reports[0].status, reports[-1].status) == ("paused", "done")
        assert {code for report in (reports[-1], last) for code in report.codes} == set()
        assert self.left(service) == ({"SHIPPED": MANY}, {1: MANY})
        assert (service.calls("createFeed"), service.calls("confirmShipment")) == (1, 0)

    @pytest.mark.parametrize("how", ["fatal", "fatal_half"])
    def test_a_feed_that_fails_is_made_up_for_by_calls(self, service: AmazonService, how: str) -> None:
        service.switch(feeds_fail=how)
        self.shipped(service)

        first = status(service)
        for _ in range(3):
            service.gone_on(status(service, hours=4), hours=4)

        assert first.codes == {"OUTCOME_UNKNOWN"}
        assert self.left(service) == ({"SHIPPED": MANY}, {1: MANY})
        assert service.calls("createFeed") == 1
