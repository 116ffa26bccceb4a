"""The CSV files of offers: stock and prices out, error reports in. Pure.

out    `;` between columns, quotes doubled, UTF-8, a point in prices, and a header
in     line number, reason, then the columns as they were sent; nobody publishes the names of the first two
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from app.domain.message import Param, message
from app.domain.offer import Offer, OfferKind
from app.marketplaces.mirakl.prices import EXTRA_COLUMNS, PRICE_COLUMNS, CanNotBeResent, Row, price_rows
from app.marketplaces.shared.fields import MOST_UNITS
from app.marketplaces.shared.refusals import UnfitOffer

STOCK_COLUMNS = ("offer-sku", "quantity", "warehouse-code", "update-delete")

_LONGEST_SKU = 40
_AMOUNT_DIGITS = 15
_LONGEST_REASON = 300
_BYTE_ORDER_MARK = "\ufeff"


def offers_file(
    kind: OfferKind, offers: Sequence[Offer], *, decimals: int, now: datetime
) -> tuple[bytes, Mapping[str, Param]]:
    """Return the file of STO01 or PRI01, empty when nothing fits in it, and the SKUs that do not fit with the reason.

    Slow for a hundred thousand offers: call it in a thread.
    """
    refused: dict[str, Param] = {}
    written = False
    content = io.BytesIO()
    text = io.TextIOWrapper(content, encoding="utf-8", newline="")
    writer = csv.DictWriter(text, _columns(kind, offers), restval="", delimiter=";")
    writer.writeheader()
    # Lines of one offer must stand together, so a SKU that comes twice is written once: the newest word counts.
    for sku, offer in {offer.sku: offer for offer in offers}.items():
        try:
            _check_sku(sku)
            lines = [_stock_row(offer)] if kind is OfferKind.STOCK else list(_price_rows(offer, decimals, now))
        except UnfitOffer as unfit:
            refused[sku] = unfit.said
            continue
        writer.writerows(lines)
        written = True
    text.flush()
    return (content.getvalue() if written else b""), refused


def refused_offers(report: str) -> Mapping[str, Param]:
    """Return why offers were refused, by SKU, from an error report of STO03 or PRI03; what can't be read is left out.

    Columns are found by their names, and where these are unknown by their places.
    """
    rows = _report_rows(report)
    header = next(rows, [])
    names = [name.strip().casefold().replace("_", "-") for name in header]
    if STOCK_COLUMNS[0] in names:
        sku_at = names.index(STOCK_COLUMNS[0])
        named = (at for at, name in enumerate(names) if "reason" in name or "message" in name or name == "error")
        reason_at = next(named, max(0, sku_at - 1))
    else:
        sku_at, reason_at = 2, 1
    reasons: dict[str, list[str]] = {}
    for row in rows if STOCK_COLUMNS[0] in names else _rows_without_header(header, rows):
        sku = row[sku_at] if len(row) > max(sku_at, reason_at) else ""
        if sku:
            reason = " ".join(row[reason_at].split())
            known = reasons.setdefault(sku, [])
            known += [reason] if reason and reason not in known else []
    return {sku: "; ".join(known)[:_LONGEST_REASON] or message("NO_REASON_GIVEN") for sku, known in reasons.items()}


def _columns(kind: OfferKind, offers: Sequence[Offer]) -> Sequence[str]:
    if kind is OfferKind.STOCK:
        return STOCK_COLUMNS
    needed = (column for column in EXTRA_COLUMNS if any(f'"{column}"' in offer.other_prices for offer in offers))
    return (*PRICE_COLUMNS, *needed)


def _stock_row(offer: Offer) -> Row:
    if offer.quantity is None or not 0 <= offer.quantity <= MOST_UNITS:
        raise UnfitOffer(message("STOCK_UNFIT", most=MOST_UNITS, quantity=str(offer.quantity)))
    # Without a warehouse it is the stock of the whole offer; what `update-delete` does here is not published.
    return {"offer-sku": offer.sku, "quantity": str(offer.quantity)}


def _price_rows(offer: Offer, decimals: int, now: datetime) -> Iterator[Row]:
    price = offer.price
    if price is None or not price.is_finite() or price < 0 or price.adjusted() >= _AMOUNT_DIGITS:
        raise UnfitOffer(message("PRICE_UNFIT", price=str(price)))
    try:
        yield from price_rows(offer.sku, price=price, other_prices=offer.other_prices, decimals=decimals, now=now)
    except CanNotBeResent as exc:
        raise UnfitOffer(message("PRICES_WOULD_BE_DELETED", what=exc.what)) from exc


def _check_sku(sku: str) -> None:
    if not sku or "\0" in sku or not sku.encode(errors="ignore").decode() == sku:
        raise UnfitOffer(message("SKU_UNFIT"))
    if len(sku) > _LONGEST_SKU:
        raise UnfitOffer(message("MIRAKL_SKU_TOO_LONG", length=len(sku), most=_LONGEST_SKU))
    if "/" in sku:
        raise UnfitOffer(message("MIRAKL_SKU_SLASH"))


def _report_rows(report: str) -> Iterator[list[str]]:
    report = report.removeprefix(_BYTE_ORDER_MARK)
    first_line = report[: report.find("\n")]
    delimiter = "," if first_line.count(",") > first_line.count(";") else ";"
    rows = csv.reader(io.StringIO(report, newline=""), delimiter=delimiter)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            # A sign that was not quoted breaks its own line, not those after it.
            continue


def _rows_without_header(first: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    # A line number says that there is no header at all.
    if first and first[0].strip().isdecimal():
        yield first
    yield from rows
