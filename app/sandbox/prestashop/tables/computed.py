"""What an answer shows that no column holds: read from other tables for each answer."""

from collections.abc import Callable, Mapping, Sequence

from app.sandbox.prestashop.tables.rows import Database, Row
from app.sandbox.prestashop.tables.schema import Item, Shown

# What a carrier means that charges "as the shop does": by weight.
BY_WEIGHT = 1


def last_order_carrier(database: Database, order_id: int) -> Row | None:
    """Return the row that an order's shipping number is a mirror of."""
    rows = database["order_carriers"].where("id_order", order_id)
    return rows[-1] if rows else None


def _shipping_number(database: Database, order: Row) -> Shown:
    row = last_order_carrier(database, order.id)
    return str(row["tracking_number"]) if row is not None else ""


def _shipping_method(_: Database, carrier: Row) -> Shown:
    # The class fills the default in, and it becomes a number on the way.
    method: int = carrier["shipping_method"]
    return str(method) if method else BY_WEIGHT


def _order_rows(database: Database, order: Row) -> Sequence[Item]:
    columns = database["order_details"].resource.by_name
    parts = database["orders"].resource.association("order_rows").parts
    names = [part.name for part in parts if part.name != "id"]
    return [
        {"id": str(row.id), **{name: str(columns[name].shown(row[name])) for name in names}}
        for row in database["order_details"].where("id_order", order.id)
    ]


def _combinations(database: Database, product: Row) -> Sequence[Item]:
    return [{"id": str(row.id)} for row in database["combinations"].where("id_product", product.id)]


def _stock(database: Database, product: Row) -> Sequence[Item]:
    return [
        {"id": str(row.id), "id_product_attribute": str(row["id_product_attribute"])}
        for row in database["stock_availables"].where("id_product", product.id)
    ]


FIELDS: Mapping[tuple[str, str], Callable[[Database, Row], Shown]] = {
    ("orders", "shipping_number"): _shipping_number,
    ("carriers", "shipping_method"): _shipping_method,
}
ASSOCIATIONS: Mapping[tuple[str, str], Callable[[Database, Row], Sequence[Item]]] = {
    ("orders", "order_rows"): _order_rows,
    ("products", "combinations"): _combinations,
    ("products", "stock_availables"): _stock,
}
