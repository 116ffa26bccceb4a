"""Mirakl's refusals become ours, whatever envelope they come in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CallError, CredentialsRefused, Refused, RoleMissing, SetupWrong
from app.marketplaces.mirakl.errors import error_text, refusal
from app.marketplaces.mirakl.quotas import (
    ACCEPT,
    ACCOUNT,
    CARRIERS,
    OFFERS,
    ORDERS,
    PRICE_IMPORT,
    PRICE_REPORT,
    PRICE_STATUS,
    SHIP,
    STOCK_IMPORT,
    STOCK_REPORT,
    STOCK_STATUS,
    TRACKING,
)
from app.transport.operation import Answer, Operation


def an_answer(status: int, body: object = b"") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, headers={}, body=raw)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"status": 404, "message": "Order not found", "errors": [{"code": "X"}]}, "Order not found"),
        ({"errors": [{"code": "A", "field": "f", "message": "no"}, {"message": "never"}]}, "A: no; never"),
        ({"message": None, "errors": [], "error_description": "expired"}, "expired"),
        ({"detail": "closed", "title": "Bad"}, "closed"),
        ({"title": "Bad"}, "Bad"),
        ({"unheard": "of"}, '{"unheard": "of"}'),
        (["Bad"], '["Bad"]'),
        (b"<html>down</html>", "<html>down</html>"),
        (b"\xff\xfe", "��"),
        (b"", ""),
        (b"x" * 900, "x" * 500),
        (b"[" * 20_000, "[" * 500),
    ],
)
def test_the_text_is_found_in_every_known_envelope(body: object, text: str) -> None:
    assert error_text(an_answer(400, body).body) == text


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, "ORDER_INVALID_STATE", "NOT_DECIDABLE"),
        (400, "ORDER_PARTIAL_ACCEPTANCE_DISABLED", "PARTIAL_ACCEPT_OFF"),
        (400, "ORDER_FULFILLED_UNAUTHORIZED", "FULFILLED_BY_OPERATOR"),
        (403, "ORDER_FULFILLED_UNAUTHORIZED", "FULFILLED_BY_OPERATOR"),
        (404, "ORDER_NOT_FOUND", "ORDER_MISSING"),
        (400, "ORDER_LINE_NOT_FOUND", "REQUEST_REFUSED"),
        (404, "ORDER_LINE_NOT_FOUND", "REQUEST_REFUSED"),
        (400, "ORDER_LINE_ACCEPTANCE_DECISION_MISSING", "REQUEST_REFUSED"),
        (400, "ORDER_LINE_DUPLICATE_ID", "REQUEST_REFUSED"),
        (400, "VALIDATION_ERROR", "REQUEST_REFUSED"),
        (404, "SOMETHING_NEW", "ORDER_MISSING"),
        (422, "SOMETHING_NEW", "REQUEST_REFUSED"),
    ],
)
@pytest.mark.parametrize("envelope", ["code", "field errors", "message", "text", "xml"])
def test_a_refused_decision_has_a_reason_in_every_envelope(envelope: str, status: int, code: str, reason: str) -> None:
    body: object = {
        "code": {"status": status, "code": code, "message": "No."},
        "field errors": {"errors": [{"code": code, "field": "order_id", "message": "No."}]},
        "message": {"message": f"{code}: no."},
        "text": code.encode(),
        "xml": f"<error><code>{code}</code></error>".encode(),
    }[envelope]

    error = refusal(ACCEPT, an_answer(status, body))

    assert isinstance(error, Refused)
    assert (error.reason, error.status, error.operation) == (reason, status, "OR21")


def test_a_text_that_names_the_awaited_state_means_that_it_was_decided() -> None:
    error = refusal(ACCEPT, an_answer(400, {"message": "Order must be in state WAITING_ACCEPTANCE"}))

    assert isinstance(error, Refused)
    assert error.reason == "NOT_DECIDABLE"


@pytest.mark.parametrize("status", [200, 204, 302, 408, 425, 429, 500, 503])
def test_what_means_the_same_everywhere_is_left_to_the_transport(status: int) -> None:
    assert refusal(ACCEPT, an_answer(status, {"message": "ORDER"})) is None
    assert refusal(ORDERS, an_answer(status, {"message": "ORDER"})) is None


@pytest.mark.parametrize(
    ("operation", "status", "said", "reason"),
    [
        (TRACKING, 404, "", "ORDER_MISSING"),
        (TRACKING, 400, "Carrier with code 'x' not found", "CARRIER_UNKNOWN"),
        (TRACKING, 400, "carrier_code is required", "CARRIER_UNKNOWN"),
        (TRACKING, 400, "Tracking number does not suit this carrier", "TRACKING_REFUSED"),
        (TRACKING, 400, "", "TRACKING_REFUSED"),
        (TRACKING, 403, "ORDER_FULFILLED_UNAUTHORIZED", "SHIP_REFUSED"),
        (SHIP, 404, "", "ORDER_MISSING"),
        (SHIP, 400, "Tracking details are mandatory for this shipping method", "TRACKING_MISSING"),
        (SHIP, 400, "A required field is missing: tracking", "TRACKING_MISSING"),
        (SHIP, 400, "Order fulfilled by the operator", "SHIP_REFUSED"),
        (SHIP, 400, "", "SHIP_REFUSED"),
        (STOCK_IMPORT, 400, "Not a CSV file", "REQUEST_REFUSED"),
        (PRICE_IMPORT, 413, "", "REQUEST_REFUSED"),
        (STOCK_STATUS, 404, "", "IMPORT_GONE"),
        (STOCK_REPORT, 410, "", "IMPORT_GONE"),
        (PRICE_STATUS, 410, "", "IMPORT_GONE"),
        (PRICE_REPORT, 404, "", "IMPORT_GONE"),
    ],
)
def test_a_refused_parcel_or_import_has_a_reason(operation: Operation, status: int, said: str, reason: str) -> None:
    error = refusal(operation, an_answer(status, {"message": said}))

    assert isinstance(error, Refused)
    assert (error.reason, error.status, error.operation) == (reason, status, operation.name)


@pytest.mark.parametrize(
    ("operation", "status"),
    [(STOCK_IMPORT, 404), (PRICE_IMPORT, 405), (STOCK_STATUS, 400), (OFFERS, 404), (CARRIERS, 400)],
)
def test_a_call_that_an_operator_does_not_have_is_a_matter_of_the_set_up(operation: Operation, status: int) -> None:
    assert isinstance(refusal(operation, an_answer(status)), SetupWrong)


@pytest.mark.parametrize(("status", "kind"), [(401, CredentialsRefused), (403, RoleMissing)])
@pytest.mark.parametrize("operation", [ORDERS, TRACKING, SHIP, STOCK_IMPORT, STOCK_STATUS])
def test_a_key_that_is_refused_is_reported_in_the_words_of_the_operator(
    operation: Operation, status: int, kind: type[CallError]
) -> None:
    error = refusal(operation, an_answer(status, {"status": status, "message": "The key is not known"}))

    assert isinstance(error, kind)
    assert (error.detail, error.status, error.operation) == ("The key is not known", status, operation.name)


@pytest.mark.parametrize("body", [b"", b"<html><title>401</title></html>", b"[]", {"unheard": "of"}])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_without_words_is_left_to_the_transport(status: int, body: object) -> None:
    assert refusal(ORDERS, an_answer(status, body)) is None


@pytest.mark.parametrize("status", [400, 404, 406, 410])
def test_a_refused_question_is_a_matter_of_the_set_up(status: int) -> None:
    error = refusal(ACCOUNT, an_answer(status, {"message": "Shop unknown"}))

    assert isinstance(error, SetupWrong)
    assert error.plain_detail.startswith("“Shop unknown”. Compare the address")


@given(body=st.binary(max_size=300), status=st.integers(100, 599))
def test_reading_an_error_never_fails(body: bytes, status: int) -> None:
    for operation in (ACCEPT, TRACKING, SHIP, STOCK_IMPORT, PRICE_STATUS):
        refusal(operation, an_answer(status, body))
