"""What only some kinds of shop offer: states, carriers, test orders; BadInput where they don't."""

from collections.abc import Sequence

from app.domain.finding import Finding
from app.domain.message import message
from app.errors import BadInput
from app.shops.port import HasCarriers, HasStates, Shop, ShopCarrier, ShopStates, TestsOrders


async def states_of(shop: Shop, *, name: str) -> ShopStates:
    """Return a shop's own states and what is suggested; raises BadInput where it has none, and errors of the shop."""
    if not isinstance(shop, HasStates):
        raise _not_offered("NO_STATES_OFFERED", name)
    return await shop.states()


async def carriers_of(shop: Shop, *, name: str) -> Sequence[ShopCarrier]:
    """Return a shop's own carriers; raises BadInput where it has none, and errors of the shop."""
    if not isinstance(shop, HasCarriers):
        raise _not_offered("NO_CARRIERS_OFFERED", name)
    return await shop.carriers()


async def try_order(shop: Shop, *, name: str, sku: str, keep: bool) -> Sequence[Finding]:
    """Make a test order in a shop and return how it went; raises BadInput where nothing can be proven by one."""
    if not isinstance(shop, TestsOrders):
        raise _not_offered("NO_TEST_ORDERS_OFFERED", name)
    return await shop.try_order(sku=sku, keep=keep)


def _not_offered(code: str, name: str) -> BadInput:
    return BadInput(message(code, shop=name), field="shop")
