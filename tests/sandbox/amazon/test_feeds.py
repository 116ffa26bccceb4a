import json
from typing import Any

import httpx
import pytest

from tests.sandbox.amazon.caller import FR, Caller, talk
from tests.sandbox.amazon.models import FEEDS, faults, schema_faults, with_models
from tests.sandbox.amazon.patches import LAMP, PUZZLE, Json, price, stock

KIND = "JSON_LISTINGS_FEED"


def message(number: int, sku: str, *patches: Json, **more: Any) -> Json:
    job = {"operationType": "PATCH", "productType": "PRODUCT", "patches": list(patches), **more}
    return {"messageId": number, "sku": sku, **{key: value for key, value in job.items() if value is not None}}


def feed(seller_id: str, *messages: Json, **header: Any) -> bytes:
    body = {"header": {"sellerId": seller_id, "version": "2.0", **header}, "messages": list(messages)}
    return json.dumps(body).encode()


async def sent(caller: Caller, *messages: Json, **header: Any) -> Json:
    """Return the report about a feed of those messages."""
    feed_id = await caller.submit(KIND, feed(caller.seller_id, *messages, **header))
    report: Json = json.loads(await caller.processed(feed_id))
    return report


async def offers(caller: Caller) -> dict[str, Json]:
    found: dict[str, Json] = (await caller.state())["offers"]
    return found


def test_a_feed_waits_runs_and_is_done() -> None:
    async def script(caller: Caller) -> list[Any]:
        feed_id = await caller.submit(KIND, feed(caller.seller_id, message(1, LAMP, stock(7))))
        seen = []
        for wait in (0, 59, 1, 119, 1):
            caller.wait(wait)
            job = await caller.feed(feed_id)
            seen.append((job["processingStatus"], (await offers(caller))[LAMP]["live"]["quantity"] == 7))
        return seen

    assert talk(script) == [
        ("IN_QUEUE", False),
        ("IN_QUEUE", False),
        ("IN_PROGRESS", False),
        ("IN_PROGRESS", False),
        ("DONE", True),
    ]


def test_every_message_is_counted_and_what_is_wrong_is_named() -> None:
    async def script(caller: Caller) -> tuple[Json, dict[str, Json]]:
        report = await sent(
            caller,
            message(1, LAMP, stock(7), price(43.21)),
            message(2, PUZZLE, stock(-1)),
            message(3, "NO-SUCH-SKU", stock(7)),
            message(3, PUZZLE, stock(8)),
            message(4, PUZZLE, {**stock(8), "path": "/attributes/fulfillment_availability/0"}),
        )
        return report, await offers(caller)

    report, after = talk(script)

    assert report["summary"] == {
        "errors": 4,
        "warnings": 0,
        "messagesProcessed": 5,
        "messagesAccepted": 1,
        "messagesInvalid": 4,
    }
    assert [(issue["messageId"], issue["sku"]) for issue in report["issues"]] == [
        (2, PUZZLE),
        (3, "NO-SUCH-SKU"),
        (3, PUZZLE),
        (4, PUZZLE),
    ]
    assert (after[LAMP]["quantity"], after[LAMP]["price"]) == (7, "43.21")
    assert "NO-SUCH-SKU" not in after


def test_a_partial_update_replaces_what_it_names() -> None:
    async def script(caller: Caller) -> Json:
        await caller.offer(LAMP, lead_time_days=3, price="9.90")
        attributes = {"fulfillment_availability": stock(7)["value"]}
        job = message(1, LAMP, operationType="PARTIAL_UPDATE", patches=None, attributes=attributes)
        await sent(caller, job)
        return (await offers(caller))[LAMP]

    offer = talk(script)

    assert (offer["quantity"], offer["lead_time_days"], offer["price"]) == (7, None, "9.90")


def test_an_update_replaces_everything() -> None:
    async def script(caller: Caller) -> Json:
        attributes = {"fulfillment_availability": stock(7)["value"]}
        await sent(caller, message(1, LAMP, operationType="UPDATE", patches=None, attributes=attributes))
        return (await offers(caller))[LAMP]

    offer = talk(script)

    assert (offer["quantity"], offer["price"], offer["channel_prices"]) == (7, None, {})


def test_a_delete_takes_the_offer_off() -> None:
    async def script(caller: Caller) -> bool:
        await sent(caller, message(1, LAMP, operationType="DELETE", patches=None, productType=None))
        return LAMP in await offers(caller)

    assert not talk(script)


