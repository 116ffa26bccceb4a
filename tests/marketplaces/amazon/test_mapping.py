import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.message import message
from app.domain.money import Money, total
from app.domain.order import Fulfilment, Order, OrderState, Unreadable
from app.domain.wording import in_english
from app.marketplaces.amazon import mapping
from tests.marketplaces.amazon.records import (
    ORDER_ID,
    an_address,
    an_item,
    an_order,
    euros,
    fulfilled,
    shares,
    without,
)
from tests.sandbox.amazon.models import ORDERS, model, with_models


def read(record: dict[str, Any]) -> Order:
    order = mapping.order(record)
    assert isinstance(order, Order), order
    return order


def test_an_order_is_read_with_all_that_an_import_needs() -> None:
    order = read(an_order())

    assert (order.order_id, order.state, order.platform_status) == (ORDER_ID, OrderState.TO_SHIP, "UNSHIPPED")
    assert order.fulfilment is Fulfilment.MERCHANT
    assert order.placed_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
    assert order.ship_by == datetime(2026, 3, 3, 22, 59, 59, tzinfo=UTC)
    assert (order.sales_channel, order.shipping_method) == ("FR", "STANDARD")
    assert order.shipping_address is not None
    assert order.shipping_address.city == "Lyon"
    assert order.buyer is not None
    assert order.buyer.last_name == "Ada Example"
    [line] = order.lines
    assert (line.id, line.sku, line.quantity, line.quantity_open) == ("11111111111111", "TEA-1", 2, 2)
    assert line.total == order.total == Money(Decimal("24.00"), "EUR")


@pytest.mark.parametrize(
    ("platform_status", "state"),
    [
        ("PENDING_AVAILABILITY", OrderState.PENDING),
        ("PENDING", OrderState.PENDING),
        ("PARTIALLY_SHIPPED", OrderState.PARTIALLY_SHIPPED),
        ("SHIPPED", OrderState.SHIPPED),
        ("CANCELLED", OrderState.CANCELLED),
        ("ON_ITS_WAY_TO_MARS", OrderState.UNKNOWN),
    ],
)
def test_every_status_has_its_state_and_a_new_one_is_unknown(platform_status: str, state: OrderState) -> None:
    order = read(an_order(fulfillment=fulfilled(platform_status)))

    assert (order.state, order.platform_status) == (state, platform_status)


def test_a_pending_order_has_neither_prices_nor_an_address() -> None:
    item = an_item(total=None, product={"sellerSku": "TEA-1"})
    record = without(an_order(orderItems=[item], fulfillment=fulfilled("PENDING")), "proceeds", "recipient", "buyer")

    order = read(record)

    assert order.state is OrderState.PENDING
    assert (order.currency, order.total.amount, order.shipping_address) == ("EUR", Decimal(0), None)
    assert order.lines[0].quantity_open == 2


def test_an_order_to_be_shipped_without_prices_is_not_guessed() -> None:
    record = without(an_order(orderItems=[an_item(total=None)]), "proceeds")

    assert mapping.order(record) == Unreadable(
        ORDER_ID, message("FIELD_UNREADABLE", field="orderItems[0].proceeds.proceedsTotal")
    )


def test_an_order_that_amazon_ships_without_any_amount_is_free() -> None:
    free = an_item(total=None, product={"asin": "B000000001", "title": "Teapot", "sellerSku": "TEA-1"})
    shipped = {"fulfillmentStatus": "SHIPPED", "fulfilledBy": "AMAZON"}

    order = read(without(an_order(orderItems=[free], fulfillment=shipped), "proceeds"))

    assert (order.total, order.open_total) == (Money(Decimal(0), "EUR"), Money(Decimal(0), "EUR"))
    assert order.free_skus == ("TEA-1",)


