"""Parcels against an operator written by hand: exact requests, and what becomes of every answer."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.domain.shipment import Carrier, Shipment, ShipmentOutcome, ShipmentResult, ShippingOptions
from app.domain.wording import in_english
from app.errors import LimitReached, Unavailable
from app.marketplaces.mirakl.adapter import MiraklMarketplace
from app.marketplaces.port import Capability
from tests.marketplaces.mirakl.builders import a_marketplace, a_page, answers
from tests.marketplaces.mirakl.records import Record, an_order
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.support.aio import run

COLISSIMO = Carrier(code="colissimo", label="Colissimo", standard_code="LAPOSTE-COLISSIMO")
SHIPPED_AT = datetime(2026, 3, 2, 11, tzinfo=UTC)

NOT_YET = "Order must be in state SHIPPING"


def a_shipment(nth: int = 1, **changes: Any) -> Shipment:
    values: dict[str, Any] = {
        "order_id": f"SBX-{nth}-A",
        "sequence": 1,
        "lines": {f"SBX-{nth}-A-1": 2},
        "shipped_at": SHIPPED_AT,
        "carrier": COLISSIMO,
        "number": f"8X{nth}",
    }
    return Shipment(**(values | changes))


@dataclass
class FakeOperator:
    """Answers 204 to everything, but what is listed here by order number or call; OR11 tells the states."""

    tracking: dict[str, httpx.Response] = field(default_factory=dict)
    ship: dict[str, httpx.Response] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def remote(self) -> Remote:
        return Remote(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        *_, order_id, call = request.url.path.split("/")
        if call == "tracking":
            return self.tracking.get(order_id, httpx.Response(204))
        if call == "ship":
            return self.ship.get(order_id, httpx.Response(204))
        asked = request.url.params["order_ids"].split(",")
        known: list[Record] = [
            an_order(order_id=each, order_state=self.states[each]) for each in asked if each in self.states
        ]
        return a_page(*known)


async def shipped(marketplace: MiraklMarketplace, shipments: Sequence[Shipment]) -> list[ShipmentOutcome]:
    return [outcome async for outcome in marketplace.ship(shipments)]


def outcomes(remote: Remote, *shipments: Shipment) -> list[ShipmentOutcome]:
    return run(shipped(a_marketplace(remote), shipments))


def outcome(remote: Remote, shipment: Shipment | None = None) -> ShipmentOutcome:
    [only] = outcomes(remote, shipment or a_shipment())
    return only


def refused(message: str = "", *, status: int = 400) -> httpx.Response:
    return answers({"message": message} if message else {}, status=status)


class TestConfirming:
    def test_carrier_and_number_come_before_the_word_that_it_left(self) -> None:
        remote = FakeOperator().remote()
        marketplace = a_marketplace(remote, shop_id="2042")

        got = run(shipped(marketplace, [a_shipment(order_id="SBX/1-A", sequence=3)]))

        assert got == [ShipmentOutcome(order_id="SBX/1-A", sequence=3, result=ShipmentResult.SENT)]
        assert [request.method for request in remote.requests] == ["PUT", "PUT"]
        assert remote.paths == [
            "/api/orders/SBX%2F1-A/tracking?shop_id=2042",
            "/api/orders/SBX%2F1-A/ship?shop_id=2042",
        ]
        tracking, ship = remote.requests
        assert tracking.headers["Content-Type"] == "application/json"
        assert json.loads(tracking.content) == {"carrier_code": "colissimo", "tracking_number": "8X1"}
        assert ship.content == b""

    @pytest.mark.parametrize(
        ("url", "body"),
        [
            (
                "https://track.example.test/8X1",
                {
                    "carrier_name": "Transport Dupont",
                    "carrier_url": "https://track.example.test/8X1",
                    "tracking_number": "8X1",
                },
            ),
            ("", {"carrier_name": "Transport Dupont", "tracking_number": "8X1"}),
        ],
    )
    def test_a_carrier_on_no_list_brings_its_name_and_address(self, url: str, body: dict[str, str]) -> None:
        remote = FakeOperator().remote()

        outcome(remote, a_shipment(carrier=Carrier(code="", label="Transport Dupont"), url=url))

        assert json.loads(remote.requests[0].content) == body

    def test_a_listed_carrier_makes_its_own_address(self) -> None:
        remote = FakeOperator().remote()

        outcome(remote, a_shipment(url="https://track.example.test/8X1"))

        assert json.loads(remote.requests[0].content).keys() == {"carrier_code", "tracking_number"}

    def test_a_parcel_without_a_number_just_left(self) -> None:
        remote = FakeOperator().remote()

        assert outcome(remote, a_shipment(number="", carrier=None)).result is ShipmentResult.SENT
        assert remote.paths == ["/api/orders/SBX-1-A/ship"]

    def test_a_correction_changes_the_number_alone(self) -> None:
        remote = FakeOperator().remote()

        assert outcome(remote, a_shipment(correction=True)).result is ShipmentResult.SENT
        assert remote.paths == ["/api/orders/SBX-1-A/tracking"]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"carrier": None}, "CARRIER_UNKNOWN"),
            ({"carrier": Carrier(code="", label="")}, "CARRIER_UNKNOWN"),
            ({"number": "", "correction": True}, "TRACKING_MISSING"),
        ],
    )
    def test_what_can_not_be_confirmed_is_refused_unsent(self, changes: dict[str, Any], reason: str) -> None:
        remote = FakeOperator().remote()

        got = outcome(remote, a_shipment(**changes))

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, reason)
        assert remote.requests == []


class TestARefusal:
    @pytest.mark.parametrize("state", ["SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"])
    @pytest.mark.parametrize("call", ["tracking", "ship"])
    def test_an_order_that_left_before_is_done_already(self, state: str, call: str) -> None:
        no = {"SBX-1-A": refused(NOT_YET)}
        operator = FakeOperator(states={"SBX-1-A": state}, **{call: no})

        assert outcome(operator.remote()).result is ShipmentResult.ALREADY

    @pytest.mark.parametrize("state", ["WAITING_ACCEPTANCE", "WAITING_DEBIT_PAYMENT", "CANCELED", "ON_THE_MOON"])
    def test_an_order_in_another_state_may_not_leave(self, state: str) -> None:
        operator = FakeOperator(ship={"SBX-1-A": refused(NOT_YET)}, states={"SBX-1-A": state})

        got = outcome(operator.remote())

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, "SHIP_REFUSED")
        assert in_english(got.detail) == f"the order is in the status “{state}”: “Order must be in state SHIPPING”"

    @pytest.mark.parametrize(
        ("call", "body", "reason"),
        [
            (
                "ship",
                {"message": "Tracking details are mandatory for this shipping method"},
                "TRACKING_MISSING",
            ),
            ("ship", {"message": "An incident is open"}, "SHIP_REFUSED"),
            ("ship", {}, "SHIP_REFUSED"),
            ("tracking", {"message": "The order is fulfilled by the operator"}, "SHIP_REFUSED"),
            ("ship", {"errors": [{"code": "ORDER_FULFILLED_UNAUTHORIZED"}]}, "SHIP_REFUSED"),
            ("tracking", {"message": "Carrier with code 'colissimo' is not known"}, "CARRIER_UNKNOWN"),
            ("tracking", {"errors": [{"field": "carrier_code", "message": "not found"}]}, "CARRIER_UNKNOWN"),
            ("tracking", {"message": "The tracking number does not suit the carrier"}, "TRACKING_REFUSED"),
            ("tracking", {}, "TRACKING_REFUSED"),
        ],
    )
    def test_the_words_give_the_reason_where_the_order_could_leave(
        self, call: str, body: dict[str, Any], reason: str
    ) -> None:
        operator = FakeOperator(states={"SBX-1-A": "SHIPPING"}, **{call: {"SBX-1-A": answers(body, status=400)}})

        got = outcome(operator.remote())

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, reason)
        assert got.detail == body.get("message", got.detail)

    def test_a_refused_tracking_keeps_the_order_where_it_is(self) -> None:
        operator = FakeOperator(tracking={"SBX-1-A": refused("No.")}, states={"SBX-1-A": "SHIPPING"})
        remote = operator.remote()

        outcome(remote)

        assert not any(path.endswith("/ship") for path in remote.paths)

    def test_all_doubtful_orders_are_looked_up_in_one_call_after_the_others(self) -> None:
        operator = FakeOperator(
            ship={"SBX-1-A": refused(NOT_YET), "SBX-3-A": refused(NOT_YET)},
            states={"SBX-1-A": "SHIPPED", "SBX-3-A": "CANCELED"},
        )
        remote = operator.remote()

        got = outcomes(remote, a_shipment(1), a_shipment(2), a_shipment(3))

        assert [(each.order_id, each.result.value) for each in got] == [
            ("SBX-2-A", "sent"),
            ("SBX-1-A", "already"),
            ("SBX-3-A", "refused"),
        ]
        [look] = [request for request in remote.requests if request.method == "GET"]
        assert look.url.params["order_ids"] == "SBX-1-A,SBX-3-A"

    def test_an_order_nobody_knows_is_missing_without_a_look(self) -> None:
        remote = FakeOperator(tracking={"SBX-1-A": refused("Order not found", status=404)}).remote()

        got = outcome(remote)

        assert (got.result, got.reason, got.detail) == (ShipmentResult.REFUSED, "ORDER_MISSING", "Order not found")
        assert len(remote.requests) == 1

    def test_an_order_that_is_gone_when_looked_up_is_missing(self) -> None:
        assert outcome(FakeOperator(ship={"SBX-1-A": refused(NOT_YET)}).remote()).reason == "ORDER_MISSING"

    def test_a_refused_correction_needs_no_look(self) -> None:
        remote = FakeOperator(tracking={"SBX-1-A": refused("Too late")}).remote()

        got = outcome(remote, a_shipment(correction=True))

        assert (got.result, got.reason, got.detail) == (ShipmentResult.REFUSED, "TRACKING_REFUSED", "Too late")
        assert len(remote.requests) == 1

    def test_what_an_operator_says_of_people_stays_out(self) -> None:
        said = refused("Mail alice@example.test or call +33 3 00 00 00 00")
        operator = FakeOperator(ship={"SBX-1-A": said}, states={"SBX-1-A": "SHIPPING"})

        assert outcome(operator.remote()).detail == "Mail [e-mail] or call [phone]"


class TestABadDay:
    @pytest.mark.parametrize(
        "answer", [httpx.Response(500), httpx.Response(200, html="<h1>Sign in</h1>"), httpx.Response(201)]
    )
    def test_the_word_that_it_left_is_not_repeated_when_nobody_heard_the_answer(self, answer: httpx.Response) -> None:
        remote = FakeOperator(ship={"SBX-1-A": answer}).remote()

        got = outcomes(remote, a_shipment(1), a_shipment(2))

        assert [each.result for each in got] == [ShipmentResult.UNKNOWN, ShipmentResult.SENT]
        assert remote.paths.count("/api/orders/SBX-1-A/ship") == 1

    def test_tracking_is_repeated_when_nobody_heard_the_answer(self) -> None:
        failing = [httpx.Response(502), httpx.Response(500)]

        def twice(request: httpx.Request) -> httpx.Response:
            return failing.pop() if failing and request.url.path.endswith("tracking") else httpx.Response(204)

        remote = Remote(twice)

        assert outcome(remote).result is ShipmentResult.SENT
        assert [path.rsplit("/", 1)[1] for path in remote.paths] == ["tracking"] * 3 + ["ship"]

    @pytest.mark.parametrize("answer", [httpx.Response(503), httpx.Response(200, html="<h1>Sign in</h1>")])
    def test_a_breakdown_stops_the_rest_and_keeps_what_was_confirmed(self, answer: httpx.Response) -> None:
        remote = FakeOperator(tracking={"SBX-2-A": answer}).remote()
        outcomes = a_marketplace(remote).ship([a_shipment(1), a_shipment(2), a_shipment(3)])

        async def scene() -> ShipmentOutcome:
            first = await anext(outcomes)
            with pytest.raises(Unavailable):
                await anext(outcomes)
            return first

        assert run(scene()).order_id == "SBX-1-A"
        assert not any("SBX-3-A" in path or "SBX-2-A/ship" in path for path in remote.paths)


CARRIERS = {
    "carriers": [
        {
            "code": "colissimo",
            "label": "Colissimo",
            "standard_code": "LAPOSTE-COLISSIMO",
            "tracking_url": "https://track.example.test/{trackingId}",
        },
        {"code": "dupont", "label": "Dupont", "tracking_url": None},
        {"label": "without a code"},
    ]
}
METHODS = {
    "shipping_types": [
        {"code": "STD", "label": "Standard", "mandatory_tracking": False, "delivery_by_operator": False},
        {"code": "REL", "label": "Relais", "mandatory_tracking": True, "delivery_by_operator": False},
        {"code": "OPE", "label": "Operator", "mandatory_tracking": False, "delivery_by_operator": True},
    ]
}
CONFIGURATION = {"features": {"disable_seller_alternative_carrier": True}}


def references(*, configuration: httpx.Response | None = None, broken: Callable[[], bool] = lambda: False) -> Remote:
    def answer(request: httpx.Request) -> httpx.Response:
        if broken():
            return httpx.Response(503)
        if request.url.path == "/api/shipping/carriers":
            return answers(CARRIERS)
        if request.url.path == "/api/shipping/types":
            return answers(METHODS)
        assert request.url.path == "/api/platform/configuration"
        return configuration or answers(CONFIGURATION)

    return Remote(answer)


class TestShippingOptions:
    def test_they_are_the_operators_lists_and_rules(self) -> None:
        remote = references()

        options = run(a_marketplace(remote, shop_id="2042").shipping_options())

        assert options == ShippingOptions(
            carriers=[
                Carrier(
                    code="colissimo",
                    label="Colissimo",
                    standard_code="LAPOSTE-COLISSIMO",
                    url="https://track.example.test/{trackingId}",
                ),
                Carrier(code="dupont", label="Dupont"),
            ],
            other_carriers=False,
            tracking_required=frozenset({"REL"}),
            by_marketplace=frozenset({"OPE"}),
        )
        assert remote.paths == [
            "/api/shipping/carriers?shop_id=2042",
            "/api/shipping/types?shop_id=2042",
            "/api/platform/configuration?shop_id=2042",
        ]

    @pytest.mark.parametrize("configuration", [answers({}), answers({"message": "Forbidden"}, status=403)])
    def test_other_carriers_are_allowed_where_nothing_forbids_them(self, configuration: httpx.Response) -> None:
        assert run(a_marketplace(references(configuration=configuration)).shipping_options()).other_carriers

    def test_they_are_asked_for_once_a_day(self) -> None:
        remote = references()
        connector = a_connector(remote.transport)

        async def three_times() -> None:
            await a_marketplace(remote, connector=connector).shipping_options()
            await connector.clock.sleep(timedelta(hours=23).total_seconds())
            await a_marketplace(remote, connector=connector).shipping_options()
            assert len(remote.requests) == 3
            await connector.clock.sleep(timedelta(hours=2).total_seconds())
            await a_marketplace(remote, connector=connector).shipping_options()

        run(three_times())

        assert len(remote.requests) == 6

    def test_old_ones_are_better_than_none(self) -> None:
        out_of_order: list[bool] = []
        remote = references(broken=lambda: bool(out_of_order))
        connector = a_connector(remote.transport)

        async def twice() -> tuple[ShippingOptions, ShippingOptions]:
            marketplace = a_marketplace(remote, connector=connector)
            first = await marketplace.shipping_options()
            out_of_order.append(True)
            await connector.clock.sleep(timedelta(days=3).total_seconds())
            return first, await marketplace.shipping_options()

        first, second = run(twice())

        assert first == second

    def test_without_any_the_breakdown_is_named(self) -> None:
        with pytest.raises(Unavailable):
            run(a_marketplace(references(broken=lambda: True)).shipping_options())

    @pytest.mark.parametrize("body", [{}, {"carriers": None}, {"carriers": ["colissimo"]}])
    def test_a_list_that_makes_no_sense_is_not_kept(self, body: object) -> None:
        remote = Remote(lambda request: answers(body))

        with pytest.raises(Unavailable, match="the answer makes no sense: “carriers”"):
            run(a_marketplace(remote).shipping_options())


def test_parcels_have_the_time_that_a_run_has() -> None:
    remote = FakeOperator().remote()
    connector = a_connector(remote.transport, deadline=NOON)

    with pytest.raises(LimitReached):
        run(shipped(a_marketplace(remote, connector=connector), [a_shipment()]))

    assert remote.requests == []


def test_an_order_is_one_shipment() -> None:
    assert Capability.MANY_PARCELS not in a_marketplace(FakeOperator().remote()).can
