"""What an order must hold before it may enter a shop."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.message import Params
from app.domain.money import total
from app.domain.order import Fulfilment, Order


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an order can't enter the shop now: a code of `reasons` and what fills its sentence."""

    code: str
    params: Params = field(default_factory=dict)


def obstacle(order: Order, *, unresolved: Mapping[str, str], currencies: frozenset[str] | None) -> Obstacle | None:
    """Return the first thing that keeps an order out, or None; the keywords as in `acceptance.choose`."""
    if not order.open_lines:
        return Obstacle("NO_LINES")
    if (foreign := currency_refused(order, currencies)) is not None:
        return foreign
    if order.fulfilment is Fulfilment.MERCHANT and order.shipping_address is None:
        return Obstacle("ADDRESS_MISSING")
    for line in order.open_lines:
        if not line.sku:
            return Obstacle("SKU_MISSING")
        if line.sku in unresolved:
            return Obstacle(unresolved[line.sku], {"sku": line.sku})
    lines = total((line.total for line in order.lines), currency=order.currency)
    if lines != order.total:
        return Obstacle("TOTAL_MISMATCH", {"lines": lines, "total": order.total})
    return None


def currency_refused(order: Order, currencies: frozenset[str] | None) -> Obstacle | None:
    """Return the obstacle of an order in a currency that the shop does not take; None: the shop doesn't say."""
    if currencies is None or order.currency in currencies:
        return None
    return Obstacle("CURRENCY_UNKNOWN", {"currency": order.currency, "expected": tuple(sorted(currencies))})
