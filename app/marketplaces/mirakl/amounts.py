"""What the buyer pays for each line of an order, taxes included, for the units that are still owed. Pure.

Amounts come with or without taxes (`order_tax_mode`). Without them, the listed ones are added, but for those that the
operator keeps (`payable_to_shop` false). Units leave a line by `cancelations`, and before it is shipped by refunds that
are `excluded_from_shipment`; whether the amounts of the record follow is shown by arithmetic (`domain/owed_amounts`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from app.domain.money import currency_decimals, round_together
from app.domain.order import TaxMode
from app.domain.owed_amounts import LineAmounts, OwedAmounts, owed_amounts
from app.marketplaces.shared.fields import UnreadableField, required_amount
from app.marketplaces.shared.json_records import optional_count, text

T = TypeVar("T")

_ZERO = Decimal(0)
# Lines in these states are not owed whatever their units say.
_VOID_LINES = frozenset({"REFUSED", "CANCELED", "REFUNDED"})
# Refunds after shipping do not change what is shipped.
_AFTER_SHIPPING = frozenset({"SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """The amounts of an order; `reported` are the record's own line totals, taxes included, in the order of its lines.

    `lines` are what is owed, rounded to the currency's decimals; `are_proven`: whether that follows from the record.
    `tax_mode` is "excl" where the record lists no taxes. `refund_is_unclear`: units were refunded before they left, and
    the record does not say whether, or how many of them, are still to be shipped.
    """

    total: Decimal
    reported: Sequence[Decimal]
    lines: Sequence[OwedAmounts]
    open_units: Sequence[int]
    are_proven: bool
    tax_mode: TaxMode
    refund_is_unclear: bool


def order_amounts(record: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, tax_mode: TaxMode) -> Amounts:
    """Return the amounts of an OR11 record with these lines; raises UnreadableField."""
    adds_taxes = tax_mode == "excl" and all(_of_each(lines, _lists_taxes))
    read = _of_each(lines, lambda line: _line_amounts(line, adds_taxes=adds_taxes))
    total = amount_of(record, "total_price")
    if adds_taxes:
        total += _taxes_in_total(lines, total=total)
    owed = owed_amounts(read, order_total=total)
    decimals = currency_decimals(text(record, "currency_iso_code"))
    return Amounts(
        total=round_together([total], decimals=decimals)[0],
        reported=round_together([line.total for line in read], decimals=decimals),
        lines=_rounded(owed or [OwedAmounts(line.total, line.shipping) for line in read], decimals=decimals),
        open_units=[line.quantity_open for line in read],
        are_proven=owed is not None,
        tax_mode="incl" if adds_taxes else tax_mode,
        refund_is_unclear=any(_of_each(lines, _refund_is_unclear)),
    )


def _of_each(lines: Sequence[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    found = []
    for place, line in enumerate(lines):
        try:
            found.append(read(line))
        except UnreadableField as exc:
            raise UnreadableField(f"order_lines[{place}].{exc}") from exc
    return found


def line_tax(line: Mapping[str, Any]) -> Decimal | None:
    """Return the seller's taxes of a line without its shipping; None where none are listed, as for most in France."""
    return _taxes(line, "taxes") if _listed(line, "taxes") else None


def _rounded(owed: Sequence[OwedAmounts], *, decimals: int) -> list[OwedAmounts]:
    totals = round_together([each.total for each in owed], decimals=decimals)
    shipping = round_together([each.shipping for each in owed], decimals=decimals)
    return [OwedAmounts(total, min(total, share)) for total, share in zip(totals, shipping, strict=True)]


def _line_amounts(line: Mapping[str, Any], *, adds_taxes: bool) -> LineAmounts:
    quantity = _units(line, "quantity")
    status = text(line, "order_line_state")
    gone = [*_records(line, "cancelations"), *_refunds_of_units(line)]
    still_open = max(0, quantity - sum(optional_count(each, "quantity") or 0 for each in gone))
    total, shipping = amount_of(line, "total_price"), amount_of(line, "shipping_price", absent=_ZERO)
    shipping_tax = _taxes(line, "shipping_taxes") if adds_taxes else _ZERO
    taxes = _taxes(line, "taxes") if adds_taxes else _ZERO
    return LineAmounts(
        quantity=quantity,
        quantity_open=0 if status in _VOID_LINES else still_open,
        unit_price=amount_of(line, "price_unit"),
        price=amount_of(line, "price", absent=total - shipping),
        shipping=shipping + shipping_tax,
        total=total + taxes + shipping_tax,
        taken_off=sum((_taken_off(each, adds_taxes=adds_taxes) for each in gone), _ZERO),
        shipping_taken_off=sum((_shipping_taken_off(each, adds_taxes=adds_taxes) for each in gone), _ZERO),
        void=status in _VOID_LINES or (quantity > 0 and not still_open),
    )


