"""Documents and their signed addresses, which are good for five minutes and know no token."""

import hashlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

VALID_FOR = timedelta(minutes=5)
# Results are kept for 28 days; unused documents go with the oldest.
KEPT_FOR = timedelta(days=28)
MOST_KEPT = 400
MOST_KEPT_BYTES = 64_000_000


@dataclass(slots=True)
class Document:
    """A file: of a caller, empty until it is uploaded, or of Amazon."""

    document_id: str
    content_type: str
    created: datetime
    content: bytes | None = None
    gzipped: bool = False


class Documents:
    """The documents of one seller by id, the oldest ones forgotten."""

    def __init__(self, *, draw: random.Random) -> None:
        self._draw = draw
        self._secret = str(draw.getrandbits(128))
        self._kept: dict[str, Document] = {}
        self._bytes = 0

    def make(
        self, content_type: str, *, now: datetime, content: bytes | None = None, gzipped: bool = False
    ) -> Document:
        """Return a new document."""
        document_id = f"amzn1.tortuga.4.eu.{UUID(int=self._draw.getrandbits(128), version=4)}"
        document = Document(document_id, content_type, created=now, gzipped=gzipped)
        self._kept[document_id] = document
        if content is not None:
            self.fill(document, content)
        self._forget_oldest()
        return document

    def fill(self, document: Document, content: bytes) -> None:
        """Put that into the document, whatever it held before."""
        self._bytes += len(content) - len(document.content or b"")
        document.content = content
        self._forget_oldest()

    def get(self, document_id: str, *, now: datetime) -> Document | None:
        document = self._kept.get(document_id)
        return document if document is not None and now - document.created < KEPT_FOR else None

    def address(self, document: Document, verb: str, *, root: str, now: datetime, unzips: bool = False) -> str:
        """Return the address for one kind of request, good for five minutes from now."""
        timestamp = f"{now.timestamp():.3f}"
        encoding = "&response-content-encoding=gzip" if unzips else ""
        signature = self._signature(document.document_id, verb, timestamp)
        return f"{root}/s3/{document.document_id}?X-Amz-Date={timestamp}&X-Amz-Signature={signature}{encoding}"

    def admits(self, document_id: str, verb: str, *, timestamp: str, signature: str) -> bool:
        """Say whether that signature is ours."""
        return signature == self._signature(document_id, verb, timestamp)

    def _forget_oldest(self) -> None:
        while len(self._kept) > MOST_KEPT or (self._bytes > MOST_KEPT_BYTES and len(self._kept) > 1):
            oldest = self._kept.pop(next(iter(self._kept)))
            self._bytes -= len(oldest.content or b"")

    def _signature(self, document_id: str, verb: str, timestamp: str) -> str:
        return hashlib.sha256(f"{self._secret}|{document_id}|{verb}|{timestamp}".encode()).hexdigest()[:40]


def expired(timestamp: str, *, now: datetime) -> bool:
    """Say whether an address of that time is too old by now."""
    return now.timestamp() - float(timestamp) > VALID_FOR.total_seconds()
