"""One remote service, asked by named operations: quota, then request, then repetition, and errors of `app.errors` only.

    call ─► retry ─► quota gate ─► lease (writes) ─► request ─► status, vendor's own reading, JSON ─► Answer
              ▲                                                                │
              └────────────────── Throttled, Unavailable ◄─────────────────────┘

What a failure means for a write:

    never connected, 429                                     nothing happened        sent again
    cut off, timed out, 408, 425, 5xx, unreadable answer     nobody knows            OutcomeUnknown, unless repeatable
"""

import asyncio
import contextlib
import json as jsonlib
import re
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

from app.domain.invalid import InvalidValue
from app.domain.message import Message, message
from app.domain.task import Priority
from app.errors import (
    CallError,
    Cause,
    CredentialsRefused,
    OutcomeUnknown,
    Refused,
    RoleMissing,
    SetupWrong,
    StoreUnavailable,
    Throttled,
    Unavailable,
)
from app.transport.meter import Meter
from app.transport.operation import MIB, Answer, Operation, Upload
from app.transport.quotas import QuotaGate
from app.transport.redact import short
from app.transport.retry import Retrying
from app.transport.unpacking import TooLarge, Unpackable, Unpacker

CONNECT_TIMEOUT_S = 5.0
# A server that sends a byte now and then never runs into the read time-out: a try ends after that many of them.
WALL_READ_TIMEOUTS = 3
# Larger answers are parsed in a thread, so that the loop stays responsive.
PARSE_IN_THREAD_BYTES = MIB
# A quota that refills in less than a second says little about how long a 429 lasts.
SHORTEST_BLOCK_S = 1.0
LONGEST_DETAIL = 500

RefusalHook = Callable[[Operation, Answer], CallError | None]
IntervalHook = Callable[[Operation, Answer], float | None]
HeadersHook = Callable[[], Awaitable[Mapping[str, str]]]

