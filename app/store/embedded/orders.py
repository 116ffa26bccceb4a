"""The embedded shop's orders: made once for a key, cancelled once, and never with a number that another one had."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.store.embedded.products import amount_text, move_stock, products_by_sku
from app.store.tables import EmbeddedCustomerRow, EmbeddedOrderLineRow, EmbeddedOrderRow, table_of
from app.store.tables.embedded import EmbeddedShipmentRow

OrderState = Literal["paid", "shipped", "cancelled"]
Cancelled = Literal["cancelled", "already_cancelled", "already_shipped"]

# The largest whole number of the databases' INTEGER.
_LARGEST_ID = 2**31 - 1

# Statements of tables, not of objects, and built once: an import asks them for every order.
_CUSTOMERS = table_of(EmbeddedCustomerRow)
_ORDERS = table_of(EmbeddedOrderRow)
_LINES = table_of(EmbeddedOrderLineRow)
_STORED = (
    sa.select(_ORDERS, _CUSTOMERS.c.person)
    .join_from(_ORDERS, _CUSTOMERS, _CUSTOMERS.c.id == _ORDERS.c.customer_id)
    .order_by(_ORDERS.c.id)
)
_BY_KEY = _STORED.where(
    _ORDERS.c.shop_id == sa.bindparam("shop"), _ORDERS.c.key.in_(sa.bindparam("the_keys", expanding=True))
)
_ADD_CUSTOMER = sa.insert(_CUSTOMERS).returning(_CUSTOMERS.c.id)
_ADD_ORDER = sa.insert(_ORDERS).returning(_ORDERS.c.id)
_ADD_LINES = sa.insert(_LINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line as it was ordered; `sku` is the marketplace's, `product_sku` the product whose stock it takes."""

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


def order_by_key(session: Session, shop_id: str, *, key: str) -> StoredOrder | None:
    """Return the order that has this key."""
    return next(iter(orders_by_key(session, shop_id, keys=[key])), None)


def orders_by_key(session: Session, shop_id: str, *, keys: Sequence[str]) -> list[StoredOrder]:
    """Return the orders that have these keys."""
    return _stored_orders(session, _BY_KEY, {"shop": shop_id, "the_keys": list(keys)})


def orders_after(session: Session, shop_id: str, *, order_id: int = 0, limit: int = 500) -> list[StoredOrder]:
    """Return the orders that follow an order, oldest first."""
    return _stored_orders(session, _STORED.where(_ORDERS.c.shop_id == shop_id, _ORDERS.c.id > order_id).limit(limit))


def orders_since(
    session: Session, shop_id: str, *, key_prefix: str, since: datetime, order_id: int = 0, limit: int = 500
) -> list[StoredOrder]:
    """Return the orders made since then whose key begins so and that follow an order, oldest first."""
    wanted = _STORED.where(
        _ORDERS.c.shop_id == shop_id,
        _ORDERS.c.id > order_id,
        _ORDERS.c.created_at >= since,
        # Not LIKE: SQLite's takes capitals and small letters for the same.
        sa.func.substr(_ORDERS.c.key, 1, len(key_prefix)) == key_prefix,
    )
    return _stored_orders(session, wanted.limit(limit))


def orders_named(session: Session, shop_id: str, *, name: str) -> list[StoredOrder]:
    """Return the orders a person may mean by a name: our number, the marketplace's, or the key; at most five."""
    names = [_ORDERS.c.marketplace_order_id == name, _ORDERS.c.key == name]
    order_id = id_of(name)
    if order_id is not None:
        names.append(_ORDERS.c.id == order_id)
    return _stored_orders(session, _STORED.where(_ORDERS.c.shop_id == shop_id, sa.or_(*names)).limit(5))


def id_of(name: str) -> int | None:
    """Return the number of an order that is written so, None for what is no number of an order."""
    if not (name.isascii() and name.isdigit() and len(name) <= len(str(_LARGEST_ID))):
        return None
    order_id = int(name)
    return order_id if str(order_id) == name and order_id <= _LARGEST_ID else None


def create_order(session: Session, content: OrderContent) -> StoredOrder | MissingProducts:
    """Create an order with its customer and take its units from stock, which may go below zero.

    All or nothing, and once for a key: where the key has an order, that one is returned and nothing changes.
    """
    wanted = [line.product_sku for line in content.lines]
    known = products_by_sku(session, content.shop_id, skus=wanted)
    missing = tuple(dict.fromkeys(sku for sku in wanted if sku not in known))
    if missing:
        # An order that stands already outlives its products.
        return order_by_key(session, content.shop_id, key=content.key) or MissingProducts(missing)
    try:
        with session.begin_nested():
            _insert(session, content)
            if content.lowers_stock:
                move_stock(session, content.shop_id, _units(content.lines, sign=-1), now=content.created_at)
    except IntegrityError:
        # The key has its order, made before or by another worker just now: the savepoint took our customer back.
        made = order_by_key(session, content.shop_id, key=content.key)
        if made is None:
            raise
        return made
    made = order_by_key(session, content.shop_id, key=content.key)
    assert made is not None, "written in this transaction"
    return made


