"""The tokens that lead to further pages: where the last page ended, and the question they belong to."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from app.sandbox.amazon.orders.index import Key


@dataclass(frozen=True)
class PageToken:
    """`beyond` is the last order of the page before, `until` the bound of the first page."""

    question: str
    beyond: Key
    until: datetime
    chain_began: datetime
    made: datetime

    def text(self) -> str:
        """Return the token as callers get it: opaque to them."""
        fields = [self.question, *map(datetime.isoformat, (self.beyond[0], self.until, self.chain_began, self.made))]
        plain = json.dumps([*fields, self.beyond[1]]).encode()
        return base64.urlsafe_b64encode(_seal(plain) + plain).decode().rstrip("=")


def read_token(text: str) -> PageToken | None:
    """Return the token; None when it was never given."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        seal, plain = raw[:8], raw[8:]
        if _seal(plain) != seal:
            return None
        question, *dates, order_id = json.loads(plain)
        last, until, chain_began, made = map(datetime.fromisoformat, dates)
    except ValueError:
        return None
    return PageToken(question, (last, order_id), until, chain_began, made)


def question_of(parameters: list[tuple[str, str]]) -> str:
    """Return what stands for these parameters; the same for the same values in any order."""
    return hashlib.sha256(json.dumps(sorted(parameters)).encode()).hexdigest()[:16]


def _seal(plain: bytes) -> bytes:
    return hashlib.sha256(b"sandbox page" + plain).digest()[:8]
