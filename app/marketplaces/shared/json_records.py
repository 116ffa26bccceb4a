"""How fields of JSON objects are read, whatever stands in them. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.marketplaces.shared import fields
from app.marketplaces.shared.fields import UnreadableField


def text(record: Mapping[str, Any], name: str) -> str:
    """Return a text or a whole number as text, stripped; empty for anything else."""
    return fields.text(record.get(name))


def required_text(record: Mapping[str, Any], name: str) -> str:
    """Return a text that has to be there; raises UnreadableField."""
    found = text(record, name)
    if not found:
        raise UnreadableField(name)
    return found


def texts(record: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the texts of a list; none where there is no list."""
    values = record.get(name)
    return frozenset(value for value in values if isinstance(value, str)) if isinstance(values, list) else frozenset()


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


def required_moment(record: Mapping[str, Any], name: str) -> datetime:
    """Return a date-time as aware UTC; raises UnreadableField."""
    return fields.required_moment(record.get(name), name)


def optional_moment(record: Mapping[str, Any], name: str) -> datetime | None:
    """Return a date-time, None where there is none; raises UnreadableField for what is none."""
    return None if record.get(name) is None else required_moment(record, name)


def whole_or_zero(record: Mapping[str, Any], name: str) -> int:
    """Return a whole number from 0 to a billion; 0 for anything else."""
    return fields.whole_or_zero(record.get(name))


def required_count(record: Mapping[str, Any], name: str) -> int:
    """Return a number of units; raises UnreadableField."""
    return fields.required_count(record.get(name), name)


def optional_count(record: Mapping[str, Any], name: str) -> int | None:
    """Return a number of units, None where there is none; raises UnreadableField for what is none."""
    return None if record.get(name) is None else required_count(record, name)
