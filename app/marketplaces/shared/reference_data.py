"""Reference data of a marketplace (carriers, configuration, where an account sells), kept to spare its scarce calls."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.clock import Clock
from app.errors import CallError
from app.transport.references import ReferenceCache

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """The reference data of one quota scope. It is kept as JSON: fractions and dates come back as texts."""

    cache: ReferenceCache
    clock: Clock
    scope: str

    async def get(
        self,
        name: str,
        load: Callable[[], Awaitable[Any]],
        *,
        max_age: timedelta = DAY,
        stale_if: tuple[type[CallError], ...] = (),
        max_stale: timedelta = DAY,
    ) -> Any:
        """Return a copy younger than `max_age`, else what `load` returns.

        Where `load` raises one of `stale_if`, a copy younger than `max_stale` is returned if there is one.
        """
        now = self.clock.now()
        read_at, answer = _copy(await self.cache.get(self.scope, name, now))
        if read_at and now - read_at < max_age:
            return answer
        try:
            answer = await load()
        except stale_if:
            if read_at is None:
                raise
            return answer
        text = json.dumps({"read_at": now.isoformat(), "answer": answer}, default=str)
        await self.cache.put(self.scope, name, text, now + max(max_age, max_stale))
        return answer


def _copy(text: str | None) -> tuple[datetime | None, Any]:
    """Return when a kept text was read, and what; None for one of an older version, which had other forms."""
    try:
        kept = json.loads(text or "null")
        return datetime.fromisoformat(kept["read_at"]), kept["answer"]
    except (ValueError, TypeError, KeyError):
        return None, None
