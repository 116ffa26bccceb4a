"""Parcels: what the shop sent, and what is confirmed to the marketplace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from app.domain.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A carrier as the marketplace lists it; `code` is empty for one that is on no list."""

    code: str
    label: str
    standard_code: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingOptions:
    """What a marketplace lets us choose from when we ship.

    `tracking_required` holds the shipping methods that need a tracking number; `by_marketplace` those that the
    marketplace delivers itself.
    """

    carriers: Sequence[Carrier]
    other_carriers: bool
    tracking_required: frozenset[str]
    by_marketplace: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One parcel of an order, ready to be confirmed.

    `sequence` counts the parcels of an order from 1 and stays with a parcel when its number is corrected; `lines` holds
    units by line id. `sales_channel` is where the order was placed, as the order says it.
    """

    order_id: str
    sequence: int
    lines: Mapping[str, int]
    shipped_at: datetime
    carrier: Carrier | None
    number: str
    url: str = ""
    sales_channel: str = ""
    correction: bool = False


class ShipmentResult(StrEnum):
    """`unknown` may have got through and has to be looked up; `later` was not sent at all."""

    SENT = "sent"
    ALREADY = "already"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentOutcome:
    """What became of one shipment; `reason` is a code of `reasons` for a refused one."""

    order_id: str
    sequence: int
    result: ShipmentResult
    reason: str = ""
    detail: Message | str = ""

    @classmethod
    def of(cls, shipment: Shipment, result: ShipmentResult, *, reason: str = "", detail: Message | str = "") -> Self:
        """Return what became of that shipment."""
        return cls(order_id=shipment.order_id, sequence=shipment.sequence, result=result, reason=reason, detail=detail)
