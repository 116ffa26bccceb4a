"""patchListingsItem, getListingsItem and searchListingsItems."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response

from app.sandbox.amazon import params
from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import bad_request, denied, not_found
from app.sandbox.amazon.listings.issues import INTERNAL, Invalid, Issue, missing
from app.sandbox.amazon.listings.offer import Offer
from app.sandbox.amazon.listings.patches import FACTS, Change, read_patches
from app.sandbox.amazon.listings.records import INCLUDED, item_record
from app.sandbox.amazon.listings.search import find
from app.sandbox.amazon.marketplaces import Store
from app.sandbox.amazon.orders.item_records import asin

SUMMARIES = frozenset({"summaries"})
PREVIEW = "VALIDATION_PREVIEW"


def patch_item(call: Call) -> Response:
    """Answer PATCH …/items/{sellerId}/{sku}: 200 is not yet ACCEPTED, and ACCEPTED not yet live."""
    _check_seller(call)
    given = call.request.query_params
    [store] = _one_store(call)
    included = params.choices(given, "includedData", ("identifiers", "issues")) or frozenset({"issues"})
    preview = params.choice(given, "mode", (PREVIEW,)) is not None
    sent = call.json_object()
    if not isinstance(sent.get("productType"), str) or not sent["productType"]:
        raise bad_request("productType is required.")
    sku = _sku(call)
    try:
        changes = read_patches(sent.get("patches"), store_ids=[store.store_id])
        offer = _offer(call, sku)
        if call.seller.switches.internal_issue_rate and _internal_error_is_due(call):
            raise Invalid(INTERNAL)
    except Invalid as wrong:
        return _answer(call, sku, "INVALID", included, store=store, issues=wrong.issues)
    if preview:
        return _answer(call, sku, "VALID", included, store=store, offer=offer)
    _take(call, offer, changes)
    return _answer(call, sku, "ACCEPTED", included, store=store, offer=offer)


def get_item(call: Call) -> Response:
    """Answer GET …/items/{sellerId}/{sku}."""
    _check_seller(call)
    stores = params.stores(call.request.query_params, required=True)
    included = params.choices(call.request.query_params, "includedData", INCLUDED) or SUMMARIES
    offer = call.seller.listings.offers.get(_sku(call))
    if offer is None:
        raise not_found(f"SKU '{_sku(call)}'")
    return JSONResponse(item_record(offer, stores, included, now=call.now))


def search_items(call: Call) -> Response:
    """Answer GET …/items/{sellerId}."""
    _check_seller(call)
    stores = params.stores(call.request.query_params, required=True)
    included = params.choices(call.request.query_params, "includedData", INCLUDED) or SUMMARIES
    most = call.seller.switches.listings_found
    found = find(call.seller.listings, call.request.query_params, stores, most=most)
    body: dict[str, Any] = {
        "numberOfResults": found.total,
        "items": [item_record(offer, stores, included, now=call.now) for offer in found.offers],
    }
    if found.tokens:
        body["pagination"] = found.tokens
    return JSONResponse(body)


def patched_facts(sent: bytes) -> bool:
    """Say whether a patch is about more than stock and price; those have a bucket of their own."""
    return any(f'"/attributes/{name}"'.encode() in sent for name in FACTS)


def _take(call: Call, offer: Offer, changes: Sequence[Change]) -> None:
    before = offer.terms
    live_after_s = call.seller.switches.listing_delay_s
    call.seller.listings.change(offer, changes, now=call.now, live_after_s=live_after_s)
    if offer.terms == before:
        call.seller.repeated[call.operation] += 1


def _offer(call: Call, sku: str) -> Offer:
    offer = call.seller.listings.offers.get(sku)
    if offer is not None:
        return offer
    # A patch never makes an offer; how it is refused differs.
    match call.seller.switches.unknown_sku:
        case "bad_request":
            raise bad_request(f"SKU '{sku}' is not found.")
        case "not_found":
            raise not_found(f"SKU '{sku}'")
        case _:
            raise Invalid(missing("item_name", "item_name"))


def _internal_error_is_due(call: Call) -> bool:
    draw = call.seller.draw("issue", call.seller.calls[call.operation])
    return draw.random() < call.seller.switches.internal_issue_rate


def _answer(
    call: Call,
    sku: str,
    status: str,
    included: frozenset[str],
    *,
    store: Store,
    offer: Offer | None = None,
    issues: Sequence[Issue] = (),
) -> Response:
    body: dict[str, Any] = {"sku": sku, "status": status, "submissionId": call.seller.submission_id()}
    if "issues" in included:
        body["issues"] = [issue.record() for issue in issues]
    if "identifiers" in included:
        known = [] if offer is None else [{"marketplaceId": store.store_id, "asin": asin(offer.product)}]
        body["identifiers"] = known
    return JSONResponse(body)


def _check_seller(call: Call) -> None:
    if call.path("sellerId") != call.seller.seller_id:
        raise denied("The seller is not the one who authorised the application.")


def _one_store(call: Call) -> list[Store]:
    found = params.stores(call.request.query_params, required=True)
    if len(found) != 1:
        raise bad_request("marketplaceIds must name one marketplace.")
    return found


def _sku(call: Call) -> str:
    """Return the SKU of the path, which has to be percent-encoded as a whole."""
    sku = call.path("sku")
    raw: bytes = call.request.scope.get("raw_path") or b""
    if unquote(raw.rpartition(b"/")[2].decode("ascii", "replace")) != sku:
        raise not_found("Resource")
    return sku
