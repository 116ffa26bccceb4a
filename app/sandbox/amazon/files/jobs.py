"""Feeds and reports on their way: in queue, in progress, done. Both live the same life."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.sandbox.schedule import Schedule

Status = Literal["IN_QUEUE", "IN_PROGRESS", "DONE", "FATAL", "CANCELLED"]
STATUSES: tuple[Status, ...] = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
KEPT_FOR = timedelta(days=90)
MOST_KEPT = 2_000


@dataclass(slots=True)
class Job:
    """One feed or report; `result_id` is the document that came of it."""

    job_id: str
    kind: str
    store_ids: tuple[str, ...]
    created: datetime
    status: Status = "IN_QUEUE"
    started: datetime | None = None
    ended: datetime | None = None
    result_id: str | None = None
    # Of feeds.
    input_id: str = ""
    counts: tuple[int, int] = (0, 0)
    # Of reports.
    data_start: datetime | None = None
    data_end: datetime | None = None

    def end(self, status: Status, *, at: datetime, result_id: str | None = None) -> None:
        self.status, self.ended, self.result_id = status, at, result_id


# What is done at the end of a job.
Work = Callable[[Job, datetime], None]


class Jobs:
    """The feeds or the reports of one seller, newest last."""

    def __init__(self, name: str, *, first_number: int) -> None:
        self.name = name
        self._next_number = first_number
        self._jobs: dict[str, Job] = {}

    def next_id(self) -> str:
        self._next_number += 1
        return f"{self._next_number}"

    def start(self, job: Job, work: Work, schedule: Schedule, *, wait_s: float, run_s: float) -> None:
        """Put the job in the queue; `work` is called at its end unless it is cancelled before it begins."""
        self._jobs[job.job_id] = job
        while len(self._jobs) > MOST_KEPT:
            del self._jobs[next(iter(self._jobs))]

        def begins(moment: datetime) -> None:
            if job.status == "IN_QUEUE":
                job.status, job.started = "IN_PROGRESS", moment
                schedule.plan(lambda at: work(job, at), at=moment + timedelta(seconds=run_s))

        schedule.plan(begins, at=job.created + timedelta(seconds=wait_s))

    def get(self, job_id: str, *, now: datetime) -> Job | None:
        job = self._jobs.get(job_id)
        return job if job is not None and now - job.created < KEPT_FOR else None

    def newest_first(self, *, now: datetime) -> list[Job]:
        return [job for job in reversed(self._jobs.values()) if now - job.created < KEPT_FOR]
