import httpx
import pytest

from tests.sandbox.amazon.caller import USER_AGENT, Caller, talk


def test_a_refresh_token_becomes_an_access_token_for_an_hour() -> None:
    async def script(caller: Caller) -> tuple[httpx.Response, str]:
        return await caller.login(), caller.secrets["refresh_token"]

    answer, refresh_token = talk(script)

    body = answer.json()
    assert answer.status_code == 200
    assert body.pop("access_token").startswith("Atza|")
    assert body == {"token_type": "bearer", "expires_in": 3600, "refresh_token": refresh_token}
    assert refresh_token.startswith("Atzr|")


def test_json_is_taken_too() -> None:
    async def script(caller: Caller) -> int:
        asked = {"grant_type": "refresh_token", "client_id": caller.settings["client_id"], **caller.secrets}
        return (await caller.http.post("/amazon/auth/o2/token", json=asked)).status_code

    assert talk(script) == 200


def test_calls_without_a_seller_have_tokens_of_their_own() -> None:
    async def script(caller: Caller) -> tuple[set[str], int]:
        answer = await caller.login(grant_type="client_credentials", scope="sellingpartnerapi::notifications")
        caller.token = answer.json()["access_token"]
        return set(answer.json()), (await caller.search()).status_code

    assert talk(script) == ({"access_token", "token_type", "expires_in"}, 403)


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "Atzr|nobody"}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "all"}, 400, "invalid_scope"),
    ],
)
def test_a_wrong_request_is_refused_in_the_words_of_oauth(fields: dict[str, str], status: int, error: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.login(**fields)

    answer = talk(script)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


@pytest.mark.parametrize(
    ("error", "status"),
    [("unauthorized_client", 400), ("access_denied", 403), ("server_error", 500), ("temporarily_unavailable", 503)],
)
def test_every_error_can_be_had(error: str, status: int) -> None:
    async def script(caller: Caller) -> httpx.Response:
        await caller.switch(lwa_error=error)
        return await caller.login()

    answer = talk(script)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_token_is_good_until_it_expires() -> None:
    async def script(caller: Caller) -> list[int]:
        await caller.switch(token_lifetime_s=5)
        first = (await caller.search()).status_code
        caller.wait(5)
        second = (await caller.search()).status_code
        caller.token = ""
        return [first, second, (await caller.search()).status_code]

    assert talk(script) == [200, 403, 200]


@pytest.mark.parametrize(("token", "code"), [("", "MissingAuthenticationToken"), ("Atza|nobody", "Unauthorized")])
def test_a_call_without_a_good_token_is_denied_and_shows_no_rate(token: str, code: str) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.get("/sellers/v1/marketplaceParticipations", headers={"x-amz-access-token": token})

    answer = talk(script)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, code)
    assert answer.json()["errors"][0]["message"] == "Access to requested resource is denied."
    assert "x-amzn-ratelimit-limit" not in answer.headers
    assert answer.headers["x-amzn-requestid"]


def test_a_revoked_authorisation_ends_tokens_and_gives_no_new_ones() -> None:
    async def script(caller: Caller) -> list[object]:
        await caller.search()
        await caller.switch(authorised=False)
        seen = [(await caller.search()).status_code, (await caller.login()).json()["error"]]
        await caller.switch(authorised=True)
        return [*seen, (await caller.search()).status_code, (await caller.login()).status_code]

    assert talk(script) == [403, "invalid_grant", 403, 200]


@pytest.mark.parametrize(
    ("rule", "user_agent", "status"),
    [
        ("strict", USER_AGENT, 200),
        ("strict", "marketcron/1.0 (Platform=Linux; Language=Python)", 200),
        ("strict", "marketcron/1.0", 400),
        ("strict", "", 400),
        ("strict", f"marketcron/1.0 (Language={'x' * 500})", 400),
        ("present", "marketcron/1.0", 200),
        ("present", "", 400),
        ("present", "x" * 501, 400),
        ("any", "", 200),
    ],
)
def test_a_caller_says_who_it_is(rule: str, user_agent: str, status: int) -> None:
    async def script(caller: Caller) -> int:
        await caller.switch(user_agent=rule)
        return (await caller.search_as(user_agent)).status_code

    assert talk(script) == status


def test_the_two_sellers_have_tokens_of_their_own() -> None:
    async def script(caller: Caller) -> list[str]:
        await caller.make()
        return await caller.found()

    assert talk(script, account="amazon-two") == []
