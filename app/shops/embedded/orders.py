"""The orders of an embedded shop, for whoever packs the parcels."""

from collections.abc import AsyncIterator
from typing import Any

from app.keys import Cipher, UnreadableSecret
from app.shops.embedded import mapping
from app.shops.embedded.errors import sealed_for_good
from app.store import embedded
from app.store.embedded import StoredOrder
from app.store.engine import Store

PAGE = 500


async def orders(
    store: Store, shop_id: str, cipher: Cipher, *, addresses: bool = False
) -> AsyncIterator[dict[str, Any]]:
    """Yield the shop's orders with their parcels ready for JSON, oldest first.

    Buyers and where they live only with `addresses`: keys `customer`, `shipping_address`, `billing_address`,
    `pickup_point`, `shipping_method`. Raises SetupWrong when they were encrypted with another key, StoreUnavailable.
    """
    last = 0
    while page := await store.read(embedded.listed_after, shop_id, order_id=last, limit=PAGE):
        for listed in page:
            yield mapping.order_row(listed) | (_delivery(listed.order, cipher) if addresses else {})
        last = page[-1].order.id


def _delivery(stored: StoredOrder, cipher: Cipher) -> dict[str, Any]:
    try:
        person, addresses = cipher.open(stored.content.person), cipher.open(stored.content.addresses)
    except UnreadableSecret as exc:
        raise sealed_for_good() from exc
    return mapping.delivery_row(stored, person=person, addresses=addresses)
