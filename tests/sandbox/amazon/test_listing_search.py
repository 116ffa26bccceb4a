from typing import Any

import pytest

from tests.sandbox.amazon.caller import FR, Caller, talk

LAMP, PUZZLE = "LAMPE-BUREAU-001", "PUZZLE-1000-001"


async def page(caller: Caller, **params: str) -> dict[str, Any]:
    answer = await caller.get(caller.item(), {"marketplaceIds": FR, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def skus(caller: Caller, **params: str) -> list[str]:
    """Return what every page holds."""
    await caller.switch(quotas="off")
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        seen = await page(caller, **params, **token)
        found += [item["sku"] for item in seen["items"]]
        if "nextToken" not in seen.get("pagination", {}):
            return found
        token = {"pageToken": seen["pagination"]["nextToken"]}


def test_every_listing_is_found_once() -> None:
    async def script(caller: Caller) -> tuple[list[str], list[str]]:
        await caller.control("offers", count=100)
        return await skus(caller, pageSize="20"), list((await caller.state())["offers"])

    found, sold = talk(script)

    assert sorted(found) == sorted(sold)


def test_a_search_leads_no_further_than_so_many() -> None:
    async def script(caller: Caller) -> tuple[int, int]:
        await caller.switch(listings_found=50)
        return len(await skus(caller, pageSize="20")), (await page(caller))["numberOfResults"]

    assert talk(script) == (50, 57)


def test_listings_are_found_by_sku_and_by_ean() -> None:
    async def script(caller: Caller) -> list[list[str]]:
        rows = (await caller.http.get("/_control/catalog")).json()
        ean = next(row["ean"] for row in rows if row["sku"] == LAMP)
        return [
            await skus(caller, identifiersType="SKU", identifiers=f"{LAMP},NOBODY", sortBy="sku", sortOrder="ASC"),
            await skus(caller, identifiersType="EAN", identifiers=ean),
        ]

    assert talk(script) == [[LAMP], [LAMP]]


def test_listings_are_found_by_status_by_issue_and_by_date() -> None:
    async def script(caller: Caller) -> list[Any]:
        caller.wait(60)
        await caller.offer(LAMP, quantity=0)
        caller.wait(60)
        await caller.offer("FLAT-TYRE", quantity=3, price="5", issue="90220")
        unbuyable = set(await skus(caller, withoutStatus="BUYABLE"))
        return [
            {LAMP, "FLAT-TYRE"} <= unbuyable,
            unbuyable & set(await skus(caller, withStatus="BUYABLE")),
            await skus(caller, withIssueSeverity="ERROR"),
            await skus(caller, lastUpdatedAfter="2026-03-02T12:00:30Z"),
            await skus(caller, createdAfter="2026-03-02T12:00:30Z"),
        ]

    assert talk(script) == [True, set(), ["FLAT-TYRE"], ["FLAT-TYRE", LAMP], ["FLAT-TYRE"]]


@pytest.mark.parametrize(
    "params",
    [
        {"pageSize": "21"},
        {"pageToken": "made-up"},
        {"identifiers": LAMP},
        {"identifiersType": "SKU"},
        {"identifiersType": "NAME", "identifiers": LAMP},
        {"identifiersType": "SKU", "identifiers": ",".join(map(str, range(21)))},
        {"withStatus": "SOLD"},
        {"sortBy": "price"},
        {"includedData": "everything"},
    ],
)
def test_what_can_not_be_read_is_a_400(params: dict[str, str]) -> None:
    async def script(caller: Caller) -> int:
        return (await caller.get(caller.item(), {"marketplaceIds": FR, **params})).status_code

    assert talk(script) == 400
