from typing import Any

import pytest

from tests.sandbox.client import Remote, talk

LAMP = "LAMPE-BUREAU-001"


def offer_after(body: dict[str, Any], params: dict[str, str] | None = None) -> dict[str, Any]:
    async def script(remote: Remote) -> dict[str, Any]:
        answer = await remote.control("mirakl/offers", sku=LAMP, **body)
        assert answer.status_code == 200, answer.text
        return await remote.offer(LAMP, **(params or {}))

    return talk(script)


def test_all_articles_but_a_few_are_on_sale() -> None:
    async def script(remote: Remote) -> tuple[set[str], set[str]]:
        catalogue = {row["sku"] for row in (await remote.http.get("/_control/catalog")).json()}
        return catalogue, set((await remote.state())["offers"])

    catalogue, listed = talk(script)

    assert catalogue - listed == {"PUZZLE-1000-001", "PUZZLE-1000-BLEU", "PUZZLE-1000-ROUGE-XL"}
    assert listed < catalogue


def test_an_offer_has_what_the_contract_names() -> None:
    offer = offer_after({"quantity": 7, "price": "34.90"})

    expected = {
        "shop_sku": LAMP,
        "offer_id": 7001,
        "active": True,
        "inactivity_reasons": [],
        "quantity": 7,
        "price": 34.9,
        "total_price": 38.8,
        "state_code": "11",
        "product_sku": "OPPROD-1",
        "product_references": [{"reference_type": "EAN", "reference": "3600000000016"}],
        "leadtime_to_ship": 2,
        "warehouses": [],
        "fulfillment": {"center": {"code": "DEFAULT"}},
    }
    assert {key: offer[key] for key in expected} == expected


def test_a_page_holds_ten_offers_by_default() -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        page = (await remote.get("offers")).json()
        return len(page["offers"]), page["total_count"]

    assert talk(script) == (10, 57)


def test_the_pages_hold_every_offer_once() -> None:
    async def script(remote: Remote) -> tuple[list[str], list[str]]:
        pages = [(await remote.get("offers", {"max": 20, "offset": offset})).json() for offset in (0, 20, 40)]
        seen = [offer["shop_sku"] for page in pages for offer in page["offers"]]
        return seen, list((await remote.state())["offers"])

    seen, listed = talk(script)

    assert seen == listed


def test_links_lead_to_the_pages_beside() -> None:
    async def script(remote: Remote) -> str:
        return (await remote.get("offers", {"max": 10, "offset": 10})).headers["link"]

    assert talk(script) == (
        '<http://sandbox.example/mirakl/api/offers?max=10&offset=0>; rel="previous", '
        '<http://sandbox.example/mirakl/api/offers?max=10&offset=20>; rel="next"'
    )


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"sku": LAMP}, 1),
        ({"sku": "NOBODY"}, 0),
        ({"product_id": "OPPROD-1"}, 1),
        ({"product_id": "3600000000016"}, 1),
        ({"offer_state_codes": "11"}, 56),
        ({"offer_state_codes": "1,11"}, 57),
        ({"favorite": "true"}, 0),
        ({"favorite": "false"}, 57),
        ({"order": "desc"}, 57),
        ({"paginate": "false"}, 57),
    ],
)
def test_offers_are_found(params: dict[str, str], expected: int) -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/offers", sku="LAMPE-CHEVET-001", state_code="1")
        total: int = (await remote.get("offers", params)).json()["total_count"]
        return total

    assert talk(script) == expected


@pytest.mark.parametrize(
    "params", [{"max": "101"}, {"offer_state_codes": "99"}, {"pricing_channel_code": "XX"}, {"favorite": "1"}]
)
def test_what_cannot_be_read_is_a_400(params: dict[str, str]) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.get("offers", params)).status_code

    assert talk(script) == 400


@pytest.mark.parametrize(
    ("body", "reasons"),
    [({"quantity": 0}, ["ZERO_QUANTITY"]), ({"quantity": 3, "active": False}, ["PRODUCT_DISABLED"])],
)
def test_an_offer_says_why_it_is_not_on_sale(body: dict[str, Any], reasons: list[str]) -> None:
    offer = offer_after(body)

    assert (offer["active"], offer["inactivity_reasons"]) == (False, reasons)


def test_nothing_is_on_sale_in_a_closed_shop() -> None:
    async def script(remote: Remote) -> list[str]:
        await remote.control("mirakl/switches", shop_state="SUSPENDED")
        reasons: list[str] = (await remote.offer(LAMP))["inactivity_reasons"]
        return reasons

    assert talk(script) == ["SHOP_NOT_OPEN"]


def test_a_discount_counts_while_it_runs() -> None:
    period = {"discount_start": "2026-03-01T00:00:00Z", "discount_end": "2026-03-31T00:00:00Z"}
    offer = offer_after({"price": "34.90", "discount_price": "29.90", **period})

    assert (offer["price"], offer["applicable_pricing"]["unit_origin_price"]) == (29.9, 34.9)


def test_a_discount_that_has_ended_does_not_count() -> None:
    offer = offer_after({"price": "34.90", "discount_price": "29.90", "discount_end": "2026-03-01T00:00:00Z"})

    assert (offer["price"], offer["discount"]["discount_price"]) == (34.9, 29.9)


@pytest.mark.parametrize(("params", "price"), [({}, 34.9), ({"pricing_channel_code": "FR"}, 31.0)])
def test_a_channel_may_have_its_own_price(params: dict[str, str], price: float) -> None:
    offer = offer_after({"price": "34.90", "channel_prices": {"FR": "31"}}, params)

    assert offer["price"] == price
    assert [each["channel_code"] for each in offer["all_prices"]] == [None, "FR"]


def test_the_operator_may_hold_the_stock_of_an_offer() -> None:
    offer = offer_after({"fulfilment": "marketplace"})

    assert offer["fulfillment"] == {"center": {"code": "OPERATOR-FC1"}}


def test_the_accounts_offers_are_counted() -> None:
    async def script(remote: Remote) -> int:
        count: int = (await remote.get("account")).json()["offers_count"]
        return count

    assert talk(script) == 57
