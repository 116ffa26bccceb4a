"""Reports: ordered, waited for, and read line by line from a document.

What a report costs is counted when it is ordered and when its document is fetched, whatever it holds.
"""

import asyncio
import codecs
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, TextIOWrapper
from itertools import islice
from typing import TypeAlias

from app.domain.message import message
from app.domain.task import Priority
from app.errors import CredentialsRefused, Refused, RoleMissing, Unavailable
from app.marketplaces.amazon.client import AmazonClient, utc
from app.marketplaces.amazon.errors import SERVICE, answers, malformed
from app.marketplaces.amazon.quotas import CREATE_REPORT, DOWNLOAD, GET_REPORT, GET_REPORT_DOCUMENT
from app.transport.operation import Answer, Operation

Row: TypeAlias = Mapping[str, str]

DONE, CANCELLED, FATAL = "DONE", "CANCELLED", "FATAL"
# So many lines are split before the event loop gets its turn.
_LINES_AT_ONCE = 1000
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Report:
    """A report that Amazon no longer works on: DONE with a document, CANCELLED (nothing to report) or FATAL."""

    status: str
    document_id: str | None


async def request(
    client: AmazonClient,
    *,
    kind: str,
    marketplace_ids: Sequence[str],
    since: datetime | None = None,
    until: datetime | None = None,
    priority: Priority,
) -> str:
    """Order a report and return its id; one that is ordered twice is made twice, which harms nothing.

    Raises Refused (REQUEST_REFUSED) and what stops a run.
    """
    asked: dict[str, object] = {"reportType": kind, "marketplaceIds": list(marketplace_ids)}
    asked |= {"dataStartTime": utc(since)} if since else {}
    asked |= {"dataEndTime": utc(until)} if until else {}
    answer = await client.call(CREATE_REPORT, json=asked, priority=priority)
    return _text(CREATE_REPORT, answer, "reportId")


async def finished(client: AmazonClient, report_id: str, *, priority: Priority) -> Report | None:
    """Return what became of a report, None while Amazon is at work on it; raises Refused (NOT_FOUND)."""
    answer = await client.call(GET_REPORT, path={"report_id": report_id}, priority=priority)
    status = _text(GET_REPORT, answer, "processingStatus")
    if status not in {DONE, CANCELLED, FATAL}:
        return None
    return Report(status, _text(GET_REPORT, answer, "reportDocumentId") if status == DONE else None)


async def lines(client: AmazonClient, document_id: str, *, priority: Priority) -> AsyncIterator[Row]:
    """Yield the lines of a report with tabs between its columns: the texts by the names in its first line.

    A cell that is missing at the end of a line is missing in its row. Raises Refused (NOT_FOUND), Unavailable.
    """
    rows = _rows(await _document(client, document_id, priority=priority))
    while some := await asyncio.to_thread(lambda: list(islice(rows, _LINES_AT_ONCE))):
        for row in some:
            yield row


async def _document(client: AmazonClient, document_id: str, *, priority: Priority) -> bytes:
    answer = await client.call(GET_REPORT_DOCUMENT, path={"document_id": document_id}, priority=priority)
    document = answers.record(GET_REPORT_DOCUMENT, answer)
    try:
        return await client.download(document)
    except (CredentialsRefused, RoleMissing, Refused) as refused:
        # No key and no role of ours has to do with it: an address is good for five minutes.
        detail = message("AMAZON_DOCUMENT_REFUSED")
        raise Unavailable(service=SERVICE, operation=DOWNLOAD.name, detail=detail, status=refused.status) from refused


def _rows(content: bytes) -> Iterator[Row]:
    """Yield the lines of a document one by one: it may hold a hundred thousand."""
    reported = TextIOWrapper(BytesIO(content), encoding=_encoding(content), errors="replace")
    names = _cells(next(reported, ""))
    for line in reported:
        if line.strip():
            yield dict(zip(names, _cells(line), strict=False))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.rstrip("\n").split("\t")]


def _encoding(content: bytes) -> str:
    """Return how a document is written: some countries get Windows' own letters, and nothing says so reliably."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _CHUNK_BYTES):
            decoder.decode(content[start : start + _CHUNK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _text(operation: Operation, answer: Answer, name: str) -> str:
    reported = answers.record(operation, answer).get(name)
    if not isinstance(reported, str) or not reported:
        raise malformed(operation, name)
    return reported
