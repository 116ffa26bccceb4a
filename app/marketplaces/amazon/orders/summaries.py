"""Many orders in a few words: reports are ordered, waited for, and handed on in pages.

A report costs a call to order it and one to fetch it, for a hundred thousand orders as for ten. All reports of a
window are ordered first, and the empty page that follows says which: whoever breaks off there asks for the same ones
later instead of ordering them again.
"""

import json
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from app.clock import Clock
from app.domain.message import message
from app.domain.order import Fulfilment, Unreadable
from app.domain.page import Page
from app.domain.summary import OrderSummary
from app.domain.task import Priority
from app.errors import BadInput, Refused, Unavailable
from app.marketplaces.amazon.client import AmazonClient
from app.marketplaces.amazon.errors import NOT_FOUND, SERVICE, suspect
from app.marketplaces.amazon.files import reports
from app.marketplaces.amazon.files.jobs import until_done
from app.marketplaces.amazon.orders.orders_report import KIND, OrderSums
from app.marketplaces.amazon.quotas import GET_REPORT
from app.transport.deadline import Deadline

# A report holds thirty days and ends when Amazon gets the order, which may have to wait for its quota: what is cut off
# the window is its oldest hour.
LONGEST_REPORT = timedelta(days=30) - timedelta(hours=1)
# No report of its own for less than that.
SHORTEST_REPORT = timedelta(hours=2)
DOCUMENT_LIFE = timedelta(days=28)
PAGE_SIZE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is asked for: since when, where, and who ships."""

    since: datetime
    marketplace_ids: Sequence[str]
    fulfilments: frozenset[Fulfilment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a window was read: its reports, how many of them wholly, and the orders of the next that are through."""

    born_at: datetime
    report_ids: tuple[str, ...]
    read: int = 0
    offset: int = 0

    @classmethod
    def of(cls, resume: str) -> Self:
        """Return the position of a resume text; raises BadInput."""
        try:
            state = json.loads(resume)
            return cls(
                born_at=datetime.fromisoformat(state["born_at"]),
                report_ids=tuple(state["reports"]),
                read=int(state["read"]),
                offset=int(state["offset"]),
            )
        except (ValueError, KeyError, TypeError) as exc:
            raise BadInput(message("NO_POSITION", text=resume[:40]), field="resume") from exc

    def text(self) -> str | None:
        """Return the resume text of this position, None where nothing is left."""
        if self.read >= len(self.report_ids):
            return None
        state = {
            "born_at": self.born_at.isoformat(),
            "reports": self.report_ids,
            "read": self.read,
            "offset": self.offset,
        }
        return json.dumps(state)


class _Gone(Exception):
    """Amazon no longer has this report, or gave up making it."""


async def pages(
    client: AmazonClient, window: Window, *, resume: str | None, clock: Clock, deadline: Deadline
) -> AsyncIterator[Page[OrderSummary | Unreadable]]:
    """Yield the orders of a window in pages, those after `resume` where its reports are still there.

    The first page of new reports is empty. Raises LimitReached while Amazon is at work on them, Unavailable where it
    gives one up.
    """
    position = Position.of(resume) if resume else None
    fresh = position is None or clock.now() - position.born_at >= DOCUMENT_LIFE
    if position is None or fresh:
        position = await _ordered(client, window, clock)
        yield Page(items=(), read_at=clock.now(), resume=position.text())
    while position.read < len(position.report_ids):
        try:
            sums = await _read(client, position.report_ids[position.read], clock, deadline)
        except _Gone as gone:
            if fresh:
                detail = message("AMAZON_REPORT_GIVEN_UP")
                raise Unavailable(service=SERVICE, operation=GET_REPORT.name, detail=detail) from gone
            position, fresh = await _ordered(client, window, clock), True
            yield Page(items=(), read_at=clock.now(), resume=position.text())
            continue
        read_at, number = clock.now(), position.read
        while position.read == number:
            found = sums.after(position.offset, limit=PAGE_SIZE)
            items = tuple(each for each in found if _is_wanted(each, window))
            position = _next(position, len(sums))
            yield Page(items=items, read_at=read_at, resume=position.text())


async def _ordered(client: AmazonClient, window: Window, clock: Clock) -> Position:
    """Order the reports of a window, oldest first; each ends where the next begins, the last one now."""
    now = clock.now()
    number = max(1, math.ceil((now - window.since - SHORTEST_REPORT) / LONGEST_REPORT))
    since = max(window.since, now - number * LONGEST_REPORT)
    ids = []
    for at in range(number):
        start, last = since + at * LONGEST_REPORT, at == number - 1
        try:
            ids.append(
                await reports.request(
                    client,
                    kind=KIND,
                    marketplace_ids=window.marketplace_ids,
                    since=start,
                    # Amazon's clock says what now is.
                    until=None if last else start + LONGEST_REPORT,
                    priority=Priority.BACKFILL,
                )
            )
        except Refused as refused:
            raise suspect(refused) from refused
    return Position(born_at=now, report_ids=tuple(ids))


async def _read(client: AmazonClient, report_id: str, clock: Clock, deadline: Deadline) -> OrderSums:
    """Return the orders of a report once it is there; raises _Gone."""
    sums = OrderSums()
    try:
        report = await until_done(
            lambda: reports.finished(client, report_id, priority=Priority.BACKFILL),
            clock=clock,
            deadline=deadline,
            operation=GET_REPORT.name,
        )
        if report.status == reports.FATAL:
            raise _Gone
        if report.document_id:
            async for row in reports.lines(client, report.document_id, priority=Priority.BACKFILL):
                sums.add(row)
    except Refused as refused:
        if refused.reason == NOT_FOUND:
            raise _Gone from refused
        raise suspect(refused) from refused
    return sums


def _next(position: Position, orders: int) -> Position:
    if position.offset + PAGE_SIZE < orders:
        return replace(position, offset=position.offset + PAGE_SIZE)
    return replace(position, read=position.read + 1, offset=0)


def _is_wanted(found: OrderSummary | Unreadable, window: Window) -> bool:
    return isinstance(found, Unreadable) or found.fulfilment in window.fulfilments
