"""Slow-changing lists of a remote service (carriers, reasons, states), kept so that no run pays for them twice."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class ReferenceCache(Protocol):
    """Texts by (scope, name); `scope` is the remote tenant, times are business time."""

    async def get(self, scope: str, name: str, now: datetime) -> str | None:
        """Return the text, or None when there is none or its time is over."""
        ...

    async def put(self, scope: str, name: str, text: str, expires_at: datetime) -> None:
        """Keep the text until then, in place of an older one."""
        ...


@dataclass(slots=True)
class MemoryReferences:
    """A cache that ends with the process, for single checks."""

    _kept: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)

    async def get(self, scope: str, name: str, now: datetime) -> str | None:
        text, expires_at = self._kept.get((scope, name), ("", now))
        return text if now < expires_at else None

    async def put(self, scope: str, name: str, text: str, expires_at: datetime) -> None:
        self._kept[scope, name] = (text, expires_at)
