"""How each platform is polled: what windows its passes read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOrders:
    """How a live import looks after orders that the marketplace ships, whose changes come late or are never listed.

    Those that wait in the ledger are asked for by id, `most` in a run and each not more often than `every`; and so
    often a pass over the last `days` reads all that changed.
    """

    every: timedelta
    most: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """The windows of one platform, as its documentation and experience demand.

    `by`: which date its list of orders can be asked by. `overlap` is taken off the cursor; the days say how far back
    the first run and the catch-ups look. `oldest_first`: the list begins with the oldest change, and each change moves
    an order to its end, so that a list given up as too old is begun again after what it showed. `late_orders`: None
    where the list can be relied upon.
    """

    by: Literal["updated", "placed"]
    overlap: timedelta
    first_days: int
    doublecheck_days: int
    recheck_days: int
    reconcile_days: int
    oldest_first: bool = False
    late_orders: LateOrders | None = None
