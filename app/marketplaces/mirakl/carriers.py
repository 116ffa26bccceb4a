"""Mirakl's carriers and shipping methods in our words, and the body of a tracking call. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.shipment import Carrier, ShippingOptions
from app.marketplaces.shared.json_records import text

Records = Sequence[Mapping[str, Any]]


def shipping_options(carriers: Records, methods: Records, *, listed_carriers_only: bool) -> ShippingOptions:
    """Return SH21's carriers and SH12's methods as options, under the operator's rule for other carriers."""
    return ShippingOptions(
        carriers=[_carrier(record) for record in carriers if text(record, "code")],
        other_carriers=not listed_carriers_only,
        tracking_required=_codes(methods, "mandatory_tracking"),
        by_marketplace=_codes(methods, "delivery_by_operator"),
    )


def tracking(carrier: Carrier, *, number: str, url: str) -> Mapping[str, str]:
    """Return the body of OR23: a listed carrier makes its address of the number itself, another one brings it along."""
    if carrier.code:
        return {"carrier_code": carrier.code, "tracking_number": number}
    own_url = {"carrier_url": url} if url else {}
    return {"carrier_name": carrier.label, **own_url, "tracking_number": number}


def _carrier(record: Mapping[str, Any]) -> Carrier:
    return Carrier(
        code=text(record, "code"),
        label=text(record, "label"),
        standard_code=text(record, "standard_code"),
        url=text(record, "tracking_url"),
    )


def _codes(methods: Records, flag: str) -> frozenset[str]:
    return frozenset(text(method, "code") for method in methods if method.get(flag) is True) - {""}
