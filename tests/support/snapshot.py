"""What really stands in the database, read past the service; and whether it agrees with the marketplace."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tests.support.databases import connected
from tests.support.marketplace import Json, Marketplace

# Where an order stands, in the words of all platforms.
_TO_SHIP = {"SHIPPING", "UNSHIPPED", "PARTIALLY_SHIPPED"}
_ON_ITS_WAY = {"SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"}
_CALLED_OFF = {"CANCELED", "CANCELLED", "REFUSED"}
_WAITING = {
    "STAGING",
    "WAITING_ACCEPTANCE",
    "WAITING_DEBIT",
    "WAITING_DEBIT_PAYMENT",
    "PENDING_AVAILABILITY",
    "PENDING",
}
_OWED = _WAITING | _TO_SHIP


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """One order of the embedded shop."""

    order_id: str
    state: str
    total: Decimal
    currency: str
    stock_lowered: bool
    units: Mapping[str, int]
    tracking: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The shop's orders and stock, and the ledger, at one moment.

    `reported` adds up the counts of all runs, by task and count: "orders-import imported".
    """

    orders: list[ShopOrder] = field(default_factory=list)
    stock: Mapping[str, int] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    customers: int = 0
    intakes: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    reported: Mapping[str, int] = field(default_factory=dict)

    def intake_counts(self) -> dict[str, int]:
        return dict(Counter(self.intakes.values()))


def read_snapshot(database_url: str) -> Snapshot:
    """Return what the database holds now."""
    with connected(database_url) as connection:

        def rows(query: str) -> list[Any]:
            return list(connection.execute(sa.text(query)))

        units: dict[int, Counter[str]] = {}
        for row in rows("SELECT order_id, product_sku, quantity FROM embedded_order_lines"):
            units.setdefault(row.order_id, Counter())[row.product_sku] += row.quantity
        tracking: dict[int, list[str]] = {}
        for row in rows("SELECT order_id, number FROM embedded_shipments ORDER BY order_id, sequence"):
            tracking.setdefault(row.order_id, []).append(row.number)
        products = rows("SELECT sku, quantity, price FROM embedded_products")
        ledger = rows("SELECT order_id, intake, code, decision FROM ledger")
        reported: Counter[str] = Counter()
        for row in rows("SELECT task, counts FROM runs WHERE NOT dry_run AND counts IS NOT NULL"):
            counts = json.loads(row.counts) if isinstance(row.counts, str) else row.counts
            reported.update({f"{row.task} {name}": number for name, number in (counts or {}).items()})
        return Snapshot(
            orders=[
                ShopOrder(
                    order_id=row.marketplace_order_id,
                    state=row.state,
                    total=Decimal(row.total),
                    currency=row.currency,
                    stock_lowered=bool(row.stock_lowered),
                    units=units.get(row.id, Counter()),
                    tracking=tracking.get(row.id, ()),
                )
                for row in rows("SELECT * FROM embedded_orders ORDER BY id")
            ],
            stock={row.sku: row.quantity for row in products},
            prices={row.sku: Decimal(row.price) for row in products},
            customers=rows("SELECT count(*) AS n FROM embedded_customers")[0].n,
            intakes={row.order_id: row.intake for row in ledger},
            codes={row.order_id: row.code for row in ledger},
            decisions={row.order_id: row.decision for row in ledger},
            reported=reported,
            runs={row.status: row.n for row in rows("SELECT status, count(*) AS n FROM runs GROUP BY status")},
        )


def belongs_in_shop(order: Json) -> bool:
    """Whether an order of the marketplace should stand in the shop: paid, or shipped by the marketplace.

    What the marketplace ships for another channel of the merchant's is none of the shop's.
    """
    if order["fulfilment"] == "marketplace":
        return order["state"] in _ON_ITS_WAY and not order.get("mcf")
    return order["state"] in _TO_SHIP | _ON_ITS_WAY


