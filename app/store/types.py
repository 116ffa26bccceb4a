"""Column types that keep what SQLite and JSON would lose."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from app.domain.message import Param, from_json, to_json


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class MessageParams(sa.TypeDecorator[Mapping[str, Param]]):
    """The parameters of a message, as JSON."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Param] | None, dialect: Dialect) -> Any:
        return None if value is None else to_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Mapping[str, Param] | None:
        return None if value is None else from_json(value)
