"""The ledger of orders, their lines, their history, and their parcels."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.store.tables.columns import json, message_params, moment, number


class OrderRow(SQLModel, table=True):
    """The ledger: one row per marketplace order ever seen."""

    __tablename__ = "ledger"
    __table_args__ = (
        sa.UniqueConstraint("platform", "seller_key", "order_id"),
        sa.Index("ix_ledger_account_intake", "account_id", "intake", "id"),
        sa.Index("ix_ledger_account_decision", "account_id", "decision", "id"),
        sa.Index("ix_ledger_shop_intake", "shop_id", "intake"),
    )

    id: int = number()
    account_id: str = Field(foreign_key="accounts.id")
    shop_id: str = Field(foreign_key="shops.id")
    platform: str
    seller_key: str
    order_id: str
    version: int = 1

    intake: str
    code: str = ""
    params: dict[str, Any] = message_params(default_factory=dict)
    intake_since: datetime = moment()
    next_try_at: datetime | None = moment(default=None)
    tries: int = 0
    found_by: str = ""

    decision: str = "none"
    decision_code: str = ""
    decision_sent_at: float | None = None

    remote_state: str
    platform_status: str
    fulfilment: str
    sales_channel: str = ""
    shipping_method: str = ""
    currency: str
    total: str
    postcode: str = ""
    placed_at: datetime = moment()
    updated_at: datetime | None = moment(default=None)
    accept_by: datetime | None = moment(default=None)
    ship_by: datetime | None = moment(default=None)
    first_seen_at: datetime = moment()
    read_at: datetime = moment()
    payload: bytes | None = None

    steps: dict[str, Any] = json(default_factory=dict)
    sent_at: float | None = None
    shop_ref: str | None = None
    imported_at: datetime | None = moment(default=None)
    imported_run: str | None = None


class OrderLineRow(SQLModel, table=True):
    __tablename__ = "ledger_lines"
    __table_args__ = (sa.Index("ix_ledger_lines_sku", "sku"),)

    ledger_id: int = Field(primary_key=True, foreign_key="ledger.id", ondelete="CASCADE")
    line_id: str = Field(primary_key=True)
    unit_ids: list[str] = json(default_factory=list)
    sku: str
    quantity: int
    quantity_open: int


class HistoryRow(SQLModel, table=True):
    """Every change of a ledger row's machines."""

    __tablename__ = "ledger_history"
    __table_args__ = (sa.Index("ix_ledger_history_ledger_id", "ledger_id", "id"),)

    id: int = number()
    ledger_id: int = Field(foreign_key="ledger.id", ondelete="CASCADE")
    at: datetime = moment()
    machine: str
    before: str
    after: str
    code: str = ""
    by: str = ""


class ParcelRow(SQLModel, table=True):
    """A parcel of an order in the ledger: what the shop sent, and how far it is confirmed to the marketplace.

    `unshown_since` is set while the marketplace, which got it then, has not shown it yet: `awaited` is the state that
    it is to show, `status_when_confirmed` its status at that time, `confirm_repeats` how often it was
    confirmed again.
    """

    __tablename__ = "parcels"
    __table_args__ = (
        sa.Index("ix_parcels_state", "state", "next_try_at"),
        sa.Index("ix_parcels_unshown_since", "unshown_since"),
    )

    ledger_id: int = Field(primary_key=True, foreign_key="ledger.id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True)
    shop_id: str
    shipped_at: datetime = moment()
    carrier: str = ""
    number: str = ""
    url: str = ""
    units: dict[str, Any] | None = json(default=None, nullable=True)
    found_at: datetime = moment()
    state: str
    code: str = ""
    params: dict[str, Any] = message_params(default_factory=dict)
    sent_at: float | None = None
    confirmed_number: str | None = None
    unshown_since: datetime | None = moment(default=None)
    status_when_confirmed: str = ""
    awaited: str = ""
    confirm_repeats: int = 0
    next_try_at: datetime | None = moment(default=None)
    tries: int = 0