def test_a_quantity_in_a_feed_turns_offers_of_amazons_too() -> None:
    async def script(caller: Caller) -> int:
        await caller.offer(LAMP, fulfilment="marketplace")
        await sent(caller, message(1, LAMP, stock(7)))
        turned: int = (await caller.state())["turned_to_merchant"]
        return turned

    assert talk(script) == 1


def test_a_feed_that_was_queued_earlier_undoes_a_later_patch() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(listing_delay_s=30)
        await caller.submit(KIND, feed(caller.seller_id, message(1, LAMP, stock(7))))
        caller.wait(60)
        await caller.patched(LAMP, stock(0))
        caller.wait(60)
        first = (await offers(caller))[LAMP]["live"]["quantity"]
        caller.wait(600)
        return [first, (await offers(caller))[LAMP]["live"]["quantity"]]

    assert talk(script) == [0, 7]


def test_a_report_holds_the_listings_that_were_asked_for() -> None:
    async def script(caller: Caller) -> Json:
        wanted = {"includedData": ["offers", "fulfillmentAvailability"], "apiVersion": "2021-08-01"}
        return await sent(caller, message(1, LAMP, stock(7)), report=wanted)

    report = talk(script)

    assert report["items"][0]["sku"] == LAMP
    assert report["items"][0]["fulfillmentAvailability"] == [{"fulfillmentChannelCode": "DEFAULT", "quantity": 7}]
    assert report["summary"]["itemSummary"] == {"items": 1, "errors": 0, "warnings": 0}


@pytest.mark.parametrize(
    "content",
    [
        b"no json",
        b"[]",
        feed("SOMEBODY-ELSE", message(1, LAMP, stock(7))),
        feed("A1SANDBOX0SELL", message(1, LAMP, stock(7)), version="1.0"),
        feed("A1SANDBOX0SELL"),
        feed("A1SANDBOX0SELL", *({"messageId": number} for number in range(25_001))),
    ],
    ids=["text", "list", "seller", "version", "empty", "too many"],
)
def test_what_is_no_such_feed_is_fatal_and_says_why(content: bytes) -> None:
    async def script(caller: Caller) -> tuple[str, Json]:
        feed_id = await caller.submit(KIND, content)
        caller.wait(600)
        job = await caller.feed(feed_id)
        report = await caller.document(f"/feeds/2021-06-30/documents/{job['resultFeedDocumentId']}")
        return job["processingStatus"], json.loads(report)

    status, report = talk(script)

    assert (status, report["summary"]["messagesProcessed"]) == ("FATAL", 0)
    assert report["issues"][0]["message"]


@pytest.mark.parametrize(("fate", "done"), [("fatal", 0), ("fatal_half", 1)])
def test_a_fatal_feed_did_nothing_or_half_and_leaves_no_report(fate: str, done: int) -> None:
    async def script(caller: Caller) -> tuple[Json, int]:
        await caller.switch(feeds_fail=fate)
        feed_id = await caller.submit(
            KIND, feed(caller.seller_id, message(1, LAMP, stock(777)), message(2, PUZZLE, stock(777)))
        )
        caller.wait(600)
        changed = sum(offer["quantity"] == 777 for offer in (await offers(caller)).values())
        return await caller.feed(feed_id), changed

    job, changed = talk(script)

    assert (job["processingStatus"], changed) == ("FATAL", done)
    assert "resultFeedDocumentId" not in job


@pytest.mark.parametrize("kind", ["POST_INVENTORY_AVAILABILITY_DATA", "POST_PRODUCT_PRICING_DATA"])
def test_the_old_feeds_end_fatal(kind: str) -> None:
    async def script(caller: Caller) -> str:
        feed_id = await caller.submit(kind, b"<AmazonEnvelope/>", "text/xml; charset=UTF-8")
        caller.wait(600)
        status: str = (await caller.feed(feed_id))["processingStatus"]
        return status

    assert talk(script) == "FATAL"


def test_a_feed_without_a_document_behind_it_is_fatal() -> None:
    async def script(caller: Caller) -> str:
        made = (await caller.post("/feeds/2021-06-30/documents", {"contentType": "application/json"})).json()
        feed_id = (await caller.create_feed(KIND, made["feedDocumentId"])).json()["feedId"]
        caller.wait(600)
        status: str = (await caller.feed(feed_id))["processingStatus"]
        return status

    assert talk(script) == "FATAL"


