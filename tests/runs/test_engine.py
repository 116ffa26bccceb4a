"""One run under its lease: whatever happens becomes its end."""

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from app.domain.task import RunRequest, RunStatus, Task
from app.errors import BadInput, CredentialsRefused, RoleMissing, SetupWrong, StoreUnavailable, Throttled, Unavailable
from app.keys import UnreadableSecret
from app.runs.engine import Engine
from app.store import leases, runs
from app.store.engine import Store
from app.store.tables import LeaseRow
from tests.runs.builders import OTHER, claimed, queued, run_row
from tests.shops.builders import ADDRESS, BUYER, NOW
from tests.support.aio import run
from tests.tasks.builders import a_sale
from tests.tasks.task_runner import TaskRunner, a_task_runner, refused

MINUTE = timedelta(minutes=1)
IMPORT = RunRequest(task=Task.ORDERS_IMPORT)


@pytest.fixture
def runner(sqlite_store: Store) -> TaskRunner:
    return a_task_runner(sqlite_store)


def failing(runner: TaskRunner, error: Exception) -> None:
    runner.marketplace.trouble = lambda page: error


def test_a_run_ends_with_its_counts_cost_and_times(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale())

    done = runner.import_()

    assert (done.status, done.row.attempt, done.row.started_at, done.row.finished_at) == ("done", 1, NOW, NOW)
    assert done.row.quota == {"calls": 0, "retries": 0, "throttled": 0, "waited_s": 0.0}
    assert run(store.read(leases.held, [done.row.lease_key])) == set()


def test_a_run_that_fails_inside_says_so_and_the_next_one_works(
    runner: TaskRunner, logged: list[MutableMapping[str, Any]]
) -> None:
    runner.marketplace.sell(a_sale())
    failing(runner, ZeroDivisionError("of Zoé Lefèvre"))

    failed = runner.import_()
    runner.marketplace.trouble = lambda page: None
    works = runner.import_()

    assert (failed.status, failed.row.cause) == ("failed", "service")
    assert failed.params["#INTERNAL"] == {"detail": "ZeroDivisionError", "account": "mirakl-demo"}
    assert works.status == "done"
    assert any(line["event"] == "run failed inside" for line in logged)


