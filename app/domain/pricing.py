"""The merchant's rules for what is published: quantity and price."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from app.domain.money import CENT
from app.domain.offer import ShopOffer

Rounding = Literal["cent", "up_99", "up_95", "up_90", "whole"]
_ENDINGS = {"up_99": Decimal("0.99"), "up_95": Decimal("0.95"), "up_90": Decimal("0.90")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    price_tax: Literal["incl", "excl"] = "incl"
    multiplier: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    rounding: Rounding = "cent"
    buffer: int = 0
    max_quantity: int | None = None


def published_quantity(offer: ShopOffer, *, reserved: int, rules: Rules) -> int:
    """Return max(0, available - reserved - buffer), capped; an inactive product is not for sale."""
    if not offer.active:
        return 0
    free = max(0, offer.quantity - reserved - rules.buffer)
    return free if rules.max_quantity is None else min(free, rules.max_quantity)


def published_price(offer: ShopOffer, *, rules: Rules) -> Decimal:
    """Return the price times the multiplier plus the offset, rounded; may be 0 or less, which the guards stop.

    A product without a price does not get one by an offset or a rounding.
    """
    base = offer.price_incl
    if rules.price_tax == "excl" and offer.price_excl is not None:
        base = offer.price_excl
    price = base * rules.multiplier + rules.offset
    if base <= 0 or price <= 0:
        return min(base, price).quantize(CENT, ROUND_HALF_UP)
    if rules.rounding == "whole":
        return price.quantize(Decimal(1), ROUND_HALF_UP).quantize(CENT)
    if rules.rounding in _ENDINGS:
        ending = _ENDINGS[rules.rounding]
        # The next price with that ending that is not lower.
        whole = (price - ending).to_integral_value(ROUND_CEILING)
        return (whole + ending).quantize(CENT, ROUND_FLOOR)
    return price.quantize(CENT, ROUND_HALF_UP)
