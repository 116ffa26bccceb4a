"""Leases: who may act for a key. A growing epoch fences every write of a holder that lost it (real time throughout)."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.errors import LeaseLost
from app.store.engine import change
from app.store.tables import LeaseRow, table_of

# Statements of tables, and built once: every run takes a lease, and every fenced transaction looks at it.
_LEASES = table_of(LeaseRow)
_LOCKED = (
    sa.select(_LEASES.c.owner, _LEASES.c.epoch, _LEASES.c.expires_at)
    .where(_LEASES.c.key == sa.bindparam("held_key"))
    .with_for_update()
)
_TAKE = (
    sa.update(_LEASES)
    .where(_LEASES.c.key == sa.bindparam("held_key"))
    .values(owner=sa.bindparam("new_owner"), epoch=sa.bindparam("new_epoch"), expires_at=sa.bindparam("new_expiry"))
)
_EPOCH = (
    sa.select(_LEASES.c.epoch)
    .where(_LEASES.c.key == sa.bindparam("held_key"))
    .with_for_update(read=True, key_share=True)
)
_RELEASE = (
    sa.update(_LEASES)
    .where(_LEASES.c.key == sa.bindparam("held_key"), _LEASES.c.epoch == sa.bindparam("held_epoch"))
    .values(owner=None, expires_at=0.0)
)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as its holder knows it."""

    key: str
    owner: str
    epoch: int


def real_time(session: Session) -> float:
    """Return real time in epoch seconds: the database's where several machines share it."""
    if session.get_bind().dialect.name == "sqlite":
        return time.time()
    return float(session.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())")) or 0.0)


def acquire(session: Session, key: str, *, owner: str, seconds: float, again: bool = False) -> Lease | None:
    """Take a lease that is free or expired, or return None; `again`: also one that the same owner left behind."""
    wanted = {"held_key": key}
    row = session.execute(_LOCKED, wanted).first()
    if row is None:
        # Two takers may meet on a new key: one of them inserts it, the other finds it.
        session.execute(_add_lease(session.get_bind().dialect.name), {"key": key})
        row = session.execute(_LOCKED, wanted).one()
    # Only now: a takeover may have waited for a write of the last holder.
    now = real_time(session)
    if row.owner is not None and row.expires_at > now and not (again and row.owner == owner):
        return None
    epoch = row.epoch + 1
    session.execute(_TAKE, wanted | {"new_owner": owner, "new_epoch": epoch, "new_expiry": now + seconds})
    return Lease(key, owner, epoch)


@cache
def _add_lease(dialect: str) -> sa.Executable:
    """Return the statement that makes a lease nobody holds."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(_LEASES)
    free: sa.Executable = insert.values(owner=None, epoch=0, expires_at=0.0).on_conflict_do_nothing()
    return free


def renew(session: Session, lease: Lease, *, seconds: float) -> None:
    """Prolong a lease; raises LeaseLost when it is no longer ours."""
    renewed = change(
        session,
        sa.update(LeaseRow)
        .where(col(LeaseRow.key) == lease.key, col(LeaseRow.epoch) == lease.epoch, col(LeaseRow.owner) == lease.owner)
        .values(expires_at=real_time(session) + seconds),
    )
    if renewed != 1:
        raise LeaseLost(lease.key)


def release(session: Session, lease: Lease) -> None:
    """Give a lease back; harmless when it is no longer ours."""
    session.execute(_RELEASE, {"held_key": lease.key, "held_epoch": lease.epoch})


def check(session: Session, lease: Lease) -> None:
    """Begin a fenced transaction; raises LeaseLost when somebody else holds the key.

    The shared lock keeps a takeover waiting until this transaction has ended: an UPDATE that compares the epoch would
    not fence on PostgreSQL. It is a key share, which only a takeover's FOR UPDATE has to wait for: with a full share a
    long transaction would keep its own holder from renewing the lease.
    """
    epoch = session.execute(_EPOCH, {"held_key": lease.key}).scalar()
    if epoch != lease.epoch:
        raise LeaseLost(lease.key)


def fenced(
    session: Session, lease: Lease, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Answer a question only while the lease is held."""
    check(session, lease)
    return question(session, *args, **kwargs)


def held(session: Session, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that somebody holds now."""
    now = real_time(session)
    rows = session.exec(
        select(LeaseRow.key).where(
            col(LeaseRow.key).in_(list(keys)), col(LeaseRow.owner).is_not(None), LeaseRow.expires_at > now
        )
    )
    return set(rows)


def break_all_of(session: Session, *, owner_prefix: str) -> int:
    """End the leases of owners that are proven dead; returns how many there were."""
    return change(
        session,
        sa.update(LeaseRow).where(col(LeaseRow.owner).startswith(owner_prefix)).values(owner=None, expires_at=0.0),
    )
