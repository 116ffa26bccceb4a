"""Moments as this API writes and reads them: always with milliseconds, always in UTC."""

from datetime import UTC, datetime

from app.sandbox.times import parse_datetime


def timestamp(moment: datetime) -> str:
    """Return "2026-03-02T12:00:00.000Z"."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def parse_timestamp(text: str) -> datetime | None:
    """Return the moment; None when it is no date-time with an offset."""
    try:
        return parse_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
