"""What refusals of marketplaces have in common, whatever status they come with."""

import json
from collections.abc import Mapping
from typing import Any

# These mean the same everywhere: ask again later.
LEFT_TO_TRANSPORT = frozenset({408, 425, 429})
LONGEST_TEXT = 500


def raw_text(body: bytes) -> str:
    """Return a body as text, stripped, whatever its bytes are."""
    return body.decode("utf-8", errors="replace").strip()


def json_object(body: str | bytes) -> Mapping[str, Any]:
    """Return the JSON object of a body, an empty one for everything else."""
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
