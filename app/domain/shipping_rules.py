"""Which parcel of an order may be confirmed to the marketplace now, and if not, why."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from app.domain.carriers.lookup import CarrierName, resolve, tracking_url
from app.domain.message import Params
from app.domain.parcel import Parcel
from app.domain.shipment import Carrier, ShippingOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An open line: units that the buyer still waits for."""

    line_id: str
    sku: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingRules:
    """The merchant's and the marketplace's rules."""

    grace: timedelta
    without_tracking: Literal["hold", "send"]
    names: Mapping[str, CarrierName]
    options: ShippingOptions
    many_parcels: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A parcel that can be confirmed; `lines` holds its units by line, `correction` says that it was confirmed before.

    `also`: the parcels (by sequence) confirmed with it; `whole`: all units of the order are under way, in this parcel
    or in others.
    """

    parcel: Parcel
    correction: bool
    carrier: Carrier | None
    url: str
    lines: Mapping[str, int]
    also: frozenset[int]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A parcel that can't be confirmed: why, and whether a person has to act (`held`)."""

    parcel: Parcel
    code: str
    held: bool
    params: Params = field(default_factory=dict)


def shipments_to_confirm(
    parcels: Sequence[Parcel],
    owed: Sequence[Owed],
    *,
    settled: Collection[int],
    corrections: Collection[int],
    method: str,
    postcode: str,
    rules: ShippingRules,
    now: datetime,
) -> list[Ready | Waits]:
    """Return the shipments to confirm with all that goes with each, or what keeps it; none where there is none.

    Parcels are named by their sequence: `settled` are those that wait for nothing, `corrections` those whose number
    changed after they were confirmed.

    A marketplace that takes many parcels gets each that holds something; one that takes one parcel for an order
    gets the first one, once all units are under way.
    """
    unconfirmed = [parcel for parcel in parcels if parcel.sequence not in settled]
    if not unconfirmed or method in rules.options.by_marketplace:
        return []
    whole, shares = covers(parcels, owed), _shares(parcels, owed)
    if rules.many_parcels:
        also = frozenset(sequence for sequence, lines in shares.items() if not lines)
        unconfirmed = [parcel for parcel in unconfirmed if parcel.sequence not in also]
    else:
        unconfirmed = [next((parcel for parcel in unconfirmed if parcel.sequence in corrections), unconfirmed[0])]
        also = frozenset(shares.keys() - {unconfirmed[0].sequence})
        if not whole:
            return [Waits(parcel=unconfirmed[0], code="PARTLY_SHIPPED", held=False)]
    found: list[Ready | Waits] = []
    for parcel in unconfirmed:
        way = _how(parcel, method=method, postcode=postcode, rules=rules, now=now)
        if isinstance(way, Waits):
            found.append(way)
        else:
            carrier, url = way
            lines = shares[parcel.sequence]
            correction = parcel.sequence in corrections
            found.append(
                Ready(
                    parcel=parcel,
                    correction=correction,
                    carrier=carrier,
                    url=url,
                    lines=lines,
                    also=also,
                    whole=whole,
                )
            )
    return found


def covers(parcels: Sequence[Parcel], owed: Sequence[Owed]) -> bool:
    """Whether these parcels hold all units that the buyer waits for."""
    if any(parcel.units is None for parcel in parcels):
        return True
    shipped: Counter[str] = Counter()
    for parcel in parcels:
        shipped.update(parcel.units or {})
    wanted: Counter[str] = Counter()
    for line in owed:
        wanted[line.sku] += line.units
    return all(shipped[sku] >= units for sku, units in wanted.items())


def _how(
    parcel: Parcel, *, method: str, postcode: str, rules: ShippingRules, now: datetime
) -> tuple[Carrier | None, str] | Waits:
    """Return carrier and address of a parcel, or why it can't be confirmed yet."""
    if not parcel.number:
        if now < parcel.shipped_at + rules.grace:
            return Waits(parcel=parcel, code="WAITING_TRACKING", held=False)
        if method in rules.options.tracking_required or rules.without_tracking == "hold":
            return Waits(parcel=parcel, code="TRACKING_MISSING", held=True)
        return None, ""
    carrier = resolve(parcel.carrier, names=rules.names, options=rules.options)
    if carrier is None:
        return Waits(parcel=parcel, code="CARRIER_UNKNOWN", held=True, params={"carrier": parcel.carrier})
    url = parcel.url or tracking_url(parcel.carrier, names=rules.names, number=parcel.number, postcode=postcode)
    if url is None:
        return Waits(parcel=parcel, code="TRACKING_URL_UNKNOWN", held=True, params={"carrier": parcel.carrier})
    return carrier, url


def _shares(parcels: Sequence[Parcel], owed: Sequence[Owed]) -> dict[int, dict[str, int]]:
    """Return the units by line of each parcel (by sequence): no unit is in two, what was confirmed stays so.

    A parcel that does not say what it holds has all that is left by the earlier ones.
    """
    left = {line.line_id: line.units for line in owed}
    shares: dict[int, dict[str, int]] = {}
    for parcel in sorted(parcels, key=lambda each: each.sequence):
        inside = None if parcel.units is None else dict(parcel.units)
        share = shares[parcel.sequence] = {}
        for line in owed:
            units = left[line.line_id] if inside is None else min(left[line.line_id], inside.get(line.sku, 0))
            if units <= 0:
                continue
            share[line.line_id] = units
            left[line.line_id] -= units
            if inside is not None:
                inside[line.sku] -= units
    return shares
