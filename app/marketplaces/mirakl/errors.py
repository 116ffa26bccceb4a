"""Mirakl's refusals in our words.

The envelope of an error differs from call to call and is not published for OR21, so the text is looked for in this
order: `message`, `errors[].code` and `errors[].message`, `error_description`, `detail`, `title`, the bare body. A body
may be empty, XML or HTML, and reading it never fails. 408, 425, 429, redirections and 5xx mean the same everywhere and
are left to the transport, and so is a 401 or 403 without such a text.

    401, 403             CredentialsRefused, RoleMissing: a matter of the key, not of the call
    OR21                 the reason for not deciding
    OR23, OR24           the reason for not shipping, as far as the text says it
    STO01, PRI01         REQUEST_REFUSED: this file, all of it
    STO02/03, PRI02/03   IMPORT_GONE: an import that is not there (any more)
    all others           SetupWrong: a question without content of ours is refused for its address or its shop
"""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.message import message
from app.errors import CallError, CredentialsRefused, Refused, RoleMissing, SetupWrong
from app.marketplaces.mirakl.quotas import (
    ACCEPT,
    PRICE_IMPORT,
    PRICE_REPORT,
    PRICE_STATUS,
    SHIP,
    STOCK_IMPORT,
    STOCK_REPORT,
    STOCK_STATUS,
    TRACKING,
)
from app.marketplaces.shared import json_records
from app.marketplaces.shared.answers import Answers
from app.marketplaces.shared.refusals import LEFT_TO_TRANSPORT, LONGEST_TEXT, json_object, raw_text
from app.transport.operation import Answer, Operation

SERVICE = "mirakl"
answers = Answers(SERVICE)
malformed = answers.malformed
IMPORT_GONE = "IMPORT_GONE"

_MOST_BYTES_SEARCHED = 4000
_NOT_FOUND = frozenset({404, 410})
# Nobody takes files there: a matter of the address, not of the file.
_NO_SUCH_CALL = frozenset({404, 405, 410})

_IMPORTS = frozenset({STOCK_IMPORT.name, PRICE_IMPORT.name})
_IMPORT_RESULTS = frozenset({STOCK_STATUS.name, PRICE_STATUS.name, STOCK_REPORT.name, PRICE_REPORT.name})

# Neither OR23 nor OR24 has published codes.
_TRACKING_MANDATORY = re.compile(
    r"tracking\b.*\b(?:mandatory|required)|(?:mandatory|required)\b.*\btracking", re.I | re.S
)
_FULFILLED_BY_OPERATOR = re.compile(r"fulfill?ed", re.I)
_NAMES_TRACKING_NUMBER = re.compile(r"tracking[ _-]?number", re.I)
_NAMES_CARRIER = re.compile(r"carrier", re.I)

# Searched in the whole body, since nobody knows where the code stands; the first hit counts.
_REASONS = {
    "ORDER_PARTIAL_ACCEPTANCE_DISABLED": "PARTIAL_ACCEPT_OFF",
    "ORDER_FULFILLED_UNAUTHORIZED": "FULFILLED_BY_OPERATOR",
    "ORDER_INVALID_STATE": "NOT_DECIDABLE",
    "ORDER_NOT_FOUND": "ORDER_MISSING",
    "ORDER_LINE_ACCEPTANCE_DECISION_MISSING": "REQUEST_REFUSED",
    "ORDER_LINE_DUPLICATE_ID": "REQUEST_REFUSED",
    "ORDER_LINE_NOT_FOUND": "REQUEST_REFUSED",
    "ORDER_LINE_NULL_ELEMENT": "REQUEST_REFUSED",
    "VALIDATION_ERROR": "REQUEST_REFUSED",
    # Some tenants answer without a code and name the state that the order should be in.
    "WAITING_ACCEPTANCE": "NOT_DECIDABLE",
}


def refusal(operation: Operation, answer: Answer) -> CallError | None:
    """Return the error behind an answer, None where the transport's own reading of the status is right."""
    if not 400 <= answer.status < 500 or answer.status in LEFT_TO_TRANSPORT:
        return None
    text = error_text(answer.body)
    known = _known_reason(answer.body)
    if answer.status == 401 or (answer.status == 403 and not known):
        return _key_refused(operation, answer)
    reason = _refusal_reason(operation, answer, known=known)
    if reason:
        return Refused(service=SERVICE, operation=operation.name, reason=reason, detail=text, status=answer.status)
    return SetupWrong(
        service=SERVICE, operation=operation.name, detail=message("MIRAKL_SETUP", said=text), status=answer.status
    )


def error_text(body: bytes) -> str:
    """Return what an error body says, at most 500 characters, empty for an empty body."""
    raw = raw_text(body)
    return (_named_text(raw) or raw)[:LONGEST_TEXT]


def _key_refused(operation: Operation, answer: Answer) -> CallError | None:
    """Return the error for a key that is refused or lacks a right; None for a body without a text of Mirakl's own."""
    text = _named_text(raw_text(answer.body))[:LONGEST_TEXT]
    if not text:
        return None
    refused = CredentialsRefused if answer.status == 401 else RoleMissing
    return refused(service=SERVICE, operation=operation.name, detail=text, status=answer.status)


def _refusal_reason(operation: Operation, answer: Answer, *, known: str) -> str:
    """Return the reason of a refusal, empty where the set-up is to blame."""
    status, name = answer.status, operation.name
    if name == ACCEPT.name:
        return known or ("ORDER_MISSING" if status == 404 else "REQUEST_REFUSED")
    if name in {TRACKING.name, SHIP.name}:
        return "ORDER_MISSING" if status == 404 else _shipment_refusal_reason(operation, answer.body)
    if name in _IMPORTS:
        return "" if status in _NO_SUCH_CALL else "REQUEST_REFUSED"
    return IMPORT_GONE if name in _IMPORT_RESULTS and status in _NOT_FOUND else ""


def _shipment_refusal_reason(operation: Operation, body: bytes) -> str:
    said = body[:_MOST_BYTES_SEARCHED].decode("utf-8", errors="replace")
    if _FULFILLED_BY_OPERATOR.search(said):
        return "SHIP_REFUSED"
    if operation.name == SHIP.name:
        return "TRACKING_MISSING" if _TRACKING_MANDATORY.search(said) else "SHIP_REFUSED"
    names_carrier = _NAMES_CARRIER.search(said) and not _NAMES_TRACKING_NUMBER.search(said)
    return "CARRIER_UNKNOWN" if names_carrier else "TRACKING_REFUSED"


def _known_reason(body: bytes) -> str:
    return next((reason for code, reason in _REASONS.items() if code.encode() in body), "")


def _named_text(raw: str) -> str:
    record = json_object(raw)
    field_errors = "; ".join(_field_error(error) for error in json_records.each(record, "errors"))
    texts = [record.get("message"), field_errors]
    texts += [record.get(name) for name in ("error_description", "detail", "title")]
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def _field_error(error: Mapping[str, Any]) -> str:
    parts = (error.get("code"), error.get("message"))
    return ": ".join(part for part in parts if isinstance(part, str) and part)
