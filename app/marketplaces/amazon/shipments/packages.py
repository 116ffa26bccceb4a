"""A parcel in Amazon's words, and Amazon's refusals of one in ours. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.message import Message, message
from app.domain.shipment import Shipment
from app.marketplaces.amazon.shipments.carriers import code_and_name
from app.marketplaces.amazon.stores import STORES
from app.marketplaces.shared.json_records import each, nested, text

# A date in the future is refused, and clocks differ. Taken off every date, so that who confirms twice sends the same.
CLOCKS_DIFFER = timedelta(minutes=1)

_LEFT = "SHIPPED"
# Amazon's words, in small letters, the reason they mean, and the code of what a merchant should know. The first that
# fits counts.
_SAID = (
    (("carriercode", "carriername", "carrier code"), "CARRIER_UNKNOWN", ""),
    (("trackingnumber", "tracking number", "shippertrackingnumber"), "TRACKING_REFUSED", ""),
    (("amazonorderid",), "ORDER_MISSING", ""),
    (
        ("fbm_ship_plus", "ship plus"),
        "SHIP_REFUSED",
        "AMAZON_SHIP_PLUS",
    ),
    (("fulfilled by amazon", "afn"), "SHIP_REFUSED", "AMAZON_SHIPS_ITSELF"),
    (("pending",), "SHIP_REFUSED", "AMAZON_NOT_RELEASED"),
    (("cancel",), "SHIP_REFUSED", "AMAZON_ORDER_CANCELLED"),
    (("quantity",), "SHIP_REFUSED", "AMAZON_TOO_MANY_UNITS"),
    (("orderitem", "item"), "SHIP_REFUSED", "AMAZON_UNKNOWN_LINE"),
    (("shipdate", "fulfillmentdate"), "SHIP_REFUSED", "AMAZON_DATE_REFUSED"),
    (("marketplaceid",), "SHIP_REFUSED", "AMAZON_OTHER_MARKETPLACE"),
)
# All was shipped before, maybe by us: only a look shows it.
_DOUBTFUL = ("packagetoupdatenotfound", "package to update not found", "already fulfilled", "already shipped")
_NOTHING_LEFT = ("quantity",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A shipment ready to be confirmed, with its marketplace, the carrier in Amazon's words and a date it accepts."""

    shipment: Shipment
    marketplace_id: str
    carrier_code: str
    carrier_name: str
    shipped_at: datetime


class Unsendable(Exception):
    """A shipment that Amazon would refuse: `reason` is a code of `reasons`, `detail` says why."""

    def __init__(self, reason: str, detail: Message) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def as_package(shipment: Shipment, *, home: str, now: datetime) -> Package:
    """Return the package of a shipment; `home` is where an order was placed that does not say it. Raises Unsendable."""
    if not shipment.number:
        raise Unsendable("TRACKING_MISSING", message("AMAZON_NEEDS_NUMBER"))
    if shipment.carrier is None or not (shipment.carrier.code or shipment.carrier.label):
        raise Unsendable("CARRIER_UNKNOWN", message("AMAZON_NEEDS_CARRIER"))
    if not shipment.lines:
        raise Unsendable("SHIP_REFUSED", message("EMPTY_SHIPMENT"))
    store = STORES.get(shipment.sales_channel)
    marketplace_id = store.id if store else shipment.sales_channel or home
    if not marketplace_id:
        raise Unsendable("SHIP_REFUSED", message("AMAZON_MARKETPLACE_UNKNOWN"))
    code, name = code_and_name(shipment.carrier)
    return Package(
        shipment=shipment,
        marketplace_id=marketplace_id,
        carrier_code=code,
        carrier_name=name,
        shipped_at=min(shipment.shipped_at, now) - CLOCKS_DIFFER,
    )


def confirmation(package: Package, *, ship_date: str) -> Mapping[str, Any]:
    """Return the body of confirmShipment."""
    shipment = package.shipment
    name = {"carrierName": package.carrier_name} if package.carrier_name else {}
    return {
        "marketplaceId": package.marketplace_id,
        "packageDetail": {
            # A text: the number itself is refused. The same one again corrects the package, it never makes another.
            "packageReferenceId": str(shipment.sequence),
            "carrierCode": package.carrier_code,
            **name,
            "trackingNumber": shipment.number,
            "shipDate": ship_date,
            "orderItems": [{"orderItemId": line_id, "quantity": units} for line_id, units in shipment.lines.items()],
        },
    }


def refusal(said: str) -> tuple[str, Message | str]:
    """Return the reason behind Amazon's words about a parcel, and what a merchant should know."""
    words = said.casefold()
    for signs, reason, code in _SAID:
        if any(sign in words for sign in signs):
            return reason, message(code, said=said) if code else said
    return "SHIP_REFUSED", said or message("AMAZON_NO_REASON")


def is_doubtful(said: str) -> bool:
    """Whether a refusal may mean that this very parcel was confirmed before."""
    words = said.casefold()
    return any(sign in words for sign in (*_DOUBTFUL, *_NOTHING_LEFT))


def shows(record: Mapping[str, Any], shipment: Shipment) -> bool:
    """Whether an order has a package with the number of this parcel."""
    return _bare(shipment.number) in {_bare(text(package, "trackingNumber")) for package in each(record, "packages")}


def has_left(record: Mapping[str, Any]) -> bool:
    """Whether Amazon counts all of an order as shipped."""
    return text(nested(record, "fulfillment"), "fulfillmentStatus") == _LEFT


def _bare(number: str) -> str:
    return "".join(number.split()).casefold()
