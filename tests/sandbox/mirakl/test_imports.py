import contextlib
from typing import Any

import httpx
import pytest

from tests.sandbox.client import Remote, talk

LAMP = "LAMPE-BUREAU-001"
STOCK = f"offer-sku;quantity\n{LAMP};11\n"
PRICES = f"offer-sku;price\n{LAMP};34.90\n"
FILES = [("offers/stock/imports", STOCK, "STO01"), ("offers/pricing/imports", PRICES, "PRI01")]
each_file = pytest.mark.parametrize(("path", "content", "operation"), FILES)


async def status_of(remote: Remote, import_id: str) -> str:
    status: str = (await remote.get(f"offers/stock/imports/{import_id}/status")).json()["status"]
    return status


def test_a_file_waits_and_runs_before_it_is_complete() -> None:
    async def script(remote: Remote) -> list[str]:
        await remote.control("mirakl/switches", import_wait_s=30, import_run_s=30)
        import_id = await remote.send_stock(STOCK)
        seen = [await status_of(remote, import_id)]
        for _ in range(3):
            await remote.wait(20)
            seen.append(await status_of(remote, import_id))
        return seen

    assert talk(script) == ["WAITING", "WAITING", "RUNNING", "COMPLETE"]


def test_nothing_changes_before_completion() -> None:
    async def script(remote: Remote) -> list[bool]:
        before = (await remote.offer(LAMP))["quantity"]
        await remote.send_stock(f"offer-sku;quantity\n{LAMP};{before + 1}\n")
        seen = []
        for seconds in (0, 59, 1):
            await remote.wait(seconds)
            seen.append((await remote.offer(LAMP))["quantity"] == before)
        return seen

    assert talk(script) == [True, True, False]


def test_of_two_files_the_later_one_wins() -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/switches", import_wait_s=3600)
        await remote.send_stock(f"offer-sku;quantity\n{LAMP};1\n")
        await remote.send_stock(f"offer-sku;quantity\n{LAMP};2\n")
        await remote.wait(7200)
        quantity: int = (await remote.offer(LAMP))["quantity"]
        return quantity

    assert talk(script) == 2


@each_file
def test_a_file_is_taken_once_a_minute(path: str, content: str, operation: str) -> None:
    async def script(remote: Remote) -> tuple[list[int], str, dict[str, int]]:
        first = await remote.post_file(path, content)
        second = await remote.post_file(path, content)
        await remote.wait(60)
        third = await remote.post_file(path, content)
        statuses = [first.status_code, second.status_code, third.status_code]
        return statuses, second.headers["retry-after"], (await remote.state())["throttled"]

    assert talk(script) == ([201, 429, 201], "59", {operation: 1})


def test_a_stock_status_is_read_four_times_a_minute() -> None:
    async def script(remote: Remote) -> list[int]:
        import_id = await remote.send_stock(STOCK)
        path = f"offers/stock/imports/{import_id}/status"
        first = await remote.get(path)
        second = await remote.get(path)
        await remote.wait(15)
        return [first.status_code, second.status_code, (await remote.get(path)).status_code]

    assert talk(script) == [200, 429, 200]


def test_a_price_status_is_read_once_a_minute() -> None:
    async def script(remote: Remote) -> list[int]:
        return [(await remote.get("offers/pricing/imports")).status_code for _ in range(2)]

    assert talk(script) == [200, 429]


def test_reading_offers_is_not_limited() -> None:
    async def script(remote: Remote) -> set[int]:
        return {(await remote.get("offers")).status_code for _ in range(100)}

    assert talk(script) == {200}


