"""Who comes in, and what stands in the way."""

from typing import Any

import httpx
import pytest

from tests.sandbox.prestashop.caller import Caller, codes, fields, ids, talk

KEY_OF_NOBODY = httpx.BasicAuth("Z" * 32, "")


def test_a_call_without_a_key_is_refused_in_plain_text() -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.ask("GET", "orders", auth=None)

    answer = talk(script)

    assert (answer.status_code, answer.text, "psws-version" in answer.headers) == (401, "401 Unauthorized", False)


@pytest.mark.parametrize(("auth", "said"), [(httpx.BasicAuth("SHORT", ""), [18]), (KEY_OF_NOBODY, [20, 21])])
def test_a_wrong_key_is_refused_by_number_and_learns_no_version(auth: httpx.BasicAuth, said: list[int]) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.ask("GET", "orders", auth=auth)

    answer = talk(script)

    assert (answer.status_code, codes(answer), answer.headers["psws-version"]) == (401, said, "0")


def test_a_key_that_was_switched_off_is_refused() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(key_active=False)
        return codes(await caller.get("orders"))

    assert talk(script) == [20, 21]


def test_the_key_may_come_as_a_parameter() -> None:
    async def script(caller: Caller) -> int:
        return (await caller.ask("GET", f"languages?ws_key={caller.key}", auth=None)).status_code

    assert talk(script) == 200


def test_a_host_that_loses_the_header_still_takes_the_parameter() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(lost_authorization=True)
        lost = await caller.get("languages")
        return [lost.status_code, (await caller.get("languages", ws_key=caller.key)).status_code]

    assert talk(script) == [401, 200]


def test_a_service_that_is_off_says_so() -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.switch(webservice=False)
        return await caller.get("orders")

    answer = talk(script)

    assert (answer.status_code, codes(answer)) == (503, [22])


def test_maintenance_does_not_close_the_service() -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(maintenance=True)
        return (await caller.get("orders")).status_code

    assert talk(script) == 200


def test_the_root_lists_what_the_key_may_do() -> None:
    async def script(caller: Caller) -> str:
        await caller.switch(
            denied={"orders": ["PUT", "DELETE"], "taxes": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]}
        )
        return (await caller.get("")).text

    page = talk(script)

    assert 'api/orders" get="true" put="false" post="true" patch="true" delete="false" head="true"' in page
    assert "<taxes" not in page


@pytest.mark.parametrize(
    ("verb", "path", "status", "code"),
    [
        ("GET", "orderz", 400, 27),
        ("GET", "categories", 401, 26),
        ("GET", "taxes", 401, 26),
        ("PATCH", "orders/1", 405, 25),
        ("DELETE", "stock_availables/1", 405, 101),
        ("OPTIONS", "orders", 405, 23),
    ],
)
def test_what_may_not_be_asked_is_refused_by_number(verb: str, path: str, status: int, code: int) -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.switch(denied={"*": ["PATCH"], "taxes": ["GET", "POST", "PUT", "DELETE", "HEAD"]})
        return await caller.ask(verb, path)

    answer = talk(script)

    assert (answer.status_code, codes(answer)) == (status, [code])


def test_a_shop_that_does_not_exist_leads_to_the_front_page() -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.get("orders", id_shop="7")

    answer = talk(script)

    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["location"] == "http://sandbox.example/prestashop/?url=orders"


def test_a_shop_that_the_key_has_no_right_to_is_refused() -> None:
    async def script(caller: Caller) -> tuple[int, list[int]]:
        await caller.switch(second_shop=True)
        answer = await caller.get("orders", id_shop="2")
        return answer.status_code, codes(answer)

    assert talk(script) == (403, [132])


@pytest.mark.parametrize("shop", ["1", "all"])
def test_the_shops_of_the_key_are_open(shop: str) -> None:
    async def script(caller: Caller) -> int:
        return (await caller.get("orders", id_shop=shop)).status_code

    assert talk(script) == 200


def test_a_verb_that_the_host_blocks_passes_under_another_name() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(blocked_verbs=["PATCH"])
        customer = await caller.customer()
        body = f"<customer><id>{customer}</id><company>Atelier</company></customer>"
        blocked = await caller.ask("PATCH", f"customers/{customer}", body)
        passed = await caller.ask("POST", f"customers/{customer}?ps_method=PATCH", body)
        return [blocked.status_code, passed.status_code, fields(passed)["company"]]

    assert talk(script) == [403, 200, "Atelier"]


def test_another_name_for_a_verb_does_not_lend_its_right() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(denied={"customers": ["PATCH"]})
        return codes(await caller.ask("POST", "customers/1?ps_method=PATCH", "<customer/>"))

    assert talk(script) == [25]


def test_a_host_may_send_everything_to_https() -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.switch(redirect_to_https=True)
        return await caller.get("orders")

    answer = talk(script)

    assert answer.status_code == 301
    assert answer.headers["location"] == "https://sandbox.example/prestashop/api/orders"


def test_ssl_changes_the_links_alone() -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.switch(ssl_links=True)
        return await caller.get("languages")

    answer = talk(script)

    assert answer.status_code == 200
    assert 'href="https://sandbox.example/prestashop/api/languages/1"' in answer.text


def test_a_host_that_can_not_rewrite_is_reached_by_the_true_name() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(rewrites=False)
        lost = await caller.get("languages")
        path = "/prestashop/webservice/dispatcher.php?url=languages"
        found = await caller.http.get(path, auth=httpx.BasicAuth(caller.key, ""))
        return [lost.status_code, ids(found)]

    assert talk(script) == [404, [1]]


def test_every_answer_bears_the_shops_time_and_version() -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.wait(60)
        headers = (await caller.get("orders")).headers
        return [headers[name] for name in ("access-time", "psws-version")]

    assert talk(script) == ["1772452860", "8.2.1"]


def test_a_head_has_no_body() -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.ask("HEAD", "orders")

    answer = talk(script)

    assert (answer.status_code, answer.content) == (200, b"")


def test_noise_comes_before_the_xml() -> None:
    async def script(caller: Caller) -> str:
        await caller.switch(php_noise=True)
        return (await caller.get("languages")).text

    page = talk(script)

    assert page.startswith("<br />\n<b>Notice</b>")
    assert page.endswith("</prestashop>\n")


def test_a_shop_may_stumble_after_its_work() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(error_500_after_write=True)
        answer = await caller.post(
            "customers", "customer", email="a@orders.invalid", passwd="x", lastname="A", firstname="B"
        )
        return [answer.status_code, codes(answer), len((await caller.state())["customers"])]

    assert talk(script) == [500, [2], 1]


@pytest.mark.parametrize("version", ["1.7.8.11", "1.7.7.8"])
def test_older_shops_do_not_know_patch(version: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(version=version)
        answer = await caller.ask("PATCH", "orders/1", "<order><id>1</id></order>")
        return [answer.status_code, codes(answer), answer.headers["psws-version"]]

    assert talk(script) == [405, [23], version]


def test_version_nine_has_lost_the_supply_orders() -> None:
    async def script(caller: Caller) -> list[list[int]]:
        answered = codes(await caller.get("supply_orders"))
        await caller.switch(version="9.0.0")
        return [answered, codes(await caller.get("supply_orders"))]

    assert talk(script) == [[26], [27]]
