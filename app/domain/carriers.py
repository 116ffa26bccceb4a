"""Which carrier of the marketplace is meant by the shop's, and where a parcel can be followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from app.domain.shipment import Carrier, ShippingOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierName:
    """The merchant's translation of one carrier: the marketplace's code or label, and an address with placeholders.

    `url` may hold {number} and {postcode}.
    """

    carrier: str = ""
    url: str = ""


def resolve(name: str, *, names: Mapping[str, CarrierName], options: ShippingOptions) -> Carrier | None:
    """Return the marketplace's carrier for the shop's, an unlisted one where these are allowed, or None."""
    wanted = names.get(name, CarrierName()).carrier or name
    key = _folded(wanted)
    for carrier in options.carriers:
        if key and key in (_folded(carrier.code), _folded(carrier.label), _folded(carrier.standard_code)):
            return carrier
    return Carrier(code="", label=wanted) if wanted and options.other_carriers else None


def tracking_url(name: str, *, names: Mapping[str, CarrierName], number: str, postcode: str) -> str | None:
    """Return where a parcel can be followed; None when the template needs a postcode that is not known."""
    template = names.get(name, CarrierName()).url
    if not template:
        return ""
    if "{postcode}" in template and not postcode:
        return None
    return template.replace("{number}", quote(number, safe="")).replace("{postcode}", quote(postcode, safe=""))


def _folded(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
