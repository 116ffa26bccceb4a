"""Feeds: a document is uploaded, handed in, worked through, and answered with a report about every line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.domain.message import message
from app.domain.task import Priority
from app.errors import CredentialsRefused, Refused, RoleMissing, Unavailable
from app.marketplaces.amazon.client import AmazonClient, Record
from app.marketplaces.amazon.errors import SERVICE, answers
from app.marketplaces.amazon.quotas import (
    CREATE_FEED,
    CREATE_FEED_DOCUMENT,
    DOWNLOAD,
    GET_FEED,
    GET_FEED_DOCUMENT,
    GET_FEEDS,
    UPLOAD,
)
from app.marketplaces.shared.json_records import text
from app.transport.operation import Answer, Operation

T = TypeVar("T")

_ENDED = frozenset({"DONE", "FATAL", "CANCELLED"})
_UNFINISHED = "IN_QUEUE,IN_PROGRESS"
# What the store of documents answers once an address is older than five minutes.
_EXPIRED = (RoleMissing, CredentialsRefused, Refused)


@dataclass(frozen=True, slots=True)
class FeedResult:
    """How a feed ended: `status` DONE, FATAL or CANCELLED, and its processing report, unpacked, where it has one."""

    status: str
    report: bytes | None


async def submit(
    client: AmazonClient,
    *,
    kind: str,
    marketplace_ids: Sequence[str],
    content: bytes,
    content_type: str,
    priority: Priority,
) -> str:
    """Hand in a feed and return its id; raises OutcomeUnknown where nobody knows whether Amazon took it."""
    document_id = await _with_new_address(
        UPLOAD, lambda: _upload(client, content, content_type=content_type, priority=priority)
    )
    # Told to slow down, the client waits and hands in the same document: it stays.
    asked = {"feedType": kind, "marketplaceIds": list(marketplace_ids), "inputFeedDocumentId": document_id}
    answer = await client.call(CREATE_FEED, json=asked, priority=priority)
    return answers.text(CREATE_FEED, answer, "feedId")


async def finished(client: AmazonClient, feed_id: str) -> FeedResult | None:
    """Return how a feed ended, None while Amazon is at work on it; raises Refused NOT_FOUND for one it does not know.

    DONE does not mean that all lines were taken. The report is fetched with every call: it costs one of few tokens.
    """
    answer = await client.call(GET_FEED, path={"feed_id": feed_id})
    status = answers.text(GET_FEED, answer, "processingStatus")
    if status not in _ENDED:
        return None
    document_id = text(_record(answer), "resultFeedDocumentId")
    if not document_id:
        return FeedResult(status, None)
    return FeedResult(status, await _with_new_address(DOWNLOAD, lambda: _download(client, document_id)))


async def is_ended(client: AmazonClient, feed_id: str) -> bool:
    """Return whether Amazon is done with a feed, without its report; raises Refused NOT_FOUND."""
    answer = await client.call(GET_FEED, path={"feed_id": feed_id})
    return answers.text(GET_FEED, answer, "processingStatus") in _ENDED


async def any_under_way(client: AmazonClient, *, kind: str, priority: Priority) -> bool:
    """Return whether Amazon still has feeds of that kind to work through, whoever handed them in."""
    query = (("feedTypes", kind), ("processingStatuses", _UNFINISHED), ("pageSize", "1"))
    answer = await client.call(GET_FEEDS, query=query, priority=priority)
    return bool(answers.records(GET_FEEDS, answer, "feeds"))


async def _upload(client: AmazonClient, content: bytes, *, content_type: str, priority: Priority) -> str:
    answer = await client.call(CREATE_FEED_DOCUMENT, json={"contentType": content_type}, priority=priority)
    url = answers.text(CREATE_FEED_DOCUMENT, answer, "url")
    await client.upload(url, content, content_type=content_type)
    return answers.text(CREATE_FEED_DOCUMENT, answer, "feedDocumentId")


async def _download(client: AmazonClient, document_id: str) -> bytes:
    answer = await client.call(GET_FEED_DOCUMENT, path={"document_id": document_id})
    return await client.download(_record(answer))


def _record(answer: Answer) -> Record:
    return answer.data if isinstance(answer.data, Mapping) else {}


async def _with_new_address(operation: Operation, call: Callable[[], Awaitable[T]]) -> T:
    """Return what a call returns that asks for a document's address and uses it, made again where it has expired."""
    try:
        return await call()
    except _EXPIRED as expired:
        if expired.operation != operation.name:
            raise
    try:
        return await call()
    except _EXPIRED as refused:
        # No key and no role of ours has to do with it.
        detail = message("AMAZON_DOCUMENT_REFUSED")
        raise Unavailable(service=SERVICE, operation=operation.name, detail=detail, status=refused.status) from refused
