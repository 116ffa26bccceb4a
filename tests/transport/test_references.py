from datetime import timedelta

import pytest

from app.store.quotas import StoredReferences
from app.transport.references import MemoryReferences, ReferenceCache
from tests.support.aio import run
from tests.transport.remote import START


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def references(request: pytest.FixtureRequest) -> ReferenceCache:
    if request.param == "memory":
        return MemoryReferences()
    return StoredReferences(request.getfixturevalue(f"{request.param}_store"))


def test_a_text_is_kept_until_its_time_is_over(references: ReferenceCache) -> None:
    async def story() -> list[str | None]:
        await references.put("host-1", "carriers", "[1]", START + timedelta(days=1))
        return [
            await references.get("host-1", "carriers", START),
            await references.get("host-1", "carriers", START + timedelta(days=1)),
            await references.get("host-2", "carriers", START),
            await references.get("host-1", "states", START),
        ]

    assert run(story()) == ["[1]", None, None, None]


def test_a_newer_text_takes_its_place(references: ReferenceCache) -> None:
    async def story() -> str | None:
        await references.put("host-1", "carriers", "old", START + timedelta(days=1))
        await references.put("host-1", "carriers", "new", START + timedelta(days=2))
        return await references.get("host-1", "carriers", START + timedelta(days=1))

    assert run(story()) == "new"
