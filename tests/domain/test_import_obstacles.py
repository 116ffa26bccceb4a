"""What keeps an order out of a shop."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.import_obstacles import Obstacle, obstacle
from app.domain.money import Money
from app.domain.order import Fulfilment, Order
from tests.shops.builders import a_line, an_order


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
    assert obstacle(order, unresolved={"NOBODY": "SKU_UNKNOWN"}, currencies=None) == found


@pytest.mark.parametrize(
    ("currencies", "found"),
    [
        (None, None),
        (frozenset({"EUR", "CHF"}), None),
        (frozenset({"GBP", "CHF"}), Obstacle("CURRENCY_UNKNOWN", {"currency": "EUR", "expected": ("CHF", "GBP")})),
    ],
)
def test_a_currency_that_the_shop_does_not_take_is_an_obstacle(
    currencies: frozenset[str] | None, found: Obstacle | None
) -> None:
    assert obstacle(an_order(), unresolved={}, currencies=currencies) == found


def test_lines_that_do_not_make_the_total_are_an_obstacle() -> None:
    order = replace(an_order(), total=Money(Decimal("10.01"), "EUR"))

    found = obstacle(order, unresolved={}, currencies=None)

    assert found == Obstacle(
        "TOTAL_MISMATCH", {"lines": Money(Decimal("10.00"), "EUR"), "total": Money(Decimal("10.01"), "EUR")}
    )
