"""A new shop: a French merchant sells the sandbox's catalogue, with a carrier and a state for marketplaces."""

from app.sandbox.context import Context
from app.sandbox.prestashop.installation.configuration import install_configuration
from app.sandbox.prestashop.installation.localization import install_localization
from app.sandbox.prestashop.installation.products import add_products
from app.sandbox.prestashop.shop import Shop


def install(context: Context) -> Shop:
    """Return the shop of that context, always the same, with no customers and no orders."""
    shop = Shop(context)
    install_localization(shop)
    install_configuration(shop)
    add_products(shop, context.catalogue)
    return shop