@pytest.mark.parametrize(
    "change",
    [
        {"feedType": "POST_NOTHING"},
        {"feedType": None},
        {"marketplaceIds": []},
        {"marketplaceIds": FR},
        {"marketplaceIds": ["ATVPDKIKX0DER"]},
        {"inputFeedDocumentId": "nobody"},
        {"inputFeedDocumentId": None},
    ],
)
def test_a_feed_of_the_wrong_shape_is_a_400(change: Json) -> None:
    async def script(caller: Caller) -> int:
        body = {"feedType": KIND, "marketplaceIds": [FR], "inputFeedDocumentId": await caller.upload(b"{}")}
        return (await caller.post("/feeds/2021-06-30/feeds", {**body, **change})).status_code

    assert talk(script) == 400


def test_five_listings_feeds_in_five_minutes_and_no_more() -> None:
    async def script(caller: Caller) -> list[int]:
        document_id = await caller.upload(feed(caller.seller_id, message(1, LAMP, stock(7))))
        seen = [(await caller.create_feed(KIND, document_id)).status_code for _ in range(6)]
        caller.wait(301)
        return [*seen, (await caller.create_feed(KIND, document_id)).status_code]

    assert talk(script) == [202, 202, 202, 202, 202, 429, 202]


def test_a_feed_is_cancelled_while_it_waits() -> None:
    async def script(caller: Caller) -> list[Any]:
        feed_id = await caller.submit(KIND, feed(caller.seller_id, message(1, LAMP, stock(777))))
        answer = await caller.call("DELETE", f"/feeds/2021-06-30/feeds/{feed_id}")
        caller.wait(600)
        late = await caller.call("DELETE", f"/feeds/2021-06-30/feeds/{feed_id}")
        status = (await caller.feed(feed_id))["processingStatus"]
        return [answer.status_code, status, late.status_code, (await offers(caller))[LAMP]["quantity"] == 777]

    assert talk(script) == [200, "CANCELLED", 400, False]


def test_feeds_are_listed_newest_first_in_pages() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(quotas="off")
        document_id = await caller.upload(feed(caller.seller_id, message(1, LAMP, stock(7))))
        made = [(await caller.create_feed(KIND, document_id)).json()["feedId"] for _ in range(5)]
        first = (await caller.get("/feeds/2021-06-30/feeds", {"feedTypes": KIND, "pageSize": "3"})).json()
        second = (await caller.get("/feeds/2021-06-30/feeds", {"nextToken": first["nextToken"]})).json()
        both = await caller.get("/feeds/2021-06-30/feeds", {"nextToken": first["nextToken"], "pageSize": "3"})
        found = [each["feedId"] for page in (first, second) for each in page["feeds"]]
        return [found == made[::-1], "nextToken" in second, both.status_code]

    assert talk(script) == [True, False, 400]


def test_feeds_are_kept_for_90_days() -> None:
    async def script(caller: Caller) -> list[int]:
        feed_id = await caller.submit(KIND, feed(caller.seller_id, message(1, LAMP, stock(7))))
        caller.wait(91 * 86_400)
        return [(await caller.get(f"/feeds/2021-06-30/feeds/{name}")).status_code for name in (feed_id, "1")]

    assert talk(script) == [404, 404]


def test_the_document_of_a_feed_can_be_looked_at_from_outside() -> None:
    async def script(caller: Caller) -> tuple[bytes, httpx.Response]:
        feed_id = await caller.submit(KIND, b"what was sent")
        found = await caller.http.get(f"/_control/amazon/imports/{feed_id}")
        return found.content, await caller.http.get("/_control/amazon/imports/1")

    content, missing = talk(script)

    assert (content, missing.status_code) == (b"what was sent", 404)


@with_models
def test_answers_are_as_the_models_say() -> None:
    async def script(caller: Caller) -> list[Any]:
        report = await sent(caller, message(1, LAMP, stock(7)), message(2, PUZZLE, stock(-1)))
        listed = (await caller.get("/feeds/2021-06-30/feeds", {"feedTypes": KIND})).json()
        return [report, listed]

    report, listed = talk(script)

    assert faults(FEEDS, "GetFeedsResponse", listed) == []
    assert schema_faults("listings-feed-processing-report-schema-v2", report) == []
