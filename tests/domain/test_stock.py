"""What is left for an order."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.stock import Shortage, shortages
from tests.shops.builders import a_line, an_order


def test_a_line_with_enough_units_is_not_short() -> None:
    order = an_order(a_line(quantity=2), a_line("CAFETIERE"))

    assert shortages(order, left={"LAMPE": 2, "CAFETIERE": 1}, products={}) == []


def test_a_short_line_says_what_it_wants_and_what_is_left() -> None:
    order = an_order(a_line(quantity=3), a_line("CAFETIERE", quantity=2))

    assert shortages(order, left={"LAMPE": -2}, products={}) == [
        Shortage("LAMPE-1", "LAMPE", wanted=3, left=0),
        Shortage("CAFETIERE-1", "CAFETIERE", wanted=2, left=0),
    ]


def test_lines_of_one_product_share_it_first_line_first() -> None:
    order = an_order(a_line(line_id="1", quantity=2), a_line(line_id="2", quantity=2), a_line(line_id="3"))

    assert shortages(order, left={"LAMPE": 3}, products={}) == [Shortage("2", "LAMPE", wanted=2, left=1)]


def test_two_skus_of_one_product_share_its_units() -> None:
    order = an_order(a_line("LAMPE"), a_line("A-LAMPE"))
    left = {"LAMPE": 1, "A-LAMPE": 1}

    assert shortages(order, left=left, products={"LAMPE": "7", "A-LAMPE": "7"}) == [
        Shortage("A-LAMPE-1", "A-LAMPE", wanted=1, left=0)
    ]
    assert shortages(order, left=left, products={"LAMPE": "7", "A-LAMPE": "8"}) == []


def test_cancelled_units_need_no_stock() -> None:
    order = an_order(a_line(quantity=3, cancelled=2), a_line("X", cancelled=1))

    assert shortages(order, left={"LAMPE": 1}, products={}) == []


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(-3, 12))
def test_what_is_promised_is_never_more_than_there_is(quantities: list[int], left: int) -> None:
    lines = [a_line(line_id=str(number), quantity=quantity) for number, quantity in enumerate(quantities)]
    order = an_order(*lines)

    short = {each.line_id for each in shortages(order, left={"LAMPE": left}, products={})}

    assert sum(line.quantity_open for line in order.lines if line.id not in short) <= max(0, left)
