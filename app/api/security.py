"""Who is asking: cron tokens for one account's URLs, the admin token for people. Wrong ones all look the same."""

import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request
from fastapi.security import APIKeyHeader, APIKeyQuery, HTTPBearer

from app.api.fields import RunId
from app.api.problem import ProblemError
from app.domain.message import message
from app.keys import same
from app.store import accounts
from app.store.accounts import StoredAccount
from app.system import System
from app.tasks.settings import read_settings

WRONG_TOKENS_PER_MINUTE = 20
ADDRESSES_REMEMBERED = 10_000
# Cron services and monitors that people point at their URL, whatever else they call themselves.
_CALLERS = ("cron", "uptimerobot", "pingdom", "better uptime", "betteruptime")
# Mail programs, chats and browsers fetch addresses they come across, to show or speed them up.
_ROBOTS = (
    "bot", "crawler", "spider", "preview", "facebookexternalhit", "whatsapp", "slack-imgproxy", "embedly", "skypeuri",
    "telegram", "vkshare", "pinterest", "bitlybot", "mastodon", "iframely", "google-safety", "barracuda", "proofpoint",
    "existence discovery",
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


# Accounts by name, as each stood when a right token last opened it (in this process).
KnownAccounts = dict[str, StoredAccount]


async def get_system(request: Request) -> System:
    """Return the parts of this process."""
    system: System = request.app.state.system
    return system


SystemDep = Annotated[System, Depends(get_system)]


async def refuse_robots(request: Request) -> None:
    """Stop prefetching and link previews before they run anything."""
    headers = request.headers
    purposes = (headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    if any(word in purpose.lower() for purpose in purposes for word in ("prefetch", "prerender", "preview")):
        raise ProblemError(403, message("NOT_AHEAD_OF_TIME"))
    agent = headers.get("user-agent", "").lower()
    if any(mark in agent for mark in _ROBOTS) and not any(mark in agent for mark in _CALLERS):
        raise ProblemError(403, message("NOT_FOR_ROBOTS"))


async def cron_account(
    request: Request,
    system: SystemDep,
    account: Annotated[str, Path(description="Name of the account.", examples=["mirakl-demo"])],
) -> StoredAccount:
    """Return the account whose token was given, maybe as it stood at its last hit; any other answer is the same 401.

    Whoever acts for it has it compared in the transaction of the act (`by_heart`), and reads it again if it changed.
    """
    known: KnownAccounts = request.app.state.known_accounts
    remembered = known.get(account)
    # As much work for a name that was never opened.
    if _opens(request, system, remembered) and remembered is not None and _allows(request, remembered):
        return remembered
    return await read_cron_account(request, system, account)


async def read_cron_account(request: Request, system: System, name: str) -> StoredAccount:
    """Return the account of that name as it stands, if the token given opens it."""
    known: KnownAccounts = request.app.state.known_accounts
    # PostgreSQL takes no NUL; with another character in its place there is no such account either.
    row = await system.store.read(accounts.account_named, name.replace("\0", "\ufffd"))
    if not _opens(request, system, row) or row is None:
        raise _unauthorised(request, "cron")
    if not _allows(request, row):
        address = request.client.host if request.client else ""
        raise ProblemError(403, message("NETWORK_NOT_ALLOWED" if address else "NETWORK_NOT_KNOWN", address=address))
    known[name] = row
    return row


def _allows(request: Request, row: StoredAccount) -> bool:
    settings = read_settings(row.settings)
    # What is refused from here on is said in the account's language.
    request.state.account_language = settings.language
    return settings.allows(request.client.host if request.client else "")


async def admin(request: Request, system: SystemDep) -> None:
    """Let the admin token through."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not same(token.strip(), [system.admin_token]):
        raise _unauthorised(request, "admin")


async def reader(
    request: Request,
    system: SystemDep,
    run_id: Annotated[RunId, Path(description="Id of the run.", examples=["01JDXAMPLE0000000000000000"])],
    sig: Annotated[str, Query(description="Signature of a report link.")] = "",
    expires: Annotated[int, Query(ge=0, le=2**40, description="When the report link expires.")] = 0,
) -> str:
    """Return the run id if the link, the account's cron token or the admin token opens it."""
    if sig and system.reports.opens(run_id, expires=expires, signature=sig):
        return run_id
    row = await system.store.read(accounts.account_of_run, run_id)
    opens = _opens(request, system, row if row is not None and row.removed_at is None else None)
    is_admin = _one_is_among(request, [system.admin_token])
    if not opens and not is_admin:
        raise _unauthorised(request, "run")
    return run_id


def _opens(request: Request, system: System, row: StoredAccount | None) -> bool:
    """Whether one of the tokens given opens this account; as much work for one that does not exist."""
    return _one_is_among(request, system.accounts.accepted_tokens(row))


def _one_is_among(request: Request, accepted: Sequence[str]) -> bool:
    """Compare every token given with every one accepted, also after one is right."""
    matches = [same(token, accepted) for token in _given_tokens(request)]
    return any(matches)


def _given_tokens(request: Request) -> list[str]:
    """Return the tokens of all three places: a scheduler or proxy may fill one of them for its own purposes."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return [
        bearer.strip() if scheme.lower() == "bearer" else "",
        request.headers.get("x-cron-token", "").strip(),
        request.query_params.get("token", "").strip(),
    ]


_WRONG = {"cron": "TOKEN_WRONG", "run": "LINK_WRONG", "admin": "ADMIN_TOKEN_WRONG"}


def _unauthorised(request: Request, realm: Literal["cron", "run", "admin"]) -> ProblemError:
    wrong_tokens: WrongTokens = request.app.state.wrong_tokens
    address = request.client.host if request.client else ""
    if wrong_tokens.one_more(address):
        return ProblemError(429, message("TOO_MANY_WRONG_TOKENS"), headers={"Retry-After": "60"})
    return ProblemError(401, message(_WRONG[realm]), headers={"WWW-Authenticate": f'Bearer realm="{realm}"'})
