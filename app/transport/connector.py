"""What an adapter needs to reach its service, handed to it whole for one run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import httpx

from app.clock import Clock
from app.domain.message import message
from app.errors import SetupWrong
from app.transport.client import ApiClient, HeadersHook, IntervalHook, RefusalHook
from app.transport.deadline import Deadline
from app.transport.meter import Meter
from app.transport.quotas import QuotaGate, QuotaStore
from app.transport.references import ReferenceCache
from app.transport.tokens import MemoryTokens, TokenStore
from app.transport.unpacking import ACCEPT_ENCODING
from app.web_address import base_address

MOST_CONNECTIONS = 100
MOST_IDLE_CONNECTIONS = 20
# Apache ends idle connections after 5 seconds; a write sent at that moment would be lost without a trace.
IDLE_CONNECTION_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """The shared HTTP client and the limits of one run.

    `before_write` is awaited before every write that is sent; what it raises (LeaseLost) stops the write.
    """

    http: httpx.AsyncClient
    clock: Clock
    quotas: QuotaStore
    references: ReferenceCache
    meter: Meter
    deadline: Deadline
    before_write: Callable[[], Awaitable[None]]
    tokens: TokenStore = field(default_factory=MemoryTokens)

    def client(
        self,
        *,
        service: str,
        side: Literal["marketplace", "shop"],
        base_url: str,
        headers: Mapping[str, str],
        quota_scope: str,
        refusal: RefusalHook | None = None,
        reported_interval: IntervalHook | None = None,
        fresh_headers: HeadersHook | None = None,
    ) -> ApiClient:
        """Return a client for one service.

        `quota_scope` names whom the remote side counts together (seller, application, region, host …), so that two of
        our accounts share what it lets them share. Raises SetupWrong for an address that can't be called.
        """
        return ApiClient(
            http=self.http,
            service=service,
            side=side,
            base_url=_address(base_url, service=service, side=side),
            headers=dict(headers),
            lock=QuotaGate(
                quotas=self.quotas,
                clock=self.clock,
                meter=self.meter,
                deadline=self.deadline,
                service=service,
                side=side,
                scope=quota_scope,
            ),
            meter=self.meter,
            before_write=self.before_write,
            refusal=refusal,
            reported_interval=reported_interval,
            fresh_headers=fresh_headers,
        )


def http_client(*, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return the HTTP client that all accounts of the process share; it keeps nothing from one call to the next.

    The environment's proxies and certificates (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE) are used; `transport` replaces the
    network.
    """
    return httpx.AsyncClient(
        transport=transport,
        trust_env=True,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": f"marketcron/{_version()}", "Accept-Encoding": ACCEPT_ENCODING},
        limits=httpx.Limits(
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_CONNECTION_S,
        ),
    )


def _address(base_url: str, *, service: str, side: Literal["marketplace", "shop"]) -> str:
    try:
        base_address(base_url)
    except ValueError as exc:
        raise SetupWrong(service=service, operation="address", detail=message("ADDRESS_UNUSABLE"), side=side) from exc
    return base_url.rstrip("/")


def _version() -> str:
    try:
        return version("marketcron")
    except PackageNotFoundError:
        return "0"