def test_an_item_that_the_total_of_the_order_leaves_out_is_free() -> None:
    gift = an_item("2", total=None, product={"asin": "B000000002", "title": "Cup", "sellerSku": "CUP-1"})

    order = read(an_order(orderItems=[an_item(), gift]))

    assert ([line.total.amount for line in order.lines], order.free_skus) == ([Decimal("24.00"), 0], ("CUP-1",))


def test_an_item_without_an_amount_that_the_total_holds_is_not_guessed() -> None:
    unpriced = an_item("2", total=None)

    found = mapping.order(an_order(orderItems=[an_item(), unpriced], proceeds={"grandTotal": euros("48.00")}))

    assert found == Unreadable(ORDER_ID, message("FIELD_UNREADABLE", field="orderItems[1].proceeds.proceedsTotal"))


def test_a_replacement_names_its_original_and_costs_nothing() -> None:
    associated = [{"orderId": "250-0000000-0000001", "associationType": "REPLACEMENT_ORIGINAL_ID"}]
    record = without(an_order(orderItems=[an_item(total=None)], associatedOrders=associated), "proceeds")

    order = read(record)

    assert order.replacement_of == "250-0000000-0000001"
    assert order.total.amount == 0


def test_an_order_that_does_not_say_who_ships_it_is_not_guessed() -> None:
    order = mapping.order(an_order(fulfillment={"fulfillmentStatus": "UNSHIPPED"}))

    assert order == Unreadable(ORDER_ID, message("FIELD_UNREADABLE", field="fulfillment.fulfilledBy"))


def test_without_the_role_for_addresses_there_is_none_to_send_to() -> None:
    partial = {"deliveryAddress": {"city": "Lyon", "postalCode": "69001", "countryCode": "FR"}}

    ours = read(an_order(recipient=partial))
    amazons = read(an_order(recipient=partial, fulfillment=fulfilled("SHIPPED", "AMAZON")))

    assert ours.shipping_address is None
    assert amazons.shipping_address is not None
    assert amazons.shipping_address.city == "Lyon"


def test_the_united_kingdom_is_gb_in_addresses_and_lines_move_up() -> None:
    address = an_address(countryCode="UK", addressLine1="", addressLine2="Flat 2", addressLine3="3 Example Road")

    order = read(an_order(recipient={"deliveryAddress": address}))

    found = order.shipping_address
    assert found is not None
    assert (found.country, found.street_1, found.street_2) == ("GB", "Flat 2", "3 Example Road")


@pytest.mark.parametrize(("country", "billed"), [("DE", True), ("", False)])
def test_a_company_is_billed_where_it_is_registered_if_that_is_reported_whole(country: str, billed: bool) -> None:
    registration = {
        "entityType": "BUYER",
        "taxRegistrationNumber": "DE000000000",
        "taxRegistrationAddress": an_address(city="Köln", countryCode=country),
    }

    order = read(an_order(tax={"taxRegistrations": [registration]}))

    assert (order.billing_address is not None) is billed
    assert order.buyer is not None
    assert order.buyer.tax_id == "DE000000000"


def test_a_buyer_who_asks_to_cancel_is_seen_until_it_is_done_or_sent() -> None:
    asked = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "x"}}
    done = {**asked, "cancellationExecution": {"cancelledBy": "MERCHANT"}}

    assert read(an_order(orderItems=[an_item(cancellation=asked)])).cancel_requested
    assert not read(an_order(orderItems=[an_item(cancellation=done)])).cancel_requested
    shipped = an_order(orderItems=[an_item(cancellation=asked)], fulfillment=fulfilled("SHIPPED"))
    assert not read(shipped).cancel_requested


def test_an_order_of_a_company_is_known_as_such() -> None:
    assert read(an_order(programs=["PRIME", "AMAZON_BUSINESS"])).business
    assert not read(an_order(programs=["PRIME"])).business
    assert not read(an_order(programs="AMAZON_BUSINESS")).business


