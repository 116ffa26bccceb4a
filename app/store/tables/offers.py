"""Offers at the marketplaces, and the batches that change them."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.domain.message import Param
from app.store.tables.columns import message_params, moment, number, text


class OfferRow(SQLModel, table=True):
    """One SKU at the marketplace as we know it, and what the shop wants it to be."""

    __tablename__ = "offers"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    sku: str = Field(primary_key=True)
    fulfilment: str
    known_quantity: int
    known_price: str
    other_prices: str = text(default="")
    wanted_quantity: int | None = None
    wanted_price: str | None = None
    listed_at: datetime = moment()
    walked_by: str = ""
    sent_quantity: int | None = None
    sent_price: str | None = None
    stock_receipt: int | None = None
    price_receipt: int | None = None
    refused_stock: str | None = None
    refused_price: str | None = None
    refused_params: Mapping[str, Param] = message_params(default_factory=dict)


class ReceiptRow(SQLModel, table=True):
    """A batch of offers: written down before it is sent, asked about until its results are read."""

    __tablename__ = "receipts"
    __table_args__ = (sa.Index("ix_receipts_account_id_state", "account_id", "state", "id"),)

    id: int = number()
    account_id: str = Field(foreign_key="accounts.id")
    kind: str
    state: str
    remote_id: str | None = None
    lines: int
    run_id: str
    created_at: datetime = moment()
