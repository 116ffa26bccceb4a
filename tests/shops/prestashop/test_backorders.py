"""A shop that puts orders for more than it has on backorder: they come in paid, with the right total."""

from decimal import Decimal

import pytest

from app.store.engine import Store
from tests.contract.shops.under_test import SKUS, STOCK, imported
from tests.shops.builders import a_line, an_order
from tests.shops.prestashop.under_test import a_prestashop
from tests.support.aio import run


@pytest.mark.parametrize("variant", ["A", "B"])
def test_an_order_for_more_than_there_is_comes_in_paid_and_exact(sqlite_store: Store, variant: str) -> None:
    tested = a_prestashop(sqlite_store, stock=dict.fromkeys(SKUS, STOCK))
    run(tested.switch(backorder_status=True, variant=variant))
    order = an_order(a_line("LAMPE", quantity=STOCK + 1, price="19.99", shipping="4.90"))

    made = run(imported(tested.reopened(), order))

    (in_shop,) = run(tested.state())["orders"]
    assert made.total == order.open_total
    assert made.whole
    assert sum(Decimal(each["amount"]) for each in in_shop["payments"]) == order.open_total.amount
    assert Decimal(in_shop["total_paid_real"]) == order.open_total.amount
