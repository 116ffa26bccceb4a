"""Feeds, whatever Amazon answers about them."""

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from app.domain.task import Priority
from app.errors import Refused, Unavailable
from app.marketplaces.amazon.adapter import quota_scope
from app.marketplaces.amazon.client import AmazonClient
from app.marketplaces.amazon.files import feeds
from app.marketplaces.amazon.files.feeds import FeedResult
from tests.marketplaces.amazon.builders import a_config, letting_in, refused
from tests.marketplaces.reaching import Remote, a_connector
from tests.support.aio import run

STORE = "https://store.example/a?X-Signature=abc"
CREATED = "2026-03-02T12:00:00Z"
XML = "text/xml; charset=UTF-8"


def a_feed(status: str, **more: str) -> httpx.Response:
    body = {"feedId": "1", "feedType": "POST_ORDER_FULFILLMENT_DATA", "createdTime": CREATED}
    return httpx.Response(200, json={**body, "processingStatus": status, **more})


def answering(**answers: httpx.Response) -> tuple[AmazonClient, Remote]:
    """Return a client of an Amazon that answers by the last words of a path."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "store.example":
            return answers.get("store", httpx.Response(200))
        for name in ("documents", "feeds"):
            if request.method == "POST" and request.url.path.endswith(f"/{name}"):
                return answers[name]
        return answers["document" if "/documents/" in request.url.path else "feed"]

    remote = letting_in(answer)
    config = a_config()
    return AmazonClient(config, a_connector(remote.transport), quota_scope=quota_scope(config)), remote


def submit(client: AmazonClient) -> str:
    submitting = feeds.submit(
        client,
        kind="POST_ORDER_FULFILLMENT_DATA",
        marketplace_ids=["A13V1IB3VIYZZH"],
        content=b"<x/>",
        content_type=XML,
        priority=Priority.SHIPMENTS,
    )
    return run(submitting)


def test_a_document_is_uploaded_under_its_content_type_and_named_by_the_feed() -> None:
    client, remote = answering(
        documents=httpx.Response(201, json={"feedDocumentId": "d", "url": STORE}),
        feeds=httpx.Response(202, json={"feedId": "f"}),
    )

    feed_id = submit(client)

    _, upload, create = remote.requests
    assert feed_id == "f"
    assert (upload.content, upload.headers["content-type"]) == (b"<x/>", XML)
    assert b'"inputFeedDocumentId":"d"' in create.content


@pytest.mark.parametrize("lacking", ["documents", "feeds"])
def test_an_answer_without_what_was_asked_for_is_an_outage(lacking: str) -> None:
    answers = {
        "documents": httpx.Response(201, json={"feedDocumentId": "d", "url": STORE}),
        "feeds": httpx.Response(202, json={"feedId": "f"}),
    }
    client, _ = answering(**(answers | {lacking: httpx.Response(202, json=[])}))

    with pytest.raises(Unavailable):
        submit(client)


@pytest.mark.parametrize("status", ["IN_QUEUE", "IN_PROGRESS", "SOMETHING_NEW"])
def test_a_feed_that_is_under_way_has_no_result(status: str) -> None:
    client, _ = answering(feed=a_feed(status))

    assert run(feeds.finished(client, "1")) is None
    assert not run(feeds.is_ended(client, "1"))


@pytest.mark.parametrize("status", ["DONE", "FATAL", "CANCELLED"])
def test_a_feed_may_end_without_a_report(status: str) -> None:
    client, _ = answering(feed=a_feed(status))

    assert run(feeds.finished(client, "1")) == FeedResult(status, None)
    assert run(feeds.is_ended(client, "1"))


def test_a_feed_that_ended_comes_with_its_report() -> None:
    client, _ = answering(
        feed=a_feed("DONE", resultFeedDocumentId="r"),
        document=httpx.Response(200, json={"feedDocumentId": "r", "url": STORE}),
        store=httpx.Response(200, content=b"<report/>"),
    )

    assert run(feeds.finished(client, "1")) == FeedResult("DONE", b"<report/>")


@pytest.mark.parametrize("ask", [feeds.finished, feeds.is_ended])
def test_a_feed_that_nobody_knows_is_not_found(ask: Callable[[AmazonClient, str], Coroutine[Any, Any, object]]) -> None:
    client, _ = answering(feed=refused(404, "NotFound", "No such feed."))

    with pytest.raises(Refused) as caught:
        run(ask(client, "1"))

    assert caught.value.reason == "NOT_FOUND"


@pytest.mark.parametrize(("found", "under_way"), [([], False), ([{}], True)])
def test_whether_any_feed_is_under_way_is_asked_of_amazon(found: list[object], under_way: bool) -> None:
    client, remote = answering(feed=httpx.Response(200, json={"feeds": found}))

    asked = feeds.any_under_way(client, kind="JSON_LISTINGS_FEED", priority=Priority.STOCK)

    assert run(asked) is under_way
    assert remote.requests[0].url.params["processingStatuses"] == "IN_QUEUE,IN_PROGRESS"
