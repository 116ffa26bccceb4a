"""Cursors and passes: what has been read, and how far the reading under way has come."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.store.tables import CursorRow, PassRow


@dataclass(frozen=True, slots=True)
class PassKey:
    account_id: str
    task: str
    name: str


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
) -> PassRow:
    """Return the unfinished pass of this kind to go on with, or a new one.

    An unfinished pass of another combination, one born too long ago (its list has moved on), or, with `reread`, one
    that has read everything already starts anew, from the older of the two windows, so that nothing falls between.
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
        row.window_from = min(row.window_from, window_from) if row.combination == combination else window_from
        row.combination, row.born_at = combination, now
        row.resume, row.remote_now, row.pages, row.read_whole = None, None, 0, False
    session.flush()
    return row


def mark_page(session: Session, key: PassKey, *, resume: str | None, remote_now: datetime | None) -> None:
    """Keep how far a pass has read; called in the transaction that stores the page's orders."""
    row = session.get_one(PassRow, (key.account_id, key.task, key.name))
    row.remote_now = row.remote_now or remote_now
    row.resume = resume
    row.pages += 1
    row.read_whole = resume is None


def end_pass(session: Session, key: PassKey, *, moves_cursor: bool) -> None:
    """Forget a pass that is through; a live one moves the cursor to the remote time of its first page."""
    row = session.get(PassRow, (key.account_id, key.task, key.name))
    if row is None:
        return
    if moves_cursor and row.remote_now is not None:
        known = session.get(CursorRow, (key.account_id, key.task))
        if known is None:
            session.add(CursorRow(account_id=key.account_id, task=key.task, moment=row.remote_now))
        else:
            known.moment = max(known.moment, row.remote_now)
    session.delete(row)
