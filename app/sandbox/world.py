"""What all platforms of one sandbox share: the seed, the time and the catalogue."""

import random

from app.sandbox.catalogue import catalogue
from app.sandbox.clock import SandboxClock


class World:
    """One seed gives one world, always the same."""

    def __init__(self, *, seed: int, clock: SandboxClock) -> None:
        self.seed = seed
        self.clock = clock
        self.catalogue = catalogue(seed)
        self.by_sku = {product.sku: product for product in self.catalogue}

    def draw(self, *purpose: object) -> random.Random:
        """Return a generator for that purpose alone, so that one part never shifts another part's luck."""
        return random.Random("/".join(str(part) for part in (self.seed, *purpose)))  # noqa: S311 - repeatable, no secret
