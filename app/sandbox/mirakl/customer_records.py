"""The buyer as OR11 shows him: a name at once, an address only when the parcel is to be made."""

from typing import Any

from app.sandbox.buyers import Buyer
from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.switches import Switches


def customer_record(order: Order, switches: Switches) -> dict[str, Any]:
    """Return the customer; everything but the name is null until SHIPPING, unless the operator shows it early."""
    buyer, has_code = order.buyer, switches.country_iso == "alpha3"
    known = switches.addresses_before_acceptance or order.address_known
    return {
        "customer_id": f"SBXC-{order.number}",
        "civility": buyer.civility,
        "firstname": buyer.first_name,
        "lastname": buyer.last_name,
        "locale": "fr_FR",
        "billing_address": _billing(buyer, has_code=has_code) if known and order.shape != "no_address" else None,
        "shipping_address": _delivery(buyer, has_code=has_code) if known and order.shape != "no_address" else None,
        "accounting_contact": None,
        "delivery_contact": None,
        "organization": _organization(order) if known and order.shape == "b2b" else None,
    }


def _billing(buyer: Buyer, *, has_code: bool) -> dict[str, Any]:
    address: dict[str, Any] = {
        "civility": buyer.civility,
        "firstname": buyer.first_name,
        "lastname": buyer.last_name,
        "company": buyer.company,
        "company_2": None,
        "street_1": buyer.street,
        "street_2": buyer.second_street,
        "zip_code": buyer.town.zip_code,
        "city": buyer.town.city,
        "state": None,
        "country": buyer.town.country,
        "country_iso_code": buyer.town.alpha3 if has_code else None,
    }
    if buyer.phone is not None:
        address["phone"] = buyer.phone
    return address


def _delivery(buyer: Buyer, *, has_code: bool) -> dict[str, Any]:
    return {
        **_billing(buyer, has_code=has_code),
        "phone": buyer.phone,
        "phone_secondary": buyer.second_phone,
        "additional_info": buyer.hint,
    }


def _organization(order: Order) -> dict[str, Any]:
    return {
        "organization_id": f"SBXO-{order.number}",
        "name": order.buyer.company,
        "identification_number": "00000000000000",
        "tax_identification_number": "FR00000000000",
        "address": None,
    }
