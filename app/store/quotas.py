"""The shared buckets of `transport.quotas`, one row each, and the kept reference lists.

A token is taken, or the wait told, by one statement: two processes can't take the same one, and a restart forgets
nothing. Times are business time in epoch seconds.
"""

from dataclasses import dataclass
from datetime import datetime
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
    row = _QUOTAS.c
    room = quota.room(reserve)
    interval = sa.case((row.learned, row.interval_s), else_=_number(quota.interval_s))
    debt = _most(session, _number(0.0), row.tat - now) * interval / row.interval_s
    blocked = _most(session, _number(0.0), row.blocked_until - now)
    wait = _most(session, debt + interval * (1 - room) + quota.margin_s, blocked)
    taken = wait <= max_wait
    sent_at = now + wait
    first_wait = max(0.0, quota.interval_s * (1 - room) + quota.margin_s)
    first_taken = first_wait <= max_wait
    statement = (
        _insert(session, _QUOTAS)
        .values(
            scope=scope,
            operation=operation,
            tat=now + quota.interval_s if first_taken else now,
            interval_s=quota.interval_s,
            burst=float(quota.burst),
            spacing_s=quota.spacing_s,
            blocked_until=now + first_wait + quota.spacing_s if first_taken and quota.spacing_s else 0.0,
            learned=False,
            wait=first_wait,
        )
        .on_conflict_do_update(
            index_elements=[row.scope, row.operation],
            set_={
                "wait": wait,
                "tat": sa.case(
                    (taken, now + _most(session, debt, blocked) + interval),
                    (interval == row.interval_s, row.tat),
                    else_=now + debt,
                ),
                "interval_s": interval,
                "burst": float(quota.burst),
                "spacing_s": quota.spacing_s,
                "blocked_until": sa.case(
                    (sa.and_(taken, _number(quota.spacing_s) > 0), sent_at + quota.spacing_s), else_=row.blocked_until
                ),
            },
        )
        .returning(row.wait)
    )
    return float(session.execute(statement).scalar_one())


def block_quota(session: Session, *, scope: str, operation: str, quota: Quota, until: float) -> None:
    """Let no call pass before that moment, or before a later one that is noted already."""
    row = _QUOTAS.c
    session.execute(
        _insert(session, _QUOTAS)
        .values(**{**_full(scope, operation, quota), "blocked_until": until})
        .on_conflict_do_update(
            index_elements=[row.scope, row.operation],
            set_={"blocked_until": _most(session, row.blocked_until, _number(until))},
        )
    )


def learn_interval(
    session: Session, *, scope: str, operation: str, quota: Quota, interval_s: float, now: float
) -> None:
    """Use the interval the remote side told from now on."""
    row = _QUOTAS.c
    session.execute(
        _insert(session, _QUOTAS)
        .values(**{**_full(scope, operation, quota), "interval_s": interval_s, "learned": True})
        .on_conflict_do_update(
            index_elements=[row.scope, row.operation],
            set_={
                "tat": now + _most(session, _number(0.0), row.tat - now) * interval_s / row.interval_s,
                "interval_s": interval_s,
                "learned": True,
            },
        )
    )


def reference(session: Session, *, scope: str, name: str, now: float) -> str | None:
    """Return a kept text whose time is not over."""
    row = _REFERENCES.c
    return session.scalar(sa.select(row.text).where(row.scope == scope, row.name == name, row.expires_at > now))


def keep_reference(session: Session, *, scope: str, name: str, text: str, expires_at: float) -> None:
    """Keep a text in place of an older one."""
    row = _REFERENCES.c
    session.execute(
        _insert(session, _REFERENCES)
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


def _insert(session: Session, table: sa.Table) -> Any:
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def _most(session: Session, *values: Number) -> Number:
    name = "max" if session.get_bind().dialect.name == "sqlite" else "greatest"
    return sa.Function(name, *values, type_=sa.Float())


def _number(value: float) -> Number:
    return sa.literal(value, sa.Float())
