"""Which carriers a cart may choose, which one it gets, and what that costs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.sandbox.prestashop.rules import taxes
from app.sandbox.prestashop.rules.rounding import to_cents, with_tax
from app.sandbox.prestashop.tables import Database, Row

# Kept beside the columns: the price without tax by zone (Shipping > Carriers), and the groups that may use it.
ZONE_PRICES = "@zone_prices"
FOR_GROUPS = "@groups"


@dataclass(frozen=True)
class Delivery:
    """The carrier that an order gets, and its price."""

    carrier: Row | None
    excl: Decimal
    incl: Decimal
    rate: Decimal


NONE = Delivery(None, Decimal(0), Decimal(0), Decimal(0))


def deliver(database: Database, cart: Row, *, group: int, weight: Decimal, tax_country: int) -> Delivery:
    """Return the chosen carrier if it is offered, else the cheapest that is."""
    address = database["addresses"].get(cart["id_address_delivery"])
    country = database["countries"].get(address["id_country"]) if address is not None else None
    if country is None:
        return NONE
    offered = [
        _priced(database, carrier, zone=country["id_zone"], country=tax_country)
        for carrier in database["carriers"]
        if _is_offered(carrier, zone=country["id_zone"], group=group, weight=weight)
    ]
    chosen = _chosen(cart["delivery_option"], address_id=cart["id_address_delivery"], offered=offered)
    if chosen is not None:
        return chosen
    return min(offered, key=lambda each: (each.incl, each.carrier["position"] if each.carrier else 0), default=NONE)


def _is_offered(carrier: Row, *, zone: int, group: int, weight: Decimal) -> bool:
    if not carrier["active"] or carrier["deleted"]:
        return False
    # A carrier of a module is asked for its price only when it needs the range.
    if carrier["is_module"] and not carrier["need_range"]:
        return False
    groups: Sequence[int] | None = carrier.get(FOR_GROUPS)
    if groups is not None and group not in groups:
        return False
    if carrier["max_weight"] and weight > carrier["max_weight"]:
        return False
    return zone in carrier.get(ZONE_PRICES, {})


def _priced(database: Database, carrier: Row, *, zone: int, country: int) -> Delivery:
    rate = taxes.rate_of(database, group=carrier["id_tax_rules_group"], country=country)
    prices: Mapping[int, Decimal] = carrier[ZONE_PRICES]
    if carrier["is_free"]:
        return Delivery(carrier, Decimal(0), Decimal(0), rate)
    price = prices[zone]
    if carrier["shipping_handling"]:
        price += Decimal(database.config("PS_SHIPPING_HANDLING") or 0)
    return Delivery(carrier, price, to_cents(with_tax(price, rate)), rate)


def _chosen(text: str, *, address_id: int, offered: Sequence[Delivery]) -> Delivery | None:
    """Return what `{"15":"2,"}` chooses; the key is the address, and the comma belongs to the carrier's number."""
    try:
        option = json.loads(text) if text else None
    except ValueError:
        return None
    if not isinstance(option, dict):
        return None
    key = option.get(str(address_id))
    return next((each for each in offered if each.carrier is not None and key == f"{each.carrier.id},"), None)
