"""The embedded shop's products and their stock."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.store.tables import EmbeddedProductRow, table_of

# SQLite takes at most 32,766 parameters in one statement.
MOST_SKUS = 10_000


# Columns, not objects: a catalogue has 100,000 of them.
_PRODUCTS = sa.select(
    col(EmbeddedProductRow.sku),
    col(EmbeddedProductRow.title),
    col(EmbeddedProductRow.ean),
    col(EmbeddedProductRow.price),
    col(EmbeddedProductRow.quantity),
)
_TABLE = table_of(EmbeddedProductRow)
_MOVE = (
    sa.update(_TABLE)
    .where(_TABLE.c.shop_id == sa.bindparam("shop"), _TABLE.c.sku == sa.bindparam("product"))
    .values(quantity=_TABLE.c.quantity + sa.bindparam("moved"), updated_at=sa.bindparam("moved_at"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One article of the shop; the price is what a buyer pays, in the shop's currency."""

    sku: str
    title: str
    ean: str
    price: Decimal
    quantity: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of products that were saved."""

    added: int
    changed: int
    unchanged: int


def products_by_sku(session: Session, shop_id: str, *, skus: Sequence[str]) -> dict[str, Product]:
    """Return the products that have exactly these SKUs."""
    return {product.sku: product for product in _products_where(session, shop_id, col(EmbeddedProductRow.sku), skus)}


def products_by_ean(session: Session, shop_id: str, *, eans: Sequence[str]) -> dict[str, list[Product]]:
    """Return the products that have exactly these EANs, by SKU; one EAN may be on several."""
    found: dict[str, list[Product]] = {}
    asked = [ean for ean in eans if ean]
    for product in sorted(
        _products_where(session, shop_id, col(EmbeddedProductRow.ean), asked), key=lambda each: each.sku
    ):
        found.setdefault(product.ean, []).append(product)
    return found


def _products_where(session: Session, shop_id: str, column: Any, identifiers: Sequence[str]) -> Iterator[Product]:
    asked = list(dict.fromkeys(identifiers))
    for start in range(0, len(asked), MOST_SKUS):
        rows = session.execute(
            _PRODUCTS.where(col(EmbeddedProductRow.shop_id) == shop_id, column.in_(asked[start : start + MOST_SKUS]))
        )
        yield from map(_product, rows)


def product_count(session: Session, shop_id: str) -> int:
    """Return how many products the shop has."""
    return session.exec(
        select(sa.func.count()).select_from(EmbeddedProductRow).where(EmbeddedProductRow.shop_id == shop_id)
    ).one()


def products_after(session: Session, shop_id: str, *, sku: str = "", limit: int = 500) -> list[Product]:
    """Return the products that follow a SKU, in the database's order of SKUs."""
    rows = session.execute(
        _PRODUCTS.where(col(EmbeddedProductRow.shop_id) == shop_id, col(EmbeddedProductRow.sku) > sku)
        .order_by(col(EmbeddedProductRow.sku))
        .limit(limit)
    )
    return [_product(row) for row in rows]


def save_products(session: Session, shop_id: str, *, products: Sequence[Product], now: datetime) -> Saved:
    """Add products and overwrite those that differ; what is equal already is not touched. Each SKU comes once."""
    known = products_by_sku(session, shop_id, skus=[product.sku for product in products])
    # Orders take stock in the order of SKUs too: two transactions never wait for each other.
    news = sorted((each for each in products if known.get(each.sku) != each), key=lambda product: product.sku)
    if news:
        session.execute(_upsert(session), [_product_values(shop_id, product, now) for product in news])
    added = sum(product.sku not in known for product in news)
    return Saved(added=added, changed=len(news) - added, unchanged=len(products) - len(news))


def move_stock(session: Session, shop_id: str, units: Counter[str], *, now: datetime) -> None:
    """Add units to products, or take them when there are less than none."""
    # Always in the order of SKUs: two orders that share products never wait for each other.
    for sku, moved in sorted(units.items()):
        session.execute(_MOVE, {"shop": shop_id, "product": sku, "moved": moved, "moved_at": now})


def _upsert(session: Session) -> sa.Executable:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(_TABLE)
    keys = {"shop_id", "sku"}
    return statement.on_conflict_do_update(
        index_elements=sorted(keys),
        set_={column.name: statement.excluded[column.name] for column in _TABLE.columns if column.name not in keys},
    )


def _product_values(shop_id: str, product: Product, now: datetime) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "sku": product.sku,
        "title": product.title,
        "ean": product.ean,
        "price": amount_text(product.price),
        "quantity": product.quantity,
        "updated_at": now,
    }


def _product(row: sa.Row[tuple[str, str, str, str, int]]) -> Product:
    return Product(sku=row.sku, title=row.title, ean=row.ean, price=Decimal(row.price), quantity=row.quantity)


def amount_text(amount: Decimal) -> str:
    # Never 1E+2, and no digit lost: text is the only column type in which SQLite keeps a decimal as it is.
    return format(amount, "f")
