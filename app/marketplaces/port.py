"""What every marketplace adapter offers to the tasks. A method exists only if a task calls it.

What a platform can't do is absent from `can`; a task that needs it is absent from the platform's `tasks`. Methods raise
only errors of `app.errors`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.task import Priority


class Capability(StrEnum):
    """`ACCEPT`: orders wait for a decision. `PARTIAL_ACCEPT`: line by line."""

    ACCEPT = "accept"
    PARTIAL_ACCEPT = "partial_accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders to read: `updated` or `placed` since a moment, or those that wait for acceptance (`to_accept`).

    `fulfilment` and `states` may be used by the adapter to read less; the caller sorts again. `resume` continues after
    a page that was already stored.
    """

    by: Literal["updated", "placed", "to_accept"]
    since: datetime | None = None
    fulfilment: frozenset[Fulfilment] = frozenset(Fulfilment)
    states: frozenset[OrderState] = frozenset()
    resume: str | None = None
    priority: Priority = Priority.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of a connection test; `learned` are settings the marketplace told us, to be kept with the account."""

    seller_key: str
    findings: Sequence[Finding]
    learned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of one line's decision."""

    line_id: str
    accepted: bool


class Marketplace(Protocol):
    """One seller account on one platform."""

    can: frozenset[Capability]

    async def check(self) -> Checked:
        """Return what works, what is missing and how to mend it; raises CredentialsRefused, Unavailable, SetupWrong."""
        ...

    def orders(self, query: OrderQuery) -> AsyncIterator[Page[Order | Unreadable]]:
        """Yield pages of orders, oldest first, until the last; an order may come twice."""
        ...

    def orders_by_id(
        self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE
    ) -> AsyncIterator[Order | Missing | Unreadable]:
        """Yield exactly one answer for each id, in batches as large as the platform allows."""
        ...

    async def decide(self, order: Order, *, accept: Mapping[str, bool], intent: Intent) -> Sequence[LineOutcome]:
        """Accept or refuse every line (`accept`: line id → decision).

        Raises Refused (reason `NOT_DECIDABLE`: somebody or something decided already; `PARTIAL_ACCEPT_OFF`: all or
        nothing; `ORDER_MISSING`; `FULFILLED_BY_OPERATOR`; `REQUEST_REFUSED`), OutcomeUnknown, and the errors that
        stop a run.
        """
        ...
