"""How fields of Amazon's records are read, whatever stands in them. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.money import Money

MOST_UNITS = 1_000_000_000
# Larger than any price; without a bound an exponent could fill the memory.
_AMOUNT_DIGITS = 15


class UnreadableField(Exception):
    """A field that can't be understood; the text is its name."""


def text(record: Mapping[str, Any], name: str) -> str:
    """Return a text or a whole number as text, stripped; empty for anything else."""
    value = record.get(name)
    if isinstance(value, str):
        # Neither a database nor a shop takes NUL or half a surrogate pair, which JSON can carry.
        return value.encode(errors="replace").decode().replace("\0", "").strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def required_text(record: Mapping[str, Any], name: str) -> str:
    """Return a text that has to be there; raises UnreadableField."""
    found = text(record, name)
    if not found:
        raise UnreadableField(name)
    return found


def nested(record: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the object under these names, one in the other; an empty one where there is none."""
    for name in names:
        value = record.get(name)
        record = value if isinstance(value, Mapping) else {}
    return record


def each(record: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list; nothing where there is none."""
    values = record.get(name)
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, Mapping))


def texts(record: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the texts of a list; none where there is no list."""
    values = record.get(name)
    return frozenset(value for value in values if isinstance(value, str)) if isinstance(values, list) else frozenset()


def moment(record: Mapping[str, Any], name: str) -> datetime:
    """Return a date-time as aware UTC; raises UnreadableField."""
    value = record.get(name)
    if not isinstance(value, str):
        raise UnreadableField(name)
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise UnreadableField(name) from exc


def optional_moment(record: Mapping[str, Any], name: str) -> datetime | None:
    """Return a date-time, None where there is none; raises UnreadableField for what is none."""
    return None if record.get(name) is None else moment(record, name)


def count(record: Mapping[str, Any], name: str) -> int:
    """Return a number of units; raises UnreadableField."""
    value = record.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_UNITS:
        raise UnreadableField(name)
    return value


def optional_count(record: Mapping[str, Any], name: str) -> int | None:
    """Return a number of units, None where there is none; raises UnreadableField for what is none."""
    return None if record.get(name) is None else count(record, name)


def money(record: Mapping[str, Any], name: str) -> Money | None:
    """Return an amount, None without one; raises UnreadableField. Amounts are texts: no float ever touches them."""
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise UnreadableField(name)
    reported, currency = value.get("amount"), text(value, "currencyCode")
    if not isinstance(reported, str | int | Decimal) or isinstance(reported, bool) or not currency:
        raise UnreadableField(name)
    try:
        amount = Decimal(reported)
    except InvalidOperation as exc:
        raise UnreadableField(name) from exc
    if not amount.is_finite() or amount.adjusted() >= _AMOUNT_DIGITS:
        raise UnreadableField(name)
    return Money(amount, currency)
