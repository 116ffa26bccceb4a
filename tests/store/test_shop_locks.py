"""The slot to create an order in a shop."""

import asyncio

import pytest

from app.store import leases
from app.store.engine import Store
from app.store.shop_locks import StoredShopLock
from tests.support.aio import run


def a_lock(store: Store, *, owner: str = "one", wait_s: float = 60) -> StoredShopLock:
    return StoredShopLock(store, "main", owner=owner, unknown_outcome_wait_s=wait_s)


def test_one_order_is_created_at_a_time_over_two_processes(store: Store) -> None:
    locks = [a_lock(store, owner="one"), a_lock(store, owner="two")]
    inside, most = 0, 0

    async def create(lock: StoredShopLock) -> None:
        nonlocal inside, most
        async with lock.creation_slot():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(create(locks[number % 2]) for number in range(10)))

    run(all_of_them())

    assert most == 1


def test_two_shops_do_not_wait_for_each_other(store: Store) -> None:
    async def nested() -> bool:
        other = StoredShopLock(store, "other", owner="one", unknown_outcome_wait_s=60)
        async with a_lock(store).creation_slot(), other.creation_slot():
            return True

    assert run(nested())


def test_a_slot_that_ended_in_an_error_is_given_back(store: Store) -> None:
    async def fail() -> None:
        async with a_lock(store).creation_slot():
            raise ConnectionError

    with pytest.raises(ConnectionError):
        run(fail())

    assert run(store.read(leases.held, ["order-creation:main"])) == set()


def test_a_slot_is_kept_while_the_outcome_of_its_call_is_unknown(store: Store) -> None:
    async def lose() -> None:
        async with a_lock(store).creation_slot() as slot:
            slot.keep()

    run(lose())

    assert run(store.read(leases.held, ["order-creation:main"])) == {"order-creation:main"}


def test_a_kept_slot_is_free_again_by_itself(store: Store) -> None:
    async def lose_and_go_on() -> bool:
        lock = a_lock(store, wait_s=0.01)
        async with lock.creation_slot() as slot:
            slot.keep()
        async with lock.creation_slot():
            return True

    assert run(lose_and_go_on())


def test_a_shop_gets_no_more_calls_at_a_time_than_it_has_places(store: Store) -> None:
    lock, inside, most = a_lock(store), 0, 0

    async def call() -> None:
        nonlocal inside, most
        async with lock.call_slot(2):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def many() -> None:
        await asyncio.gather(*(call() for _ in range(10)))

    run(many())

    assert most == 2


def test_a_slot_goes_to_the_next_order_of_the_process_without_asking_the_database(sqlite_store: Store) -> None:
    lock, handovers = a_lock(sqlite_store), []

    async def create() -> None:
        async with lock.creation_slot() as slot:
            handovers.append(slot.handovers)
            await asyncio.sleep(0)

    async def three() -> None:
        await asyncio.gather(create(), create(), create())

    run(three())

    assert handovers == [1, 1, 1]
    assert run(sqlite_store.read(leases.held, ["order-creation:main"])) == set()


def test_a_process_knows_that_another_one_had_the_slot_meanwhile(sqlite_store: Store) -> None:
    ours, theirs, handovers = a_lock(sqlite_store, owner="ours"), a_lock(sqlite_store, owner="theirs"), []

    async def in_turn() -> None:
        for lock in (ours, ours, theirs, ours):
            async with lock.creation_slot() as slot:
                handovers.append(slot.handovers)

    run(in_turn())

    assert handovers == [1, 1, 1, 2]


def test_a_slot_that_nobody_takes_any_more_is_given_back(sqlite_store: Store) -> None:
    lock = a_lock(sqlite_store)

    async def hold(entered: asyncio.Event, leave: asyncio.Event) -> None:
        async with lock.creation_slot():
            entered.set()
            await leave.wait()

    async def wait_and_be_cut_off() -> None:
        entered, leave = asyncio.Event(), asyncio.Event()
        holding = asyncio.create_task(hold(entered, leave))
        await entered.wait()
        waiting = asyncio.create_task(hold(asyncio.Event(), leave))
        await asyncio.sleep(0)
        leave.set()
        waiting.cancel()
        await asyncio.gather(holding, waiting, return_exceptions=True)

    run(wait_and_be_cut_off())

    assert run(sqlite_store.read(leases.held, ["order-creation:main"])) == set()


def test_a_claimed_slot_of_a_dead_process_waits_for_its_order(store: Store) -> None:
    dead, alive = a_lock(store, owner="dead"), a_lock(store, owner="alive")

    async def die_with_it() -> None:
        await dead._taken("mkp:one")

    async def others_wait_for_it() -> list[str]:
        done: list[str] = []

        async def post(name: str, claim: str = "") -> None:
            async with alive.creation_slot(claim=claim):
                done.append(name)

        async with asyncio.timeout(20):
            # A process of its own: its lock is not in the way of the claim.
            other = asyncio.create_task(_post_elsewhere(store, done))
            await asyncio.sleep(0)
            await post("the claim", "mkp:one")
            await other
        return done

    run(die_with_it())

    assert run(others_wait_for_it()) == ["the claim", "another"]


async def _post_elsewhere(store: Store, done: list[str]) -> None:
    async with a_lock(store, owner="elsewhere").creation_slot():
        done.append("another")
