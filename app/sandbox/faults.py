"""What goes wrong on purpose. Only `lost_ack` leaves an effect behind: the write happened, its answer got lost."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.connection import Dropped, Unanswered, client_left_within
from app.sandbox.control_input import ControlRefused, ControlRequest

Kind = Literal[
    "http_400",
    "http_401",
    "http_403",
    "http_404",
    "http_429",
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "timeout",
    "reset",
    "truncate",
    "slow",
    "malformed",
    "lost_ack",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
NOISE = (
    "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Nous revenons très vite</h1></body></html>"
)


class FaultRequest(ControlRequest):
    """A faults body."""

    kind: Kind
    rate: float = Field(default=1.0, ge=0, le=1)
    count: int | None = Field(default=None, ge=1)
    operation: str | None = None
    delay_s: float = Field(default=3.0, ge=0, le=600)
    retry_after: int | None = Field(default=None, ge=0)
    answer: Literal["http_500", "reset", "timeout"] | None = None


@dataclass
class Fault:
    request: FaultRequest
    hits: int = 0

    def concerns(self, operation: str, *, write: bool) -> bool:
        """Say whether it may hit that call; an answer can only be lost after a write."""
        if self.request.count is not None and self.hits >= self.request.count:
            return False
        if self.request.kind == "lost_ack" and not write:
            return False
        return self.request.operation in (None, operation)


@dataclass
class FaultPlan:
    """The faults of one account, drawn by a seeded generator."""

    draw: random.Random
    faults: list[Fault] = field(default_factory=list)
    hits: Counter[str] = field(default_factory=Counter)

    def add(self, request: FaultRequest, *, operations: frozenset[str]) -> None:
        if request.operation is not None and request.operation not in operations:
            raise ControlRefused(f"operation can't be {request.operation!r}; allowed: {', '.join(sorted(operations))}.")
        self.faults.append(Fault(request))

    def clear(self) -> None:
        self.faults.clear()

    def next(self, operation: str, *, write: bool) -> FaultRequest | None:
        """Return the fault that hits this call, if one does, and count it."""
        for fault in self.faults:
            if fault.concerns(operation, write=write) and self.draw.random() < fault.request.rate:
                fault.hits += 1
                self.hits[fault.request.kind] += 1
                return fault.request
        return None


@dataclass(frozen=True)
class Protocol:
    """How one platform's error answers look: by status, and how an answer to a write begins, to be cut."""

    error: Callable[[int, int | None], Response]
    beginning: bytes
    media_type: str = "application/json"


async def answer(
    plan: FaultPlan,
    request: Request,
    *,
    operation: str,
    write: bool,
    protocol: Protocol,
    serve: Callable[[], Awaitable[Response]],
) -> Response:
    """Return what the caller gets: the true answer of `serve`, or what a fault makes of it."""
    fault = plan.next(operation, write=write)
    if fault is None:
        return await serve()
    match fault.kind:
        case "timeout" | "reset":
            return _lost(fault.kind, protocol)
        case "malformed":
            return Response(NOISE, media_type="text/html")
        case "slow":
            if await client_left_within(request.receive, fault.delay_s):
                return Dropped()
            return await serve()
        case "truncate":
            body = protocol.beginning if write else bytes((await serve()).body)
            return Response(body[: max(1, len(body) // 2)], headers={"Content-Type": protocol.media_type})
        case "lost_ack":
            await serve()
            return _lost(fault.answer or plan.draw.choice(("http_500", "reset")), protocol)
        case _:
            return protocol.error(int(fault.kind.removeprefix("http_")), fault.retry_after)


def web_server_error(status: int, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error page as proxies and web servers write it: in HTML."""
    return Response(f"<html><body><h1>{status}</h1></body></html>", status, headers, "text/html")


def _lost(how: str, protocol: Protocol) -> Response:
    if how == "reset":
        return Dropped()
    return Unanswered() if how == "timeout" else protocol.error(500, None)