def test_cancelled_units_are_not_owed_and_shipped_ones_still_belong_to_the_order() -> None:
    cut = an_item("1", fulfillment={"quantityFulfilled": 1, "quantityUnfulfilled": 0})
    gone = an_item("2", cancellation={"cancellationExecution": {"cancelledBy": "BUYER"}})
    sent = an_item("3", fulfillment={"quantityFulfilled": 2, "quantityUnfulfilled": 0})

    order = read(an_order(orderItems=[cut, gone, sent], fulfillment=fulfilled("PARTIALLY_SHIPPED")))

    assert [line.quantity_open for line in order.lines] == [1, 0, 2]
    assert [line.state for line in order.lines] == [OrderState.SHIPPED, OrderState.CANCELLED, OrderState.SHIPPED]


def test_the_same_sku_may_come_in_two_lines_and_a_line_without_sku_is_kept() -> None:
    record = an_order(orderItems=[an_item("1"), an_item("2"), an_item("3", product={"title": "Cup"})])

    order = read(record | {"proceeds": {"grandTotal": euros("72.00")}})

    assert [line.sku for line in order.lines] == ["TEA-1", "TEA-1", ""]
    assert order.total.amount == Decimal("72.00")


def test_a_tip_for_the_driver_is_not_part_of_the_total() -> None:
    proceeds = {"grandTotal": euros("29.00"), "breakdowns": shares(ITEM="20.00", TAX="4.00", DELIVERY_TIP="5.00")}

    assert read(an_order(proceeds=proceeds)).total.amount == Decimal("24.00")


def test_a_total_that_no_sum_of_lines_makes_is_kept_as_reported() -> None:
    assert read(an_order(proceeds={"grandTotal": euros("23.99")})).total.amount == Decimal("23.99")


def test_two_currencies_in_one_order_are_not_added_up() -> None:
    other = an_item("2", proceeds={"proceedsTotal": {"amount": "5.00", "currencyCode": "SEK"}})

    order = mapping.order(an_order(orderItems=[an_item(), other]))

    assert isinstance(order, Unreadable)
    assert "orderItems[1].proceeds.proceedsTotal.currencyCode" in in_english(order.reason)


@pytest.mark.parametrize("amount", ["NaN", "1e400", "ten", "", None, True, 1.5])
def test_an_amount_that_is_none_makes_the_order_unreadable(amount: object) -> None:
    proceeds = {"proceedsTotal": {"amount": amount, "currencyCode": "EUR"}}

    assert isinstance(mapping.order(an_order(orderItems=[an_item(proceeds=proceeds)])), Unreadable)


def test_an_order_of_another_channel_is_known_as_such() -> None:
    assert mapping.is_of_another_channel(an_order(salesChannel={"channelName": "NON_AMAZON"}))
    assert not mapping.is_of_another_channel(an_order())


def test_statuses_are_asked_for_only_where_no_new_one_could_be_meant() -> None:
    assert mapping.platform_statuses({OrderState.SHIPPED, OrderState.CLOSED}) == ("SHIPPED",)
    assert mapping.platform_statuses({OrderState.SHIPPED, OrderState.UNKNOWN}) == ()
    assert mapping.fulfilled_by({Fulfilment.MARKETPLACE}) == ("AMAZON",)
    assert mapping.fulfilled_by(Fulfilment) == ()


@with_models
def test_amazons_own_examples_are_understood_and_add_up() -> None:
    found = dict(_orders_in(model(ORDERS)["paths"]))

    orders = {order_id: read(record) for order_id, record in found.items()}

    assert len(orders) >= 4
    for order in orders.values():
        assert order.total == total((line.total for line in order.lines), currency=order.currency)


def _orders_in(node: Any) -> Any:
    if isinstance(node, dict):
        if "orderId" in node and "orderItems" in node and "fulfillment" in node:
            yield node["orderId"], json.loads(json.dumps(node))
        for child in node.values():
            yield from _orders_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from _orders_in(child)
