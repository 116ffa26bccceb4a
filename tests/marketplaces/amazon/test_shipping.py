"""Parcels against an Amazon written by hand: exact requests, and what becomes of every answer.

Every request is held to Amazon's model files.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.domain.carriers.lookup import resolve
from app.domain.message import message
from app.domain.shipment import Carrier, Shipment, ShipmentOutcome, ShipmentResult
from app.domain.wording import in_english
from app.errors import CallError, CredentialsRefused, LimitReached, Unavailable
from app.marketplaces.amazon.adapter import AmazonMarketplace
from app.marketplaces.port import Capability
from app.transport.connector import Connector
from tests.marketplaces.amazon.builders import a_marketplace, letting_in, participations, refused
from tests.marketplaces.amazon.records import FRANCE, Record, an_order, fulfilled
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.sandbox.amazon.models import faults, with_models
from tests.support.aio import run

GERMANY = "A1PA6795UKMFR9"
COLISSIMO = Carrier(code="Colissimo", label="Colissimo")
TAKEN = httpx.Response(204)
UPDATED_BEFORE = "Package to update not found for the order, or the order is already fulfilled."


def a_shipment(nth: int = 1, **changes: Any) -> Shipment:
    wishes: dict[str, Any] = {
        "order_id": f"250-1234567-890000{nth}",
        "sequence": 1,
        "lines": {"11111111111111": 2},
        "shipped_at": NOON - timedelta(hours=3),
        "carrier": COLISSIMO,
        "number": f"8X{nth}",
        "sales_channel": "FR",
    }
    return Shipment(**(wishes | changes))


def answering(confirm: Callable[[httpx.Request], httpx.Response], *, order: Record | None = None) -> Remote:
    """Return an Amazon that answers confirmations so, and shows that order to whoever reads one."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return confirm(request)
        if request.url.path.startswith("/sellers/"):
            return participations(FRANCE, GERMANY)
        return httpx.Response(200, json={"order": order}) if order else refused(404, "NotFound", "no such order")

    return letting_in(answer)


def invalid(message: str, details: str = "") -> httpx.Response:
    return refused(400, "InvalidInput", message, details)


async def shipped(marketplace: AmazonMarketplace, shipments: Sequence[Shipment]) -> list[ShipmentOutcome]:
    return [outcome async for outcome in marketplace.ship(shipments)]


def outcomes(remote: Remote, *shipments: Shipment, **config: Any) -> list[ShipmentOutcome]:
    return run(shipped(a_marketplace(remote, **config), shipments))


def outcome(remote: Remote, shipment: Shipment | None = None, **config: Any) -> ShipmentOutcome:
    [only] = outcomes(remote, shipment or a_shipment(), **config)
    return only


def stopped(
    remote: Remote, *shipments: Shipment, connector: Connector | None = None
) -> tuple[list[ShipmentResult], CallError | None]:
    """Return what became of shipments until an error came, and the error."""
    marketplace = a_marketplace(remote, connector=connector)

    async def scene() -> tuple[list[ShipmentResult], CallError | None]:
        got = list[ShipmentResult]()
        coming = marketplace.ship(shipments)
        try:
            while (each := await anext(coming, None)) is not None:
                got.append(each.result)
        except CallError as error:
            return got, error
        return got, None

    return run(scene())


def body(request: httpx.Request) -> Record:
    content: Record = json.loads(request.content)
    return content


def package(remote: Remote) -> Record:
    """Return the one package that was told."""
    [request] = [request for request in remote.requests if request.method == "POST"]
    detail: Record = body(request)["packageDetail"]
    return detail


