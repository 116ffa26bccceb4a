"""OF01's file: whole offers. A column that is absent leaves its value, a blank cell clears it.

Only what this sandbox shows has an effect; the other published columns are read and forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zlib import crc32

from app.sandbox.catalogue import Product
from app.sandbox.mirakl.offers.offer import STATES, Offer, Price, offer_of
from app.sandbox.mirakl.offers.parsed_file import Effect, ParsedFile, Rules, ShopOffers
from app.sandbox.mirakl.offers.sheet import (
    LineBroken,
    LineError,
    Row,
    Sheet,
    moment,
    open_sheet,
    quantity_of,
    whole_rows,
)
from app.sandbox.published import lists_of

REQUIRED = ("sku",)
EFFECTIVE = lists_of("mirakl")["offer_columns"]
FORGOTTEN = lists_of("mirakl")["forgotten_offer_columns"]
LONGEST_SKU = 40
# Ids of offers whose SKU is not the one of their product.
OWN_NAMES = 10_000_000


@dataclass(frozen=True, slots=True)
class OfferChange:
    """The cells of one line; a column that the file lacks is not among them."""

    cells: Mapping[str, str]
    rows: Sequence[Row]
    rules: Rules

    def apply(self, seller: ShopOffers) -> Effect:
        sku = self.cells["sku"]
        offer = seller.offers.get(sku)
        verb = self.cells.get("update-delete", "")
        if verb == "delete":
            if offer is None:
                raise LineBroken(f"Offer with SKU '{sku}' not found")
            del seller.offers[sku]
            return "deleted"
        if verb not in ("", "update"):
            raise LineBroken(f"update-delete can't be '{verb}'")
        if offer is not None:
            self._same_product(offer)
            self._write(offer)
            return "updated"
        offer = self._new(self._product(seller))
        self._write(offer)
        seller.offers[sku] = offer
        return "inserted"

    def _same_product(self, offer: Offer) -> None:
        given = self.cells.get("product-id", "")
        if given and given not in (offer.product.ean, offer.product.sku):
            raise LineBroken("The product is not the one of the existing offer")

    def _product(self, seller: ShopOffers) -> Product:
        given = self.cells.get("product-id", "") or self.cells["sku"]
        product = seller.product(given)
        if product is None:
            raise LineBroken(f"Product '{given}' not found")
        return product

    def _new(self, product: Product) -> Offer:
        for column in ("price", "state"):
            if not self.cells.get(column):
                raise LineBroken(f"{column} is missing")
        offer = offer_of(product)
        offer.sku, offer.quantity = self.cells["sku"], 0
        if offer.sku != product.sku:
            offer.offer_id = OWN_NAMES + crc32(offer.sku.encode())
        return offer

    def _write(self, offer: Offer) -> None:
        cells = self.cells
        # Everything is read before anything is written, so that a bad line changes nothing.
        state = cells.get("state", offer.state_code)
        quantity = quantity_of(cells["quantity"] or "0") if "quantity" in cells else offer.quantity
        leadtime = quantity_of(cells.get("leadtime-to-ship", "") or str(offer.leadtime_days))
        prices = self._prices(offer)
        if state not in STATES:
            raise LineBroken(f"State '{state}' not found")
        offer.state_code, offer.quantity, offer.leadtime_days, offer.prices = state, quantity, leadtime, prices

    def _prices(self, offer: Offer) -> tuple[Price, ...]:
        cells, before = self.cells, offer.default_price()
        if "price" not in cells and "discount-price" not in cells:
            return offer.prices
        if "price" in cells:
            origin = self.rules.amount(cells["price"], "price")
        elif before is not None:
            origin = before.origin
        else:
            raise LineBroken("price is missing")
        discount, start, end = self._discount(before)
        others = tuple(price for price in offer.prices if price is not before)
        return (Price(origin, discount=discount, discount_start=start, discount_end=end), *others)

    def _discount(self, before: Price | None) -> tuple[Decimal | None, datetime | None, datetime | None]:
        cells = self.cells
        if "discount-price" not in cells and before is not None:
            return before.discount, before.discount_start, before.discount_end
        if not cells.get("discount-price"):
            return None, None, None
        start, end = (
            moment(cells.get(column, ""), column=column) for column in ("discount-start-date", "discount-end-date")
        )
        return self.rules.amount(cells["discount-price"], "discount-price"), start, end


def read_offers(content: bytes, rules: Rules) -> ParsedFile:
    """Return what the file asks for; FileBroken when it can't be read."""
    sheet = open_sheet(content, required=REQUIRED, optional=(*EFFECTIVE, *FORGOTTEN))
    parsed = ParsedFile(sheet.columns)
    named: set[str] = set()
    for row in whole_rows(sheet, parsed.errors):
        cells = _cells(sheet, row)
        sku = cells["sku"]
        if not sku or len(sku) > LONGEST_SKU or "/" in sku:
            parsed.errors.append(LineError(row, f"sku '{sku}' can't be used"))
        else:
            named.add(sku)
            parsed.changes.append(OfferChange(cells, (row,), rules))
    if rules.replaces:
        parsed.keeps = frozenset(named)
    return parsed


def _cells(sheet: Sheet, row: Row) -> dict[str, str]:
    return {column: row.cells[position].strip() for column, position in sheet.places.items()}
