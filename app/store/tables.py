"""The tables. `table=True` validates nothing: whoever writes a row has validated it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.store.types import UtcDateTime

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata


def _moment(**options: Any) -> Any:
    return Field(sa_type=UtcDateTime, **options)


def _json(**options: Any) -> Any:
    return Field(sa_type=sa.JSON, **options)


def _text(**options: Any) -> Any:
    return Field(sa_type=sa.Text, **options)


class Canary(SQLModel, table=True):
    """One row that tells whether SECRET_KEY is still the one that encrypted this database."""

    __tablename__ = "canary"

    id: int = Field(primary_key=True)
    fingerprint: str
    rotated_at: datetime | None = _moment(default=None)


class ShopRow(SQLModel, table=True):
    __tablename__ = "shops"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    kind: str
    config: bytes | None = None
    created_at: datetime = _moment()


class AccountRow(SQLModel, table=True):
    """One seller account. Removing it is soft: its ledger stays, its name may be used again, its tokens die."""

    __tablename__ = "accounts"
    __table_args__ = (
        sa.Index(
            "uq_accounts_name",
            "name",
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    name: str
    platform: str
    shop_id: str = Field(foreign_key="shops.id", index=True)
    config: bytes
    settings: dict[str, Any] = _json()
    seller_key: str | None = None
    token_generation: int = 1
    token_rotated_at: datetime | None = _moment(default=None)
    created_at: datetime = _moment()
    removed_at: datetime | None = _moment(default=None)


class RunRow(SQLModel, table=True):
    """One execution of one task for one account: it has a row before it has an effect."""

    __tablename__ = "runs"
    __table_args__ = (
        sa.Index(
            "uq_runs_active",
            "account_id",
            "task",
            "combination",
            unique=True,
            sqlite_where=sa.text("status IN ('queued', 'running')"),
            postgresql_where=sa.text("status IN ('queued', 'running')"),
        ),
        sa.Index(
            "uq_runs_slot",
            "account_id",
            "task",
            "combination",
            "slot",
            unique=True,
            sqlite_where=sa.text("slot IS NOT NULL AND status <> 'failed'"),
            postgresql_where=sa.text("slot IS NOT NULL AND status <> 'failed'"),
        ),
        sa.Index("ix_runs_account_task", "account_id", "task", "id"),
        sa.Index("ix_runs_status", "status", "resume_at"),
    )

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="accounts.id")
    task: str
    combination: str
    asked: dict[str, Any] = _json()
    dry_run: bool = False
    slot: str | None = None
    status: str = "queued"
    cause: str | None = None
    continues: str | None = None
    lease_key: str
    attempt: int = 0
    trigger: str = "hit"
    created_at: datetime = _moment()
    started_at: datetime | None = _moment(default=None)
    finished_at: datetime | None = _moment(default=None)
    resume_at: datetime | None = _moment(default=None)
    window: dict[str, Any] | None = _json(default=None, nullable=True)
    quota: dict[str, Any] | None = _json(default=None, nullable=True)
    counts: dict[str, Any] | None = _json(default=None, nullable=True)
    last_run_id: str | None = None


class RunItemRow(SQLModel, table=True):
    """What one run found or did for one order, or (subject `#CODE`) said about itself."""

    __tablename__ = "run_items"

    run_id: str = Field(primary_key=True, foreign_key="runs.id", ondelete="CASCADE")
    subject: str = Field(primary_key=True)
    outcome: str = ""
    seen: bool = False
    catch_up: bool = False
    code: str = ""
    sku: str = ""
    params: dict[str, Any] = _json(default_factory=dict)
    since: datetime | None = _moment(default=None)
    deadline: datetime | None = _moment(default=None)


class LeaseRow(SQLModel, table=True):
    """Who may act for a key, until when (real time), and how often the key changed hands."""

    __tablename__ = "leases"

    key: str = Field(primary_key=True)
    owner: str | None = None
    epoch: int = 0
    expires_at: float = 0.0


class CursorRow(SQLModel, table=True):
    __tablename__ = "cursors"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    task: str = Field(primary_key=True)
    moment: datetime = _moment()


class PassRow(SQLModel, table=True):
    """How far the current pass of one kind has read; it outlives the runs that work on it."""

    __tablename__ = "passes"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    task: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    combination: str
    window_from: datetime = _moment()
    born_at: datetime = _moment()
    resume: str | None = _text(default=None)
    remote_now: datetime | None = _moment(default=None)
    read_whole: bool = False


class OrderRow(SQLModel, table=True):
    """The ledger: one row per marketplace order ever seen."""

    __tablename__ = "ledger"
    __table_args__ = (
        sa.UniqueConstraint("platform", "seller_key", "order_id"),
        sa.Index("ix_ledger_account_intake", "account_id", "intake", "id"),
        sa.Index("ix_ledger_account_decision", "account_id", "decision", "id"),
        sa.Index("ix_ledger_shop_intake", "shop_id", "intake"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: str = Field(foreign_key="accounts.id")
    shop_id: str = Field(foreign_key="shops.id")
    platform: str
    seller_key: str
    order_id: str
    version: int = 1

    intake: str
    code: str = ""
    params: dict[str, Any] = _json(default_factory=dict)
    intake_since: datetime = _moment()
    next_try_at: datetime | None = _moment(default=None)
    tries: int = 0
    due_by: str = ""

    decision: str = "none"
    decision_code: str = ""
    decision_sent_at: float | None = None

    remote_state: str
    remote_word: str
    fulfilment: str
    channel: str = ""
    currency: str
    total: str
    postcode: str = ""
    placed_at: datetime = _moment()
    updated_at: datetime | None = _moment(default=None)
    accept_by: datetime | None = _moment(default=None)
    ship_by: datetime | None = _moment(default=None)
    first_seen_at: datetime = _moment()
    read_at: datetime = _moment()
    payload: bytes | None = None

    steps: dict[str, Any] = _json(default_factory=dict)
    sent_at: float | None = None
    shop_ref: str | None = None
    imported_at: datetime | None = _moment(default=None)
    imported_run: str | None = None


class OrderLineRow(SQLModel, table=True):
    __tablename__ = "ledger_lines"
    __table_args__ = (sa.Index("ix_ledger_lines_sku", "sku"),)

    ledger_id: int = Field(primary_key=True, foreign_key="ledger.id", ondelete="CASCADE")
    line_id: str = Field(primary_key=True)
    unit_ids: list[str] = _json(default_factory=list)
    sku: str
    quantity: int
    quantity_open: int


class HistoryRow(SQLModel, table=True):
    """Every change of a ledger row's machines."""

    __tablename__ = "ledger_history"
    __table_args__ = (sa.Index("ix_ledger_history_ledger_id", "ledger_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    ledger_id: int = Field(foreign_key="ledger.id", ondelete="CASCADE")
    at: datetime = _moment()
    machine: str
    before: str
    after: str
    code: str = ""
    by: str = ""


class Quota(SQLModel, table=True):
    """A token bucket in one number (business epoch seconds)."""

    __tablename__ = "quotas"

    scope: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    tat: float
    interval_s: float
    burst: float
    spacing_s: float = 0.0
    blocked_until: float = 0.0
    learned: bool = False
    wait: float = 0.0


class ReferenceCacheRow(SQLModel, table=True):
    """What a marketplace or shop lets us ask once a day."""

    __tablename__ = "reference_cache"

    scope: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    text: str = _text()
    expires_at: float


class EmbeddedProductRow(SQLModel, table=True):
    __tablename__ = "embedded_products"

    shop_id: str = Field(primary_key=True, foreign_key="shops.id")
    sku: str = Field(primary_key=True)
    title: str
    ean: str = ""
    price: str
    quantity: int
    updated_at: datetime = _moment()


class EmbeddedCustomerRow(SQLModel, table=True):
    __tablename__ = "embedded_customers"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: str = Field(foreign_key="shops.id", index=True)
    person: bytes
    created_at: datetime = _moment()


class EmbeddedOrderRow(SQLModel, table=True):
    __tablename__ = "embedded_orders"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "key"),
        sa.Index("ix_embedded_orders_shop_id_id", "shop_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
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
    placed_at: datetime = _moment()
    created_at: datetime = _moment()
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