@each_file
def test_a_file_comes_as_a_part_named_file(path: str, content: str, operation: str) -> None:
    async def script(remote: Remote) -> list[int]:
        headers = {"Authorization": remote.key}
        await remote.control("mirakl/switches", quotas="off")
        url = f"/mirakl/api/{path}"
        answers = [
            await remote.http.post(url, content=content, headers={**headers, "Content-Type": "text/csv"}),
            await remote.http.post(url, files={"csv": ("offers.csv", content)}, headers=headers),
            await remote.http.post(url, files={"other": ("x", b"")}, data={"file": content}, headers=headers),
            await remote.http.post(
                url, content=b"no parts", headers={**headers, "Content-Type": "multipart/form-data"}
            ),
        ]
        return [answer.status_code for answer in answers]

    assert talk(script) == [415, 400, 400, 400]


@each_file
def test_an_unknown_caller_sends_nothing(path: str, content: str, operation: str) -> None:
    async def script(remote: Remote) -> tuple[int, list[Any]]:
        answer = await remote.post_file(path, content, key="wrong")
        return answer.status_code, (await remote.state())["imports"]

    assert talk(script) == (401, [])


@pytest.mark.parametrize("path", ["status", "error_report"])
def test_an_import_of_another_shop_is_not_there(path: str) -> None:
    async def script(remote: Remote) -> int:
        import_id = await remote.send_stock("offer-sku;quantity\nNOBODY;1\n")
        await remote.wait(120)
        return (await remote.get(f"offers/stock/imports/{import_id}/{path}", key=remote.other_key)).status_code

    assert talk(script) == 404


def test_an_import_of_prices_is_none_of_stock() -> None:
    async def script(remote: Remote) -> int:
        import_id = await remote.send_prices(PRICES)
        return (await remote.get(f"offers/stock/imports/{import_id}/status")).status_code

    assert talk(script) == 404


@pytest.mark.parametrize(("window_s", "same"), [(600, True), (30, False)])
def test_the_same_file_may_get_the_same_import_for_a_while(window_s: float, same: bool) -> None:
    async def script(remote: Remote) -> bool:
        await remote.control("mirakl/switches", same_file="same_import", same_file_window_s=window_s)
        return await remote.send_stock(STOCK) == await remote.send_stock(STOCK)

    assert talk(script) is same


def test_the_same_file_is_imported_again_by_default_and_counted() -> None:
    async def script(remote: Remote) -> tuple[bool, dict[str, int], int]:
        same = await remote.send_stock(STOCK) == await remote.send_stock(STOCK)
        state = await remote.state()
        return same, state["writes_repeated_by_operation"], state["writes_repeated"]

    assert talk(script) == (False, {"STO01": 1}, 0)


@each_file
def test_imports_can_fail_as_a_whole(path: str, content: str, operation: str) -> None:
    async def script(remote: Remote) -> tuple[str, bool]:
        before = (await remote.state())["offers"]
        await remote.control("mirakl/switches", imports_fail=True)
        import_id = (await remote.post_file(path, content)).json()["import_id"]
        await remote.control("mirakl/switches", imports_fail=False)
        outcome = await remote.imported(import_id)
        return outcome["status"], (await remote.state())["offers"] == before

    assert talk(script) == ("FAILED", True)


def test_a_receipt_can_be_lost_while_the_file_has_its_effect() -> None:
    async def script(remote: Remote) -> tuple[list[int], int]:
        import_id = await remote.send_stock(f"offer-sku;quantity\n{LAMP};11\nNOBODY;1\n")
        await remote.control("mirakl/switches", forget_imports=True)
        await remote.wait(120)
        paths = [f"offers/stock/imports/{import_id}/{path}" for path in ("status", "error_report")]
        statuses = [(await remote.get(path)).status_code for path in paths]
        return statuses, (await remote.offer(LAMP))["quantity"]

    assert talk(script) == ([404, 404], 11)


def test_a_lost_receipt_of_prices_is_an_empty_list() -> None:
    async def script(remote: Remote) -> Any:
        await remote.control("mirakl/switches", forget_imports=True)
        import_id = await remote.send_prices(PRICES)
        return (await remote.get("offers/pricing/imports", {"import_id": import_id})).json()["data"]

    assert talk(script) == []


