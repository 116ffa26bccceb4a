import pytest

from tests.sandbox.client import Remote, talk


@pytest.mark.parametrize("key", ["", "wrong", "Bearer {key}", "Basic {key}"])
def test_only_the_bare_key_is_accepted(key: str) -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        answer = await remote.get("orders", key=key.format(key=remote.key))
        return answer.status_code, answer.json()["status"]

    assert talk(script) == (401, 401)


@pytest.mark.parametrize(("shop_id", "status"), [("2001", 200), ("2002", 403), ("mine", 400)])
def test_the_shop_must_be_the_keys_own(shop_id: str, status: int) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.get("orders", {"shop_id": shop_id})).status_code

    assert talk(script) == status


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), ("*/*", 200), ("text/csv", 406)])
def test_only_json_is_to_be_had(accept: str, status: int) -> None:
    async def script(remote: Remote) -> int:
        return (await remote.get("orders", headers={"Accept": accept})).status_code

    assert talk(script) == status


def test_a_wrong_method_is_refused() -> None:
    async def script(remote: Remote) -> tuple[int, int]:
        answer = await remote.put("orders", {})
        return answer.status_code, answer.json()["status"]

    assert talk(script) == (405, 405)


def test_an_order_of_another_shop_is_not_listed() -> None:
    async def script(remote: Remote) -> int:
        (order_id,) = await remote.make("mirakl-two")
        total: int = (await remote.list(order_ids=order_id))["total_count"]
        return total

    assert talk(script) == 0


def test_calls_and_refusals_for_speed_are_counted() -> None:
    async def script(remote: Remote) -> tuple[dict[str, int], dict[str, int]]:
        for _ in range(3):
            await remote.get("orders")
        state = await remote.state()
        return state["calls"], state["throttled"]

    assert talk(script) == ({"OR11": 3}, {"OR11": 2})


def test_the_61st_list_call_within_an_hour_waits_for_the_first_to_leave() -> None:
    async def script(remote: Remote) -> tuple[int, str]:
        for _ in range(60):
            await remote.list()
        await remote.wait(1)
        answer = await remote.get("orders")
        return answer.status_code, answer.headers["retry-after"]

    assert talk(script) == (429, "3540")


def test_the_wait_that_is_named_is_enough() -> None:
    async def script(remote: Remote) -> int:
        for _ in range(60):
            await remote.list()
        await remote.wait(float((await remote.get("orders")).headers["retry-after"]))
        return (await remote.get("orders")).status_code

    assert talk(script) == 200


def test_a_partner_may_list_four_times_an_hour() -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/switches", partner=True)
        for _ in range(4):
            await remote.list()
        await remote.wait(1)
        return (await remote.get("orders")).status_code

    assert talk(script) == 429


def test_quotas_can_be_switched_off() -> None:
    async def script(remote: Remote) -> set[int]:
        await remote.control("mirakl/switches", quotas="off")
        return {(await remote.get("orders")).status_code for _ in range(100)}

    assert talk(script) == {200}


def test_some_refusals_for_speed_have_no_body() -> None:
    async def script(remote: Remote) -> list[bool]:
        await remote.get("orders")
        return [bool((await remote.get("orders")).content) for _ in range(4)]

    assert talk(script) == [True, True, True, False]


def test_decisions_are_not_limited() -> None:
    async def script(remote: Remote) -> set[int]:
        ids = await remote.make(count=100, lines=1)
        return {(await remote.decide(order_id, True)).status_code for order_id in ids}

    assert talk(script) == {204}
