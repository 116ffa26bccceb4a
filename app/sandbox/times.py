"""How moments and spans are written on the wire: ages in control input, ISO 8601 in JSON, HTTP-date in headers."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

AGE = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def duration(text: str) -> timedelta:
    """Return the span that "3h", "2d", "90m" or "45s" stands for; ValueError otherwise."""
    match = AGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an age; write a number and a unit: 90m, 3h or 2d")
    return timedelta(seconds=float(match[1]) * UNIT_SECONDS[match[2]])


def floor_ms(moment: datetime) -> datetime:
    """Return the moment without what is finer than a millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def floor_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with Z; milliseconds are left out when they are zero."""
    utc = moment.astimezone(UTC)
    timestamp = utc.strftime("%Y-%m-%dT%H:%M:%S")
    milliseconds = utc.microsecond // 1000
    return f"{timestamp}.{milliseconds:03d}Z" if milliseconds else f"{timestamp}Z"


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def parse_datetime(text: str) -> datetime:
    """Return the moment of an ISO 8601 date-time that names its offset; ValueError otherwise."""
    if STAMP.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a date-time such as 2026-03-02T09:15:00Z")
    return datetime.fromisoformat(text)


def http_date(moment: datetime) -> str:
    """Return the form of the Date header."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
