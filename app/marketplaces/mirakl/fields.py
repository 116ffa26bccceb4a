"""How fields of Mirakl's records are read, whatever stands in them. Pure."""

from collections.abc import Mapping
from typing import Any

# The largest stock that Mirakl takes; what is beyond is noise.
MOST_UNITS = 1_000_000_000


def text(record: Mapping[str, Any], name: str) -> str:
    """Return a text or a whole number as text, stripped; empty for anything else."""
    value = record.get(name)
    if isinstance(value, str):
        # Neither a database nor a shop takes NUL or half a surrogate pair, which JSON can carry.
        return value.encode(errors="replace").decode().replace("\0", "").strip()
    # Codes and postcodes are strings; a number where one was meant is still readable.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def nested(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object under that name; an empty one where there is none."""
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}


def whole(record: Mapping[str, Any], name: str) -> int:
    """Return a whole number from 0 to a billion; 0 for anything else."""
    value = record.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_UNITS else 0
