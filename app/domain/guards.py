"""The guards: a run that would do something that is rarely meant is held until a person confirms it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_TO_ZERO = 0.5
MOST_PRICE_MOVES = 0.05
# Below this many offers a share says nothing: a small shop may sell out.
FEWEST = 4


# A price that moves further than this share counts as a move.
PRICE_MOVE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a send would do: offers on sale, of these those set to 0; prices, changed ones, bad ones, far moves."""

    live: int
    to_zero: int
    priced: int
    price_changes: int
    price_not_positive: int
    price_moves: int


@dataclass(frozen=True, slots=True)
class Held:
    """Why a run is held: a code of `reasons` and what fills its sentence."""

    code: str
    params: Mapping[str, Any]


def held(figures: Figures) -> Held | None:
    """Return why sending must wait for a person, or None."""
    if figures.price_not_positive:
        return Held("PRICE_GUARD", {"detail": f"{figures.price_not_positive} × ≤ 0"})
    if figures.live >= FEWEST and figures.to_zero > figures.live * MOST_TO_ZERO:
        return Held("STOCK_GUARD", {"number": figures.to_zero, "live": figures.live})
    if figures.priced >= FEWEST and figures.price_moves > figures.priced * MOST_PRICE_MOVES:
        return Held("PRICE_GUARD", {"detail": f"{figures.price_moves} / {figures.priced}, > 30 %"})
    return None
