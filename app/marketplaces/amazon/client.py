"""Amazon's seller protocol: asks the questions and returns their records as they came."""

import asyncio
import platform
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from app.domain.message import message
from app.domain.task import Priority
from app.errors import Refused
from app.marketplaces.amazon.config import AmazonConfig
from app.marketplaces.amazon.errors import NOT_FOUND, SERVICE, answers, malformed, refusal, suspect
from app.marketplaces.amazon.login import login
from app.marketplaces.amazon.quotas import DOWNLOAD, GET_ORDER, PARTICIPATIONS, SEARCH_ORDERS, UPLOAD
from app.marketplaces.shared.oauth import OAuth
from app.transport.connector import Connector
from app.transport.operation import Answer, Operation

Record = Mapping[str, Any]

# A call costs as much for one order as for a hundred.
PAGE_SIZE = 100
MOST_MARKETPLACES = 50

# What is read of an order and nothing else. The status lives in FULFILLMENT; what a role is missing for is left out
# silently.
INCLUDED_DATA = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES,TAX"
# For half a day Amazon refused whoever asked a region for more; without TAX only the numbers of companies are missing.
REDUCED_DATA = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"

_ORDER_ID = re.compile(r"[0-9]{3}-[0-9]{7}-[0-9]{7}")

# Both bounds are inclusive. Upper ones are never sent: younger than two minutes they are refused, and Amazon tells the
# one that it applied.
_SINCE = {"updated": "lastUpdatedAfter", "placed": "createdAfter"}
_UNTIL = {"updated": "lastUpdatedBefore", "placed": "createdBefore"}


