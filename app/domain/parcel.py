"""A parcel as the shop sent it; `domain/shipment.py` has what is confirmed to the marketplace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel that left the shop; its `id` stays when its number is corrected, and no other parcel ever has it.

    `sequence` counts the parcels of an order from 1, 0 where nobody has counted them yet. `units` by the SKU that was
    ordered, None for all that was still open; `number` and `url` are empty without tracking.
    """

    id: str
    shipped_at: datetime
    sequence: int = 0
    carrier: str = ""
    number: str = ""
    url: str = ""
    units: Mapping[str, int] | None = None
