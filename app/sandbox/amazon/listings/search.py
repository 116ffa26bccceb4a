"""Which listings a search finds, and the pages of them: twenty at most."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from app.sandbox.amazon import params
from app.sandbox.amazon.errors import bad_request
from app.sandbox.amazon.listings.issues import LATER
from app.sandbox.amazon.listings.listings import Listings
from app.sandbox.amazon.listings.offer import Offer
from app.sandbox.amazon.listings.records import statuses
from app.sandbox.amazon.marketplaces import Store
from app.sandbox.amazon.offsets import offset_token, read_offset
from app.sandbox.amazon.orders.item_records import asin

LARGEST_PAGE = 20
DEFAULT_PAGE = 10
MOST_IDENTIFIERS = 20
STATUSES = ("BUYABLE", "DISCOVERABLE")

Test = Callable[[Offer], bool]


@dataclass(frozen=True)
class Found:
    """One page, how many there are in all, and the tokens that lead to the pages beside."""

    offers: list[Offer]
    total: int
    tokens: dict[str, str]


def find(listings: Listings, given: QueryParams, stores: list[Store], *, most: int) -> Found:
    """Return the page that is asked for, of the first `most`; Refusal 400 for what can't be read."""
    size = params.whole(given, "pageSize", default=DEFAULT_PAGE, most=LARGEST_PAGE)
    tests = _tests(given, stores)
    candidates = [offer for offer in _candidates(listings, given) if all(test(offer) for test in tests)]
    candidates.sort(key=_order(given), reverse=params.choice(given, "sortOrder", ("ASC", "DESC")) != "ASC")
    start = read_offset("listings", given.get("pageToken"))
    if start is None:
        raise bad_request("pageToken is invalid.")
    reach = min(len(candidates), most)
    tokens = {}
    if start + size < reach:
        tokens["nextToken"] = offset_token("listings", start + size)
    if start:
        tokens["previousToken"] = offset_token("listings", max(0, start - size))
    return Found(candidates[start : min(start + size, reach)], len(candidates), tokens)


def _candidates(listings: Listings, given: QueryParams) -> list[Offer]:
    kind = params.choice(
        given, "identifiersType", ("ASIN", "EAN", "FNSKU", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
    )
    wanted = params.csv(given, "identifiers")
    if (kind is None) != (not wanted) or len(wanted) > MOST_IDENTIFIERS:
        raise bad_request(f"identifiers and identifiersType go together, {MOST_IDENTIFIERS} at most.")
    if kind is None:
        return list(listings.offers.values())
    if kind == "SKU":
        return [listings.offers[sku] for sku in dict.fromkeys(wanted) if sku in listings.offers]
    number: Callable[[Offer], str] = (
        (lambda offer: asin(offer.product)) if kind == "ASIN" else lambda offer: offer.product.ean
    )
    return [offer for offer in listings.offers.values() if number(offer) in wanted]


def _tests(given: QueryParams, stores: list[Store]) -> list[Test]:
    tests: list[Test] = []
    limits = {name: params.moment(given, name) for name in ("createdAfter", "createdBefore")}
    limits |= {name: params.moment(given, name) for name in ("lastUpdatedAfter", "lastUpdatedBefore")}
    for name, limit in limits.items():
        if limit is not None:
            tests.append(_dated(name, limit))
    wanted, unwanted = params.choices(given, "withStatus", STATUSES), params.choices(given, "withoutStatus", STATUSES)
    if wanted:
        tests.append(lambda offer: wanted <= _statuses(offer, stores))
    if unwanted:
        tests.append(lambda offer: not unwanted & _statuses(offer, stores))
    severities = params.choices(given, "withIssueSeverity", ("WARNING", "ERROR"))
    if severities:
        tests.append(lambda offer: any(LATER[code][2] in severities for code in offer.issues))
    return tests


def _dated(name: str, limit: Any) -> Test:
    field = "created" if name.startswith("created") else "updated"
    if name.endswith("After"):
        return lambda offer: bool(getattr(offer, field) >= limit)
    return lambda offer: bool(getattr(offer, field) <= limit)


def _statuses(offer: Offer, stores: list[Store]) -> set[str]:
    return {status for store in stores for status in statuses(offer, store)}


def _order(given: QueryParams) -> Callable[[Offer], tuple[str, str]]:
    by = params.choice(given, "sortBy", ("sku", "createdDate", "lastUpdatedDate"))
    match by:
        case "sku":
            return lambda offer: (offer.sku, "")
        case "createdDate":
            return lambda offer: (offer.created.isoformat(), offer.sku)
        case _:
            return lambda offer: (offer.updated.isoformat(), offer.sku)
