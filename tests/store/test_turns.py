"""The turn to create an order in a shop."""

import asyncio

import pytest

from app.store import leases
from app.store.engine import Store
from app.store.turns import ShopGate
from tests.support.aio import run


def a_gate(store: Store, *, owner: str = "one", wait_s: float = 60) -> ShopGate:
    return ShopGate(store, "main", owner=owner, unknown_outcome_wait_s=wait_s)


def test_one_order_is_created_at_a_time_over_two_processes(store: Store) -> None:
    gates = [a_gate(store, owner="one"), a_gate(store, owner="two")]
    inside, most = 0, 0

    async def create(gate: ShopGate) -> None:
        nonlocal inside, most
        async with gate.order_turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(create(gates[number % 2]) for number in range(10)))

    run(all_of_them())

    assert most == 1


def test_two_shops_do_not_wait_for_each_other(store: Store) -> None:
    async def nested() -> bool:
        other = ShopGate(store, "other", owner="one", unknown_outcome_wait_s=60)
        async with a_gate(store).order_turn(), other.order_turn():
            return True

    assert run(nested())


def test_a_turn_that_ended_in_an_error_is_given_back(store: Store) -> None:
    async def fail() -> None:
        async with a_gate(store).order_turn():
            raise ConnectionError

    with pytest.raises(ConnectionError):
        run(fail())

    assert run(store.read(leases.held, ["order-turn:main"])) == set()


def test_a_turn_is_kept_while_the_outcome_of_its_call_is_unknown(store: Store) -> None:
    async def lose() -> None:
        async with a_gate(store).order_turn() as turn:
            turn.keep()

    run(lose())

    assert run(store.read(leases.held, ["order-turn:main"])) == {"order-turn:main"}


def test_a_kept_turn_opens_again_by_itself(store: Store) -> None:
    async def lose_and_go_on() -> bool:
        gate = a_gate(store, wait_s=0.01)
        async with gate.order_turn() as turn:
            turn.keep()
        async with gate.order_turn():
            return True

    assert run(lose_and_go_on())


def test_a_shop_gets_no_more_calls_at_a_time_than_it_has_places(store: Store) -> None:
    gate, inside, most = a_gate(store), 0, 0

    async def call() -> None:
        nonlocal inside, most
        async with gate.place(2):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def many() -> None:
        await asyncio.gather(*(call() for _ in range(10)))

    run(many())

    assert most == 2
