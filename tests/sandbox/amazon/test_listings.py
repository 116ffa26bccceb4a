from typing import Any

import httpx
import pytest

from tests.sandbox.amazon.caller import DE, FR, UK, Caller, talk
from tests.sandbox.amazon.models import LISTINGS, faults, with_models
from tests.sandbox.amazon.patches import LAMP, PUZZLE, Json, discount, price, stock


def outcome(*patches: Json, **offer: Any) -> tuple[Json, Json]:
    """Return how the patches are answered, and what the offer is long after."""

    async def script(caller: Caller) -> tuple[Json, Json]:
        if offer:
            await caller.offer(LAMP, **offer)
        answer = await caller.patched(LAMP, *patches)
        caller.wait(300)
        return answer, (await caller.state())["offers"][LAMP]

    return talk(script)


def test_a_change_is_taken_at_once_and_live_minutes_later() -> None:
    async def script(caller: Caller) -> list[Any]:
        answer = await caller.patched(LAMP, stock(7), price(43.21))
        early = await caller.listing(LAMP)
        caller.wait(300)
        late = await caller.listing(LAMP)
        shown = [
            (each["fulfillmentAvailability"][0]["quantity"], each["offers"][0]["price"]["amount"])
            for each in (early, late)
        ]
        return [answer["status"], answer["issues"], *shown]

    status, issues, early, late = talk(script)

    assert (status, issues) == ("ACCEPTED", [])
    assert early != late == (7, "43.21")


def test_one_stock_for_all_stores_and_one_price_for_each() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.patched(LAMP, stock(7), price(43.21))
        caller.wait(300)
        german = await caller.listing(LAMP, stores=DE)
        return [german["fulfillmentAvailability"], german["offers"][0]["price"]["amount"] == "43.21"]

    assert talk(script) == [[{"fulfillmentChannelCode": "DEFAULT", "quantity": 7}], False]


def test_merge_keeps_what_is_not_sent() -> None:
    _, offer = outcome(stock(7), price(43.21), lead_time_days=3, discount_price="9.90", minimum_price="5.00")

    assert (offer["quantity"], offer["lead_time_days"]) == (7, 3)
    assert (offer["price"], offer["discount_price"], offer["minimum_price"]) == ("43.21", "9.90", "5.00")


def test_replace_forgets_what_is_not_sent() -> None:
    patches = stock(7, op="replace"), price(43.21, op="replace")
    _, offer = outcome(*patches, lead_time_days=3, discount_price="9.90", minimum_price="5.00")

    assert (offer["quantity"], offer["lead_time_days"]) == (7, None)
    assert (offer["price"], offer["discount_price"], offer["minimum_price"]) == ("43.21", None, None)


def test_delete_takes_the_named_instance() -> None:
    value = [{"marketplace_id": FR, "audience": "ALL"}]
    _, offer = outcome({"op": "delete", "path": "/attributes/purchasable_offer", "value": value})

    assert offer["price"] is None
    assert offer["channel_prices"].keys() == {"DE", "IT", "ES", "BE", "NL", "UK"}


def test_another_channel_stays() -> None:
    patch = stock(0, op="replace", channel="AMAZON_EU")
    del patch["value"][0]["quantity"]
    _, offer = outcome(patch)

    assert (offer["channels"], offer["fulfilment"]) == (["DEFAULT", "AMAZON_EU"], "merchant")


