"""The calls that feeds and reports have in common: started, read, listed and cancelled in the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, Response

from app.sandbox.amazon import params
from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import bad_request, not_found
from app.sandbox.amazon.files.jobs import STATUSES, Job, Jobs, Work
from app.sandbox.amazon.marketplaces import of_region
from app.sandbox.amazon.offsets import offset_token, read_offset
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.timestamps import timestamp

LARGEST_PAGE = 100
DEFAULT_PAGE = 10


@dataclass(frozen=True)
class JobCalls:
    """The calls of one kind of job; `name` is feed or report, as Amazon's keys spell it."""

    name: str
    jobs: Callable[[Seller], Jobs]

    def start(self, call: Call, job: Job, work: Work) -> Response:
        """Put the job in the queue and answer its id."""
        switches = call.seller.switches
        self.jobs(call.seller).start(
            job, work, call.seller.schedule, wait_s=switches.job_wait_s, run_s=switches.job_run_s
        )
        return JSONResponse({f"{self.name}Id": job.job_id}, 202)

    def get(self, call: Call) -> Response:
        """Answer GET …/{feedId} or …/{reportId}."""
        return JSONResponse(self._record(self._job(call)))

    def list(self, call: Call) -> Response:
        """Answer GET …/feeds or …/reports: the same filters, and a token that comes alone."""
        given, types, jobs = call.request.query_params, f"{self.name}Types", self.jobs(call.seller)
        token = given.get("nextToken")
        if token is not None and len(given) > 1:
            raise bad_request("nextToken must be the only parameter.")
        name, _, filters = (token or "").partition(".")
        query = QueryParams(filters) if token is not None else given
        start = read_offset(self.name, name or None)
        if start is None:
            raise bad_request("nextToken is invalid.")
        if not params.csv(query, types):
            raise bad_request(f"{types} or nextToken is required.")
        size = params.whole(query, "pageSize", default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = [job for job in jobs.newest_first(now=call.now) if _wanted(job, query, types)]
        body: dict[str, Any] = {f"{self.name}s": [self._record(job) for job in found[start : start + size]]}
        if start + size < len(found):
            body["nextToken"] = offset_token(self.name, start + size) + f".{query}"
        return JSONResponse(body)

    def cancel(self, call: Call) -> Response:
        """Answer DELETE …/{feedId} or …/{reportId}; only a job that has not begun can be cancelled."""
        job = self._job(call)
        if job.status != "IN_QUEUE":
            raise bad_request(f"The {self.name} is {job.status}; only IN_QUEUE can be cancelled.")
        job.end("CANCELLED", at=call.now)
        return Response(b"", 200)

    def _job(self, call: Call) -> Job:
        job_id = call.path(f"{self.name}Id")
        job = self.jobs(call.seller).get(job_id, now=call.now)
        if job is None:
            raise not_found(f"{self.name.capitalize()} {job_id}")
        return job

    def _record(self, job: Job) -> dict[str, Any]:
        result = "resultFeedDocumentId" if self.name == "feed" else "reportDocumentId"
        found = {
            f"{self.name}Id": job.job_id,
            f"{self.name}Type": job.kind,
            "marketplaceIds": list(job.store_ids),
            "createdTime": timestamp(job.created),
            "processingStatus": job.status,
            "processingStartTime": job.started and timestamp(job.started),
            "processingEndTime": job.ended and timestamp(job.ended),
            "dataStartTime": job.data_start and timestamp(job.data_start),
            "dataEndTime": job.data_end and timestamp(job.data_end),
            result: job.result_id,
        }
        return {key: value for key, value in found.items() if value is not None}


FEEDS = JobCalls("feed", lambda seller: seller.feeds)
REPORTS = JobCalls("report", lambda seller: seller.reports)


def stores_named(sent: dict[str, Any]) -> tuple[str, ...]:
    """Return the stores that a new job is about; Refusal 400 unless they are of this region."""
    store_ids = sent.get("marketplaceIds")
    if not isinstance(store_ids, list) or not store_ids or of_region(map(str, store_ids)) is None:
        raise bad_request("marketplaceIds must name marketplaces of this region.")
    return tuple(map(str, store_ids))


def _wanted(job: Job, query: QueryParams, types: str) -> bool:
    statuses = params.choices(query, "processingStatuses", STATUSES)
    stores = params.csv(query, "marketplaceIds")
    since = params.moment(query, "createdSince")
    until = params.moment(query, "createdUntil")
    return (
        job.kind in params.csv(query, types)
        and (not statuses or job.status in statuses)
        and (not stores or bool(set(stores) & set(job.store_ids)))
        and (since is None or job.created >= since)
        and (until is None or job.created <= until)
    )
