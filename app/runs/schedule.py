"""How often a task is worth running, and when a run that paused should go on."""

from datetime import timedelta

from app.domain.task import Asked, Task

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


def min_interval(asked: Asked) -> timedelta | None:
    """Return how long after the last success an equal hit is skipped, or None for hits that always run."""
    if asked.dry_run or asked.order_ids:
        return None
    return (CATCH_UP_INTERVAL if asked.catch_ups else MIN_INTERVAL[asked.task]) * JITTER_SHARE


def pause_after(outages: int) -> timedelta:
    """Return how long to wait after that many outages in a row: two minutes, doubling up to an hour."""
    return min(FIRST_PAUSE * (1 << min(outages, 10)), LONGEST_PAUSE)
