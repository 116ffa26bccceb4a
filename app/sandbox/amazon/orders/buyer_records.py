"""The buyer and the address, as far as Amazon gives them away."""

from typing import Any

from app.sandbox.amazon.orders.order import Order


def buyer_record(order: Order) -> dict[str, Any]:
    """Return who bought; the alias of the e-mail address is for orders that the merchant ships."""
    buyer = order.buyer
    found = {"buyerName": f"{buyer.first_name} {buyer.last_name}"}
    if not order.by_amazon:
        found["buyerEmail"] = f"sbx-{order.number}@marketplace.example"
    if order.business and buyer.company is not None:
        found["buyerCompanyName"] = buyer.company
        found["buyerPurchaseOrderNumber"] = f"PO-{order.number:05d}"
    return found


def recipient_record(order: Order, *, named: bool, delivered: bool) -> dict[str, Any]:
    """Return where it goes; without `named` an order that Amazon ships shows the town alone, and no order a phone
    that is `delivered`."""
    address = _town(order)
    if named or not order.by_amazon:
        address = _street(order) | address
    shown = order.buyer.phone is not None and not order.by_amazon
    if shown and not (order.state == "SHIPPED" and delivered):
        address["phone"] = order.buyer.phone or ""
    found: dict[str, Any] = {"deliveryAddress": address}
    if order.buyer.hint is not None and not order.by_amazon:
        found["deliveryPreference"] = {"addressInstruction": order.buyer.hint}
    return found


def tax_record(order: Order) -> dict[str, Any]:
    """Return the registrations of a business buyer."""
    return {
        "taxRegistrations": [
            {
                "entityType": "BUYER",
                "legalName": order.buyer.company or order.buyer.last_name,
                "taxRegistrationType": "VAT",
                "taxRegistrationNumber": f"{order.buyer.town.alpha2}00000000000",
            }
        ]
    }


def _town(order: Order) -> dict[str, str]:
    town = order.buyer.town
    return {"city": town.city, "postalCode": town.zip_code, "countryCode": town.alpha2}


def _street(order: Order) -> dict[str, str]:
    buyer = order.buyer
    found = {"name": f"{buyer.first_name} {buyer.last_name}", "addressLine1": buyer.street}
    if buyer.second_street is not None:
        found["addressLine2"] = buyer.second_street
    if order.business and buyer.company is not None:
        found["companyName"] = buyer.company
    if order.shape == "pickup":
        found["addressLine3"] = f"Point relais {order.number:06d}"
        kind = "PICKUP_POINT"
    else:
        kind = "COMMERCIAL" if order.business else "RESIDENTIAL"
    return {**found, "addressType": kind}
