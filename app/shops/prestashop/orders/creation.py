"""One marketplace order into PrestaShop, exactly once.

    prepare ─► customer ─► addresses ─► cart ─► prices ─► [slot: look, POST] ─► read back ─► finish ─► stock

Every arrow commits what was made before the next call goes. The order POST alone can't be undone: while its answer is
missing nobody posts again but with the same cart, and after it was looked for. The shop's own guard against a second
order for a cart works only once the first is finished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.clock import Clock
from app.domain.intent import Intent
from app.domain.message import Message, message
from app.domain.order import Order
from app.domain.shop_mapping import ShopMapping
from app.errors import CallError, OutcomeUnknown, Refused
from app.shops.kind import ShopLock
from app.shops.port import ImportPlan, UnfinishedOrder
from app.shops.prestashop.client import Client
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.errors import unknown
from app.shops.prestashop.orders import stock_kept
from app.shops.prestashop.orders.cart import Maker, clear_away, drop_cart
from app.shops.prestashop.orders.completion import Finisher
from app.shops.prestashop.orders.lookup import (
    Looks,
    must_be_made,
    orders_by_key,
    orders_by_number,
    orders_of_cart,
    the_one,
)
from app.shops.prestashop.orders.preparation import Prepared, prepare, shop_key
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.regions import Regions
from app.shops.prestashop.reads.states import meaning
from app.shops.prestashop.records import Draft, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An order that stands in the shop, or why a person has to look at it."""

    record: Record | UnfinishedOrder
    warnings: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Creator:
    """Creates the orders of one account in one shop."""

    client: Client
    facts: Facts
    mapping: ShopMapping
    config: PrestashopConfig
    catalogue: Catalogue
    regions: Regions
    looks: Looks
    lock: ShopLock
    clock: Clock
    required: set[str]

    async def create(self, order: Order, *, plan: ImportPlan, intent: Intent, unfinished_order_id: str) -> Made:
        """Create the order, or go on where an earlier attempt stopped; raises Refused, OutcomeUnknown and others.

        `unfinished_order_id`: the order that was found unfinished, empty for none.
        """
        existing = await self._existing(order, intent, unfinished_order_id)
        warnings: Mapping[str, Mapping[str, str]] = {}
        if existing is None:
            prepared = await prepare(
                order,
                plan=plan,
                facts=self.facts,
                mapping=self.mapping,
                config=self.config,
                catalogue=self.catalogue,
                regions=self.regions,
            )
            warnings = prepared.warnings
            try:
                existing = await self._make(order, plan, prepared, intent)
            except Refused:
                # It refused, so nothing of the order is there: what was made for it goes away again.
                await self.abandon(intent)
                raise
        if isinstance(existing, UnfinishedOrder):
            return Made(record=existing, warnings={})
        return Made(record=await self._finished(existing, order, plan, intent), warnings=warnings)

    async def abandon(self, intent: Intent) -> None:
        """Delete what was made for an order that is not there, as far as there is anything."""
        if intent.steps.get("stage"):
            await clear_away(self.client, key=shop_key(intent.key), steps=intent.steps)
            await intent.note(stage="", customer="", address="", billing="", cart="", tried="1")

    async def _existing(
        self, order: Order, intent: Intent, unfinished_order_id: str
    ) -> Record | UnfinishedOrder | None:
        """Return the order that an earlier attempt made, or that somebody else made before us."""
        steps = intent.steps
        if unfinished_order_id:
            await _note(intent, stage="finish", order=unfinished_order_id)
            record = await self.client.get("orders", unfinished_order_id)
            if record is None:
                raise unknown("orders.get", message("ORDER_GONE", ref=unfinished_order_id))
            return must_be_made(the_one([record], facts=self.facts, now=self._now))
        if not steps.get("stage"):
            since = self.mapping.connected_at
            if since is not None and order.placed_at < since:
                return self._foreign(order, await orders_by_number(self.client, order.order_id))
            return None
        found = await orders_of_cart(self.client, steps["cart"]) if steps.get("cart") else []
        if not found:
            found = (await orders_by_key(self.client, [intent.key]))[intent.key]
        existing = must_be_made(the_one(found, facts=self.facts, now=self._now))
        if isinstance(existing, Record) and not steps.get("order"):
            await intent.note(order=existing.id)
        return existing

    def _foreign(self, order: Order, found: list[Record]) -> UnfinishedOrder | None:
        """Return an order that has the marketplace's number and not our key: an older module's, or made by hand."""
        if not found:
            return None
        return UnfinishedOrder(
            found[0].id,
            message("NUMBER_OF_ANOTHER", order_id=order.order_id),
        )

    async def _make(
        self, order: Order, plan: ImportPlan, prepared: Prepared, intent: Intent
    ) -> Record | UnfinishedOrder:
        steps = intent.steps
        maker = Maker(
            self.client,
            order=order,
            plan=plan,
            prepared=prepared,
            facts=self.facts,
            config=self.config,
            key=shop_key(intent.key),
            again=bool(steps.get("stage") or steps.get("tried")),
            required=self.required,
        )
        if not steps.get("stage"):
            await intent.note(stage="customer")
        customer = steps.get("customer") or await maker.customer(mapping=self.mapping)
        await _note(intent, stage="address", customer=customer)
        address, billing = steps.get("address", ""), steps.get("billing", "")
        if not address or not billing:
            address, billing = await maker.addresses(customer=customer)
        await _note(intent, stage="cart", address=address, billing=billing)
        cart = await maker.cart(customer=customer, delivery=address, billing=billing)
        await _note(intent, stage="prices", cart=cart)
        await maker.prices(cart)
        draft = maker.order(customer=customer, delivery=address, billing=billing, cart=cart)
        return await self._post(draft, cart, intent)

    async def _post(self, draft: Draft, cart: str, intent: Intent) -> Record | UnfinishedOrder:
        """Post the order while nobody else posts one to this shop, and read it back."""
        async with self.lock.creation_slot() as slot:
            await self._still_missing(cart, intent, handovers=slot.handovers)
            await intent.sending("order")
            try:
                made = await self.client.add("orders", draft)
            except OutcomeUnknown:
                try:
                    # A shop that answers 500 has often done the work, so a look may settle it at once.
                    existing = the_one(await orders_of_cart(self.client, cart), facts=self.facts, now=self._now)
                except CallError:
                    slot.keep()
                    raise
                if existing is None or (isinstance(existing, UnfinishedOrder) and existing.may_finish):
                    slot.keep()
                    raise
            else:
                existing = None
                await intent.note(stage="finish", order=made.id)
        if existing is None:
            found = await orders_of_cart(self.client, cart)
            existing = must_be_made(the_one(found, facts=self.facts, now=self._now))
        if isinstance(existing, Record) and existing.id != intent.steps.get("order"):
            await intent.note(stage="finish", order=existing.id)
        if existing is None:
            raise unknown("orders.get", message("ORDER_NOT_SHOWN_YET"))
        return existing

    async def _still_missing(self, cart: str, intent: Intent, *, handovers: int) -> None:
        """Look once more after another process had the slot; raises OutcomeUnknown for an order that came meanwhile.

        Whoever made it may still be at it: the next run finishes what is left of it. All keys that were looked for
        before are looked for again, in one call.
        """
        self.looks.handovers = handovers
        # From here on it is no longer missing, or nobody knows.
        if self.looks.missing.pop(intent.key, None) == handovers:
            return
        by_key = await orders_by_key(self.client, [intent.key, *self.looks.stale()])
        found = by_key.pop(intent.key)
        self.looks.forget(by_key)
        self.looks.found_missing(key for key, records in by_key.items() if not records)
        if all(each["current_state"] == self.facts.cancelled_state for each in found):
            return
        if all(each["id_cart"] != cart for each in found):
            await drop_cart(self.client, cart)
            await intent.note(cart="")
        raise unknown("orders.get", message("MADE_MEANWHILE"))

    async def _finished(
        self, record: Record, order: Order, plan: ImportPlan, intent: Intent
    ) -> Record | UnfinishedOrder:
        odd = _rows_differ(record, order, plan)
        if odd:
            return UnfinishedOrder(record.id, odd)
        finisher = Finisher(self.client, order=order, plan=plan, facts=self.facts, mapping=self.mapping)
        finished = await finisher.finish(record)
        if isinstance(finished, UnfinishedOrder):
            return finished
        record = finished
        # A cancelled one has given its units back already.
        if plan.stock == "keep" and meaning(self.facts, self.mapping, record["current_state"]) != "cancelled":
            # Its half-done undoing must meet no other order of ours.
            async with self.lock.creation_slot(claim=intent.key):
                odd = await stock_kept.undo(
                    self.client,
                    facts=self.facts,
                    units=stock_kept.units_in(record),
                    by=1,
                    step="stock",
                    intent=intent,
                )
        return UnfinishedOrder(record.id, odd) if odd else record

    @property
    def _now(self) -> datetime:
        """The shop's own time, by which its orders are young or old."""
        return self.client.clock or self.clock.now()


def _rows_differ(record: Record, order: Order, plan: ImportPlan) -> Message | str:
    """Return how the rows of an order differ from what was ordered, empty if they don't or nobody can tell.

    Under load a shop can lose rows of an order whose totals are right.
    """
    wanted: dict[str, int] = {}
    for line in order.open_lines:
        match = plan.matches.get(line.sku)
        if match is None:
            return ""
        wanted[match.ref] = wanted.get(match.ref, 0) + line.quantity_open
    have: dict[str, int] = {}
    for (product, attribute), quantity in stock_kept.units_in(record).items():
        have[product if attribute == "0" else f"{product}-{attribute}"] = quantity
    if have == wanted:
        return ""
    return message("ROWS_DIFFER", rows=_units(have), wanted=_units(wanted))


def _units(units: Mapping[str, int]) -> str:
    return ", ".join(f"{quantity} x {ref}" for ref, quantity in sorted(units.items())) or "none"


async def _note(intent: Intent, **steps: str) -> None:
    """Commit what was made, unless an earlier attempt noted the same."""
    if any(intent.steps.get(name) != value for name, value in steps.items()):
        await intent.note(**steps)
