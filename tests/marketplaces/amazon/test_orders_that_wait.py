"""Orders of Amazon that are not, not yet, or no longer to be shipped: what they hold back, and how they go on."""

import pytest

from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService
from tests.tasks.sandbox_service import DAY_S, Json

LAMP = "LAMPE-BUREAU-001"


def import_later(service: AmazonService, seconds: float = FOUND_AFTER_S) -> None:
    service.pass_time(seconds)
    assert service.run().status in ("done", "partial")


def test_a_pending_order_waits_without_price_and_address_and_enters_with_both_once_it_is_paid(
    service: AmazonService,
) -> None:
    [order_id] = service.make(state="pending", payment_delay_s=7200)
    import_later(service)
    waiting = service.intake(order_id)
    listed = service.run()

    import_later(service, 7200 + FOUND_AFTER_S)

    assert waiting == ("held", "WAITING_PAYMENT")
    assert listed.items("waiting") == {order_id}
    assert service.intake(order_id) == ("imported", "")
    total = next(order["total"] for order in service.state()["orders"] if order["id"] == order_id)
    assert service.shop_order(order_id)["total"] == total


def test_a_price_that_was_shown_while_pending_is_not_the_one_that_counts(service: AmazonService) -> None:
    service.switch(pending_shows="prices")
    [order_id] = service.make(state="pending", payment_delay_s=7200, sku=LAMP, lines=1, quantity=1, discount=False)
    import_later(service)
    service.change(order_id, total="77.70")

    import_later(service, 7200 + FOUND_AFTER_S)

    assert service.shop_order(order_id)["total"] == "77.70"


def test_a_pending_order_reserves_the_last_unit_and_gives_it_back_when_it_is_cancelled(service: AmazonService) -> None:
    service.set(import_without_stock=False)
    service.put_product(LAMP, quantity=1)
    [first] = service.make(state="pending", payment_delay_s=7200, sku=LAMP, lines=1, quantity=1)
    import_later(service)
    [second] = service.make(sku=LAMP, lines=1, quantity=1)
    import_later(service)
    while_pending = service.intake(second)

    service.change(first, state="cancelled")
    import_later(service, DAY_S)

    assert while_pending == ("blocked", "OUT_OF_STOCK")
    assert service.intake(first) == ("cancelled", "CANCELLED_ON_MARKETPLACE")
    assert service.shop_orders() == {second: 1}


def test_a_pre_order_waits_until_its_article_is_out(service: AmazonService) -> None:
    [order_id] = service.make(state="PENDING_AVAILABILITY")
    import_later(service)
    waiting = service.intake(order_id)

    import_later(service, 2 * DAY_S)

    assert waiting == ("held", "WAITING_PAYMENT")
    assert service.intake(order_id) == ("imported", "")


def test_an_order_whose_prices_are_missing_waits_unread_until_amazon_says_them(service: AmazonService) -> None:
    [order_id] = service.make()
    service.gateway.change = without_prices
    import_later(service)
    waiting = service.intake(order_id)
    said = service.run().problem("UNREADABLE")

    service.gateway.change = None
    import_later(service, 1800)

    assert waiting == ("blocked", "UNREADABLE")
    assert "proceedsTotal" in said["message"]
    assert service.intake(order_id) == ("imported", "")


def test_a_buyer_who_asks_to_cancel_holds_the_order_until_he_takes_it_back(service: AmazonService) -> None:
    [order_id] = service.make(cancel_request=True)
    import_later(service)
    waiting, reported = service.intake(order_id), service.run()

    service.change(order_id, cancel_request=False)
    import_later(service)

    assert waiting == ("held", "BUYER_ASKS_CANCEL")
    assert "BUYER_ASKS_CANCEL" in reported.codes
    assert service.intake(order_id) == ("imported", "")


def test_a_cancellation_that_is_granted_keeps_the_order_out(service: AmazonService) -> None:
    [order_id] = service.make(cancel_request=True)
    import_later(service)

    service.change(order_id, state="cancelled")
    import_later(service)

    assert service.intake(order_id) == ("cancelled", "CANCELLED_ON_MARKETPLACE")
    assert service.shop_orders() == {}


def test_a_status_that_nobody_knows_yet_waits_and_is_named(service: AmazonService) -> None:
    [order_id] = service.make()
    service.gateway.change = lambda record: {
        **record,
        "fulfillment": {**record["fulfillment"], "fulfillmentStatus": "ON_ITS_WAY_TO_MARS"},
    }
    import_later(service)
    waiting, reported = service.intake(order_id), service.run().problem("STATE_UNKNOWN")

    service.gateway.change = None
    service.change(order_id, touch=True)
    import_later(service)

    assert waiting == ("held", "STATE_UNKNOWN")
    assert "ON_ITS_WAY_TO_MARS" in reported["message"]
    assert service.intake(order_id) == ("imported", "")


@pytest.mark.parametrize("who", ["PARTNER", None])
def test_who_ships_is_never_guessed(service: AmazonService, who: str | None) -> None:
    [order_id] = service.make()

    def change(record: Json) -> Json:
        reported = {name: value for name, value in record["fulfillment"].items() if name != "fulfilledBy"}
        return {**record, "fulfillment": reported | ({"fulfilledBy": who} if who else {})}

    service.gateway.change = change
    import_later(service)

    assert service.intake(order_id) == ("blocked", "UNREADABLE")
    assert service.shop_orders() == {}
    assert "fulfilledBy" in service.run().problem("UNREADABLE")["message"]


def test_an_item_without_sku_blocks_its_order_alone_and_says_what_to_do(service: AmazonService) -> None:
    [nameless], [other] = service.make(missing_sku=True), service.make()

    service.pass_time(FOUND_AFTER_S)
    report = service.run()

    assert service.intake(nameless) == ("blocked", "SKU_MISSING")
    assert report.problem("SKU_MISSING")["order_id"] == nameless
    assert report.problem("SKU_MISSING")["fix"]
    assert service.shop_orders() == {other: 1}


def test_an_unknown_sku_waits_until_somebody_links_it(service: AmazonService) -> None:
    [order_id] = service.make(shape="unknown_sku", sku="OLD-1", lines=1)
    import_later(service)
    waiting = service.intake(order_id)

    service.set(sku_links={"OLD-1": LAMP})
    import_later(service, DAY_S)

    assert waiting == ("blocked", "SKU_UNKNOWN")
    assert service.intake(order_id) == ("imported", "")


def without_prices(record: Json) -> Json:
    items = [{name: value for name, value in item.items() if name != "proceeds"} for item in record["orderItems"]]
    return {name: value for name, value in record.items() if name != "proceeds"} | {"orderItems": items}
