"""What refusals of marketplaces have in common, whatever status they come with."""

import json
from collections.abc import Mapping
from typing import Any

from app.domain.message import Message

# These mean the same everywhere: ask again later.
LEFT_TO_TRANSPORT = frozenset({408, 425, 429})
LONGEST_TEXT = 500


class UnfitOffer(Exception):
    """An offer that can't be sent as the shop wants it; `said` is the message for people."""

    def __init__(self, said: Message) -> None:
        super().__init__(said.code)
        self.said = said


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
