"""Marketplace orders as the embedded shop keeps them, and back. Pure: what is sealed here comes sealed from outside."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.domain.money import CENT, Money
from app.domain.offer import ShopOffer
from app.domain.order import Order
from app.domain.parcel import Parcel
from app.domain.shop_mapping import SkuSource
from app.domain.sku_names import SkuNames
from app.shops.embedded.errors import address_missing, no_lines, sku_missing, sku_unknown
from app.shops.port import ImportPlan, Match, ShopOrder, ShopProgress
from app.store.embedded import ListedOrder, OrderContent, OrderLine, Product, Progress, StoredOrder

_PHONE = frozenset("+0123456789 .-/()")


def order_content(
    order: Order, *, plan: ImportPlan, key: str, shop_id: str, now: datetime, person: bytes, addresses: bytes
) -> OrderContent:
    """Return the shop's order for the open lines of a marketplace order; raises Refused for what can't be delivered."""
    if not order.open_lines:
        raise no_lines()
    if plan.state == "paid" and order.shipping_address is None and not order.pickup_point:
        raise address_missing()
    return OrderContent(
        shop_id=shop_id,
        key=key,
        platform=order.platform,
        marketplace_order_id=order.order_id,
        state=plan.state,
        currency=order.currency,
        total=order.open_total.amount,
        shipping_method=storable(order.shipping_method_label or order.shipping_method),
        placed_at=order.placed_at,
        created_at=now,
        lowers_stock=plan.stock == "lower",
        lines=_lines(order, plan),
        person=person,
        addresses=addresses,
    )


def person_text(order: Order, *, plan: ImportPlan) -> str:
    """Return who bought, as JSON: the buyer where the marketplace names one, else whom it is sent to."""
    someone = order.buyer or order.billing_address or order.shipping_address
    known = asdict(someone) if someone else {}
    names = ("first_name", "last_name", "company", "tax_id", "locale")
    return json.dumps({**{name: known.get(name, "") for name in names}, "email": plan.email})


def addresses_text(order: Order) -> str:
    """Return where it goes and whom it is billed to, as JSON."""
    return json.dumps(
        {
            "shipping_address": asdict(order.shipping_address) if order.shipping_address else None,
            "billing_address": asdict(order.billing_address) if order.billing_address else None,
            "pickup_point": order.pickup_point,
        }
    )


def shop_order(stored: StoredOrder) -> ShopOrder:
    """Return a stored order in the words of the port; units by the SKUs that were ordered."""
    content = stored.content
    units: Counter[str] = Counter()
    for line in content.lines:
        units[line.sku] += line.quantity
    return ShopOrder(
        ref=str(stored.id),
        key=content.key,
        marketplace_order_id=content.marketplace_order_id,
        state=content.state,
        total=Money(content.total, content.currency),
        units=dict(units),
        created_at=content.created_at,
    )


def match(product: Product, *, sku: str) -> Match:
    """Return the product that a SKU of the marketplace means."""
    return Match(
        sku=sku,
        ref=product.sku,
        title=product.title,
        # A product that is not for sale is not in the catalogue: inactive means nothing here.
        active=True,
        available=product.quantity,
        identifiers=_identifiers(product),
    )


def shop_offers(product: Product, *, sku_names: SkuNames) -> list[ShopOffer]:
    """Return a product under every SKU that means it."""
    identifiers = _identifiers(product)
    # A catalogue has one price, the one buyers pay: how much of it is tax is nowhere said.
    return [
        ShopOffer(
            sku=sku, quantity=product.quantity, price_incl=product.price, ref=product.sku, identifiers=identifiers
        )
        for sku in sku_names.skus_of(product.sku, identifiers=identifiers)
    ]


def _identifiers(product: Product) -> Mapping[SkuSource, str]:
    return {"reference": product.sku, "ean13": product.ean} if product.ean else {"reference": product.sku}


def shop_progress(order_id: int, progress: Progress) -> ShopProgress:
    """Return how far an order is, in the words of the port."""
    return ShopProgress(ref=str(order_id), state=progress.state, parcels=progress.parcels)


def order_row(listed: ListedOrder) -> dict[str, Any]:
    """Return an order with its parcels for a listing, without its buyer."""
    content = listed.order.content
    return {
        "ref": str(listed.order.id),
        "marketplace_order_id": content.marketplace_order_id,
        "platform": content.platform,
        "state": content.state,
        "total": {"amount": amount_text(content.total), "currency": content.currency},
        "created_at": _moment_text(content.created_at),
        "placed_at": _moment_text(content.placed_at),
        "lines": [
            {
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": {"amount": amount_text(line.unit_price), "currency": content.currency},
                "total": {"amount": amount_text(line.total), "currency": content.currency},
            }
            for line in content.lines
        ],
        "shipments": [shipment_row(parcel) for parcel in listed.parcels],
    }


def shipment_row(parcel: Parcel) -> dict[str, Any]:
    """Return a parcel for a listing; `units` null for all that was still open."""
    return {
        "parcel": parcel.sequence,
        "carrier": parcel.carrier,
        "tracking": parcel.number,
        "url": parcel.url,
        "shipped_at": _moment_text(parcel.shipped_at),
        "pieces": None if parcel.units is None else dict(parcel.units),
    }


def delivery_row(stored: StoredOrder, *, person: str, addresses: str) -> dict[str, Any]:
    """Return what a parcel's label and an invoice need."""
    return {
        "customer": json.loads(person),
        "shipping_method": stored.content.shipping_method,
        **json.loads(addresses),
    }


