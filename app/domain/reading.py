"""How much each pass reads on one platform."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The windows of one platform, as its documentation and experience demand.

    `by`: which date its list of orders can be asked by. `overlap` is taken off the cursor; the days say how far back
    the first run and the catch-ups look.
    """

    by: Literal["updated", "placed"]
    overlap: timedelta
    first_days: int
    doublecheck_days: int
    recheck_days: int
    reconcile_days: int
