"""Which parcel of an order may be told to the marketplace now, and if not, why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from app.domain.carriers import CarrierName, resolve, tracking_url
from app.domain.shipment import Carrier, Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel of the shop; `pieces` by SKU, None for all that was still open."""

    sequence: int
    shipped_at: datetime
    carrier: str
    number: str
    url: str
    pieces: Mapping[str, int] | None
    told: bool
    correction: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An open line: pieces that the buyer still waits for."""

    line_id: str
    sku: str
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TellRules:
    """The merchant's and the marketplace's rules."""

    grace: timedelta
    without_tracking: Literal["hold", "send"]
    names: Mapping[str, CarrierName]
    choices: Choices
    many_parcels: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A parcel that can be told; `lines` holds its pieces by line, `whole` says that it completes the order."""

    parcel: Parcel
    carrier: Carrier | None
    url: str
    lines: Mapping[str, int]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A parcel that can't be told: why, and whether a person has to act (`held`)."""

    parcel: Parcel
    code: str
    held: bool
    params: Mapping[str, Any] = field(default_factory=dict)


def next_to_tell(
    parcels: Sequence[Parcel], owed: Sequence[Owed], *, method: str, postcode: str, rules: TellRules, now: datetime
) -> Ready | Waits | None:
    """Return the next parcel to tell with all that goes with it, what keeps it, or None when there is nothing to tell.

    A marketplace that takes one parcel for an order is told once all pieces are under way, of the first parcel.
    """
    untold = [parcel for parcel in parcels if not parcel.told]
    if not untold or method in rules.choices.by_marketplace:
        return None
    correction = next((parcel for parcel in untold if parcel.correction), None)
    parcel = correction or untold[0]
    covered = _covers(parcels, owed)
    if not covered and not rules.many_parcels:
        return Waits(parcel=parcel, code="PARTLY_SHIPPED", held=False)
    if not parcel.number:
        if now < parcel.shipped_at + rules.grace:
            return Waits(parcel=parcel, code="WAITING_TRACKING", held=False)
        if method in rules.choices.tracking_required or rules.without_tracking == "hold":
            return Waits(parcel=parcel, code="TRACKING_MISSING", held=True)
        return Ready(parcel=parcel, carrier=None, url="", lines=_lines(parcel, owed), whole=covered)
    carrier = resolve(parcel.carrier, names=rules.names, choices=rules.choices)
    if carrier is None:
        return Waits(parcel=parcel, code="CARRIER_UNKNOWN", held=True, params={"carrier": parcel.carrier})
    url = parcel.url or tracking_url(parcel.carrier, names=rules.names, number=parcel.number, postcode=postcode)
    if url is None:
        return Waits(parcel=parcel, code="TRACKING_URL_UNKNOWN", held=True, params={"carrier": parcel.carrier})
    return Ready(parcel=parcel, carrier=carrier, url=url, lines=_lines(parcel, owed), whole=covered)


def _covers(parcels: Sequence[Parcel], owed: Sequence[Owed]) -> bool:
    if any(parcel.pieces is None for parcel in parcels):
        return True
    shipped: Counter[str] = Counter()
    for parcel in parcels:
        shipped.update(parcel.pieces or {})
    wanted: Counter[str] = Counter()
    for line in owed:
        wanted[line.sku] += line.pieces
    return all(shipped[sku] >= pieces for sku, pieces in wanted.items())


def _lines(parcel: Parcel, owed: Sequence[Owed]) -> dict[str, int]:
    if parcel.pieces is None:
        return {line.line_id: line.pieces for line in owed}
    left = dict(parcel.pieces)
    lines: dict[str, int] = {}
    for line in owed:
        pieces = min(line.pieces, left.get(line.sku, 0))
        if pieces:
            lines[line.line_id] = pieces
            left[line.sku] -= pieces
    return lines
