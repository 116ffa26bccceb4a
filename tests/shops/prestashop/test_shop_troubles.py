"""Shops, hosts and merchants that get in the way of an import: it ends with one right order, or a name for it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from app.clock import JumpingClock
from app.domain.message import Param, message
from app.domain.shop_mapping import ShopMapping
from app.domain.wording import in_english
from app.errors import CallError, CredentialsRefused, RoleMissing, SetupWrong, Unavailable
from app.shops.port import CancelOutcome, ShopOrder, UnfinishedOrder
from app.store.engine import Store
from app.store.tables import LeaseRow
from tests.contract.shops.under_test import SKUS, STOCK
from tests.shops.builders import ADDRESS, a_line, an_intent, an_order, plan_for
from tests.shops.prestashop.importing import (
    LATER_S,
    Answering,
    Came,
    Import,
    Sent,
    Trap,
    an_import,
    another_process,
    one_run,
    until,
)
from tests.shops.prestashop.troubled import Killed
from tests.support.aio import run
from tests.support.sentences import detail_and_fix

VARIANTS = pytest.mark.parametrize("variant", ["A", "B"])
EXPRESS = "2"
PREPARATION, SHIPPED, DELIVERED, CANCELLED = 3, 4, 5, 6
# Every write of an import with shipping; the entry state decides which of the last ones there are.
WRITES = (
    "POST customers",
    "POST addresses",
    "POST carts",
    "POST specific_prices",
    "POST orders",
    "PATCH orders",
    "PATCH order_carriers",
    "PATCH order_payments",
    "PATCH order_invoices",
    "POST order_histories",
)


def dear() -> Any:
    """An order that takes every step of an import."""
    return an_order(a_line(price="19.99", quantity=2, shipping="3.50"), a_line("CAFETIERE", price="7.05"))


def once(imports: Import, write: str, trap: Trap) -> None:
    """Lay a trap for the next such write alone."""
    verb, resource = write.split(" ")

    async def first(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        del imports.wire.traps[verb, resource]
        return await trap(request, pass_on)

    imports.wire.traps[verb, resource] = first


async def dies_before(request: httpx.Request, pass_on: Answering) -> httpx.Response:
    return httpx.Response(500, request=request)


async def dies_after(request: httpx.Request, pass_on: Answering) -> httpx.Response:
    await (await pass_on(request)).aread()
    return httpx.Response(500, text="Fatal error", headers={"Content-Type": "text/html"}, request=request)


async def hangs_up_before(request: httpx.Request, pass_on: Answering) -> httpx.Response:
    raise httpx.ReadTimeout("cut", request=request)


async def dies_with_us_before(request: httpx.Request, pass_on: Answering) -> httpx.Response:
    raise Killed


async def dies_with_us_after(request: httpx.Request, pass_on: Answering) -> httpx.Response:
    await (await pass_on(request)).aread()
    raise Killed


# Hosts and PHP.


@VARIANTS
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("trap", [dies_before, dies_after])
def test_a_fatal_error_at_any_write_leaves_one_right_order(
    sqlite_store: Store, variant: str, write: str, trap: Trap
) -> None:
    imports, order = an_import(sqlite_store, variant=variant), dear()
    once(imports, write, trap)

    imports.until_made(order)

    imports.one_right_order(order)
    assert (imports.state()["stock"]["LAMPE"], imports.state()["stock"]["CAFETIERE"]) == (STOCK - 2, STOCK - 1)


@VARIANTS
@pytest.mark.parametrize("switches", [{"php_noise": True}, {"php_noise": True, "error_500_after_write": True}])
def test_notices_before_every_answer_change_nothing(
    sqlite_store: Store, variant: str, switches: Mapping[str, Any]
) -> None:
    imports, order = an_import(sqlite_store, variant=variant, **switches), dear()

    imports.made(order)

    imports.one_right_order(order)


def test_nobody_posts_an_order_while_another_ones_outcome_is_unknown(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)

    async def everything_is_down(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        await imports.tested.ask("POST", "faults", kind="timeout")
        raise httpx.ReadTimeout("cut", request=request)

    once(imports, "POST orders", everything_is_down)

    came = imports.once(an_order())

    assert isinstance(came, Unavailable)
    assert run(sqlite_store.read(holder_of_the_slot)) is not None


def holder_of_the_slot(session: Session) -> str | None:
    lease = session.get(LeaseRow, "order-creation:shop")
    return lease.owner if lease is not None else None


def test_what_is_cleared_away_in_a_shop_that_warns_is_gone(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order()
    intent = an_intent(order)
    once(imports, "POST orders", hangs_up_before)
    imports.once(order, intent)
    imports.switch(error_500_after_write=True)

    run(imports.opened().abandon(intent))

    state = imports.state()
    assert (state["orders"], state["carts"], state["specific_prices"]) == ([], [], [])


def test_a_shop_whose_answers_are_pages_stops_the_run_before_anything_is_made(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    imports.do("faults", kind="malformed")

    came = imports.once(an_order())

    assert isinstance(came, SetupWrong)
    assert "a page answers where the Webservice should" in came.plain_detail
    assert imports.wire.writes == []


def test_a_shop_that_is_down_pauses_the_run(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store)
    imports.do("faults", kind="http_503")

    came = imports.once(an_order())

    assert isinstance(came, Unavailable)
    assert came.code == "SHOP_DOWN"
    assert imports.wire.writes == []


def test_a_host_that_redirects_is_never_followed(sqlite_store: Store) -> None:
    imports = an_import(sqlite_store, redirect_to_https=True)

    came = imports.once(an_order())

    assert isinstance(came, SetupWrong)
    assert len(imports.wire.sent) == len({each.resource for each in imports.wire.sent})


@VARIANTS
def test_verbs_that_a_host_blocks_go_under_another_name(sqlite_store: Store, variant: str) -> None:
    imports = an_import(
        sqlite_store, config={"verbs": "post"}, variant=variant, blocked_verbs=["PUT", "PATCH", "DELETE"]
    )
    order = dear()

    imports.made(order)

    imports.one_right_order(order)


@VARIANTS
def test_a_blocked_verb_is_named_and_the_order_is_finished_when_it_is_set_right(
    sqlite_store: Store, variant: str
) -> None:
    imports = an_import(sqlite_store, variant=variant, blocked_verbs=["PUT", "PATCH", "DELETE"])
    order = dear()
    intent = an_intent(order)

    came = imports.once(order, intent)
    replace(imports, config={"verbs": "post"}).made(order, intent)

    assert isinstance(came, SetupWrong)
    assert detail_and_fix(came) == "Its host blocks PATCH. Set verbs=post."
    imports.one_right_order(order)
    assert len(imports.wire.calls("POST", "orders")) == 1


@VARIANTS
@pytest.mark.parametrize(
    ("config", "switches"),
    [
        ({"rewriting": False}, {"rewrites": False}),
        ({"rewriting": False, "verbs": "post"}, {"rewrites": False, "blocked_verbs": ["PATCH", "DELETE", "PUT"]}),
        ({"key_in_address": True}, {"lost_authorization": True}),
        ({"id_shop": "1"}, {"second_shop": True}),
        ({"rewriting": False, "key_in_address": True, "id_shop": "1"}, {"rewrites": False, "second_shop": True}),
    ],
)
def test_an_odd_host_gets_the_order_as_any_other(
    sqlite_store: Store, variant: str, config: Mapping[str, Any], switches: Mapping[str, Any]
) -> None:
    imports = an_import(sqlite_store, config=config, variant=variant, **switches)
    order = dear()
    intent = an_intent(order)

    made = imports.made(order, intent)

    imports.one_right_order(order)
    assert imports.made(order) == replace(made, warnings={})
    assert run(imports.opened().cancel_order(made.ref, intent=intent)) is CancelOutcome.CANCELLED


@pytest.mark.parametrize(
    ("config", "switches", "kind", "said"),
    [
        ({}, {"rewrites": False}, SetupWrong, "ask its host for the rewriting rule of /api, or set rewriting=0"),
        ({"id_shop": "2"}, {"second_shop": True}, RoleMissing, "The key is not allowed for this shop. Tick the shop"),
        ({}, {"webservice": False}, SetupWrong, "Its webservice is switched off. Switch it on under"),
        ({}, {"key_active": False}, CredentialsRefused, "The key is unknown or switched off. Compare it under"),
        ({}, {"denied": {"orders": ["GET"]}}, RoleMissing, "The key may not GET orders. Tick it on the key under"),
    ],
)
def test_a_shop_that_lets_nobody_in_says_what_to_do(
    sqlite_store: Store, config: Mapping[str, Any], switches: Mapping[str, Any], kind: type[CallError], said: str
) -> None:
    imports = an_import(sqlite_store, config=config, **switches)

    came = imports.once(an_order())

    assert isinstance(came, kind)
    assert said in detail_and_fix(came)
    assert imports.wire.writes == []


@pytest.mark.parametrize("resource", ["customers", "addresses", "carts", "specific_prices", "orders"])
def test_a_right_that_is_missing_leaves_no_order_and_one_when_it_is_there(sqlite_store: Store, resource: str) -> None:
    imports, order = an_import(sqlite_store, denied={resource: ["POST"]}), an_order()
    intent = an_intent(order)

    came = imports.once(order, intent)
    before = imports.state()["orders"]
    imports.switch(denied={})
    imports.made(order, intent)

    assert isinstance(came, RoleMissing)
    assert came.plain_detail == f"the key may not POST {resource}"
    assert before == []
    imports.one_right_order(order)
    assert len(imports.state()["carts"]) == 1


@pytest.mark.parametrize("version", ["9.0.0", "1.7.8.11", "1.7.7.8"])
@VARIANTS
def test_every_version_gets_its_order(sqlite_store: Store, variant: str, version: str) -> None:
    imports, order = an_import(sqlite_store, variant=variant, version=version), dear()

    imports.made(order)

    imports.one_right_order(order)
    verbs = {each.verb for each in imports.wire.sent}
    assert ("PATCH" in verbs, "PUT" in verbs) == ((True, False) if version == "9.0.0" else (False, True))


@pytest.mark.parametrize("switches", [{"backorder_status": True}, {"shared_stock": True}, {"languages": 2}])
@VARIANTS
def test_an_odd_set_up_changes_nothing(sqlite_store: Store, variant: str, switches: dict[str, Any]) -> None:
    imports, order = an_import(sqlite_store, variant=variant, **switches), dear()

    imports.made(order)

    imports.one_right_order(order)


# Merchants who are faster.


@VARIANTS
@pytest.mark.parametrize("state", [PREPARATION, SHIPPED, DELIVERED])
def test_an_order_that_the_merchant_took_further_is_never_moved_back(
    sqlite_store: Store, variant: str, state: int
) -> None:
    imports, order = an_import(sqlite_store, variant=variant), an_order(a_line(price="19.99"))
    intent = an_intent(order)
    once(imports, "POST orders", dies_with_us_after)
    with pytest.raises(Killed):
        imports.once(order, intent)
    imports.do("orders/1/state", state=state)
    imports.tested.wait(LATER_S)
    before = len(imports.wire.writes)

    imports.made(order, intent)

    (in_shop,) = imports.state()["orders"]
    assert (in_shop["state"], in_shop["history"][-1]) == (state, state)
    assert imports.wire.writes[before:] == []


@VARIANTS
def test_an_order_that_the_merchant_cancelled_is_reported_and_left_alone(sqlite_store: Store, variant: str) -> None:
    imports, order = an_import(sqlite_store, variant=variant), dear()
    intent = an_intent(order)
    once(imports, "PATCH orders", hangs_up_before)
    imports.do("faults", kind="timeout", operation="PATCH orders", count=4)
    imports.once(order, intent)
    imports.do("orders/1/cancel")
    imports.tested.wait(LATER_S)
    before = len(imports.wire.writes)

    made = imports.made(order, intent)

    assert made.state == "cancelled"
    assert imports.wire.writes[before:] == []
    assert imports.state()["stock"]["LAMPE"] == STOCK


def test_an_order_of_the_marketplace_that_the_merchant_cancelled_gives_its_units_back_once(
    sqlite_store: Store,
) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line(quantity=3))
    intent = an_intent(order)

    async def cancelled_while_we_finish() -> Came:
        shop = imports.opened()
        plan = await plan_for(shop, order, state="shipped", stock="keep")
        found = await shop.find_orders({intent.key: intent.steps})
        assert isinstance(found[intent.key], ShopOrder)
        # Between our look and what follows it.
        await imports.tested.ask("POST", "orders/1/cancel")
        return await shop.create_order(order, plan=plan, intent=intent)

    once(imports, "POST order_histories", hangs_up_before)
    imports.once(order, intent, state="shipped", stock="keep")
    came = run(cancelled_while_we_finish())

    assert isinstance(came, ShopOrder)
    assert came.state == "cancelled"
    assert imports.state()["stock"]["LAMPE"] == STOCK
    assert imports.wire.calls("PATCH", "stock_availables") == []


@VARIANTS
def test_an_order_that_died_with_the_price_of_its_carrier_is_finished_whole(sqlite_store: Store, variant: str) -> None:
    mapping = ShopMapping(carriers={"*": EXPRESS}) if variant == "B" else ShopMapping()
    imports, order = an_import(sqlite_store, variant=variant, mapping=mapping), an_order(a_line(price="19.99"))
    intent = an_intent(order)
    once(imports, "PATCH order_carriers", hangs_up_before)
    imports.do("faults", kind="timeout", operation="PATCH order_carriers", count=4)

    imports.until_made(order, intent)

    imports.one_right_order(order)
    assert [row["shipping_cost_tax_incl"] for row in imports.rows("order_carriers")] == [0]


# Units that are not the merchant's.


def stock_writes(imports: Import) -> list[Sent]:
    return imports.wire.calls("PATCH", "stock_availables")


def sell(imports: Import, units: int) -> None:
    """Sell lamps in the shop itself."""
    imports.do("offers", sku="LAMPE", quantity=imports.state()["stock"]["LAMPE"] - units)


def test_a_sale_after_a_stock_write_without_an_answer_is_named_and_nothing_written_twice(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line(quantity=3))
    intent = an_intent(order)

    async def sold_meanwhile(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        await (await pass_on(request)).aread()
        await imports.tested.ask("POST", "offers", sku="LAMPE", quantity=STOCK - 1)
        raise httpx.ReadTimeout("cut", request=request)

    once(imports, "PATCH stock_availables", sold_meanwhile)
    came = [imports.once(order, intent, state="shipped", stock="keep") for _ in range(2)]

    (row,) = {each.record_id for each in stock_writes(imports)}
    stock: dict[str, Param] = {"quantity": str(STOCK - 1), "before": STOCK - 3, "target": STOCK}
    named = UnfinishedOrder("1", message("STOCK_NEITHER", row=row, **stock))
    assert came == [named, named]
    assert len(stock_writes(imports)) == 1
    assert imports.state()["stock"]["LAMPE"] == STOCK - 1


def test_a_sale_before_the_stock_write_of_a_later_run_is_named_and_nothing_written(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line(quantity=3))
    intent = an_intent(order)
    once(imports, "PATCH stock_availables", dies_with_us_before)
    with pytest.raises(Killed):
        imports.once(order, intent, state="shipped", stock="keep")
    sell(imports, 1)
    imports.tested.wait(LATER_S)

    came = imports.once(order, intent, state="shipped", stock="keep")

    assert isinstance(came, UnfinishedOrder)
    assert in_english(came.reason).endswith(f"it was {STOCK - 3} and should be {STOCK}: set it by hand")
    assert len(stock_writes(imports)) == 1
    assert imports.state()["stock"]["LAMPE"] == STOCK - 4


def test_what_a_module_makes_of_a_stock_write_is_read_back_and_named(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line(quantity=3))

    async def changed_behind_us(request: httpx.Request, pass_on: Answering) -> httpx.Response:
        answer = await pass_on(request)
        await answer.aread()
        await imports.tested.ask("POST", "offers", sku="LAMPE", quantity=7)
        return answer

    once(imports, "PATCH stock_availables", changed_behind_us)

    came = imports.once(order, state="shipped", stock="keep")

    assert isinstance(came, UnfinishedOrder)
    assert f"is 7, it was {STOCK - 3} and should be {STOCK}" in in_english(came.reason)


def test_stock_that_depends_on_a_warehouse_is_not_written(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line("LAMPE", quantity=3), a_line("CAFETIERE", quantity=2))
    stock = imports.tested.sandbox.database["stock_availables"]
    lamp, coffee = (
        row for sku in ("LAMPE", "CAFETIERE") for row in stock.where("id_product", product_of(imports, sku))
    )
    stock.change(lamp, depends_on_stock=1)

    imports.made(order, state="shipped", stock="keep")

    assert [each.record_id for each in stock_writes(imports)] == [str(coffee.id)]
    assert imports.state()["stock"]["CAFETIERE"] == STOCK


def test_the_units_of_another_shop_are_not_touched(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, second_shop=True), an_order(a_line(quantity=3))
    intent = an_intent(order)
    stock = imports.tested.sandbox.database["stock_availables"]
    other = stock.add(id_product=product_of(imports, "LAMPE"), id_shop=2, quantity=11, out_of_stock=2)

    made = imports.made(order, intent, state="paid", stock="keep")
    kept = imports.state()["stock"]["LAMPE"], other["quantity"]
    run(imports.opened().cancel_order(made.ref, intent=intent))

    assert kept == (STOCK, 11)
    assert (imports.state()["stock"]["LAMPE"], other["quantity"]) == (STOCK, 11)


def test_stock_that_shops_share_is_kept_too(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, shared_stock=True), an_order(a_line(quantity=3))

    imports.made(order, state="shipped", stock="keep")

    assert imports.state()["stock"]["LAMPE"] == STOCK
    assert [each.texts("id_shop_group") for each in stock_writes(imports)] == [["1"]]


def test_a_shop_that_keeps_no_stock_gets_no_units(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store, stock_management=False), an_order(a_line(quantity=3))
    intent = an_intent(order)

    made = imports.made(order, intent, state="paid", stock="keep")
    run(imports.opened().cancel_order(made.ref, intent=intent))

    assert stock_writes(imports) == []
    assert imports.state()["stock"]["LAMPE"] == STOCK


def product_of(imports: Import, sku: str) -> int:
    (product,) = [row.id for row in imports.rows("products") if row["reference"] == sku]
    return int(product)


# Clocks.


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize(
    "moment",
    [
        # Two in the morning comes twice in Europe, then it does not come at all.
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 50, tzinfo=UTC),
    ],
)
def test_a_half_order_is_young_in_every_hour_of_the_year(sqlite_store: Store, moment: datetime, zone: str) -> None:
    imports, order = an_import(sqlite_store, timezone=zone, half_orders=1), an_order()
    imports.tested.wait((moment - imports.tested.now()).total_seconds())
    intent = an_intent(order)

    imports.once(order, intent)
    imports.tested.wait(61)
    young = imports.once(order, intent)
    imports.tested.wait(2 * 3600)
    old = imports.once(order, intent)

    assert isinstance(young, UnfinishedOrder)
    assert isinstance(old, UnfinishedOrder)
    assert (young.may_finish, old.may_finish) == (True, False)
    assert len(imports.wire.calls("POST", "orders")) == 1


@pytest.mark.parametrize("minutes", [-90, -10, 10, 90])
def test_a_half_order_is_young_by_the_clock_of_the_shop(sqlite_store: Store, minutes: int) -> None:
    imports, order = an_import(sqlite_store, half_orders=1), an_order()
    tested = imports.tested
    ours = JumpingClock(tested.now() + timedelta(minutes=minutes))
    elsewhere = replace(imports, tested=replace(tested, connector=replace(tested.connector, clock=ours)))
    intent = an_intent(order)

    elsewhere.once(order, intent)
    young = elsewhere.once(order, intent)
    tested.wait(LATER_S)
    old = elsewhere.once(order, intent)

    assert isinstance(young, UnfinishedOrder)
    assert isinstance(old, UnfinishedOrder)
    assert (young.may_finish, old.may_finish) == (True, False)


# Again and again.


@VARIANTS
@pytest.mark.parametrize("choices", [{}, {"state": "shipped", "stock": "keep"}])
@pytest.mark.parametrize("remembered", [True, False])
def test_a_second_run_writes_nothing(
    sqlite_store: Store, variant: str, choices: dict[str, str], remembered: bool
) -> None:
    imports = an_import(sqlite_store, variant=variant, mapping=ShopMapping(carriers={"*": "3"}))
    orders = [replace(dear(), order_id=f"MKP-{number}") for number in range(3)]
    orders.append(replace(orders[0], order_id="MKP-ES", shipping_address=replace(ADDRESS, country="ES")))
    intents = [an_intent(order) for order in orders]
    first = [imports.made(order, intent, **choices) for order, intent in zip(orders, intents, strict=True)]
    written = imports.state()["writes"]

    second = [
        imports.made(order, intent if remembered else an_intent(order), **choices)
        for order, intent in zip(orders, intents, strict=True)
    ]

    assert second == first
    assert imports.state()["writes"] == written


@pytest.mark.parametrize(
    ("variant", "lines", "shipping", "most"),
    [
        ("A", 1, "0.00", 8),
        ("A", 3, "0.00", 8),
        ("B", 1, "0.00", 9),
        ("B", 3, "0.00", 9),
        ("A", 1, "3.50", 14),
        ("A", 3, "3.50", 14),
        ("B", 1, "3.50", 13),
        ("B", 3, "3.50", 13),
    ],
)
def test_twenty_orders_take_so_many_calls_each_and_one_look_for_all(
    sqlite_store: Store, variant: str, lines: int, shipping: str, most: int
) -> None:
    imports = an_import(sqlite_store, variant=variant)
    orders = [
        an_order(
            *(a_line(sku, shipping=shipping if place == 0 else "0.00") for place, sku in enumerate(SKUS[:lines])),
            order_id=f"MKP-{number}",
        )
        for number in range(20)
    ]

    async def as_the_task_does() -> int:
        shop = imports.opened()
        # What is read once a run: facts, carriers, products, taxes.
        await one_run(shop, replace(orders[0], order_id="MKP-FIRST"), an_intent(replace(orders[0], order_id="F")))
        plans = [await plan_for(shop, order) for order in orders]
        intents = [an_intent(order) for order in orders]
        before = len(imports.wire.sent)
        assert await shop.find_orders({intent.key: intent.steps for intent in intents}) == {}
        for order, plan, intent in zip(orders, plans, intents, strict=True):
            made = await shop.create_order(order, plan=plan, intent=intent)
            assert isinstance(made, ShopOrder)
        return len(imports.wire.sent) - before

    assert run(as_the_task_does()) == 20 * most + 1


def test_a_cut_off_caller_and_another_process_still_make_one_order(sqlite_store: Store) -> None:
    imports, order = an_import(sqlite_store), an_order(a_line(quantity=3))
    intent = an_intent(order)

    async def cut_off_and_take_over() -> Came:
        writing = asyncio.create_task(one_run(imports.opened(), order, intent))
        await until(lambda: imports.wire.calls("POST", "orders"))
        writing.cancel()
        await asyncio.wait([writing])
        return await one_run(another_process(imports), order, intent)

    came = run(cut_off_and_take_over())

    assert isinstance(came, ShopOrder | CallError)
    imports.until_made(order, intent)
    imports.one_right_order(order)
    assert len(imports.wire.calls("POST", "orders")) == 1
    assert Decimal(imports.state()["stock"]["LAMPE"]) == STOCK - 3
