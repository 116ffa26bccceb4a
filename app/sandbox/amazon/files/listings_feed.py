"""JSON_LISTINGS_FEED: up to 25,000 messages about offers, and the report about them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.sandbox.amazon.errors import Refusal
from app.sandbox.amazon.files.jobs import Job
from app.sandbox.amazon.listings.issues import Invalid, Issue, missing
from app.sandbox.amazon.listings.offer import Terms
from app.sandbox.amazon.listings.patches import Change, apply, read_attributes, read_patches
from app.sandbox.amazon.listings.records import item_record
from app.sandbox.amazon.marketplaces import BY_ID
from app.sandbox.amazon.seller import Seller

VERSION = "2.0"
MOST_MESSAGES = 25_000


class Unreadable(Exception):
    """The document is none that Amazon could work through."""


@dataclass(frozen=True)
class Feed:
    messages: list[dict[str, Any]]
    wanted: dict[str, Any] | None


@dataclass
class Outcome:
    """How many messages there were, what was wrong, and the SKUs that were changed."""

    processed: int = 0
    invalid: int = 0
    issues: list[dict[str, Any]] = field(default_factory=list)
    skus: list[str] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, int]:
        return self.processed, self.invalid


def read(content: bytes, *, seller_id: str) -> Feed:
    """Return the feed; raises Unreadable."""
    try:
        sent = json.loads(content)
    except ValueError as broken:
        raise Unreadable("The feed is not readable JSON.") from broken
    header = sent.get("header") if isinstance(sent, dict) else None
    if not isinstance(header, dict) or header.get("sellerId") != seller_id or header.get("version") != VERSION:
        raise Unreadable(f"The header must name the seller and version {VERSION}.")
    messages = sent.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_MESSAGES:
        raise Unreadable(f"The feed must hold 1 to {MOST_MESSAGES} messages.")
    if not all(isinstance(message, dict) for message in messages):
        raise Unreadable("Every message must be an object.")
    return Feed(messages, header.get("report"))


def take(seller: Seller, messages: Sequence[dict[str, Any]], *, store_ids: Sequence[str], now: datetime) -> Outcome:
    """Let every message have its effect that can; the others leave issues."""
    outcome = Outcome()
    seen: set[object] = set()
    for message in messages:
        outcome.processed += 1
        number, sku = message.get("messageId"), message.get("sku")
        try:
            if not isinstance(number, int) or number < 1 or number in seen or not isinstance(sku, str) or not sku:
                raise Invalid(missing("messageId", "messageId"))
            seen.add(number)
            _take(seller, message, sku, store_ids, now=now)
            outcome.skus.append(sku)
        except (Invalid, Refusal) as wrong:
            outcome.invalid += 1
            found = wrong.issues if isinstance(wrong, Invalid) else (Issue("90000900", str(wrong.details)),)
            outcome.issues += [_issue(message, issue) for issue in found]
    return outcome


def report(seller: Seller, feed: Feed, job: Job, outcome: Outcome, *, now: datetime) -> bytes:
    """Return the processing report, with the listings in it if the feed asked for them."""
    body = _body(seller.seller_id, job.job_id, outcome)
    if feed.wanted is not None:
        body["header"]["report"] = feed.wanted
        stores = [BY_ID[store_id] for store_id in job.store_ids]
        offers = [seller.listings.offers[sku] for sku in dict.fromkeys(outcome.skus) if sku in seller.listings.offers]
        included = frozenset(feed.wanted.get("includedData", ()))
        body["items"] = [item_record(offer, stores, included, now=now) for offer in offers]
        body["summary"]["itemSummary"] = {"items": len(offers), "errors": 0, "warnings": 0}
    return json.dumps(body, ensure_ascii=False).encode()


def refusal(seller_id: str, feed_id: str, reason: str) -> bytes:
    """Return the report about a feed that could not be read."""
    issue = {"code": "4000003", "severity": "ERROR", "message": reason}
    return json.dumps(_body(seller_id, feed_id, Outcome(issues=[issue]))).encode()


def _body(seller_id: str, feed_id: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "header": {"sellerId": seller_id, "version": VERSION, "feedId": feed_id},
        "issues": outcome.issues,
        "summary": {
            "errors": len(outcome.issues),
            "warnings": 0,
            "messagesProcessed": outcome.processed,
            "messagesAccepted": outcome.processed - outcome.invalid,
            "messagesInvalid": outcome.invalid,
        },
    }


def _take(seller: Seller, message: dict[str, Any], sku: str, store_ids: Sequence[str], *, now: datetime) -> None:
    listings = seller.listings
    operation = message.get("operationType")
    if operation == "DELETE":
        listings.remove(sku)
        return
    if not isinstance(message.get("productType"), str):
        raise Invalid(missing("productType", "productType"))
    if operation == "PATCH":
        changes = read_patches(message.get("patches"), store_ids=store_ids)
    elif operation in ("UPDATE", "PARTIAL_UPDATE"):
        changes = read_attributes(message.get("attributes"), store_ids=store_ids)
    else:
        raise Invalid(missing("operationType", "operationType"))
    offer = listings.offers.get(sku)
    if offer is None:
        raise Invalid(missing("item_name", "item_name"))
    if operation == "UPDATE":
        # All that is left out is gone, stock and prices among it.
        terms, _ = apply(changes, Terms((), {}))
        listings.put(offer, terms, now=now)
        return
    _change(seller, sku, changes, now=now)


def _change(seller: Seller, sku: str, changes: Sequence[Change], *, now: datetime) -> None:
    offer = seller.listings.offers[sku]
    before = offer.terms
    seller.listings.change(offer, changes, now=now, live_after_s=0)
    if offer.terms == before:
        seller.repeated["JSON_LISTINGS_FEED"] += 1


def _issue(message: dict[str, Any], issue: Issue) -> dict[str, Any]:
    found: dict[str, Any] = {"code": issue.code, "severity": issue.severity, "message": issue.message}
    number, sku = message.get("messageId"), message.get("sku")
    if isinstance(number, int) and number >= 1:
        found["messageId"] = number
    if isinstance(sku, str) and sku:
        found["sku"] = sku
    if issue.attribute is not None:
        found["attributeName"] = issue.attribute
    return found
