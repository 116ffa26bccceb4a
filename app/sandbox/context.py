"""What all platforms of one sandbox share: the seed, the time, the catalogue, and where a vendor's model files are."""

import random
from pathlib import Path

from app.sandbox.catalogue import Product, catalogue, large_range
from app.sandbox.clock import SandboxClock


class Context:
    """One seed gives one catalogue and the same draws, always."""

    def __init__(self, *, seed: int, clock: SandboxClock, models: Path | None = None) -> None:
        self.seed = seed
        self.clock = clock
        self.models = models
        self.catalogue = catalogue(seed)
        self.by_sku = {product.sku: product for product in self.catalogue}
        self._by_ean = {product.ean: product for product in self.catalogue}
        self._range: tuple[Product, ...] = ()

    def large_range(self, count: int) -> tuple[Product, ...]:
        """Return that many articles of the large range, which join the catalogue at the first request."""
        if count > len(self._range):
            added = large_range(self.seed, numbers=range(len(self._range) + 1, count + 1))
            self._range += added
            self.catalogue += added
            self.by_sku.update((product.sku, product) for product in added)
            self._by_ean.update((product.ean, product) for product in added)
        return self._range[:count]

    def product(self, name: str) -> Product | None:
        """Return the article of that SKU or EAN."""
        return self.by_sku.get(name) or self._by_ean.get(name)

    def draw(self, *purpose: object) -> random.Random:
        """Return a generator for that purpose alone, so that one part never shifts another part's draws."""
        return random.Random("/".join(str(part) for part in (self.seed, *purpose)))  # noqa: S311 - repeatable, no secret
