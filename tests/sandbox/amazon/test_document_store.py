import random
from datetime import UTC, datetime

from app.sandbox.amazon.files.documents import MOST_KEPT, MOST_KEPT_BYTES, Documents

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_oldest_documents_go_when_there_are_too_many() -> None:
    documents = Documents(draw=random.Random(1))

    made = [documents.make("text/plain", now=NOON) for _ in range(MOST_KEPT + 1)]

    kept = [document for document in made if documents.get(document.document_id, now=NOON)]
    assert kept == made[1:]


def test_the_oldest_documents_go_when_they_are_too_large_and_never_the_newest() -> None:
    documents = Documents(draw=random.Random(1))
    half = bytes(MOST_KEPT_BYTES // 2)

    made = [documents.make("text/plain", now=NOON, content=half) for _ in range(3)]
    documents.fill(made[2], bytes(MOST_KEPT_BYTES + 1))

    assert [document for document in made if documents.get(document.document_id, now=NOON)] == [made[2]]
