"""The other prices of an offer: PRI01 deletes every price that it is not sent, so they are sent again with a new one.

The text that a live offer carries (`other_prices`) is empty where there is nothing but the plain price. Else it is
JSON: a list of PRI01's lines, of which the one without `price` is the plain price's own (its discount, its prices by
quantity); or an object that names what we can't send again, and then no price of that offer may be sent. Pure.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeGuard

from app.domain.message import Param, from_json, message, to_json
from app.marketplaces.shared.json_records import nested

PRICE_COLUMNS = ("offer-sku", "price", "discount-price", "discount-start-date", "discount-end-date")
# Known to operators who sell by quantity, channel or period alone: a file has them when one of its offers needs them.
EXTRA_COLUMNS = ("price-ranges", "discount-ranges", "channels", "start-date", "end-date")

Row = Mapping[str, str]

_COLUMNS = frozenset(PRICE_COLUMNS[1:] + EXTRA_COLUMNS)
_DISCOUNT_COLUMNS = frozenset({"discount-price", "discount-start-date", "discount-end-date", "discount-ranges"})
# `price` of an entry repeats what counts today.
_KNOWN_FIELDS = frozenset(
    {
        "channel_code",
        "start_date",
        "end_date",
        "price",
        "unit_origin_price",
        "unit_discount_price",
        "discount_start_date",
        "discount_end_date",
        "volume_prices",
    }
)
_NOT_RESENDABLE = "can_not_be_resent"
# Beyond it is noise, not a price.
_AMOUNT_DIGITS = 15
# Some operators refuse discounts of the past; a day covers their time zone.
_GRACE = timedelta(days=1)


class CanNotBeResent(Exception):
    """Prices that PRI01 would delete and that we can't send again; `what` they are, as far as it is known."""

    def __init__(self, what: Param = "") -> None:
        super().__init__()
        self.what = what


def plain_price(record: Mapping[str, Any]) -> Decimal:
    """Return the price of an OF21 record before discounts, for all channels and times; zero where there is none."""
    reported = [entry.get("unit_origin_price") for entry in _entries(record) if _is_plain(entry)]
    reported += [nested(record, "discount").get("origin_price"), record.get("price")]
    return next((Decimal(price) for price in reported if _is_price(price)), Decimal(0))


def other_prices(record: Mapping[str, Any]) -> str:
    """Return the prices of an OF21 record beside its plain one."""
    try:
        rows = [_entry_row(entry) for entry in _entries(record)] or [_discount_row(record)]
        if sum("price" not in row for row in rows) > 1:
            raise CanNotBeResent(message("PRICES_SEVERAL_PLAIN"))
    except CanNotBeResent as exc:
        return _dumped({_NOT_RESENDABLE: to_json({"what": exc.what})})
    reported = [row for row in rows if row]
    return _dumped(reported) if reported else ""


def price_rows(sku: str, *, price: Decimal, other_prices: str, decimals: int, now: datetime) -> Iterator[Row]:
    """Yield PRI01's lines for an offer, the plain price first; raises CanNotBeResent.

    Discounts and other prices that are over are left out: they have no effect any more.
    """
    rows = _parsed(other_prices)
    plain = next((row for row in rows if "price" not in row), {})
    rounded = price.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    others = (row for row in rows if "price" in row and not _is_over(row, "end-date", now))
    for row in ({"price": f"{rounded:f}", **plain}, *others):
        over = _DISCOUNT_COLUMNS if _is_over(row, "discount-end-date", now) else frozenset()
        yield {"offer-sku": sku} | {column: text for column, text in row.items() if column not in over}


def _entries(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = record.get("all_prices") or []
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def _is_plain(entry: Mapping[str, Any]) -> bool:
    """Whether it is the price for all channels and times."""
    return not (entry.get("channel_code") or entry.get("start_date") or entry.get("end_date"))


def _entry_row(entry: Mapping[str, Any]) -> Row:
    """Return PRI01's line for an entry of `all_prices`, without `price` for the plain one."""
    row: dict[str, str] = {}
    if not _is_plain(entry):
        # A field that we don't know may limit the price to some buyers: sent again without it, others would get it.
        strange = sorted(name for name in entry if name not in _KNOWN_FIELDS and entry[name])
        if strange:
            raise CanNotBeResent(message("PRICES_WITH", fields=", ".join(strange)[:80]))
        reported = {"channels": "channel_code", "start-date": "start_date", "end-date": "end_date"}
        row = {column: str(entry[name]) for column, name in reported.items() if entry.get(name)}
        row["price"] = _amount(entry.get("unit_origin_price"))
    ranges = entry.get("volume_prices")
    row |= _discount(entry.get("unit_discount_price"), entry.get("discount_start_date"), entry.get("discount_end_date"))
    row |= _ranges("price-ranges", ranges, "unit_origin_price")
    return row | _ranges("discount-ranges", ranges, "unit_discount_price")


def _discount_row(record: Mapping[str, Any]) -> Row:
    """Return the line of the plain price where an operator gives its discount alone."""
    if not record.get("discount"):
        return {}
    discount = nested(record, "discount")
    price = discount.get("discount_price", discount.get("price"))
    if not price and not discount.get("ranges"):
        raise CanNotBeResent(message("PRICES_DISCOUNT_ALONE"))
    row = _discount(price, discount.get("start_date"), discount.get("end_date"))
    return row | _ranges("discount-ranges", discount.get("ranges"), "price")


def _discount(price: object, start: object, end: object) -> dict[str, str]:
    if price is None:
        return {}
    dates = {"discount-start-date": start, "discount-end-date": end}
    return {"discount-price": _amount(price)} | {column: str(date) for column, date in dates.items() if date}


def _ranges(column: str, ranges: object, name: str) -> dict[str, str]:
    """Return prices by quantity as `5|109.20,10|108.70`."""
    if not ranges:
        return {}
    if not isinstance(ranges, list) or not all(isinstance(each, Mapping) for each in ranges):
        raise CanNotBeResent(message("PRICES_BY_QUANTITY_UNKNOWN"))
    steps = []
    for each in ranges:
        threshold = each.get("quantity_threshold")
        if not isinstance(threshold, int) or isinstance(threshold, bool):
            raise CanNotBeResent(message("PRICES_BY_QUANTITY_ALONE"))
        # From one unit on it is the price itself.
        if threshold > 1 and each.get(name) is not None:
            steps.append(f"{threshold}|{_amount(each[name])}")
    return {column: ",".join(steps)} if steps else {}


def _amount(value: object) -> str:
    if not _is_price(value):
        raise CanNotBeResent(message("PRICES_NO_AMOUNT"))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _is_price(value: object) -> TypeGuard[int | Decimal]:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return False
    amount = Decimal(value)
    return amount.is_finite() and abs(amount.adjusted()) < _AMOUNT_DIGITS


def _is_over(row: Row, column: str, now: datetime) -> bool:
    try:
        end = datetime.fromisoformat(row.get(column, ""))
    except ValueError:
        return False
    return (end if end.tzinfo else end.replace(tzinfo=UTC)) + _GRACE < now


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parsed(other_prices: str) -> list[Row]:
    try:
        rows = json.loads(other_prices) if other_prices else []
    except ValueError:
        rows = None
    if isinstance(rows, list) and all(isinstance(row, dict) and _COLUMNS.issuperset(row) for row in rows):
        return rows
    obstacle = rows.get(_NOT_RESENDABLE) if isinstance(rows, dict) else None
    raise CanNotBeResent(from_json(obstacle).get("what", "") if isinstance(obstacle, dict) else "")
