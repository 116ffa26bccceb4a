"""The shop's totals are known to the cent before it is asked."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.shops.prestashop.mapping.totals import (
    PER_ITEM,
    PER_LINE,
    PER_TOTAL,
    CartRow,
    amount_text,
    cart_total,
    cart_total_excl,
    merge,
    patched_totals,
    plan_prices,
    row_total,
    shipping_excl,
    unit_price_excl,
    vat_differs,
)

RATES = st.sampled_from([Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "19", "20", "21", "25")])
AMOUNTS = st.decimals("0.01", "99999.99", places=2)
CENT = Decimal("0.01")


def a_row(
    amount: str | Decimal,
    *,
    quantity: int = 1,
    rate: str | Decimal = "20",
    product: str = "1",
    attribute: str = "1",
    ecotax: str = "0",
    ecotax_rate: str = "0",
) -> CartRow:
    return CartRow(
        product_id=product,
        attribute_id=attribute,
        quantity=quantity,
        amount_incl=Decimal(amount),
        rate=Decimal(rate),
        ecotax_excl=Decimal(ecotax),
        ecotax_rate=Decimal(ecotax_rate),
    )


ROWS = st.builds(a_row, AMOUNTS, quantity=st.integers(1, 999), rate=RATES)


# What a real PrestaShop 8.2.1 made of these prices, with PS_ROUND_TYPE 2.


def test_two_units_at_19_99() -> None:
    row = a_row("39.98", quantity=2)

    assert str(unit_price_excl(row)) == "16.658333"
    assert row_total(row, round_type=PER_LINE) == cart_total([row], round_type=PER_LINE) == Decimal("39.98")
    assert cart_total_excl([row], round_type=PER_LINE) == Decimal("33.32")


def test_two_lines_of_one_order() -> None:
    rows = [a_row("19.99"), a_row("19.98", quantity=2, product="3", attribute="14")]

    plan = plan_prices(rows, round_type=PER_LINE)

    assert list(map(str, plan.prices)) == ["16.658333", "8.325000"]
    assert plan.matches
    assert plan.total == Decimal("39.97")


def test_a_price_in_cents_misses_three_units_by_one() -> None:
    row = a_row("30.00", quantity=3)

    assert row_total(row, round_type=PER_LINE, price=Decimal("8.33")) == Decimal("29.99")
    assert plan_prices([row], round_type=PER_LINE).total == Decimal("30.00")


def test_five_thousand_units_at_the_price_of_the_shop() -> None:
    row = a_row("114720.00", quantity=5000)

    assert str(unit_price_excl(row)) == "19.120000"
    assert row_total(row, round_type=PER_LINE) == Decimal("114720.00")


# Every amount is met.


@given(row=ROWS)
@example(row=a_row("0.01", quantity=999))
@example(row=a_row("99999.99", quantity=999, rate="25"))
def test_a_row_of_up_to_999_units_is_always_met(row: CartRow) -> None:
    plan = plan_prices([row], round_type=PER_LINE)

    assert plan.matches
    assert plan.prices == (unit_price_excl(row),)
    assert row_total(row, round_type=PER_LINE) == row.amount_incl


@given(amount=AMOUNTS, quantity=st.integers(1, 4000), rate=RATES | st.just(Decimal(30)))
def test_up_to_four_thousand_units_it_is_met_however_the_unit_is_rounded(
    amount: Decimal, quantity: int, rate: Decimal
) -> None:
    row = a_row(amount, quantity=quantity, rate=rate)
    unrounded_unit = unit_price_excl(row) * (1 + rate / 100)

    assert row_total(row, round_type=PER_LINE) == amount
    assert abs(unrounded_unit * quantity - amount) < CENT / 2


@given(rows=st.lists(ROWS, min_size=1, max_size=4))
def test_several_rows_are_met_by_line_and_in_total(rows: list[CartRow]) -> None:
    numbered = [replace(row, product_id=str(number)) for number, row in enumerate(rows)]
    wanted = sum(row.amount_incl for row in rows)

    assert plan_prices(numbered, round_type=PER_LINE).total == wanted
    assert plan_prices(numbered, round_type=PER_TOTAL).total == wanted


@given(price=st.decimals("0.01", "999.99", places=2), quantity=st.integers(1, 999), rate=RATES)
def test_by_item_an_amount_in_whole_cents_a_unit_is_met(price: Decimal, quantity: int, rate: Decimal) -> None:
    plan = plan_prices([a_row(price * quantity, quantity=quantity, rate=rate)], round_type=PER_ITEM)

    assert plan.matches
    assert plan.total == price * quantity


@given(rows=st.lists(ROWS, min_size=1, max_size=4), round_type=st.sampled_from([PER_ITEM, PER_LINE, PER_TOTAL]))
def test_a_plan_says_what_the_shop_will_ask(rows: list[CartRow], round_type: int) -> None:
    plan = plan_prices(rows, round_type=round_type)

    assert plan.total == cart_total(plan.rows, round_type=round_type, prices=plan.prices)
    assert plan.matches == (plan.total == sum(row.amount_incl for row in rows))
    assert all(price >= 0 and price.as_tuple().exponent == -6 for price in plan.prices)


def test_ten_euros_for_three_units_can_not_be_met_by_unit() -> None:
    row = a_row("10.00", quantity=3)

    plan = plan_prices([row], round_type=PER_ITEM)

    assert not plan.matches
    assert (plan.total, plan.wanted) == (Decimal("9.99"), Decimal("10.00"))
    assert plan_prices([row], round_type=PER_LINE).matches
    assert plan_prices([row], round_type=PER_TOTAL).matches


@pytest.mark.parametrize("round_type", [PER_ITEM, PER_LINE, PER_TOTAL])
def test_what_one_row_has_too_much_the_next_has_less(round_type: int) -> None:
    rows = [a_row("10.005"), a_row("10.005", product="2")]

    plan = plan_prices(rows, round_type=round_type)

    assert plan.matches
    assert plan.total == Decimal("20.01")


def test_a_price_beside_the_nearest_meets_many_units() -> None:
    row = a_row("1103.71", quantity=4_900, rate="25")

    plan = plan_prices([row], round_type=PER_LINE)

    assert row_total(row, round_type=PER_LINE) != row.amount_incl
    assert plan.matches
    assert plan.prices != (unit_price_excl(row),)


# Ecotax, tax-free destinations, articles given away.


def test_the_ecotax_is_taken_off_the_price_that_it_is_added_to() -> None:
    row = a_row("240.00", quantity=2, ecotax="5.00", ecotax_rate="20")

    assert str(unit_price_excl(row)) == "95.000000"
    assert row_total(row, round_type=PER_LINE) == Decimal("240.00")
    assert cart_total_excl([row], round_type=PER_LINE) == Decimal("200.00")


@given(
    amount=st.decimals("1000", "99999.99", places=2),
    quantity=st.integers(1, 50),
    rate=RATES,
    ecotax=st.decimals("0", "9.99", places=2),
    ecotax_rate=RATES,
)
def test_every_amount_is_met_with_an_ecotax(
    amount: Decimal, quantity: int, rate: Decimal, ecotax: Decimal, ecotax_rate: Decimal
) -> None:
    row = a_row(amount, quantity=quantity, rate=rate, ecotax=str(ecotax), ecotax_rate=str(ecotax_rate))

    assert plan_prices([row], round_type=PER_LINE).matches


def test_an_ecotax_above_the_price_can_not_be_met() -> None:
    plan = plan_prices([a_row("1.00", ecotax="2.00", ecotax_rate="20")], round_type=PER_LINE)

    assert plan.prices == (Decimal(0),)
    assert plan.total == Decimal("2.40")
    assert not plan.matches


def test_without_tax_the_price_is_what_is_paid() -> None:
    row = a_row("19.99", rate="0")

    assert str(unit_price_excl(row)) == "19.990000"
    assert cart_total_excl([row], round_type=PER_LINE) == Decimal("19.99")


def test_a_free_article_has_a_price_of_zero() -> None:
    plan = plan_prices([a_row("0.00")], round_type=PER_LINE)

    assert list(map(str, plan.prices)) == ["0.000000"]
    assert plan.matches


# Rows.


def test_rows_of_one_article_become_one() -> None:
    rows = [a_row("10.00"), a_row("5.00", attribute="2"), a_row("19.99", quantity=2)]

    assert merge(rows) == (a_row("29.99", quantity=3), a_row("5.00", attribute="2"))


def test_an_article_at_two_prices_is_met_at_their_average() -> None:
    plan = plan_prices([a_row("10.00"), a_row("19.99", quantity=2)], round_type=PER_LINE)

    assert list(map(str, plan.prices)) == ["8.330556"]
    assert plan.total == Decimal("29.99")
    assert plan.matches


def test_nothing_at_all_is_worth_nothing() -> None:
    plan = plan_prices([], round_type=PER_LINE)

    assert plan.matches
    assert plan.total == 0


def test_a_row_needs_a_unit() -> None:
    with pytest.raises(ValueError, match="needs a unit"):
        a_row("10.00", quantity=0)


# Taxes.


@pytest.mark.parametrize(
    ("reported", "differs"),
    [("6.66", False), ("6.67", False), ("6.65", False), ("6.68", True), ("0", True), (None, False)],
)
def test_the_tax_may_differ_by_a_cent_a_row(reported: str | None, differs: bool) -> None:
    row = a_row("39.98", quantity=2)

    assert vat_differs([row], reported=None if reported is None else Decimal(reported), round_type=PER_LINE) is differs


def test_two_rows_may_differ_by_two_cents() -> None:
    rows = [a_row("39.98", quantity=2), a_row("39.98", quantity=2, product="2")]

    assert not vat_differs(rows, reported=Decimal("13.34"), round_type=PER_LINE)
    assert vat_differs(rows, reported=Decimal("13.35"), round_type=PER_LINE)


def test_the_totals_of_an_order_with_its_shipping() -> None:
    fields = patched_totals(Decimal("39.98"), Decimal("33.32"), Decimal("3.50"), Decimal(20), paid=True)

    assert fields == {
        "total_shipping": "3.500000",
        "total_shipping_tax_incl": "3.500000",
        "total_shipping_tax_excl": "2.920000",
        "total_paid": "43.480000",
        "total_paid_tax_incl": "43.480000",
        "total_paid_tax_excl": "36.240000",
        "total_paid_real": "43.480000",
    }


def test_an_order_without_its_payment_keeps_what_was_really_paid() -> None:
    paid = patched_totals(Decimal("39.98"), Decimal("33.32"), Decimal("3.50"), Decimal(20), paid=True)
    unpaid = patched_totals(Decimal("39.98"), Decimal("33.32"), Decimal("3.50"), Decimal(20), paid=False)

    assert {**unpaid, "total_paid_real": "43.480000"} == paid
    assert "total_paid_real" not in unpaid


@given(shipping=st.decimals("0", "999.99", places=2), rate=RATES, products=AMOUNTS)
@example(shipping=Decimal("0.03"), rate=Decimal(20), products=Decimal("0.03"))
def test_shipping_before_tax_and_its_tax_make_what_is_paid(shipping: Decimal, rate: Decimal, products: Decimal) -> None:
    excl = shipping_excl(shipping, rate)
    products_excl = cart_total_excl([a_row(products, rate=rate)], round_type=PER_LINE)

    fields = patched_totals(products, products_excl, shipping, rate, paid=True)

    assert excl == excl.quantize(CENT)
    assert 0 <= excl <= shipping
    assert abs(excl * (1 + rate / 100) - shipping) < CENT
    assert fields["total_shipping_tax_excl"] == amount_text(excl)
    assert fields["total_paid_tax_excl"] == amount_text(products_excl + excl)
    assert fields["total_paid"] == amount_text(products + shipping)


@pytest.mark.parametrize(
    ("amount", "text"), [("0", "0.000000"), ("0.000001", "0.000001"), ("43.48", "43.480000"), ("1E+2", "100.000000")]
)
def test_amounts_are_written_with_six_decimals(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text