@pytest.mark.parametrize(
    ("error", "cause", "code"),
    [
        (CredentialsRefused(service="mirakl", operation="OR11", status=401), "marketplace", "CREDENTIALS_REFUSED"),
        (RoleMissing(service="mirakl", operation="OR11", status=403), "marketplace", "ROLE_MISSING"),
        (SetupWrong(service="shop", operation="products", side="shop"), "shop", "SHOP_SETUP"),
        (refused(shop=False), "marketplace", "REQUEST_REFUSED"),
        (BadInput("there is no such field"), "service", "SHOP_SETUP"),
        (UnreadableSecret(), "service", "SHOP_SETUP"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_no_repetition_mends_fails_the_run(runner: TaskRunner, error: Exception, cause: str, code: str) -> None:
    failing(runner, error)

    done = runner.import_()

    assert (done.status, done.row.cause, done.row.resume_at) == ("failed", cause, None)
    assert done.said == {f"#{code}": ("", code)}


@pytest.mark.parametrize(
    ("error", "cause", "code"),
    [
        (Unavailable(service="mirakl", operation="OR11", status=503), "marketplace", "MARKETPLACE_DOWN"),
        (Unavailable(service="shop", operation="products", side="shop"), "shop", "SHOP_DOWN"),
        (Throttled(service="mirakl", operation="OR11", retry_after_s=None), "marketplace", "QUOTA_USED_UP"),
    ],
    ids=["marketplace", "shop", "throttled"],
)
def test_what_passes_by_itself_pauses_the_run(runner: TaskRunner, error: Exception, cause: str, code: str) -> None:
    failing(runner, error)

    done = runner.import_()

    assert (done.status, done.row.cause, done.row.resume_at) == ("paused", cause, NOW + 2 * MINUTE)
    assert done.said == {f"#{code}": ("", code)}


def test_outages_in_a_row_pause_twice_as_long_each_time(runner: TaskRunner) -> None:
    failing(runner, Unavailable(service="mirakl", operation="OR11"))
    pauses: list[float] = []
    before = None

    for _ in range(7):
        done = runner.do(IMPORT, continues=before)
        assert done.row.resume_at is not None
        pauses.append((done.row.resume_at - runner.clock.now()) / MINUTE)
        before = done.row.id

    assert pauses == [2, 4, 8, 16, 32, 60, 60]


def test_a_run_that_only_ran_out_of_time_is_no_outage(runner: TaskRunner) -> None:
    runner.run_deadline_s = 0
    before = runner.import_().row.id
    for _ in range(3):
        before = runner.do(IMPORT, continues=before).row.id
    runner.run_deadline_s = 600
    failing(runner, Unavailable(service="mirakl", operation="OR11"))

    done = runner.do(IMPORT, continues=before)

    assert done.row.resume_at == NOW + 2 * MINUTE


def test_a_run_is_executed_by_one_worker_only(runner: TaskRunner) -> None:
    row = queued(runner.store, runner.account)
    claimed(runner.store, row, owner=OTHER)

    executed = run(runner.engine().execute(row.id))

    assert not executed
    assert run_row(runner.store, row.id).attempt == 1


def test_a_run_of_a_dead_worker_is_gone_on_with_under_its_id(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale())
    row = queued(store, runner.account)
    claimed(store, row, owner=OTHER, lease_s=-1)

    done = runner.execute(row.id)

    assert (done.row.id, done.status, done.row.attempt) == (row.id, "done", 2)
    assert done.said == {"MKP-1": ("imported", "")}


def test_a_stopping_process_gives_its_run_back_between_two_orders(store: Store) -> None:
    runner = a_task_runner(store)
    runner.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(3)))
    engine = runner.engine()
    row = queued(store, runner.account)

    async def stop_after_the_first(order: Any, **details: Any) -> Any:
        engine.stopping.set()
        return await create_order(order, **details)

    create_order, runner.shop.create_order = runner.shop.create_order, stop_after_the_first  # type: ignore[method-assign]
    handed_over = runner.execute(row.id, engine=engine)
    runner.shop.create_order = create_order  # type: ignore[method-assign]
    done = runner.execute(row.id)

    assert (handed_over.status, runner.shop.created[:1]) == ("queued", ["MKP-0"])
    assert run(store.read(runs.claimable, limit=5)) == []
    assert (done.status, done.row.attempt) == ("done", 2)
    assert sorted(runner.shop.created) == ["MKP-0", "MKP-1", "MKP-2"]


def test_a_run_that_waits_when_the_process_stops_is_cut_off_and_gone_on_with_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.runs.engine.STOP_GRACE_S", 0.0)
    runner = a_task_runner(store)
    runner.marketplace.sell(a_sale("MKP-1"))
    stopping = asyncio.Event()
    row = queued(store, runner.account)

    async def wait_for_ever(row_and_shop: Any, **details: Any) -> Any:
        stopping.set()
        await asyncio.Event().wait()

    cut_off = runner.execute(row.id, engine=runner.engine(connect=wait_for_ever, stopping=stopping))
    done = runner.execute(row.id)

    assert (cut_off.status, cut_off.row.attempt) == ("queued", 1)
    assert (done.status, done.said) == ("done", {"MKP-1": ("imported", "")})


def test_a_stopping_process_whose_lease_is_lost_leaves_the_run_to_its_new_holder(runner: TaskRunner) -> None:
    row = queued(runner.store, runner.account)
    stopping = asyncio.Event()

    async def stop_and_lose(row_and_shop: Any, **details: Any) -> Any:
        stopping.set()
        await runner.store.write(taken_over, row.id)
        return await runner.connect(row_and_shop, **details)

    runner.execute(row.id, engine=runner.engine(connect=stop_and_lose, stopping=stopping))

    assert run_row(runner.store, row.id).status == RunStatus.RUNNING
    assert run_row(runner.store, row.id).attempt == 2


def test_a_database_that_goes_away_leaves_the_run_to_a_takeover(runner: TaskRunner) -> None:
    row = queued(runner.store, runner.account)
    failing(runner, StoreUnavailable("gone"))

    with pytest.raises(StoreUnavailable):
        run(runner.engine().execute(row.id))

    assert run_row(runner.store, row.id).status == RunStatus.RUNNING


def test_the_deadline_runs_on_the_clock_of_business(runner: TaskRunner) -> None:
    seen: list[Any] = []

    async def opened(row: Any, *, deadline: Any, **details: Any) -> Any:
        seen.append(deadline)
        return await runner.connect(row, deadline=deadline, **details)

    row = queued(runner.store, runner.account)
    runner.execute(row.id, engine=runner.engine(connect=opened, run_deadline_s=90))

    assert seen == [NOW + timedelta(seconds=90)]


def test_nothing_a_run_logs_names_the_buyer(runner: TaskRunner, logged: list[MutableMapping[str, Any]]) -> None:
    runner.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))
    runner.shop.answers["MKP-2"] = refused("ADDRESS_REFUSED")

    runner.import_()

    assert logged
    for word in (BUYER.last_name, BUYER.email, ADDRESS.street_1, ADDRESS.phone):
        assert word not in str(logged)


def test_runs_of_several_accounts_go_on_side_by_side(store: Store) -> None:
    worlds = [a_task_runner(store, name=f"shop-{number}", seller_key=f"{number}") for number in range(4)]
    rows = [queued(store, runner.account) for runner in worlds]
    for number, runner in enumerate(worlds):
        runner.marketplace.sell(*(a_sale(f"{number}-{order}") for order in range(3)))

    async def scene() -> None:
        engines: list[Engine] = [runner.engine(owner=f"serve:{number}") for number, runner in enumerate(worlds)]
        await asyncio.gather(*(engine.execute(row.id) for engine, row in zip(engines, rows, strict=True)))

    run(scene())

    assert [runner.done(row.id).counts["imported"] for runner, row in zip(worlds, rows, strict=True)] == [3] * 4


def taken_over(session: Session, run_id: str) -> None:
    """Let another worker take a run over, as if its lease had run out."""
    session.execute(sa.update(LeaseRow).values(expires_at=0.0))
    assert runs.claim(session, run_id, owner=OTHER, lease_s=20, now=NOW) is not None
