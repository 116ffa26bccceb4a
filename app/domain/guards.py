"""The guards: a run that would do something that is rarely meant is held until a person confirms it."""

from dataclasses import dataclass

from app.domain.message import Params, message

MOST_TO_ZERO = 0.5
MOST_PRICE_MOVES = 0.05
# Below this many offers a share says nothing: a small shop may sell out.
FEWEST = 4
# Where 5 % is less than one offer, one price may still move.
FREE_PRICE_MOVES = 1
# A price that moves further than this share counts as a move.
PRICE_MOVE_PERCENT = 30
PRICE_MOVE = PRICE_MOVE_PERCENT / 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a send would do: offers on sale, of these those set to 0; prices, changed ones, bad ones, far moves.

    `listed` are all offers there, whoever ships them.
    """

    listed: int
    live: int
    stock_changes: int
    to_zero: int
    priced: int
    price_changes: int
    price_not_positive: int
    price_moves: int


@dataclass(frozen=True, slots=True)
class Held:
    """Why a run is held: a code of `reasons` and what fills its sentence."""

    code: str
    params: Params


def held(figures: Figures) -> tuple[Held, ...]:
    """Return why sending must wait for a person, each code once; nothing when it need not."""
    stock, price = _stock(figures), _price(figures)
    return tuple(why for why in (stock, price) if why is not None)


def _stock(figures: Figures) -> Held | None:
    if figures.live >= FEWEST and figures.to_zero > figures.live * MOST_TO_ZERO:
        return Held("STOCK_GUARD", {"number": figures.to_zero, "live": figures.live})
    return None


def _price(figures: Figures) -> Held | None:
    if figures.price_not_positive:
        return Held("PRICE_GUARD", {"detail": message("PRICES_NOT_POSITIVE", number=figures.price_not_positive)})
    most = max(FREE_PRICE_MOVES, figures.priced * MOST_PRICE_MOVES)
    if figures.priced >= FEWEST and figures.price_moves > most:
        detail = message(
            "PRICES_MOVE_FAR", moves=figures.price_moves, priced=figures.priced, percent=PRICE_MOVE_PERCENT
        )
        return Held("PRICE_GUARD", {"detail": detail})
    return None
