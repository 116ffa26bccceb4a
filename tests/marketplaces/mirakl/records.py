"""Records as an operator would send them."""

import json
from decimal import Decimal
from typing import Any

Record = dict[str, Any]


def a_line(**changes: Any) -> Record:
    """Return a line of two units at 29.90 with 4.90 of shipping."""
    return {
        "order_line_id": "SBX-1-A-1",
        "order_line_index": 1,
        "order_line_state": "SHIPPING",
        "offer_id": 7012,
        "offer_sku": "PS-REF-001",
        "product_title": "Lampe de bureau",
        "quantity": 2,
        "price_unit": Decimal("29.90"),
        "price": Decimal("59.80"),
        "shipping_price": Decimal("4.90"),
        "total_price": Decimal("64.70"),
        "cancelations": [],
        "refunds": [],
        "promotions": [],
        "taxes": [],
    } | changes


def an_address(**changes: Any) -> Record:
    """Return a complete address in Lille."""
    return {
        "civility": "Mme",
        "firstname": "Alice",
        "lastname": "Exemple",
        "company": None,
        "company_2": None,
        "street_1": "1 rue du Test",
        "street_2": "Bat. B",
        "zip_code": "59000",
        "city": "Lille",
        "state": None,
        "country": "Frankrijk",
        "country_iso_code": "FRA",
        "phone": "+33 3 00 00 00 00",
        "phone_secondary": None,
        "additional_info": "Code 12A",
    } | changes


def an_order(**changes: Any) -> Record:
    """Return a paid order of one line that waits for its shipment."""
    return {
        "order_id": "SBX-1-A",
        "commercial_id": "SBX-1",
        "order_state": "SHIPPING",
        "created_date": "2026-03-02T08:10:05Z",
        "last_updated_date": "2026-03-02T09:02:31.204Z",
        "shipping_deadline": "2026-03-04T22:59:59.999Z",
        "acceptance_decision_date": "2026-03-02T08:40:00Z",
        "channel": {"code": "FR", "label": "Site France"},
        "currency_iso_code": "EUR",
        "order_tax_mode": "TAX_INCLUDED",
        "customer": {
            "customer_id": "SBXC-88",
            "firstname": "Alice",
            "lastname": "Exemple",
            "locale": "fr_FR",
            "billing_address": an_address(street_2=None, phone=None, additional_info=None),
            "shipping_address": an_address(),
        },
        "customer_notification_email": "sbx-anon@notification.example.test",
        "fulfillment": {"center": {"code": "DEFAULT"}},
        "price": Decimal("59.80"),
        "shipping_price": Decimal("4.90"),
        "total_price": Decimal("64.70"),
        "promotions": {"applied_promotions": [], "total_deduced_amount": 0},
        "shipping_type_code": "STD",
        "shipping_type_label": "Livraison standard",
        "shipping_pudo_id": None,
        "order_lines": [a_line()],
    } | changes


def as_json(record: object) -> str:
    """Return a record as it travels, amounts as numbers."""
    return json.dumps(record, default=float)
