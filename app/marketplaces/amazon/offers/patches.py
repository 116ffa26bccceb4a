"""What is sent of an offer, and what Amazon's report says about it. Pure.

Everything is merged: `merge` changes what is named and leaves lead times, discounts and business prices alone, where
`replace` would delete them. The fields that say which stock or price is meant have to be there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.message import Message, message
from app.marketplaces.amazon.offers.listing_status import CONSUMERS, MERCHANT_CHANNEL
from app.marketplaces.amazon.stores import AmazonStore
from app.marketplaces.shared.json_records import each, nested, text

Patch = Mapping[str, Any]

FEED_KIND = "JSON_LISTINGS_FEED"
FEED_CONTENT_TYPE = "application/json; charset=UTF-8"
# Enough for stock and prices of offers that exist, whatever the article is.
PRODUCT_TYPE = "PRODUCT"
MOST_MESSAGES = 25_000
# Amazon takes 10 MiB.
LARGEST_FEED = 10_000_000

ACCEPTED = "ACCEPTED"
ERROR = "ERROR"
INTERNAL = "4000000"
_LONGEST_TEXT = 500


def stock_patch(quantity: int) -> Patch:
    """Return the patch for a merchant's stock: one for all marketplaces of the region."""
    value = {"fulfillment_channel_code": MERCHANT_CHANNEL, "quantity": quantity}
    return {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}


def price_patch(prices: Mapping[AmazonStore, Decimal]) -> Patch:
    """Return the patch for the price that consumers pay in these marketplaces."""
    value = [
        {
            "marketplace_id": store.id,
            "currency": store.currency,
            "audience": CONSUMERS,
            "our_price": [{"schedule": [{"value_with_tax": price}]}],
        }
        for store, price in prices.items()
    ]
    return {"op": "merge", "path": "/attributes/purchasable_offer", "value": value}


def feed_files(seller_id: str, patches: Iterable[tuple[str, Patch]]) -> Iterator[bytes]:
    """Yield feeds of patches by SKU, as few as Amazon's limits allow."""
    head = _json({"header": {"sellerId": seller_id, "version": "2.0"}, "messages": []}).removesuffix(b"]}")
    messages: list[bytes] = []
    size = 0
    for sku, patch in patches:
        entry = _message(len(messages) + 1, sku, patch)
        if messages and (len(messages) == MOST_MESSAGES or size + len(entry) > LARGEST_FEED):
            yield head + b",".join(messages) + b"]}"
            messages, size = [], 0
            entry = _message(1, sku, patch)
        messages.append(entry)
        size += len(entry) + 1
    if messages:
        yield head + b",".join(messages) + b"]}"


@dataclass(frozen=True, slots=True)
class FeedReport:
    """Which SKUs a feed's report names as refused, and why; `failed` where it does not say which ones they are."""

    refused: Mapping[str, Message | str]
    failed: Message | str = ""


def read_report(content: bytes | None) -> FeedReport:
    """Return what a processing report says; one that is missing or can't be read says that nothing was taken.

    It repeats the SKU of every message that it has an issue with, so that nobody has to keep what was sent.
    """
    try:
        record = json.loads(content or b"")
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        return FeedReport({}, failed=message("AMAZON_REPORT_UNREADABLE"))
    wrong: dict[str, list[Mapping[str, Any]]] = {}
    for issue in each(record, "issues"):
        if issue.get("severity") == ERROR:
            sku = issue.get("sku")
            wrong.setdefault(sku if isinstance(sku, str) else "", []).append(issue)
    of_the_whole = wrong.pop("", ())
    if of_the_whole:
        return FeedReport({}, failed=_said(of_the_whole))
    invalid = nested(record, "summary").get("messagesInvalid")
    if isinstance(invalid, int) and invalid > len(wrong):
        # Which ones is not known: better none of them counts as taken.
        return FeedReport({}, failed=message("AMAZON_REFUSED_UNNAMED", refused=invalid, named=len(wrong)))
    return FeedReport({sku: _said(issues) for sku, issues in wrong.items()})


def is_internal(answer: Mapping[str, Any]) -> bool:
    """Return whether Amazon had a fault of its own, so that the same may work now."""
    return any(text(issue, "code") == INTERNAL for issue in each(answer, "issues"))


def said(record: Mapping[str, Any]) -> Message | str:
    """Return what the issues of an answer say that kept a change from being taken."""
    return _said(each(record, "issues"))


def _said(issues: Iterable[Mapping[str, Any]]) -> Message | str:
    found = (issue for issue in issues if issue.get("severity") == ERROR)
    words = dict.fromkeys(text(issue, "message").rstrip(".") or text(issue, "code") for issue in found)
    return "; ".join(filter(None, words))[:_LONGEST_TEXT] or message("NO_REASON_GIVEN")


def _message(number: int, sku: str, patch: Patch) -> bytes:
    return _json(
        {
            "messageId": number,
            "sku": sku,
            "operationType": "PATCH",
            "productType": PRODUCT_TYPE,
            "patches": [patch],
        }
    )


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_number).encode()


def _number(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} can't be sent as JSON")
