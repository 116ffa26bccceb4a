"""Orders at the same time, seen halfway, and left by their callers."""

import asyncio
from typing import Any

from tests.sandbox.prestashop.caller import PLAIN_SKU, Caller, Ids, talk


async def held(caller: Caller, position: str, count: int = 1) -> None:
    """Return once that many orders stand still there."""
    for _ in range(1000):
        if (await caller.state())["under_way"].get(position, 0) == count:
            return
        await asyncio.sleep(0)
    raise AssertionError("The orders never came there.")


def an_attempt(caller: Caller, ids: Ids) -> "asyncio.Task[Any]":
    return asyncio.ensure_future(caller.order(ids))


def test_three_posts_of_one_cart_at_once_make_three_orders() -> None:
    async def script(caller: Caller) -> list[Any]:
        before = await caller.stock()
        ids = await caller.ready()
        await caller.switch(hold_orders="door")
        posts = [an_attempt(caller, ids) for _ in range(3)]
        await held(caller, "door", 3)
        await caller.switch(hold_orders="off")
        answers = [answer.status_code for answer in await asyncio.gather(*posts)]
        return [answers, len((await caller.state())["orders"]), before - await caller.stock()]

    assert talk(script) == [[201, 201, 201], 3, 3]


def test_a_post_while_the_first_is_being_made_makes_a_second_order() -> None:
    async def script(caller: Caller) -> list[int]:
        ids = await caller.ready()
        await caller.switch(hold_orders="half")
        first = an_attempt(caller, ids)
        await held(caller, "half")
        second = an_attempt(caller, ids)
        await held(caller, "half", 2)
        await caller.switch(hold_orders="off")
        await asyncio.gather(first, second)
        return [(await caller.order(ids)).status_code, len((await caller.state())["orders"])]

    assert talk(script) == [500, 2]


def test_a_reader_sees_half_an_order_while_it_is_being_made() -> None:
    async def script(caller: Caller) -> list[Any]:
        ids = await caller.ready()
        before = await caller.stock()
        await caller.switch(hold_orders="half")
        post = an_attempt(caller, ids)
        await held(caller, "half")
        (half,) = await caller.listed("orders", **{"filter[id_cart]": str(ids.cart)})
        sold = before - await caller.stock(PLAIN_SKU)
        await caller.switch(hold_orders="off")
        await post
        (whole,) = await caller.listed("orders", **{"filter[id_cart]": str(ids.cart)})
        return [half["current_state"], sold, whole["current_state"]]

    assert talk(script) == ["0", 1, "14"]


def test_a_caller_that_hangs_up_gets_its_order() -> None:
    async def script(caller: Caller) -> list[Any]:
        ids = await caller.ready()
        await caller.switch(hold_orders="door")
        post = an_attempt(caller, ids)
        await held(caller, "door")
        post.cancel()
        await asyncio.gather(post, return_exceptions=True)
        left = len((await caller.state())["orders"])
        await caller.switch(hold_orders="off")
        while not (await caller.state())["orders"]:  # noqa: ASYNC110 - a few turns of this very loop
            await asyncio.sleep(0)
        return [left, (await caller.state())["orders"][0]["state"]]

    assert talk(script) == [0, 14]


def test_an_order_takes_the_time_of_the_switch_and_others_are_served_meanwhile() -> None:
    async def script(caller: Caller) -> list[Any]:
        ids = await caller.ready()
        await caller.switch(order_post_ms=300, call_ms=1)
        post = an_attempt(caller, ids)
        await asyncio.sleep(0)
        meanwhile = (await caller.get("orders", display="[id]")).status_code
        return [meanwhile, post.done(), (await post).status_code]

    assert talk(script) == [200, False, 201]
