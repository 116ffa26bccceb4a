import httpx
import pytest

from tests.sandbox.amazon.caller import FR, Caller, talk

AFTER = "2026-03-01T12:00:00Z"


async def chain(caller: Caller, *, token: str = "", **params: str) -> list[list[str]]:
    """Return the ids of every page."""
    pages = []
    while True:
        page = await caller.page(paginationToken=token, **params)
        pages.append([order["orderId"] for order in page["orders"]])
        token = page.get("pagination", {}).get("nextToken", "")
        if not token:
            return pages


def test_pages_hold_every_order_once_and_the_last_one_leads_nowhere() -> None:
    async def script(caller: Caller) -> tuple[list[list[str]], list[str]]:
        made = await caller.make(250, age="2h")
        return await chain(caller), made

    pages, made = talk(script)

    assert [len(page) for page in pages] == [100, 100, 50]
    assert sorted(order_id for page in pages for order_id in page) == sorted(made)


def test_a_full_last_page_leads_nowhere() -> None:
    async def script(caller: Caller) -> int:
        await caller.make(100, age="2h")
        return len(await chain(caller))

    assert talk(script) == 1


def test_size_and_data_may_differ_from_page_to_page() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.make(30, age="2h")
        token = (await caller.page(maxResultsPerPage="10"))["pagination"]["nextToken"]
        answer = await caller.search(maxResultsPerPage="15", includedData="FULFILLMENT", paginationToken=token)
        return [answer.status_code, len(answer.json()["orders"])]

    assert talk(script) == [200, 15]


@pytest.mark.parametrize(
    "params",
    [
        {"marketplaceIds": FR},
        {"lastUpdatedAfter": "2026-03-01T12:00:01Z"},
        {"fulfilledBy": "MERCHANT"},
        {"createdAfter": AFTER, "lastUpdatedAfter": ""},
    ],
)
def test_everything_else_must_stay_the_same(params: dict[str, str]) -> None:
    async def script(caller: Caller) -> int:
        await caller.make(30, age="2h")
        first = {"lastUpdatedAfter": AFTER, "maxResultsPerPage": "10"}
        token = (await caller.page(**first))["pagination"]["nextToken"]
        return (await caller.search(**{**first, **params, "paginationToken": token})).status_code

    assert talk(script) == 400


@pytest.mark.parametrize(("hours", "status"), [(23.9, 200), (24, 400)])
def test_a_token_lives_for_24_hours(hours: float, status: int) -> None:
    async def script(caller: Caller) -> int:
        await caller.make(30, age="2h")
        first = {"createdAfter": AFTER, "maxResultsPerPage": "10"}
        token = (await caller.page(**first))["pagination"]["nextToken"]
        caller.wait(hours * 3600)
        return (await caller.search(**first, paginationToken=token)).status_code

    assert talk(script) == status


@pytest.mark.parametrize(("counted", "status"), [("first_page", 400), ("each_page", 200)])
def test_whether_a_chain_or_a_token_grows_old_is_a_switch(counted: str, status: int) -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(page_life_from=counted)
        await caller.make(30, age="2h")
        first = {"createdAfter": AFTER, "maxResultsPerPage": "10"}
        token = (await caller.page(**first))["pagination"]["nextToken"]
        caller.wait(13 * 3600)
        token = (await caller.page(**first, paginationToken=token))["pagination"]["nextToken"]
        caller.wait(13 * 3600)
        return (await caller.search(**first, paginationToken=token)).status_code

    assert talk(script) == status


def test_orders_that_change_under_way_hide_no_other() -> None:
    async def script(caller: Caller) -> tuple[set[str], set[str]]:
        made = await caller.make(60, age="2h")
        first = {"lastUpdatedAfter": AFTER, "maxResultsPerPage": "20"}
        page = await caller.page(**first)
        seen = {order["orderId"] for order in page["orders"]}
        moved = made[:10]
        for order_id in moved:
            await caller.change(order_id, touch=True)
        rest = await chain(caller, token=page["pagination"]["nextToken"], **first)
        return seen | {order_id for each in rest for order_id in each} | set(moved), set(made)

    seen, made = talk(script)

    assert seen == made


def test_the_bound_of_a_chain_stays() -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.make(30, age="2h")
        first = {"lastUpdatedAfter": AFTER, "maxResultsPerPage": "20"}
        page = await caller.page(**first)
        caller.wait(3600)
        await caller.make(5)
        second = await caller.page(**first, paginationToken=page["pagination"]["nextToken"])
        return [page["lastUpdatedBefore"], second["lastUpdatedBefore"], str(len(second["orders"]))]

    assert talk(script) == ["2026-03-02T11:58:00.000Z", "2026-03-02T11:58:00.000Z", "10"]


def test_a_token_that_was_tampered_with_is_refused() -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.make(30, age="2h")
        token = (await caller.page(maxResultsPerPage="10"))["pagination"]["nextToken"]
        return await caller.search(maxResultsPerPage="10", paginationToken=token[:-6] + "AAAAAA")

    assert talk(script).status_code == 400
