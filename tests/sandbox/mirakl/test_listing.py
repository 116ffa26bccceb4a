from typing import Any

from tests.sandbox.client import Remote, talk


def ids(page: dict[str, Any]) -> list[str]:
    return [order["order_id"] for order in page["orders"]]


def test_a_page_holds_ten_orders_by_default() -> None:
    async def script(remote: Remote) -> dict[str, Any]:
        await remote.make(count=25)
        return await remote.list()

    page = talk(script)

    assert (len(page["orders"]), page["total_count"]) == (10, 25)


def test_the_pages_hold_every_order_once_oldest_first() -> None:
    async def script(remote: Remote) -> tuple[list[str], list[str]]:
        made = await remote.make(count=25, age="3h")
        seen = [order_id for offset in (0, 10, 20) for order_id in ids(await remote.list(offset=offset))]
        return made, seen

    made, seen = talk(script)

    assert seen == made


def test_links_lead_to_the_pages_beside() -> None:
    async def script(remote: Remote) -> str:
        await remote.make(count=25)
        return (await remote.get("orders", {"max": 10, "offset": 10})).headers["link"]

    link = talk(script)

    assert link == (
        '<http://sandbox.example/mirakl/api/orders?max=10&offset=0>; rel="previous", '
        '<http://sandbox.example/mirakl/api/orders?max=10&offset=20>; rel="next"'
    )


def test_the_last_page_has_no_next_one() -> None:
    async def script(remote: Remote) -> bool:
        await remote.make(count=3)
        return "link" in (await remote.get("orders")).headers

    assert talk(script) is False


def test_everything_comes_at_once_without_paging() -> None:
    async def script(remote: Remote) -> int:
        await remote.make(count=25)
        return len((await remote.list(paginate="false"))["orders"])

    assert talk(script) == 25


def test_the_order_can_be_turned() -> None:
    async def script(remote: Remote) -> bool:
        made = await remote.make(count=5, age="3h")
        return ids(await remote.list(order="desc")) == made[::-1]

    assert talk(script)


def test_nothing_found_is_an_empty_page() -> None:
    async def script(remote: Remote) -> dict[str, Any]:
        return await remote.list()

    assert talk(script) == {"orders": [], "total_count": 0}


def test_ten_thousand_orders_are_filtered_by_update() -> None:
    async def script(remote: Remote) -> int:
        await remote.make(count=10_000, age="2d", state="to_ship", silent=True)
        await remote.make(count=3)
        total: int = (await remote.list(start_update_date="2026-03-02T11:30:00Z"))["total_count"]
        return total

    assert talk(script) == 3
