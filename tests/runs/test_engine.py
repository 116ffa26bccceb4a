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
from tests.tasks.world import World, a_world, refused

MINUTE = timedelta(minutes=1)
IMPORT = RunRequest(task=Task.ORDERS_IMPORT)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return a_world(sqlite_store)


def failing(world: World, error: Exception) -> None:
    world.marketplace.trouble = lambda page: error


def test_a_run_ends_with_its_counts_cost_and_times(store: Store) -> None:
    world = a_world(store)
    world.marketplace.sell(a_sale())

    done = world.import_()

    assert (done.status, done.row.attempt, done.row.started_at, done.row.finished_at) == ("done", 1, NOW, NOW)
    assert done.row.quota == {"calls": 0, "retries": 0, "throttled": 0, "waited_s": 0.0}
    assert run(store.read(leases.held, [done.row.lease_key])) == set()


def test_a_run_that_fails_inside_says_so_and_the_next_one_works(
    world: World, logged: list[MutableMapping[str, Any]]
) -> None:
    world.marketplace.sell(a_sale())
    failing(world, ZeroDivisionError("of Zoé Lefèvre"))

    failed = world.import_()
    world.marketplace.trouble = lambda page: None
    works = world.import_()

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
def test_what_no_repetition_mends_fails_the_run(world: World, error: Exception, cause: str, code: str) -> None:
    failing(world, error)

    done = world.import_()

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
def test_what_passes_by_itself_pauses_the_run(world: World, error: Exception, cause: str, code: str) -> None:
    failing(world, error)

    done = world.import_()

    assert (done.status, done.row.cause, done.row.resume_at) == ("paused", cause, NOW + 2 * MINUTE)
    assert done.said == {f"#{code}": ("", code)}


def test_outages_in_a_row_pause_twice_as_long_each_time(world: World) -> None:
    failing(world, Unavailable(service="mirakl", operation="OR11"))
    pauses: list[float] = []
    before = None

    for _ in range(7):
        done = world.do(IMPORT, continues=before)
        assert done.row.resume_at is not None
        pauses.append((done.row.resume_at - world.clock.now()) / MINUTE)
        before = done.row.id

    assert pauses == [2, 4, 8, 16, 32, 60, 60]


def test_a_run_that_only_ran_out_of_time_is_no_outage(world: World) -> None:
    world.run_deadline_s = 0
    before = world.import_().row.id
    for _ in range(3):
        before = world.do(IMPORT, continues=before).row.id
    world.run_deadline_s = 600
    failing(world, Unavailable(service="mirakl", operation="OR11"))

    done = world.do(IMPORT, continues=before)

    assert done.row.resume_at == NOW + 2 * MINUTE


def test_a_run_is_executed_by_one_worker_only(world: World) -> None:
    row = queued(world.store, world.account)
    claimed(world.store, row, owner=OTHER)

    executed = run(world.engine().execute(row.id))

    assert not executed
    assert run_row(world.store, row.id).attempt == 1


def test_a_run_of_a_dead_worker_is_gone_on_with_under_its_id(store: Store) -> None:
    world = a_world(store)
    world.marketplace.sell(a_sale())
    row = queued(store, world.account)
    claimed(store, row, owner=OTHER, lease_s=-1)

    done = world.execute(row.id)

    assert (done.row.id, done.status, done.row.attempt) == (row.id, "done", 2)
    assert done.said == {"MKP-1": ("imported", "")}


def test_a_stopping_process_gives_its_run_back_between_two_orders(store: Store) -> None:
    world = a_world(store)
    world.marketplace.sell(*(a_sale(f"MKP-{number}") for number in range(3)))
    engine = world.engine()
    row = queued(store, world.account)

    async def stop_after_the_first(order: Any, **details: Any) -> Any:
        engine.stopping.set()
        return await create_order(order, **details)

    create_order, world.shop.create_order = world.shop.create_order, stop_after_the_first  # type: ignore[method-assign]
    handed_over = world.execute(row.id, engine=engine)
    world.shop.create_order = create_order  # type: ignore[method-assign]
    done = world.execute(row.id)

    assert (handed_over.status, world.shop.created[:1]) == ("queued", ["MKP-0"])
    assert run(store.read(runs.claimable, limit=5)) == []
    assert (done.status, done.row.attempt) == ("done", 2)
    assert sorted(world.shop.created) == ["MKP-0", "MKP-1", "MKP-2"]


