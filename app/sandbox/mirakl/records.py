"""An order as OR11 shows it."""

from datetime import datetime, timedelta
from typing import Any

from app.sandbox.mirakl.customer_records import customer_record
from app.sandbox.mirakl.line_records import Amounts, amounts_of, line_record
from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.reference import SHIPPING_TYPES
from app.sandbox.mirakl.shop import Shop
from app.sandbox.published import lists_of
from app.sandbox.times import iso, iso_or_none

LEADTIME_DAYS = 2
UNKNOWN_STATE = "WAITING_DRONE_PICKUP"
# Not marked as always present by the operator.
OPTIONAL = lists_of("mirakl")["optional_order_fields"]


def order_record(order: Order, shop: Shop, *, tax_excluded: bool) -> dict[str, Any]:
    """Return the JSON of one order, its amounts with or without tax."""
    record = {
        **_identity(order),
        **_dates(order),
        **_amounts(order, shop, tax_excluded=tax_excluded),
        **_shipping(order),
        "customer": customer_record(order, shop.switches),
        "order_lines": [line_record(line, order, shop, tax_excluded=tax_excluded) for line in order.lines],
    }
    if order.shape == "unknown_state":
        record["order_state"] = UNKNOWN_STATE
    if order.shape == "extra_fields":
        record.update(x_sandbox_new_field={"nested": [1, {"deep": None}]}, risk_score=0.25, tags=["new", "Été"])
        record["customer"]["loyalty"] = {"level": "GOLD"}
    if order.shape == "missing_fields":
        for key in OPTIONAL:
            record.pop(key, None)
    return record


def _identity(order: Order) -> dict[str, Any]:
    reason_code, reason_label = order.reason or (None, None)
    merchant_may_ship = order.state == "SHIPPING" and not order.by_operator
    return {
        "order_id": order.order_id,
        "commercial_id": order.commercial_id,
        "order_state": order.state,
        "order_state_reason_code": reason_code,
        "order_state_reason_label": reason_label,
        "can_cancel": merchant_may_ship and order.number % 2 == 0,
        "can_shop_ship": merchant_may_ship,
        "channel": {"code": order.channel[0], "label": order.channel[1]} if order.channel else None,
        "currency_iso_code": order.currency,
        "customer_directly_pays_seller": False,
        "customer_notification_email": f"sbx-{order.number}@notification.example",
        "fulfillment": {"center": {"code": order.center}},
        "fully_refunded": False,
        "has_customer_message": order.number % 11 == 0,
        "has_incident": order.incident,
        "has_invoice": False,
        "invoice_details": None,
        "order_additional_fields": _additional_fields(order),
        "payment_type": "CARD",
        "paymentType": "CARD",
        "payment_workflow": order.workflow,
        "payment_duration": 30 if order.workflow == "PAY_ON_DUE_DATE" else 0,
        "quote_id": None,
        "references": {"order_reference_for_customer": None, "order_reference_for_seller": None},
        "discount_campaigns": [],
    }


def _additional_fields(order: Order) -> list[dict[str, Any]]:
    if order.number % 4:
        return []
    return [
        {"code": "gift-wrap", "type": "BOOLEAN", "value": "true"},
        {"code": "services", "type": "MULTIPLE_VALUES_LIST", "value": ["montage", "reprise"]},
    ]


def _dates(order: Order) -> dict[str, Any]:
    by_shop = order.decided_by == "shop"
    return {
        "created_date": iso(order.created),
        "last_updated_date": iso(order.updated),
        "acceptance_decision_date": iso_or_none(order.decided_at) if by_shop else None,
        "customer_debited_date": iso_or_none(order.debited_at),
        "transaction_date": iso_or_none(order.debited_at),
        "transaction_number": f"SBXTX-{order.number}" if order.paid else None,
        "delivery_date": {
            "earliest": iso(_end_of_day(order.created, 3)),
            "latest": iso(_end_of_day(order.created, 6)),
        },
        "leadtime_to_ship": LEADTIME_DAYS,
        "shipping_deadline": iso(_end_of_day(order.created, LEADTIME_DAYS)) if order.address_known else None,
    }


def _end_of_day(moment: datetime, days: int) -> datetime:
    return (moment + timedelta(days=days)).replace(hour=22, minute=59, second=59, microsecond=999_000)


def _amounts(order: Order, shop: Shop, *, tax_excluded: bool) -> dict[str, Any]:
    lines = order.counted_lines(open_only=shop.switches.totals == "open_lines")
    total = sum((amounts_of(line, tax_excluded=tax_excluded) for line in lines), start=Amounts())
    deduced = sum((line.origin_cents - line.unit_cents) * line.quantity for line in lines)
    applied = [{"configuration": {"type": "AMOUNT_OFF"}, "deduced_amount": deduced / 100}] if deduced else []
    return {
        "order_tax_mode": "TAX_EXCLUDED" if tax_excluded else "TAX_INCLUDED",
        "price": total.price / 100,
        "shipping_price": total.shipping / 100,
        "total_price": (total.price + total.shipping) / 100,
        "total_commission": (total.commission + total.commission_tax) / 100,
        "promotions": {"applied_promotions": applied, "total_deduced_amount": deduced / 100},
        "order_taxes": [],
        "order_refunds": [],
    }


def _shipping(order: Order) -> dict[str, Any]:
    method = SHIPPING_TYPES[order.shipping_type]
    town = order.buyer.town
    tracking = order.tracking
    return {
        "shipping_type_code": method.code,
        "shipping_type_label": method.label,
        "shipping_type_standard_code": method.standard_code,
        "shipping_zone_code": town.alpha2,
        "shipping_zone_label": town.country,
        "shipping_pudo_id": f"PUDO-{order.number:06d}" if order.shape == "pickup" else None,
        "shipping_carrier_code": tracking.carrier_code if tracking else None,
        "shipping_carrier_standard_code": tracking.carrier_standard_code if tracking else None,
        "shipping_company": tracking.carrier_name if tracking else None,
        "shipping_tracking": tracking.number if tracking else None,
        "shipping_tracking_url": tracking.url if tracking else None,
    }
