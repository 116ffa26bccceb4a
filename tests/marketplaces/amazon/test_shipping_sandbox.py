"""Parcels told by calls, against the sandbox: one package each, whatever gets lost on the way."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.shipment import Carrier, ShipmentResult
from app.domain.wording import in_english
from tests.marketplaces.amazon.test_sandbox import Region, play
from tests.marketplaces.amazon.test_shipping_feed import calls, confirm, packages, parcels, results
from tests.marketplaces.reaching import NOON


def test_a_parcel_is_on_its_way_minutes_after_it_was_confirmed() -> None:
    async def scene(region: Region) -> None:
        [order_id] = await region.control.make(1, lines=2, quantity=2, store="DE")

        got = await confirm(region.amazon, await parcels(region, [order_id]))
        early = (await region.control.order(order_id))["state"]
        region.clock.advance(300)

        on_marketplace = await region.control.order(order_id)
        assert results(got) == {"sent": 1}
        assert (early, on_marketplace["state"]) == ("UNSHIPPED", "SHIPPED")
        assert (on_marketplace["carrier_code"], on_marketplace["packages"][0]["reference"]) == ("Colissimo", "1")
        assert all(line["shipped"] == line["quantity"] for line in on_marketplace["lines"])

    play(scene)


def test_parts_of_an_order_are_packages_of_their_own() -> None:
    async def scene(region: Region) -> None:
        [order_id] = await region.control.make(1, lines=1, quantity=3)
        [whole] = await parcels(region, [order_id])
        [line] = whole.lines
        first, second = replace(whole, lines={line: 1}), replace(whole, sequence=2, number="REST", lines={line: 2})

        await confirm(region.amazon, [first])
        region.clock.advance(300)
        half = (await region.control.order(order_id))["state"]
        await confirm(region.amazon, [second])
        region.clock.advance(300)

        on_marketplace = await region.control.order(order_id)
        assert (half, on_marketplace["state"]) == ("PARTIALLY_SHIPPED", "SHIPPED")
        assert [(each["reference"], each["tracking"]) for each in on_marketplace["packages"]] == [
            ("1", "8X0"),
            ("2", "REST"),
        ]

    play(scene)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"state": "pending", "payment_delay_s": 86_400}, "payment"),
        ({"state": "PENDING_AVAILABILITY"}, "payment"),
        ({"state": "cancelled"}, "cancelled"),
        ({"fulfilment": "marketplace", "picking_s": 86_400}, "FBA"),
        ({"programs": ["FBM_SHIP_PLUS"]}, "label"),
    ],
)
def test_an_order_that_may_not_leave_is_refused_in_words_for_a_merchant(values: dict[str, Any], says: str) -> None:
    async def scene(region: Region) -> None:
        [got] = await confirm(region.amazon, await parcels(region, await region.control.make(1, **values)))

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, "SHIP_REFUSED")
        assert says in in_english(got.detail)
        assert await packages(region) == {0: 1}

    play(scene)


@pytest.mark.parametrize("number", ["8X0", "ANOTHER"])
def test_what_somebody_confirmed_by_hand_was_sent_already(number: str) -> None:
    async def scene(region: Region) -> None:
        [order_id] = await region.control.make(1)
        shipments = await parcels(region, [order_id], sequence=7)
        await region.control.change(order_id, state="shipped", tracking=number)

        [got] = await confirm(region.amazon, shipments)

        assert got.result is ShipmentResult.ALREADY
        assert [each["tracking"] for each in (await region.control.order(order_id))["packages"]] == [number]

    play(scene)


def test_a_number_that_can_not_be_corrected_any_more_is_named() -> None:
    async def scene(region: Region) -> None:
        [order_id] = await region.control.make(1)
        shipments = await parcels(region, [order_id], sequence=7, correction=True)
        await region.control.change(order_id, state="shipped", tracking="BY-HAND")

        [got] = await confirm(region.amazon, shipments)

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, "SHIP_REFUSED")

    play(scene)


@pytest.mark.parametrize("kind", ["lost_ack", "http_500", "http_503", "http_429", "timeout", "reset"])
def test_whatever_gets_lost_leaves_one_package(kind: str) -> None:
    async def scene(region: Region) -> None:
        shipments = await parcels(region, await region.control.make(3))
        await region.control.fault(kind, operation="confirmShipment", count=2)

        got = await confirm(region.amazon, shipments)
        again = await confirm(region.amazon, shipments)
        region.clock.advance(600)

        assert (results(got), results(again)) == ({"sent": 3}, {"sent": 3})
        assert await packages(region) == {1: 3}
        assert (await region.control.state())["orders_by_state"] == {"SHIPPED": 3}

    play(scene)


def test_carriers_that_amazon_does_not_know_by_this_code_are_refused() -> None:
    async def scene(region: Region) -> None:
        shipments = await parcels(region, await region.control.make(1), carrier=Carrier(code="Pigeon", label="Pigeon"))

        [got] = await confirm(region.amazon, shipments)

        assert (got.result, got.reason) == (ShipmentResult.REFUSED, "CARRIER_UNKNOWN")

    play(scene)


def test_every_carrier_of_the_choices_is_taken() -> None:
    async def scene(region: Region) -> None:
        carriers = (await region.amazon.shipping_options()).carriers
        orders = await region.control.make(len(carriers))
        shipments = [
            replace(shipment, carrier=carrier)
            for shipment, carrier in zip(await parcels(region, orders), carriers, strict=True)
        ]

        got = await confirm(region.amazon, shipments)

        assert results(got) == {"sent": len(carriers)}

    play(scene)


def test_orders_of_the_same_hour_take_the_time_that_the_quota_takes() -> None:
    async def scene(region: Region) -> None:
        shipments = await parcels(region, await region.control.make(100))

        await confirm(region.amazon, shipments)

        # 90 calls after the first ten, two a second.
        assert (region.clock.now() - NOON).total_seconds() == pytest.approx(45, rel=0.02)
        assert await region.wasted() == {}
        assert await calls(region, "getOrder") == 0

    play(scene)
