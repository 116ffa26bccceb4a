from typing import Any
from xml.etree import ElementTree

import pytest

from tests.sandbox.amazon.caller import Caller, talk

KIND, CONTENT_TYPE = "POST_ORDER_FULFILLMENT_DATA", "text/xml; charset=UTF-8"


def message(number: int, order_id: str, *, tracking: str = "8R1", items: str = "", carrier: str = "Colissimo") -> str:
    return (
        f"<Message><MessageID>{number}</MessageID><OrderFulfillment><AmazonOrderID>{order_id}</AmazonOrderID>"
        f"<FulfillmentDate>2026-03-02T11:00:00Z</FulfillmentDate><FulfillmentData><CarrierCode>{carrier}</CarrierCode>"
        f"<ShippingMethod>Standard</ShippingMethod><ShipperTrackingNumber>{tracking}</ShipperTrackingNumber>"
        f"</FulfillmentData>{items}</OrderFulfillment></Message>"
    )


def envelope(seller_id: str, *messages: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion>'
        f"<MerchantIdentifier>{seller_id}</MerchantIdentifier></Header>"
        f"<MessageType>OrderFulfillment</MessageType>{''.join(messages)}</AmazonEnvelope>"
    ).encode()


async def sent(caller: Caller, *messages: str) -> ElementTree.Element:
    """Return the report about a feed of those messages."""
    feed_id = await caller.submit(KIND, envelope(caller.seller_id, *messages), CONTENT_TYPE)
    report = ElementTree.fromstring(await caller.processed(feed_id)).find("Message/ProcessingReport")
    assert report is not None
    return report


def summary(report: ElementTree.Element) -> list[int]:
    names = ("MessagesProcessed", "MessagesSuccessful", "MessagesWithError")
    return [int(report.findtext(f"ProcessingSummary/{name}") or -1) for name in names]


def test_many_parcels_leave_with_one_feed() -> None:
    async def script(caller: Caller) -> tuple[list[int], dict[str, int], list[str]]:
        made = await caller.make(30)
        report = await sent(caller, *(message(n, each, tracking=f"8R{n}") for n, each in enumerate(made, start=1)))
        state = await caller.state()
        return summary(report), state["orders_by_state"], [each["tracking"] for each in state["shipped"]]

    counts, states, numbers = talk(script)

    assert (counts, states) == ([30, 30, 0], {"SHIPPED": 30})
    assert numbers == [f"8R{n}" for n in range(1, 31)]


def test_every_line_that_is_wrong_is_named_and_the_others_leave() -> None:
    async def script(caller: Caller) -> tuple[list[int], dict[str | None, str | None], dict[str, int]]:
        good, theirs = (*await caller.make(), *await caller.make(fulfilment="marketplace", picking_s=86_400))
        report = await sent(
            caller,
            message(1, good),
            message(2, "404-0000000-0000000"),
            message(3, theirs),
            message(4, good, tracking="8R2"),
            message(5, good, carrier="Pigeon Express"),
        )
        results = {each.findtext("MessageID"): each.findtext("ResultDescription") for each in report.findall("Result")}
        return summary(report), results, (await caller.state())["orders_by_state"]

    counts, results, states = talk(script)

    assert counts == [5, 1, 4]
    assert results.keys() == {"2", "3", "4", "5"}
    assert all(results.values())
    assert states == {"SHIPPED": 1, "UNSHIPPED": 1}


def test_a_parcel_holds_the_items_that_are_named() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make(lines=2, quantity=3)
        item_id = (await caller.order(order_id))["lines"][0]["id"]
        items = f"<Item><AmazonOrderItemCode>{item_id}</AmazonOrderItemCode><Quantity>2</Quantity></Item>"
        await sent(caller, message(1, order_id, items=items))
        order = await caller.order(order_id)
        return [order["state"], [line["shipped"] for line in order["lines"]], order["packages"][0]["source"]]

    assert talk(script) == ["PARTIALLY_SHIPPED", [2, 0], "feed"]


def test_the_same_number_again_is_the_same_parcel() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make()
        first = summary(await sent(caller, message(1, order_id)))
        second = summary(await sent(caller, message(1, order_id)))
        order = await caller.order(order_id)
        return [first, second, len(order["packages"]), order["packages"][0]["sent"]]

    assert talk(script) == [[1, 1, 0], [1, 1, 0], 1, 2]


@pytest.mark.parametrize(
    "content",
    [b"order-id\tquantity\n", b"<AmazonEnvelope/>", envelope("SOMEBODY-ELSE", message(1, "403-0000000-0000000"))],
)
def test_what_is_no_such_document_is_fatal(content: bytes) -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        feed_id = await caller.submit(KIND, content, CONTENT_TYPE)
        caller.wait(600)
        return await caller.feed(feed_id)

    feed = talk(script)

    assert feed["processingStatus"] == "FATAL"
    assert "resultFeedDocumentId" not in feed
