"""The secret's canary, shops and accounts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.store.tables.columns import json, moment


class Canary(SQLModel, table=True):
    """One row that tells whether SECRET_KEY is still the one that encrypted this database."""

    __tablename__ = "canary"

    id: int = Field(primary_key=True)
    fingerprint: str
    rotated_at: datetime | None = moment(default=None)


class ShopRow(SQLModel, table=True):
    __tablename__ = "shops"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    kind: str
    config: bytes | None = None
    created_at: datetime = moment()


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
    settings: dict[str, Any] = json()
    seller_key: str | None = None
    # Whose orders it reads: merchant, marketplace, or both.
    fulfilments: list[str] = json()
    token_generation: int = 1
    token_rotated_at: datetime | None = moment(default=None)
    created_at: datetime = moment()
    removed_at: datetime | None = moment(default=None)
