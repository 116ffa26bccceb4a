"""A new shop: a French merchant sells the sandbox's catalogue, with a carrier and a state for marketplaces."""

from app.sandbox.prestashop.opening.goods import stock_up
from app.sandbox.prestashop.opening.places import open_places
from app.sandbox.prestashop.opening.setup import open_setup
from app.sandbox.prestashop.shop import Shop
from app.sandbox.world import World


def open_shop(world: World) -> Shop:
    """Return the shop of that world, always the same, with no customers and no orders."""
    shop = Shop(world)
    open_places(shop)
    open_setup(shop)
    stock_up(shop, world.catalogue)
    return shop
