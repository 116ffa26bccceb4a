from typing import Any

import pytest

from tests.sandbox.amazon.caller import EVERYTHING, Caller, talk
from tests.sandbox.amazon.models import ORDERS, faults, with_models

ALWAYS = {"orderId", "createdTime", "lastUpdatedTime", "salesChannel", "orderItems"}


def shown(included: str, *, roles: tuple[str, ...] | None = None, **body: Any) -> dict[str, Any]:
    """Return an order as getOrder shows it with that includedData."""

    async def script(caller: Caller) -> dict[str, Any]:
        if roles is not None:
            await caller.switch(roles=roles)
        [order_id] = await caller.make(**body)
        return await caller.read(order_id, included)

    return talk(script)


def test_without_data_sets_there_is_little_and_no_status() -> None:
    order = shown("")

    assert order.keys() == ALWAYS
    assert order["orderItems"][0].keys() == {"orderItemId", "quantityOrdered", "product"}


@pytest.mark.parametrize(
    ("included", "adds"),
    [
        ("BUYER", {"buyer"}),
        ("RECIPIENT", {"recipient"}),
        ("PROCEEDS", {"proceeds"}),
        ("FULFILLMENT", {"fulfillment"}),
        ("PACKAGES", {"packages"}),
        ("PAYMENT", {"payment"}),
        ("TAX", {"tax"}),
        ("EXPENSE,PROMOTION,FULFILLMENT_ORDERS,CANCELLATION", set()),
    ],
)
def test_each_data_set_adds_its_block(included: str, adds: set[str]) -> None:
    order = shown(included, business=True)

    assert order.keys() - {"programs"} == ALWAYS | adds


@pytest.mark.parametrize(
    ("included", "body", "adds"),
    [
        ("PROCEEDS", {}, "proceeds"),
        ("PROMOTION", {"discount": True}, "promotion"),
        ("FULFILLMENT", {}, "fulfillment"),
        ("TAX", {"facilitator": True}, "tax"),
        ("CANCELLATION", {"cancel_request": True}, "cancellation"),
    ],
)
def test_items_have_data_sets_too(included: str, body: dict[str, Any], adds: str) -> None:
    with_it, without = shown(included, **body)["orderItems"][0], shown("BUYER", **body)["orderItems"][0]

    assert (adds in with_it, adds in without) == (True, False)


@pytest.mark.parametrize(
    ("roles", "missing"),
    [
        (("orders", "recipient", "buyer"), set()),
        (("orders", "buyer"), {"recipient"}),
        (("orders", "recipient"), {"buyer", "tax"}),
        (("orders",), {"recipient", "buyer", "tax"}),
    ],
)
def test_without_a_role_there_is_less_and_no_error(roles: tuple[str, ...], missing: set[str]) -> None:
    order = shown(EVERYTHING, roles=roles, business=True)

    assert {"buyer", "recipient", "tax"} - order.keys() == missing


@pytest.mark.parametrize(
    ("path", "role"),
    [("/orders/2026-01-01/orders", "orders"), ("/listings/2021-08-01/items/A1SANDBOX0SELL", "listings")],
)
def test_without_any_role_the_operation_is_denied(path: str, role: str) -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(roles=[each for each in ("orders", "recipient", "buyer", "listings") if each != role])
        return (await caller.get(path)).status_code

    assert talk(script) == 403


def test_what_amazon_ships_has_no_mail_no_phone_and_no_packages() -> None:
    order = shown(EVERYTHING, fulfilment="marketplace", state="shipped")

    assert order["buyer"].keys() == {"buyerName"}
    assert "phone" not in order["recipient"]["deliveryAddress"]
    assert "packages" not in order
    assert order["orderItems"][0]["product"]["serialNumbers"]


def test_what_amazon_ships_goes_to_a_town_alone_without_the_role_for_taxes() -> None:
    order = shown(EVERYTHING, roles=("orders", "recipient"), fulfilment="marketplace", state="shipped")

    assert order["recipient"]["deliveryAddress"].keys() == {"city", "postalCode", "countryCode"}


@pytest.mark.parametrize(("prices", "priced"), [("nothing", False), ("prices", True)])
def test_a_pending_order_has_no_buyer_no_address_and_perhaps_prices(prices: str, priced: bool) -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        await caller.switch(pending_shows=prices)
        [order_id] = await caller.make(state="pending")
        return await caller.read(order_id)

    order = talk(script)

    assert order["fulfillment"]["fulfillmentStatus"] == "PENDING"
    assert {"buyer", "recipient", "payment", "tax"} & order.keys() == set()
    assert ("proceeds" in order, "price" in order["orderItems"][0]["product"]) == (priced, priced)


def test_the_phone_goes_when_the_parcel_has_arrived() -> None:
    async def script(caller: Caller) -> list[bool]:
        made = await caller.make(20, state="shipped")
        early = [await caller.read(order_id) for order_id in made]
        caller.wait(30 * 86_400)
        late = [await caller.read(order_id) for order_id in made]
        return [any("phone" in order["recipient"]["deliveryAddress"] for order in each) for each in (early, late)]

    assert talk(script) == [True, False]


def test_money_is_text_and_times_are_utc_with_milliseconds() -> None:
    order = shown(EVERYTHING)

    assert isinstance(order["proceeds"]["grandTotal"]["amount"], str)
    assert all(len(order[name]) == 24 and order[name].endswith("Z") for name in ("createdTime", "lastUpdatedTime"))


def test_an_order_nobody_placed_is_not_found() -> None:
    async def script(caller: Caller) -> tuple[int, str]:
        answer = await caller.get("/orders/2026-01-01/orders/404-0000000-0000000")
        return answer.status_code, answer.json()["errors"][0]["code"]

    assert talk(script) == (404, "NotFound")


@with_models
@pytest.mark.parametrize(
    "body",
    [
        {"state": "pending"},
        {"state": "PENDING_AVAILABILITY"},
        {"state": "to_ship", "lines": 3, "discount": True, "gift": True},
        {"state": "partially_shipped"},
        {"state": "shipped"},
        {"state": "cancelled"},
        {"state": "shipped", "fulfilment": "marketplace"},
        {"state": "UNFULFILLABLE", "fulfilment": "marketplace", "mcf": True},
        {"business": True, "facilitator": True, "store": "UK"},
        {"replacement": True},
        {"cancel_request": True, "missing_sku": True, "seller_order_id": "SHOP-17"},
        {"shape": "odd_text"},
        {"shape": "pickup"},
        {"shape": "missing_fields"},
        {"shape": "zero_lines"},
    ],
)
def test_every_order_is_as_the_model_says(body: dict[str, Any]) -> None:
    async def script(caller: Caller) -> tuple[Any, Any]:
        made = await caller.make(5, **body)
        page = (await caller.search()).json()
        answer = await caller.get(f"/orders/2026-01-01/orders/{made[0]}", {"includedData": EVERYTHING})
        return page, answer.json()

    page, one = talk(script)

    assert len(page["orders"]) == 5
    assert faults(ORDERS, "SearchOrdersResponse", page) == []
    assert faults(ORDERS, "GetOrderResponse", one) == []
