"""The embedded shop."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.store.tables.columns import json, moment, number


class EmbeddedProductRow(SQLModel, table=True):
    __tablename__ = "embedded_products"

    shop_id: str = Field(primary_key=True, foreign_key="shops.id")
    sku: str = Field(primary_key=True)
    title: str
    ean: str = ""
    price: str
    quantity: int
    updated_at: datetime = moment()


class EmbeddedCustomerRow(SQLModel, table=True):
    __tablename__ = "embedded_customers"

    id: int = number()
    shop_id: str = Field(foreign_key="shops.id", index=True)
    person: bytes
    created_at: datetime = moment()


class EmbeddedOrderRow(SQLModel, table=True):
    __tablename__ = "embedded_orders"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "key"),
        sa.Index("ix_embedded_orders_shop_id_id", "shop_id", "id"),
        # The ledger remembers orders by number: SQLite must not give that of a deleted one to the next.
        {"sqlite_autoincrement": True},
    )

    id: int = number()
    shop_id: str = Field(foreign_key="shops.id")
    key: str
    platform: str
    marketplace_order_id: str
    state: str
    currency: str
    total: str
    shipping_method: str = ""
    customer_id: int = Field(foreign_key="embedded_customers.id")
    addresses: bytes
    placed_at: datetime = moment()
    created_at: datetime = moment()
    stock_lowered: bool = True


class EmbeddedOrderLineRow(SQLModel, table=True):
    __tablename__ = "embedded_order_lines"

    order_id: int = Field(primary_key=True, foreign_key="embedded_orders.id", ondelete="CASCADE")
    # A marketplace's line ids need not be unique, nor sort the way the buyer saw the lines.
    position: int = Field(primary_key=True)
    line_id: str
    sku: str
    product_sku: str
    title: str
    quantity: int
    unit_price: str
    total: str


class EmbeddedShipmentRow(SQLModel, table=True):
    """A parcel; `units` by the SKU that was ordered, None for all that was still open."""

    __tablename__ = "embedded_shipments"

    order_id: int = Field(primary_key=True, foreign_key="embedded_orders.id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True)
    carrier: str = ""
    number: str = ""
    url: str = ""
    shipped_at: datetime = moment()
    units: dict[str, int] | None = json(default=None, nullable=True)
