"""A new shop: a French merchant sells the sandbox's catalogue, with a carrier and a state for marketplaces."""

from app.sandbox.context import Context
from app.sandbox.prestashop.opening.goods import stock_up
from app.sandbox.prestashop.opening.places import open_places
from app.sandbox.prestashop.opening.setup import open_setup
from app.sandbox.prestashop.shop import Shop


def open_shop(context: Context) -> Shop:
    """Return the shop of that world, always the same, with no customers and no orders."""
    shop = Shop(context)
    open_places(shop)
    open_setup(shop)
    stock_up(shop, context.catalogue)
    return shop
