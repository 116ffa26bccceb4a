"""One shop at the operator: its key, its orders, its offers, and what it was seen doing."""

import bisect
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from app.sandbox.faults import FaultPlan
from app.sandbox.mirakl.offers.imports import Imports
from app.sandbox.mirakl.offers.offer import first_offers
from app.sandbox.mirakl.offers.reading import Seller
from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.switches import Switches
from app.sandbox.world import World


@dataclass(frozen=True, order=True)
class Planned:
    """Something that happens to an order by itself; void once the order's version moved on, unless it is None."""

    at: datetime
    rank: int
    order_id: str
    event: str
    version: int | None


class Shop:
    """The state behind one API key."""

    def __init__(self, world: World, *, name: str, shop_id: int, title: str) -> None:
        self.world = world
        self.name = name
        self.shop_id = shop_id
        self.title = title
        # The same key whatever the seed, so that a reset disconnects nobody.
        self.key = str(uuid5(NAMESPACE_URL, f"https://sandbox.example/{name}"))
        self.switches = Switches()
        self.orders: dict[str, Order] = {}
        self.offers = first_offers(world.catalogue)
        self.imports = Imports(Seller(self.offers, world.product), draw=self.draw("imports"))
        # Articles that the catalogue lacks are numbered apart from it.
        self.stranger_numbers = itertools.count(5_000)
        self.faults = FaultPlan(draw=self.draw("faults"))
        self.calls: Counter[str] = Counter()
        self.throttled: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self._by_creation: list[tuple[datetime, str]] = []
        self._planned: list[Planned] = []
        self._ranks = itertools.count()

    @property
    def is_open(self) -> bool:
        return self.switches.shop_state == "OPEN"

    def draw(self, *purpose: object) -> random.Random:
        """Return this shop's generator for that purpose."""
        return self.world.draw(self.name, *purpose)

    def add(self, order: Order) -> None:
        self.orders[order.order_id] = order
        bisect.insort(self._by_creation, (order.created, order.order_id))

    def oldest_first(self) -> Iterator[Order]:
        """Return the visible orders by creation date, then id."""
        for _, order_id in self._by_creation:
            order = self.orders[order_id]
            if order.visible:
                yield order

    def visible(self, order_id: str) -> Order | None:
        order = self.orders.get(order_id)
        return order if order is not None and order.visible else None

    def plan(self, order: Order, event: str, *, at: datetime, whatever_comes: bool = False) -> None:
        """Let that event happen to the order at that moment."""
        version = None if whatever_comes else order.version
        heapq.heappush(self._planned, Planned(at, next(self._ranks), order.order_id, event, version))

    def due(self, now: datetime) -> Iterator[tuple[Order, str, datetime]]:
        """Take what is due by now, in the order in which it was due."""
        while self._planned and self._planned[0].at <= now:
            planned = heapq.heappop(self._planned)
            order = self.orders[planned.order_id]
            if planned.version in (None, order.version):
                yield order, planned.event, planned.at
