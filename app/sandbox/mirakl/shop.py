"""One shop at the operator: its key, its orders, its offers, and what it was seen doing."""

import bisect
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from app.sandbox.context import Context
from app.sandbox.faults import FaultPlan
from app.sandbox.mirakl.offers.imports import Imports
from app.sandbox.mirakl.offers.offer import first_offers
from app.sandbox.mirakl.offers.parsed_file import ShopOffers
from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.switches import Switches
from app.sandbox.schedule import Schedule


class Shop:
    """The state behind one API key."""

    def __init__(self, context: Context, *, name: str, shop_id: int, title: str) -> None:
        self.context = context
        self.name = name
        self.shop_id = shop_id
        self.title = title
        # The same key whatever the seed, so that accounts stay connected after a reset.
        self.key = str(uuid5(NAMESPACE_URL, f"https://sandbox.example/{name}"))
        self.switches = Switches()
        self.orders: dict[str, Order] = {}
        self.offers = first_offers(context.catalogue)
        self.schedule = Schedule()
        self.imports = Imports(ShopOffers(self.offers, context.product), self.schedule, draw=self.draw("imports"))
        # Articles that the catalogue lacks are numbered apart from it.
        self.unlisted_numbers = itertools.count(5_000)
        self.faults = FaultPlan(draw=self.draw("faults"))
        self.calls: Counter[str] = Counter()
        self.throttled: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self._by_creation: list[tuple[datetime, str]] = []

    @property
    def is_open(self) -> bool:
        return self.switches.shop_state == "OPEN"

    def draw(self, *purpose: object) -> random.Random:
        """Return this shop's generator for that purpose."""
        return self.context.draw(self.name, *purpose)

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