class TestConfirming:
    def test_one_call_confirms_the_package_with_everything_that_the_model_demands(self) -> None:
        remote = answering(lambda request: TAKEN)

        got = outcome(remote, a_shipment(sequence=3, lines={"1": 2, "2": 1}))

        assert got == ShipmentOutcome(order_id="250-1234567-8900001", sequence=3, result=ShipmentResult.SENT)
        [request] = remote.requests
        assert request.url.path == "/orders/v0/orders/250-1234567-8900001/shipmentConfirmation"
        assert body(request) == {
            "marketplaceId": FRANCE,
            "packageDetail": {
                "packageReferenceId": "3",
                "carrierCode": "Colissimo",
                "trackingNumber": "8X1",
                "shipDate": "2026-03-02T08:59:00.000Z",
                "orderItems": [{"orderItemId": "1", "quantity": 2}, {"orderItemId": "2", "quantity": 1}],
            },
        }

    @with_models
    @pytest.mark.parametrize(
        "changes", [{}, {"carrier": Carrier(code="", label="Coursier")}, {"correction": True, "sequence": 12}]
    )
    def test_the_body_is_as_amazons_model_says(self, changes: dict[str, Any]) -> None:
        remote = answering(lambda request: TAKEN)

        outcome(remote, a_shipment(**changes))

        assert faults("ordersV0", "ConfirmShipmentRequest", body(remote.requests[0])) == []

    def test_a_carrier_on_no_list_goes_by_its_name(self) -> None:
        remote = answering(lambda request: TAKEN)

        outcome(remote, a_shipment(carrier=Carrier(code="", label="Transport Dupont")))

        assert (package(remote)["carrierCode"], package(remote)["carrierName"]) == ("Other", "Transport Dupont")

    @pytest.mark.parametrize(
        ("channel", "marketplace_id"),
        [("DE", GERMANY), ("UK", "A1F83G8C2ARO7P"), ("ANEWPLACE12345", "ANEWPLACE12345"), ("", FRANCE)],
    )
    def test_the_marketplace_is_that_of_the_order(self, channel: str, marketplace_id: str) -> None:
        remote = answering(lambda request: TAKEN)

        outcome(remote, a_shipment(sales_channel=channel))

        assert body(remote.requests[-1])["marketplaceId"] == marketplace_id

    def test_an_order_that_names_no_marketplace_was_placed_where_the_account_sells_first(self) -> None:
        remote = answering(lambda request: TAKEN)

        outcome(remote, a_shipment(sales_channel=""), marketplaces="")

        assert body(remote.requests[-1])["marketplaceId"] == FRANCE

    @pytest.mark.parametrize("after", [timedelta(0), timedelta(days=1)])
    def test_the_date_is_never_in_the_future_and_the_same_when_it_is_confirmed_again(self, after: timedelta) -> None:
        remote = answering(lambda request: TAKEN)

        outcomes(remote, a_shipment(shipped_at=NOON + after))

        assert datetime.fromisoformat(package(remote)["shipDate"]) == NOON - timedelta(minutes=1)

    def test_a_correction_names_the_same_package(self) -> None:
        remote = answering(lambda request: TAKEN)

        outcome(remote)
        corrected = outcome(remote, a_shipment(number="RIGHT", correction=True))

        first, second = (body(request)["packageDetail"] for request in remote.requests)
        assert corrected.result is ShipmentResult.SENT
        assert second == first | {"trackingNumber": "RIGHT"}

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"number": "", "carrier": None}, "TRACKING_MISSING"),
            ({"number": ""}, "TRACKING_MISSING"),
            ({"number": "", "correction": True}, "TRACKING_MISSING"),
            ({"carrier": None}, "CARRIER_UNKNOWN"),
            ({"carrier": Carrier(code="", label="")}, "CARRIER_UNKNOWN"),
            ({"lines": {}}, "SHIP_REFUSED"),
        ],
    )
    def test_what_can_not_be_confirmed_is_refused_unsent(self, changes: dict[str, Any], reason: str) -> None:
        remote = answering(lambda request: TAKEN)

        got = outcome(remote, a_shipment(**changes))

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, reason)
        assert remote.requests == []

    def test_an_order_of_nowhere_is_refused_with_what_to_do(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            return refused(403, "Unauthorized", "Access to requested resource is denied.")

        got = outcome(letting_in(answer), a_shipment(sales_channel=""), marketplaces="")

        assert (got.reason, got.detail) == ("SHIP_REFUSED", message("AMAZON_MARKETPLACE_UNKNOWN"))


class TestARefusal:
    @pytest.mark.parametrize(
        ("answer", "reason", "says"),
        [
            (refused(404, "NotFound", "Order is not found."), "ORDER_MISSING", "not found"),
            (invalid("carrierCode is invalid.", "'x' is not known."), "CARRIER_UNKNOWN", "carrierCode"),
            (invalid("carrierName is invalid."), "CARRIER_UNKNOWN", "carrierName"),
            (invalid("trackingNumber is invalid."), "TRACKING_REFUSED", "trackingNumber"),
            (invalid("The order can't be shipped.", "Its status is PENDING."), "SHIP_REFUSED", "payment"),
            (invalid("The order can't be shipped.", "Its status is CANCELLED."), "SHIP_REFUSED", "cancelled"),
            (invalid("The order is fulfilled by Amazon."), "SHIP_REFUSED", "FBA"),
            (invalid("The order is of the program FBM_SHIP_PLUS."), "SHIP_REFUSED", "label"),
            (invalid("orderItemId is invalid."), "SHIP_REFUSED", "line"),
            (invalid("shipDate is invalid."), "SHIP_REFUSED", "date"),
            (invalid("marketplaceId is invalid."), "SHIP_REFUSED", "marketplace"),
            (refused(400, "Invalid Input", "Invalid Input"), "SHIP_REFUSED", "Invalid Input"),
            (httpx.Response(400, html="<html><title>400 Bad Request</title></html>"), "SHIP_REFUSED", "Bad Request"),
            (httpx.Response(400), "SHIP_REFUSED", "no reason"),
            (httpx.Response(413), "SHIP_REFUSED", "no reason"),
        ],
    )
    def test_amazons_words_give_the_reason_and_what_a_merchant_should_know(
        self, answer: httpx.Response, reason: str, says: str
    ) -> None:
        remote = answering(lambda request: answer)

        got = outcome(remote)

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, reason)
        assert says in in_english(got.detail)
        assert "<" not in in_english(got.detail)
        assert len(remote.requests) == 1

    @pytest.mark.parametrize(
        "words", [("PackageToUpdateNotFound", UPDATED_BEFORE), ("quantity is invalid.", "0 of item '1' are left.")]
    )
    @pytest.mark.parametrize(
        ("order", "correction", "result"),
        [
            ({"packages": [{"packageReferenceId": "9", "trackingNumber": "8 x1"}]}, False, ShipmentResult.ALREADY),
            ({"packages": [{"packageReferenceId": "1", "trackingNumber": "8X1"}]}, True, ShipmentResult.ALREADY),
            ({"fulfillment": fulfilled("SHIPPED")}, False, ShipmentResult.ALREADY),
            ({"fulfillment": fulfilled("SHIPPED")}, True, ShipmentResult.REFUSED),
            ({"fulfillment": fulfilled("PARTIALLY_SHIPPED")}, False, ShipmentResult.REFUSED),
            ({}, False, ShipmentResult.REFUSED),
        ],
    )
    def test_what_may_be_shipped_already_is_looked_up(
        self, words: tuple[str, str], order: Record, correction: bool, result: ShipmentResult
    ) -> None:
        remote = answering(lambda request: invalid(*words), order=an_order(**order))

        got = outcome(remote, a_shipment(correction=correction))

        assert got.result is result
        assert got.reason == ("SHIP_REFUSED" if result is ShipmentResult.REFUSED else "")
        assert "PACKAGES" in remote.requests[-1].url.params["includedData"]

    def test_an_order_that_is_gone_when_looked_up_is_missing(self) -> None:
        remote = answering(lambda request: invalid("PackageToUpdateNotFound"))

        assert outcome(remote).reason == "ORDER_MISSING"

    def test_one_that_is_refused_keeps_no_other_back(self) -> None:
        remote = answering(lambda request: invalid("no") if "8900002" in request.url.path else TAKEN)

        got = outcomes(remote, a_shipment(1), a_shipment(2), a_shipment(3))

        assert [each.result.value for each in got] == ["sent", "refused", "sent"]


