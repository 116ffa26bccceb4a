"""A01, PC01, V01, SH12 and SH21: the account, the platform's switches, and what may carry a parcel."""

from dataclasses import asdict, dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from app.sandbox.mirakl.call import Call


@dataclass(frozen=True)
class Carrier:
    code: str
    label: str
    standard_code: str | None
    tracking_url: str | None


@dataclass(frozen=True)
class ShippingType:
    code: str
    label: str
    description: str
    standard_code: str | None
    mandatory_tracking: bool
    click_and_collect: bool
    delivery_by_operator: bool
    ignore_lead_time_to_ship: bool = False


CARRIERS = {
    carrier.code: carrier
    for carrier in (
        Carrier("colis_sbx", "Colis SBX", "SBX-COLIS", "https://suivi.example/colis/{trackingId}"),
        Carrier("express_sbx", "Express SBX", "SBX-EXPRESS", "https://express.example/track?id={trackingId}"),
        Carrier("relais_sbx", "Relais & Compagnie", None, "https://relais.example/{trackingId}"),
        Carrier("lettre_sbx", "Lettre suivie de l'Étoile", None, None),
    )
}
SHIPPING_TYPES = {
    method.code: method
    for method in (
        ShippingType("STD", "Livraison standard", "À domicile, 3 à 5 jours", None, False, False, False),
        ShippingType("EXP", "Livraison express", "À domicile, 24 h", None, True, False, False),
        ShippingType("REL", "Point relais", "En point de retrait", None, True, False, False),
        ShippingType("OPE", "Livré par l'opérateur", "Depuis notre entrepôt", None, False, False, True),
    )
}


def account(call: Call) -> Response:
    """Answer GET /api/account."""
    shop = call.shop
    decided = [order for order in shop.orders.values() if order.decided_by_seller]
    taken = sum(1 for order in decided if order.accepted)
    return JSONResponse(
        {
            "shop_id": shop.shop_id,
            "shop_name": shop.title,
            "shop_state": shop.switches.shop_state,
            "suspension_type": "MANUAL" if shop.switches.shop_state == "SUSPENDED" else None,
            "closed_from": None,
            "closed_to": None,
            "currency_iso_code": "EUR",
            "channels": ["FR", "BE"],
            "model": "MARKETPLACE",
            "is_professional": True,
            "offers_count": len(shop.offers),
            "orders_count": len(shop.orders),
            "approval_rate": round(100 * taken / len(decided), 2) if decided else None,
            "approval_delay": 0 if decided else None,
            "shippings": [],
            "shipping": {"lead_time_to_ship": 2},
        }
    )


def configuration(call: Call) -> Response:
    """Answer GET /api/platform/configuration."""
    switches = call.shop.switches
    features: dict[str, Any] = {
        "order_workflows": {
            "order_acceptance": switches.order_acceptance,
            "shipping_and_billing_details_before_acceptance": switches.addresses_before_acceptance,
            "pay_on_shipment": False,
            "pay_on_due_date": switches.payment_workflow == "PAY_ON_DUE_DATE",
            "no_customer_payment_confirmation": switches.payment_workflow == "NO_CUSTOMER_PAYMENT_CONFIRMATION",
        },
        "shipment": {"multi_shipment": False, "multi_part_item_shipment": False},
        "disable_seller_alternative_carrier": not switches.alternative_carrier,
        # A string in the real answer as well.
        "offer_prices_decimals": str(switches.offer_prices_decimals),
        "pricing": {
            "discount_period_required": switches.discount_period_required,
            "channel_pricing": switches.channel_pricing,
            "scheduled_pricing": switches.scheduled_pricing,
            "discount_price_creation_in_the_past_blocked": switches.discount_price_creation_in_the_past_blocked,
        },
        "order_tax_mode": switches.order_tax_mode,
        "operator_csv_delimiter": "SEMICOLON",
        "multi_currency": False,
        "lead_time_to_ship_by_sellers_enabled": "YES",
    }
    return JSONResponse({"platform_name": "Sandbox Marché", "timezone": "Europe/Paris", "features": features})


def version(_: Call) -> Response:
    """Answer GET /api/version."""
    return JSONResponse({"version": "sandbox"})


def shipping_types(_: Call) -> Response:
    """Answer GET /api/shipping/types."""
    return JSONResponse({"shipping_types": [asdict(method) for method in SHIPPING_TYPES.values()]})


def carriers(_: Call) -> Response:
    """Answer GET /api/shipping/carriers."""
    return JSONResponse({"carriers": [asdict(carrier) for carrier in CARRIERS.values()]})
