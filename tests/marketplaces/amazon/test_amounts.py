from decimal import Decimal

import pytest

from app.marketplaces.amazon.orders.amounts import Amounts, amounts
from tests.marketplaces.amazon.records import Record, euros, shares


def an_item(total: str, breakdowns: list[Record]) -> Record:
    return {"proceeds": {"proceedsTotal": euros(total), "breakdowns": breakdowns}}


@pytest.mark.parametrize(
    ("total", "tax", "discount", "on_top"),
    [
        ("28.00", "4.00", "-1.00", "4.00"),
        ("28.00", "4.00", "1.00", "4.00"),
        ("24.00", "4.00", "-1.00", "0"),
        ("24.00", "4.00", "1.00", "0"),
    ],
)
def test_the_reading_that_makes_the_total_says_where_the_tax_is(
    total: str, tax: str, discount: str, on_top: str
) -> None:
    item = an_item(total, shares(ITEM="20.00", SHIPPING="5.00", TAX=tax, DISCOUNT=discount))

    read = amounts(item, currency="EUR")

    assert read is not None
    assert (read.total, read.shipping, read.tax) == (Decimal(total), Decimal("5.00"), Decimal("4.00"))
    assert read.tax_on_top == Decimal(on_top)


def test_shipping_is_reported_with_its_own_tax_and_discount() -> None:
    [tax] = shares(TAX="5.00")
    [discount] = shares(DISCOUNT="-2.00")
    tax["detailedBreakdowns"] = [
        {"subtype": "ITEM", "value": euros("4.00")},
        {"subtype": "SHIPPING", "value": euros("1.00")},
    ]
    discount["detailedBreakdowns"] = [{"subtype": "SHIPPING", "value": euros("-2.00")}]

    read = amounts(an_item("28.00", [*shares(ITEM="20.00", SHIPPING="5.00"), tax, discount]), currency="EUR")

    assert read == Amounts(
        total=Decimal("28.00"), shipping=Decimal("4.00"), tax=Decimal("4.00"), tax_on_top=Decimal("4.00")
    )


def test_a_total_that_nothing_explains_stands_and_the_tax_is_not_known() -> None:
    read = amounts(an_item("21.37", shares(ITEM="20.00", TAX="4.00")), currency="EUR")

    assert read == Amounts(total=Decimal("21.37"), shipping=Decimal(0), tax=None)


def test_a_line_without_taxes_does_not_claim_to_be_free_of_them() -> None:
    read = amounts(an_item("20.00", shares(ITEM="20.00")), currency="EUR")

    assert read is not None
    assert read.tax is None
