"""What an order's lines cost, for the units that are still owed, with taxes listed or not."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.import_obstacles import Obstacle, obstacle
from app.domain.money import Money
from app.domain.order import Order
from app.marketplaces.mirakl import mapping
from tests.marketplaces.mirakl.records import Record, a_line, an_order

CANCELLED_UNIT = {"id": "c1", "amount": Decimal("29.90"), "shipping_amount": 0, "quantity": 1}
REFUNDED_UNIT = CANCELLED_UNIT | {"id": "r1", "refund_state": "REFUNDED"}


def read(**changes: Any) -> Order:
    found = mapping.order(an_order(**changes))
    assert isinstance(found, Order), found
    return found


def kept_out(order: Order) -> str:
    found = obstacle(order, unresolved={}, currencies=None)
    return found.code if found else ""


def in_euros(text: str) -> Money:
    return Money(Decimal(text), "EUR")


def test_units_cancelled_with_totals_kept_take_their_money_along() -> None:
    order = read(order_lines=[a_line(cancelations=[CANCELLED_UNIT])])

    assert ([line.quantity_open for line in order.lines], order.open_total) == ([1], in_euros("34.80"))
    assert (order.total, kept_out(order)) == (in_euros("64.70"), "")


def test_units_cancelled_with_totals_reduced_cost_what_is_left() -> None:
    reduced = a_line(cancelations=[CANCELLED_UNIT], price=Decimal("29.90"), total_price=Decimal("34.80"))

    order = read(order_lines=[reduced], total_price=Decimal("34.80"))

    assert (order.open_total, kept_out(order)) == (in_euros("34.80"), "")


def test_an_order_total_that_alone_is_reduced_proves_what_is_owed() -> None:
    order = read(order_lines=[a_line(cancelations=[CANCELLED_UNIT])], total_price=Decimal("34.80"))

    assert (order.open_total, order.total, kept_out(order)) == (in_euros("34.80"), in_euros("34.80"), "")


def test_amounts_that_prove_nothing_keep_the_order_out_and_are_both_named() -> None:
    order = read(order_lines=[a_line(cancelations=[CANCELLED_UNIT])], total_price=Decimal("50.00"))

    assert obstacle(order, unresolved={}, currencies=None) == Obstacle(
        "TOTAL_MISMATCH", {"lines": in_euros("64.70"), "total": in_euros("50.00")}
    )


def test_a_price_without_units_keeps_the_order_out() -> None:
    empty = a_line(
        order_line_id="SBX-1-A-2",
        quantity=0,
        price_unit=Decimal("205.88"),
        price=Decimal("205.88"),
        shipping_price=0,
        total_price=Decimal("205.88"),
    )

    order = read(order_lines=[a_line(), empty], total_price=Decimal("270.58"))

    assert obstacle(order, unresolved={}, currencies=None) == Obstacle(
        "TOTAL_MISMATCH", {"lines": in_euros("64.70"), "total": in_euros("270.58")}
    )


def test_units_refunded_out_of_the_shipment_are_not_owed() -> None:
    order = read(order_lines=[a_line(refunds=[REFUNDED_UNIT | {"excluded_from_shipment": True}])])

    assert ([line.quantity_open for line in order.lines], order.open_total) == ([1], in_euros("34.80"))
    assert kept_out(order) == ""


def test_a_refund_that_stays_in_the_shipment_takes_no_unit() -> None:
    order = read(order_lines=[a_line(refunds=[REFUNDED_UNIT | {"excluded_from_shipment": False}])])

    assert ([line.quantity_open for line in order.lines], order.open_total) == ([2], in_euros("64.70"))
    assert kept_out(order) == ""


@pytest.mark.parametrize(
    "refund", [REFUNDED_UNIT, {"id": "r1", "amount": Decimal("5.00"), "excluded_from_shipment": True}]
)
def test_a_refund_that_does_not_say_what_is_shipped_waits_for_a_person(refund: Record) -> None:
    assert kept_out(read(order_lines=[a_line(refunds=[refund])])) == "REFUNDED"


def test_a_refund_after_the_shipment_changes_nothing() -> None:
    order = read(order_state="RECEIVED", order_lines=[a_line(order_line_state="RECEIVED", refunds=[REFUNDED_UNIT])])

    assert (order.refund_is_unclear, order.open_total) == (False, in_euros("64.70"))


def taxed(amount: str, *, on_shipping: str = "0.98", **changes: Any) -> Record:
    return a_line(
        taxes=[{"amount": Decimal(amount), "code": "VAT", "rate": 20}],
        shipping_taxes=[{"amount": Decimal(on_shipping), "code": "VAT", "rate": 20}],
        **changes,
    )


def test_taxes_listed_beside_amounts_without_taxes_are_added() -> None:
    order = read(order_tax_mode="TAX_EXCLUDED", order_lines=[taxed("11.96")])

    [line] = order.lines
    assert (order.total, order.open_total, order.tax_mode) == (in_euros("77.64"), in_euros("77.64"), "incl")
    assert (line.total, line.shipping) == (in_euros("77.64"), in_euros("5.88"))
    assert kept_out(order) == ""


def test_taxes_that_the_operator_keeps_are_not_added() -> None:
    part = {"amount": Decimal("6.48"), "payable_to_shop": False}
    kept = {"amount": Decimal("6.48"), "amount_breakdown": {"parts": [part]}}
    line = a_line(taxes=[kept], shipping_taxes=[{"amount": 0}])

    order = read(order_tax_mode="TAX_EXCLUDED", order_lines=[line])

    assert (order.total, order.tax_mode, kept_out(order)) == (in_euros("64.70"), "incl", "")


@pytest.mark.parametrize("line", [a_line(), a_line(taxes=[{"amount": Decimal("11.96")}])])
def test_amounts_without_taxes_wait_where_taxes_are_not_listed(line: Record) -> None:
    order = read(order_tax_mode="TAX_EXCLUDED", order_lines=[line])

    assert (order.tax_mode, kept_out(order)) == ("excl", "TAXES_EXCLUDED")


def test_a_cancelled_unit_takes_its_taxes_along() -> None:
    gone = CANCELLED_UNIT | {"taxes": [{"amount": Decimal("5.98")}], "shipping_taxes": []}

    order = read(order_tax_mode="TAX_EXCLUDED", order_lines=[taxed("11.96", cancelations=[gone])])

    assert (order.open_total, kept_out(order)) == (in_euros("41.76"), "")


def test_more_decimals_than_the_currency_has_are_rounded_so_that_sums_hold() -> None:
    lines = [
        a_line(
            order_line_id=f"SBX-1-A-{place}",
            quantity=1,
            price_unit=Decimal("1.2345"),
            price=Decimal("1.2345"),
            shipping_price=0,
            total_price=Decimal("1.2345"),
        )
        for place in range(3)
    ]

    order = read(order_lines=lines, total_price=Decimal("3.7035"))

    assert (order.total, order.open_total) == (in_euros("3.70"), in_euros("3.70"))
    assert sorted(line.total.amount for line in order.lines) == [Decimal("1.23"), Decimal("1.23"), Decimal("1.24")]
    assert kept_out(order) == ""


def test_a_currency_without_decimals_is_rounded_to_whole_units() -> None:
    order = read(currency_iso_code="JPY")

    assert order.total == Money(Decimal(65), "JPY")
    assert kept_out(order) == ""
