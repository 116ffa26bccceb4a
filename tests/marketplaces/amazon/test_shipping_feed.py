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
from tests.marketplaces.amazon.test_sandbox import Region, play
from tests.marketplaces.amazon.test_shipping import a_shipment
from tests.marketplaces.reaching import NOON

MANY = FEED_ABOVE + 1
COLISSIMO = Carrier(code="Colissimo", label="Colissimo")


async def parcels(region: Region, order_ids: Sequence[str], **changes: Any) -> list[Shipment]:
    """Return a parcel with everything for each of these orders."""
    on_marketplace = {order["id"]: order for order in (await region.control.state())["orders"]}
    return [
        Shipment(
            **{
                "order_id": order_id,
                "sequence": 1,
                "lines": {line["id"]: line["quantity"] for line in on_marketplace[order_id]["lines"]},
                "shipped_at": region.clock.now() - timedelta(hours=1),
                "carrier": COLISSIMO,
                "number": f"8X{nth}",
                "sales_channel": on_marketplace[order_id]["store"],
                **changes,
            }
        )
        for nth, order_id in enumerate(order_ids)
    ]


async def backlog(region: Region, count: int = MANY) -> list[Shipment]:
    return await parcels(region, await region.control.make(count, lines=1))


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


def in_a_run_of(region: Region, minutes: float) -> AmazonMarketplace:
    """Return the adapter as a run opens it that ends so many minutes from now."""
    deadline = Deadline(region.clock.now() + timedelta(minutes=minutes))
    return AmazonMarketplace(region.config, replace(region.connector, deadline=deadline))


async def calls(region: Region, operation: str) -> int:
    return int((await region.control.state())["calls"].get(operation, 0))


async def packages(region: Region) -> Counter[int]:
    """Return how many orders have so many packages."""
    return Counter(len(order["packages"]) for order in (await region.control.state())["orders"])


def test_a_large_backlog_leaves_with_one_feed_in_minutes() -> None:
    async def scene(region: Region) -> None:
        shipments = await backlog(region)

        got = await confirm(region.amazon, shipments)

        state = await region.control.state()
        assert results(got) == {"sent": MANY}
        assert (state["calls"]["createFeed"], state["calls"].get("confirmShipment", 0)) == (1, 0)
        assert state["orders_by_state"] == {"SHIPPED": MANY}
        assert {each["tracking"] for each in state["shipped"]} == {each.number for each in shipments}
        assert region.clock.now() - NOON < timedelta(minutes=5)
        assert state["wasted"] == {}

    play(scene)


def test_fewer_parcels_are_quicker_by_calls() -> None:
    async def scene(region: Region) -> None:
        got = await confirm(region.amazon, await backlog(region, FEED_ABOVE))

        assert results(got) == {"sent": FEED_ABOVE}
        assert (await calls(region, "createFeed"), await calls(region, "confirmShipment")) == (0, FEED_ABOVE)
        # Ten at once, then two a second.
        assert region.clock.now() - NOON < timedelta(seconds=(FEED_ABOVE - 10) / 2 + 5)
        assert await region.wasted() == {}

    play(scene)


def test_every_parcel_that_is_wrong_is_named_and_the_others_leave() -> None:
    async def scene(region: Region) -> None:
        shipments = await backlog(region, MANY - 3)
        [pending] = await region.control.make(1, state="pending", payment_delay_s=86_400)
        [theirs] = await region.control.make(1, fulfilment="marketplace", picking_s=86_400)
        [odd] = await region.control.make(1)
        wrong = [
            *await parcels(region, [pending, theirs]),
            *await parcels(region, [odd], carrier=Carrier(code="?", label="?")),
        ]

        got = await confirm(region.amazon, [*shipments, *wrong])

        reasons = {each.order_id: each.reason for each in got if each.result is ShipmentResult.REFUSED}
        assert reasons == {pending: "SHIP_REFUSED", theirs: "SHIP_REFUSED", odd: "CARRIER_UNKNOWN"}
        assert results(got) == {"sent": MANY - 3, "refused": 3}

    play(scene)


def test_signs_that_xml_knows_arrive_as_they_are() -> None:
    async def scene(region: Region) -> None:
        shipments = await backlog(region)
        carrier, number = Carrier(code="", label="Durand & Fils <Lyon>"), 'A&B <1> "é" \x07'
        shipments[0] = replace(shipments[0], carrier=carrier, number=number)

        got = await confirm(region.amazon, shipments)

        on_marketplace = await region.control.order(shipments[0].order_id)
        assert results(got) == {"sent": MANY}
        assert (on_marketplace["carrier"], on_marketplace["tracking"]) == ("Durand & Fils <Lyon>", 'A&B <1> "é"')

    play(scene)


def test_two_parcels_of_one_order_are_two_messages() -> None:
    async def scene(region: Region) -> None:
        shipments = await backlog(region, MANY - 2)
        [order_id] = await region.control.make(1, lines=2, quantity=1)
        [whole] = await parcels(region, [order_id])
        halves = [
            replace(whole, sequence=nth, number=f"HALF{nth}", lines={line: 1})
            for nth, line in enumerate(whole.lines, start=1)
        ]

        got = await confirm(region.amazon, [*shipments, *halves])

        on_marketplace = await region.control.order(order_id)
        assert results(got) == {"sent": MANY}
        assert on_marketplace["state"] == "SHIPPED"
        assert [each["tracking"] for each in on_marketplace["packages"]] == ["HALF1", "HALF2"]

    play(scene)


