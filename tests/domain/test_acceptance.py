"""The merchant's rules for one order, without anything around them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.acceptance import AcceptWhen, Choice, WhenShort, choose
from app.domain.order import Fulfilment, Order
from tests.shops.builders import a_line, an_order

RULES = st.tuples(
    st.sampled_from(["in_stock", "always", "never"]),
    st.sampled_from(["leave", "refuse", "refuse_lines"]),
    st.booleans(),
)


def chosen(
    order: Order,
    *,
    left: dict[str, int] | None = None,
    unresolved: dict[str, str] | None = None,
    currencies: frozenset[str] | None = None,
    accept_when: AcceptWhen = "in_stock",
    when_short: WhenShort = "leave",
    line_by_line: bool = True,
) -> Choice:
    return choose(
        order,
        left=left or {},
        products={},
        unresolved=unresolved or {},
        currencies=currencies,
        accept_when=accept_when,
        when_short=when_short,
        line_by_line=line_by_line,
    )


def test_an_order_without_lines_is_left() -> None:
    assert chosen(replace(an_order(), lines=()), accept_when="always") == Choice(code="NO_LINES")


def test_always_accepts_whatever_the_shop_knows() -> None:
    order = an_order(a_line(""), a_line("NOBODY"))

    assert chosen(order, accept_when="always", unresolved={"NOBODY": "SKU_UNKNOWN"}).accept == {
        line.id: True for line in order.lines
    }


@pytest.mark.parametrize("currencies", [None, frozenset({"EUR"}), frozenset({"EUR", "GBP"})])
def test_an_order_in_a_currency_that_the_shop_takes_is_accepted(currencies: frozenset[str] | None) -> None:
    assert chosen(an_order(), left={"LAMPE": 1}, currencies=currencies).accept == {"LAMPE-1": True}


@pytest.mark.parametrize("when_short", ["leave", "refuse", "refuse_lines"])
def test_an_order_in_a_currency_that_the_shop_does_not_take_is_left_to_a_person(when_short: WhenShort) -> None:
    choice = chosen(an_order(), currencies=frozenset({"GBP", "CHF"}), when_short=when_short)

    assert choice == Choice(code="CURRENCY_UNKNOWN", params={"currency": "EUR", "expected": ("CHF", "GBP")})


def test_always_accepts_in_any_currency() -> None:
    assert chosen(an_order(), currencies=frozenset({"GBP"}), accept_when="always").accept == {"LAMPE-1": True}


def test_a_short_order_says_the_first_line_that_misses_units() -> None:
    order = an_order(a_line(), a_line("CAFETIERE", quantity=3))

    choice = chosen(order, left={"LAMPE": 1, "CAFETIERE": 2})

    assert choice == Choice(code="OUT_OF_STOCK", params={"sku": "CAFETIERE", "wanted": 3, "left": 2})


@given(RULES, st.dictionaries(st.sampled_from(["LAMPE", "CAFETIERE"]), st.integers(-2, 3)))
def test_a_marketplace_fulfilled_order_is_never_decided(rules: Any, left: dict[str, int]) -> None:
    accept_when, when_short, line_by_line = rules
    order = replace(an_order(), fulfilment=Fulfilment.MARKETPLACE)

    choice = chosen(order, left=left, accept_when=accept_when, when_short=when_short, line_by_line=line_by_line)

    assert choice == Choice(code="WAITING_ACCEPTANCE")


@given(RULES, st.integers(-2, 3), st.integers(-2, 3))
def test_a_decision_names_every_line_and_accepts_only_what_is_there(rules: Any, lamps: int, makers: int) -> None:
    accept_when, when_short, line_by_line = rules
    order = an_order(a_line(), a_line("CAFETIERE", quantity=2))
    left = {"LAMPE": lamps, "CAFETIERE": makers}

    choice = chosen(order, left=left, accept_when=accept_when, when_short=when_short, line_by_line=line_by_line)

    if choice.accept is None:
        assert choice.code
        return
    assert set(choice.accept) == {line.id for line in order.lines}
    if not line_by_line:
        assert len(set(choice.accept.values())) == 1
    if accept_when == "in_stock":
        assert all(left[line.sku] >= line.quantity_open for line in order.lines if choice.accept[line.id])
        assert when_short != "leave" or all(choice.accept.values())


@pytest.mark.parametrize("when_short", ["refuse", "refuse_lines"])
def test_a_product_nobody_can_name_is_no_reason_to_refuse(when_short: WhenShort) -> None:
    order = an_order(a_line(), a_line("NOBODY"))

    choice = chosen(order, unresolved={"NOBODY": "SKU_UNKNOWN"}, when_short=when_short)

    assert choice == Choice(code="SKU_UNKNOWN", params={"sku": "NOBODY"})