class TestABadDay:
    @pytest.mark.parametrize("status", [500, 503])
    def test_what_was_not_answered_is_confirmed_again_with_the_same_package(self, status: int) -> None:
        failing = [httpx.Response(status), httpx.Response(status)]
        remote = answering(lambda request: failing.pop() if failing else TAKEN)

        assert outcome(remote).result is ShipmentResult.SENT
        assert len({request.content for request in remote.requests}) == 1
        assert len(remote.requests) == 3

    @pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError])
    def test_a_connection_that_breaks_is_no_reason_to_confirm_another_package(self, error: type[Exception]) -> None:
        breaks = [True]

        def answer(request: httpx.Request) -> httpx.Response:
            if breaks:
                raise error("broken off" if breaks.pop() else "")
            return TAKEN

        remote = answering(answer)

        assert outcome(remote).result is ShipmentResult.SENT
        assert [body(request)["packageDetail"]["packageReferenceId"] for request in remote.requests] == ["1", "1"]

    def test_one_order_that_always_fails_keeps_no_other_back(self) -> None:
        remote = answering(lambda request: httpx.Response(500) if "8900002" in request.url.path else TAKEN)

        got, error = stopped(remote, a_shipment(1), a_shipment(2), a_shipment(3))

        assert [each.value for each in got] == ["sent", "unknown", "sent"]
        assert error is None

    def test_a_breakdown_stops_the_rest_which_was_never_sent(self) -> None:
        remote = answering(lambda request: TAKEN if "8900001" in request.url.path else httpx.Response(503))

        got, error = stopped(remote, *(a_shipment(nth) for nth in range(1, 7)))

        assert [each.value for each in got] == ["sent", *["unknown"] * 3, *["later"] * 2]
        assert isinstance(error, Unavailable)
        assert not any("8900005" in request.url.path for request in remote.requests)

    def test_a_page_in_place_of_an_answer_is_none(self) -> None:
        remote = answering(lambda request: httpx.Response(200, html="<h1>Back soon</h1>"))

        got, error = stopped(remote, a_shipment(1), a_shipment(2))

        assert [each.value for each in got] == ["unknown", "unknown"]
        assert isinstance(error, Unavailable)

    def test_a_429_waits_for_the_next_call_and_loses_nothing(self) -> None:
        busy = [refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")]
        remote = answering(lambda request: busy.pop() if busy else TAKEN)

        assert outcome(remote).result is ShipmentResult.SENT

    def test_a_key_that_ends_stops_everything_and_nothing_counts_as_sent(self) -> None:
        remote = answering(lambda request: refused(403, "Unauthorized", "The access token you provided is revoked."))

        got, error = stopped(remote, a_shipment(1), a_shipment(2))

        assert [each.value for each in got] == ["later", "later"]
        assert isinstance(error, CredentialsRefused)

    def test_a_run_that_ends_confirms_the_rest_later(self) -> None:
        remote = answering(lambda request: TAKEN)
        connector = a_connector(remote.transport, deadline=NOON + timedelta(seconds=1))

        got, error = stopped(remote, *map(a_shipment, range(20)), connector=connector)

        assert isinstance(error, LimitReached)
        assert 10 <= got.count(ShipmentResult.SENT) < 20
        assert got.count(ShipmentResult.SENT) + got.count(ShipmentResult.LATER) == 20
        assert len(remote.requests) == got.count(ShipmentResult.SENT)


class TestShippingOptions:
    def test_the_carriers_that_amazon_knows_and_any_other_may_be_used(self) -> None:
        options = run(a_marketplace(answering(lambda request: TAKEN)).shipping_options())

        assert resolve("colis privé", names={}, options=options) == Carrier(code="Colis Prive", label="Colis Privé")
        assert resolve("DHL EXPRESS", names={}, options=options) == Carrier(code="DHL Express", label="DHL Express")
        assert resolve("Coursier", names={}, options=options) == Carrier(code="", label="Coursier")

    @pytest.mark.parametrize("level", ["STANDARD", "NEXT_DAY", ""])
    def test_every_way_of_shipping_needs_a_number(self, level: str) -> None:
        options = run(a_marketplace(answering(lambda request: TAKEN)).shipping_options())

        assert level in options.tracking_required

    def test_it_ships_in_many_parcels(self) -> None:
        marketplace = a_marketplace(answering(lambda request: TAKEN))

        assert Capability.MANY_PARCELS in marketplace.can
