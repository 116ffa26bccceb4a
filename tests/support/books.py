"""What really stands in the database, read past the service; and whether it agrees with the marketplace."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tests.support.databases import connected
from tests.support.marketplace import Json, Marketplace

_ON_ITS_WAY = {"SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """One order of the embedded shop."""

    order_id: str
    state: str
    total: Decimal
    currency: str
    stock_lowered: bool
    pieces: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The shop's orders and stock, and the ledger, at one moment."""

    orders: list[ShopOrder] = field(default_factory=list)
    stock: Mapping[str, int] = field(default_factory=dict)
    customers: int = 0
    intakes: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)

    def intake_counts(self) -> dict[str, int]:
        return dict(Counter(self.intakes.values()))


def read_books(database_url: str) -> Books:
    """Return what the database holds now."""
    with connected(database_url) as connection:

        def rows(query: str) -> list[Any]:
            return list(connection.execute(sa.text(query)))

        pieces: dict[int, Counter[str]] = {}
        for row in rows("SELECT order_id, product_sku, quantity FROM embedded_order_lines"):
            pieces.setdefault(row.order_id, Counter())[row.product_sku] += row.quantity
        ledger = rows("SELECT order_id, intake, code, decision FROM ledger")
        return Books(
            orders=[
                ShopOrder(
                    order_id=row.marketplace_order_id,
                    state=row.state,
                    total=Decimal(row.total),
                    currency=row.currency,
                    stock_lowered=bool(row.stock_lowered),
                    pieces=pieces.get(row.id, Counter()),
                )
                for row in rows("SELECT * FROM embedded_orders ORDER BY id")
            ],
            stock={row.sku: row.quantity for row in rows("SELECT sku, quantity FROM embedded_products")},
            customers=rows("SELECT count(*) AS n FROM embedded_customers")[0].n,
            intakes={row.order_id: row.intake for row in ledger},
            codes={row.order_id: row.code for row in ledger},
            decisions={row.order_id: row.decision for row in ledger},
            runs={row.status: row.n for row in rows("SELECT status, count(*) AS n FROM runs GROUP BY status")},
        )


def belongs_in_shop(order: Json) -> bool:
    """Whether an order of the marketplace should stand in the shop: paid, or shipped by the marketplace."""
    if order["fulfilment"] == "marketplace":
        return order["state"] in _ON_ITS_WAY
    return order["state"] == "SHIPPING" or order["state"] in _ON_ITS_WAY


def differences(
    marketplace: Marketplace,
    books: Books,
    *,
    initial_stock: Mapping[str, int],
    never: Collection[str] = (),
    account: str = "mirakl",
) -> list[str]:
    """Return in words everything in which shop and marketplace disagree, both ways; `never` must not be in the shop."""
    there = {order["id"]: order for order in marketplace.state(account)["orders"]}
    times = Counter(order.order_id for order in books.orders)
    found = [f"{order_id} stands in the shop {n} times" for order_id, n in times.items() if n > 1]
    found += [f"{order_id} is unknown to the marketplace" for order_id in times if order_id not in there]
    sold: Counter[str] = Counter()
    for order_id, order in there.items():
        wanted = belongs_in_shop(order) and order_id not in never
        if wanted and order_id not in times:
            found.append(f"{order_id} ({order['state']}) is missing in the shop: {books.intakes.get(order_id)}")
        if not wanted and order_id in times:
            found.append(f"{order_id} ({order['state']}) should not stand in the shop")
    for made in books.orders:
        if made.order_id in there:
            found += _inside(made, there[made.order_id])
        if made.stock_lowered:
            sold.update(made.pieces)
    for sku, initial in initial_stock.items():
        if books.stock[sku] != initial - sold[sku]:
            found.append(f"stock of {sku} is {books.stock[sku]}, {initial} less {sold[sku]} sold")
    if books.customers != len(books.orders):
        found.append(f"{books.customers} customers for {len(books.orders)} orders")
    return found


def _inside(made: ShopOrder, order: Json) -> list[str]:
    found = []
    if (made.total, made.currency) != (Decimal(order["total"]), order["currency"]):
        found.append(
            f"{made.order_id} costs {made.total} {made.currency} instead of {order['total']} {order['currency']}"
        )
    ordered: Counter[str] = Counter()
    for line in order["lines"]:
        if line["state"] not in ("REFUSED", "CANCELED"):
            ordered[line["sku"]] += line["quantity"]
    if dict(made.pieces) != dict(ordered):
        found.append(f"{made.order_id} holds {dict(made.pieces)} instead of {dict(ordered)}")
    if made.stock_lowered != (order["fulfilment"] == "merchant"):
        found.append(f"{made.order_id} ({order['fulfilment']}): stock lowered is {made.stock_lowered}")
    return found
