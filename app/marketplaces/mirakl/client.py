"""Mirakl's seller protocol: asks the questions and returns their records as they came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from app.domain.task import Priority
from app.errors import OutcomeUnknown
from app.marketplaces.mirakl.config import MiraklConfig
from app.marketplaces.mirakl.errors import SERVICE, malformed, refusal
from app.marketplaces.mirakl.quotas import ACCEPT, ACCOUNT, CONFIGURATION, ORDERS
from app.transport.connector import Connector

Record = Mapping[str, Any]

# The default is 10: who leaves it out sees ten orders and believes that there are no more.
PAGE_SIZE = 100
# The cap of every list of identifiers in a query.
MOST_IDS = 100

_TAX_WORDS = {"incl": "TAX_INCLUDED", "excl": "TAX_EXCLUDED"}


@dataclass(frozen=True, slots=True)
class OrdersAnswer:
    """One answer of OR11: its records (each with an `order_id`), how many there are in all, and Mirakl's clock."""

    records: Sequence[Record]
    total_count: int
    date: datetime | None


class MiraklClient:
    """One key at one operator. Raises the errors of `app.errors`."""

    def __init__(self, config: MiraklConfig, connector: Connector, *, quota_scope: str) -> None:
        self._config = config
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
        answer = await self._api.call(ACCOUNT, query=_shop(shop_id), priority=priority)
        if not isinstance(answer.data, Mapping) or not isinstance(answer.data.get("shop_id"), int | str):
            raise malformed(ACCOUNT, "shop_id")
        return answer.data

    async def configuration(self, *, shop_id: str, priority: Priority = Priority.LIVE) -> Record:
        """Return the operator's switches (PC01); older tenants lack some."""
        answer = await self._api.call(CONFIGURATION, query=_shop(shop_id), priority=priority)
        if not isinstance(answer.data, Mapping):
            raise malformed(CONFIGURATION, "no object")
        return answer.data

    async def orders(
        self,
        *,
        offset: int,
        state_codes: Sequence[str] = (),
        start_date: datetime | None = None,
        start_update_date: datetime | None = None,
        priority: Priority = Priority.LIVE,
    ) -> OrdersAnswer:
        """Return one page of orders, oldest creation first (OR11). Never sends an upper bound of dates."""
        query = [("max", str(PAGE_SIZE)), ("offset", str(offset)), ("sort", "dateCreated"), ("order", "asc")]
        if state_codes:
            query.append(("order_state_codes", ",".join(state_codes)))
        if start_date:
            query.append(("start_date", _utc(start_date)))
        if start_update_date:
            query.append(("start_update_date", _utc(start_update_date)))
        return await self._orders(query, priority=priority)

    async def orders_by_id(self, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE) -> OrdersAnswer:
        """Return those of at most 100 orders that this shop has (OR11 with `order_ids`)."""
        query = [("max", str(PAGE_SIZE)), ("order_ids", ",".join(order_ids))]
        answer = await self._orders(query, priority=priority)
        if answer.total_count > len(answer.records):
            # An order that was left out must not be taken for one that does not exist.
            raise malformed(ORDERS, "fewer orders than total_count")
        return answer

    async def accept(self, order_id: str, *, decisions: Mapping[str, bool], priority: Priority = Priority.LIVE) -> None:
        """Decide every line of an order, once each (OR21). There is no reason and no quantity.

        Only 204 says that it is done; raises OutcomeUnknown for another good status (a proxy's page comes with 200).
        """
        lines = [{"id": line_id, "accepted": accepted} for line_id, accepted in decisions.items()]
        answer = await self._api.call(
            ACCEPT,
            path={"order_id": order_id},
            query=_shop(self._config.shop_id),
            json={"order_lines": lines},
            priority=priority,
        )
        if answer.status != HTTPStatus.NO_CONTENT:
            raise OutcomeUnknown(
                service=SERVICE, operation=ACCEPT.name, detail="an answer other than 204", status=answer.status
            )

    async def _orders(self, query: list[tuple[str, str]], *, priority: Priority) -> OrdersAnswer:
        # Always sent: the default of the platform may be the other one.
        query += [("order_tax_mode", _TAX_WORDS[self._config.order_tax_mode]), *_shop(self._config.shop_id)]
        answer = await self._api.call(ORDERS, query=query, priority=priority)
        envelope = answer.data if isinstance(answer.data, Mapping) else {}
        records, total_count = envelope.get("orders"), envelope.get("total_count")
        if not isinstance(records, list):
            raise malformed(ORDERS, "orders")
        if not isinstance(total_count, int) or isinstance(total_count, bool):
            raise malformed(ORDERS, "total_count")
        for record in records:
            if not isinstance(record, Mapping) or not isinstance(record.get("order_id"), str) or not record["order_id"]:
                raise malformed(ORDERS, "an order without order_id")
        return OrdersAnswer(records, total_count, answer.date)


def _shop(shop_id: str) -> list[tuple[str, str]]:
    return [("shop_id", shop_id)] if shop_id else []


def _utc(moment: datetime) -> str:
    # Always Z: a "+02:00" in a query would be read as a space.
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
