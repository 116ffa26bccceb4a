"""The SKUs under which the accounts of one shop sell its products: one product may go by many."""

from collections import defaultdict
from collections.abc import Mapping

from app.domain.shop_mapping import ShopMapping, SkuSource


class SkuNames:
    """One account's names for products: its mapping, read from the product to the SKU."""

    def __init__(self, mapping: ShopMapping) -> None:
        self.mapping = mapping
        self._links_to: dict[str, list[str]] = defaultdict(list)
        for sku, ref in mapping.sku_links.items():
            self._links_to[ref].append(sku)

    def skus_of(self, ref: str, *, identifiers: Mapping[SkuSource, str]) -> list[str]:
        """Return the marketplace SKUs that mean a product: the one made of its identifier, then those linked to it."""
        linked = self._links_to.get(ref, [])
        identifier = identifiers.get(self.mapping.sku_from)
        own = self.mapping.marketplace_sku(identifier) if identifier else ""
        # A link wins over an identifier: linked elsewhere, the SKU means another product.
        return linked if not own or own in self.mapping.sku_links else [own, *linked]

    def identifiers_of(self, sku: str, *, identifiers: Mapping[SkuSource, str]) -> Mapping[SkuSource, str]:
        """Return what the product of a SKU is called: what the shop says, and what the SKU itself says."""
        identifier = None if sku in self.mapping.sku_links else self.mapping.identifier_in(sku)
        return {self.mapping.sku_from: identifier, **identifiers} if identifier else identifiers
