"""An order whose import goes wrong at any of its calls, in any way, is there once in the end, and right."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.domain.intent import Intent
from app.domain.order import Order
from app.errors import CallError
from app.shops.port import CancelOutcome, Shop, ShopOrder
from app.store.engine import Store
from tests.contract.shops.under_test import SKUS, STOCK
from tests.shops.builders import a_line, an_intent, an_order, plan_for
from tests.shops.prestashop.troubled import WAYS, Killed, Troubled
from tests.shops.prestashop.under_test import PrestashopUnderTest, a_prestashop

MOST_RUNS = 6
DELIVERED = 5


def every_way(*chosen: str) -> list[Any]:
    """Return all ways; but for some telling ones they are for the long tests, since they go wrong at the same calls."""
    return [way if way in chosen else pytest.param(way, marks=pytest.mark.long) for way in WAYS]


def a_troubled_world(store: Store, **switches: Any) -> tuple[PrestashopUnderTest, Troubled]:
    holder: list[Troubled] = []

    def wrap(inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        holder.append(Troubled(inner))
        return holder[0]

    tested = a_prestashop(store, stock=dict.fromkeys(SKUS, STOCK), wrap=wrap)
    if switches:
        asyncio.run(tested.switch(**switches))
    return tested, holder[0]


def the_order() -> Order:
    return an_order(
        a_line("LAMPE", quantity=2, price="19.99", shipping="3.50"),
        a_line("CAFETIERE", price="7.05"),
        a_line("LAMPE", line_id="again", price="18.00"),
    )


async def one_run(shop: Shop, order: Order, intent: Intent, **choices: str) -> ShopOrder | None:
    """Do what a run does with a due order; None when it has to come back."""
    try:
        plan = await plan_for(shop, order, **choices)
        in_shop = (await shop.find_orders({intent.key: intent.steps})).get(intent.key)
        if in_shop is None or (isinstance(in_shop, ShopOrder) and not in_shop.whole):
            in_shop = await shop.create_order(order, plan=plan, intent=intent)
        assert isinstance(in_shop, ShopOrder) or in_shop.may_finish, in_shop
        return in_shop if isinstance(in_shop, ShopOrder) else None
    except (Killed, CallError):
        return None


def runs_until_made(tested: PrestashopUnderTest, order: Order, intent: Intent, **choices: str) -> ShopOrder:
    for _ in range(MOST_RUNS):
        made = asyncio.run(one_run(tested.reopened(), order, intent, **choices))
        if made is not None:
            return made
        # Later runs come later: a half order is broken then, an unknown outcome can be looked up.
        tested.wait(600)
    raise AssertionError("the order was never made")


@pytest.mark.parametrize("way", every_way("killed after"))
@pytest.mark.parametrize("variant", ["A", "B"])
def test_an_import_that_goes_wrong_anywhere_makes_one_right_order(sqlite_store: Store, variant: str, way: str) -> None:
    order, at = the_order(), 0
    while True:
        at += 1
        tested, network = a_troubled_world(sqlite_store, variant=variant)
        network.plan(at, way)

        made = runs_until_made(tested, order, an_intent(order))

        if len(network.calls) < at:
            assert at > 15, "the import makes fewer calls than were to be troubled"
            return
        wrong = f"{way} at call {at}, {network.calls[at - 1]}"
        state = asyncio.run(tested.state())
        assert len(state["orders"]) == 1, wrong
        (in_shop,) = state["orders"]
        assert made.total == order.open_total, wrong
        assert Decimal(in_shop["total_paid"]) == order.open_total.amount, wrong
        assert Decimal(in_shop["total_paid_real"]) == order.open_total.amount, wrong
        assert sum(Decimal(each["amount"]) for each in in_shop["payments"]) == order.open_total.amount, wrong
        assert {each["sku"]: each["quantity"] for each in in_shop["rows"]} == {"LAMPE": 3, "CAFETIERE": 1}, wrong
        assert (state["stock"]["LAMPE"], state["stock"]["CAFETIERE"]) == (STOCK - 3, STOCK - 1), wrong
        assert len(in_shop["history"]) == len(set(in_shop["history"])), wrong
        assert state["specific_prices"] == [], wrong


@pytest.mark.parametrize("way", every_way("killed after"))
def test_an_order_shipped_by_the_marketplace_leaves_the_stock_alone_whatever_goes_wrong(
    sqlite_store: Store, way: str
) -> None:
    order, at = the_order(), 0
    while True:
        at += 1
        tested, network = a_troubled_world(sqlite_store)
        network.plan(at, way)

        runs_until_made(tested, order, an_intent(order), state="shipped", stock="keep")

        if len(network.calls) < at:
            assert at > 18, "the import makes fewer calls than were to be troubled"
            return
        wrong = f"{way} at call {at}, {network.calls[at - 1]}"
        state = asyncio.run(tested.state())
        assert len(state["orders"]) == 1, wrong
        assert (state["stock"]["LAMPE"], state["stock"]["CAFETIERE"]) == (STOCK, STOCK), wrong
        assert state["orders"][0]["state"] == DELIVERED, wrong


async def one_cancellation(shop: Shop, ref: str, intent: Intent) -> CancelOutcome | None:
    try:
        return await shop.cancel_order(ref, intent=intent)
    except (Killed, CallError):
        return None


@pytest.mark.parametrize("way", every_way("killed after"))
@pytest.mark.parametrize("stock", ["lower", "keep"])
def test_a_cancellation_that_goes_wrong_anywhere_gives_the_units_back_once(
    sqlite_store: Store, stock: str, way: str
) -> None:
    order, at = the_order(), 0
    while True:
        at += 1
        tested, network = a_troubled_world(sqlite_store)
        network.plan(0, "")
        intent = an_intent(order)
        made = runs_until_made(tested, order, intent, stock=stock)
        network.plan(at, way)

        outcome = None
        for _ in range(MOST_RUNS):
            outcome = outcome or asyncio.run(one_cancellation(tested.reopened(), made.ref, intent))

        wrong = f"{way} at call {at}"
        assert outcome in (CancelOutcome.CANCELLED, CancelOutcome.ALREADY_CANCELLED), wrong
        state = asyncio.run(tested.state())
        assert (state["stock"]["LAMPE"], state["stock"]["CAFETIERE"]) == (STOCK, STOCK), wrong
        if len(network.calls) < at:
            assert at > 2
            return
