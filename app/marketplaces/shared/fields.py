"""How a value of a foreign record is read, whatever form the record has: JSON, XML or a table. Pure.

Strict readers are given the name of the field and raise UnreadableField.
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

# Beyond these it is noise, and without a bound an exponent could fill the memory.
MOST_UNITS = 1_000_000_000
_AMOUNT_DIGITS = 15


class UnreadableField(Exception):
    """A field that can't be understood; the text is its name."""


def text(value: object) -> str:
    """Return a text or a whole number as text, stripped; empty for anything else."""
    if isinstance(value, str):
        # Neither a database nor a shop takes NUL or half a surrogate pair, which JSON can carry.
        return value.encode(errors="replace").decode().replace("\0", "").strip()
    # Codes and postcodes are strings; a number where one was meant is still readable.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def whole_or_zero(value: object) -> int:
    """Return a whole number from 0 to a billion; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_UNITS else 0


def required_count(value: object, name: str) -> int:
    """Return a number of units, at most a billion; raises UnreadableField."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_UNITS:
        raise UnreadableField(name)
    return value


def required_moment(value: object, name: str) -> datetime:
    """Return an ISO 8601 date-time as aware UTC, which it is where it names no zone; raises UnreadableField."""
    if not isinstance(value, str):
        raise UnreadableField(name)
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise UnreadableField(name) from exc


def required_amount(value: object, name: str) -> Decimal:
    """Return an amount that came as a text or a number, never a float; raises UnreadableField."""
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise UnreadableField(name)
    try:
        found = Decimal(value)
    except InvalidOperation as exc:
        raise UnreadableField(name) from exc
    if not found.is_finite() or found.adjusted() >= _AMOUNT_DIGITS:
        raise UnreadableField(name)
    return found