def flat_rows(order: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield a listed order for a spreadsheet: one flat row a line, buyer and addresses with the listing's prefix."""
    head = {name: _cell(order[name]) for name in ("ref", "marketplace_order_id", "platform", "state")}
    head |= {"order_total": _cell(order["total"]["amount"]), "currency": _cell(order["total"]["currency"])}
    head |= {name: _cell(order[name]) for name in ("created_at", "placed_at")}
    for line in order["lines"]:
        row = head | {name: _cell(line[name]) for name in ("sku", "title", "quantity")}
        row |= {"unit_price": _cell(line["unit_price"]["amount"]), "line_total": _cell(line["total"]["amount"])}
        parcels = [each for each in order["shipments"] if each["pieces"] is None or line["sku"] in each["pieces"]]
        row |= {
            name: _cell(", ".join(filter(None, (each[name] for each in parcels)))) for name in ("carrier", "tracking")
        }
        yield row | dict(_delivery_cells(order))


def storable(text: str) -> str:
    """Return a text without what a database refuses: NUL (PostgreSQL) and lone surrogates (both)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def amount_text(amount: Decimal) -> str:
    """Return an amount with two decimals, or with all it has."""
    exact = amount.quantize(CENT)
    return format(exact if exact == amount else amount, "f")


def _lines(order: Order, plan: ImportPlan) -> tuple[OrderLine, ...]:
    nameless = next((line for line in order.open_lines if not line.sku), None)
    if nameless is not None:
        raise sku_missing(nameless.id)
    unknown = [line.sku for line in order.open_lines if line.sku not in plan.matches]
    if unknown:
        raise sku_unknown(list(dict.fromkeys(unknown)))
    return tuple(
        OrderLine(
            line_id=storable(line.id),
            sku=line.sku,
            product_sku=plan.matches[line.sku].ref,
            title=storable(line.title or plan.matches[line.sku].title),
            quantity=line.quantity_open,
            unit_price=line.unit_price.amount,
            total=line.total.amount,
        )
        for line in order.open_lines
    )


def _delivery_cells(order: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "customer" not in order:
        return
    for group, names in _DELIVERY.items():
        filled = order.get(group) or {}
        for name in names:
            yield f"{group.removesuffix('_address')}_{name}", _cell(filled.get(name, ""))
    for name in ("pickup_point", "shipping_method"):
        yield name, _cell(order.get(name, ""))


_ADDRESS = (
    "first_name",
    "last_name",
    "company",
    "street_1",
    "street_2",
    "extra",
    "postcode",
    "city",
    "region",
    "country",
    "phone",
    "phone_2",
)
_DELIVERY: Mapping[str, tuple[str, ...]] = {
    "customer": ("first_name", "last_name", "company", "email", "tax_id"),
    "shipping_address": _ADDRESS,
    "billing_address": _ADDRESS,
}


def _cell(value: object) -> str:
    # Buyers choose these texts, and a spreadsheet runs a cell that begins like a formula; a phone number does no harm.
    text = str(value)
    runs = text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _PHONE.issuperset(text)
    return f"'{text}" if runs else text


def _moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
