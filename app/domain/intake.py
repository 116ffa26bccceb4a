"""The intake machine of the ledger: may this marketplace order enter the shop, and if not now, why.

The states and their ways out are the table of the ledger; this file is the part of it that follows from what the
marketplace says. What our own runs do to an order (create it, fail, retry) is in the tasks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from app.domain.order import SHIPPED_OR_CLOSED, Fulfilment, Order, OrderState


class Intake(StrEnum):
    BEFORE_START = "before_start"
    LISTED_ONLY = "listed_only"
    HELD = "held"
    DUE = "due"
    CREATING = "creating"
    NEEDS_PERSON = "needs_person"
    BLOCKED = "blocked"
    IMPORTED = "imported"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    NOT_OURS = "not_ours"
    CLOSED = "closed"
    IGNORED = "ignored"
    HANDLED = "handled"
    CONFLICT = "conflict"


NOT_IMPORTED = frozenset({Intake.BLOCKED, Intake.NEEDS_PERSON})
WAITING = frozenset({Intake.HELD, Intake.DUE, Intake.CREATING})
IN_SHOP = frozenset({Intake.IMPORTED, Intake.HANDLED, Intake.CLOSED, Intake.CONFLICT})
GONE = frozenset({Intake.CANCELLED, Intake.REFUSED, Intake.CANCELLING})
RESERVING = frozenset({Intake.HELD, Intake.DUE, Intake.CREATING, Intake.NEEDS_PERSON, Intake.BLOCKED})


class Decision(StrEnum):
    """The acceptance machine."""

    NONE = "none"
    DECIDING = "deciding"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PARTLY = "partly"
    BY_OTHER = "by_other"
    LAPSED = "lapsed"


# Whether orders of some kind become shop orders or are only listed.
Importing = Literal["order", "list_only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the merchant chose that decides about entry."""

    start_from: datetime
    fulfilled_import: Importing = "order"
    shipped_import: Importing = "order"
    business_import: Importing = "order"
    fulfilments: Collection[Fulfilment] = frozenset(Fulfilment)
    acceptance_deadline: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class IntakeStatus:
    """A state of the intake machine with its reason code (empty where the state says it all)."""

    intake: Intake
    code: str = ""


_BY_STATE = {
    OrderState.PENDING: IntakeStatus(Intake.HELD, "WAITING_PAYMENT"),
    OrderState.TO_ACCEPT: IntakeStatus(Intake.HELD, "WAITING_ACCEPTANCE"),
    OrderState.ACCEPTED: IntakeStatus(Intake.HELD, "WAITING_PAYMENT"),
    OrderState.UNKNOWN: IntakeStatus(Intake.HELD, "STATE_UNKNOWN"),
    OrderState.CANCELLED: IntakeStatus(Intake.CANCELLED, "CANCELLED_ON_MARKETPLACE"),
    OrderState.REFUSED: IntakeStatus(Intake.REFUSED),
}
_DROPPED = frozenset({Intake.CANCELLED, Intake.REFUSED})
_ON_THE_WAY = frozenset({Intake.DUE, Intake.BLOCKED})


def wanted(order: Order, *, policy: Policy, was_due: bool = False) -> IntakeStatus:
    """Return where the marketplace's status alone would put this order; `was_due`: it was on its way into the shop."""
    if order.fulfilment not in policy.fulfilments:
        return IntakeStatus(Intake.NOT_OURS)
    if order.state in _BY_STATE:
        return _BY_STATE[order.state]
    if order.cancel_requested:
        return IntakeStatus(Intake.HELD, "BUYER_ASKS_CANCEL")
    if _only_listed(order, policy=policy, was_due=was_due):
        return IntakeStatus(Intake.LISTED_ONLY)
    if order.fulfilment is Fulfilment.MARKETPLACE and order.state not in SHIPPED_OR_CLOSED:
        return IntakeStatus(Intake.HELD, "WAITING_FULFILMENT")
    return IntakeStatus(Intake.DUE)


def _only_listed(order: Order, *, policy: Policy, was_due: bool) -> bool:
    if order.business and policy.business_import == "list_only":
        return True
    if order.fulfilment is Fulfilment.MARKETPLACE:
        return policy.fulfilled_import == "list_only"
    return order.state in SHIPPED_OR_CLOSED and not was_due and policy.shipped_import == "list_only"


def first_intake_status(order: Order, *, policy: Policy) -> IntakeStatus:
    """Return where an order enters the ledger."""
    status = wanted(order, policy=policy)
    if status.intake not in _DROPPED and order.placed_at < policy.start_from:
        return IntakeStatus(Intake.BEFORE_START)
    return status


def next_intake_status(now: IntakeStatus, order: Order, *, policy: Policy, shop_ref: str | None) -> IntakeStatus:
    """Return where an order of the ledger stands after the marketplace was heard again.

    `shop_ref` is the shop's order where there is one: an order handled elsewhere without one can't be cancelled there.
    """
    status = wanted(order, policy=policy, was_due=now.intake in _ON_THE_WAY)
    match now.intake:
        case Intake.BEFORE_START | Intake.LISTED_ONLY:
            return status if status.intake in _DROPPED else now
        case Intake.IGNORED | Intake.CANCELLING | Intake.CONFLICT:
            return now
        case Intake.HANDLED if not shop_ref:
            return now
        case Intake.CREATING | Intake.NEEDS_PERSON | Intake.IMPORTED | Intake.HANDLED:
            # The order may be in the shop: it has to be looked for and cancelled there first.
            gone = status.intake in _DROPPED
            return IntakeStatus(Intake.CANCELLING, "CANCELLED_ON_MARKETPLACE") if gone else now
        case Intake.BLOCKED:
            # What kept these out is gone once the order was read again.
            mended = now.code in ("UNREADABLE", "DATA_EXPIRED")
            return now if status.intake is Intake.DUE and not mended else status
        case Intake.CLOSED if order.state in SHIPPED_OR_CLOSED:
            return now
        case Intake.CANCELLED | Intake.REFUSED | Intake.NOT_OURS | Intake.CLOSED:
            return status if status.intake is Intake.DUE else now
        case _:
            return status
