"""Amazon as tests write it: a function of the request, and the adapter that talks to it."""

from collections.abc import Callable, Sequence
from typing import Any

import httpx

from app.marketplaces.amazon.adapter import AmazonMarketplace
from app.marketplaces.amazon.config import AmazonConfig
from app.transport.connector import Connector
from tests.marketplaces.amazon.held_to_models import held
from tests.marketplaces.amazon.records import FRANCE, Record
from tests.marketplaces.reaching import Remote, a_connector

REFRESH = "Atzr|refresh-of-nobody"
SECRET = "secret-of-nobody"
GOOD = "Atza|token-of-nobody"
API_HOST = "sellingpartnerapi-eu.amazon.com"
TOKEN_PATH = "/auth/o2/token"
UNTIL = "2026-03-02T11:58:00.000Z"

Reply = Callable[[httpx.Request], httpx.Response]


def a_config(**changes: Any) -> AmazonConfig:
    given = {
        "seller_id": "A1B2C3D4E5F6G7",
        "client_id": "amzn1.application-oa2-client.nobody",
        "client_secret": SECRET,
        "refresh_token": REFRESH,
        "marketplaces": "FR,DE",
    }
    return AmazonConfig.model_validate(given | changes)


def a_marketplace(remote: Remote, *, connector: Connector | None = None, **config: Any) -> AmazonMarketplace:
    return AmazonMarketplace(a_config(**config), connector or a_connector(remote.transport))


def letting_in(reply: Reply) -> Remote:
    """Return an Amazon that lets everybody in and answers the rest as `reply` does; logins are not kept.

    A request that breaks Amazon's model files fails the test.
    """
    remote = Remote(reply)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            remote.requests.remove(request)
            return a_token()
        if request.url.host == API_HOST:
            assert held(request)[1] == []
        return reply(request)

    remote.answer = answer
    return remote


def a_token(text: str = GOOD, *, life_s: int = 3600) -> httpx.Response:
    return httpx.Response(200, json={"access_token": text, "token_type": "bearer", "expires_in": life_s})


def a_page(*orders: Record, token: str = "", until: str = UNTIL) -> httpx.Response:
    """Return a page of searchOrders."""
    paging = {"pagination": {"nextToken": token}} if token else {}
    return httpx.Response(200, json={"orders": list(orders), "lastUpdatedBefore": until} | paging)


def refused(status: int, code: str, message: str, details: str = "") -> httpx.Response:
    return httpx.Response(status, json={"errors": [{"code": code, "message": message, "details": details}]})


def participations(*ids: str, suspended: Sequence[str] = ()) -> httpx.Response:
    payload = [
        {
            "marketplace": {"id": each, "countryCode": "FR" if each == FRANCE else "XX"},
            "participation": {"isParticipating": True, "hasSuspendedListings": each in suspended},
            "storeName": "Nobody",
        }
        for each in ids
    ]
    return httpx.Response(200, json={"payload": payload})
