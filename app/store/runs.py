"""Runs: begun, joined, claimed, finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.domain.message import message
from app.domain.task import ACTIVE, RunStatus
from app.errors import StoreUnavailable
from app.store import leases
from app.store.accounts import StoredAccount, stand_by
from app.store.engine import change
from app.store.leases import Lease
from app.store.run_items import ItemNote, note_items, outcome_counts
from app.store.tables import AccountRow, LeaseRow, RunItemRow, RunRow, table_of
from app.store.values import value_of

Arrival = Literal["new", "joined", "known_slot", "too_soon"]
_SUCCEEDED = (RunStatus.DONE, RunStatus.PARTIAL)
# An equal run may end just when a hit would join it: the hit then begins one of its own.
ARRIVAL_TRIES = 3
_RUNS = table_of(RunRow)
# In the words of the partial index `uq_runs_active`: with parameters SQLite would look through all runs of the task.
_IS_ACTIVE = sa.text("runs.status IN ('queued', 'running')")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of one task for one account, as it stood when it was read."""

    id: str
    account_id: str
    task: str
    combination: str
    request: Mapping[str, Any]
    dry_run: bool = False
    one_off: bool = False
    slot: str | None = None
    status: str = RunStatus.QUEUED
    cause: str | None = None
    continues: str | None = None
    lease_key: str
    attempt: int = 0
    trigger: str = "hit"
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    resume_at: datetime | None = None
    window: Mapping[str, Any] | None = None
    quota: Mapping[str, Any] | None = None
    counts: Mapping[str, Any] | None = None
    last_run_id: str | None = None


_COLUMNS = tuple(each.name for each in fields(Run))


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a hit met: a run of its own, one it joins, or (`too_soon`) a skipped run that names the last one."""

    arrival: Arrival
    run: Run


def arrive(
    session: Session, run: Run, *, min_interval: timedelta | None, remembered: StoredAccount | None = None
) -> Arrived:
    """Write the run of a hit, or find the run it belongs to; raises StoreUnavailable when neither can be had.

    Whoever knows the account of this run only by heart names it: raises AccountChanged when it is another one now.
    """
    if remembered is not None:
        stand_by(session, remembered)
    last = _too_near(session, run, min_interval)
    if last is not None:
        met = _met(session, run)
        if met is not None:
            return met
        at = run.created_at
        skipped = replace(run, status=RunStatus.SKIPPED, last_run_id=last.id, started_at=at, finished_at=at, slot=None)
        _added_run(session, skipped)
        return Arrived("too_soon", skipped)
    for _ in range(ARRIVAL_TRIES):
        if _added_run(session, run):
            return Arrived("new", run)
        met = _met(session, run)
        if met is not None:
            return met
        # The equal run has ended between our insert and our look.
    raise StoreUnavailable(message("STORE_RUN_ENDS"))


def _too_near(session: Session, run: Run, min_interval: timedelta | None) -> RunRow | None:
    """Return the last success of this kind if the hit comes too soon after it."""
    last = _last_success(session, run) if min_interval is not None else None
    if last is None or last.started_at is None or min_interval is None:
        return None
    return last if run.created_at < last.started_at + min_interval else None


def _added_run(session: Session, run: Run) -> bool:
    """Write a run unless an equal one is under way or has its slot; returns whether it was written."""
    values = {name: getattr(run, name) for name in _COLUMNS}
    return session.execute(_add_run(session.get_bind().dialect.name), values).first() is not None


@cache
def _add_run(dialect: str) -> sa.Executable:
    """Return the statement that writes a run and tells its id; built once, since every hit asks it."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(_RUNS)
    added: sa.Executable = insert.on_conflict_do_nothing().returning(_RUNS.c.id)
    return added


def _met(session: Session, run: Run) -> Arrived | None:
    active = session.exec(select(RunRow).where(*_equal(run), _IS_ACTIVE)).first()
    if active is not None:
        return Arrived("joined", value_of(active, Run))
    if run.slot is None:
        return None
    known = session.exec(
        select(RunRow).where(*_equal(run), RunRow.slot == run.slot, RunRow.status != RunStatus.FAILED)
    ).first()
    return Arrived("known_slot", value_of(known, Run)) if known is not None else None


def _equal(run: Run) -> tuple[Any, ...]:
    return (
        RunRow.account_id == run.account_id,
        RunRow.task == run.task,
        RunRow.combination == run.combination,
    )


def _last_success(session: Session, run: Run) -> RunRow | None:
    return session.exec(
        select(RunRow).where(*_equal(run), col(RunRow.status).in_(_SUCCEEDED)).order_by(col(RunRow.id).desc()).limit(1)
    ).first()


