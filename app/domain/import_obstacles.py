"""What an order must hold before it may enter a shop."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.message import Params, message
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
    if order.refund_is_unclear:
        return Obstacle("REFUNDED")
    if order.tax_mode == "excl":
        return Obstacle("TAXES_EXCLUDED")
    if (foreign := currency_refused(order, currencies)) is not None:
        return foreign
    if order.fulfilment is Fulfilment.MERCHANT:
        if order.shipping_address is None:
            return Obstacle("ADDRESS_MISSING")
        if not order.shipping_address.country:
            return Obstacle("ADDRESS_MISSING", {"detail": message("ADDRESS_WITHOUT_COUNTRY")})
    for line in order.open_lines:
        if not line.sku:
            return Obstacle("SKU_MISSING")
        if line.sku in unresolved:
            return Obstacle(unresolved[line.sku], {"sku": line.sku})
    if not order.amounts_are_proven:
        return Obstacle("TOTAL_MISMATCH", {"lines": order.open_total, "total": order.total})
    reported = total((line.reported for line in order.lines), currency=order.currency)
    if order.total not in {reported, order.open_total}:
        return Obstacle("TOTAL_MISMATCH", {"lines": reported, "total": order.total})
    return None


def currency_refused(order: Order, currencies: frozenset[str] | None) -> Obstacle | None:
    """Return the obstacle of an order in a currency that the shop does not take; None: the shop doesn't say."""
    if currencies is None or order.currency in currencies:
        return None
    return Obstacle("CURRENCY_UNKNOWN", {"currency": order.currency, "expected": tuple(sorted(currencies))})
