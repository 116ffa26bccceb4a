"""The questions of the shop that lives in our own database: its products, its orders, and the stock between them.

People and addresses come in sealed and go out sealed: nothing here can read them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.store.tables import EmbeddedCustomerRow, EmbeddedOrderLineRow, EmbeddedOrderRow, EmbeddedProductRow, metadata

OrderState = Literal["paid", "shipped", "cancelled"]
Cancelled = Literal["cancelled", "already_cancelled", "already_shipped"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line as it was ordered; `sku` is the marketplace's word, `product_sku` the product whose stock it takes."""

    line_id: str
    sku: str
    product_sku: str
    title: str
    quantity: int
    unit_price: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderContent:
    """Everything an order is made of; `person` and `addresses` are sealed."""

    shop_id: str
    key: str
    platform: str
    marketplace_order_id: str
    state: OrderState
    currency: str
    total: Decimal
    shipping_method: str
    placed_at: datetime
    created_at: datetime
    lowers_stock: bool
    lines: tuple[OrderLine, ...]
    person: bytes = field(repr=False)
    addresses: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order that stands in the shop."""

    id: int
    content: OrderContent


@dataclass(frozen=True, slots=True)
class MissingProducts:
    """The products an order needs and the shop does not have; nothing was made."""

    skus: tuple[str, ...]


def products_by_sku(session: Session, shop_id: str, *, skus: Sequence[str]) -> dict[str, Product]:
    """Return the products that bear exactly these SKUs."""
    found: dict[str, Product] = {}
    asked = list(dict.fromkeys(skus))
    for start in range(0, len(asked), MOST_SKUS):
        rows = session.execute(
            _PRODUCTS.where(
                col(EmbeddedProductRow.shop_id) == shop_id,
                col(EmbeddedProductRow.sku).in_(asked[start : start + MOST_SKUS]),
            )
        )
        found.update((row.sku, _product(row)) for row in rows)
    return found


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


def order_by_key(session: Session, shop_id: str, *, key: str) -> StoredOrder | None:
    """Return the order that bears this key."""
    return next(iter(_orders(session, EmbeddedOrderRow.shop_id == shop_id, EmbeddedOrderRow.key == key)), None)


def orders_after(session: Session, shop_id: str, *, order_id: int = 0, limit: int = 500) -> list[StoredOrder]:
    """Return the orders that follow an order, oldest first."""
    return _orders(session, EmbeddedOrderRow.shop_id == shop_id, col(EmbeddedOrderRow.id) > order_id, limit=limit)


def create_order(session: Session, content: OrderContent) -> StoredOrder | MissingProducts:
    """Create an order with its customer and take its pieces from stock, which may go below zero.

    All or nothing, and once for a key: where the key has an order, that one is returned and nothing changes.
    """
    made = order_by_key(session, content.shop_id, key=content.key)
    if made is not None:
        return made
    wanted = [line.product_sku for line in content.lines]
    known = products_by_sku(session, content.shop_id, skus=wanted)
    missing = tuple(dict.fromkeys(sku for sku in wanted if sku not in known))
    if missing:
        return MissingProducts(missing)
    try:
        with session.begin_nested():
            _insert(session, content)
            if content.lowers_stock:
                _move_stock(session, content.shop_id, _pieces(content.lines, sign=-1), now=content.created_at)
    except IntegrityError:
        # Another worker made this order since we looked: the savepoint took our customer back, that order counts.
        made = order_by_key(session, content.shop_id, key=content.key)
        if made is None:
            raise
        return made
    session.expire_all()
    made = order_by_key(session, content.shop_id, key=content.key)
    assert made is not None, "written in this transaction"
    return made


def cancel_order(session: Session, shop_id: str, *, order_id: int, now: datetime) -> Cancelled | None:
    """Cancel an order and give back the pieces it took; None when the shop has no such order."""
    row = session.exec(
        select(EmbeddedOrderRow)
        .where(EmbeddedOrderRow.shop_id == shop_id, EmbeddedOrderRow.id == order_id)
        .with_for_update()
    ).first()
    if row is None:
        return None
    if row.state == "cancelled":
        return "already_cancelled"
    if row.state == "shipped":
        return "already_shipped"
    if row.stock_lowered:
        lines = _lines(session, [order_id]).get(order_id, [])
        _move_stock(session, shop_id, _pieces(lines, sign=1), now=now)
    row.state = "cancelled"
    session.flush()
    return "cancelled"


def _orders(session: Session, *conditions: Any, limit: int = 1) -> list[StoredOrder]:
    rows = session.exec(
        select(EmbeddedOrderRow, EmbeddedCustomerRow)
        .join(EmbeddedCustomerRow, col(EmbeddedCustomerRow.id) == col(EmbeddedOrderRow.customer_id))
        .where(*conditions)
        .order_by(col(EmbeddedOrderRow.id))
        .limit(limit)
    ).all()
    lines = _lines(session, [_made_id(order.id) for order, _ in rows])
    return [_stored(order, customer, lines.get(_made_id(order.id), [])) for order, customer in rows]


def _lines(session: Session, order_ids: Sequence[int]) -> dict[int, list[OrderLine]]:
    if not order_ids:
        return {}
    rows = session.exec(
        select(EmbeddedOrderLineRow)
        .where(col(EmbeddedOrderLineRow.order_id).in_(order_ids))
        .order_by(col(EmbeddedOrderLineRow.order_id), col(EmbeddedOrderLineRow.position))
    )
    lines: dict[int, list[OrderLine]] = {}
    for row in rows:
        lines.setdefault(row.order_id, []).append(
            OrderLine(
                line_id=row.line_id,
                sku=row.sku,
                product_sku=row.product_sku,
                title=row.title,
                quantity=row.quantity,
                unit_price=Decimal(row.unit_price),
                total=Decimal(row.total),
            )
        )
    return lines


def _stored(row: EmbeddedOrderRow, customer: EmbeddedCustomerRow, lines: Sequence[OrderLine]) -> StoredOrder:
    content = OrderContent(
        shop_id=row.shop_id,
        key=row.key,
        platform=row.platform,
        marketplace_order_id=row.marketplace_order_id,
        state=_STATES[row.state],
        currency=row.currency,
        total=Decimal(row.total),
        shipping_method=row.shipping_method,
        placed_at=row.placed_at,
        created_at=row.created_at,
        lowers_stock=row.stock_lowered,
        lines=tuple(lines),
        person=customer.person,
        addresses=row.addresses,
    )
    return StoredOrder(_made_id(row.id), content)


def _insert(session: Session, content: OrderContent) -> None:
    customer = EmbeddedCustomerRow(shop_id=content.shop_id, person=content.person, created_at=content.created_at)
    session.add(customer)
    session.flush()
    order = EmbeddedOrderRow(
        shop_id=content.shop_id,
        key=content.key,
        platform=content.platform,
        marketplace_order_id=content.marketplace_order_id,
        state=content.state,
        currency=content.currency,
        total=_amount_text(content.total),
        shipping_method=content.shipping_method,
        customer_id=_made_id(customer.id),
        addresses=content.addresses,
        placed_at=content.placed_at,
        created_at=content.created_at,
        stock_lowered=content.lowers_stock,
    )
    session.add(order)
    session.flush()
    order_id = _made_id(order.id)
    session.add_all(_line_row(order_id, position, line) for position, line in enumerate(content.lines))
    session.flush()


def _line_row(order_id: int, position: int, line: OrderLine) -> EmbeddedOrderLineRow:
    return EmbeddedOrderLineRow(
        order_id=order_id,
        position=position,
        line_id=line.line_id,
        sku=line.sku,
        product_sku=line.product_sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=_amount_text(line.unit_price),
        total=_amount_text(line.total),
    )


def _pieces(lines: Sequence[OrderLine], *, sign: Literal[-1, 1]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.product_sku] += sign * line.quantity
    return pieces


def _move_stock(session: Session, shop_id: str, pieces: Counter[str], *, now: datetime) -> None:
    # Always in the order of SKUs: two orders that share products never wait for each other.
    for sku, moved in sorted(pieces.items()):
        session.execute(
            sa.update(EmbeddedProductRow)
            .where(col(EmbeddedProductRow.shop_id) == shop_id, col(EmbeddedProductRow.sku) == sku)
            .values(quantity=col(EmbeddedProductRow.quantity) + moved, updated_at=now)
            .execution_options(synchronize_session=False)
        )


def _upsert(session: Session) -> sa.Executable:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    table = metadata.tables[str(EmbeddedProductRow.__tablename__)]
    statement = insert(table)
    keys = {"shop_id", "sku"}
    return statement.on_conflict_do_update(
        index_elements=sorted(keys),
        set_={column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys},
    )


def _product_values(shop_id: str, product: Product, now: datetime) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "sku": product.sku,
        "title": product.title,
        "ean": product.ean,
        "price": _amount_text(product.price),
        "quantity": product.quantity,
        "updated_at": now,
    }


def _product(row: sa.Row[tuple[str, str, str, str, int]]) -> Product:
    return Product(sku=row.sku, title=row.title, ean=row.ean, price=Decimal(row.price), quantity=row.quantity)


def _amount_text(amount: Decimal) -> str:
    # Never 1E+2, and no digit lost: text is the only column type in which SQLite keeps a decimal as it is.
    return format(amount, "f")


def _made_id(made: int | None) -> int:
    assert made is not None, "the row was flushed or read"
    return made


_STATES: dict[str, OrderState] = {"paid": "paid", "shipped": "shipped", "cancelled": "cancelled"}
