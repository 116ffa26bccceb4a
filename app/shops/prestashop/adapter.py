"""A PrestaShop as the tasks see it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from weakref import WeakValueDictionary

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.offer import ShopOffer
from app.domain.order import Order
from app.domain.page import Page
from app.shops.kind import ShopConnector, ShopKind
from app.shops.port import (
    CancelOutcome,
    ImportPlan,
    Resolved,
    ShopCarrier,
    ShopOrder,
    ShopProgress,
    ShopStates,
    UnfinishedOrder,
)
from app.shops.prestashop.checks import shop_check, test_order
from app.shops.prestashop.client import Client
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.orders import cancellation
from app.shops.prestashop.orders.creation import Creator
from app.shops.prestashop.orders.lookup import Looks, find_many, the_one
from app.shops.prestashop.reads import listing_choices, order_list, product_offers, progress
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.reads.facts import Carrier, Facts
from app.shops.prestashop.reads.regions import Regions
from app.shops.prestashop.reads.setup import carriers_now, facts_of
from app.shops.prestashop.records import Record


class PrestaShop:
    """One shop through its Webservice, opened for one run."""

    def __init__(self, config: PrestashopConfig, connector: ShopConnector) -> None:
        self._config, self._mapping, self._lock = config, connector.mapping, connector.lock
        self._clock, self._references = connector.clock, connector.connector.references
        self.client = Client(
            config, connector.connector, call_slot=lambda: connector.lock.call_slot(config.shop_connections)
        )
        self._catalogue: Catalogue | None = None
        self._regions = Regions(self.client)
        self._looks = Looks()
        self._creating: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # Orders that were found and are not finished, by our key.
        self._unfinished: dict[str, str] = {}
        # Those of this run: the facts may be an hour old, and an edited carrier has another id.
        self._carriers: Mapping[str, Carrier] | None = None
        # Fields of an address that this shop's merchant marked as required, as far as we met them.
        self._required: set[str] = set()
        # Beside the calls of some orders, one is always at its order POST.
        self.parallel = config.shop_connections + 1

    async def facts(self, *, fresh: bool = False) -> Facts:
        """Return what the shop says about itself."""
        return await facts_of(self.client, references=self._references, clock=self._clock, fresh=fresh)

    async def check(self) -> Sequence[Finding]:
        """Return what works and what is missing on the shop's side, one line each."""
        return await shop_check.check(self.client, config=self._config, mapping=self._mapping, facts=self.facts)

    async def resolve(self, skus: Sequence[str]) -> Resolved:
        """Return for each SKU its product or combination, Unknown, or Ambiguous."""
        read_at = self._clock.now()
        facts, catalogue = await self.facts(), await self._products()
        by_sku = await catalogue.resolve(skus)
        return Resolved(by_sku=by_sku, read_at=read_at, currencies=frozenset(facts.currencies))

    async def find_orders(self, wanted: Mapping[str, Mapping[str, str]]) -> Mapping[str, ShopOrder | UnfinishedOrder]:
        """Return the orders that have our keys or were made of the carts that we noted."""
        facts, catalogue = await self.facts(), await self._products()
        found: dict[str, ShopOrder | UnfinishedOrder] = {}
        for key, records in (await find_many(self.client, wanted)).items():
            one = the_one(records, facts=facts, now=self.client.clock or self._clock.now())
            if isinstance(one, UnfinishedOrder):
                found[key] = one
            elif one is not None:
                await catalogue.learn([one])
                stands = order_list.shop_order(one, key=key, facts=facts, mapping=self._mapping, catalogue=catalogue)
                # An entry state without payment is never the last one.
                unpaid = facts.enters_unpaid and one["current_state"] in facts.unpaid_states
                whole = stands.state == "cancelled" or not (unpaid or wanted[key].get("stage"))
                found[key] = replace(stands, whole=whole)
                if not whole:
                    self._unfinished[key] = one.id
        self._looks.found_missing(wanted.keys() - found.keys())
        return found

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Intent) -> ShopOrder | UnfinishedOrder:
        """Create the order with its customer, or finish it; never twice for one key."""
        creator = await self._creator()
        # Held by those who use it alone, so it is gone with the last of them.
        lock = self._creating.setdefault(intent.key, asyncio.Lock())
        met = lock.locked()
        async with lock:
            if met:
                # Somebody was at the same order, and may have made it.
                await self.find_orders({intent.key: {"stage": "met"}})
            unfinished_order_id = self._unfinished.pop(intent.key, "")
            made = await creator.create(order, plan=plan, intent=intent, unfinished_order_id=unfinished_order_id)
        if isinstance(made.record, UnfinishedOrder):
            return made.record
        return await self._made(made.record, order, plan, intent.key, made.warnings)

    async def abandon(self, intent: Intent) -> None:
        """Delete the cart and the prices of an order that will not be made."""
        await (await self._creator()).abandon(intent)

    async def cancel_order(self, ref: str, *, intent: Intent) -> CancelOutcome:
        """Cancel an order, which puts its units back, once."""
        return await cancellation.cancel(
            self.client, facts=await self.facts(), mapping=self._mapping, lock=self._lock, ref=ref, intent=intent
        )

    async def progress_of(self, refs: Sequence[str]) -> Mapping[str, ShopProgress]:
        """Return how far each order is, with its parcels."""
        return await progress.progress_of(
            self.client, facts=await self.facts(), mapping=self._mapping, refs=refs, clock=self._clock
        )

    async def offers(self) -> AsyncIterator[Page[ShopOffer]]:
        """Yield all products and combinations with stock and price, in pages."""
        facts = await self.facts()
        async for page in product_offers.offers(self.client, facts=facts, mapping=self._mapping, clock=self._clock):
            yield page

    async def orders(self, *, key_prefix: str, since: datetime) -> AsyncIterator[Page[ShopOrder]]:
        """Yield the orders made since then whose key begins so, in pages, oldest first."""
        facts, catalogue = await self.facts(), await self._products()
        async for page in order_list.orders(
            self.client,
            facts=facts,
            mapping=self._mapping,
            catalogue=catalogue,
            key_prefix=key_prefix,
            since=since,
            clock=self._clock,
        ):
            yield page

    async def states(self) -> ShopStates:
        """Return the shop's states as they are now, and what we suggest."""
        return listing_choices.shop_states(await self.facts(fresh=True), self._mapping)

    async def carriers(self) -> Sequence[ShopCarrier]:
        """Return the shop's carriers as they are now, by their stable number."""
        return listing_choices.shop_carriers(await self.facts(fresh=True))

    async def try_order(self, *, sku: str = "", keep: bool = False) -> Sequence[Finding]:
        """Make an order for nobody, look at it and, unless it is to be kept, take it out again."""
        return await test_order.try_order(self.facts, self._creator, sku=sku, keep=keep)

    async def _products(self) -> Catalogue:
        if self._catalogue is None:
            self._catalogue = Catalogue(self.client, await self.facts(), self._mapping)
        return self._catalogue

    async def _creator(self) -> Creator:
        facts = await self.facts()
        if self._carriers is None:
            self._carriers = await carriers_now(self.client)
        return Creator(
            client=self.client,
            facts=replace(facts, carriers=self._carriers),
            mapping=self._mapping,
            config=self._config,
            catalogue=await self._products(),
            regions=self._regions,
            looks=self._looks,
            lock=self._lock,
            clock=self._clock,
            required=self._required,
        )

    async def _made(
        self, record: Record, order: Order, plan: ImportPlan, key: str, warnings: Mapping[str, Mapping[str, str]]
    ) -> ShopOrder:
        catalogue = await self._products()
        await catalogue.learn([record])
        stands = order_list.shop_order(
            record, key=key, facts=await self.facts(), mapping=self._mapping, catalogue=catalogue
        )
        units: Counter[str] = Counter()
        for line in order.open_lines:
            units[line.sku] += line.quantity_open
        # Its rows were compared with what was ordered.
        known = all(line.sku in plan.matches for line in order.open_lines)
        return replace(stands, units=dict(units) if known else stands.units, warnings=warnings)


def open_shop(config: PrestashopConfig, connector: ShopConnector) -> PrestaShop:
    """Return the shop; nothing is read yet."""
    return PrestaShop(config, connector)


PRESTASHOP = ShopKind(name="prestashop", title="PrestaShop", config=PrestashopConfig, open=open_shop)