def test_a_run_that_waits_when_the_process_stops_is_cut_off_and_gone_on_with_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.runs.engine.STOP_GRACE_S", 0.0)
    world = a_world(store)
    world.marketplace.sell(a_sale("MKP-1"))
    stopping = asyncio.Event()
    row = queued(store, world.account)

    async def wait_for_ever(row_and_shop: Any, **details: Any) -> Any:
        stopping.set()
        await asyncio.Event().wait()

    cut_off = world.execute(row.id, engine=world.engine(connect=wait_for_ever, stopping=stopping))
    done = world.execute(row.id)

    assert (cut_off.status, cut_off.row.attempt) == ("queued", 1)
    assert (done.status, done.said) == ("done", {"MKP-1": ("imported", "")})


def test_a_stopping_process_whose_lease_is_lost_leaves_the_run_to_its_new_holder(world: World) -> None:
    row = queued(world.store, world.account)
    stopping = asyncio.Event()

    async def stop_and_lose(row_and_shop: Any, **details: Any) -> Any:
        stopping.set()
        await world.store.write(taken_over, row.id)
        return await world.connect(row_and_shop, **details)

    world.execute(row.id, engine=world.engine(connect=stop_and_lose, stopping=stopping))

    assert run_row(world.store, row.id).status == RunStatus.RUNNING
    assert run_row(world.store, row.id).attempt == 2


def test_a_database_that_goes_away_leaves_the_run_to_a_takeover(world: World) -> None:
    row = queued(world.store, world.account)
    failing(world, StoreUnavailable("gone"))

    with pytest.raises(StoreUnavailable):
        run(world.engine().execute(row.id))

    assert run_row(world.store, row.id).status == RunStatus.RUNNING


def test_the_deadline_runs_on_the_clock_of_business(world: World) -> None:
    seen: list[Any] = []

    async def opened(row: Any, *, deadline: Any, **details: Any) -> Any:
        seen.append(deadline)
        return await world.connect(row, deadline=deadline, **details)

    row = queued(world.store, world.account)
    world.execute(row.id, engine=world.engine(connect=opened, run_deadline_s=90))

    assert seen == [NOW + timedelta(seconds=90)]


def test_nothing_a_run_logs_names_the_buyer(world: World, logged: list[MutableMapping[str, Any]]) -> None:
    world.marketplace.sell(a_sale("MKP-1"), a_sale("MKP-2"))
    world.shop.answers["MKP-2"] = refused("ADDRESS_REFUSED")

    world.import_()

    assert logged
    for word in (BUYER.last_name, BUYER.email, ADDRESS.street_1, ADDRESS.phone):
        assert word not in str(logged)


def test_runs_of_several_accounts_go_on_side_by_side(store: Store) -> None:
    worlds = [a_world(store, name=f"shop-{number}", seller_key=f"{number}") for number in range(4)]
    rows = [queued(store, world.account) for world in worlds]
    for number, world in enumerate(worlds):
        world.marketplace.sell(*(a_sale(f"{number}-{order}") for order in range(3)))

    async def scene() -> None:
        engines: list[Engine] = [world.engine(owner=f"serve:{number}") for number, world in enumerate(worlds)]
        await asyncio.gather(*(engine.execute(row.id) for engine, row in zip(engines, rows, strict=True)))

    run(scene())

    assert [world.done(row.id).counts["imported"] for world, row in zip(worlds, rows, strict=True)] == [3] * 4


def taken_over(session: Session, run_id: str) -> None:
    """Let another worker take a run over, as if its lease had run out."""
    session.execute(sa.update(LeaseRow).values(expires_at=0.0))
    assert runs.claim(session, run_id, owner=OTHER, lease_s=20, now=NOW) is not None
