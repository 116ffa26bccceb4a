"""Our orders as the shop holds them: one in the words of the port, and all since a moment."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from app.clock import Clock
from app.domain.money import Money
from app.domain.order import marketplace_key
from app.domain.page import Page
from app.domain.shop_mapping import ShopMapping
from app.shops.port import ShopOrder
from app.shops.prestashop.client import Client
from app.shops.prestashop.orders.lookup import MAKING_S
from app.shops.prestashop.orders.preparation import shop_key
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.states import NO_STATE, meaning
from app.shops.prestashop.records import Record

ORDERS_A_PAGE = 200
# A local hour that comes twice, and a minute for clocks that differ.
OVERLAP = timedelta(minutes=61)
# With what every key of ours begins, and what it is made of.
_OURS = "mkp:"
_KEY_PARTS = 3
# Other signs of a key the shop keeps otherwise, or takes for its own.
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9:./-]")
# ISO 4217 for none: the shop deleted the currency of the order.
_NO_CURRENCY = "XXX"


def shop_order(record: Record, *, key: str, facts: Facts, mapping: ShopMapping, catalogue: Catalogue) -> ShopOrder:
    """Return an order of the shop in the words of the port; `key` is ours, not as the shop keeps it.

    Units go by the SKUs of the account (`Catalogue.learn` comes before). An order without a state is not whole.
    """
    units: Counter[str] = Counter()
    for row in record.rows.get("order_rows", ()):
        units[catalogue.sku_of(row)] += _count(row.get("product_quantity", ""))
    currencies = {each.id: code for code, each in facts.currencies.items()}
    return ShopOrder(
        ref=record.id,
        key=key,
        marketplace_order_id=key.split(":", _KEY_PARTS - 1)[-1],
        state=meaning(facts, mapping, record["current_state"]),
        total=Money(_amount(record["total_paid"]), currencies.get(record["id_currency"], _NO_CURRENCY)),
        units=dict(units),
        created_at=facts.moment(record["date_add"]) or datetime.fromtimestamp(0, UTC),
        whole=not _unfinished(record),
    )


async def orders(
    client: Client,
    *,
    facts: Facts,
    mapping: ShopMapping,
    catalogue: Catalogue,
    key_prefix: str,
    since: datetime,
    clock: Clock,
) -> AsyncIterator[Page[ShopOrder]]:
    """Yield the orders made since then whose key begins so, each once, oldest first; at least one page.

    One that the shop may still be making is left out.
    """
    # The shop writes whole seconds.
    since = since.astimezone(UTC).replace(microsecond=0)
    last: str | None = "0" if _may_begin(key_prefix) else None
    if last is None:
        yield Page(items=(), read_at=clock.now())
    while last is not None:
        read_at = clock.now()
        found = await client.find(
            "orders",
            filters={
                "gift_message": f"[{_asked(key_prefix)}]%",
                "date_add": f">[{facts.local(since - OVERLAP)}]",
                "id": f">[{last}]",
            },
            sort="id_ASC",
            limit=str(ORDERS_A_PAGE),
            dates=True,
        )
        last = found[-1].id if len(found) == ORDERS_A_PAGE else None
        await catalogue.learn(found)
        items = [
            shop_order(each, key=key_of(each), facts=facts, mapping=mapping, catalogue=catalogue)
            for each in found
            if each["gift_message"].startswith(_OURS)
            and key_of(each).startswith(key_prefix)
            and _made_since(each, since, facts)
            and not (_unfinished(each) and _age(each, facts, read_at) < MAKING_S)
        ]
        yield Page(items=tuple(items), read_at=read_at, resume=last, remote_now=client.clock)


def key_of(record: Record) -> str:
    """Return our key of an order: as the shop keeps it, or with its odd signs back from what stands as payment."""
    kept = record["gift_message"]
    platform = kept.split(":")[1] if kept.count(":") > 1 else ""
    _, _, number = record["payment"].partition(" ")
    key = marketplace_key(platform, number)
    return key if shop_key(key) == kept else kept


def _may_begin(key_prefix: str) -> bool:
    return key_prefix.startswith(_OURS) or _OURS.startswith(key_prefix)


def _asked(key_prefix: str) -> str:
    """Return the part of a prefix that can stand in a pattern; what is found is compared with the whole of it."""
    wanted = key_prefix if key_prefix.startswith(_OURS) else _OURS
    return _NOT_PLAIN.split(wanted, maxsplit=1)[0]


def _made_since(record: Record, since: datetime, facts: Facts) -> bool:
    made = facts.moment(record["date_add"])
    if made is None:
        return True
    # In an hour that comes twice it may be the later one.
    later = made.astimezone(facts.zone).replace(fold=1).astimezone(UTC)
    return max(made, later) >= since


def _unfinished(record: Record) -> bool:
    return record["current_state"] in ("", NO_STATE)


def _age(record: Record, facts: Facts, now: datetime) -> timedelta:
    made = facts.moment(record["date_add"])
    return now - made if made is not None else timedelta(0)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
