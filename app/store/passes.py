"""Cursors and passes: what has been read, and how far the reading under way has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from app.store.tables import CursorRow, PassRow
from app.store.values import value_of


@dataclass(frozen=True, slots=True)
class PassKey:
    account_id: str
    task: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """How far a pass has read: where it goes on (`resume`), and the remote time of its first page."""

    window_from: datetime
    born_at: datetime
    resume: str | None
    remote_now: datetime | None
    read_whole: bool


def cursor(session: Session, account_id: str, task: str) -> datetime | None:
    """Return the remote moment up to which everything was read by live passes."""
    row = session.get(CursorRow, (account_id, task))
    return row.moment if row else None


def begin_pass(
    session: Session,
    key: PassKey,
    *,
    combination: str,
    window_from: datetime,
    now: datetime,
    oldest_birth: datetime,
    reread: bool,
    repeats: timedelta | None = None,
) -> Pass:
    """Return the unfinished pass of this kind to go on with, or a new one.

    An unfinished pass of another combination, one born too long ago (its list has moved on), or, with `reread`, one
    that has read everything already starts again, from the older of the two windows, so that nothing falls between.
    `repeats` is for lists with the oldest change first: one born too long ago starts again that long before the last
    change that it showed, and so comes to its end however long it is.
    """
    row = session.get(PassRow, (key.account_id, key.task, key.name))
    if row is None:
        row = PassRow(
            account_id=key.account_id,
            task=key.task,
            name=key.name,
            combination=combination,
            window_from=window_from,
            born_at=now,
        )
        session.add(row)
    elif row.combination != combination or row.born_at < oldest_birth or (reread and row.read_whole):
        if row.combination == combination:
            row.window_from = min(row.window_from, window_from)
            if repeats is not None and row.seen_until is not None and not row.read_whole:
                row.window_from = max(row.window_from, row.seen_until - repeats)
        else:
            row.window_from, row.seen_until = window_from, None
        row.combination, row.born_at = combination, now
        row.resume, row.remote_now, row.read_whole = None, None, False
    session.flush()
    return value_of(row, Pass)


def mark_page(
    session: Session,
    key: PassKey,
    *,
    resume: str | None,
    remote_now: datetime | None,
    seen_until: datetime | None = None,
) -> None:
    """Keep how far a pass has read, and the last change it saw; called in the transaction that stores the page."""
    row = session.get_one(PassRow, (key.account_id, key.task, key.name))
    row.remote_now = row.remote_now or remote_now
    row.resume = resume
    row.seen_until = max(filter(None, (row.seen_until, seen_until)), default=None)
    row.read_whole = resume is None


def set_cursor(session: Session, account_id: str, task: str, *, moment: datetime) -> None:
    """Keep up to which remote moment everything was read; an earlier one than is known changes nothing."""
    known = session.get(CursorRow, (account_id, task))
    if known is None:
        session.add(CursorRow(account_id=account_id, task=task, moment=moment))
    else:
        known.moment = max(known.moment, moment)


def end_pass(session: Session, key: PassKey, *, moves_cursor: bool) -> None:
    """Forget a pass that is through; a live one moves the cursor to the remote time of its first page."""
    row = session.get(PassRow, (key.account_id, key.task, key.name))
    if row is None:
        return
    if moves_cursor and row.remote_now is not None:
        set_cursor(session, key.account_id, key.task, moment=row.remote_now)
    session.delete(row)