@pytest.mark.parametrize(("days", "status"), [(59, 200), (61, 404)])
def test_an_import_is_forgotten_after_sixty_days(days: int, status: int) -> None:
    async def script(remote: Remote) -> int:
        import_id = await remote.send_stock(STOCK)
        await remote.wait(days * 86_400)
        return (await remote.get(f"offers/stock/imports/{import_id}/status")).status_code

    assert talk(script) == status


def test_an_import_is_forgotten_after_so_many_files() -> None:
    async def script(remote: Remote) -> list[int]:
        await remote.control("mirakl/switches", import_history_files=2, quotas="off")
        ids = [await remote.send_stock(STOCK) for _ in range(3)]
        return [(await remote.get(f"offers/stock/imports/{each}/status")).status_code for each in ids]

    assert talk(script) == [404, 200, 200]


@each_file
@pytest.mark.parametrize("answer", ["http_500", "reset", "timeout"])
def test_a_file_whose_answer_got_lost_has_its_effect(path: str, content: str, operation: str, answer: str) -> None:
    async def script(remote: Remote) -> list[str]:
        await remote.control("mirakl/faults", kind="lost_ack", operation=operation, answer=answer)
        with contextlib.suppress(httpx.TransportError):
            assert (await remote.post_file(path, content)).status_code == 500
        await remote.wait(120)
        return [sent["status"] for sent in (await remote.state())["imports"]]

    assert talk(script) == ["COMPLETE"]


@each_file
@pytest.mark.parametrize("kind", ["http_503", "timeout", "reset", "truncate", "malformed"])
def test_a_fault_leaves_no_import(path: str, content: str, operation: str, kind: str) -> None:
    async def script(remote: Remote) -> list[Any]:
        await remote.control("mirakl/faults", kind=kind, operation=operation)
        with contextlib.suppress(httpx.TransportError):
            await remote.post_file(path, content)
        imports: list[Any] = (await remote.state())["imports"]
        return imports

    assert talk(script) == []


def test_the_state_names_what_was_sent() -> None:
    async def script(remote: Remote) -> tuple[Any, dict[str, str], str, bytes]:
        import_id = await remote.send_stock(STOCK)
        outcome = await remote.imported(import_id)
        file = await remote.http.get(f"/_control/mirakl/imports/{import_id}")
        return outcome, (await remote.state())["last_imports"], import_id, file.content

    outcome, last, import_id, file = talk(script)

    assert (outcome["operation"], outcome["lines"], outcome["bytes"], outcome["file"]) == (
        "STO01",
        1,
        len(STOCK),
        STOCK,
    )
    assert (last, file) == ({"STO01": import_id}, STOCK.encode())


def test_a_file_that_nobody_sent_is_a_404() -> None:
    async def script(remote: Remote) -> int:
        return (await remote.http.get("/_control/mirakl/imports/nobody")).status_code

    assert talk(script) == 404


@pytest.mark.long
def test_a_hundred_thousand_lines_are_taken_and_read_back() -> None:
    async def script(remote: Remote) -> tuple[dict[str, Any], int]:
        await remote.control("mirakl/offers", count=100_000)
        await remote.control("mirakl/switches", import_wait_s=0, import_run_s=60)
        lines = "".join(f"RANGE-{number:06d};{number % 50}\n" for number in range(1, 100_001))
        import_id = (await remote.post_file("offers/stock/imports", f"offer-sku;quantity\n{lines}")).json()["import_id"]
        await remote.wait(60)
        last_page = (await remote.get("offers", {"max": 100, "offset": 99_957})).json()["offers"]
        params = {"offers": "0"}
        (outcome,) = (await remote.http.get("/_control/mirakl/state", params=params)).json()["imports"]
        assert outcome["id"] == import_id
        return outcome, last_page[-1]["quantity"]

    outcome, quantity = talk(script)

    assert (outcome["lines_in_success"], outcome["lines_in_error"], quantity) == (100_000, 0, 0)
