"""The promise that a remote write is written down before it is made."""

from collections.abc import Mapping
from typing import Protocol


class Intent(Protocol):
    """The written-down intention behind a write. Both calls are fenced, and committed before they return."""

    @property
    def key(self) -> str:
        """The key under which the effect can be found again (`mkp:<platform>:<order id>`)."""
        ...

    @property
    def steps(self) -> Mapping[str, str]:
        """What earlier attempts noted."""
        ...

    async def note(self, **steps: str) -> None:
        """Keep the ids of things that were made."""
        ...

    async def sending(self, step: str) -> None:
        """Commit that an irreversible step is about to be sent, with the time."""
        ...
