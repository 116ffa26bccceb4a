from typing import Any

import pytest

from tests.sandbox.amazon.caller import FR, Caller, talk


def shown(**body: Any) -> dict[str, Any]:
    async def script(caller: Caller) -> dict[str, Any]:
        [order_id] = await caller.make(**body)
        return await caller.read(order_id)

    return talk(script)


def test_an_order_of_another_channel_comes_whatever_stores_are_asked_for() -> None:
    async def script(caller: Caller) -> tuple[list[str], dict[str, Any]]:
        [order_id] = await caller.make(mcf=True, fulfilment="marketplace", store="DE")
        return await caller.found(marketplaceIds=FR), await caller.read(order_id)

    found, order = talk(script)

    assert found == [order["orderId"]]
    assert order["orderId"].startswith("S01-")
    assert order["salesChannel"]["channelName"] == "NON_AMAZON"
    assert "proceeds" not in order


def test_a_replacement_names_what_it_replaces_and_costs_nothing() -> None:
    async def script(caller: Caller) -> tuple[str, dict[str, Any]]:
        [first] = await caller.make(state="shipped")
        [order_id] = await caller.make(replacement=True)
        return first, await caller.read(order_id)

    first, order = talk(script)

    assert order["associatedOrders"] == [{"orderId": first, "associationType": "REPLACEMENT_ORIGINAL_ID"}]
    assert order["proceeds"]["grandTotal"]["amount"] == "0.00"


def test_a_business_order_has_a_company_a_number_and_its_own_price() -> None:
    order = shown(business=True)

    assert order["programs"] == ["AMAZON_BUSINESS"]
    assert order["buyer"].keys() >= {"buyerCompanyName", "buyerPurchaseOrderNumber"}
    assert order["recipient"]["deliveryAddress"]["companyName"]
    assert order["orderItems"][0]["product"]["price"]["priceDesignation"] == "BUSINESS_PRICE"
    assert order["tax"]["taxRegistrations"][0]["entityType"] == "BUYER"


def test_a_buyer_asks_for_a_cancellation_and_takes_it_back() -> None:
    async def script(caller: Caller) -> list[Any]:
        [order_id] = await caller.make(cancel_request=True)
        asked = (await caller.read(order_id))["orderItems"][0]
        await caller.change(order_id, cancel_request=False)
        return [
            asked["cancellation"]["cancellationRequest"]["requester"],
            (await caller.read(order_id))["orderItems"][0],
        ]

    requester, item = talk(script)

    assert requester == "BUYER"
    assert "cancellation" not in item


def test_a_state_that_is_on_no_list() -> None:
    assert shown(shape="unknown_state")["fulfillment"]["fulfillmentStatus"] == "INVOICE_UNCONFIRMED"


@pytest.mark.parametrize("named", [{}, {"sku": "NOBODY-SELLS-THIS"}])
def test_an_article_that_no_catalogue_holds(named: dict[str, Any]) -> None:
    sku = shown(shape="unknown_sku", **named)["orderItems"][0]["product"]["sellerSku"]

    assert sku == named.get("sku", sku)
    assert sku.startswith(("NOT-IN-CATALOGUE-", "NOBODY-"))


def test_the_same_article_in_two_lines() -> None:
    first, second = shown(shape="same_sku_twice")["orderItems"]

    assert first["product"]["sellerSku"] == second["product"]["sellerSku"]
    assert first["orderItemId"] != second["orderItemId"]


def test_an_item_without_sku() -> None:
    first, second = shown(missing_sku=True, lines=2)["orderItems"]

    assert ("sellerSku" in first["product"], "sellerSku" in second["product"]) == (False, True)


def test_an_address_that_is_missing_though_the_order_is_paid() -> None:
    order = shown(shape="no_address")

    assert order["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert {"recipient", "buyer"} & order.keys() == set()


@pytest.mark.parametrize(
    ("body", "currency"), [({"store": "UK"}, "GBP"), ({"shape": "foreign_currency"}, "GBP"), ({"store": "DE"}, "EUR")]
)
def test_a_store_has_its_currency(body: dict[str, Any], currency: str) -> None:
    order = shown(**body)

    assert order["proceeds"]["grandTotal"]["currencyCode"] == currency
    assert order["orderItems"][0]["proceeds"]["proceedsTotal"]["currencyCode"] == currency


def test_orders_come_from_the_stores_that_are_switched_on() -> None:
    async def script(caller: Caller) -> set[str]:
        await caller.switch(stores=["IT", "UK"])
        await caller.make(40)
        return {order["store"] for order in (await caller.state())["orders"]}

    assert talk(script) == {"IT", "UK"}


def test_programmes_and_the_sellers_own_number_are_shown() -> None:
    order = shown(programs=["PRIME", "FBM_SHIP_PLUS"], seller_order_id="SHOP-17")

    assert order["programs"] == ["PRIME", "FBM_SHIP_PLUS"]
    assert order["orderAliases"] == [{"aliasId": "SHOP-17", "aliasType": "SELLER_ORDER_ID"}]


def test_a_present_has_its_message_and_its_price() -> None:
    order = shown(gift=True, money="tax_included")

    assert order["orderItems"][0]["fulfillment"]["packing"]["giftOption"]["giftMessage"]
    assert "GIFT_WRAP" in {share["type"] for share in order["proceeds"]["breakdowns"]}


def test_a_pickup_point_is_named_as_one() -> None:
    assert shown(shape="pickup")["recipient"]["deliveryAddress"]["addressType"] == "PICKUP_POINT"


def test_unknown_fields_and_programmes_may_come() -> None:
    order = shown(shape="extra_fields")

    assert order["programs"] == ["SANDBOX_PROGRAM"]
    assert order["xSandboxNewField"]


def test_a_partial_shipment_says_what_is_left() -> None:
    order = shown(state="partially_shipped", lines=2, quantity=2)

    assert order["fulfillment"]["fulfillmentStatus"] == "PARTIALLY_SHIPPED"
    assert [item["fulfillment"]["quantityUnfulfilled"] for item in order["orderItems"]] == [0, 2]
    assert len(order["packages"]) == 1


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ({"state": "to_accept"}, "'to_ship'"),
        ({"colour": "red"}, "index_lag_s"),
        ({"store": "XX"}, "'UK'"),
        ({"programs": ["SLOW"]}, "FBM_SHIP_PLUS"),
        ({"sku": "NOBODY"}, "/_control/catalog"),
        ({"mcf": True}, "marketplace"),
        ({"over": "1h", "age": "2h"}, "one of them"),
        ({"over": "60d"}, "40d"),
        ({"state": "partially_shipped", "fulfilment": "marketplace"}, "shipped"),
    ],
)
def test_orders_that_can_not_be_made_name_what_is_allowed(body: dict[str, Any], allowed: str) -> None:
    async def script(caller: Caller) -> tuple[int, str]:
        answer = await caller.control("orders", **body)
        return answer.status_code, answer.json()["detail"]

    status, sentence = talk(script)

    assert status == 422
    assert allowed in sentence
