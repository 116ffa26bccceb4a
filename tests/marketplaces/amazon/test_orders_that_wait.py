"""Orders of Amazon that are not, not yet, or no longer to be shipped: what they hold back, and how they go on."""

import pytest

from tests.marketplaces.amazon.merchant import FOUND_AFTER_S, Merchant
from tests.tasks.market import DAY_S, Json

LAMP = "LAMPE-BUREAU-001"


def import_later(merchant: Merchant, seconds: float = FOUND_AFTER_S) -> None:
    merchant.pass_time(seconds)
    assert merchant.run().status in ("done", "partial")


def test_a_pending_order_waits_without_price_and_address_and_enters_with_both_once_it_is_paid(
    merchant: Merchant,
) -> None:
    [order_id] = merchant.make(state="pending", payment_delay_s=7200)
    import_later(merchant)
    waiting = merchant.intake(order_id)
    listed = merchant.run()

    import_later(merchant, 7200 + FOUND_AFTER_S)

    assert waiting == ("held", "WAITING_PAYMENT")
    assert listed.items("waiting") == {order_id}
    assert merchant.intake(order_id) == ("imported", "")
    total = next(order["total"] for order in merchant.state()["orders"] if order["id"] == order_id)
    assert merchant.shop_order(order_id)["total"] == total


def test_a_price_that_was_shown_while_pending_is_not_the_one_that_counts(merchant: Merchant) -> None:
    merchant.switch(pending_shows="prices")
    [order_id] = merchant.make(state="pending", payment_delay_s=7200, sku=LAMP, lines=1, quantity=1, discount=False)
    import_later(merchant)
    merchant.change(order_id, total="77.70")

    import_later(merchant, 7200 + FOUND_AFTER_S)

    assert merchant.shop_order(order_id)["total"] == "77.70"


def test_a_pending_order_reserves_the_last_unit_and_gives_it_back_when_it_is_cancelled(merchant: Merchant) -> None:
    merchant.set(import_without_stock=False)
    merchant.put_product(LAMP, quantity=1)
    [first] = merchant.make(state="pending", payment_delay_s=7200, sku=LAMP, lines=1, quantity=1)
    import_later(merchant)
    [second] = merchant.make(sku=LAMP, lines=1, quantity=1)
    import_later(merchant)
    while_pending = merchant.intake(second)

    merchant.change(first, state="cancelled")
    import_later(merchant, DAY_S)

    assert while_pending == ("blocked", "OUT_OF_STOCK")
    assert merchant.intake(first) == ("cancelled", "CANCELLED_ON_MARKETPLACE")
    assert merchant.shop_orders() == {second: 1}


def test_a_pre_order_waits_until_its_article_is_out(merchant: Merchant) -> None:
    [order_id] = merchant.make(state="PENDING_AVAILABILITY")
    import_later(merchant)
    waiting = merchant.intake(order_id)

    import_later(merchant, 2 * DAY_S)

    assert waiting == ("held", "WAITING_PAYMENT")
    assert merchant.intake(order_id) == ("imported", "")


def test_an_order_whose_prices_are_missing_waits_unread_until_amazon_says_them(merchant: Merchant) -> None:
    [order_id] = merchant.make()
    merchant.gateway.change = without_prices
    import_later(merchant)
    waiting = merchant.intake(order_id)
    said = merchant.run().problem("UNREADABLE")

    merchant.gateway.change = None
    import_later(merchant, 1800)

    assert waiting == ("blocked", "UNREADABLE")
    assert "proceedsTotal" in said["message"]
    assert merchant.intake(order_id) == ("imported", "")


def test_a_buyer_who_asks_to_cancel_holds_the_order_until_he_takes_it_back(merchant: Merchant) -> None:
    [order_id] = merchant.make(cancel_request=True)
    import_later(merchant)
    waiting, reported = merchant.intake(order_id), merchant.run()

    merchant.change(order_id, cancel_request=False)
    import_later(merchant)

    assert waiting == ("held", "BUYER_ASKS_CANCEL")
    assert "BUYER_ASKS_CANCEL" in reported.codes
    assert merchant.intake(order_id) == ("imported", "")


def test_a_cancellation_that_is_granted_keeps_the_order_out(merchant: Merchant) -> None:
    [order_id] = merchant.make(cancel_request=True)
    import_later(merchant)

    merchant.change(order_id, state="cancelled")
    import_later(merchant)

    assert merchant.intake(order_id) == ("cancelled", "CANCELLED_ON_MARKETPLACE")
    assert merchant.shop_orders() == {}


def test_a_status_that_nobody_knows_yet_waits_and_is_named(merchant: Merchant) -> None:
    [order_id] = merchant.make()
    merchant.gateway.change = lambda record: {
        **record,
        "fulfillment": {**record["fulfillment"], "fulfillmentStatus": "ON_ITS_WAY_TO_MARS"},
    }
    import_later(merchant)
    waiting, reported = merchant.intake(order_id), merchant.run().problem("STATE_UNKNOWN")

    merchant.gateway.change = None
    merchant.change(order_id, touch=True)
    import_later(merchant)

    assert waiting == ("held", "STATE_UNKNOWN")
    assert "ON_ITS_WAY_TO_MARS" in reported["message"]
    assert merchant.intake(order_id) == ("imported", "")


@pytest.mark.parametrize("who", ["PARTNER", None])
def test_who_ships_is_never_guessed(merchant: Merchant, who: str | None) -> None:
    [order_id] = merchant.make()

    def change(record: Json) -> Json:
        reported = {name: value for name, value in record["fulfillment"].items() if name != "fulfilledBy"}
        return {**record, "fulfillment": reported | ({"fulfilledBy": who} if who else {})}

    merchant.gateway.change = change
    import_later(merchant)

    assert merchant.intake(order_id) == ("blocked", "UNREADABLE")
    assert merchant.shop_orders() == {}
    assert "fulfilledBy" in merchant.run().problem("UNREADABLE")["message"]


def test_an_item_without_sku_blocks_its_order_alone_and_says_what_to_do(merchant: Merchant) -> None:
    [nameless], [other] = merchant.make(missing_sku=True), merchant.make()

    merchant.pass_time(FOUND_AFTER_S)
    report = merchant.run()

    assert merchant.intake(nameless) == ("blocked", "SKU_MISSING")
    assert report.problem("SKU_MISSING")["order_id"] == nameless
    assert report.problem("SKU_MISSING")["fix"]
    assert merchant.shop_orders() == {other: 1}


def test_an_unknown_sku_waits_until_somebody_links_it(merchant: Merchant) -> None:
    [order_id] = merchant.make(shape="unknown_sku", sku="OLD-1", lines=1)
    import_later(merchant)
    waiting = merchant.intake(order_id)

    merchant.set(sku_links={"OLD-1": LAMP})
    import_later(merchant, DAY_S)

    assert waiting == ("blocked", "SKU_UNKNOWN")
    assert merchant.intake(order_id) == ("imported", "")


def without_prices(record: Json) -> Json:
    items = [{name: value for name, value in item.items() if name != "proceeds"} for item in record["orderItems"]]
    return {name: value for name, value in record.items() if name != "proceeds"} | {"orderItems": items}
