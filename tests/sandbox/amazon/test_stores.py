from typing import Any

import pytest

from tests.sandbox.amazon.caller import DE, FR, UK, Caller, talk
from tests.sandbox.amazon.models import faults, with_models

LAMP, PUZZLE = "LAMPE-BUREAU-001", "PUZZLE-1000-001"
STOCK = "/fba/inventory/v1/summaries"
HERE = {"granularityType": "Marketplace", "granularityId": FR, "marketplaceIds": FR}


def test_the_stores_of_a_seller_have_their_currencies_and_one_is_none() -> None:
    async def script(caller: Caller) -> dict[str, Any]:
        answer = await caller.get("/sellers/v1/marketplaceParticipations")
        return {each["marketplace"]["id"]: each["marketplace"] for each in answer.json()["payload"]}

    stores = talk(script)

    assert len(stores) == 8
    assert stores[FR]["defaultCurrencyCode"] == stores[DE]["defaultCurrencyCode"] == "EUR"
    assert (stores[UK]["defaultCurrencyCode"], stores[UK]["countryCode"]) == ("GBP", "UK")
    assert [each["name"] for each in stores.values() if each["name"].startswith("Non-")] == ["Non-Amazon FR"]


def test_amazons_warehouses_hold_what_amazon_ships() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.offer(LAMP, fulfilment="marketplace", quantity=9)
        answer = await caller.get(STOCK, {**HERE, "details": "true"})
        [found] = answer.json()["payload"]["inventorySummaries"]
        return [found["sellerSku"], found["totalQuantity"], found["inventoryDetails"]]

    assert talk(script) == [LAMP, 9, {"fulfillableQuantity": 9}]


def test_stock_comes_in_pages_and_by_sku() -> None:
    async def script(caller: Caller) -> list[int]:
        skus = [f"FBA-{number}" for number in range(60)]
        for sku in skus:
            await caller.offer(sku, fulfilment="marketplace", quantity=1, price="5")
        first = (await caller.get(STOCK, HERE)).json()
        second = (await caller.get(STOCK, {**HERE, "nextToken": first["pagination"]["nextToken"]})).json()
        caller.wait(1)
        named = (await caller.get(STOCK, {**HERE, "sellerSkus": "FBA-1,FBA-2,NOBODY"})).json()
        return [len(each["payload"]["inventorySummaries"]) for each in (first, second, named)]

    assert talk(script) == [50, 10, 2]


@pytest.mark.parametrize(
    "params",
    [
        {"granularityType": "Country"},
        {"granularityId": ""},
        {"marketplaceIds": ""},
        {"marketplaceIds": f"{FR},{DE}"},
        {"nextToken": "made-up"},
        {"sellerSkus": ",".join(map(str, range(51)))},
    ],
)
def test_stock_that_is_asked_for_wrongly_is_a_400(params: dict[str, str]) -> None:
    async def script(caller: Caller) -> int:
        return (await caller.get(STOCK, {**HERE, **params})).status_code

    assert talk(script) == 400


@with_models
def test_answers_are_as_the_models_say() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.offer(LAMP, fulfilment="marketplace", quantity=9)
        stores = await caller.get("/sellers/v1/marketplaceParticipations")
        stock = await caller.get(STOCK, {**HERE, "details": "true"})
        return [stores.json(), stock.json()]

    stores, stock = talk(script)

    assert faults("sellers", "GetMarketplaceParticipationsResponse", stores) == []
    assert faults("fbaInventory", "GetInventorySummariesResponse", stock) == []
