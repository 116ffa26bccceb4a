"""Every platform and every kind of shop of the sandbox: one line each."""

from collections.abc import Callable, Mapping

from app.sandbox.accounts import Platform, ShopKind
from app.sandbox.amazon import AmazonPlatform
from app.sandbox.mirakl import MiraklPlatform
from app.sandbox.prestashop import PrestaShop
from app.sandbox.world import World

PLATFORMS: Mapping[str, Callable[[World], Platform]] = {
    "mirakl": MiraklPlatform,
    "amazon": AmazonPlatform,
}

SHOPS: Mapping[str, Callable[[World], ShopKind]] = {
    "prestashop": PrestaShop,
}
