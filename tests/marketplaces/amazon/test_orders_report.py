from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.domain.message import message
from app.domain.money import Money
from app.domain.order import Fulfilment, OrderState, Unreadable
from app.domain.summary import OrderSummary
from app.marketplaces.amazon.orders.orders_report import OrderSums

ORDER_ID = "250-1234567-1234567"


def a_row(**cells: str) -> dict[str, str]:
    """Return a line of an order that is to be shipped, as the report of a French seller has it."""
    row = {
        "amazon-order-id": ORDER_ID,
        "purchase-date": "2026-03-01T09:00:00+00:00",
        "last-updated-date": "2026-03-01T09:30:00+00:00",
        "order-status": "Unshipped",
        "fulfillment-channel": "Merchant",
        "sales-channel": "Amazon.fr",
        "item-status": "Unshipped",
        "quantity": "1",
        "currency": "EUR",
        "item-price": "120.00",
        "item-tax": "20.00",
        "shipping-price": "6.00",
        "shipping-tax": "1.00",
        "gift-wrap-price": "",
        "gift-wrap-tax": "",
        "item-promotion-discount": "",
        "ship-promotion-discount": "",
    }
    return row | {name.replace("_", "-"): text for name, text in cells.items()}


def sums_of(*rows: dict[str, str]) -> OrderSums:
    sums = OrderSums()
    for row in rows:
        sums.add(row)
    return sums


def read(*rows: dict[str, str]) -> list[OrderSummary | Unreadable]:
    sums = sums_of(*rows)
    return list(sums.after(0, limit=len(sums)))


def summary(*rows: dict[str, str]) -> OrderSummary:
    [found] = read(*rows)
    assert isinstance(found, OrderSummary)
    return found


def euros(*amounts: str) -> frozenset[Money]:
    return frozenset(Money(Decimal(amount), "EUR") for amount in amounts)


def test_a_line_becomes_the_summary_of_its_order() -> None:
    assert summary(a_row()) == OrderSummary(
        order_id=ORDER_ID,
        state=OrderState.TO_SHIP,
        fulfilment=Fulfilment.MERCHANT,
        placed_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        updated_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        # Taxes inside, or on top.
        totals=euros("126.00", "147.00"),
    )


def test_lines_of_an_order_are_added_up_wherever_they_stand() -> None:
    other = a_row(amazon_order_id="250-0000000-0000002", item_tax="", shipping_tax="")

    first, second = read(a_row(), other, a_row(item_price="10.00", item_tax="0", shipping_price="", shipping_tax=""))

    assert isinstance(first, OrderSummary)
    assert isinstance(second, OrderSummary)
    assert (first.order_id, first.totals) == (ORDER_ID, euros("136.00", "157.00"))
    assert second.totals == euros("126.00")


@pytest.mark.parametrize("discount", ["5.00", "-5.00"])
def test_discounts_count_against_the_seller_and_gifts_for_him(discount: str) -> None:
    row = a_row(item_promotion_discount=discount, ship_promotion_discount="1.00", gift_wrap_price="3.00")

    assert summary(row).totals == euros("123.00", "144.00")


def test_lines_that_were_cancelled_cost_nothing() -> None:
    assert summary(a_row(), a_row(item_status="Cancelled", quantity="0")).totals == euros("126.00", "147.00")


def test_an_order_without_amounts_shows_no_total() -> None:
    row = a_row(order_status="Pending", item_status="", item_price="", item_tax="", shipping_price="", currency="")

    assert summary(row).totals == frozenset()


def test_a_replacement_costs_nothing_and_says_so() -> None:
    row = a_row(item_price="0.00", item_tax="0.00", shipping_price="0.00", shipping_tax="0.00")

    assert summary(row).totals == euros("0.00")


@pytest.mark.parametrize(
    ("platform_status", "state"),
    [
        ("Pending", OrderState.PENDING),
        ("Unshipped", OrderState.TO_SHIP),
        ("Shipping", OrderState.PARTIALLY_SHIPPED),
        ("Shipped", OrderState.SHIPPED),
        ("Cancelled", OrderState.CANCELLED),
        ("Unfulfillable", OrderState.CANCELLED),
        ("Shipped - Lost at Sea", OrderState.UNKNOWN),
        ("", OrderState.UNKNOWN),
    ],
)
def test_states_in_the_words_of_reports(platform_status: str, state: OrderState) -> None:
    assert summary(a_row(order_status=platform_status)).state is state


def test_who_ships_is_read_from_its_channel() -> None:
    assert summary(a_row(fulfillment_channel="Amazon")).fulfilment is Fulfilment.MARKETPLACE


def test_orders_that_amazon_ships_for_others_are_left_out() -> None:
    assert read(a_row(sales_channel="Non-Amazon FR"), a_row(amazon_order_id="")) == []


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"fulfillment_channel": "Pigeon"}, "fulfillment-channel"),
        ({"last_updated_date": "yesterday"}, "last-updated-date"),
        ({"purchase_date": ""}, "purchase-date"),
        ({"item_price": "12,90"}, "item-price"),
        ({"shipping_tax": "NaN"}, "shipping-tax"),
        ({"item_price": "1E400"}, "item-price"),
        ({"currency": ""}, "currency"),
    ],
)
def test_a_cell_that_makes_no_sense_leaves_its_order_unreadable(cells: dict[str, str], name: str) -> None:
    [found] = read(a_row(**cells))

    assert found == Unreadable(ORDER_ID, message("FIELD_UNREADABLE", field=name))


def test_an_order_in_two_currencies_is_unreadable() -> None:
    [found] = read(a_row(), a_row(currency="GBP"))

    assert found == Unreadable(ORDER_ID, message("FIELD_UNREADABLE", field="currency"))


def test_orders_are_handed_on_from_any_place() -> None:
    sums = sums_of(*(a_row(amazon_order_id=f"250-0000000-000000{number}") for number in range(5)))

    found = [each.order_id[-1] for each in sums.after(2, limit=2)]

    assert (len(sums), found) == (5, ["2", "3"])
