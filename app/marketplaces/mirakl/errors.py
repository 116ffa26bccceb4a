"""Mirakl's refusals in our words.

The envelope of an error differs from call to call and is not published for OR21, so the text is looked for in this
order: `message`, `errors[].code` and `errors[].message`, `error_description`, `detail`, `title`, the bare body. A body
may be empty, XML or HTML, and reading it never fails. 401, 403, 408, 425, 429, redirections and 5xx mean the same
everywhere and are left to the transport.
"""

import json
from collections.abc import Mapping
from typing import Any

from app.errors import CallError, Refused, SetupWrong, Unavailable
from app.marketplaces.mirakl.quotas import ACCEPT
from app.transport.operation import Answer, Operation

SERVICE = "mirakl"

_LONGEST_TEXT = 500
_LEFT_TO_TRANSPORT = frozenset({401, 408, 425, 429})

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
    if not 400 <= answer.status < 500 or answer.status in _LEFT_TO_TRANSPORT:
        return None
    text = error_text(answer.body)
    reason = _reason(answer.body)
    if answer.status == 403 and not reason:
        return None
    if operation.name == ACCEPT.name:
        fallback = "ORDER_MISSING" if answer.status == 404 else "REQUEST_REFUSED"
        return Refused(
            service=SERVICE,
            operation=operation.name,
            reason=reason or fallback,
            detail=text,
            status=answer.status,
        )
    return SetupWrong(
        service=SERVICE,
        operation=operation.name,
        detail=f"{text or 'no reason given'}. Compare the address and the shop number with the operator's back office.",
        status=answer.status,
    )


def malformed(operation: Operation, what: str) -> Unavailable:
    """Return the error for an answer that is none to this call; `what` names the field, never its content."""
    return Unavailable(service=SERVICE, operation=operation.name, detail=f"the answer makes no sense: {what}")


def error_text(body: bytes) -> str:
    """Return what an error body says, at most 500 characters, empty for an empty body."""
    raw = body.decode("utf-8", errors="replace").strip()
    return (_named_text(raw) or raw)[:_LONGEST_TEXT]


def _reason(body: bytes) -> str:
    return next((reason for code, reason in _REASONS.items() if code.encode() in body), "")


def _named_text(raw: str) -> str:
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(record, dict):
        return ""
    texts = [record.get("message"), _field_errors(record.get("errors"))]
    texts += [record.get(name) for name in ("error_description", "detail", "title")]
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def _field_errors(errors: object) -> str:
    if not isinstance(errors, list):
        return ""
    return "; ".join(_field_error(error) for error in errors if isinstance(error, dict))


def _field_error(error: Mapping[str, Any]) -> str:
    parts = (error.get("code"), error.get("message"))
    return ": ".join(part for part in parts if isinstance(part, str) and part)
