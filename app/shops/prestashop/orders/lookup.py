"""Orders found again: by our key, by the cart they were made of, by the payment an older module noted."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.message import message
from app.shops.port import UnfinishedOrder
from app.shops.prestashop.client import Client, any_of, askable
from app.shops.prestashop.errors import unknown
from app.shops.prestashop.orders.completion import amount
from app.shops.prestashop.orders.preparation import shop_key
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.records import Record

# A reader sees an order for a moment while it is made; one that stays so is broken.
MAKING_S = timedelta(minutes=5)
NO_STATE = "0"


@dataclass
class Looks:
    """The keys that no order of the shop bore when they were looked for, with how many handovers we knew of by then.

    A meeting: another process may have made orders of them since.
    """

    handovers: int = 0
    missing: dict[str, int] = field(default_factory=dict)

    def found_missing(self, keys: Iterable[str]) -> None:
        """Note the keys that no order has now."""
        self.missing |= dict.fromkeys(keys, self.handovers)

    def stale(self) -> list[str]:
        """Return the keys that were looked for before the last meeting."""
        return [key for key, handovers in self.missing.items() if handovers != self.handovers]

    def forget(self, keys: Iterable[str]) -> None:
        """Let these keys be looked for before an order is made of them."""
        for key in keys:
            self.missing.pop(key, None)


async def orders_by_key(client: Client, keys: Sequence[str]) -> dict[str, list[Record]]:
    """Return the orders that have our keys, by key; the shop compares without case, we don't."""
    ours = {shop_key(key): key for key in keys}
    found: dict[str, list[Record]] = {key: [] for key in keys}
    for record in await client.find_all("orders", name="gift_message", values=list(ours)):
        if record["gift_message"] in ours:
            found[ours[record["gift_message"]]].append(record)
    return found


async def orders_of_cart(client: Client, cart: str) -> list[Record]:
    """Return the orders made of a cart: one, unless calls raced."""
    return await client.find("orders", filters={"id_cart": any_of([cart])}, sort="id_ASC")


async def find_many(client: Client, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, list[Record]]:
    """Return the orders that have our keys or were made of the carts noted for them, by key."""
    found = await orders_by_key(client, list(wanted))
    carts = {steps["cart"]: key for key, steps in wanted.items() if steps.get("cart") and not found[key]}
    for record in await client.find_all("orders", name="id_cart", values=list(carts)):
        found[carts[record["id_cart"]]].append(record)
    return found


async def orders_by_number(client: Client, number: str) -> list[Record]:
    """Return the orders in whose payment the marketplace's number stands, as other modules and people note it."""
    found: list[Record] = []
    if askable(number):
        found = await client.find("orders", filters={"payment": f"%[{number}]%"}, sort="id_ASC")
    whole = re.compile(rf"(?<![\w-]){re.escape(number)}(?![\w-])", re.I)
    by_label = [each for each in found if whole.search(each["payment"])]
    payments = await client.find_all("order_payments", name="transaction_id", values=[number])
    references = sorted({each["order_reference"] for each in payments if each["transaction_id"] == number})
    by_payment = await client.find_all("orders", name="reference", values=references)
    known = {each.id for each in by_label}
    return [*by_label, *(each for each in by_payment if each.id not in known)]


def the_one(records: Sequence[Record], *, facts: Facts, now: datetime) -> Record | UnfinishedOrder | None:
    """Return the one order among those found, None for none, HalfOrder when a person has to look."""
    not_cancelled = [each for each in records if each["current_state"] != facts.cancelled_state] or list(records)[-1:]
    if not not_cancelled:
        return None
    if len(not_cancelled) > 1:
        numbers = ", ".join(each.id for each in not_cancelled)
        return UnfinishedOrder(
            not_cancelled[0].id, message("MADE_SEVERAL_TIMES", times=len(not_cancelled), orders=numbers)
        )
    record = not_cancelled[0]
    if record["current_state"] in ("", NO_STATE):
        # In an hour that comes twice it may be the later one.
        made = facts.moment(record["date_add"], second=True)
        young = made is None or now - made < MAKING_S
        return UnfinishedOrder(record.id, message("NO_STATE_YET"), may_finish=young)
    if record["current_state"] == facts.error_state:
        makes, paid = (amount(record[name]) for name in ("total_paid", "total_paid_real"))
        why = message("IN_ERROR_STATE", makes=makes, paid=paid)
        return UnfinishedOrder(record.id, why)
    return record


def must_be_made(found: Record | UnfinishedOrder | None) -> Record | UnfinishedOrder | None:
    """Return what was found; raises OutcomeUnknown for an order that the shop may still be making."""
    if isinstance(found, UnfinishedOrder) and found.may_finish:
        raise unknown("orders.get", message("STILL_MAKING"))
    return found
