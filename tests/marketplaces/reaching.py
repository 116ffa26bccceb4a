"""How tests reach a marketplace: the real transport over a remote side that is a function, or an application."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from app.clock import Clock, JumpingClock
from app.transport.connector import Connector, http_client
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.quotas import MemoryQuotas
from app.transport.references import MemoryReferences

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_connector(
    transport: httpx.AsyncBaseTransport, *, clock: Clock | None = None, deadline: datetime | None = None
) -> Connector:
    """Return a connector whose network is that transport and whose time is nobody's but the clock's."""
    return Connector(
        http=http_client(transport=transport),
        clock=clock or JumpingClock(NOON),
        quotas=MemoryQuotas(),
        references=MemoryReferences(),
        meter=Meter(),
        deadline=Deadline(deadline),
        before_write=_nothing,
    )


@dataclass
class Remote:
    """A remote side written as a function of the request; it keeps the requests it got."""

    answer: Callable[[httpx.Request], httpx.Response]
    requests: list[httpx.Request] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._keep_and_answer)

    @property
    def paths(self) -> list[str]:
        return [request.url.raw_path.decode() for request in self.requests]

    def _keep_and_answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)


@dataclass
class KeptIntent:
    """An intent that remembers; `on_sending` looks at the world at the moment a write is announced."""

    key: str = "mkp:test"
    steps: Mapping[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    on_sending: Callable[[], None] = lambda: None

    async def note(self, **steps: str) -> None:
        self.steps = {**self.steps, **steps}

    async def sending(self, step: str) -> None:
        self.on_sending()
        self.sent.append(step)


async def _nothing() -> None:
    pass
