"""One shop: its database, its local time, its keys, and what it was seen doing."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from string import ascii_uppercase
from typing import Literal
from zoneinfo import ZoneInfo

from app.sandbox.context import Context
from app.sandbox.faults import FaultPlan
from app.sandbox.prestashop.switches import Switches
from app.sandbox.prestashop.tables import RESOURCES, Database

NAME = "prestashop"
SHOP_ID, SECOND_SHOP = 1, 2


@dataclass(frozen=True)
class Key:
    """A key of the Webservice and what it may do; a resource it does not name is closed to it."""

    text: str
    rights: Mapping[str, frozenset[str]]


class Identifiers:
    """The identifiers that a shop generates, the same for the same seed."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw

    def key(self) -> str:
        """Return the next 32 hexadecimal digits."""
        return f"{self._draw.getrandbits(128):032x}"

    def reference(self) -> str:
        """Return the nine letters of the next order."""
        return "".join(self._draw.choice(ascii_uppercase) for _ in range(9))


class Shop:
    """The state behind the address."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.database = Database(RESOURCES.values())
        self.switches = Switches()
        self.faults = FaultPlan(draw=context.draw(NAME, "faults"))
        self.calls: Counter[tuple[str, str]] = Counter()
        self.writes: Counter[tuple[str, str]] = Counter()
        self.mails: Counter[str] = Counter()
        self.mails_to_buyers: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter()
        self.mails_of_orders: defaultdict[int, list[str]] = defaultdict(list)
        # How many orders `hold_orders` holds, by where.
        self.held_orders: Counter[str] = Counter()
        # Orders that are not finished yet: the shop's own check for doubles does not see them.
        self.unfinished_orders: set[int] = set()
        self.running: set[asyncio.Task[object]] = set()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.identifiers = Identifiers(context.draw(NAME, "luck"))
        everything = {name: resource.verbs for name, resource in RESOURCES.items()}
        # The same key whatever the seed, so that accounts stay connected after a reset.
        self.key = sha256(b"https://sandbox.example/prestashop").hexdigest()[:32].upper()
        self.keys = {self.key: Key(self.key, everything)}

    def local_now(self) -> str:
        """Return the time on the shop's wall, as its database keeps it: no offset, no fractions."""
        zone = ZoneInfo(self.database.config("PS_TIMEZONE") or self.switches.timezone)
        return self.context.clock.now().astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    def config_number(self, name: str) -> int:
        """Return a setting that is a number; 0 when it is none."""
        text = self.database.config(name)
        return int(text) if text.lstrip("-").isdigit() else 0

    def take_one(self, switch: Literal["half_orders", "lost_rows"]) -> bool:
        """Count a switch that concerns so many next orders down; say whether it concerns this one."""
        left: int = getattr(self.switches, switch)
        if left:
            self.switches = self.switches.model_copy(update={switch: left - 1})
        return left > 0

    def next_number(self, series: str) -> int:
        """Return the next number of the invoices, or of the delivery slips."""
        self.numbers[series] += 1
        return self.numbers[series]

    def send_mail(self, template: str, *, order_id: int | None = None) -> None:
        """Count a mail to a buyer; nothing is sent and no address is kept."""
        self.mails[template] += 1
        if order_id is not None:
            self.mails_of_orders[order_id].append(template)
            if not self._placeholder(order_id):
                self.mails_to_buyers[template] += 1

    def _placeholder(self, order_id: int) -> bool:
        """Return whether that order's customer has no real address (RFC 2606 reserves the domain .invalid)."""
        order = self.database["orders"].get(order_id)
        customer = self.database["customers"].get(order["id_customer"]) if order is not None else None
        return customer is not None and str(customer["email"]).lower().endswith(".invalid")
