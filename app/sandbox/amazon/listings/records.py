"""An offer as the API shows it."""

from collections.abc import Set
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.sandbox.amazon.listings.issues import later_records, stops_sale
from app.sandbox.amazon.listings.offer import CONSUMERS, Availability, Offer, StorePrice
from app.sandbox.amazon.listings.values import PRICE, STOCK
from app.sandbox.amazon.marketplaces import Store
from app.sandbox.amazon.orders.item_records import asin
from app.sandbox.amazon.timestamps import parse_timestamp, timestamp
from app.sandbox.published import lists_of

INCLUDED = lists_of("amazon")["listing_data"]
PRODUCT_TYPE = "PRODUCT"


def item_record(offer: Offer, stores: list[Store], included: Set[str], *, now: datetime) -> dict[str, Any]:
    """Return the JSON of one listing in those stores; buyers' view, not what was taken last."""
    record: dict[str, Any] = {"sku": offer.sku}
    if "summaries" in included:
        record["summaries"] = [_summary(offer, store) for store in stores]
    if "attributes" in included:
        record["attributes"] = _attributes(offer, stores)
    if "issues" in included:
        record["issues"] = later_records(offer.issues)
    if "offers" in included:
        record["offers"] = [shown for store in stores for shown in _offers(offer, store, now)]
    if "fulfillmentAvailability" in included:
        record["fulfillmentAvailability"] = [_availability(each) for each in offer.live.availability]
    if "productTypes" in included:
        record["productTypes"] = [{"marketplaceId": store.store_id, "productType": PRODUCT_TYPE} for store in stores]
    for empty in ("procurement", "relationships"):
        if empty in included:
            record[empty] = []
    return record


def statuses(offer: Offer, store: Store) -> list[str]:
    """Return BUYABLE and DISCOVERABLE, as far as they are true in that store."""
    price = offer.live.price(store.store_id)
    if price is None or price.our is None or offer.closed:
        return []
    in_stock = offer.amazon_stock > 0 if offer.live.by_amazon else bool(offer.live.quantity)
    buyable = in_stock and not stops_sale(offer.issues)
    return ["BUYABLE", "DISCOVERABLE"] if buyable else ["DISCOVERABLE"]


def amount_now(price: StorePrice, now: datetime) -> Decimal | None:
    """Return what a buyer pays for one unit now."""
    if price.discount is not None:
        start, end = parse_timestamp(price.discount.start), parse_timestamp(price.discount.end)
        if start is not None and end is not None and start <= now <= end:
            return price.discount.value
    return price.our


def _summary(offer: Offer, store: Store) -> dict[str, Any]:
    found = {
        "marketplaceId": store.store_id,
        "asin": asin(offer.product),
        "productType": PRODUCT_TYPE,
        "conditionType": "new_new",
        "status": statuses(offer, store),
        "itemName": offer.product.title,
        "createdDate": timestamp(offer.created),
        "lastUpdatedDate": timestamp(offer.updated),
    }
    if offer.live.by_amazon:
        found["fnSku"] = fn_sku(offer)
    return found


def fn_sku(offer: Offer) -> str:
    """Return the number under which Amazon's warehouses keep it."""
    return f"X0{offer.product.number:08d}"


def _offers(offer: Offer, store: Store, now: datetime) -> list[dict[str, Any]]:
    found = []
    for (store_id, audience), price in offer.live.prices.items():
        paid = amount_now(price, now)
        if store_id != store.store_id or paid is None:
            continue
        found.append(
            {
                "marketplaceId": store_id,
                "offerType": "B2C" if audience == CONSUMERS else "B2B",
                "price": {"currencyCode": price.currency, "amount": f"{paid:.2f}"},
                "audience": {"value": audience, "displayName": "Sell on Amazon"},
            }
        )
    return found


def _availability(each: Availability) -> dict[str, Any]:
    found: dict[str, Any] = {"fulfillmentChannelCode": each.channel}
    if each.quantity is not None:
        found["quantity"] = each.quantity
    return found


def _attributes(offer: Offer, stores: list[Store]) -> dict[str, Any]:
    store_ids = {store.store_id for store in stores}
    return {
        "item_name": [{"value": offer.product.title, "marketplace_id": store.store_id} for store in stores],
        "condition_type": [{"value": "new_new", "marketplace_id": store.store_id} for store in stores],
        STOCK: [_stock_attribute(each) for each in offer.live.availability],
        PRICE: [_price_attribute(key, price) for key, price in offer.live.prices.items() if key[0] in store_ids],
    }


def _stock_attribute(each: Availability) -> dict[str, Any]:
    found = {
        "fulfillment_channel_code": each.channel,
        "quantity": each.quantity,
        "lead_time_to_ship_max_days": each.lead_time_days,
        "restock_date": each.restock_date,
    }
    return {name: value for name, value in found.items() if value is not None}


def _price_attribute(key: tuple[str, str], price: StorePrice) -> dict[str, Any]:
    found: dict[str, Any] = {"marketplace_id": key[0], "currency": price.currency, "audience": key[1]}
    named = {
        "our_price": price.our,
        "minimum_seller_allowed_price": price.minimum,
        "maximum_seller_allowed_price": price.maximum,
    }
    for name, value in named.items():
        if value is not None:
            found[name] = [{"schedule": [{"value_with_tax": float(value)}]}]
    if price.discount is not None:
        schedule = {
            "value_with_tax": float(price.discount.value),
            "start_at": price.discount.start,
            "end_at": price.discount.end,
        }
        found["discounted_price"] = [{"schedule": [schedule]}]
    return found
