"""Planned hits: each planned moment once, however many processes look."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.task import Mode, Task
from app.runs.executors.local import LocalExecutor
from app.runs.planner import Planner
from app.store.engine import Store
from app.store.tables import AccountRow
from tests.runs.building import all_runs
from tests.support.aio import run
from tests.tasks.world import World, a_world

OFFERED = frozenset({Task.ORDERS_ACCEPT, Task.ORDERS_IMPORT})


class Stopped(LocalExecutor):
    """Begins nothing: what was planned stays queued."""

    def submit(self, run_id: str) -> None:
        return None


def a_planner(world: World, *, offered: frozenset[Task] = OFFERED) -> Planner:
    executor = Stopped(world.engine(), at_once=20, on_end=lambda: None)

    def offers(_: AccountRow) -> frozenset[Task]:
        return offered

    return Planner(store=world.store, clock=world.clock, service=world.service(executor), offered=offers)


def planned(store: Store) -> list[tuple[str, list[str], str | None]]:
    return sorted((row.task, row.asked["modes"], row.slot) for row in run(store.read(all_runs)))


@pytest.fixture
def world(sqlite_store: Store) -> World:
    world = a_world(sqlite_store)
    world.clock.advance((datetime(2026, 11, 22, 3, 30, tzinfo=UTC) - world.clock.now()).total_seconds())
    return world


def test_nothing_is_hit_before_its_time(world: World) -> None:
    run(a_planner(world).look())

    assert planned(world.store) == []


def test_what_came_due_is_hit_once_by_however_many_processes(world: World) -> None:
    planners = [a_planner(world), a_planner(world)]
    world.clock.advance(timedelta(minutes=55).total_seconds())

    for planner in planners:
        run(planner.look())
        run(planner.look())

    assert planned(world.store) == [
        (Task.ORDERS_ACCEPT, [], "planned 2026-11-22T04:00Z"),
        (Task.ORDERS_IMPORT, [], "planned 2026-11-22T04:20Z"),
        (Task.ORDERS_IMPORT, [Mode.RECHECK], "planned 2026-11-22T03:40Z"),
    ]


def test_after_a_long_sleep_only_the_newest_moment_of_each_counts(world: World) -> None:
    planner = a_planner(world)
    world.clock.advance(timedelta(days=3, minutes=5).total_seconds())

    run(planner.look())

    assert planned(world.store) == [
        (Task.ORDERS_ACCEPT, [], "planned 2026-11-25T03:00Z"),
        (Task.ORDERS_IMPORT, [], "planned 2026-11-25T03:20Z"),
    ]


def test_a_task_that_a_platform_does_not_offer_is_not_hit(world: World) -> None:
    planner = a_planner(world, offered=frozenset({Task.ORDERS_ACCEPT}))
    world.clock.advance(3600)

    run(planner.look())

    assert {task for task, _, _ in planned(world.store)} == {Task.ORDERS_ACCEPT}