# The request never left: no connection was made, or none was free.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_CANT_BE_SENT = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError)
# Request time-out and "too early": busy rather than wrong.
_BUSY = frozenset({408, 425})
_PUBLIC_HEADERS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
_TITLE = re.compile(rb"(?is)<title[^>]{0,200}>([^<]{1,300})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiClient:
    """A remote service as one account reaches it; built by `Connector.client`.

    `refusal` is asked about every answer, whatever its status, since some vendors hide errors in a 200: the error it
    returns is raised, None leaves the answer to the status. It knows its vendor: an Unavailable or Throttled from it
    means that nothing happened, also for a write. `interval_told` reads the seconds between two calls that the remote
    side states in its answers. `fresh_headers` gives headers that age, asked for before every try.
    """

    http: httpx.AsyncClient
    service: str
    side: Cause
    base_url: str
    headers: Mapping[str, str]
    lock: QuotaGate
    meter: Meter
    before_write: Callable[[], Awaitable[None]]
    refusal: RefusalHook | None = None
    reported_interval: IntervalHook | None = None
    fresh_headers: HeadersHook | None = None
    _learned: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    _fresh: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        json: object | None = None,
        content: bytes | None = None,
        files: Mapping[str, Upload] | None = None,
        headers: Mapping[str, str] | None = None,
        priority: Priority = Priority.LIVE,
    ) -> Answer:
        """Return the answer to one call, made as often as is safe and useful.

        `path`: the ids of the operation's template. `json` may hold Decimals; they are sent as numbers. `files` go as
        parts of a multipart/form-data body, by the names of their parts. Raises every kind of CallError,
        StoreUnavailable, and what `before_write` raises.
        """
        request = self._request(operation, path or {}, query, json, content, files, headers or {})

        async def one_try(number: int) -> Answer:
            # A login that fails must cost no token of the quota, and one that ended in the queue is renewed.
            await self._freshen()
            await self.lock.enter(operation.name, quota=operation.quota, priority=priority)
            await self._freshen()
            if operation.writes:
                await self.before_write()
            if number > 1:
                self.meter.count_retry(service=self.service, operation=operation.name)
            try:
                return await self._send_counted(operation, request)
            except Throttled as error:
                await self._block(operation, error)
                raise

        retrying = Retrying(
            clock=self.lock.clock,
            meter=self.meter,
            deadline=self.lock.deadline,
            waits_at_gate=operation.quota is not None,
        )
        return await retrying.call(one_try)

    def _request(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: Mapping[str, str] | Sequence[tuple[str, str]],
        json: object | None,
        content: bytes | None,
        files: Mapping[str, Upload] | None,
        headers: Mapping[str, str],
    ) -> Callable[[], httpx.Request]:
        try:
            url = self.base_url + operation.fill(path)
        except InvalidValue as exc:
            raise self._refused(operation, exc.said, status=None) from exc
        sent = {**self.headers, **headers}
        if json is not None:
            content = jsonlib.dumps(json, ensure_ascii=False, separators=(",", ":"), default=_number).encode()
            sent.setdefault("Content-Type", "application/json")
        params = httpx.QueryParams(tuple(query.items() if isinstance(query, Mapping) else query))
        read_s = operation.read_timeout_s
        timeout = httpx.Timeout(connect=CONNECT_TIMEOUT_S, pool=CONNECT_TIMEOUT_S, read=read_s, write=read_s)

        def build() -> httpx.Request:
            return self.http.build_request(
                operation.method,
                url,
                params=params,
                content=content,
                files=files,
                headers={**sent, **self._fresh},
                timeout=timeout,
            )

        return build

    async def _freshen(self) -> None:
        if self.fresh_headers:
            self._fresh.update(await self.fresh_headers())

    async def _send_counted(self, operation: Operation, request: Callable[[], httpx.Request]) -> Answer:
        began, outcome = time.monotonic(), "cancelled"
        try:
            answer = await self._send(operation, request)
            outcome = "ok"
        except CallError as error:
            outcome = _outcome(error)
            raise
        finally:
            self.meter.count_call(
                service=self.service, operation=operation.name, outcome=outcome, seconds=time.monotonic() - began
            )
        return answer

    async def _send(self, operation: Operation, request: Callable[[], httpx.Request]) -> Answer:
        try:
            async with asyncio.timeout(2 * CONNECT_TIMEOUT_S + WALL_READ_TIMEOUTS * operation.read_timeout_s):
                raw = await self._exchange(operation, request())
        except _CANT_BE_SENT as exc:
            # The words of the exception may hold a header, so a key.
            raise self._wrong_setup(operation, message("CANT_BE_SENT")) from exc
        except _NEVER_SENT as exc:
            raise self._unavailable(
                operation, message("NO_CONNECTION", why=self._text(str(exc)) or type(exc).__name__)
            ) from exc
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as exc:
            raise self._lost(operation, message("ANSWER_CUT_OFF", why=type(exc).__name__)) from exc
        answer = await _parsed(operation, raw)
        await self._learn(operation, answer)
        error = self._error(operation, answer)
        if error:
            raise error
        if operation.answer == "json" and answer.data is None and answer.body.strip() != b"null":
            raise self._lost(operation, message("NOT_JSON", answer=self._said(answer)), status=answer.status)
        return answer

    async def _exchange(self, operation: Operation, request: httpx.Request) -> Answer:
        response = await self.http.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            unpacker = Unpacker(response.headers.get("Content-Encoding", ""), most_bytes=operation.max_bytes)
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for chunk in response.stream:
                body += unpacker.unpack(chunk)
            unpacker.finish()
            return Answer(status=response.status_code, headers=response.headers, body=bytes(body))
        except TooLarge as exc:
            limit = message("ANSWER_TOO_LARGE", limit=operation.max_bytes)
            raise self._lost(operation, limit, status=response.status_code) from exc
        except Unpackable as exc:
            raise self._lost(operation, message("ANSWER_NOT_UNPACKED"), status=response.status_code) from exc
        finally:
            await response.aclose()

    async def _learn(self, operation: Operation, answer: Answer) -> None:
        reported = self.reported_interval(operation, answer) if self.reported_interval and operation.quota else None
        if operation.quota is None or not reported or reported <= 0 or self._learned.get(operation.name) == reported:
            return
        # The answer counts more than its hint: the next one brings it again.
        with contextlib.suppress(StoreUnavailable):
            await self.lock.learn(operation.name, quota=operation.quota, interval_s=reported)
            self._learned[operation.name] = reported

    async def _block(self, operation: Operation, error: Throttled) -> None:
        self.meter.count_throttled(service=self.service, operation=operation.name)
        if operation.quota is None:
            return
        seconds = error.retry_after_s
        if seconds is None:
            seconds = max(SHORTEST_BLOCK_S, self._learned.get(operation.name, operation.quota.interval_s))
        await self.lock.block(operation.name, quota=operation.quota, seconds=seconds)

    def _redacted(self, detail: Message | str) -> Message | str:
        if isinstance(detail, str):
            return self._text(detail)
        known = {name: self._text(value) if isinstance(value, str) else value for name, value in detail.params.items()}
        return Message(detail.code, known)

    def _error(self, operation: Operation, answer: Answer) -> CallError | None:
        error = self.refusal(operation, answer) if self.refusal else None
        error = error or self._error_of_status(operation, answer)
        if error is None:
            return None
        if isinstance(error, Throttled | Unavailable) and error.retry_after_s is None:
            error.retry_after_s = answer.retry_after_s(self.lock.clock.now())
        if error.detail:
            error.detail = self._redacted(error.detail)
            error.args = (error.sentence(),)
        return error

    def _error_of_status(self, operation: Operation, answer: Answer) -> CallError | None:
        status = answer.status
        if 200 <= status < 300:
            return None
        if status < 400:
            return self._wrong_setup(operation, message("REDIRECTED", address=_host(answer)), status=status)
        if status in {401, 403}:
            refused = CredentialsRefused if status == 401 else RoleMissing
            return refused(
                service=self.service, operation=operation.name, detail=self._said(answer), status=status, side=self.side
            )
        if status == 429:
            return Throttled(
                service=self.service, operation=operation.name, retry_after_s=None, status=status, side=self.side
            )
        if status in _BUSY or status >= 500:
            return self._lost(operation, self._said(answer), status=status)
        return self._refused(operation, self._said(answer), status=status)

    def _lost(self, operation: Operation, detail: Message | str, *, status: int | None = None) -> CallError:
        """Return the error for a call that was sent and got no usable answer."""
        if operation.safe_to_repeat:
            return self._unavailable(operation, detail, status=status)
        return OutcomeUnknown(
            service=self.service, operation=operation.name, detail=detail, status=status, side=self.side
        )

    def _unavailable(self, operation: Operation, detail: Message | str, *, status: int | None = None) -> Unavailable:
        return Unavailable(service=self.service, operation=operation.name, detail=detail, status=status, side=self.side)

    def _refused(self, operation: Operation, detail: Message | str, *, status: int | None) -> Refused:
        return Refused(
            service=self.service,
            operation=operation.name,
            reason="REQUEST_REFUSED",
            detail=detail,
            status=status,
            side=self.side,
        )

    def _wrong_setup(self, operation: Operation, detail: Message | str, *, status: int | None = None) -> SetupWrong:
        return SetupWrong(service=self.service, operation=operation.name, detail=detail, status=status, side=self.side)

    def _said(self, answer: Answer) -> str:
        """Return what an answer says, short and clean; of a page for people its title."""
        title = _TITLE.search(answer.body[:20_000])
        return self._text(title.group(1) if title else answer.body)

    def _text(self, text: str | bytes) -> str:
        return short(text, LONGEST_DETAIL, secrets=_secrets(self.headers) | _secrets(self._fresh))