def cancel_order(session: Session, shop_id: str, *, order_id: int, now: datetime) -> Cancelled | None:
    """Cancel an order and give back the units it took; None when the shop has no such order.

    An order of which any parcel left is `already_shipped`: nobody calls a parcel back.
    """
    row = locked_order(session, shop_id, order_id=order_id)
    if row is None:
        return None
    if row.state == "cancelled":
        return "already_cancelled"
    if row.state == "shipped" or _has_parcels(session, order_id):
        return "already_shipped"
    if row.stock_lowered:
        lines = lines_of(session, [order_id]).get(order_id, [])
        move_stock(session, shop_id, _units(lines, sign=1), now=now)
    row.state = "cancelled"
    session.flush()
    return "cancelled"


def delete_order(session: Session, shop_id: str, *, order_id: int) -> bool:
    """Delete an order with its parcels and its customer, and leave stock alone; return whether there was one.

    No other order ever gets its number.
    """
    row = locked_order(session, shop_id, order_id=order_id)
    if row is None:
        return False
    # Lines and parcels go with it.
    session.execute(sa.delete(EmbeddedOrderRow).where(col(EmbeddedOrderRow.id) == order_id))
    session.execute(sa.delete(EmbeddedCustomerRow).where(col(EmbeddedCustomerRow.id) == row.customer_id))
    return True


def locked_order(session: Session, shop_id: str, *, order_id: int) -> EmbeddedOrderRow | None:
    """Return an order that nobody else changes until the end of this transaction."""
    return session.exec(
        select(EmbeddedOrderRow)
        .where(EmbeddedOrderRow.shop_id == shop_id, EmbeddedOrderRow.id == order_id)
        .with_for_update()
    ).first()


def _has_parcels(session: Session, order_id: int) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(col(EmbeddedShipmentRow.order_id) == order_id))))


def lines_of(session: Session, order_ids: Sequence[int]) -> dict[int, list[OrderLine]]:
    """Return the lines of these orders, as they were ordered."""
    if not order_ids:
        return {}
    rows = session.execute(
        sa.select(_LINES).where(_LINES.c.order_id.in_(order_ids)).order_by(_LINES.c.order_id, _LINES.c.position)
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


def _stored_orders(
    session: Session, statement: sa.Select[Any], values: Mapping[str, Any] | None = None
) -> list[StoredOrder]:
    """Return the orders that a statement finds, in its order."""
    rows = session.execute(statement, values).all()
    lines = lines_of(session, [row.id for row in rows])
    return [_stored(row, lines.get(row.id, [])) for row in rows]


def _stored(row: sa.Row[Any], lines: Sequence[OrderLine]) -> StoredOrder:
    content = OrderContent(
        shop_id=row.shop_id,
        key=row.key,
        platform=row.platform,
        marketplace_order_id=row.marketplace_order_id,
        state=STATES[row.state],
        currency=row.currency,
        total=Decimal(row.total),
        shipping_method=row.shipping_method,
        placed_at=row.placed_at,
        created_at=row.created_at,
        lowers_stock=row.stock_lowered,
        lines=tuple(lines),
        person=row.person,
        addresses=row.addresses,
    )
    return StoredOrder(row.id, content)


def _insert(session: Session, content: OrderContent) -> None:
    customer = {"shop_id": content.shop_id, "person": content.person, "created_at": content.created_at}
    customer_id = session.execute(_ADD_CUSTOMER, customer).scalar_one()
    order = {
        "shop_id": content.shop_id,
        "key": content.key,
        "platform": content.platform,
        "marketplace_order_id": content.marketplace_order_id,
        "state": content.state,
        "currency": content.currency,
        "total": amount_text(content.total),
        "shipping_method": content.shipping_method,
        "customer_id": customer_id,
        "addresses": content.addresses,
        "placed_at": content.placed_at,
        "created_at": content.created_at,
        "stock_lowered": content.lowers_stock,
    }
    order_id = session.execute(_ADD_ORDER, order).scalar_one()
    lines = [_line_values(order_id, position, line) for position, line in enumerate(content.lines)]
    if lines:
        session.execute(_ADD_LINES, lines)


def _line_values(order_id: int, position: int, line: OrderLine) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "position": position,
        "line_id": line.line_id,
        "sku": line.sku,
        "product_sku": line.product_sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": amount_text(line.unit_price),
        "total": amount_text(line.total),
    }


def _units(lines: Sequence[OrderLine], *, sign: Literal[-1, 1]) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in lines:
        units[line.product_sku] += sign * line.quantity
    return units


STATES: dict[str, OrderState] = {"paid": "paid", "shipped": "shipped", "cancelled": "cancelled"}
