"""Reports: ordered, waited for, and fetched as a document."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import bad_request, not_found
from app.sandbox.amazon.files.document_calls import result_document
from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.files.listing import job_record, listed
from app.sandbox.amazon.files.listings_report import listings_report
from app.sandbox.amazon.files.orders_report import orders_by_change, orders_by_date
from app.sandbox.amazon.markets import of_region
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.stamps import read_stamp

# Each returns the text, or nothing when there is nothing to tell.
REPORTS: dict[str, Callable[[Seller, Job], str | None]] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": orders_by_change,
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": orders_by_date,
    "GET_MERCHANT_LISTINGS_ALL_DATA": listings_report,
}


def create_report(call: Call) -> Response:
    """Answer POST /reports/2021-06-30/reports."""
    seller, sent = call.seller, call.json_object()
    kind, store_ids = sent.get("reportType"), sent.get("marketplaceIds")
    if kind not in REPORTS:
        raise bad_request(f"reportType '{kind}' is unknown.")
    if not isinstance(store_ids, list) or not store_ids or of_region(map(str, store_ids)) is None:
        raise bad_request("marketplaceIds must name marketplaces of this region.")
    start, end = _span(sent, now=call.now, longest=timedelta(days=seller.switches.report_days))
    job = Job(seller.reports.next_id(), str(kind), tuple(map(str, store_ids)), created=call.now)
    job.data_start, job.data_end = start, end
    switches = seller.switches
    seller.reports.start(
        job,
        lambda done, moment: _work(seller, done, moment),
        seller.agenda,
        wait_s=switches.job_wait_s,
        run_s=switches.job_run_s,
    )
    return JSONResponse({"reportId": job.job_id}, 202)


def get_report(call: Call) -> Response:
    """Answer GET /reports/2021-06-30/reports/{reportId}."""
    return JSONResponse(job_record(_report(call), name="report"))


def get_reports(call: Call) -> Response:
    """Answer GET /reports/2021-06-30/reports."""
    jobs, token = listed(call.seller.reports, call.request.query_params, types="reportTypes", now=call.now)
    body: dict[str, Any] = {"reports": [job_record(job, name="report") for job in jobs]}
    if token is not None:
        body["nextToken"] = token
    return JSONResponse(body)


def cancel_report(call: Call) -> Response:
    """Answer DELETE /reports/2021-06-30/reports/{reportId}."""
    job = _report(call)
    if job.status != "IN_QUEUE":
        raise bad_request(f"The report is {job.status}; only IN_QUEUE can be cancelled.")
    job.end("CANCELLED", at=call.now)
    return Response(b"", 200)


def _report(call: Call) -> Job:
    job = call.seller.reports.get(call.path("reportId"), now=call.now)
    if job is None:
        raise not_found(f"Report {call.path('reportId')}")
    return job


def _span(sent: dict[str, Any], *, now: datetime, longest: timedelta) -> tuple[datetime, datetime]:
    given = []
    for name in ("dataStartTime", "dataEndTime"):
        moment = read_stamp(str(sent.get(name, ""))) if name in sent else now
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
    text = REPORTS[job.kind](seller, job)
    if text is None:
        # A report without a line is cancelled, not empty.
        job.end("CANCELLED", at=moment)
        return
    encoding = seller.switches.report_encoding
    document = result_document(seller, text.encode(encoding, "replace"), "text/plain", encoding=encoding)
    job.end("DONE", at=moment, result_id=document.document_id)
