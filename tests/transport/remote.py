"""A remote service written as a function of the request, and everything needed to call it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from app.clock import JumpingClock
from app.transport.client import ApiClient, IntervalHook, RefusalHook
from app.transport.connector import Connector, http_client
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.operation import Operation
from app.transport.quotas import MemoryQuotas, Quota, QuotaStore
from app.transport.references import MemoryReferences

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
SECRET = "Secret-Key-0123456789"

READ = Operation(name="LIST", method="GET", path="/orders")
WRITE = Operation(name="ACCEPT", method="PUT", path="/orders/{order_id}/accept", writes=True)

Reply = httpx.Response | Exception
Script = Callable[[httpx.Request], Reply | Awaitable[Reply]]


@dataclass(slots=True)
class Wire:
    """A client, the service behind it, and what passed between them."""

    api: ApiClient
    meter: Meter
    clock: JumpingClock
    requests: list[httpx.Request] = field(default_factory=list)
    sent_at: list[float] = field(default_factory=list)
    lease_checks: list[int] = field(default_factory=list)

    @property
    def elapsed_s(self) -> float:
        return (self.clock.now() - START).total_seconds()


def ok(document: object = None) -> httpx.Response:
    return httpx.Response(200, json={"fine": True} if document is None else document)


def in_turn(*replies: Reply) -> Script:
    """A service that gives these answers one after the other, and the last one for ever."""
    left = list(replies)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


def a_wire(
    script: Script,
    *,
    base_url: str = "https://operator.example",
    headers: Mapping[str, str] | None = None,
    deadline_s: float | None = None,
    refusal: RefusalHook | None = None,
    reported_interval: IntervalHook | None = None,
    meter: Meter | None = None,
    quotas: QuotaStore | None = None,
) -> Wire:
    """A client of a service that answers as the script says."""
    clock = JumpingClock(START)
    counts = meter or Meter()
    requests: list[httpx.Request] = []
    sent_at: list[float] = []
    lease_checks: list[int] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        sent_at.append((clock.now() - START).total_seconds())
        reply = script(request)
        if isinstance(reply, Awaitable):
            reply = await reply
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def before_write() -> None:
        lease_checks.append(len(requests))

    connector = Connector(
        http=http_client(transport=httpx.MockTransport(answer)),
        clock=clock,
        quotas=quotas or MemoryQuotas(),
        references=MemoryReferences(),
        meter=counts,
        deadline=Deadline(None if deadline_s is None else START + timedelta(seconds=deadline_s)),
        before_write=before_write,
    )
    api = connector.client(
        service="mirakl",
        side="marketplace",
        base_url=base_url,
        headers=headers or {"Authorization": SECRET},
        quota_scope="seller-1",
        refusal=refusal,
        reported_interval=reported_interval,
    )
    return Wire(api, counts, clock, requests, sent_at, lease_checks)


def limited(operation: Operation, *, burst: int = 5, interval_s: float = 10) -> Operation:
    """The operation under a quota."""
    return Operation(
        name=operation.name,
        method=operation.method,
        path=operation.path,
        writes=operation.writes,
        quota=Quota(burst=burst, interval_s=interval_s),
    )
