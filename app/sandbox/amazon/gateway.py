"""What is checked before every call: token, user agent, role, and the token buckets."""

import re
from datetime import datetime

from starlette.requests import Request

from app.sandbox.amazon.buckets import Rate, TokenBuckets, Wanted
from app.sandbox.amazon.errors import denied, invalid, throttled
from app.sandbox.amazon.listings.calls import PREVIEW, patched_facts
from app.sandbox.amazon.lwa import CLIENT_ID, LoginWithAmazon
from app.sandbox.amazon.quotas import APPLICATION_MESSAGES, APPLICATION_RATES, RATES
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.switches import Role

TOKEN_HEADER = "x-amz-access-token"  # noqa: S105 - the name of a header
LONGEST_USER_AGENT = 500
# App/Version (Language=Python/3.12; Platform=…)
_USER_AGENT = re.compile(r"[^/()]+/[^()]+\(.*Language=[^;)]+.*\)")


class Gateway:
    """The buckets of all sellers, and of the application that they authorised."""

    def __init__(self, lwa: LoginWithAmazon) -> None:
        self._lwa = lwa
        self._buckets = TokenBuckets()

    def enter(self, request: Request, body: bytes, *, operation: str, role: Role | None, now: datetime) -> None:
        """Let the call in and take its tokens; raises Refusal 400, 403 or 429."""
        seller = self._lwa.holder(request.headers.get(TOKEN_HEADER), now=now)
        _check_user_agent(request.headers.get("user-agent"), seller)
        if not seller.may(role):
            raise denied("The application lacks the role for this resource.")
        if seller.switches.quotas == "on":
            self._take(request, body, operation, seller, now=now)

    def levels(self, seller: Seller, *, now: datetime) -> dict[str, float]:
        """Return how many tokens are left for each operation."""
        return {
            name: round(self._buckets.level((seller.name, name), rate, now_s=now.timestamp(), plan=seller.plan), 4)
            for name, rate in RATES.items()
        }

    def _take(self, request: Request, body: bytes, name: str, seller: Seller, *, now: datetime) -> None:
        wanted = [Wanted((seller.name, name), RATES[name], seller.plan)]
        shared = _shared_bucket(request, body, name)
        if shared is not None:
            factor, rate = seller.switches.application_factor, APPLICATION_RATES[shared]
            wanted.append(Wanted((CLIENT_ID, shared), Rate(rate.per_second * factor, max(1, int(rate.burst * factor)))))
        empty = self._buckets.take(*wanted, now_s=now.timestamp())
        if empty is not None:
            raise throttled(APPLICATION_MESSAGES[shared]) if shared and empty == (CLIENT_ID, shared) else throttled()


def _shared_bucket(request: Request, body: bytes, name: str) -> str | None:
    if name == "patchListingsItem":
        if request.query_params.get("mode") == PREVIEW:
            return "patchListingsItem/preview"
        return "patchListingsItem/product data" if patched_facts(body) else name
    return name if name in APPLICATION_RATES else None


def _check_user_agent(sent: str | None, seller: Seller) -> None:
    rule = seller.switches.user_agent
    if rule == "any":
        return
    if not sent or len(sent) > LONGEST_USER_AGENT:
        raise invalid("The user-agent header is missing or too long.")
    if rule == "strict" and _USER_AGENT.fullmatch(sent) is None:
        raise invalid("The user-agent header must be App/Version (Language=…; …).")
