"""Every platform and every kind of shop of the sandbox: one line each."""

from collections.abc import Callable, Mapping

from app.sandbox.accounts import Platform, ShopKind
from app.sandbox.amazon import AmazonPlatform
from app.sandbox.context import Context
from app.sandbox.mirakl import MiraklPlatform
from app.sandbox.prestashop import PrestaShop

PLATFORMS: Mapping[str, Callable[[Context], Platform]] = {
    "mirakl": MiraklPlatform,
    "amazon": AmazonPlatform,
}

SHOPS: Mapping[str, Callable[[Context], ShopKind]] = {
    "prestashop": PrestaShop,
}
