import contextlib
from typing import Any

import httpx
import pytest

from tests.sandbox.amazon.caller import EVERYTHING, Caller, talk
from tests.sandbox.amazon.patches import LAMP, stock

MODEST = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("http_400", 400, "InvalidInput"),
        ("http_401", 401, "Unauthorized"),
        ("http_403", 403, "Unauthorized"),
        ("http_404", 404, "NotFound"),
        ("http_429", 429, "QuotaExceeded"),
        ("http_500", 500, "InternalFailure"),
        ("http_503", 503, "ServiceUnavailable"),
    ],
)
def test_a_fault_is_in_amazons_words(kind: str, status: int, code: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.fault(kind)
        return await caller.search()

    answer = talk(script)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert "retry-after" not in answer.headers
    assert ("x-amzn-ratelimit-limit" in answer.headers) == (status in (400, 404))


@pytest.mark.parametrize(("kind", "error"), [("timeout", httpx.ReadTimeout), ("reset", httpx.ReadError)])
def test_silence_and_cuts_are_transport_errors(kind: str, error: type[Exception]) -> None:
    async def script(caller: Caller) -> None:
        await caller.fault(kind, operation="searchOrders")
        with pytest.raises(error):
            await caller.search()

    talk(script)


@pytest.mark.parametrize("kind", ["truncate", "malformed"])
def test_half_an_answer_and_a_page_are_no_json(kind: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.make(3)
        await caller.fault(kind)
        return await caller.search()

    answer = talk(script)

    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()


def test_a_slow_answer_is_the_true_one() -> None:
    async def script(caller: Caller) -> int:
        await caller.make(3)
        await caller.fault("slow", delay_s=0)
        return len(await caller.found())

    assert talk(script) == 3


def test_a_fault_costs_its_token_all_the_same() -> None:
    async def script(caller: Caller) -> float:
        await caller.fault("http_500", count=5)
        for _ in range(5):
            await caller.search()
        level: float = (await caller.state())["buckets"]["searchOrders"]
        return level

    assert talk(script) == 15


@pytest.mark.parametrize("kind", ["http_500", "http_429", "timeout", "reset", "truncate", "malformed"])
def test_a_fault_leaves_no_effect(kind: str) -> None:
    async def script(caller: Caller) -> list[int]:
        before = (await caller.state())["offers"][LAMP]["quantity"]
        await caller.fault(kind, operation="patchListingsItem")
        with contextlib.suppress(httpx.TransportError):
            await caller.patch(LAMP, stock(777))
        return [before, (await caller.state())["offers"][LAMP]["quantity"]]

    before, after = talk(script)

    assert before == after


@pytest.mark.parametrize("operation", ["createFeed", "patchListingsItem", "createReport", "uploadDocument"])
def test_the_answer_of_a_write_may_be_lost(operation: str) -> None:
    async def script(caller: Caller) -> Any:
        document_id = await caller.upload(b"{}")
        await caller.fault("lost_ack", operation=operation, answer="http_500", count=1)
        match operation:
            case "createFeed":
                await caller.create_feed("JSON_LISTINGS_FEED", document_id)
            case "patchListingsItem":
                await caller.patch(LAMP, stock(777))
            case "createReport":
                body = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": ["A13V1IB3VIYZZH"]}
                await caller.post("/reports/2021-06-30/reports", body)
            case _:
                made = (await caller.post("/feeds/2021-06-30/documents", {"contentType": "text/plain"})).json()
                await caller.http.put(made["url"], content=b"x", headers={"content-type": "text/plain"})
                document_id = made["feedDocumentId"]
        state = await caller.state()
        return {
            "createFeed": len(state["feeds"]),
            "patchListingsItem": state["offers"][LAMP]["quantity"] // 777,
            "createReport": len(state["reports"]),
            "uploadDocument": len(await caller.document(f"/feeds/2021-06-30/documents/{document_id}")),
        }[operation], state["faults"]

    assert talk(script) == (1, {"lost_ack": 1})


def test_tokens_come_from_another_host_and_fail_by_name_alone() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.fault("http_503")
        first = (await caller.login()).status_code
        await caller.http.delete("/_control/amazon/faults")
        await caller.fault("http_503", operation="token", count=1)
        second = await caller.login()
        return [first, second.status_code, second.json()["error"], (await caller.login()).status_code]

    assert talk(script) == [200, 503, "temporarily_unavailable", 200]


def test_a_gateway_refuses_in_html() -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.switch(troubles={"searchOrders": "html_400"})
        return await caller.search()

    answer = talk(script)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")


def test_a_trouble_lasts_for_hours_and_is_over() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(troubles={"searchOrders": "http_500"}, trouble_h=6)
        seen = []
        for wait in (0, 3 * 3600, 2.9 * 3600, 0.2 * 3600):
            caller.wait(wait)
            seen.append((await caller.search()).status_code)
        return seen

    assert talk(script) == [500, 500, 500, 200]


def test_a_trouble_of_one_operation_leaves_the_others_alone() -> None:
    async def script(caller: Caller) -> list[int]:
        [order_id] = await caller.make()
        path = f"/orders/2026-01-01/orders/{order_id}"
        await caller.switch(troubles={"searchOrders": "http_500"})
        first = [(await caller.search()).status_code, (await caller.get(path)).status_code]
        await caller.switch(troubles={"*": "http_413"})
        return [*first, (await caller.search()).status_code, (await caller.get(path)).status_code]

    assert talk(script) == [500, 200, 413, 413]


def test_a_region_refuses_good_requests_and_takes_smaller_ones() -> None:
    async def script(caller: Caller) -> list[int]:
        [order_id] = await caller.make()
        path = f"/orders/2026-01-01/orders/{order_id}"
        await caller.switch(troubles={"*": "included_data_400"}, trouble_h=12)
        seen = []
        for included in (EVERYTHING, MODEST):
            seen.append((await caller.search(includedData=included)).status_code)
            seen.append((await caller.get(path, {"includedData": included})).status_code)
        caller.wait(12 * 3600)
        return [*seen, (await caller.search()).status_code]

    assert talk(script) == [400, 400, 200, 200, 200]


def test_a_page_token_is_refused_where_pages_are_in_trouble() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.make(30, age="2h")
        token = (await caller.page(maxResultsPerPage="10"))["pagination"]["nextToken"]
        await caller.switch(troubles={"searchOrders": "page_token_refused"})
        return [
            (await caller.search(maxResultsPerPage="10")).status_code,
            (await caller.search(maxResultsPerPage="10", paginationToken=token)).status_code,
        ]

    assert talk(script) == [200, 400]


def test_every_page_may_be_the_first_one_again() -> None:
    async def script(caller: Caller) -> list[list[str]]:
        await caller.make(30, age="2h")
        await caller.switch(troubles={"searchOrders": "same_page"})
        pages, token = [], ""
        for _ in range(4):
            page = await caller.page(maxResultsPerPage="10", paginationToken=token)
            pages.append([order["orderId"] for order in page["orders"]])
            token = page["pagination"]["nextToken"]
        return pages

    pages = talk(script)

    assert pages == [pages[0]] * 4
    assert len(pages[0]) == 10


@pytest.mark.parametrize(
    ("switches", "allowed"),
    [
        ({"troubles": {"searchEverything": "http_500"}}, "searchOrders"),
        ({"troubles": {"searchOrders": "http_666"}}, "html_400"),
        ({"colour": "red"}, "troubles"),
        ({"stores": []}, "1"),
        ({"roles": ["king"]}, "'recipient'"),
    ],
)
def test_switches_that_do_not_exist_are_refused_with_those_that_do(switches: dict[str, Any], allowed: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.control("switches", **switches)

    answer = talk(script)

    assert answer.status_code == 422
    assert allowed in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/orders/v0/orders", 404),
        ("POST", "/orders/2026-01-01/orders", 405),
        ("POST", "/orders/v0/orders/403-0000000-0000000/shipmentConfirmation", 415),
    ],
)
def test_what_is_not_there_is_said_in_amazons_words(method: str, path: str, status: int) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.call(method, path, content=b"x")

    answer = talk(script)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"]


def test_a_body_may_be_too_large_and_no_json() -> None:
    async def script(caller: Caller) -> list[int]:
        path, headers = "/feeds/2021-06-30/feeds", {"content-type": "application/json"}
        bodies = (b"x" * 2_000_001, b"x", b"[]")
        return [(await caller.call("POST", path, content=body, headers=headers)).status_code for body in bodies]

    assert talk(script) == [413, 400, 400]
