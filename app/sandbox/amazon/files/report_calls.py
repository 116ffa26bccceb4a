"""Reports: ordered, waited for, and fetched as a document."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import bad_request
from app.sandbox.amazon.files.document_calls import result_document
from app.sandbox.amazon.files.job_calls import REPORTS, stores_named
from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.files.listings_report import listings_report
from app.sandbox.amazon.files.orders_report import orders_by_change, orders_by_date
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.timestamps import parse_timestamp

# Each returns the text, or nothing where there is nothing to report.
CONTENTS: dict[str, Callable[[Seller, Job], str | None]] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": orders_by_change,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": orders_by_date,
    "GET_MERCHANT_LISTINGS_ALL_DATA": listings_report,
}


def create_report(call: Call) -> Response:
    """Answer POST /reports/2021-06-30/reports."""
    seller, sent = call.seller, call.json_object()
    kind = sent.get("reportType")
    if kind not in CONTENTS:
        raise bad_request(f"reportType '{kind}' is unknown.")
    store_ids = stores_named(sent)
    start, end = _span(sent, now=call.now, longest=timedelta(days=seller.switches.report_days))
    job = Job(seller.reports.next_id(), str(kind), store_ids, call.now, data_start=start, data_end=end)
    return REPORTS.start(call, job, lambda done, moment: _work(seller, done, moment))


def _span(sent: dict[str, Any], *, now: datetime, longest: timedelta) -> tuple[datetime, datetime]:
    given = []
    for name in ("dataStartTime", "dataEndTime"):
        moment = parse_timestamp(str(sent.get(name, ""))) if name in sent else now
        if moment is None or moment > now:
            raise bad_request(f"{name} must be a date-time that is not in the future.")
        given.append(moment)
    start, end = given
    if end < start or end - start > longest:
        raise bad_request("dataEndTime must follow dataStartTime, and a report does not reach further.")
    return start, end


def _work(seller: Seller, job: Job, moment: datetime) -> None:
    if seller.switches.reports_fail:
        job.end("FATAL", at=moment)
        return
    text = CONTENTS[job.kind](seller, job)
    if text is None:
        # A report without a line is cancelled, not empty.
        job.end("CANCELLED", at=moment)
        return
    encoding = seller.switches.report_encoding
    document = result_document(seller, text.encode(encoding, "replace"), "text/plain", encoding=encoding)
    job.end("DONE", at=moment, result_id=document.document_id)
