"""The seller's stores, and what lies for the seller in Amazon's warehouses."""

from typing import Any

from starlette.responses import JSONResponse, Response

from app.sandbox.amazon import params
from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import invalid
from app.sandbox.amazon.listings.offer import Offer
from app.sandbox.amazon.listings.records import fn_sku
from app.sandbox.amazon.marketplaces import BY_CODE, JOINED, NO_STORE_ID, Store
from app.sandbox.amazon.offsets import offset_token, read_offset
from app.sandbox.amazon.orders.item_records import asin
from app.sandbox.amazon.timestamps import timestamp

PAGE = 50


def participations(call: Call) -> Response:
    """Answer GET /sellers/v1/marketplaceParticipations; the last one is of other channels and no store."""
    joined = [_participation(call, BY_CODE[code]) for code in JOINED]
    other = _participation(call, BY_CODE["FR"])
    other["marketplace"] |= {"id": NO_STORE_ID, "name": "Non-Amazon FR", "domainName": "siprod.stores.example"}
    return JSONResponse({"payload": [*joined, other]})


def inventory(call: Call) -> Response:
    """Answer GET /fba/inventory/v1/summaries."""
    given = call.request.query_params
    params.stores(given, most=1, required=True)
    if given.get("granularityType") != "Marketplace" or not given.get("granularityId"):
        raise invalid("granularityType is invalid.", details="It must be Marketplace, and granularityId its id.")
    wanted = params.csv(given, "sellerSkus")
    if len(wanted) > PAGE:
        raise invalid("sellerSkus is invalid.", details=f"It must name at most {PAGE} SKUs.")
    offers = [
        offer
        for offer in call.seller.listings.offers.values()
        if offer.terms.by_amazon and (not wanted or offer.sku in wanted)
    ]
    start = read_offset("stock", given.get("nextToken"))
    if start is None:
        raise invalid("nextToken is invalid.")
    body: dict[str, Any] = {
        "payload": {
            "granularity": {"granularityType": "Marketplace", "granularityId": given["granularityId"]},
            "inventorySummaries": [
                _summary(offer, details=given.get("details") == "true") for offer in offers[start : start + PAGE]
            ],
        }
    }
    if start + PAGE < len(offers):
        body["pagination"] = {"nextToken": offset_token("stock", start + PAGE)}
    return JSONResponse(body)


def _participation(call: Call, store: Store) -> dict[str, Any]:
    return {
        "marketplace": {
            "id": store.store_id,
            "name": store.name,
            "countryCode": store.code,
            "defaultCurrencyCode": store.currency,
            "defaultLanguageCode": store.language,
            "domainName": f"www.{store.name.lower()}",
        },
        "participation": {"isParticipating": True, "hasSuspendedListings": False},
        "storeName": call.seller.title,
    }


def _summary(offer: Offer, *, details: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "asin": asin(offer.product),
        "fnSku": fn_sku(offer),
        "sellerSku": offer.sku,
        "condition": "NewItem",
        "lastUpdatedTime": timestamp(offer.updated),
        "productName": offer.product.title,
        "totalQuantity": offer.amazon_stock,
    }
    if details:
        found["inventoryDetails"] = {"fulfillableQuantity": offer.amazon_stock}
    return found
