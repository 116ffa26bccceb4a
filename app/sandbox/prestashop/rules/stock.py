"""Stock: a row for each combination, and the sum of them in the row of combination 0."""

from app.sandbox.prestashop.shop import SHOP_ID
from app.sandbox.prestashop.tables import Database, Row


def row_of(database: Database, product: int, attribute: int) -> Row | None:
    """Return the shop's own row, or its group's; a row without a shop belongs to none."""
    for row in database["stock_availables"].where("id_product", product):
        if row["id_product_attribute"] == attribute and (row["id_shop"], row["id_shop_group"]) == owner(database):
            return row
    return None


def owner(database: Database) -> tuple[int, int]:
    """Return the shop and the group that stock rows belong to."""
    shared: int = database["shop_groups"][1]["share_stock"] if 1 in database["shop_groups"] else 0
    return (0, 1) if shared else (SHOP_ID, 0)


def in_stock(database: Database, product: int, attribute: int) -> int:
    row = row_of(database, product, attribute)
    quantity: int = row["quantity"] if row is not None else 0
    return quantity


def move(database: Database, product: int, attribute: int, quantity: int) -> None:
    """Add to the quantity, or subtract from it: below zero if need be."""
    row = row_of(database, product, attribute)
    if row is None:
        id_shop, id_shop_group = owner(database)
        row = database["stock_availables"].add(
            id_product=product,
            id_product_attribute=attribute,
            id_shop=id_shop,
            id_shop_group=id_shop_group,
            out_of_stock=2,
        )
    database["stock_availables"].change(row, quantity=row["quantity"] + quantity)
    if attribute:
        add_up(database, product)


def add_up(database: Database, product: int) -> None:
    """Let the row of combination 0 be the sum of the others."""
    rows = database["stock_availables"].where("id_product", product)
    total = sum(row["quantity"] for row in rows if row["id_product_attribute"])
    whole = row_of(database, product, 0)
    if whole is not None:
        database["stock_availables"].change(whole, quantity=total)
