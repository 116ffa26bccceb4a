import logging

import httpx
import pytest

from app.clock import JumpingClock
from app.errors import CallError, CredentialsRefused, SetupWrong, Unavailable
from app.marketplaces.amazon.adapter import AmazonMarketplace
from app.marketplaces.amazon.stores import REGIONS, TOKEN_ADDRESS
from app.transport.tokens import MemoryTokens
from tests.marketplaces.amazon.builders import (
    GOOD,
    REFRESH,
    SECRET,
    TOKEN_PATH,
    a_config,
    a_marketplace,
    a_page,
    a_token,
    refused,
)
from tests.marketplaces.amazon.records import an_order
from tests.marketplaces.amazon.test_adapter import QUERY, all_of, pages_of
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.support.aio import run

EXPIRED = refused(
    403, "Unauthorized", "Access to requested resource is denied.", "The access token you provided has expired."
)


def logins(remote: Remote) -> int:
    return sum(request.url.path == TOKEN_PATH for request in remote.requests)


def tokens_used(remote: Remote) -> list[str]:
    return [request.headers["x-amz-access-token"] for request in remote.requests if request.url.path != TOKEN_PATH]


def test_the_refresh_token_goes_to_amazon_as_a_form_and_the_access_token_into_a_header() -> None:
    remote = Remote(lambda request: a_token() if request.url.path == TOKEN_PATH else a_page())

    pages_of(a_marketplace(remote))

    login, search = remote.requests
    assert str(login.url) == TOKEN_ADDRESS
    assert login.headers["content-type"] == "application/x-www-form-urlencoded;charset=UTF-8"
    assert dict(httpx.QueryParams(login.content.decode())) == {
        "grant_type": "refresh_token",
        "refresh_token": REFRESH,
        "client_id": "amzn1.application-oa2-client.nobody",
        "client_secret": SECRET,
    }
    assert str(search.url).startswith(f"{REGIONS['EU']}/orders/")
    assert search.headers["x-amz-access-token"] == GOOD


def test_a_token_serves_until_two_minutes_before_its_end_and_no_other_account_asks_again() -> None:
    clock = JumpingClock(NOON)
    remote = Remote(lambda request: a_token() if request.url.path == TOKEN_PATH else a_page())
    connector = a_connector(remote.transport, clock=clock)

    async def script() -> list[int]:
        seen = []
        for wait_s in (0, 3400, 100):
            clock.advance(wait_s)
            await all_of(AmazonMarketplace(a_config(), connector).orders(QUERY))
            seen.append(logins(remote))
        return seen

    assert run(script()) == [1, 1, 2]


def test_a_token_that_ended_early_is_renewed_once_and_the_call_made_again() -> None:
    texts = iter([GOOD, "Atza|another"])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            return a_token(next(texts))
        return EXPIRED if request.headers["x-amz-access-token"] == GOOD else a_page(an_order())

    remote = Remote(answer)

    [page] = pages_of(a_marketplace(remote))

    assert len(page.items) == 1
    assert tokens_used(remote) == [GOOD, "Atza|another"]


def test_a_new_token_that_is_refused_too_ends_the_run_with_what_to_do() -> None:
    remote = Remote(lambda request: a_token() if request.url.path == TOKEN_PATH else EXPIRED)

    with pytest.raises(CredentialsRefused, match="Authorise the application again"):
        pages_of(a_marketplace(remote))

    assert logins(remote) == 2


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "invalid_grant", CredentialsRefused),
        (401, "invalid_client", CredentialsRefused),
        (403, "access_denied", CredentialsRefused),
        (400, "unauthorized_client", CredentialsRefused),
        (400, "invalid_request", SetupWrong),
        (404, "", SetupWrong),
        (500, "server_error", Unavailable),
        (503, "temporarily_unavailable", Unavailable),
    ],
)
def test_a_refused_login_says_what_to_do_and_nothing_of_the_secrets(
    status: int, code: str, error: type[CallError], caplog: pytest.LogCaptureFixture
) -> None:
    reported = {"error": code, "error_description": f"bad {REFRESH} {SECRET}"}
    remote = Remote(lambda request: httpx.Response(status, json=reported))

    with caplog.at_level(logging.DEBUG), pytest.raises(error) as caught:
        pages_of(a_marketplace(remote))

    said = str(caught.value) + caplog.text
    assert REFRESH not in said
    assert SECRET not in said
    assert caught.value.operation == "token"


def test_a_login_without_authorisation_is_tried_once() -> None:
    remote = Remote(lambda request: httpx.Response(400, json={"error": "invalid_grant"}))

    with pytest.raises(CredentialsRefused):
        pages_of(a_marketplace(remote))

    assert len(remote.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"access_token": "x"}', b'{"access_token": "a\\nb", "expires_in": 3600}', b"<html>"],
)
def test_a_login_that_gives_no_token_is_an_outage(body: bytes) -> None:
    with pytest.raises(Unavailable):
        pages_of(a_marketplace(Remote(lambda request: httpx.Response(200, content=body))))


def test_the_token_is_masked_where_amazon_repeats_it() -> None:
    remote = Remote(
        lambda request: a_token() if request.url.path == TOKEN_PATH else refused(400, "InvalidInput", f"bad {GOOD}")
    )

    with pytest.raises(Unavailable) as caught:
        pages_of(a_marketplace(remote))

    assert GOOD not in str(caught.value)


def test_another_refresh_token_is_another_login() -> None:
    remote = Remote(lambda request: a_token() if request.url.path == TOKEN_PATH else a_page())
    connector = a_connector(remote.transport)

    for refresh in ("one", "two"):
        pages_of(AmazonMarketplace(a_config(refresh_token=refresh), connector))

    assert logins(remote) == 2
    assert isinstance(connector.tokens, MemoryTokens)
