"""Who is asking: cron tokens for one account's URLs, the admin token for people. Wrong ones all look the same."""

import time
from collections import OrderedDict, deque
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.security import APIKeyHeader, APIKeyQuery, HTTPBearer

from app.api.problem import ProblemError
from app.keys import same
from app.store import accounts
from app.store.tables import AccountRow
from app.system import System

WRONG_TOKENS_PER_MINUTE = 20
ADDRESSES_REMEMBERED = 10_000
# Mail programs, chats and browsers fetch addresses they come across, to show or speed them up.
_ROBOTS = (
    "bot", "crawler", "spider", "preview", "facebookexternalhit", "whatsapp", "slack-imgproxy", "embedly", "skypeuri",
    "telegram", "vkshare", "pinterest", "bitlybot", "mastodon", "iframely", "google-safety", "barracuda", "proofpoint",
)  # fmt: skip

# Declared for the API description; the tokens are read in `_given_token`, from whichever place holds one.
SCHEMES = (
    APIKeyQuery(name="token", scheme_name="CronTokenInUrl", auto_error=False),
    APIKeyHeader(name="X-Cron-Token", scheme_name="CronTokenHeader", auto_error=False),
    HTTPBearer(scheme_name="CronTokenBearer", auto_error=False),
)
ADMIN_SCHEME = HTTPBearer(scheme_name="AdminToken", auto_error=False)


class WrongTokens:
    """Counts wrong tokens by address over the last minute (real time, this process)."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def one_more(self, address: str) -> bool:
        """Note a wrong token and return whether its address has had too many."""
        now = time.monotonic()
        moments = self._seen.setdefault(address, deque())
        self._seen.move_to_end(address)
        while moments and moments[0] < now - 60:
            moments.popleft()
        moments.append(now)
        if len(moments) > WRONG_TOKENS_PER_MINUTE + 1:
            moments.popleft()
        if len(self._seen) > ADDRESSES_REMEMBERED:
            self._seen.popitem(last=False)
        return len(moments) > WRONG_TOKENS_PER_MINUTE


def get_system(request: Request) -> System:
    """Return the parts of this process."""
    system: System = request.app.state.system
    return system


SystemDep = Annotated[System, Depends(get_system)]


def refuse_robots(request: Request) -> None:
    """Stop prefetching and link previews before they run anything."""
    headers = request.headers
    purposes = (headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    if any(word in purpose.lower() for purpose in purposes for word in ("prefetch", "prerender", "preview")):
        raise ProblemError(403, "This address does something when it is opened; it is not run ahead of time.")
    agent = headers.get("user-agent", "").lower()
    if any(mark in agent for mark in _ROBOTS):
        raise ProblemError(403, "This address does something when it is opened; it is not run for robots.")


async def cron_account(
    request: Request,
    system: SystemDep,
    account: Annotated[str, Path(description="Name of the account.", examples=["mirakl-demo"])],
) -> AccountRow:
    """Return the account whose token was given; any other answer is the same 401."""
    row = await system.store.read(accounts.account_named, account)
    right = same(_given_token(request), system.accounts.accepted_tokens(row))
    if row is None or not right:
        raise _unauthorised(request, "cron")
    return row


async def admin(request: Request, system: SystemDep) -> None:
    """Let the admin token through."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not same(token.strip(), [system.admin_token]):
        raise _unauthorised(request, "admin")


async def reader(
    request: Request,
    system: SystemDep,
    run_id: Annotated[str, Path(min_length=26, max_length=26, description="Id of the run.")],
    sig: Annotated[str, Query(description="Signature of a report link.")] = "",
    expires: Annotated[int, Query(ge=0, le=2**40, description="When the report link expires.")] = 0,
) -> str:
    """Return the run id if the link, the account's cron token or the admin token opens it."""
    if sig and system.reports.opens(run_id, expires=expires, signature=sig):
        return run_id
    token = _given_token(request)
    if token and same(token, [system.admin_token]):
        return run_id
    row = await system.store.read(accounts.account_of_run, run_id)
    if row is None or row.removed_at is not None or not same(token, system.accounts.accepted_tokens(row)):
        raise _unauthorised(request, "cron")
    return run_id


def _given_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-cron-token") or request.query_params.get("token", "")


def _unauthorised(request: Request, realm: str) -> ProblemError:
    wrong_tokens: WrongTokens = request.app.state.wrong_tokens
    address = request.client.host if request.client else ""
    if wrong_tokens.one_more(address):
        return ProblemError(
            429, "Too many wrong tokens from this address. Wait a minute.", headers={"Retry-After": "60"}
        )
    return ProblemError(
        401,
        "The token is missing or wrong. Copy the whole URL again from `marketcron urls`.",
        headers={"WWW-Authenticate": f'Bearer realm="{realm}"'},
    )