def _taken_off(record: Mapping[str, Any], *, adds_taxes: bool) -> Decimal:
    taxes = _taxes(record, "taxes") if adds_taxes else _ZERO
    return amount_of(record, "amount", absent=_ZERO) + taxes + _shipping_taken_off(record, adds_taxes=adds_taxes)


def _shipping_taken_off(record: Mapping[str, Any], *, adds_taxes: bool) -> Decimal:
    taxes = _taxes(record, "shipping_taxes") if adds_taxes else _ZERO
    return amount_of(record, "shipping_amount", absent=_ZERO) + taxes


def _refunds_of_units(line: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the refunds that take units out of the shipment."""
    return [refund for refund in _refunds_before_shipping(line) if refund.get("excluded_from_shipment") is True]


def _refund_is_unclear(line: Mapping[str, Any]) -> bool:
    return any(
        refund.get("excluded_from_shipment") is not False
        and (refund.get("excluded_from_shipment") is not True or not optional_count(refund, "quantity"))
        for refund in _refunds_before_shipping(line)
    )


def _refunds_before_shipping(line: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    status = text(line, "order_line_state")
    return () if status in _VOID_LINES or status in _AFTER_SHIPPING else _records(line, "refunds")


def _lists_taxes(line: Mapping[str, Any]) -> bool:
    """Whether a line says which taxes come on top of its amounts."""
    if text(line, "order_line_state") in _VOID_LINES:
        return True
    shipping = amount_of(line, "shipping_price", absent=_ZERO)
    goods = amount_of(line, "total_price") - shipping
    return (not goods or _listed(line, "taxes")) and (not shipping or _listed(line, "shipping_taxes"))


def _listed(record: Mapping[str, Any], name: str) -> bool:
    taxes = record.get(name)
    return isinstance(taxes, list) and bool(taxes) and all(isinstance(each, Mapping) for each in taxes)


def _taxes_in_total(lines: Sequence[Mapping[str, Any]], *, total: Decimal) -> Decimal:
    """Return the taxes that belong to an order's total, which may leave out refused and cancelled lines."""
    still_open = [line for line in lines if text(line, "order_line_state") not in _VOID_LINES]
    sums = [(sum((amount_of(each, "total_price") for each in some), _ZERO), some) for some in (lines, still_open)]
    counted = next((some for amount, some in sums if amount == total), lines)
    return sum((_taxes(line, name) for line in counted for name in ("taxes", "shipping_taxes")), _ZERO)


def _taxes(record: Mapping[str, Any], name: str) -> Decimal:
    """Return the listed taxes, without what the operator keeps."""
    return sum((_payable(tax) for tax in _records(record, name)), _ZERO)


def _payable(tax: Mapping[str, Any]) -> Decimal:
    breakdown = tax.get("amount_breakdown")
    parts = _records(breakdown, "parts") if isinstance(breakdown, Mapping) else ()
    kept = sum((amount_of(part, "amount") for part in parts if part.get("payable_to_shop") is False), _ZERO)
    return amount_of(tax, "amount") - kept


def _records(record: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    records = record.get(name) or []
    if not isinstance(records, list) or not all(isinstance(each, Mapping) for each in records):
        raise UnreadableField(name)
    return records


def _units(record: Mapping[str, Any], name: str) -> int:
    count = optional_count(record, name)
    if count is None:
        raise UnreadableField(name)
    return count


def amount_of(record: Mapping[str, Any], name: str, *, absent: Decimal | None = None) -> Decimal:
    """Return an amount, which is a number at Mirakl; `absent` where there is none; raises UnreadableField."""
    value = record.get(name)
    if value is None and absent is not None:
        return absent
    if isinstance(value, str):
        raise UnreadableField(name)
    return required_amount(value, name)
