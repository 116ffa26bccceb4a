"""How one account maps its shop, from its settings; a shop is opened with it and honours it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

SkuSource = Literal["reference", "id", "ean13", "supplier_reference"]
CustomerMode = Literal["guest", "registered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopMapping:
    """How one account maps its shop: how its SKUs name products, and what the shop's own carriers and states mean.

    A product's identifier is what `sku_from` names: its reference, id, EAN or supplier's reference. A SKU of the
    marketplace is that identifier between prefix and suffix, or is linked to the product by hand.
    """

    sku_from: SkuSource = "reference"
    # What stands before and after the shop's own identifier in a marketplace SKU.
    sku_prefix: str = ""
    sku_suffix: str = ""
    # Marketplace SKU → the product's `Match.ref`; settles unknown and ambiguous SKUs: a link wins.
    sku_links: Mapping[str, str] = field(default_factory=dict)
    # Shipping method of the marketplace (code or label) → the shop's carrier by its stable id; "*" for all others.
    carriers: Mapping[str, str] = field(default_factory=dict)
    # Ids of the shop's own states; empty: what the shop suggests.
    imported_state: str = ""
    fulfilled_state: str = ""
    shipped_states: tuple[str, ...] = ()
    cancelled_state: str = ""
    customer_mode: CustomerMode = "guest"
    # Orders placed before it may stand in the shop already, made by an older module or by hand.
    connected_at: datetime | None = None

    def identifier_in(self, sku: str) -> str | None:
        """Return the SKU without prefix and suffix; None if it doesn't have them."""
        bare = len(sku) - len(self.sku_prefix) - len(self.sku_suffix)
        if bare < 1 or not sku.startswith(self.sku_prefix) or not sku.endswith(self.sku_suffix):
            return None
        return sku[len(self.sku_prefix) : len(self.sku_prefix) + bare]

    def marketplace_sku(self, identifier: str) -> str:
        """Return the SKU under which the marketplace knows the product with this identifier."""
        return f"{self.sku_prefix}{identifier}{self.sku_suffix}"


def shop_mapping_of(settings: Mapping[str, Any]) -> ShopMapping:
    """Return what an account's settings, checked before, say of its shop; the rest has its default."""
    said: dict[str, Any] = {each.name: settings[each.name] for each in fields(ShopMapping) if each.name in settings}
    return ShopMapping(**{**said, "shipped_states": tuple(said.get("shipped_states", ()))})
