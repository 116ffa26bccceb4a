"""What refusals of marketplaces have in common, whatever status they come with."""

import json
from collections.abc import Mapping
from typing import Any

from app.domain.message import message
from app.errors import Unavailable
from app.transport.operation import Operation

# These mean the same everywhere: ask again later.
LEFT_TO_TRANSPORT = frozenset({408, 425, 429})
LONGEST_TEXT = 500


def malformed(service: str, operation: Operation, what: str) -> Unavailable:
    """Return the error for an answer that is none to this call; `what` names the field, never its content."""
    return Unavailable(service=service, operation=operation.name, detail=message("ANSWER_MAKES_NO_SENSE", what=what))


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
