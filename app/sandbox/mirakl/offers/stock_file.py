"""STO01's file: one line, one quantity; it touches nothing but stock, and creates nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox.mirakl.offers.parsed_file import Effect, ParsedFile, Rules, ShopOffers, offer_of_line
from app.sandbox.mirakl.offers.sheet import LineBroken, LineError, Row, Sheet, by_offer, open_sheet, quantity_of

REQUIRED = ("offer-sku", "quantity")
OPTIONAL = ("warehouse-code", "update-delete")


@dataclass(frozen=True, slots=True)
class StockChange:
    sku: str
    quantity: int
    rows: Sequence[Row]

    def apply(self, seller: ShopOffers) -> Effect:
        offer = offer_of_line(seller, self.sku)
        if offer.by_operator:
            # Nothing is published about it: what lies in the operator's warehouse, the operator counts.
            raise LineBroken("The offer is fulfilled by the operator, who counts its stock")
        offer.quantity = self.quantity
        return "updated"


def read_stock(content: bytes, _: Rules) -> ParsedFile:
    """Return what the file asks for; FileBroken when it can't be read."""
    sheet = open_sheet(content, required=REQUIRED, optional=OPTIONAL)
    parsed = ParsedFile(sheet.columns)
    for sku, rows in by_offer(sheet, "offer-sku", parsed.errors):
        given = False
        for row in rows:
            try:
                change = _change(sheet, sku, row, given=given)
            except LineBroken as reason:
                parsed.errors.append(LineError(row, str(reason)))
                continue
            given = True
            parsed.changes.append(change)
    return parsed


def _change(sheet: Sheet, sku: str, row: Row, *, given: bool) -> StockChange:
    warehouse, verb = sheet.cell(row, "warehouse-code"), sheet.cell(row, "update-delete")
    if warehouse:
        raise LineBroken(f"Warehouse '{warehouse}' not found")
    if verb not in ("", "update"):
        # Presumably it removes the quantity of a warehouse, and this shop has none.
        raise LineBroken(f"update-delete can't be '{verb}' without a warehouse")
    if given:
        raise LineBroken("The offer has its quantity in a line above")
    return StockChange(sku, quantity_of(sheet.cell(row, "quantity")), (row,))
