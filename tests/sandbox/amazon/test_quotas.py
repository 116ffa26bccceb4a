import re

import httpx
import pytest

from app.sandbox.amazon.quotas import RATES
from tests.sandbox.amazon.caller import FR, Caller, talk
from tests.sandbox.amazon.models import FOLDER, model, with_models

LAMP = "LAMPE-BUREAU-001"


@with_models
def test_the_rates_are_those_of_the_models() -> None:
    documented: dict[str, tuple[float, int]] = {}
    for file in sorted(FOLDER.glob("*.json"), reverse=True):
        for verbs in model(file.stem).get("paths", {}).values():
            for operation in verbs.values():
                if isinstance(operation, dict) and "operationId" in operation:
                    found = re.search(r"\|\s*([\d.]+)\s*\|\s*([\d.]+)\s*\|", operation["description"])
                    if found:
                        documented.setdefault(operation["operationId"], (float(found[1]), int(found[2])))

    assert {name: (rate.per_second, rate.burst) for name, rate in RATES.items()} == {
        name: documented[name] for name in RATES
    }


def test_twenty_searches_and_no_more() -> None:
    async def script(caller: Caller) -> list[int]:
        answers = [(await caller.search()).status_code for _ in range(22)]
        caller.wait(178.6)
        return [*answers[19:], (await caller.search()).status_code, (await caller.search()).status_code]

    assert talk(script) == [200, 429, 429, 200, 429]


def test_a_429_says_nothing_of_rates_and_waits() -> None:
    async def script(caller: Caller) -> httpx.Response:
        for _ in range(20):
            await caller.search()
        return await caller.search()

    answer = talk(script)

    assert answer.json() == {
        "errors": [
            {"code": "QuotaExceeded", "message": "You exceeded your quota for the requested resource.", "details": ""}
        ]
    }
    assert {"x-amzn-ratelimit-limit", "retry-after"} & answer.headers.keys() == set()


@pytest.mark.parametrize(
    ("path", "status", "rate"),
    [
        ("/orders/2026-01-01/orders?createdAfter=2026-03-01T00:00:00Z", 200, "0.0056"),
        ("/orders/2026-01-01/orders", 400, "0.0056"),
        ("/orders/2026-01-01/orders/404-0000000-0000000", 404, "0.5"),
        ("/sellers/v1/marketplaceParticipations", 200, "0.016"),
    ],
)
def test_the_rate_is_shown_on_good_answers_and_on_400_and_404(path: str, status: int, rate: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.get(path)

    answer = talk(script)

    assert (answer.status_code, answer.headers["x-amzn-ratelimit-limit"]) == (status, rate)


def test_the_header_is_best_effort() -> None:
    async def script(caller: Caller) -> bool:
        await caller.switch(rate_header=False)
        return "x-amzn-ratelimit-limit" in (await caller.search()).headers

    assert not talk(script)


def test_a_plan_is_raised_when_its_time_comes() -> None:
    async def script(caller: Caller) -> list[object]:
        await caller.switch(plan_factor=10, plan_after_s=3600)
        before = (await caller.search()).headers["x-amzn-ratelimit-limit"]
        for _ in range(19):
            await caller.search()
        caller.wait(3600)
        after = (await caller.search()).headers["x-amzn-ratelimit-limit"]
        for _ in range(19):
            await caller.search()
        caller.wait(17.9)
        return [before, after, (await caller.search()).status_code, (await caller.search()).status_code]

    assert talk(script) == ["0.0056", "0.056", 200, 429]


def test_each_operation_has_a_bucket_of_its_own() -> None:
    async def script(caller: Caller) -> int:
        [order_id] = await caller.make()
        for _ in range(20):
            await caller.search()
        return (await caller.get(f"/orders/2026-01-01/orders/{order_id}")).status_code

    assert talk(script) == 200


def test_an_empty_application_bucket_throttles_every_seller_with_words_of_its_own() -> None:
    async def script(caller: Caller) -> list[object]:
        await caller.switch(application_factor=0.04)
        first = [(await caller.get(caller.item(LAMP), {"marketplaceIds": FR})).status_code for _ in range(5)]
        refused = (await caller.get(caller.item(LAMP), {"marketplaceIds": FR})).json()["errors"][0]["message"]
        await caller.control("switches", account="amazon-two", application_factor=0.04)
        two = (await caller.http.get("/_control/credentials")).json()["amazon-two"]
        caller.settings, caller.secrets, caller.seller_id = two["settings"], two["secrets"], "A2SANDBOX0SELL"
        caller.token = ""
        return [first[:4], first[4], refused, (await caller.get(caller.item(LAMP), {"marketplaceIds": FR})).status_code]

    served, fifth, refused, other = talk(script)

    assert (served, fifth, other) == ([200] * 4, 429, 429)
    assert refused != "You exceeded your quota for the requested resource."


def test_stray_429s_come_below_the_limit() -> None:
    async def script(caller: Caller) -> tuple[set[int], dict[str, int]]:
        await caller.fault("http_429", rate=0.5)
        codes = {(await caller.search()).status_code for _ in range(15)}
        return codes, (await caller.state())["throttled"]

    assert talk(script) == ({200, 429}, {})


def test_quotas_can_be_off() -> None:
    async def script(caller: Caller) -> set[int]:
        await caller.switch(quotas="off")
        return {(await caller.search()).status_code for _ in range(40)}

    assert talk(script) == {200}
