"""What keeps an order out of a shop."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.entry import Obstacle, obstacle
from app.domain.money import Money
from app.domain.order import Fulfilment, Order
from tests.shops.building import a_line, an_order


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (an_order(), None),
        (replace(an_order(), lines=()), Obstacle("NO_LINES")),
        (an_order(a_line(cancelled=1)), Obstacle("NO_LINES")),
        (an_order(address=None), Obstacle("ADDRESS_MISSING")),
        (replace(an_order(address=None), fulfilment=Fulfilment.MARKETPLACE), None),
        (an_order(a_line("")), Obstacle("SKU_MISSING")),
        (an_order(a_line("NOBODY")), Obstacle("SKU_UNKNOWN", {"sku": "NOBODY"})),
        (an_order(a_line(), a_line("NOBODY", cancelled=1)), None),
    ],
)
def test_the_first_obstacle_is_named(order: Order, found: Obstacle | None) -> None:
    assert obstacle(order, unresolved={"NOBODY": "SKU_UNKNOWN"}) == found


def test_lines_that_do_not_make_the_total_are_an_obstacle() -> None:
    order = replace(an_order(), total=Money(Decimal("10.01"), "EUR"))

    assert obstacle(order, unresolved={}) == Obstacle("TOTAL_MISMATCH", {"lines": "10.00 EUR", "total": "10.01 EUR"})
