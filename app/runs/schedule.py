"""How often a task is worth running, when it is late, and when a run that paused should go on."""

from datetime import datetime, timedelta

from app.domain.task import RunRequest, Task
from app.domain.working_hours import WorkingHours

MIN_INTERVAL = {
    Task.ORDERS_ACCEPT: timedelta(minutes=10),
    Task.OFFERS_SEND: timedelta(minutes=5),
    Task.ORDERS_IMPORT: timedelta(minutes=5),
    Task.ORDERS_STATUS: timedelta(minutes=15),
    Task.ORDERS_RECONCILE: timedelta(minutes=60),
}
CATCH_UP_INTERVAL = timedelta(minutes=60)
# A cron of five minutes hits now and then after four and a half.
JITTER_SHARE = 0.8
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)


def min_interval(request: RunRequest) -> timedelta | None:
    """Return how long after the last success an equal hit is skipped, or None for hits that always run."""
    if request.dry_run or request.order_ids:
        return None
    return (CATCH_UP_INTERVAL if request.catch_ups else MIN_INTERVAL[request.task]) * JITTER_SHARE


def expected_after(success: datetime, *, interval: timedelta, hours: WorkingHours) -> datetime:
    """Return when the next hit is expected: an interval later, or as soon as the hours begin again."""
    return hours.next_from(success + interval)


def late_after(success: datetime, *, interval: timedelta, hours: WorkingHours) -> datetime:
    """Return when a task is late: two hits in a row that were expected brought no success."""
    second = expected_after(expected_after(success, interval=interval, hours=hours), interval=interval, hours=hours)
    return hours.next_from(second + interval / 2)


def pause_after(outages: int) -> timedelta:
    """Return how long to wait after that many outages in a row: two minutes, doubling up to an hour."""
    return min(FIRST_PAUSE * (1 << min(outages, 10)), LONGEST_PAUSE)