def _host(answer: Answer) -> str:
    """Return where a redirection leads: nothing but scheme and host, since the rest may hold secrets."""
    try:
        target = urlsplit(answer.header("Location"))
    except ValueError:
        return ""
    return f"{target.scheme}://{target.hostname}" if target.scheme and target.hostname else ""


def _outcome(error: CallError) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()


def _number(value: object) -> int | float:
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} can't be sent as JSON")


def _secrets(headers: Mapping[str, str]) -> set[str]:
    """Return every text of the headers that an answer must not bring into a log."""
    found: set[str] = set()
    for name, value in headers.items():
        if name.lower() in _PUBLIC_HEADERS:
            continue
        word = value.split(" ")[-1]
        found |= {value, word}
        if value.lower().startswith("basic "):
            found |= set(_basic(word).split(":"))
    return {text for text in found if len(text) >= 6}


def _basic(word: str) -> str:
    try:
        return b64decode(word).decode()
    except ValueError:
        return ""


async def _parsed(operation: Operation, answer: Answer) -> Answer:
    if operation.answer == "text":
        return replace(answer, data=answer.body.decode("utf-8", errors="replace"))
    if not answer.body:
        return answer
    if len(answer.body) > PARSE_IN_THREAD_BYTES:
        return replace(answer, data=await asyncio.to_thread(_json, answer.body))
    return replace(answer, data=_json(answer.body))


def _json(body: bytes) -> object:
    """Return the parsed body, None when it is not JSON."""
    try:
        return jsonlib.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
