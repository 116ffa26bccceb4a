"""Logins by OAuth 2.0: a grant becomes an access token for a while, and a token that is refused is replaced once."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from app.domain.message import Message, message
from app.errors import CallError, CredentialsRefused, SetupWrong, Throttled, Unavailable
from app.marketplaces.shared.answers import Answers
from app.marketplaces.shared.refusals import LEFT_TO_TRANSPORT, json_object
from app.transport.connector import Connector
from app.transport.operation import Answer, Operation
from app.transport.tokens import AccessToken, AccessTokens

_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": "application/json"}
_LONGEST_LIFE_S = 86_400

# The token of a call under way: by the time it is refused, another call may have renewed it.
_sent_with: ContextVar[str] = ContextVar("_sent_with", default="")


class NoAccessToken(Unavailable):
    """No access token is given for now."""

    # Asked for within another call, whose own tries would multiply these.
    retry = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where and how an adapter logs in.

    `operation`: a POST answered with a text; its quota says how often tokens may be asked for. `grant`: the form, of
    grant_type `refresh_token` or `client_credentials`. `key` names grant and address: a token is kept under it for all
    who log in alike. `header` puts a token into the headers of a call. `refused`: the error codes of refused
    credentials, with what to do; `wrong`: the message of every other code, `unavailable` that of an outage.
    `token_errors`: by which errors of a call the service may mean its token.
    """

    service: str
    operation: Operation
    address: str
    grant: Mapping[str, str]
    key: str
    refused: Mapping[str, Message]
    wrong: str
    unavailable: str
    header: Callable[[str], Mapping[str, str]]
    token_errors: tuple[type[CallError], ...] = (CredentialsRefused,)

    def refusal(self, operation: Operation, answer: Answer) -> CallError | None:
        """Return the error of a login by its code alone: nobody knows what its description may quote."""
        status, name = answer.status, operation.name
        if 200 <= status < 300 or status == 429:
            return None
        code = json_object(answer.body).get("error")
        if not isinstance(code, str) or not code.isascii() or not code.replace("_", "").isalpha():
            code = ""
        if code in self.refused:
            return CredentialsRefused(service=self.service, operation=name, detail=self.refused[code], status=status)
        if status >= 500 or status in LEFT_TO_TRANSPORT:
            return Unavailable(service=self.service, operation=name, detail=message(self.unavailable), status=status)
        return SetupWrong(service=self.service, operation=name, detail=message(self.wrong, code=code), status=status)


class OAuth:
    """The access tokens of one login; `headers` go with each request for one."""

    def __init__(self, login: Login, connector: Connector, *, headers: Mapping[str, str]) -> None:
        self._login, self._clock = login, connector.clock
        self._api = connector.client(
            service=login.service,
            side="marketplace",
            base_url=login.address,
            headers={**headers, **_FORM},
            quota_scope=login.key,
            refusal=login.refusal,
        )
        self._tokens = AccessTokens(store=connector.tokens, clock=connector.clock, key=login.key, fetch=self._fetch)

    async def fresh_headers(self) -> Mapping[str, str]:
        """Return the header of a token that is good for now; for a client's `fresh_headers`."""
        token = await self._tokens.current()
        _sent_with.set(token)
        return self._login.header(token)

    async def call(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer to a call; where its token is refused, it is replaced and the call made once more.

        Nothing happened the first time, also for a write.
        """
        try:
            return await call()
        except self._login.token_errors as error:
            if error.operation == self._login.operation.name:
                raise
            await self._tokens.drop(_sent_with.get())
        return await call()

    async def _fetch(self) -> AccessToken:
        login, asked_at = self._login, self._clock.now()
        try:
            answer = await self._api.call(login.operation, content=urlencode(login.grant).encode())
        except (Unavailable, Throttled) as exc:
            raise NoAccessToken(
                service=login.service, operation=login.operation.name, detail=exc.detail, status=exc.status
            ) from exc
        record, malformed = json_object(answer.body), Answers(login.service).malformed
        text, life_s = record.get("access_token"), record.get("expires_in")
        if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
            raise malformed(login.operation, "access_token")
        if not isinstance(life_s, int) or isinstance(life_s, bool) or not 0 < life_s <= _LONGEST_LIFE_S:
            raise malformed(login.operation, "expires_in")
        return AccessToken(text, asked_at + timedelta(seconds=life_s))