def test_a_correction_goes_by_a_call_since_a_feed_names_no_package() -> None:
    async def scene(region: Region) -> None:
        [wrong, *shipments] = await backlog(region, MANY + 1)
        await confirm(region.amazon, [wrong])
        region.clock.advance(600)

        got = await confirm(region.amazon, [replace(wrong, number="RIGHT", correction=True), *shipments])

        on_marketplace = await region.control.order(wrong.order_id)
        assert results(got) == {"sent": MANY + 1}
        assert [each["tracking"] for each in on_marketplace["packages"]] == ["RIGHT"]
        assert (await calls(region, "createFeed"), await calls(region, "confirmShipment")) == (1, 2)

    play(scene)


class TestASlowFeed:
    def test_a_run_that_ends_before_it_says_that_it_does_not_know_and_the_next_one_waits_for_it(self) -> None:
        async def scene(region: Region) -> None:
            await region.control.switch(job_run_s=1800)
            shipments = await backlog(region)

            early = await confirm(in_a_run_of(region, 10), shipments)
            again = await confirm(in_a_run_of(region, 10), shipments)
            late = await confirm(in_a_run_of(region, 60), shipments)

            assert [results(got) for got in (early, again, late)] == [
                {"unknown": MANY},
                {"unknown": MANY},
                {"sent": MANY},
            ]
            assert (await calls(region, "createFeed"), await calls(region, "confirmShipment")) == (1, 0)
            assert await packages(region) == {1: MANY}

        play(scene)

    def test_what_is_not_in_it_leaves_at_once(self) -> None:
        async def scene(region: Region) -> None:
            await region.control.switch(job_run_s=1800)
            await confirm(in_a_run_of(region, 10), await backlog(region))
            others = await parcels(region, await region.control.make(5))

            got = await confirm(in_a_run_of(region, 10), others)

            assert results(got) == {"sent": 5}
            assert await calls(region, "confirmShipment") == 5

        play(scene)

    def test_another_large_backlog_waits_until_it_is_through(self) -> None:
        async def scene(region: Region) -> None:
            await region.control.switch(job_run_s=1800)
            await confirm(in_a_run_of(region, 10), await backlog(region))
            others = await parcels(region, await region.control.make(MANY))

            soon = await confirm(in_a_run_of(region, 10), others)
            late = await confirm(in_a_run_of(region, 120), others)

            assert [results(got) for got in (soon, late)] == [{"later": MANY}, {"sent": MANY}]
            assert await calls(region, "createFeed") == 2

        play(scene)

    def test_its_report_is_fetched_once(self) -> None:
        async def scene(region: Region) -> None:
            await region.control.switch(job_run_s=1800)
            shipments = await backlog(region)
            await confirm(in_a_run_of(region, 10), shipments)
            region.clock.advance(3600)
            again = in_a_run_of(region, 10)

            for start in range(0, MANY, 100):
                await confirm(again, shipments[start : start + 100])

            assert await calls(region, "getFeedDocument") == 1

        play(scene)

    def test_hours_later_a_parcel_of_it_is_confirmed_by_a_call_again(self) -> None:
        async def scene(region: Region) -> None:
            shipments = await backlog(region)
            await confirm(region.amazon, shipments)
            region.clock.advance(2 * 3600)

            [got] = await confirm(region.again(), shipments[:1])

            assert got.result is ShipmentResult.SENT
            assert await calls(region, "confirmShipment") == 1
            assert await packages(region) == {1: MANY}

        play(scene)


class TestAFeedThatFails:
    @pytest.mark.parametrize("how", ["fatal", "fatal_half"])
    def test_nothing_is_known_of_it_and_each_parcel_is_looked_up_before_it_is_confirmed_by_a_call(
        self, how: str
    ) -> None:
        async def scene(region: Region) -> None:
            await region.control.switch(feeds_fail=how)
            shipments = await backlog(region)

            failed = await confirm(region.amazon, shipments)
            region.clock.advance(5 * 3600)
            got = await confirm(region.again(), shipments)
            region.clock.advance(600)

            on_marketplace = {"sent": MANY} if how == "fatal" else {"already": MANY // 2, "sent": MANY - MANY // 2}
            assert (results(failed), results(got)) == ({"unknown": MANY}, on_marketplace)
            assert await packages(region) == {1: MANY}
            assert (await region.control.state())["orders_by_state"] == {"SHIPPED": MANY}
            assert await calls(region, "createFeed") == 1

        play(scene)

    def test_one_that_amazon_does_not_take_is_replaced_by_calls(self) -> None:
        async def scene(region: Region) -> None:
            await region.control.fault("http_400", operation="createFeed")

            got = await confirm(region.amazon, await backlog(region))

            assert results(got) == {"sent": MANY}
            assert await calls(region, "confirmShipment") == MANY

        play(scene)

    @pytest.mark.parametrize("answer", ["http_500", "reset"])
    def test_a_lost_answer_leaves_one_feed_and_one_package(self, answer: str) -> None:
        async def scene(region: Region) -> None:
            await region.control.fault("lost_ack", operation="createFeed", count=1, answer=answer)
            shipments = await backlog(region)

            lost = await confirm(region.amazon, shipments)
            got = await confirm(region.again(), shipments)

            assert (results(lost), results(got)) == ({"unknown": MANY}, {"already": MANY})
            assert (await calls(region, "createFeed"), await calls(region, "confirmShipment")) == (1, 0)
            assert await packages(region) == {1: MANY}

        play(scene)

    def test_a_feed_that_was_never_made_is_forgotten(self) -> None:
        async def scene(region: Region) -> None:
            await region.control.fault("http_503", operation="createFeedDocument", count=50)
            shipments = await backlog(region)
            coming = region.amazon.ship(shipments)
            first = await anext(coming)

            await region.control.http.delete("/_control/amazon/faults")
            got = await confirm(region.again(), shipments)

            assert first.result is ShipmentResult.LATER
            assert results(got) == {"sent": MANY}
            assert await calls(region, "getOrder") == 0

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
