"""The free units of a shop, as its stock rows give them."""

from collections.abc import Sequence

from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.records import Record

STOCK_FIELDS = ("id", "id_product", "id_product_attribute", "id_shop", "quantity")
# A shop that keeps no stock sells whatever is asked; marketplaces want a number all the same.
UNCOUNTED = 999


def counts_stock(facts: Facts) -> bool:
    """Return whether the shop keeps stock at all."""
    return facts.setting("PS_STOCK_MANAGEMENT", "1") != "0"


def quantities(rows: Sequence[Record], *, facts: Facts, id_shop: str) -> dict[tuple[str, str], int]:
    """Return the units by product and attribute: those of our shop, else the shared ones, else the first.

    May be below zero: PrestaShop sells what it has not.
    """
    return {key: units_of(row) for key, row in rows_of(rows, facts=facts, id_shop=id_shop).items()}


def rows_of(rows: Sequence[Record], *, facts: Facts, id_shop: str) -> dict[tuple[str, str], Record]:
    """Return the stock rows by product and attribute: those of our shop, else the shared ones, else the first."""
    own = id_shop or facts.setting("PS_SHOP_DEFAULT", "1")
    found: dict[tuple[str, str], tuple[int, Record]] = {}
    for row in rows:
        key = (row["id_product"], row["id_product_attribute"] or "0")
        strangeness = 0 if row["id_shop"] == own else 1 if row["id_shop"] in ("", "0") else 2
        if key not in found or strangeness < found[key][0]:
            found[key] = (strangeness, row)
    return {key: row for key, (_, row) in found.items()}


def units_of(row: Record) -> int:
    """Return the units of a stock row."""
    text = row["quantity"]
    bare = text.removeprefix("-")
    return int(text) if bare.isascii() and bare.isdecimal() else 0
