import gzip
import json
import tracemalloc
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.task import Priority
from app.errors import Refused, Unavailable
from app.marketplaces.amazon.adapter import quota_scope
from app.marketplaces.amazon.client import AmazonClient
from app.marketplaces.amazon.files import reports
from app.marketplaces.amazon.files.reports import Report
from tests.marketplaces.amazon.builders import a_config, letting_in, refused
from tests.marketplaces.amazon.records import FRANCE
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.support.aio import run

KIND = "GET_MERCHANT_LISTINGS_ALL_DATA"
STORE = "https://store.example/report?X-Signature=abc"
CREATED = "2026-03-02T11:00:00.000Z"


def a_client(remote: Remote) -> AmazonClient:
    config = a_config()
    return AmazonClient(config, a_connector(remote.transport), quota_scope=quota_scope(config))


def answering(answer: dict[str, Any], status: int = 200) -> Remote:
    return letting_in(lambda request: httpx.Response(status, json=answer))


def a_document(content: bytes, *, packed: bool = False) -> Remote:
    """Return an Amazon with one report document."""
    described = {"reportDocumentId": "doc", "url": STORE} | ({"compressionAlgorithm": "GZIP"} if packed else {})

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "store.example":
            return httpx.Response(200, content=content)
        return httpx.Response(200, json=described)

    return letting_in(answer)


def lines_of(remote: Remote) -> list[dict[str, str]]:
    async def read() -> list[dict[str, str]]:
        rows = reports.lines(a_client(remote), "doc", priority=Priority.BACKFILL)
        return [dict(row) async for row in rows]

    return run(read())


def test_a_report_is_ordered_for_all_marketplaces_and_both_ends_of_a_window() -> None:
    remote = answering({"reportId": "77"}, 202)

    report_id = run(
        reports.request(
            a_client(remote),
            kind=KIND,
            marketplace_ids=(FRANCE, "A1PA6795UKMFR9"),
            since=NOON - timedelta(days=2),
            until=NOON - timedelta(days=1),
            priority=Priority.BACKFILL,
        )
    )

    [request] = remote.requests
    assert report_id == "77"
    assert (request.method, request.url.path) == ("POST", "/reports/2021-06-30/reports")
    assert json.loads(request.content) == {
        "reportType": KIND,
        "marketplaceIds": [FRANCE, "A1PA6795UKMFR9"],
        "dataStartTime": "2026-02-28T12:00:00.000Z",
        "dataEndTime": "2026-03-01T12:00:00.000Z",
    }


def test_a_report_without_a_window_names_none() -> None:
    remote = answering({"reportId": "77"}, 202)

    run(reports.request(a_client(remote), kind=KIND, marketplace_ids=(FRANCE,), priority=Priority.STOCK))

    assert json.loads(remote.requests[0].content) == {"reportType": KIND, "marketplaceIds": [FRANCE]}


def test_an_order_for_a_report_that_was_lost_on_its_way_is_repeated() -> None:
    answers = iter([httpx.Response(503), httpx.Response(202, json={"reportId": "78"})])
    remote = letting_in(lambda request: next(answers))

    report_id = run(reports.request(a_client(remote), kind=KIND, marketplace_ids=(FRANCE,), priority=Priority.STOCK))

    assert report_id == "78"


@pytest.mark.parametrize(
    ("status", "document", "became"),
    [
        ("IN_QUEUE", {}, None),
        ("IN_PROGRESS", {}, None),
        ("DONE", {"reportDocumentId": "doc"}, Report("DONE", "doc")),
        ("CANCELLED", {}, Report("CANCELLED", None)),
        ("FATAL", {}, Report("FATAL", None)),
        ("FATAL", {"reportDocumentId": "why"}, Report("FATAL", None)),
    ],
)
def test_a_report_is_at_work_done_empty_or_given_up(
    status: str, document: dict[str, str], became: Report | None
) -> None:
    reported = {"reportId": "77", "reportType": KIND, "createdTime": CREATED, "processingStatus": status}
    remote = answering(reported | document)

    found = run(reports.finished(a_client(remote), "77", priority=Priority.BACKFILL))

    assert found == became
    assert remote.paths == ["/reports/2021-06-30/reports/77"]


def test_a_report_that_amazon_does_not_know_is_not_found() -> None:
    remote = letting_in(lambda request: refused(404, "NotFound", "Report 77 was not found."))

    with pytest.raises(Refused) as caught:
        run(reports.finished(a_client(remote), "77", priority=Priority.BACKFILL))

    assert caught.value.reason == "NOT_FOUND"


@pytest.mark.parametrize("answer", [{}, {"processingStatus": 3}, {"processingStatus": "DONE"}])
def test_an_answer_that_makes_no_sense_is_an_outage(answer: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        run(reports.finished(a_client(answering(answer)), "77", priority=Priority.BACKFILL))


@pytest.mark.parametrize("packed", [True, False])
def test_lines_are_rows_by_the_names_of_the_first_line(packed: bool) -> None:
    content = b"sku\tprice\tnote\r\nLAMP\t12.90\tred\r\n\r\nCUP\t3.00\r\n"
    remote = a_document(gzip.compress(content, mtime=0) if packed else content, packed=packed)

    rows = lines_of(remote)

    assert rows == [{"sku": "LAMP", "price": "12.90", "note": "red"}, {"sku": "CUP", "price": "3.00"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_letters_are_read_whichever_way_they_are_written(encoding: str) -> None:
    content = "sku\tcity\nTHÉ-1\tNîmes, 5 €\n".encode(encoding)

    assert lines_of(a_document(content)) == [{"sku": "THÉ-1", "city": "Nîmes, 5 €"}]


def test_quotes_and_odd_line_breaks_inside_a_cell_part_nothing() -> None:
    content = 'sku\ttitle\nA\t24" screen "new"\nB\tone\u2028two\x0bthree\n'.encode()

    assert [row["title"] for row in lines_of(a_document(content))] == ['24" screen "new"', "one\u2028two\x0bthree"]


@pytest.mark.parametrize("content", [b"", b"sku\tprice\n"])
def test_a_document_without_lines_has_no_rows(content: bytes) -> None:
    assert lines_of(a_document(content)) == []


def test_a_store_that_refuses_its_own_address_is_an_outage_and_no_matter_of_roles() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "store.example":
            return httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>")
        return httpx.Response(200, json={"reportDocumentId": "doc", "url": STORE})

    with pytest.raises(Unavailable, match="document store"):
        lines_of(letting_in(answer))


def test_a_hundred_thousand_lines_are_read_without_being_held() -> None:
    line = b"250-1234567-1234567\t" + b"\t".join(b"a cell of usual size" for _ in range(10)) + b"\n"
    content = b"\t".join(b"column-%d" % number for number in range(11)) + b"\n" + line * 100_000

    async def count() -> int:
        number = 0
        async for row in reports.lines(client, "doc", priority=Priority.BACKFILL):
            number += len(row) == 11
        return number

    client = a_client(a_document(gzip.compress(content, mtime=0), packed=True))
    tracemalloc.start()
    try:
        number = run(count())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert number == 100_000
    # The document itself, once more while it is unpacked, and little else.
    assert most < 3 * len(content)
