"""Parcels that leave the shop, as orders-status tells Amazon of them, and Amazon's odd answers."""

import json

import pytest

from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService
from tests.tasks.sandbox_service import Json, Report

CONFIRMED_BY, OURS = "confirmShipment", "8R00000000001"


def a_parcel(service: AmazonService) -> str:
    """Return an order that was imported and left the shop."""
    [order_id] = service.make()
    service.pass_time(FOUND_AFTER_S)
    service.run()
    service.ship(order_id, number=OURS)
    return order_id


def confirmations(service: AmazonService) -> list[Json]:
    """Return the bodies with which Amazon was told of parcels."""
    asked = [request for request in service.gateway.asked if request.url.path.endswith("/shipmentConfirmation")]
    return [json.loads(request.content) for request in asked]


def status(service: AmazonService) -> Report:
    """Tell of parcels, once those that lately left may be told of."""
    service.pass_hours(1)
    return service.run("orders-status")


def test_a_package_has_a_number_that_is_a_text_and_its_items_are_a_list(service: AmazonService) -> None:
    order_id = a_parcel(service)

    status(service)

    [body] = confirmations(service)
    assert isinstance(body["packageDetail"]["packageReferenceId"], str)
    assert body["packageDetail"]["packageReferenceId"].isdigit()
    assert isinstance(body["packageDetail"]["orderItems"], list)
    service.pass_hours(1)
    assert service.order(order_id)["state"] == "SHIPPED"


@pytest.mark.parametrize("number", [OURS, "6A00000000009"])
def test_an_order_that_somebody_confirmed_by_hand_meanwhile_is_no_problem(service: AmazonService, number: str) -> None:
    order_id = a_parcel(service)
    service.change(order_id, state="shipped", tracking=number)

    reports = [status(service) for _ in range(3)]

    assert {report.status for report in reports} == {"done"}
    assert {code for report in reports for code in report.codes} == set()
    assert len(confirmations(service)) <= 1
    assert service.order(order_id)["tracking"] == number


def test_a_confirmation_whose_answer_got_lost_is_repeated_with_the_same_number(service: AmazonService) -> None:
    order_id = a_parcel(service)
    service.fault("lost_ack", operation=CONFIRMED_BY, count=1)

    for _ in range(2):
        status(service)

    assert len({body["packageDetail"]["packageReferenceId"] for body in confirmations(service)}) == 1
    assert service.order(order_id)["state"] == "SHIPPED"


def test_an_order_that_was_cancelled_on_the_way_is_named_and_not_confirmed_for_ever(service: AmazonService) -> None:
    order_id = a_parcel(service)
    service.change(order_id, state="cancelled")

    for _ in range(3):
        status(service)

    assert len(confirmations(service)) <= 1
    assert service.intake(order_id)[0] == "conflict"


def test_what_amazon_ships_is_never_confirmed(service: AmazonService) -> None:
    [order_id] = service.make(fulfilment="marketplace", state="shipped", age="1d")
    service.run()

    report = status(service)

    assert service.shop_orders() == {order_id: 1}
    assert (report.status, confirmations(service)) == ("done", [])


def test_parcels_wait_out_an_outage_and_are_then_confirmed_once_each(service: AmazonService) -> None:
    ids = [a_parcel(service) for _ in range(3)]
    service.switch(troubles={CONFIRMED_BY: "http_500"}, trouble_h=5)

    reports = [status(service) for _ in range(2)]
    service.pass_hours(6)
    last = [status(service) for _ in range(2)][-1]

    assert {report.answer["cause"] for report in reports} == {"marketplace"}
    assert (last.status, last.codes) == ("done", set())
    assert {service.order(order_id)["state"] for order_id in ids} == {"SHIPPED"}