class PageTokenRefused(Exception):
    """This list can't be continued: its token is too old, or was given for other parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersAsked:
    """The parameters of a list of orders; Amazon continues a list only where all of them are repeated."""

    by: Literal["updated", "placed"]
    since: datetime
    marketplace_ids: tuple[str, ...] = ()
    fulfilled_by: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrdersAnswer:
    """One answer of searchOrders: its records (each with an `orderId`), the next token, and the bound it reached."""

    records: Sequence[Record]
    next_token: str
    until: datetime | None


class AmazonClient:
    """One seller and one application in one region. Raises the errors of `app.errors`."""

    def __init__(self, config: AmazonConfig, connector: Connector, *, quota_scope: str) -> None:
        self._connector = connector
        self._quota_scope = quota_scope
        self._agent = {"User-Agent": _user_agent(connector)}
        self._oauth = OAuth(login(config), connector, headers=self._agent)
        self._included = INCLUDED_DATA
        self._api = connector.client(
            service=SERVICE,
            side="marketplace",
            base_url=config.api_root,
            headers={**self._agent, "Accept": "application/json"},
            fresh_headers=self._oauth.fresh_headers,
            quota_scope=quota_scope,
            refusal=refusal,
            reported_interval=reported_interval,
        )

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        json: object | None = None,
        priority: Priority = Priority.LIVE,
    ) -> Answer:
        """Return the answer to one call, made with a token that is good for now.

        A refused token is replaced and the call made once more: nothing happened, also for a write. Raises Refused with
        reason NOT_FOUND or REQUEST_REFUSED, OutcomeUnknown, and what stops a run.
        """
        return await self._oauth.call(
            lambda: self._api.call(operation, path=path, query=query, json=json, priority=priority)
        )

    async def orders(self, asked: OrdersAsked, *, token: str = "", priority: Priority = Priority.LIVE) -> OrdersAnswer:
        """Return one page of orders, oldest first by the date asked for (searchOrders).

        Raises PageTokenRefused where a list can't be continued, Unavailable where a new one is called wrong.
        """
        query = [
            (_SINCE[asked.by], utc(asked.since)),
            ("maxResultsPerPage", str(PAGE_SIZE)),
        ]
        for name, values in (
            ("marketplaceIds", asked.marketplace_ids),
            ("fulfilledBy", asked.fulfilled_by),
            ("fulfillmentStatuses", asked.statuses),
        ):
            query += [(name, ",".join(values))] if values else []
        query += [("paginationToken", token)] if token else []
        try:
            answer = await self._read(SEARCH_ORDERS, query=query, priority=priority)
        except Refused as refused:
            if token:
                raise PageTokenRefused from refused
            raise suspect(refused) from refused
        return _orders_answer(answer, until=_UNTIL[asked.by])

    async def order(self, order_id: str, *, priority: Priority = Priority.LIVE) -> Record | None:
        """Return one order, None where Amazon does not know it (getOrder)."""
        try:
            answer = await self._read(GET_ORDER, path={"order_id": order_id}, priority=priority)
        except Refused as refused:
            # An id that is none is called a wrong request.
            if refused.reason == NOT_FOUND or not _ORDER_ID.fullmatch(order_id):
                return None
            raise suspect(refused) from refused
        record = answer.data.get("order") if isinstance(answer.data, Mapping) else None
        if not _is_order(record):
            raise malformed(GET_ORDER, "order")
        return record

    async def participations(self, *, priority: Priority = Priority.LIVE) -> Sequence[Record]:
        """Return the marketplaces of the region and whether this seller sells there."""
        answer = await self.call(PARTICIPATIONS, priority=priority)
        return answers.records(PARTICIPATIONS, answer, "payload")

    async def upload(self, url: str, content: bytes, *, content_type: str) -> None:
        """Put a document where createFeedDocument said; `content_type` must be the one named there."""
        await self._document(UPLOAD, url, content=content, headers={"Content-Type": content_type})

    async def download(self, document: Record) -> bytes:
        """Return the content of a document that getFeedDocument or getReportDocument described, unpacked."""
        url, packed = document.get("url"), document.get("compressionAlgorithm")
        if not isinstance(url, str):
            raise malformed(DOWNLOAD, "url")
        answer = await self._document(DOWNLOAD, url)
        if packed != "GZIP":
            return answer.body
        return await asyncio.to_thread(_unpacked, answer.body)

    async def _read(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        priority: Priority,
    ) -> Answer:
        """Return an answer that holds orders; who is refused asks for less, and goes on with that if it is given."""
        try:
            return await self._holding(self._included, operation, path=path, query=query, priority=priority)
        except Refused as refused:
            if refused.reason == NOT_FOUND or self._included == REDUCED_DATA:
                raise
        answer = await self._holding(REDUCED_DATA, operation, path=path, query=query, priority=priority)
        self._included = REDUCED_DATA
        return answer

    async def _holding(
        self,
        included: str,
        operation: Operation,
        *,
        path: Mapping[str, str] | None,
        query: Sequence[tuple[str, str]],
        priority: Priority,
    ) -> Answer:
        asked = [*query, ("includedData", included)]
        return await self.call(operation, path=path, query=asked, priority=priority)

    async def _document(
        self, operation: Operation, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        parts = urlsplit(url)
        # The store is none of the seller's: the access token must not get there.
        store = self._connector.client(
            service=SERVICE,
            side="marketplace",
            base_url=parts._replace(query="", fragment="").geturl(),
            headers=self._agent,
            quota_scope=self._quota_scope,
        )
        query = parse_qsl(parts.query, keep_blank_values=True)
        return await store.call(operation, query=query, content=content, headers=headers)


def reported_interval(operation: Operation, answer: Answer) -> float | None:
    """Return the seconds between two calls that Amazon names for this seller; a 429 names none."""
    try:
        rate = float(answer.header("x-amzn-RateLimit-Limit"))
    except ValueError:
        return None
    return 1 / rate if 0.0001 <= rate <= 1000 else None


def utc(moment: datetime) -> str:
    """Return a moment as Amazon wants it: always Z, since a "+02:00" in a query would be read as a space."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _orders_answer(answer: Answer, *, until: str) -> OrdersAnswer:
    reported = answer.data if isinstance(answer.data, Mapping) else {}
    records, paging = reported.get("orders"), reported.get("pagination") or {}
    if not isinstance(records, list) or not all(_is_order(record) for record in records):
        raise malformed(SEARCH_ORDERS, "orders")
    token = paging.get("nextToken") or "" if isinstance(paging, Mapping) else None
    if not isinstance(token, str):
        raise malformed(SEARCH_ORDERS, "pagination")
    return OrdersAnswer(records, token, _moment(reported.get(until)))


def _is_order(record: object) -> bool:
    return isinstance(record, Mapping) and isinstance(record.get("orderId"), str) and bool(record["orderId"])


def _moment(reported: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(reported) if isinstance(reported, str) else None
    except ValueError as exc:
        raise malformed(SEARCH_ORDERS, "lastUpdatedBefore") from exc
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _unpacked(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(packed, DOWNLOAD.max_bytes)
    except zlib.error as exc:
        raise malformed(DOWNLOAD, "GZIP") from exc
    if not unpacking.eof:
        raise malformed(DOWNLOAD, message("HINT_CUT_DOCUMENT"))
    return content


def _user_agent(connector: Connector) -> str:
    # Amazon refuses a name without the language, and more than 500 characters.
    written_in = f"Language=Python/{platform.python_version()}; Platform={platform.system()}"
    return f"{connector.http.headers['User-Agent']} ({written_in})"
