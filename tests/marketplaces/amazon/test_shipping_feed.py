"""Many parcels in one feed, against the sandbox: told once, whatever becomes of the feed."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from app.domain.shipment import Carrier, Shipment, ShipmentOutcome, ShipmentResult
from app.errors import LimitReached
from app.marketplaces.amazon.adapter import AmazonMarketplace
from app.marketplaces.amazon.shipments.fulfilment_feed import document, errors_of
from app.marketplaces.amazon.shipments.packages import as_package
from app.marketplaces.amazon.shipments.shipping import FEED_ABOVE
from app.transport.deadline import Deadline
from tests.marketplaces.amazon.test_sandbox import World, play
from tests.marketplaces.amazon.test_shipping import a_shipment
from tests.marketplaces.reaching import NOON

MANY = FEED_ABOVE + 1
COLISSIMO = Carrier(code="Colissimo", label="Colissimo")


async def parcels(world: World, order_ids: Sequence[str], **changes: Any) -> list[Shipment]:
    """Return a parcel with everything for each of these orders."""
    on_marketplace = {order["id"]: order for order in (await world.door.state())["orders"]}
    return [
        Shipment(
            **{
                "order_id": order_id,
                "sequence": 1,
                "lines": {line["id"]: line["quantity"] for line in on_marketplace[order_id]["lines"]},
                "shipped_at": world.clock.now() - timedelta(hours=1),
                "carrier": COLISSIMO,
                "number": f"8X{nth}",
                "sales_channel": on_marketplace[order_id]["store"],
                **changes,
            }
        )
        for nth, order_id in enumerate(order_ids)
    ]


async def backlog(world: World, count: int = MANY) -> list[Shipment]:
    return await parcels(world, await world.door.make(count, lines=1))


async def confirm(marketplace: AmazonMarketplace, shipments: Sequence[Shipment]) -> list[ShipmentOutcome]:
    """Return what became of shipments, up to the end of its run."""
    got, coming = list[ShipmentOutcome](), marketplace.ship(shipments)
    with suppress(LimitReached):
        while (each := await anext(coming, None)) is not None:
            got.append(each)
    assert len({(each.order_id, each.sequence) for each in got}) == len(got) == len(shipments)
    return got


def results(got: Sequence[ShipmentOutcome]) -> Counter[str]:
    return Counter(each.result.value for each in got)


def in_a_run_of(world: World, minutes: float) -> AmazonMarketplace:
    """Return the adapter as a run opens it that ends so many minutes from now."""
    deadline = Deadline(world.clock.now() + timedelta(minutes=minutes))
    return AmazonMarketplace(world.config, replace(world.connector, deadline=deadline))


async def calls(world: World, operation: str) -> int:
    return int((await world.door.state())["calls"].get(operation, 0))


async def packages(world: World) -> Counter[int]:
    """Return how many orders have so many packages."""
    return Counter(len(order["packages"]) for order in (await world.door.state())["orders"])


def test_a_large_backlog_leaves_with_one_feed_in_minutes() -> None:
    async def scene(world: World) -> None:
        shipments = await backlog(world)

        got = await confirm(world.amazon, shipments)

        state = await world.door.state()
        assert results(got) == {"sent": MANY}
        assert (state["calls"]["createFeed"], state["calls"].get("confirmShipment", 0)) == (1, 0)
        assert state["orders_by_state"] == {"SHIPPED": MANY}
        assert {each["tracking"] for each in state["shipped"]} == {each.number for each in shipments}
        assert world.clock.now() - NOON < timedelta(minutes=5)
        assert state["wasted"] == {}

    play(scene)


def test_fewer_parcels_are_quicker_by_calls() -> None:
    async def scene(world: World) -> None:
        got = await confirm(world.amazon, await backlog(world, FEED_ABOVE))

        assert results(got) == {"sent": FEED_ABOVE}
        assert (await calls(world, "createFeed"), await calls(world, "confirmShipment")) == (0, FEED_ABOVE)
        # Ten at once, then two a second.
        assert world.clock.now() - NOON < timedelta(seconds=(FEED_ABOVE - 10) / 2 + 5)
        assert await world.wasted() == {}

    play(scene)


def test_every_parcel_that_is_wrong_is_named_and_the_others_leave() -> None:
    async def scene(world: World) -> None:
        shipments = await backlog(world, MANY - 3)
        [pending] = await world.door.make(1, state="pending", payment_delay_s=86_400)
        [theirs] = await world.door.make(1, fulfilment="marketplace", picking_s=86_400)
        [odd] = await world.door.make(1)
        wrong = [
            *await parcels(world, [pending, theirs]),
            *await parcels(world, [odd], carrier=Carrier(code="?", label="?")),
        ]

        got = await confirm(world.amazon, [*shipments, *wrong])

        reasons = {each.order_id: each.reason for each in got if each.result is ShipmentResult.REFUSED}
        assert reasons == {pending: "SHIP_REFUSED", theirs: "SHIP_REFUSED", odd: "CARRIER_UNKNOWN"}
        assert results(got) == {"sent": MANY - 3, "refused": 3}

    play(scene)


def test_signs_that_xml_knows_arrive_as_they_are() -> None:
    async def scene(world: World) -> None:
        shipments = await backlog(world)
        carrier, number = Carrier(code="", label="Durand & Fils <Lyon>"), 'A&B <1> "é" \x07'
        shipments[0] = replace(shipments[0], carrier=carrier, number=number)

        got = await confirm(world.amazon, shipments)

        on_marketplace = await world.door.order(shipments[0].order_id)
        assert results(got) == {"sent": MANY}
        assert (on_marketplace["carrier"], on_marketplace["tracking"]) == ("Durand & Fils <Lyon>", 'A&B <1> "é"')

    play(scene)


def test_two_parcels_of_one_order_are_two_messages() -> None:
    async def scene(world: World) -> None:
        shipments = await backlog(world, MANY - 2)
        [order_id] = await world.door.make(1, lines=2, quantity=1)
        [whole] = await parcels(world, [order_id])
        halves = [
            replace(whole, sequence=nth, number=f"HALF{nth}", lines={line: 1})
            for nth, line in enumerate(whole.lines, start=1)
        ]

        got = await confirm(world.amazon, [*shipments, *halves])

        on_marketplace = await world.door.order(order_id)
        assert results(got) == {"sent": MANY}
        assert on_marketplace["state"] == "SHIPPED"
        assert [each["tracking"] for each in on_marketplace["packages"]] == ["HALF1", "HALF2"]

    play(scene)


def test_a_correction_goes_by_a_call_since_a_feed_names_no_package() -> None:
    async def scene(world: World) -> None:
        [wrong, *shipments] = await backlog(world, MANY + 1)
        await confirm(world.amazon, [wrong])
        world.clock.advance(600)

        got = await confirm(world.amazon, [replace(wrong, number="RIGHT", correction=True), *shipments])

        on_marketplace = await world.door.order(wrong.order_id)
        assert results(got) == {"sent": MANY + 1}
        assert [each["tracking"] for each in on_marketplace["packages"]] == ["RIGHT"]
        assert (await calls(world, "createFeed"), await calls(world, "confirmShipment")) == (1, 2)

    play(scene)


class TestASlowFeed:
    def test_a_run_that_ends_before_it_says_that_it_does_not_know_and_the_next_one_waits_for_it(self) -> None:
        async def scene(world: World) -> None:
            await world.door.switch(job_run_s=1800)
            shipments = await backlog(world)

            early = await confirm(in_a_run_of(world, 10), shipments)
            again = await confirm(in_a_run_of(world, 10), shipments)
            late = await confirm(in_a_run_of(world, 60), shipments)

            assert [results(got) for got in (early, again, late)] == [
                {"unknown": MANY},
                {"unknown": MANY},
                {"sent": MANY},
            ]
            assert (await calls(world, "createFeed"), await calls(world, "confirmShipment")) == (1, 0)
            assert await packages(world) == {1: MANY}

        play(scene)

    def test_what_is_not_in_it_leaves_at_once(self) -> None:
        async def scene(world: World) -> None:
            await world.door.switch(job_run_s=1800)
            await confirm(in_a_run_of(world, 10), await backlog(world))
            others = await parcels(world, await world.door.make(5))

            got = await confirm(in_a_run_of(world, 10), others)

            assert results(got) == {"sent": 5}
            assert await calls(world, "confirmShipment") == 5

        play(scene)

    def test_another_large_backlog_waits_until_it_is_through(self) -> None:
        async def scene(world: World) -> None:
            await world.door.switch(job_run_s=1800)
            await confirm(in_a_run_of(world, 10), await backlog(world))
            others = await parcels(world, await world.door.make(MANY))

            soon = await confirm(in_a_run_of(world, 10), others)
            late = await confirm(in_a_run_of(world, 120), others)

            assert [results(got) for got in (soon, late)] == [{"later": MANY}, {"sent": MANY}]
            assert await calls(world, "createFeed") == 2

        play(scene)

    def test_its_report_is_fetched_once(self) -> None:
        async def scene(world: World) -> None:
            await world.door.switch(job_run_s=1800)
            shipments = await backlog(world)
            await confirm(in_a_run_of(world, 10), shipments)
            world.clock.advance(3600)
            again = in_a_run_of(world, 10)

            for start in range(0, MANY, 100):
                await confirm(again, shipments[start : start + 100])

            assert await calls(world, "getFeedDocument") == 1

        play(scene)

    def test_hours_later_a_parcel_of_it_is_confirmed_by_a_call_again(self) -> None:
        async def scene(world: World) -> None:
            shipments = await backlog(world)
            await confirm(world.amazon, shipments)
            world.clock.advance(2 * 3600)

            [got] = await confirm(world.again(), shipments[:1])

            assert got.result is ShipmentResult.SENT
            assert await calls(world, "confirmShipment") == 1
            assert await packages(world) == {1: MANY}

        play(scene)


class TestAFeedThatFails:
    @pytest.mark.parametrize("how", ["fatal", "fatal_half"])
    def test_nothing_is_known_of_it_and_each_parcel_is_looked_up_before_it_is_confirmed_by_a_call(
        self, how: str
    ) -> None:
        async def scene(world: World) -> None:
            await world.door.switch(feeds_fail=how)
            shipments = await backlog(world)

            failed = await confirm(world.amazon, shipments)
            world.clock.advance(5 * 3600)
            got = await confirm(world.again(), shipments)
            world.clock.advance(600)

            on_marketplace = {"sent": MANY} if how == "fatal" else {"already": MANY // 2, "sent": MANY - MANY // 2}
            assert (results(failed), results(got)) == ({"unknown": MANY}, on_marketplace)
            assert await packages(world) == {1: MANY}
            assert (await world.door.state())["orders_by_state"] == {"SHIPPED": MANY}
            assert await calls(world, "createFeed") == 1

        play(scene)

    def test_one_that_amazon_does_not_take_is_replaced_by_calls(self) -> None:
        async def scene(world: World) -> None:
            await world.door.fault("http_400", operation="createFeed")

            got = await confirm(world.amazon, await backlog(world))

            assert results(got) == {"sent": MANY}
            assert await calls(world, "confirmShipment") == MANY

        play(scene)

    @pytest.mark.parametrize("answer", ["http_500", "reset"])
    def test_a_lost_answer_leaves_one_feed_and_one_package(self, answer: str) -> None:
        async def scene(world: World) -> None:
            await world.door.fault("lost_ack", operation="createFeed", count=1, answer=answer)
            shipments = await backlog(world)

            lost = await confirm(world.amazon, shipments)
            got = await confirm(world.again(), shipments)

            assert (results(lost), results(got)) == ({"unknown": MANY}, {"already": MANY})
            assert (await calls(world, "createFeed"), await calls(world, "confirmShipment")) == (1, 0)
            assert await packages(world) == {1: MANY}

        play(scene)

    def test_a_feed_that_was_never_made_is_forgotten(self) -> None:
        async def scene(world: World) -> None:
            await world.door.fault("http_503", operation="createFeedDocument", count=50)
            shipments = await backlog(world)
            coming = world.amazon.ship(shipments)
            first = await anext(coming)

            await world.door.http.delete("/_control/amazon/faults")
            got = await confirm(world.again(), shipments)

            assert first.result is ShipmentResult.LATER
            assert results(got) == {"sent": MANY}
            assert await calls(world, "getOrder") == 0

        play(scene)


class TestTheDocument:
    def test_a_message_has_its_number_and_all_that_amazon_asks_for(self) -> None:
        shipments = [a_shipment(1), a_shipment(2, carrier=Carrier(code="", label="Coursier"), lines={"1": 2, "2": 1})]
        got = [as_package(each, home="", now=NOON) for each in shipments]

        root = ElementTree.fromstring(document(got, seller_id="A1B2C3D4E5F6G7"))

        assert root.findtext("Header/DocumentVersion") == "1.01"
        assert root.findtext("Header/MerchantIdentifier") == "A1B2C3D4E5F6G7"
        assert root.findtext("MessageType") == "OrderFulfillment"
        first, second = root.findall("Message")
        assert [each.findtext("MessageID") for each in (first, second)] == ["1", "2"]
        assert [each.tag for each in first[1]] == ["AmazonOrderID", "FulfillmentDate", "FulfillmentData", "Item"]
        assert [(each.tag, each.text) for each in first[1][2]] == [
            ("CarrierCode", "Colissimo"),
            ("ShipperTrackingNumber", "8X1"),
        ]
        assert second.findtext("OrderFulfillment/FulfillmentData/CarrierName") == "Coursier"
        assert second.findtext("OrderFulfillment/FulfillmentDate") == "2026-03-02T08:59:00.000Z"
        assert [each.findtext("Quantity") for each in second.iter("Item")] == ["2", "1"]


def a_report(*results: str, processed: int = 3, wrong: int = 0) -> bytes:
    summary = (
        f"<ProcessingSummary><MessagesProcessed>{processed}</MessagesProcessed>"
        f"<MessagesWithError>{wrong}</MessagesWithError></ProcessingSummary>"
    )
    return f'<?xml version="1.0"?><AmazonEnvelope>{summary}{"".join(results)}</AmazonEnvelope>'.encode()


def a_result(number: int, code: str = "Error") -> str:
    said = "<ResultMessageCode>18028</ResultMessageCode><ResultDescription>no</ResultDescription>"
    return f"<Result><MessageID>{number}</MessageID><ResultCode>{code}</ResultCode>{said}</Result>"


class TestTheReport:
    def test_it_names_what_was_not_taken(self) -> None:
        assert errors_of(a_report(), messages=3) == {}
        assert errors_of(a_report(a_result(2), a_result(3, "Warning"), wrong=1), messages=3) == {2: "18028 no"}

    @pytest.mark.parametrize(
        "report",
        [
            a_report(processed=2),
            a_report(wrong=1),
            a_report(a_result(0), wrong=1),
            b"<AmazonEnvelope/>",
            b'<?xml version="1.0"?><AmazonEnvelope/>',
            b"no document at all",
            b"",
        ],
    )
    def test_one_that_does_not_account_for_every_message_says_nothing(self, report: bytes) -> None:
        assert errors_of(report, messages=3) is None
