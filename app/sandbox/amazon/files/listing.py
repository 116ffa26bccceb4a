"""The lists of feeds and reports: the same filters, and a token that comes alone."""

from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams

from app.sandbox.amazon import params
from app.sandbox.amazon.errors import bad_request
from app.sandbox.amazon.files.jobs import STATUSES, Job, Jobs
from app.sandbox.amazon.offsets import offset_token, read_offset
from app.sandbox.amazon.stamps import stamp

LARGEST_PAGE = 100
DEFAULT_PAGE = 10


def listed(jobs: Jobs, given: QueryParams, *, types: str, now: datetime) -> tuple[list[Job], str | None]:
    """Return the page that is asked for and the token of the next one."""
    token = given.get("nextToken")
    if token is not None and len(given) > 1:
        raise bad_request("nextToken must be the only parameter.")
    name, _, filters = (token or "").partition(".")
    asked = QueryParams(filters) if token is not None else given
    start = read_offset(jobs.name, name or None)
    if start is None:
        raise bad_request("nextToken is invalid.")
    if not params.csv(asked, types):
        raise bad_request(f"{types} or nextToken is required.")
    size = params.whole(asked, "pageSize", default=DEFAULT_PAGE, most=LARGEST_PAGE)
    found = [job for job in jobs.newest_first(now=now) if _wanted(job, asked, types)]
    more = offset_token(jobs.name, start + size) + f".{asked}" if start + size < len(found) else None
    return found[start : start + size], more


def job_record(job: Job, *, name: str) -> dict[str, Any]:
    """Return the JSON of one job; `name` is feed or report."""
    result = "resultFeedDocumentId" if name == "feed" else "reportDocumentId"
    found = {
        f"{name}Id": job.job_id,
        f"{name}Type": job.kind,
        "marketplaceIds": list(job.store_ids),
        "createdTime": stamp(job.created),
        "processingStatus": job.status,
        "processingStartTime": job.started and stamp(job.started),
        "processingEndTime": job.ended and stamp(job.ended),
        "dataStartTime": job.data_start and stamp(job.data_start),
        "dataEndTime": job.data_end and stamp(job.data_end),
        result: job.result_id,
    }
    return {key: value for key, value in found.items() if value is not None}


def _wanted(job: Job, asked: QueryParams, types: str) -> bool:
    statuses = params.words(asked, "processingStatuses", STATUSES)
    stores = params.csv(asked, "marketplaceIds")
    since = params.moment(asked, "createdSince")
    until = params.moment(asked, "createdUntil")
    return (
        job.kind in params.csv(asked, types)
        and (not statuses or job.status in statuses)
        and (not stores or bool(set(stores) & set(job.store_ids)))
        and (since is None or job.created >= since)
        and (until is None or job.created <= until)
    )
