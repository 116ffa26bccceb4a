"""Every kind of shop: one line each."""

from collections.abc import Mapping

from app.domain.message import message
from app.errors import BadInput
from app.shops.embedded.adapter import EMBEDDED
from app.shops.kind import ShopKind
from app.shops.prestashop.adapter import PRESTASHOP

SHOPS: Mapping[str, ShopKind] = {
    "embedded": EMBEDDED,
    "prestashop": PRESTASHOP,
}


def kind(name: str) -> ShopKind:
    """Return the kind of that name; raises BadInput naming those that exist."""
    if name not in SHOPS:
        raise BadInput(message("NO_SHOP_KIND", name=name[:40], known=tuple(SHOPS)), field="kind")
    return SHOPS[name]