def run_by_id(session: Session, run_id: str) -> Run | None:
    return value_of(session.get(RunRow, run_id), Run)


def statuses(session: Session, run_ids: Sequence[str]) -> dict[str, str]:
    """Return the status of each run."""
    return dict(session.exec(select(RunRow.id, RunRow.status).where(col(RunRow.id).in_(run_ids))).all())


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run that this worker may execute now."""

    run: Run
    lease: Lease


# Built once: every run asks them.
_KEY_OF_ACTIVE = sa.select(_RUNS.c.lease_key).where(_RUNS.c.id == sa.bindparam("run"), _IS_ACTIVE)
_BEGIN = (
    sa.update(RunRow)
    .where(col(RunRow.id) == sa.bindparam("run"), _IS_ACTIVE)
    .values(
        status=RunStatus.RUNNING,
        attempt=_RUNS.c.attempt + 1,
        started_at=sa.func.coalesce(_RUNS.c.started_at, sa.bindparam("now", type_=_RUNS.c.started_at.type)),
    )
    .returning(RunRow)
    .execution_options(synchronize_session=False)
)


def claim(session: Session, run_id: str, *, owner: str, lease_s: float, now: datetime) -> Claimed | None:
    """Take a queued or abandoned run and the lease of its key, or return None when somebody is at work."""
    key = session.execute(_KEY_OF_ACTIVE, {"run": run_id}).scalar()
    # The lease before the run, as its holder locks them: the other way round the two would wait for each other.
    lease = leases.acquire(session, key, owner=owner, seconds=lease_s) if key is not None else None
    if lease is None:
        return None
    run = session.scalars(_BEGIN, {"run": run_id, "now": now}).first()
    if run is None:
        leases.release(session, lease)
        return None
    return Claimed(value_of(run, Run), lease)


def claimable(session: Session, *, limit: int) -> list[str]:
    """Return queued runs and running ones whose worker died, whose key is free: hits before what goes on by itself."""
    now = leases.real_time(session)
    rows = session.exec(
        select(RunRow.id)
        .outerjoin(LeaseRow, col(LeaseRow.key) == col(RunRow.lease_key))
        .where(
            col(RunRow.status).in_(ACTIVE),
            sa.or_(col(LeaseRow.owner).is_(None), col(LeaseRow.expires_at) <= now),
        )
        .order_by(
            sa.case((col(RunRow.status) == RunStatus.RUNNING, 0), else_=1),
            sa.case((col(RunRow.trigger) == "hit", 0), else_=1),
            col(RunRow.id),
        )
        .limit(limit)
    )
    return list(rows)


def finish(
    session: Session,
    lease: Lease,
    run_id: str,
    *,
    status: RunStatus,
    now: datetime,
    cause: str | None,
    resume_at: datetime | None,
    window: Mapping[str, Any] | None,
    tally: Mapping[str, int],
    quota: Mapping[str, Any],
    problems: Sequence[ItemNote] = (),
) -> Run:
    """Write the end of a run and give its lease back; raises LeaseLost."""
    leases.check(session, lease)
    note_items(session, run_id, problems)
    run = session.get_one(RunRow, run_id)
    counts = outcome_counts(session, run_id)
    for key, number in tally.items():
        counts[key] = counts.get(key, 0) + number
    run.status, run.finished_at, run.cause, run.resume_at = status, now, cause, resume_at
    run.window, run.counts = dict(window) if window else run.window, counts
    run.quota = _added(run.quota, quota)
    if status is RunStatus.DONE and counts["needs_person"]:
        run.status = RunStatus.PARTIAL
    leases.release(session, lease)
    session.flush()
    return value_of(run, Run)


def _added(before: Mapping[str, Any] | None, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sum of two costs; what one holds for several operations is added one by one."""
    total = dict(before or {})
    for key, value in more.items():
        total[key] = _added(total.get(key), value) if isinstance(value, Mapping) else total.get(key, 0) + value
    return total


def hand_over(session: Session, lease: Lease, run_id: str, *, quota: Mapping[str, Any]) -> None:
    """Put a run back for another worker; raises LeaseLost."""
    leases.check(session, lease)
    run = session.get_one(RunRow, run_id)
    run.status = RunStatus.QUEUED
    run.quota = _added(run.quota, quota)
    leases.release(session, lease)


