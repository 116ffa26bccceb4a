"""A shop in memory that keeps the port's promises, but for what a test tells it to break."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from app.clock import JumpingClock
from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.message import message
from app.domain.offer import ShopOffer
from app.domain.order import Order
from app.domain.page import Page
from app.domain.parcel import Parcel
from app.errors import OutcomeUnknown, Refused, Unavailable
from app.shops.port import (
    Ambiguous,
    CancelOutcome,
    ImportPlan,
    Match,
    Resolved,
    ShopOrder,
    ShopProgress,
    UnfinishedOrder,
    Unknown,
)


@dataclass
class FakeShop:
    """Products by SKU and orders by key; `answers` says what becomes of a creation, by marketplace order id.

    A creation is `lost` (made, but nobody hears of it), `never` (not made, and nobody hears of it), `half`, `dear` (the
    shop counts another total) or an error. `cancellations` says the same of a cancellation, by reference.
    """

    clock: JumpingClock
    parallel: int = 1
    stock: dict[str, int] = field(default_factory=lambda: {"LAMPE": 50, "CAFETIERE": 50})
    prices: dict[str, Decimal] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)
    held: dict[str, ShopOrder | UnfinishedOrder] = field(default_factory=dict)
    parcels: dict[str, list[Parcel]] = field(default_factory=dict)
    page_size: int = 100
    answers: dict[str, str | Exception] = field(default_factory=dict)
    cancellations: dict[str, CancelOutcome | Exception] = field(default_factory=dict)
    down: bool = False
    plans: dict[str, ImportPlan] = field(default_factory=dict)
    taken: dict[str, Order] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def check(self) -> Sequence[Finding]:
        return [Finding(code="CATALOGUE", ok=True, says=message("CATALOGUE_FILLED", number=len(self.stock)))]

    async def resolve(self, skus: Sequence[str]) -> Resolved:
        if self.down:
            raise Unavailable(service="shop", operation="products", side="shop")
        return Resolved(by_sku={sku: self._product(sku) for sku in skus}, read_at=self.clock.now())

    def _product(self, sku: str) -> Match | Unknown | Ambiguous:
        if self.odd.get(sku) == "ambiguous":
            return Ambiguous(sku, ("1", "2"))
        if sku not in self.stock:
            return Unknown(sku)
        active = self.odd.get(sku) != "inactive"
        return Match(sku=sku, ref=sku, title=sku, active=active, available=self.stock[sku])

    async def find_orders(self, wanted: Mapping[str, Mapping[str, str]]) -> Mapping[str, ShopOrder | UnfinishedOrder]:
        self.searched += wanted
        return {key: self.held[key] for key in wanted if key in self.held}

    async def abandon(self, intent: Intent) -> None:
        self.abandoned.append(intent.key)

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Intent) -> ShopOrder:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._create(order, plan, intent)
        finally:
            self.at_once -= 1

    async def _create(self, order: Order, plan: ImportPlan, intent: Intent) -> ShopOrder:
        answer = self.answers.get(order.order_id)
        in_shop = self.held.get(intent.key)
        if isinstance(in_shop, ShopOrder) and in_shop.whole:
            return in_shop
        _refuse_what_can_not_be_made(order, plan)
        await intent.note(cart=f"cart of {order.order_id}")
        await intent.sending("order")
        self.created.append(order.order_id)
        ref = str(len(self.created))
        # Other orders of the same chunk get their turn, as while a real shop answers.
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        twin = self.held.get(intent.key)
        if isinstance(twin, ShopOrder) and twin.whole:
            return twin
        if answer == "half":
            self.held[intent.key] = UnfinishedOrder(ref, "it has no line")
            raise OutcomeUnknown(service="shop", operation="orders", side="shop")
        if answer != "never":
            total = replace(order.open_total, amount=order.open_total.amount * (2 if answer == "dear" else 1))
            units: Counter[str] = Counter()
            for line in order.open_lines:
                units[line.sku] += line.quantity_open
            self.held[intent.key] = ShopOrder(
                ref=ref,
                key=intent.key,
                marketplace_order_id=order.order_id,
                state=plan.state,
                total=total,
                units=units,
                created_at=self.clock.now(),
            )
            self.plans[order.order_id] = plan
            self.taken[ref] = order
            if plan.stock == "lower":
                self._move_stock(units, sign=-1)
        if answer in ("lost", "never"):
            raise OutcomeUnknown(service="shop", operation="orders", side="shop")
        made = self.held[intent.key]
        assert isinstance(made, ShopOrder)
        return made

    async def cancel_order(self, ref: str, *, intent: Intent) -> CancelOutcome:
        answer = self.cancellations.get(ref)
        if isinstance(answer, Exception):
            raise answer
        self.cancelled.append(ref)
        for key, in_shop in self.held.items():
            if in_shop.ref == ref and isinstance(in_shop, ShopOrder) and answer is None:
                if in_shop.state == "cancelled":
                    return CancelOutcome.ALREADY_CANCELLED
                if in_shop.state == "shipped" or self.parcels.get(ref):
                    return CancelOutcome.ALREADY_SHIPPED
                plan = self.plans.get(in_shop.marketplace_order_id)
                if plan is None or plan.stock == "lower":
                    self._move_stock(in_shop.units, sign=1)
                self.held[key] = replace(in_shop, state="cancelled")
        return answer or CancelOutcome.CANCELLED

    def ship(self, ref: str, parcel: Parcel) -> None:
        """Let a parcel leave; the order is shipped once nothing of it is left."""
        parcels = self.parcels.setdefault(ref, [])
        parcels.append(replace(parcel, id=str(len(parcels) + 1), sequence=len(parcels) + 1))
        left: Counter[str] = Counter()
        for each in parcels:
            left.update(each.units or {})
        for key, in_shop in self.held.items():
            if in_shop.ref == ref and isinstance(in_shop, ShopOrder):
                whole = parcel.units is None or left >= Counter(in_shop.units)
                self.held[key] = replace(in_shop, state="shipped" if whole else in_shop.state)

    def delete(self, ref: str) -> None:
        """Let a person delete an order."""
        self.held = {key: in_shop for key, in_shop in self.held.items() if in_shop.ref != ref}

    async def progress_of(self, refs: Sequence[str]) -> Mapping[str, ShopProgress]:
        asked = set(refs)
        return {
            in_shop.ref: ShopProgress(
                ref=in_shop.ref,
                state=in_shop.state,
                parcels=tuple(self.parcels.get(in_shop.ref, ())),
            )
            for in_shop in self.held.values()
            if in_shop.ref in asked and isinstance(in_shop, ShopOrder)
        }

    async def offers(self) -> AsyncIterator[Page[ShopOffer]]:
        skus = list(self.stock)
        for number in range(0, max(len(skus), 1), self.page_size):
            shown = skus[number : number + self.page_size]
            last = number + self.page_size >= len(skus)
            yield Page(
                items=tuple(self._offer(sku) for sku in shown if sku in self.stock),
                read_at=self.clock.now(),
                resume=None if last else shown[-1],
            )

    def _offer(self, sku: str) -> ShopOffer:
        active = self.odd.get(sku) != "inactive"
        return ShopOffer(
            sku=sku, quantity=self.stock[sku], price_incl=self.prices.get(sku, Decimal("10.00")), active=active, ref=sku
        )

    async def orders(self, *, key_prefix: str, since: datetime) -> AsyncIterator[Page[ShopOrder]]:
        made = [
            in_shop
            for key, in_shop in self.held.items()
            if isinstance(in_shop, ShopOrder) and key.startswith(key_prefix) and in_shop.created_at >= since
        ]
        for number in range(0, max(len(made), 1), self.page_size):
            shown = made[number : number + self.page_size]
            last = number + self.page_size >= len(made)
            yield Page(items=tuple(shown), read_at=self.clock.now(), resume=None if last else shown[-1].ref)

    def holds(self) -> dict[str, str]:
        """Return the state of each whole order by marketplace order id."""
        return {
            in_shop.marketplace_order_id: in_shop.state
            for in_shop in self.held.values()
            if isinstance(in_shop, ShopOrder)
        }

    def _move_stock(self, units: Mapping[str, int], *, sign: int) -> None:
        for sku, quantity in units.items():
            self.stock[sku] += sign * quantity


def _refuse_what_can_not_be_made(order: Order, plan: ImportPlan) -> None:
    """Refuse what a shop refuses before it writes anything."""
    skus = [line.sku for line in order.open_lines]
    if not skus:
        reason = "NO_LINES"
    elif "" in skus:
        reason = "SKU_MISSING"
    elif not set(skus) <= plan.matches.keys():
        reason = "SKU_UNKNOWN"
    elif order.shipping_address is None and plan.state == "paid":
        reason = "ADDRESS_MISSING"
    else:
        return
    raise Refused(service="shop", operation="orders", reason=reason, side="shop")
