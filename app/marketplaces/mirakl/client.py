"""Mirakl's seller protocol: asks the questions and returns their records as they came."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from app.domain.message import message
from app.domain.offer import OfferKind
from app.domain.task import Priority
from app.errors import OutcomeUnknown, Refused
from app.marketplaces.mirakl.config import MiraklConfig
from app.marketplaces.mirakl.errors import IMPORT_GONE, SERVICE, answers, malformed, refusal
from app.marketplaces.mirakl.quotas import (
    ACCEPT,
    ACCOUNT,
    CARRIERS,
    CONFIGURATION,
    OFFERS,
    ORDERS,
    PRICE_IMPORT,
    PRICE_REPORT,
    PRICE_STATUS,
    SHIP,
    SHIPPING_METHODS,
    STOCK_IMPORT,
    STOCK_REPORT,
    STOCK_STATUS,
    TRACKING,
)
from app.marketplaces.shared.json_records import text
from app.marketplaces.shared.lists import ListAnswer
from app.transport.connector import Connector
from app.transport.operation import Answer, Operation

Record = Mapping[str, Any]

# The default is 10: who leaves it out sees ten orders and believes that there are no more.
PAGE_SIZE = 100
# The cap of every list of identifiers in a query.
MOST_IDS = 100

# The reports are CSV; asked for JSON alone, some tenants answer 406.
_CSV = {"Accept": "text/csv, application/json;q=0.9, */*;q=0.8"}

_TAX_MODES = {"incl": "TAX_INCLUDED", "excl": "TAX_EXCLUDED"}


class MiraklClient:
    """One key at one operator. Raises the errors of `app.errors`."""

    def __init__(self, config: MiraklConfig, connector: Connector, *, quota_scope: str) -> None:
        self._config = config
        self._shop_query = _shop_query(config.shop_id)
        self._api = connector.client(
            service=SERVICE,
            side="marketplace",
            base_url=config.base_url,
            # The bare key, without Bearer. Without Accept some tenants answer XML.
            headers={"Authorization": config.api_key.get_secret_value(), "Accept": "application/json"},
            quota_scope=quota_scope,
            refusal=refusal,
        )

    async def account(self, *, shop_id: str, priority: Priority = Priority.LIVE) -> Record:
        """Return the account of that shop, or of the key's usual shop for an empty number (A01)."""
        answer = await self._api.call(ACCOUNT, query=_shop_query(shop_id), priority=priority)
        if not isinstance(answer.data, Mapping) or not isinstance(answer.data.get("shop_id"), int | str):
            raise malformed(ACCOUNT, "shop_id")
        return answer.data

    async def configuration(self, *, shop_id: str, priority: Priority = Priority.LIVE) -> Record:
        """Return the platform configuration (PC01); older tenants lack some keys."""
        answer = await self._api.call(CONFIGURATION, query=_shop_query(shop_id), priority=priority)
        return answers.record(CONFIGURATION, answer)

    async def orders(
        self,
        *,
        offset: int,
        state_codes: Sequence[str] = (),
        start_date: datetime | None = None,
        start_update_date: datetime | None = None,
        priority: Priority = Priority.LIVE,
    ) -> ListAnswer[Record]:
        """Return one page of orders, oldest creation first (OR11). Never sends an upper bound of dates."""
        query = [("max", str(PAGE_SIZE)), ("offset", str(offset)), ("sort", "dateCreated"), ("order", "asc")]
        if state_codes:
            query.append(("order_state_codes", ",".join(state_codes)))
        if start_date:
            query.append(("start_date", _utc(start_date)))
        if start_update_date:
            query.append(("start_update_date", _utc(start_update_date)))
        return await self._orders(query, priority=priority)

    async def orders_by_id(self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE) -> ListAnswer[Record]:
        """Return those of at most 100 orders that this shop has (OR11 with `order_ids`)."""
        query = [("max", str(PAGE_SIZE)), ("order_ids", ",".join(order_ids))]
        answer = await self._orders(query, priority=priority)
        if answer.total_count > len(answer.records):
            # An order that was left out must not be taken for one that does not exist.
            raise malformed(ORDERS, message("HINT_LIST_ENDS_EARLY"))
        return answer

    async def accept(self, order_id: str, *, decisions: Mapping[str, bool], priority: Priority = Priority.LIVE) -> None:
        """Decide every line of an order, once each (OR21). There is no reason and no quantity.

        Only 204 says that it is done; raises OutcomeUnknown for another good status (a proxy's page comes with 200).
        """
        lines = [{"id": line_id, "accepted": accepted} for line_id, accepted in decisions.items()]
        answer = await self._api.call(
            ACCEPT,
            path={"order_id": order_id},
            query=self._shop_query,
            json={"order_lines": lines},
            priority=priority,
        )
        if answer.status != HTTPStatus.NO_CONTENT:
            raise _not_confirmed(ACCEPT, answer)

    async def track(self, order_id: str, *, tracking: Record, priority: Priority = Priority.LIVE) -> None:
        """Set an order's carrier and tracking number, in place of older ones (OR23)."""
        answer = await self._api.call(
            TRACKING, path={"order_id": order_id}, query=self._shop_query, json=tracking, priority=priority
        )
        if answer.status != HTTPStatus.NO_CONTENT:
            raise malformed(TRACKING, message("HINT_OTHER_THAN_204"))

    async def ship(self, order_id: str, *, priority: Priority = Priority.LIVE) -> None:
        """Say that an order left (OR24); raises OutcomeUnknown for every good status but 204."""
        answer = await self._api.call(SHIP, path={"order_id": order_id}, query=self._shop_query, priority=priority)
        if answer.status != HTTPStatus.NO_CONTENT:
            raise _not_confirmed(SHIP, answer)

    async def carriers(self) -> Sequence[Record]:
        """Return the operator's carriers (SH21)."""
        return await self._get_list(CARRIERS, "carriers")

    async def shipping_methods(self) -> Sequence[Record]:
        """Return the operator's shipping methods (SH12)."""
        return await self._get_list(SHIPPING_METHODS, "shipping_types")

    async def offers(self, *, offset: int, priority: Priority = Priority.LIVE) -> ListAnswer[Record]:
        """Return one page of the shop's offers in the operator's own order (OF21)."""
        query = [("max", str(PAGE_SIZE)), ("offset", str(offset)), *self._shop_query]
        answer = await self._api.call(OFFERS, query=query, priority=priority)
        return _list_answer(OFFERS, answer, "offers")

    async def import_offers(self, kind: OfferKind, file: bytes, *, priority: Priority = Priority.LIVE) -> str:
        """Hand in a file of stock (STO01) or prices (PRI01); returns the number of the import."""
        operation = STOCK_IMPORT if kind is OfferKind.STOCK else PRICE_IMPORT
        upload = ("offers.csv", file, "text/csv")
        answer = await self._api.call(operation, query=self._shop_query, files={"file": upload}, priority=priority)
        return answers.text(operation, answer, "import_id")

    async def import_status(self, kind: OfferKind, import_id: str) -> Record | None:
        """Return how far an import is (STO02, PRI02); None when there is no such import (any more)."""
        try:
            records = await self._import_records(kind, import_id)
        except Refused as refused:
            if refused.reason != IMPORT_GONE:
                raise
            return None
        for record in records:
            if not text(record, "status"):
                raise malformed(STOCK_STATUS if kind is OfferKind.STOCK else PRICE_STATUS, "status")
        return records[0] if records else None

    async def error_report(self, kind: OfferKind, import_id: str) -> str | None:
        """Return the lines that an import refused, as CSV (STO03, PRI03); None when there is no such report."""
        operation = STOCK_REPORT if kind is OfferKind.STOCK else PRICE_REPORT
        try:
            answer = await self._api.call(
                operation, path={"import_id": import_id}, query=self._shop_query, headers=_CSV
            )
        except Refused as refused:
            if refused.reason != IMPORT_GONE:
                raise
            return None
        return answer.data if isinstance(answer.data, str) else None

    async def _import_records(self, kind: OfferKind, import_id: str) -> Sequence[Record]:
        if kind is OfferKind.STOCK:
            answer = await self._api.call(STOCK_STATUS, path={"import_id": import_id}, query=self._shop_query)
            return [answers.record(STOCK_STATUS, answer)]
        # One import of prices is a list of one; it is looked for, in case the filter is not understood.
        answer = await self._api.call(PRICE_STATUS, query=[("import_id", import_id), *self._shop_query])
        records = answers.records(PRICE_STATUS, answer, "data")
        return [record for record in records if text(record, "import_id") == import_id]

    async def _get_list(self, operation: Operation, name: str) -> Sequence[Record]:
        answer = await self._api.call(operation, query=self._shop_query)
        return answers.records(operation, answer, name)

    async def _orders(self, query: list[tuple[str, str]], *, priority: Priority) -> ListAnswer[Record]:
        # Always sent: the default of the platform may be the other one.
        query += [("order_tax_mode", _TAX_MODES[self._config.order_tax_mode]), *self._shop_query]
        answer = await self._api.call(ORDERS, query=query, priority=priority)
        listed = _list_answer(ORDERS, answer, "orders")
        for record in listed.records:
            if not isinstance(record.get("order_id"), str) or not record["order_id"]:
                raise malformed(ORDERS, "order_id")
        return listed


def _list_answer(operation: Operation, answer: Answer, name: str) -> ListAnswer[Record]:
    records = answers.records(operation, answer, name)
    return ListAnswer(records, answers.number(operation, answer, "total_count"), answer.date)


def _not_confirmed(operation: Operation, answer: Answer) -> OutcomeUnknown:
    """Return the error for a write that was answered, but not with what says that it is done."""
    return OutcomeUnknown(
        service=SERVICE, operation=operation.name, detail=message("NOT_CONFIRMED"), status=answer.status
    )


def _shop_query(shop_id: str) -> list[tuple[str, str]]:
    return [("shop_id", shop_id)] if shop_id else []


def _utc(moment: datetime) -> str:
    # Always Z: a "+02:00" in a query would be read as a space.
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
