"""One seller: the refresh token, the orders, the offers and the files, and what the seller was seen doing."""

import random
from collections import Counter
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from app.sandbox.amazon.buckets import PLAIN
from app.sandbox.amazon.files.documents import Documents
from app.sandbox.amazon.files.jobs import Jobs
from app.sandbox.amazon.listings.listings import Listings
from app.sandbox.amazon.orders.index import OrderIndex
from app.sandbox.amazon.orders.order import Order
from app.sandbox.amazon.switches import Role, Switches, Trouble
from app.sandbox.context import Context
from app.sandbox.faults import FaultPlan
from app.sandbox.quota import SlidingWindows
from app.sandbox.schedule import Schedule


class Seller:
    """The state behind one selling partner account."""

    def __init__(self, context: Context, *, name: str, number: int, seller_id: str, title: str) -> None:
        self.context = context
        self.name = name
        self.number = number
        self.seller_id = seller_id
        self.title = title
        # The same token whatever the seed, so that accounts stay connected after a reset.
        self.refresh_token = f"Atzr|{uuid5(NAMESPACE_URL, f'https://sandbox.example/{name}').hex}"
        self.switches = Switches()
        self.plan = PLAIN
        self.troubles_until: datetime | None = None
        self.schedule = Schedule()
        self.orders: dict[str, Order] = {}
        self.orders_made = 0
        self.index = OrderIndex()
        self.listings = Listings(context, self.schedule)
        self.documents = Documents(draw=self.draw("documents"))
        self.feeds = Jobs("feed", first_number=50_000 + 100_000 * number)
        self.reports = Jobs("report", first_number=70_000 + 100_000 * number)
        self.windows = SlidingWindows()
        self.faults = FaultPlan(draw=self.draw("faults"))
        self.calls: Counter[str] = Counter()
        self.throttled: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self._submissions = self.draw("submissions")

    def draw(self, *purpose: object) -> random.Random:
        """Return this seller's generator for that purpose."""
        return self.context.draw(self.name, *purpose)

    def add(self, order: Order) -> None:
        self.orders[order.order_id] = order
        self.index.add(order.order_id, created=order.created, updated=order.updated)

    def bound(self, now: datetime) -> datetime:
        """Return until when searches see changes."""
        return now - timedelta(seconds=self.switches.search_delay_s)

    def trouble(self, operation: str, now: datetime) -> Trouble | None:
        """Return the trouble of that operation, if it has one now."""
        if self.troubles_until is not None and now >= self.troubles_until:
            return None
        troubles = self.switches.troubles
        return troubles.get(operation) or troubles.get("*")

    def trouble_lasts(self, hours: float | None, *, now: datetime) -> None:
        """Let the troubles be over in that time, or never by themselves."""
        self.troubles_until = None if hours is None else now + timedelta(hours=hours)

    def may(self, role: Role | None) -> bool:
        return role is None or role in self.switches.roles

    def submission_id(self) -> str:
        return str(UUID(int=self._submissions.getrandbits(128), version=4))
