"""The shared buckets of `transport.quotas`, one row each, and the kept reference lists.

A token is taken, or the wait returned, by one statement: two processes can't take the same one, and a restart forgets
nothing. Times are business time in epoch seconds.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.store import tables
from app.store.engine import Store
from app.transport.quotas import Quota

Number = sa.ColumnElement[float]

_QUOTAS: sa.Table = tables.Quota.__table__  # type: ignore[attr-defined]
_REFERENCES: sa.Table = tables.ReferenceCacheRow.__table__  # type: ignore[attr-defined]


def take_token(
    session: Session, *, scope: str, operation: str, quota: Quota, reserve: int, now: float, max_wait: float
) -> float:
    """Return the seconds to wait before the call; up to `max_wait` a token was taken.

    A row that follows the configuration takes a changed interval over; a learned one keeps its own. What is owed stays
    the same number of tokens.
    """
    room = quota.room(reserve)
    first_wait = max(0.0, quota.interval_s * (1 - room) + quota.margin_s)
    first_taken = first_wait <= max_wait
    given = {
        "the_scope": scope,
        "the_operation": operation,
        "the_interval": quota.interval_s,
        "the_burst": float(quota.burst),
        "the_spacing": quota.spacing_s,
        "the_margin": quota.margin_s,
        "the_room": float(room),
        "the_now": now,
        "most_wait": max_wait,
        "first_wait": first_wait,
        "first_tat": now + quota.interval_s if first_taken else now,
        "first_block": now + first_wait + quota.spacing_s if first_taken and quota.spacing_s else 0.0,
    }
    return float(session.execute(_take(_dialect(session)), given).scalar_one())


@cache
def _take(dialect: str) -> sa.Executable:
    """Return the statement of `take_token`; built once, since every call asks it."""
    row, given = _QUOTAS.c, _given
    interval = sa.case((row.learned, row.interval_s), else_=given("the_interval"))
    debt = _most(dialect, _number(0.0), row.tat - given("the_now")) * interval / row.interval_s
    blocked = _most(dialect, _number(0.0), row.blocked_until - given("the_now"))
    wait = _most(dialect, debt + interval * (1 - given("the_room")) + given("the_margin"), blocked)
    taken = wait <= given("most_wait")
    taken_at = given("the_now") + _most(dialect, debt, blocked) + interval
    next_at = given("the_now") + wait + given("the_spacing")
    statement: sa.Executable = (
        _insert(dialect, _QUOTAS)
        .values(
            scope=sa.bindparam("the_scope"),
            operation=sa.bindparam("the_operation"),
            tat=given("first_tat"),
            interval_s=given("the_interval"),
            burst=given("the_burst"),
            spacing_s=given("the_spacing"),
            blocked_until=given("first_block"),
            learned=False,
            wait=given("first_wait"),
        )
        .on_conflict_do_update(
            index_elements=[row.scope, row.operation],
            set_={
                "wait": wait,
                "tat": sa.case((taken, taken_at), (interval == row.interval_s, row.tat), else_=given("the_now") + debt),
                "interval_s": interval,
                "burst": given("the_burst"),
                "spacing_s": given("the_spacing"),
                "blocked_until": sa.case((sa.and_(taken, given("the_spacing") > 0), next_at), else_=row.blocked_until),
            },
        )
        .returning(row.wait)
    )
    return statement


def block_quota(session: Session, *, scope: str, operation: str, quota: Quota, until: float) -> None:
    """Let no call pass before that moment, or before a later one that is noted already."""
    row = _QUOTAS.c
    session.execute(
        _insert(_dialect(session), _QUOTAS)
        .values(**{**_full(scope, operation, quota), "blocked_until": until})
        .on_conflict_do_update(
            index_elements=[row.scope, row.operation],
            set_={"blocked_until": _most(_dialect(session), row.blocked_until, _number(until))},
        )
    )


def learn_interval(
    session: Session, *, scope: str, operation: str, quota: Quota, interval_s: float, now: float
) -> None:
    """Use the interval the remote side named from now on."""
    row = _QUOTAS.c
    session.execute(
        _insert(_dialect(session), _QUOTAS)
        .values(**{**_full(scope, operation, quota), "interval_s": interval_s, "learned": True})
        .on_conflict_do_update(
            index_elements=[row.scope, row.operation],
            set_={
                "tat": now + _most(_dialect(session), _number(0.0), row.tat - now) * interval_s / row.interval_s,
                "interval_s": interval_s,
                "learned": True,
            },
        )
    )


def reported_interval(session: Session, *, scope: str, operation: str) -> float | None:
    """Return the seconds between two calls that the remote side named; None where it named none."""
    row = _QUOTAS.c
    return session.scalar(sa.select(row.interval_s).where(row.scope == scope, row.operation == operation, row.learned))


def reference(session: Session, *, scope: str, name: str, now: float) -> str | None:
    """Return a kept text whose time is not over."""
    row = _REFERENCES.c
    return session.scalar(sa.select(row.text).where(row.scope == scope, row.name == name, row.expires_at > now))


def keep_reference(session: Session, *, scope: str, name: str, text: str, expires_at: float) -> None:
    """Keep a text in place of an older one."""
    row = _REFERENCES.c
    session.execute(
        _insert(_dialect(session), _REFERENCES)
        .values(scope=scope, name=name, text=text, expires_at=expires_at)
        .on_conflict_do_update(index_elements=[row.scope, row.name], set_={"text": text, "expires_at": expires_at})
    )


@dataclass(frozen=True, slots=True)
class StoredQuotas:
    """The `QuotaStore` that processes share and restarts keep."""

    store: Store

    async def take(
        self, *, scope: str, operation: str, quota: Quota, reserve: int, now: datetime, max_wait: float
    ) -> float:
        return await self.store.write(
            take_token,
            scope=scope,
            operation=operation,
            quota=quota,
            reserve=reserve,
            now=now.timestamp(),
            max_wait=max_wait,
        )

    async def block(self, *, scope: str, operation: str, quota: Quota, until: datetime) -> None:
        await self.store.write(block_quota, scope=scope, operation=operation, quota=quota, until=until.timestamp())

    async def learn(self, *, scope: str, operation: str, quota: Quota, interval_s: float, now: datetime) -> None:
        await self.store.write(
            learn_interval,
            scope=scope,
            operation=operation,
            quota=quota,
            interval_s=interval_s,
            now=now.timestamp(),
        )

    async def interval(self, *, scope: str, operation: str, quota: Quota) -> float:
        reported = await self.store.read(reported_interval, scope=scope, operation=operation)
        return quota.interval_s if reported is None else reported


@dataclass(frozen=True, slots=True)
class StoredReferences:
    """The `ReferenceCache` that processes share and restarts keep."""

    store: Store

    async def get(self, scope: str, name: str, now: datetime) -> str | None:
        return await self.store.read(reference, scope=scope, name=name, now=now.timestamp())

    async def put(self, scope: str, name: str, text: str, expires_at: datetime) -> None:
        await self.store.write(keep_reference, scope=scope, name=name, text=text, expires_at=expires_at.timestamp())


def _full(scope: str, operation: str, quota: Quota) -> dict[str, Any]:
    return {
        "scope": scope,
        "operation": operation,
        "tat": 0.0,
        "interval_s": quota.interval_s,
        "burst": float(quota.burst),
        "spacing_s": quota.spacing_s,
        "learned": False,
        "wait": 0.0,
        "blocked_until": 0.0,
    }


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _insert(dialect: str, table: sa.Table) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


def _most(dialect: str, *values: Number) -> Number:
    return sa.Function("max" if dialect == "sqlite" else "greatest", *values, type_=sa.Float())


def _number(value: float) -> Number:
    return sa.literal(value, sa.Float())


def _given(name: str) -> Number:
    return sa.bindparam(name, type_=sa.Float())
