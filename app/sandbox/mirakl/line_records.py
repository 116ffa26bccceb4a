"""Order lines as OR11 shows them, and the amounts that both lines and orders are made of."""

from dataclasses import astuple, dataclass
from operator import add
from typing import Any

from app.sandbox.amounts import without_tax
from app.sandbox.mirakl.offers.offer import NEW
from app.sandbox.mirakl.orders import Line, Order
from app.sandbox.mirakl.shop import Shop
from app.sandbox.times import iso, iso_or_none

COMMISSION_PERMILLE = 125
COMMISSION_VAT_PERMILLE = 200


@dataclass(frozen=True)
class Amounts:
    """Cents, all in the mode that was asked for; the taxes are zero when they are included."""

    unit: int = 0
    origin: int = 0
    price: int = 0
    shipping: int = 0
    price_tax: int = 0
    shipping_tax: int = 0
    commission: int = 0
    commission_tax: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(*map(add, astuple(self), astuple(other)))


def amounts_of(line: Line, *, tax_excluded: bool) -> Amounts:
    """Return the line's amounts; without tax, price plus tax gives back the price with tax."""
    commission = line.price_cents * COMMISSION_PERMILLE // 1000
    commission_tax = commission * COMMISSION_VAT_PERMILLE // 1000

    def shown(cents: int) -> int:
        return without_tax(cents, rate_permille=line.product.vat_permille) if tax_excluded else cents

    unit, shipping = shown(line.unit_cents), shown(line.shipping_cents)
    return Amounts(
        unit=unit,
        origin=shown(line.origin_cents),
        price=unit * line.quantity,
        shipping=shipping,
        price_tax=line.price_cents - unit * line.quantity,
        shipping_tax=line.shipping_cents - shipping,
        commission=commission,
        commission_tax=commission_tax,
    )


def line_record(line: Line, order: Order, shop: Shop, *, tax_excluded: bool) -> dict[str, Any]:
    """Return the JSON of one order line."""
    amounts = amounts_of(line, tax_excluded=tax_excluded)
    listed = tax_excluded and shop.switches.taxes_listed
    product = line.product
    offer = shop.offers.get(product.sku)
    reason_code, reason_label = order.reason or (None, None)
    return {
        "order_line_id": line.line_id,
        "order_line_index": line.index,
        "order_line_state": line.ended or order.state,
        "order_line_state_reason_code": reason_code,
        "order_line_state_reason_label": reason_label,
        "offer_id": offer.offer_id if offer else 7000 + product.number,
        "offer_sku": product.sku,
        "offer_state_code": NEW,
        "product_sku": f"OPPROD-{product.number}",
        "product_shop_sku": product.sku,
        "product_title": product.title,
        "product_medias": [],
        "category_code": product.category_code,
        "category_label": product.category_label,
        "description": None,
        "quantity": line.quantity,
        "price_unit": amounts.unit / 100,
        "origin_unit_price": amounts.origin / 100,
        "price": amounts.price / 100,
        "price_additional_info": None,
        "shipping_price": amounts.shipping / 100,
        "total_price": (amounts.price + amounts.shipping) / 100,
        "taxes": _taxes(amounts.price_tax, product.vat_permille) if listed else [],
        "shipping_taxes": _taxes(amounts.shipping_tax, product.vat_permille) if listed else [],
        "commission_fee": amounts.commission / 100,
        "commission_taxes": _commission_taxes(amounts.commission_tax),
        "total_commission": (amounts.commission + amounts.commission_tax) / 100,
        "cancelations": [],
        "refunds": [],
        "promotions": [],
        "fees": [],
        "eco_contributions": [],
        "order_line_additional_fields": [],
        "can_refund": order.state in ("SHIPPING", "SHIPPED", "TO_COLLECT", "RECEIVED") and line.ended is None,
        "created_date": iso(order.created),
        "debited_date": iso_or_none(order.debited_at if line.ended is None else None),
        "shipped_date": iso_or_none(order.shipped_at if line.ended is None else None),
        "received_date": iso_or_none(order.received_at if line.ended is None else None),
        "last_updated_date": iso(order.updated),
    }


def _taxes(cents: int, rate_permille: int) -> list[dict[str, Any]]:
    return [
        {
            "code": f"TVA{rate_permille // 10}",
            "amount": cents / 100,
            "rate": rate_permille / 10,
            "tax_calculation_rule": "PROPORTIONAL_TO_AMOUNT",
        }
    ]


def _commission_taxes(cents: int) -> list[dict[str, Any]]:
    return [{"code": "TVA20", "amount": cents / 100, "rate": COMMISSION_VAT_PERMILLE / 10}]
