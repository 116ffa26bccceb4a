"""Accounts and runs for the tests of the store, the engine and the tasks."""

import itertools
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from app.domain.order import Fulfilment
from app.domain.task import RunRequest, RunStatus, Task
from app.keys import Keys
from app.runs.stored_request import new_run
from app.store import accounts, runs
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.store.leases import Lease
from app.store.runs import Claimed, Run
from app.store.tables import RunRow
from tests.shops.builders import NOW
from tests.support.aio import run

CIPHER = Keys("a secret for tests that is long enough").cipher
SELLER = "mirakl.example/2001"
OWNER = "serve:1:first"
OTHER = "serve:2:second"

_numbers = itertools.count(1)


def an_account(
    store: Store,
    name: str = "mirakl-demo",
    *,
    seller_key: str | None = SELLER,
    shop_id: str = "",
    created_at: datetime = NOW,
    **settings: Any,
) -> StoredAccount:
    """Add an account of the shop `main` (or another); its orders count from the year 2026 on."""
    row = StoredAccount(
        id=f"id-of-{name}-{next(_numbers)}",
        name=name,
        platform="mirakl",
        shop_id=shop_id or main_shop(store),
        config=b"sealed",
        settings={"start_from": "2026-01-01T00:00:00Z", **settings},
        seller_key=seller_key,
        fulfilments=sorted(Fulfilment),
        created_at=created_at,
    )
    return run(store.write(accounts.add_account, row))


def main_shop(store: Store) -> str:
    """Return the id of the shop that every database begins with."""
    return run(store.read(accounts.shops))[0].id


def a_request(task: Task = Task.ORDERS_IMPORT, **details: Any) -> RunRequest:
    return RunRequest(task=task, **details)


def a_run(
    account: StoredAccount,
    request: RunRequest | None = None,
    *,
    now: datetime = NOW,
    slot: str | None = None,
    trigger: str = "hit",
    continues: str | None = None,
) -> Run:
    """A run of orders-import, unless asked for something else.

    Ids of runs made within a millisecond have no order; these have, and come before those that the service makes.
    """
    row = new_run(account, request or a_request(), now=now, slot=slot, continues=continues, trigger=trigger)
    run_id = f"00RUN{next(_numbers):021d}"
    return replace(row, id=run_id, lease_key=row.lease_key.replace(row.id, run_id))


def queued(store: Store, account: StoredAccount, request: RunRequest | None = None, **details: Any) -> Run:
    """Write a run that nobody claimed yet."""
    row = a_run(account, request, **details)
    arrived = run(store.write(runs.arrive, row, min_interval=None))
    assert arrived.arrival == "new"
    return arrived.run


def claimed(store: Store, row: Run, *, owner: str = OWNER, lease_s: float = 20, now: datetime = NOW) -> Claimed:
    """Claim a run; a lease of -1 s has run out already."""
    taken = run(store.write(runs.claim, row.id, owner=owner, lease_s=lease_s, now=now))
    assert taken is not None
    return taken


def finished(
    store: Store,
    taken: Claimed,
    *,
    status: RunStatus = RunStatus.DONE,
    now: datetime = NOW,
    resume_at: datetime | None = None,
) -> Run:
    return run(
        store.write(
            runs.finish,
            taken.lease,
            taken.run.id,
            status=status,
            now=now,
            cause=None,
            resume_at=resume_at,
            window=None,
            tally={},
            quota={"calls": 1, "retries": 0, "throttled": 0, "waited_s": 0.0},
        )
    )


def ended(
    store: Store,
    account: StoredAccount,
    request: RunRequest | None = None,
    *,
    status: RunStatus = RunStatus.DONE,
    now: datetime = NOW,
    resume_at: datetime | None = None,
    **details: Any,
) -> Run:
    """Write a run, claim it and end it, all at that moment."""
    row = queued(store, account, request, now=now, **details)
    return finished(store, claimed(store, row, now=now), status=status, now=now, resume_at=resume_at)


def run_row(store: Store, run_id: str) -> Run:
    row = run(store.read(runs.run_by_id, run_id))
    assert row is not None
    return row


def all_runs(session: Session) -> list[RunRow]:
    return list(session.exec(select(RunRow).order_by(RunRow.id)))


def lose(lease: Lease) -> Lease:
    """Return the lease as somebody knows it who held it before the present holder."""
    return Lease(lease.key, "serve:0:zombie", lease.epoch - 1)
