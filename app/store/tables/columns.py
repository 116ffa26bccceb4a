"""How columns are declared, and how constraints are named."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.store.types import MessageParams, UtcDateTime

# Before the first table: the names of constraints are part of the migrations.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def number() -> Any:
    """Return a primary key that the database counts: a row has it from its first flush on."""
    return Field(default=None, primary_key=True)


def moment(**options: Any) -> Any:
    return Field(sa_type=UtcDateTime, **options)


def json(**options: Any) -> Any:
    return Field(sa_type=sa.JSON, **options)


def message_params(**options: Any) -> Any:
    return Field(sa_type=MessageParams, **options)


def text(**options: Any) -> Any:
    return Field(sa_type=sa.Text, **options)
