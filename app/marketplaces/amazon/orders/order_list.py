"""A list of orders read page by page, and where a reading that was broken off goes on.

Amazon continues a list only with the parameters it began with, for a day. So a position holds these parameters, the
token and its birth; what can't be continued is read again from its beginning, which is harmless.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from app.clock import Clock
from app.domain.message import message
from app.domain.task import Priority
from app.errors import BadInput
from app.marketplaces.amazon.client import AmazonClient, OrdersAnswer, OrdersAsked, PageTokenRefused
from app.marketplaces.amazon.errors import malformed
from app.marketplaces.amazon.quotas import SEARCH_ORDERS

# Amazon keeps a list for a day; whether that counts from its first page is not documented.
OLDEST_LIST = timedelta(hours=23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a list was read: what was asked, when, and the token of the next page (none: the first page)."""

    asked: OrdersAsked
    born_at: datetime
    token: str = ""

    @classmethod
    def of(cls, resume: str) -> Self:
        """Return the position of a resume text; raises BadInput."""
        try:
            state = json.loads(resume)
            asked = OrdersAsked(
                by=state["by"],
                since=datetime.fromisoformat(state["since"]),
                marketplace_ids=tuple(state["marketplaces"]),
                fulfilled_by=tuple(state["fulfilled_by"]),
                statuses=tuple(state["statuses"]),
            )
            return cls(asked=asked, born_at=datetime.fromisoformat(state["born_at"]), token=state["token"])
        except (ValueError, KeyError, TypeError) as exc:
            raise BadInput(message("NO_POSITION", text=resume[:40]), field="resume") from exc

    def text(self) -> str:
        """Return the resume text of this position."""
        state = {
            "by": self.asked.by,
            "since": self.asked.since.isoformat(),
            "marketplaces": self.asked.marketplace_ids,
            "fulfilled_by": self.asked.fulfilled_by,
            "statuses": self.asked.statuses,
            "born_at": self.born_at.isoformat(),
            "token": self.token,
        }
        return json.dumps(state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page: what came, when we asked, and where to go on (None: that was the last)."""

    answer: OrdersAnswer
    read_at: datetime
    then: Position | None


async def pages(client: AmazonClient, start: Position, *, clock: Clock, priority: Priority) -> AsyncIterator[Step]:
    """Yield the pages of a list, those after `start` where Amazon still continues it.

    Raises Unavailable where a list that was begun again can't be read to its end either.
    """
    position, seen, restarted = start, set[str](), False
    while True:
        if position.token and clock.now() - position.born_at >= OLDEST_LIST:
            position, seen = _anew(position, clock), set()
        read_at = clock.now()
        try:
            answer = await client.orders(position.asked, token=position.token, priority=priority)
        except PageTokenRefused as refused:
            if restarted:
                raise malformed(SEARCH_ORDERS, "paginationToken") from refused
            position, seen, restarted = _anew(position, clock), set(), True
            continue
        ids = {record["orderId"] for record in answer.records}
        # The same page came for ever, with ever new tokens.
        if answer.next_token and (answer.next_token == position.token or (ids and ids <= seen)):
            if restarted:
                raise malformed(SEARCH_ORDERS, message("HINT_SAME_PAGE"))
            position, seen, restarted = _anew(position, clock), set(), True
            continue
        seen |= ids
        born_at = position.born_at if position.token else read_at
        then = Position(asked=position.asked, born_at=born_at, token=answer.next_token) if answer.next_token else None
        yield Step(answer=answer, read_at=read_at, then=then)
        if then is None:
            return
        position = then


def _anew(position: Position, clock: Clock) -> Position:
    return Position(asked=position.asked, born_at=clock.now())
