"""The embedded shop, as the tasks see it: a merchant without a shop system keeps products and orders with us."""

from collections.abc import Mapping, Sequence

from app.domain.finding import Finding
from app.domain.intent import Intent
from app.domain.order import Order
from app.shops.embedded import mapping
from app.shops.embedded.config import EmbeddedConfig
from app.shops.embedded.errors import order_unknown, sku_unknown
from app.shops.kind import ShopConnector, ShopKind
from app.shops.port import CancelOutcome, HalfOrder, ImportPlan, Resolved, ShopOrder, Unknown
from app.store import embedded
from app.store.embedded import MissingProducts

# Refs are the numbers of our own rows; a longer one is none of ours and no integer of a database.
_LONGEST_REF = 18


class EmbeddedShop:
    """One shop in our own database."""

    # SQLite has one writer: more orders at once would only wait for each other.
    parallel: int = 1

    def __init__(self, connector: ShopConnector) -> None:
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

        Raises Refused (SKU_UNKNOWN, SKU_MISSING, NO_LINES, ADDRESS_MISSING) and StoreUnavailable.
        """
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
        if not (ref.isascii() and ref.isdigit() and len(ref) <= _LONGEST_REF):
            raise order_unknown(ref)
        now = self._clock.now()
        outcome = await self._store.write(embedded.cancel_order, self._shop_id, order_id=int(ref), now=now)
        if outcome is None:
            raise order_unknown(ref)
        return CancelOutcome(outcome)


def open_shop(_config: EmbeddedConfig, connector: ShopConnector) -> EmbeddedShop:
    """Return the shop; nothing is read yet."""
    return EmbeddedShop(connector)


EMBEDDED = ShopKind(name="embedded", title="Embedded shop", config=EmbeddedConfig, open=open_shop)
