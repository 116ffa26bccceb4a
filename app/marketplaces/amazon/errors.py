"""Amazon's refusals in our words.

A body holds `errors[].code`, `.message` and `.details`, or nothing, or a page of a gateway; reading it never fails. 429
means the same everywhere and is left to the transport, as is what a 5xx makes of a write.

    401, 403   CredentialsRefused, RoleMissing   the token, or what the application may do
    404        Refused NOT_FOUND                 this order, SKU or feed
    400, 4xx   Refused REQUEST_REFUSED           this request; what it means for a list of orders is said by `suspect`
    5xx        Unavailable                       for what may be asked again
"""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.message import message
from app.errors import CallError, CredentialsRefused, Refused, RoleMissing, Unavailable
from app.marketplaces.amazon.quotas import (
    CREATE_FEED,
    CREATE_FEED_DOCUMENT,
    GET_FEED,
    GET_FEEDS,
    GET_LISTING,
    PARTICIPATIONS,
    PATCH_LISTING,
    SEARCH_LISTINGS,
)
from app.marketplaces.shared import json_records
from app.marketplaces.shared.answers import Answers
from app.marketplaces.shared.refusals import LEFT_TO_TRANSPORT, LONGEST_TEXT, json_object, raw_text
from app.transport.operation import Answer, Operation

SERVICE = "amazon"
answers = Answers(SERVICE)
malformed = answers.malformed
NOT_FOUND = "NOT_FOUND"
REQUEST_REFUSED = "REQUEST_REFUSED"

# What the application may do is granted by role; who reads orders may order their report and confirm shipments.
ORDERS_ROLE = "Inventory and Order Tracking"
LISTING_ROLE = "Product Listing"
SELLING_ROLE = "Selling Partner Insights"
ROLES = {
    PARTICIPATIONS.name: SELLING_ROLE,
    **dict.fromkeys((each.name for each in (SEARCH_LISTINGS, GET_LISTING, PATCH_LISTING)), LISTING_ROLE),
    **dict.fromkeys((each.name for each in (CREATE_FEED_DOCUMENT, CREATE_FEED, GET_FEED, GET_FEEDS)), LISTING_ROLE),
}

_LONGEST_HEAD = 20_000
_TITLE = re.compile(r"(?is)<title[^>]{0,200}>([^<]{1,300})")

# What a 403 says when the token itself is to blame, and not what the application may do with it.
_TOKEN_FAULTS = ("revoked", "expired", "malformed", "invalid", "missing", "MissingAuthenticationToken")


def refusal(operation: Operation, answer: Answer) -> CallError | None:
    """Return the error behind an answer, None where the transport's own reading of the status is right."""
    status = answer.status
    if status < 400 or status in LEFT_TO_TRANSPORT or (status >= 500 and not operation.safe_to_repeat):
        return None
    text = error_text(answer.body)
    if status >= 500:
        return Unavailable(service=SERVICE, operation=operation.name, detail=text, status=status)
    if status in {401, 403}:
        return _not_allowed(operation, text, status=status)
    reason = NOT_FOUND if status == 404 else REQUEST_REFUSED
    return Refused(service=SERVICE, operation=operation.name, reason=reason, detail=text, status=status)


def suspect(refused: Refused) -> Unavailable:
    """Return the error for a reading that Amazon calls wrong although it never differs from those it answers.

    Valid requests were refused for half a day, region by region: the window stays open and is asked for again.
    """
    return Unavailable(
        service=SERVICE,
        operation=refused.operation,
        detail=message("AMAZON_REFUSES_READING", said=refused.detail),
        status=refused.status,
    )


def error_text(body: bytes) -> str:
    """Return what an error body says, of a page for people its title; at most 500 characters, empty for no body."""
    raw = raw_text(body)
    reported = "; ".join(filter(None, (_described(error) for error in json_records.each(json_object(raw), "errors"))))
    title = _TITLE.search(raw[:_LONGEST_HEAD])
    return (reported or (title[1].strip() if title else raw))[:LONGEST_TEXT]


def _described(error: Mapping[str, Any]) -> str:
    code, *words = (str(error.get(name) or "").strip() for name in ("code", "message", "details"))
    said = " ".join(filter(None, words))
    return f"{code}: {said}" if code and said else code or said


def _not_allowed(operation: Operation, text: str, *, status: int) -> CallError:
    if status == 401 or any(word in text for word in _TOKEN_FAULTS):
        detail = message("AMAZON_TOKEN_REFUSED", said=text)
        return CredentialsRefused(service=SERVICE, operation=operation.name, detail=detail, status=status)
    detail = message("AMAZON_ROLE_MISSING", said=text, role=ROLES.get(operation.name, ORDERS_ROLE))
    return RoleMissing(service=SERVICE, operation=operation.name, detail=detail, status=status)
