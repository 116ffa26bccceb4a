"""Feeds: a document is sent, waits, is worked through, and leaves a report about every line."""

from datetime import datetime

from starlette.responses import Response

from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import bad_request, throttled
from app.sandbox.amazon.files import listings_feed
from app.sandbox.amazon.files.document_calls import result_document
from app.sandbox.amazon.files.job_calls import FEEDS, stores_named
from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.quotas import JSON_LISTINGS_FEEDS
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.shipping import feed as shipping_feed
from app.sandbox.published import lists_of

LISTINGS = "JSON_LISTINGS_FEED"
SHIPMENTS = "POST_ORDER_FULFILLMENT_DATA"
# Taken, and ended FATAL, since 31 July 2025.
ENDED = frozenset(lists_of("amazon")["ended_feeds"])


def create_feed(call: Call) -> Response:
    """Answer POST /feeds/2021-06-30/feeds; listings feeds have a limit of their own beside the bucket."""
    seller, sent = call.seller, call.json_object()
    kind, input_id = sent.get("feedType"), sent.get("inputFeedDocumentId")
    if kind not in (LISTINGS, SHIPMENTS) and kind not in ENDED:
        raise bad_request(f"feedType '{kind}' is unknown.")
    store_ids = stores_named(sent)
    if not isinstance(input_id, str):
        raise bad_request("inputFeedDocumentId is required.")
    if seller.documents.get(input_id, now=call.now) is None:
        raise bad_request("inputFeedDocumentId is unknown.")
    if kind == LISTINGS and seller.switches.quotas == "on":
        limit, now_s = JSON_LISTINGS_FEEDS, call.now.timestamp()
        if seller.windows.wait(seller.seller_id, kind, limit=limit, now_s=now_s):
            raise throttled()
    job = Job(seller.feeds.next_id(), str(kind), store_ids, created=call.now, input_id=input_id)
    return FEEDS.start(call, job, lambda done, moment: _work(seller, done, moment))


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
