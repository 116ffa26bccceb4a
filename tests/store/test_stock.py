"""Pieces promised to orders that wait, over all accounts of a shop."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.domain.intake import RESERVING, Intake
from app.domain.order import Fulfilment, OrderState
from app.domain.shop_mapping import ShopMapping
from app.store import accounts, stock
from app.store.accounts import StoredShop
from app.store.engine import Store
from tests.runs.builders import an_account, main_shop
from tests.shops.builders import NOW, a_line
from tests.support.aio import run
from tests.tasks.builders import a_run_ledger, a_sale, entry, heard, put


def test_orders_before_an_order_keep_their_units_and_those_behind_it_do_not(store: Store) -> None:
    run_ledger = a_run_ledger(an_account(store))
    heard(store, run_ledger, *(a_sale(order_id, a_line(quantity=2)) for order_id in ("A", "B", "C")))

    assert [promised(store, before=order_id) for order_id in ("A", "B", "C")] == [0, 2, 4]


def test_accounts_of_one_shop_share_its_stock_and_other_shops_have_their_own(store: Store) -> None:
    run(store.write(accounts.add_shop, StoredShop(id="other", name="other", kind="embedded", created_at=NOW)))
    one = an_account(store, "one", seller_key="one")
    two = an_account(store, "two", seller_key="two")
    elsewhere = an_account(store, "elsewhere", seller_key="elsewhere", shop_id="other")
    for account, quantity in ((one, 1), (two, 2), (elsewhere, 4)):
        heard(store, a_run_ledger(account), a_sale(account.name, a_line(quantity=quantity)))

    assert promised(store) == 3
    assert promised(store, shop_id="other") == 4


@pytest.mark.parametrize("intake", list(Intake))
def test_exactly_the_states_that_wait_for_the_shop_keep_units(store: Store, intake: Intake) -> None:
    heard(store, a_run_ledger(an_account(store)), a_sale("A"))
    put(store, "A", intake)

    assert promised(store) == (1 if intake in RESERVING else 0)


def test_the_states_that_reserve_are_those_of_the_table() -> None:
    assert {state.value for state in RESERVING} == {"held", "due", "creating", "needs_person", "blocked"}


def test_orders_that_the_marketplace_ships_keep_no_units(store: Store) -> None:
    afn = a_sale("A", fulfilment=Fulfilment.MARKETPLACE, state=OrderState.SHIPPED)
    heard(store, a_run_ledger(an_account(store)), afn)

    assert entry(store, "A").intake == Intake.DUE
    assert promised(store) == 0


def test_an_order_imported_after_the_stock_was_read_still_counts(store: Store) -> None:
    heard(store, a_run_ledger(an_account(store)), a_sale("A"))
    put(store, "A", Intake.IMPORTED, imported_at=NOW + timedelta(seconds=1))

    assert promised(store, read_at=NOW) == 1
    assert promised(store, read_at=NOW + timedelta(seconds=2)) == 0


def test_an_order_imported_after_the_stock_was_read_counts_whatever_its_number(store: Store) -> None:
    heard(store, a_run_ledger(an_account(store)), a_sale("A"), a_sale("B"))
    put(store, "B", Intake.IMPORTED, imported_at=NOW + timedelta(seconds=1))

    assert promised(store, before="A", read_at=NOW) == 1


def test_lines_of_one_product_add_up_and_cancelled_units_do_not_count(store: Store) -> None:
    lines = a_line(line_id="1", quantity=3, cancelled=1), a_line(line_id="2", quantity=4), a_line("OTHER", quantity=9)
    heard(store, a_run_ledger(an_account(store)), a_sale("A", *lines))

    assert promised(store) == 6


def test_a_line_cancelled_later_gives_its_units_free(store: Store) -> None:
    run_ledger = a_run_ledger(an_account(store))
    heard(store, run_ledger, a_sale("A", a_line(quantity=3)))
    heard(store, run_ledger, replace(a_sale("A", a_line(quantity=3, cancelled=2)), updated_at=NOW))

    assert promised(store) == 1


def test_a_product_is_promised_under_all_its_names_once(store: Store) -> None:
    one = an_account(store, "one", seller_key="one")
    two = an_account(store, "two", seller_key="two")
    heard(store, a_run_ledger(one), a_sale("A", a_line("LAMPE", quantity=1), a_line("A-LAMPE", quantity=2)))
    heard(store, a_run_ledger(two), a_sale("B", a_line("A-LAMPE", quantity=4), a_line("LAMPE", quantity=8)))
    names = {"lamp": [(one.id, "LAMPE"), (two.id, "A-LAMPE"), (two.id, "A-LAMPE")], "other": [(two.id, "LAMPE")]}

    found = run(store.read(stock.promised, main_shop(store), names, below_id=None, imported_since=NOW))

    assert found == {"lamp": 5, "other": 8}


def test_more_names_than_a_statement_takes_are_counted(store: Store) -> None:
    account = an_account(store)
    heard(store, a_run_ledger(account), a_sale("A", a_line("SKU-39999", quantity=3)))
    names = {"all": [(account.id, f"SKU-{number}") for number in range(40_000)]}

    found = run(store.read(stock.promised, main_shop(store), names, below_id=None, imported_since=NOW))

    assert found == {"all": 3}


def test_the_mappings_of_a_shop_are_those_of_its_accounts(store: Store) -> None:
    run(store.write(accounts.add_shop, StoredShop(id="other", name="other", kind="embedded", created_at=NOW)))
    plain = an_account(store, "plain", seller_key="plain")
    named = an_account(store, "named", seller_key="named", sku_prefix="A-", sku_links={"OLD": "LAMPE"})
    an_account(store, "elsewhere", seller_key="elsewhere", shop_id="other")
    gone = an_account(store, "gone", seller_key="gone")
    run(store.write(accounts.change_account, gone.id, {"removed_at": NOW}))

    found = run(store.read(stock.mappings, main_shop(store)))

    assert found == {plain.id: ShopMapping(), named.id: ShopMapping(sku_prefix="A-", sku_links={"OLD": "LAMPE"})}


def promised(store: Store, *, before: str = "", shop_id: str = "", read_at: datetime = NOW) -> int:
    """Return the lamps that orders before this one (all by default) wait for."""
    found = run(
        store.read(
            stock.promised,
            shop_id or main_shop(store),
            {"lamp": {(account.id, "LAMPE") for account in run(store.read(accounts.all_accounts))}},
            below_id=entry(store, before).id if before else None,
            imported_since=read_at,
        )
    )
    return found["lamp"]
