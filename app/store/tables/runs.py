"""Runs, what they say about each order, leases, and how far reading has come."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.store.tables.columns import json, moment, text


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
    request: dict[str, Any] = json()
    dry_run: bool = False
    one_off: bool = False
    slot: str | None = None
    status: str = "queued"
    cause: str | None = None
    continues: str | None = None
    lease_key: str
    attempt: int = 0
    trigger: str = "hit"
    created_at: datetime = moment()
    started_at: datetime | None = moment(default=None)
    finished_at: datetime | None = moment(default=None)
    resume_at: datetime | None = moment(default=None)
    window: dict[str, Any] | None = json(default=None, nullable=True)
    quota: dict[str, Any] | None = json(default=None, nullable=True)
    counts: dict[str, Any] | None = json(default=None, nullable=True)
    last_run_id: str | None = None
    released_by: str | None = None


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
    params: dict[str, Any] = json(default_factory=dict)
    since: datetime | None = moment(default=None)
    deadline: datetime | None = moment(default=None)


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
    moment: datetime = moment()


class PassRow(SQLModel, table=True):
    """How far the current pass of one kind has read; it outlives the runs that work on it."""

    __tablename__ = "passes"

    account_id: str = Field(primary_key=True, foreign_key="accounts.id")
    task: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    combination: str
    window_from: datetime = moment()
    born_at: datetime = moment()
    resume: str | None = text(default=None)
    remote_now: datetime | None = moment(default=None)
    seen_until: datetime | None = moment(default=None)
    read_whole: bool = False
