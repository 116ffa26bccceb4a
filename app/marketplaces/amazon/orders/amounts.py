"""What the buyer pays for a line, from breakdowns whose meaning Amazon does not say. Pure.

Neither the sign of DISCOUNT nor whether ITEM holds the TAX is documented, and both were seen. The total of a line is
the truth: of the four readings below, the first that makes it to the cent is the right one.

    tax added, discount as it stands     ITEM + SHIPPING + … + TAX + DISCOUNT
    tax added, discount taken off        ITEM + SHIPPING + … + TAX - DISCOUNT
    tax inside, discount as it stands    ITEM + SHIPPING + … + DISCOUNT
    tax inside, discount taken off       ITEM + SHIPPING + … - DISCOUNT
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.money import CENT, Money
from app.marketplaces.shared.fields import UnreadableField, required_amount
from app.marketplaces.shared.json_records import each, nested, text

TAX, DISCOUNT, SHIPPING = "TAX", "DISCOUNT", "SHIPPING"
# (taxes are added, sign of a discount)
_READINGS = ((True, 1), (True, -1), (False, 1), (False, -1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What a line costs, taxes included; `tax` without that on shipping, None where it is not known.

    `tax_on_top`: how much of it the price of a unit does not hold.
    """

    total: Decimal
    shipping: Decimal
    tax: Decimal | None
    tax_on_top: Decimal = Decimal(0)


def amounts(item: Mapping[str, Any], *, currency: str) -> Amounts | None:
    """Return the amounts of an order item, None where it has no total; raises UnreadableField."""
    proceeds = nested(item, "proceeds")
    total = money(proceeds, "proceedsTotal")
    if total is None:
        return None
    if total.currency != currency:
        raise UnreadableField("proceeds.proceedsTotal.currencyCode")
    parts = _parts(proceeds, "breakdowns", kind="type", amount="subtotal", currency=currency)
    taxes, discounts = parts.pop(TAX, Decimal(0)), parts.pop(DISCOUNT, Decimal(0))
    plain = sum(parts.values(), Decimal(0))
    for added, sign in _READINGS:
        if abs(plain + (taxes if added else 0) + sign * discounts - total.amount) < CENT / 2:
            on_shipping = _of_shipping(proceeds, TAX, currency=currency)
            shipping = parts.get(SHIPPING, Decimal(0)) + sign * _of_shipping(proceeds, DISCOUNT, currency=currency)
            return Amounts(
                total=total.amount,
                shipping=shipping + (on_shipping if added else 0),
                tax=taxes - on_shipping if TAX in _kinds(proceeds) else None,
                tax_on_top=taxes - on_shipping if added else Decimal(0),
            )
    return Amounts(total=total.amount, shipping=parts.get(SHIPPING, Decimal(0)), tax=None)


def money(record: Mapping[str, Any], name: str) -> Money | None:
    """Return an amount with its currency, None without one; raises UnreadableField."""
    value = record.get(name)
    if value is None:
        return None
    currency = text(value, "currencyCode") if isinstance(value, Mapping) else ""
    if not currency:
        raise UnreadableField(name)
    return Money(required_amount(value.get("amount"), name), currency)


def _kinds(proceeds: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(text(part, "type") for part in each(proceeds, "breakdowns"))


def _of_shipping(proceeds: Mapping[str, Any], kind: str, *, currency: str) -> Decimal:
    """Return how much of the taxes or discounts is for the shipping."""
    found = Decimal(0)
    for part in each(proceeds, "breakdowns"):
        if text(part, "type") == kind:
            details = _parts(part, "detailedBreakdowns", kind="subtype", amount="value", currency=currency)
            found += details.get(SHIPPING, Decimal(0))
    return found


def _parts(record: Mapping[str, Any], name: str, *, kind: str, amount: str, currency: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for part in each(record, name):
        reported = money(part, amount)
        if reported is None:
            continue
        if reported.currency != currency:
            raise UnreadableField(f"{name}.currencyCode")
        found[text(part, kind)] = found.get(text(part, kind), Decimal(0)) + reported.amount
    return found