def differences(
    marketplace: Marketplace,
    snapshot: Snapshot,
    *,
    initial_stock: Mapping[str, int],
    never: Collection[str] = (),
    account: str = "",
) -> list[str]:
    """Return in words everything in which orders and stock disagree, both ways; `never` must not be in the shop.

    An order that both sides called off counts as one that the shop does not have, and its units are back in stock.
    """
    on_marketplace = {order["id"]: order for order in marketplace.state(account)["orders"]}
    called_off = {order.order_id for order in snapshot.orders if order.state == "cancelled"}
    times = Counter(order.order_id for order in snapshot.orders)
    found = [f"{order_id} stands in the shop {n} times" for order_id, n in times.items() if n > 1]
    found += [
        f"{order_id} is unknown to the marketplace" for order_id in times.keys() - called_off - on_marketplace.keys()
    ]
    sold: Counter[str] = Counter()
    for order_id, order in on_marketplace.items():
        wanted = belongs_in_shop(order) and order_id not in never
        if wanted and order_id not in times:
            found.append(f"{order_id} ({order['state']}) is missing in the shop: {snapshot.intakes.get(order_id)}")
        if not wanted and order_id in times.keys() - called_off:
            found.append(f"{order_id} ({order['state']}) should not stand in the shop")
    for made in snapshot.orders:
        if made.order_id in called_off:
            if made.order_id in on_marketplace and on_marketplace[made.order_id]["state"] not in _CALLED_OFF:
                found.append(f"{made.order_id} is cancelled in the shop alone")
            continue
        if made.order_id in on_marketplace:
            found += _inside(made, on_marketplace[made.order_id])
        if made.stock_lowered:
            sold.update(made.units)
    for sku, initial in initial_stock.items():
        if snapshot.stock[sku] != initial - sold[sku]:
            found.append(f"stock of {sku} is {snapshot.stock[sku]}, {initial} less {sold[sku]} sold")
    if snapshot.customers != len(snapshot.orders):
        found.append(f"{snapshot.customers} customers for {len(snapshot.orders)} orders")
    return found


def _inside(made: ShopOrder, order: Json) -> list[str]:
    found = []
    if (made.total, made.currency) != (Decimal(order["total"]), order["currency"]):
        found.append(
            f"{made.order_id} costs {made.total} {made.currency} instead of {order['total']} {order['currency']}"
        )
    ordered: Counter[str] = Counter()
    for line in order["lines"]:
        ordered[line["sku"]] += _left_to_ship(line)
    if dict(made.units) != dict(ordered):
        found.append(f"{made.order_id} holds {dict(made.units)} instead of {dict(ordered)}")
    if made.stock_lowered != (order["fulfilment"] == "merchant"):
        found.append(f"{made.order_id} ({order['fulfilment']}): stock lowered is {made.stock_lowered}")
    return found


def _left_to_ship(line: Json) -> int:
    """Return how many units of a line are not called off."""
    if line.get("state") in _CALLED_OFF:
        return 0
    left: int = line["quantity"] - line.get("cancelled", 0)
    return left


def parcels_unconfirmed(marketplace: Marketplace, snapshot: Snapshot) -> list[str]:
    """Return in words every parcel of the shop that the marketplace knows otherwise, and those that it alone knows."""
    state = marketplace.state()
    on_marketplace = {order["id"]: order for order in state["orders"]}
    found, left = [], set()
    for made in snapshot.orders:
        if any(made.tracking):
            left.add(made.order_id)
            seen, number = on_marketplace[made.order_id], made.tracking[-1]
            if seen["state"] not in _ON_ITS_WAY or seen["tracking"] != number:
                found.append(f"{made.order_id} left with {number}, there it is {seen['state']} with {seen['tracking']}")
    confirmed = [shipment["id"] for shipment in state["shipped"]]
    return found + [f"{order_id} was confirmed and has not left" for order_id in confirmed if order_id not in left]


def offers_drifted(marketplace: Marketplace, snapshot: Snapshot) -> list[str]:
    """Return in words every offer that differs from the shop's price, or from its stock less what it still owes."""
    state = marketplace.state()
    not_cancelled = {made.order_id for made in snapshot.orders if made.state != "cancelled"}
    owed: Counter[str] = Counter()
    for order in state["orders"]:
        if order["fulfilment"] == "merchant" and order["state"] in _OWED and order["id"] not in not_cancelled:
            for line in order["lines"]:
                owed[line["sku"]] += _left_to_ship(line)
    found = []
    for sku, offer in state["offers"].items():
        if offer["fulfilment"] == "marketplace":
            continue
        free = max(0, snapshot.stock[sku] - owed[sku])
        if (offer["quantity"], Decimal(offer["price"])) != (free, snapshot.prices[sku]):
            shown, wanted = f"{offer['quantity']} × {offer['price']}", f"{free} × {snapshot.prices[sku]}"
            found.append(f"the offer {sku} stands at {shown} instead of {wanted}")
    return found
