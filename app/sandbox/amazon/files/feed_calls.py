"""Feeds: a document is sent, waits, is worked through, and leaves a report about every line."""

from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import bad_request, not_found, throttled
from app.sandbox.amazon.files import listings_feed
from app.sandbox.amazon.files.document_calls import result_document
from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.files.listing import job_record, listed
from app.sandbox.amazon.markets import of_region
from app.sandbox.amazon.quotas import JSON_LISTINGS_FEEDS
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.shipping import feed as shipping_feed

LISTINGS = "JSON_LISTINGS_FEED"
SHIPMENTS = "POST_ORDER_FULFILLMENT_DATA"
# Taken, and ended FATAL, since 31 July 2025.
ENDED = frozenset(
    {
        "POST_FLAT_FILE_INVLOADER_DATA",
        "POST_FLAT_FILE_LISTINGS_DATA",
        "POST_FLAT_FILE_PRICEANDQUANTITYONLY_UPDATE_DATA",
        "POST_INVENTORY_AVAILABILITY_DATA",
        "POST_PRODUCT_DATA",
        "POST_PRODUCT_PRICING_DATA",
    }
)


def create_feed(call: Call) -> Response:
    """Answer POST /feeds/2021-06-30/feeds; listings feeds have a limit of their own beside the bucket."""
    seller, sent = call.seller, call.json_object()
    kind, store_ids, input_id = _asked(sent)
    if seller.documents.get(input_id, now=call.now) is None:
        raise bad_request("inputFeedDocumentId is unknown.")
    if kind == LISTINGS and seller.switches.quotas == "on":
        limit, now_s = JSON_LISTINGS_FEEDS, call.now.timestamp()
        if seller.windows.wait(seller.seller_id, kind, limit=limit, now_s=now_s):
            raise throttled()
    job = Job(seller.feeds.next_id(), kind, tuple(store_ids), created=call.now, input_id=input_id)
    switches = seller.switches
    seller.feeds.start(
        job,
        lambda done, moment: _work(seller, done, moment),
        seller.agenda,
        wait_s=switches.job_wait_s,
        run_s=switches.job_run_s,
    )
    return JSONResponse({"feedId": job.job_id}, 202)


def get_feed(call: Call) -> Response:
    """Answer GET /feeds/2021-06-30/feeds/{feedId}."""
    return JSONResponse(job_record(_feed(call), name="feed"))


def get_feeds(call: Call) -> Response:
    """Answer GET /feeds/2021-06-30/feeds."""
    jobs, token = listed(call.seller.feeds, call.request.query_params, types="feedTypes", now=call.now)
    body: dict[str, Any] = {"feeds": [job_record(job, name="feed") for job in jobs]}
    if token is not None:
        body["nextToken"] = token
    return JSONResponse(body)


def cancel_feed(call: Call) -> Response:
    """Answer DELETE /feeds/2021-06-30/feeds/{feedId}; only a feed that has not begun can be cancelled."""
    job = _feed(call)
    if job.status != "IN_QUEUE":
        raise bad_request(f"The feed is {job.status}; only IN_QUEUE can be cancelled.")
    job.end("CANCELLED", at=call.now)
    return Response(b"", 200)


def _feed(call: Call) -> Job:
    job = call.seller.feeds.get(call.path("feedId"), now=call.now)
    if job is None:
        raise not_found(f"Feed {call.path('feedId')}")
    return job


def _asked(sent: dict[str, Any]) -> tuple[str, list[str], str]:
    kind, store_ids, input_id = sent.get("feedType"), sent.get("marketplaceIds"), sent.get("inputFeedDocumentId")
    if kind not in (LISTINGS, SHIPMENTS) and kind not in ENDED:
        raise bad_request(f"feedType '{kind}' is unknown.")
    if not isinstance(store_ids, list) or not store_ids or of_region(map(str, store_ids)) is None:
        raise bad_request("marketplaceIds must name marketplaces of this region.")
    if not isinstance(input_id, str):
        raise bad_request("inputFeedDocumentId is required.")
    return str(kind), [str(each) for each in store_ids], input_id


def _work(seller: Seller, job: Job, moment: datetime) -> None:
    document = seller.documents.get(job.input_id, now=moment)
    content = None if document is None else document.content
    fate = seller.switches.feeds_fail
    if content is None or job.kind in ENDED or fate == "fatal":
        job.end("FATAL", at=moment)
        return
    if job.kind == SHIPMENTS:
        _ship(seller, job, content, moment, half=fate == "fatal_half")
    else:
        _list(seller, job, content, moment, half=fate == "fatal_half")


def _ship(seller: Seller, job: Job, content: bytes, moment: datetime, *, half: bool) -> None:
    try:
        messages = shipping_feed.messages_of(content, seller_id=seller.seller_id)
    except shipping_feed.Unreadable:
        job.end("FATAL", at=moment)
        return
    taken = messages[: len(messages) // 2] if half else messages
    wrong = shipping_feed.take(seller, taken, now=moment)
    report = shipping_feed.report(feed_id=job.job_id, processed=len(taken), wrong=wrong)
    _finish(seller, job, report, "text/xml", moment, counts=(len(taken), len(wrong)), half=half)


def _list(seller: Seller, job: Job, content: bytes, moment: datetime, *, half: bool) -> None:
    try:
        feed = listings_feed.read(content, seller_id=seller.seller_id)
    except listings_feed.Unreadable as reason:
        report = listings_feed.refusal(seller.seller_id, job.job_id, str(reason))
        document = result_document(seller, report, "application/json")
        job.end("FATAL", at=moment, result_id=document.document_id)
        return
    messages = feed.messages[: len(feed.messages) // 2] if half else feed.messages
    outcome = listings_feed.take(seller, messages, store_ids=job.store_ids, now=moment)
    report = listings_feed.report(seller, feed, job, outcome, now=moment)
    _finish(seller, job, report, "application/json", moment, counts=outcome.counts, half=half)


def _finish(
    seller: Seller, job: Job, report: bytes, kind: str, moment: datetime, *, counts: tuple[int, int], half: bool
) -> None:
    job.counts = counts
    if half:
        job.end("FATAL", at=moment)
        return
    job.end("DONE", at=moment, result_id=result_document(seller, report, kind).document_id)