def resumable(session: Session, *, now: datetime, limit: int) -> list[Run]:
    """Return the paused runs that should go on now: the newest of its kind, with nothing equal after it."""
    later = sa.orm.aliased(RunRow)
    rows = session.exec(
        select(RunRow)
        .join(AccountRow, col(AccountRow.id) == col(RunRow.account_id))
        .where(
            col(AccountRow.removed_at).is_(None),
            RunRow.status == RunStatus.PAUSED,
            col(RunRow.resume_at) <= now,
            ~sa.exists().where(
                col(later.account_id) == col(RunRow.account_id),
                col(later.task) == col(RunRow.task),
                col(later.combination) == col(RunRow.combination),
                col(later.id) > col(RunRow.id),
                col(later.status) != RunStatus.SKIPPED,
            ),
        )
        .order_by(col(RunRow.resume_at))
        .limit(limit)
    )
    return [value_of(row, Run) for row in rows]


def pauses_in_a_row(session: Session, run_id: str) -> int:
    """Return how many runs in a row paused before this one, along `continues`, for another reason than their time."""
    pauses, run = 0, session.get(RunRow, run_id)
    while run is not None and run.continues is not None and pauses < 10:
        if session.get(RunItemRow, (run.continues, "#TIME_USED_UP")) is not None:
            break
        pauses, run = pauses + 1, session.get(RunRow, run.continues)
    return pauses


def runs_of(session: Session, *, account_id: str | None, task: str | None, before: str | None, limit: int) -> list[Run]:
    """Return runs, newest first; `before` is the id of the last one already shown."""
    query = select(RunRow).order_by(col(RunRow.id).desc()).limit(limit)
    if account_id is not None:
        query = query.where(RunRow.account_id == account_id)
    if task is not None:
        query = query.where(RunRow.task == task)
    if before is not None:
        query = query.where(col(RunRow.id) < before)
    return [value_of(row, Run) for row in session.exec(query)]


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The last run of one account and task, and the last that succeeded."""

    last: Run | None
    last_success: Run | None


def last_runs(session: Session, account_id: str, task: str) -> LastRuns:
    """Return the newest live run and the newest success of an account's task (dry runs and skipped ones left out)."""
    of_task = (
        select(RunRow)
        .where(
            RunRow.account_id == account_id,
            RunRow.task == task,
            col(RunRow.dry_run).is_(False),
            RunRow.status != RunStatus.SKIPPED,
        )
        .order_by(col(RunRow.id).desc())
        .limit(1)
    )
    succeeded = of_task.where(col(RunRow.status).in_(_SUCCEEDED))
    return LastRuns(value_of(session.exec(of_task).first(), Run), value_of(session.exec(succeeded).first(), Run))


def use_release(session: Session, account_id: str, held_run: str, *, by: str) -> bool:
    """Use up the confirmation of a held run; False when it was not held, is another account's, or was used before.

    A run that goes on with the one that used it may use it too.
    """
    run = session.exec(
        select(RunRow).where(RunRow.id == held_run, RunRow.account_id == account_id).with_for_update()
    ).first()
    if run is None or run.dry_run or not (run.counts or {}).get("held"):
        return False
    if run.released_by is not None and run.released_by not in _line_of(session, by):
        return False
    run.released_by = run.released_by or by
    return True


def _line_of(session: Session, run_id: str) -> set[str]:
    """Return a run and those that it goes on with."""
    line: set[str] = set()
    following: str | None = run_id
    while following is not None and following not in line:
        line.add(following)
        run = session.get(RunRow, following)
        following = run.continues if run else None
    return line


def purge(session: Session, *, before: datetime, limit: int) -> int:
    """Delete finished runs older than that, with their items; the last run of each kind and outcome stays.

    A paused run goes on only while nothing equal came after it, so an older one of its kind may go. What was asked once
    (dry runs, single orders, widened windows) is no kind.
    """
    newest = (
        select(sa.func.max(RunRow.id))
        .where(col(RunRow.one_off).is_(False))
        .group_by(col(RunRow.account_id), col(RunRow.task), col(RunRow.combination), col(RunRow.status))
    )
    old = (
        select(RunRow.id)
        .where(
            RunRow.created_at < before,
            col(RunRow.status).not_in(ACTIVE),
            col(RunRow.id).not_in(newest),
        )
        .limit(limit)
    )
    deleted = change(session, sa.delete(RunRow).where(col(RunRow.id).in_(old.scalar_subquery())))
    # A dry run has a lease of its own, that nobody asks for again.
    dry_runs = select("dry:" + col(RunRow.id)).where(col(RunRow.dry_run))
    session.execute(
        sa.delete(LeaseRow).where(
            col(LeaseRow.key).startswith("dry:"), col(LeaseRow.key).not_in(dry_runs.scalar_subquery())
        )
    )
    return deleted
