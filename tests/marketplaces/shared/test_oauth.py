"""A login gives tokens while its credentials are good, and no more often than the service allows."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.message import message
from app.errors import CallError, CredentialsRefused, LimitReached, RoleMissing, SetupWrong, Unavailable
from app.marketplaces.shared.oauth import Login, OAuth
from app.transport.connector import Connector
from app.transport.operation import Operation
from app.transport.quotas import Quota
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.support.aio import run

TOKENS_AN_HOUR = 2
TOKEN = Operation(
    name="token", method="POST", path="/token", answer="text", quota=Quota(burst=TOKENS_AN_HOUR, interval_s=1800)
)
ORDERS = Operation(name="orders", method="GET", path="/orders")
SECRET = "hunter2-of-nobody"
CLIENT = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": SECRET}
REFRESH = {**CLIENT, "grant_type": "refresh_token", "refresh_token": "once-given"}

Reply = Callable[[httpx.Request], httpx.Response]


def a_login(grant: Mapping[str, str] = CLIENT, *, token_errors: tuple[type[CallError], ...] | None = None) -> Login:
    return Login(
        service="nobody",
        operation=TOKEN,
        address="https://login.example",
        grant=grant,
        key="nobody:1",
        refused={"invalid_client": message("AMAZON_CLIENT_REFUSED")},
        wrong="AMAZON_LOGIN_REFUSED",
        unavailable="AMAZON_NO_TOKENS_NOW",
        header=lambda token: {"Authorization": f"Bearer {token}"},
        token_errors=token_errors or (CredentialsRefused,),
    )


def a_service(orders: Reply = lambda request: httpx.Response(200, json=[])) -> Remote:
    """Return a service that gives numbered tokens of two hours."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            number = sum(path == "/token" for path in remote.paths)
            return httpx.Response(200, json={"access_token": f"token-{number}", "expires_in": 7200})
        return orders(request)

    remote = Remote(answer)
    return remote


async def orders(connector: Connector, login: Login | None = None) -> None:
    oauth = OAuth(login or a_login(), connector, headers={"User-Agent": "nobody"})
    api = connector.client(
        service="nobody",
        side="marketplace",
        base_url="https://api.example",
        headers={},
        fresh_headers=oauth.fresh_headers,
        quota_scope="nobody:1",
    )
    await oauth.call(lambda: api.call(ORDERS))


def tokens_used(remote: Remote) -> list[str]:
    return [request.headers["authorization"] for request in remote.requests if request.url.path == "/orders"]


@pytest.mark.parametrize("grant", [CLIENT, REFRESH], ids=["client credentials", "refresh token"])
def test_a_grant_goes_out_as_a_form_and_comes_back_as_a_token(grant: Mapping[str, str]) -> None:
    remote = a_service()

    run(orders(a_connector(remote.transport), a_login(grant)))

    assert dict(httpx.QueryParams(remote.requests[0].content.decode())) == grant
    assert tokens_used(remote) == ["Bearer token-1"]


def test_a_token_is_used_by_all_until_shortly_before_its_end() -> None:
    remote, clock = a_service(), JumpingClock(NOON)
    connector = a_connector(remote.transport, clock=clock)

    for wait_s in (0, 7000, 100):
        clock.advance(wait_s)
        run(orders(connector))

    assert tokens_used(remote) == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_refused_token_is_replaced_and_the_call_made_once_more() -> None:
    def refuse_the_first(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401 if "token-1" in request.headers["authorization"] else 200, json=[])

    remote = a_service(refuse_the_first)

    run(orders(a_connector(remote.transport)))

    assert tokens_used(remote) == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    ("token_errors", "tokens"), [((CredentialsRefused,), 1), ((CredentialsRefused, RoleMissing), 2)]
)
def test_which_errors_may_mean_the_token_is_the_services_matter(
    token_errors: tuple[type[CallError], ...], tokens: int
) -> None:
    remote = a_service(lambda request: httpx.Response(403))

    with pytest.raises(RoleMissing):
        run(orders(a_connector(remote.transport), a_login(token_errors=token_errors)))

    assert len(tokens_used(remote)) == tokens


def test_no_more_tokens_are_asked_for_in_an_hour_than_the_quota_of_the_login_allows() -> None:
    remote = a_service(lambda request: httpx.Response(401))
    connector = a_connector(remote.transport, deadline=NOON + timedelta(minutes=10))

    with pytest.raises(CredentialsRefused):
        run(orders(connector))
    with pytest.raises(LimitReached):
        run(orders(connector))

    assert remote.paths.count("/token") == TOKENS_AN_HOUR


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "invalid_client", CredentialsRefused),
        (400, "invalid_scope", SetupWrong),
        (404, "", SetupWrong),
        (408, "", Unavailable),
        (503, "", Unavailable),
        (200, "", Unavailable),
    ],
)
def test_a_login_that_fails_is_read_by_its_code_and_never_repeats_a_secret(
    status: int, code: str, error: type[CallError]
) -> None:
    remote = Remote(lambda request: httpx.Response(status, json={"error": code, "error_description": SECRET}))

    with pytest.raises(error) as caught:
        run(orders(a_connector(remote.transport)))

    assert caught.value.operation == "token"
    assert SECRET not in str(caught.value)
    assert tokens_used(remote) == []
