"""An order in a few words, for comparing: what changed since we know it is read whole."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.money import Money
from app.domain.order import Fulfilment, OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """How an order stands, without its buyer.

    `totals` holds what it may cost, by every reading of amounts whose meaning is not known; none where no amount is
    given, as of an order that is not paid.
    """

    order_id: str
    state: OrderState
    fulfilment: Fulfilment
    placed_at: datetime
    updated_at: datetime
    totals: frozenset[Money] = frozenset()
