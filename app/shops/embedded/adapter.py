"""The embedded shop, as the tasks see it: a merchant without a shop system keeps products and orders with us."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.offer import ShopOffer
from app.domain.order import Order
from app.domain.page import Page
from app.shops.embedded import mapping
from app.shops.embedded.config import EmbeddedConfig
from app.shops.embedded.errors import currency_unknown, order_unknown, sku_unknown
from app.shops.kind import ShopConnector, ShopKind
from app.shops.port import CancelOutcome, HalfOrder, ImportPlan, Resolved, ShopOrder, ShopProgress, Unknown
from app.store import embedded
from app.store.embedded import MissingProducts

ORDERS_A_PAGE = 500
OFFERS_A_PAGE = 1_000


class EmbeddedShop:
    """One shop in our own database."""

    # SQLite has one writer: more orders at once would only wait for each other.
    parallel: int = 1

    def __init__(self, config: EmbeddedConfig, connector: ShopConnector) -> None:
        self._currency = config.currency
        self._store = connector.store
        self._box = connector.box
        self._shop_id = connector.shop_id
        self._clock = connector.clock

    async def check(self) -> Sequence[Finding]:
        """Return whether the shop has products; raises StoreUnavailable."""
        count = await self._store.read(embedded.product_count, self._shop_id)
        if count == 0:
            return [
                Finding(
                    code="CATALOGUE",
                    ok=False,
                    sentence="The shop holds no product, so no order can enter it.",
                    fix="Load a CSV file with the columns sku, title, ean, price, quantity: "
                    "marketcron shop load-catalog SHOP FILE.",
                )
            ]
        products = "1 product" if count == 1 else f"{count} products"
        return [Finding(code="CATALOGUE", ok=True, sentence=f"The shop holds {products}.")]

    async def resolve(self, skus: Sequence[str]) -> Resolved:
        """Return for each SKU its product or Unknown, never Ambiguous: a SKU is a key here. Raises StoreUnavailable."""
        read_at = self._clock.now()
        # What no database can hold is no product's SKU.
        askable = [sku for sku in skus if sku == mapping.storable(sku)]
        products = await self._store.read(embedded.products_by_sku, self._shop_id, skus=askable)
        by_sku = {sku: mapping.match(products[sku]) if sku in products else Unknown(sku) for sku in skus}
        return Resolved(by_sku=by_sku, read_at=read_at)

    async def find_order(self, key: str, *, steps: Mapping[str, str]) -> ShopOrder | HalfOrder | None:
        """Return the order that bears our key; it is whole or not there. Raises StoreUnavailable."""
        stored = await self._store.read(embedded.order_by_key, self._shop_id, key=key)
        return mapping.shop_order(stored) if stored else None

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
            person=self._box.seal(mapping.person_text(order, plan=plan)),
            addresses=self._box.seal(mapping.addresses_text(order)),
        )
        made = await self._store.write(embedded.create_order, content)
        if isinstance(made, MissingProducts):
            raise sku_unknown(made.skus)
        return mapping.shop_order(made)

    async def cancel_order(self, ref: str, *, intent: Intent) -> CancelOutcome:
        """Cancel an order and give back its pieces, once; raises Refused (SHOP_REFUSED) and StoreUnavailable."""
        order_id, now = embedded.id_of(ref), self._clock.now()
        if order_id is None:
            raise order_unknown(ref)
        outcome = await self._store.write(embedded.cancel_order, self._shop_id, order_id=order_id, now=now)
        if outcome is None:
            raise order_unknown(ref)
        return CancelOutcome(outcome)

    async def progress_of(self, refs: Sequence[str]) -> Mapping[str, ShopProgress]:
        """Return how far each order is, by its ref; one that is not there is left out. Raises StoreUnavailable."""
        order_ids = [order_id for ref in dict.fromkeys(refs) if (order_id := embedded.id_of(ref)) is not None]
        found = await self._store.read(embedded.progress, self._shop_id, order_ids=order_ids)
        return {str(order_id): mapping.shop_progress(order_id, progress) for order_id, progress in found.items()}

    async def offers(self) -> AsyncIterator[Page[ShopOffer]]:
        """Yield all products with their price with tax, in pages by SKU. Raises StoreUnavailable."""
        last: str | None = ""
        while last is not None:
            read_at = self._clock.now()
            products = await self._store.read(embedded.products_after, self._shop_id, sku=last, limit=OFFERS_A_PAGE)
            last = products[-1].sku if len(products) == OFFERS_A_PAGE else None
            yield Page(items=tuple(map(mapping.shop_offer, products)), read_at=read_at, resume=last)

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


def open_shop(config: EmbeddedConfig, connector: ShopConnector) -> EmbeddedShop:
    """Return the shop; nothing is read yet."""
    return EmbeddedShop(config, connector)


EMBEDDED = ShopKind(name="embedded", title="Embedded shop", config=EmbeddedConfig, open=open_shop)