@pytest.mark.parametrize("op", ["merge", "replace", "add"])
def test_a_quantity_turns_an_offer_of_amazons_into_the_merchants_and_is_counted(op: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.offer(LAMP, fulfilment="marketplace")
        await caller.patched(LAMP, stock(5, op=op))
        await caller.patched(LAMP, stock(6, op=op))
        state = await caller.state()
        offer = state["offers"][LAMP]
        return [offer["fulfilment"], offer["channels"], offer["turned_to_merchant"], state["turned_to_merchant"]]

    assert talk(script) == ["merchant", ["DEFAULT"], 1, 1]


def test_a_price_leaves_an_offer_of_amazons_where_it_is() -> None:
    _, offer = outcome(price(43.21), fulfilment="marketplace")

    assert (offer["price"], offer["fulfilment"], offer["turned_to_merchant"]) == ("43.21", "marketplace", 0)


def test_a_discount_is_what_buyers_pay_while_it_lasts() -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.patched(LAMP, price(43.21, **discount(39.9)))
        seen = []
        for wait in (300, 31 * 86_400):
            caller.wait(wait)
            seen.append((await caller.listing(LAMP))["offers"][0]["price"]["amount"])
        return seen

    assert talk(script) == ["39.90", "43.21"]


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        (stock(-1), "4000001"),
        (stock("7"), "4000001"),
        (stock(True), "4000001"),
        (stock(7, channel="WAREHOUSE"), "4000001"),
        (stock(7, channel="AMAZON_EU"), "4000001"),
        ({**stock(7), "value": [{"quantity": 7}]}, "90220"),
        ({**stock(7), "value": {"quantity": 7}}, "4000001"),
        ({**stock(7), "value": []}, "99022"),
        (price(0), "4000001"),
        (price(-1), "4000001"),
        (price(19.999), "4000001"),
        (price("cheap"), "4000001"),
        (price(19.99, currency="GBP"), "4000001"),
        (price(19.99, store=DE), "4000001"),
        (price(19.99, audience="NOBODY"), "4000001"),
        (price(19.99, audience=None), "90220"),
        (price(19.99, our_price=[]), "99022"),
        (price(19.99, our_price=[{"schedule": []}]), "99022"),
        (price(19.99, our_price=[{"value_with_tax": 19.99}]), "4000001"),
        (price(19.99, our_price={"schedule": [{"value_with_tax": 19.99}]}), "4000001"),
        (price(19.99, our_price=[{"schedule": [{}]}]), "90220"),
        (price(19.99, discounted_price=[{"schedule": [{"value_with_tax": 17}]}]), "4000001"),
        ({"op": "replace", "path": "/attributes/colour_of_the_sky", "value": [{"value": "blue"}]}, "90000900"),
    ],
)
def test_a_wrong_value_is_answered_200_and_invalid_and_changes_nothing(patch: Json, code: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        before = (await caller.state())["offers"]
        answer = await caller.patched(LAMP, patch, stock(7))
        caller.wait(300)
        return [answer["status"], answer["issues"][0]["code"], before == (await caller.state())["offers"]]

    assert talk(script) == ["INVALID", code, True]


@pytest.mark.parametrize(
    ("query", "change"),
    [
        (f"marketplaceIds={FR}", {"productType": None}),
        (f"marketplaceIds={FR}", {"patches": None}),
        (f"marketplaceIds={FR}", {"patches": []}),
        (f"marketplaceIds={FR}", {"patches": [{**stock(7), "op": "test"}]}),
        (f"marketplaceIds={FR}", {"patches": [{**stock(7), "path": "/attributes/fulfillment_availability/0"}]}),
        (f"marketplaceIds={FR},{DE}", {}),
        ("marketplaceIds=ATVPDKIKX0DER", {}),
        ("", {}),
        (f"marketplaceIds={FR}&mode=REHEARSAL", {}),
    ],
)
def test_a_request_of_the_wrong_shape_is_a_400(query: str, change: Json) -> None:
    async def script(caller: Caller) -> int:
        body = {"productType": "PRODUCT", "patches": [stock(7)], **change}
        return (await caller.call("PATCH", f"{caller.item(LAMP)}?{query}", json=body)).status_code

    assert talk(script) == 400


def test_a_preview_checks_and_changes_nothing() -> None:
    async def script(caller: Caller) -> list[Any]:
        before = (await caller.state())["offers"]
        good = await caller.patched(LAMP, stock(7), mode="VALIDATION_PREVIEW", includedData="identifiers,issues")
        bad = await caller.patched(LAMP, stock(-1), mode="VALIDATION_PREVIEW")
        caller.wait(300)
        return [
            good["status"],
            bool(good["identifiers"][0]["asin"]),
            bad["status"],
            before == (await caller.state())["offers"],
        ]

    assert talk(script) == ["VALID", True, "INVALID", True]


@pytest.mark.parametrize(
    ("rule", "code", "status"), [("invalid", 200, "INVALID"), ("bad_request", 400, None), ("not_found", 404, None)]
)
def test_a_sku_nobody_lists_is_refused_and_never_made(rule: str, code: int, status: str | None) -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(unknown_sku=rule)
        answer = await caller.patch("NO-SUCH-SKU", stock(7))
        return [answer.status_code, answer.json().get("status"), "NO-SUCH-SKU" in (await caller.state())["offers"]]

    assert talk(script) == [code, status, False]


def test_an_internal_issue_asks_to_submit_again() -> None:
    async def script(caller: Caller) -> set[tuple[str, str]]:
        await caller.switch(internal_issue_rate=0.5, quotas="off")
        answers = [await caller.patched(LAMP, stock(number)) for number in range(20)]
        return {(answer["status"], answer["issues"][0]["code"] if answer["issues"] else "") for answer in answers}

    assert talk(script) == {("ACCEPTED", ""), ("INVALID", "4000000")}


@pytest.mark.parametrize("sku", ["A/B 1+2#3", "ÉTÉ%20", "50%", "a?b&c"])
def test_a_sku_is_encoded_as_a_whole(sku: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.offer(sku, quantity=3, price="5.00")
        return [(await caller.patched(sku, stock(7)))["status"], (await caller.listing(sku))["sku"] == sku]

    assert talk(script) == ["ACCEPTED", True]


def test_a_slash_that_is_not_encoded_leads_nowhere() -> None:
    async def script(caller: Caller) -> int:
        await caller.offer("A/B", quantity=3, price="5.00")
        return (await caller.get(f"{caller.item()}/A/B", {"marketplaceIds": FR})).status_code

    assert talk(script) == 404


def test_the_offers_of_another_seller_are_denied() -> None:
    async def script(caller: Caller) -> int:
        caller.seller_id = "A2SANDBOX0SELL"
        return (await caller.get(caller.item(LAMP), {"marketplaceIds": FR})).status_code

    assert talk(script) == 403


def test_a_later_problem_shows_on_the_listing_and_stops_its_sale() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.offer(LAMP, issue="18155")
        listing = await caller.listing(LAMP)
        return [listing["issues"][0]["code"], listing["summaries"][0]["status"]]

    assert talk(script) == ["18155", ["DISCOVERABLE"]]


@pytest.mark.parametrize(
    ("offer", "status"),
    [
        ({"quantity": 3}, ["BUYABLE", "DISCOVERABLE"]),
        ({"quantity": 0}, ["DISCOVERABLE"]),
        ({"active": False, "quantity": 3}, []),
        ({"fulfilment": "marketplace", "quantity": 3}, ["BUYABLE", "DISCOVERABLE"]),
        ({"fulfilment": "marketplace", "quantity": 0}, ["DISCOVERABLE"]),
    ],
)
def test_a_listing_says_whether_it_is_on_sale(offer: Json, status: list[str]) -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.offer(LAMP, **offer)
        found: list[str] = (await caller.listing(LAMP))["summaries"][0]["status"]
        return found

    assert talk(script) == status


def test_an_offer_can_be_taken_off() -> None:
    async def script(caller: Caller) -> list[Any]:
        removed = await caller.offer(LAMP, remove=True)
        missing = await caller.control("offers", sku=LAMP, remove=True)
        listing = await caller.get(caller.item(LAMP), {"marketplaceIds": FR})
        return [removed, missing.status_code, listing.status_code]

    assert talk(script) == [{"offers": 56}, 404, 404]


def test_facts_about_an_article_are_taken_and_change_nothing() -> None:
    patch = {"op": "replace", "path": "/attributes/item_name", "value": [{"value": "Lampe", "marketplace_id": FR}]}
    answer, offer = outcome(patch)

    assert answer["status"] == "ACCEPTED"
    assert offer["quantity"] == offer["live"]["quantity"]


def test_minimum_maximum_and_restock_date_are_kept() -> None:
    bounds: Json = {
        name: [{"schedule": [{"value_with_tax": amount}]}]
        for name, amount in (("minimum_seller_allowed_price", 5), ("maximum_seller_allowed_price", 95))
    }

    async def script(caller: Caller) -> list[Any]:
        more: Json = {"lead_time_to_ship_max_days": 2, "restock_date": "2026-04-01"}
        await caller.patched(LAMP, stock(7, **more), price(43.21, **bounds))
        caller.wait(300)
        attributes = (await caller.listing(LAMP))["attributes"]
        return [attributes["fulfillment_availability"], attributes["purchasable_offer"][0].keys() >= bounds.keys()]

    kept = {"fulfillment_channel_code": "DEFAULT", "quantity": 7}
    assert talk(script) == [[kept | {"lead_time_to_ship_max_days": 2, "restock_date": "2026-04-01"}], True]


def test_an_order_takes_from_the_stock_it_comes_out_of_even_before_it_is_paid() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.offer(LAMP, quantity=10)
        await caller.offer(PUZZLE, quantity=10, fulfilment="marketplace")
        await caller.make(state="pending", sku=LAMP, lines=1, quantity=2)
        await caller.make(state="pending", sku=PUZZLE, lines=1, quantity=3, fulfilment="marketplace")
        offers = (await caller.state())["offers"]
        return [offers[LAMP]["quantity"], offers[PUZZLE]["quantity"]]

    assert talk(script) == [8, 7]


def test_what_was_said_before_is_counted() -> None:
    async def script(caller: Caller) -> int:
        for _ in range(3):
            await caller.patched(LAMP, stock(7))
        repeated: int = (await caller.state())["writes_repeated_by_operation"]["patchListingsItem"]
        return repeated

    assert talk(script) == 2


@with_models
@pytest.mark.parametrize("offer", [{}, {"fulfilment": "marketplace"}, {"issue": "90220", "business_price": "4.00"}])
def test_answers_are_as_the_model_says(offer: Json) -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.offer(LAMP, quantity=3, **offer)
        listing = await caller.listing(LAMP, stores=f"{FR},{UK}")
        everything = await caller.get(
            caller.item(),
            {
                "marketplaceIds": FR,
                "includedData": "summaries,attributes,issues,offers,fulfillmentAvailability,productTypes",
            },
        )
        answers = [await caller.patched(LAMP, patch) for patch in (stock(7), stock(-1))]
        return [listing, everything.json(), answers]

    listing, everything, answers = talk(script)

    assert faults(LISTINGS, "Item", listing) == []
    assert faults(LISTINGS, "ItemSearchResults", everything) == []
    assert [faults(LISTINGS, "ListingsItemSubmissionResponse", answer) for answer in answers] == [[], []]


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ({}, "by sku"),
        ({"sku": LAMP, "count": 3}, "by sku"),
        ({"sku": LAMP, "colour": "red"}, "channel_prices"),
        ({"sku": LAMP, "issue": "17"}, "18155"),
        ({"sku": LAMP, "channel_prices": {"PL": "5"}}, "UK"),
        ({"sku": LAMP, "remove": True, "quantity": 3}, "quantity"),
    ],
)
def test_offers_that_can_not_be_made_name_what_is_allowed(body: Json, allowed: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.control("offers", **body)

    answer = talk(script)

    assert answer.status_code == 422
    assert allowed in answer.json()["detail"]
