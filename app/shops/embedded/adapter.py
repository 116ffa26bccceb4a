"""The embedded shop, as the tasks see it: a merchant without a shop system keeps products and orders with us."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.message import message
from app.domain.offer import ShopOffer
from app.domain.order import Order
from app.domain.page import Page
from app.domain.sku_names import SkuNames
from app.shops.embedded import mapping
from app.shops.embedded.config import EmbeddedConfig
from app.shops.embedded.errors import currency_unknown, order_unknown, sku_unknown
from app.shops.kind import ShopConnector, ShopKind
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
from app.store import embedded
from app.store.embedded import MissingProducts, Product

ORDERS_A_PAGE = 500
OFFERS_A_PAGE = 1_000
_NOT_RESENDABLE = {"id": message("OWN_NUMBER"), "supplier_reference": message("SUPPLIER_REFERENCE")}


class EmbeddedShop:
    """One shop in our own database."""

    # SQLite has one writer: more orders at once would only wait for each other.
    parallel: int = 1

    def __init__(self, config: EmbeddedConfig, connector: ShopConnector) -> None:
        self._currency = config.currency
        self._store = connector.store
        self._cipher = connector.cipher
        self._shop_id = connector.shop_id
        self._clock = connector.clock
        self._mapping = connector.mapping
        self._sku_names = SkuNames(connector.mapping)

    async def check(self) -> Sequence[Finding]:
        """Return whether the shop has products and the account's SKUs can name them; raises StoreUnavailable."""
        return [await self._catalogue_found(), *self._sku_source_found(), *await self._links_found()]

    async def _catalogue_found(self) -> Finding:
        count = await self._store.read(embedded.product_count, self._shop_id)
        if count == 0:
            return Finding(code="CATALOGUE", ok=False, says=message("CATALOGUE_EMPTY"))
        return Finding(code="CATALOGUE", ok=True, says=message("CATALOGUE_FILLED", number=count))

    def _sku_source_found(self) -> list[Finding]:
        missing = _NOT_RESENDABLE.get(self._mapping.sku_from)
        if missing is None:
            return []
        return [Finding(code="SKU_FROM", ok=False, says=message("SKU_FROM_NOT_KEPT", sku_from=missing))]

    async def _links_found(self) -> list[Finding]:
        links = self._mapping.sku_links
        existing = await self._products(links.values())
        astray = [message("SKU_LINK", sku=sku, product=ref) for sku, ref in links.items() if ref not in existing]
        if not astray:
            return []
        return [Finding(code="SKU_LINKS", ok=False, says=message("SKU_LINKS_ASTRAY", links=tuple(astray)))]

    async def resolve(self, skus: Sequence[str]) -> Resolved:
        """Return for each SKU its product, Unknown, or Ambiguous for an EAN on several. Raises StoreUnavailable."""
        read_at = self._clock.now()
        links = {sku: self._mapping.sku_links[sku] for sku in skus if sku in self._mapping.sku_links}
        identifiers = {sku: self._mapping.identifier_in(sku) or "" for sku in skus if sku not in links}
        linked = await self._products(links.values())
        named = await self._products_identified(identifiers.values())
        by_sku = {
            sku: _answer(sku, linked.get(links[sku], ()) if sku in links else named.get(identifiers[sku], ()))
            for sku in skus
        }
        return Resolved(by_sku=by_sku, read_at=read_at, currencies=frozenset({self._currency}))

    async def _products_identified(self, identifiers: Iterable[str]) -> Mapping[str, Sequence[Product]]:
        """Return the products by the identifier that the account's SKUs are made of."""
        match self._mapping.sku_from:
            case "reference":
                return await self._products(identifiers)
            case "ean13":
                eans = [identifier for identifier in identifiers if identifier.isascii() and identifier.isdigit()]
                return await self._store.read(embedded.products_by_ean, self._shop_id, eans=eans)
            case _:
                return {}

    async def _products(self, skus: Iterable[str]) -> Mapping[str, Sequence[Product]]:
        # What no database can hold is no product's SKU.
        askable = [sku for sku in skus if sku and sku == mapping.storable(sku)]
        if not askable:
            return {}
        found = await self._store.read(embedded.products_by_sku, self._shop_id, skus=askable)
        return {sku: [product] for sku, product in found.items()}

    async def find_orders(self, wanted: Mapping[str, Mapping[str, str]]) -> Mapping[str, ShopOrder | UnfinishedOrder]:
        """Return the orders that have our keys; each is whole or not there. Raises StoreUnavailable."""
        stored = await self._store.read(embedded.orders_by_key, self._shop_id, keys=list(wanted))
        return {each.content.key: mapping.shop_order(each) for each in stored}

    async def create_order(self, order: Order, *, plan: ImportPlan, intent: Intent) -> ShopOrder:
        """Create the order with its customer, or return the one its key has already.

        Raises Refused (CURRENCY_UNKNOWN, SKU_UNKNOWN, SKU_MISSING, NO_LINES, ADDRESS_MISSING) and StoreUnavailable.
        """
        if order.currency != self._currency:
            raise currency_unknown(order.currency, expected=self._currency)
        # No `intent.sending`, no `note`: the order is one transaction of our own database under a unique key. It is
        # whole or not there, never unknown, and asking again gives the same one.
        content = mapping.order_content(
            order,
            plan=plan,
            key=intent.key,
            shop_id=self._shop_id,
            now=self._clock.now(),
            person=self._cipher.seal(mapping.person_text(order, plan=plan)),
            addresses=self._cipher.seal(mapping.addresses_text(order)),
        )
        made = await self._store.write(embedded.create_order, content)
        if isinstance(made, MissingProducts):
            raise sku_unknown(made.skus)
        return mapping.shop_order(made)

    async def cancel_order(self, ref: str, *, intent: Intent) -> CancelOutcome:
        """Cancel an order and give back its units, once; raises Refused (SHOP_REFUSED) and StoreUnavailable."""
        order_id, now = embedded.id_of(ref), self._clock.now()
        if order_id is None:
            raise order_unknown(ref)
        outcome = await self._store.write(embedded.cancel_order, self._shop_id, order_id=order_id, now=now)
        if outcome is None:
            raise order_unknown(ref)
        return CancelOutcome(outcome)

    async def abandon(self, intent: Intent) -> None:
        """Nothing is ever made without its order here."""

    async def progress_of(self, refs: Sequence[str]) -> Mapping[str, ShopProgress]:
        """Return how far each order is, by its ref; one that is not there is left out. Raises StoreUnavailable."""
        order_ids = [order_id for ref in dict.fromkeys(refs) if (order_id := embedded.id_of(ref)) is not None]
        found = await self._store.read(embedded.progress, self._shop_id, order_ids=order_ids)
        return {str(order_id): mapping.shop_progress(order_id, progress) for order_id, progress in found.items()}

    async def offers(self) -> AsyncIterator[Page[ShopOffer]]:
        """Yield all products under the SKUs that mean them, with their price with tax. Raises StoreUnavailable."""
        last: str | None = ""
        while last is not None:
            read_at = self._clock.now()
            products = await self._store.read(embedded.products_after, self._shop_id, sku=last, limit=OFFERS_A_PAGE)
            last = products[-1].sku if len(products) == OFFERS_A_PAGE else None
            offers = [
                offer for product in products for offer in mapping.shop_offers(product, sku_names=self._sku_names)
            ]
            yield Page(items=tuple(offers), read_at=read_at, resume=last)

    async def orders(self, *, key_prefix: str, since: datetime) -> AsyncIterator[Page[ShopOrder]]:
        """Yield the orders made since then whose key begins so, in pages, oldest first. Raises StoreUnavailable."""
        last: int | None = 0
        while last is not None:
            read_at = self._clock.now()
            found = await self._store.read(
                embedded.orders_since,
                self._shop_id,
                key_prefix=key_prefix,
                since=since,
                order_id=last,
                limit=ORDERS_A_PAGE,
            )
            last = found[-1].id if len(found) == ORDERS_A_PAGE else None
            resume = None if last is None else str(last)
            yield Page(items=tuple(map(mapping.shop_order, found)), read_at=read_at, resume=resume)


def _answer(sku: str, found: Sequence[Product]) -> Match | Unknown | Ambiguous:
    if len(found) > 1:
        return Ambiguous(sku, tuple(product.sku for product in found))
    return mapping.match(found[0], sku=sku) if found else Unknown(sku)


def open_shop(config: EmbeddedConfig, connector: ShopConnector) -> EmbeddedShop:
    """Return the shop; nothing is read yet."""
    return EmbeddedShop(config, connector)


EMBEDDED = ShopKind(name="embedded", title="Embedded shop", config=EmbeddedConfig, open=open_shop)
