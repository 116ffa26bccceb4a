import json

import httpx
import pytest

from app.errors import CallError, CredentialsRefused, OutcomeUnknown, Refused, RoleMissing, Throttled, Unavailable
from app.marketplaces.amazon.adapter import quota_scope
from app.marketplaces.amazon.client import AmazonClient
from app.marketplaces.amazon.errors import NOT_FOUND, REQUEST_REFUSED, error_text, refusal, suspect
from app.marketplaces.amazon.quotas import CONFIRM_SHIPMENT, CREATE_FEED, GET_FEED, PATCH_LISTING, SEARCH_ORDERS
from app.transport.operation import Answer, Operation
from tests.marketplaces.amazon.builders import TOKEN_PATH, a_config, a_token, refused
from tests.marketplaces.reaching import Remote, a_connector
from tests.support.aio import run
from tests.support.sentences import detail_and_fix

DENIED = "Access to requested resource is denied."
QUOTA = "You exceeded your quota for the requested resource."
BODY = {"productType": "PRODUCT", "patches": []}
PATH = {"seller_id": "A1B2C3D4E5F6G7", "sku": "TEA-1"}


def answered(operation: Operation, *answers: httpx.Response) -> tuple[CallError, int]:
    """Return the error of a call that meets these answers, the last one for ever, and how often it was made."""
    left = list(answers)

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            return a_token(f"Atza|number-{len(remote.requests)}")
        found = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(found.status_code, content=found.content, headers=found.headers)

    remote = Remote(reply)
    config = a_config()
    client = AmazonClient(config, a_connector(remote.transport), quota_scope=quota_scope(config))
    path = {**PATH, "feed_id": "1", "order_id": "250-1234567-8901234"}
    with pytest.raises(CallError) as caught:
        run(client.call(operation, path=path, json=BODY if operation.writes else None))
    return caught.value, sum(request.url.path != TOKEN_PATH for request in remote.requests)


@pytest.mark.parametrize(
    ("operation", "answer", "error", "reason"),
    [
        (CONFIRM_SHIPMENT, refused(400, "InvalidInput", "Invalid Input"), Refused, REQUEST_REFUSED),
        (CONFIRM_SHIPMENT, refused(400, "Invalid Input", "Invalid Input"), Refused, REQUEST_REFUSED),
        (PATCH_LISTING, refused(400, "BAD_REQUEST", "Invalid input", "Invalid input"), Refused, REQUEST_REFUSED),
        (GET_FEED, refused(400, "400", "Invalid input"), Refused, REQUEST_REFUSED),
        (PATCH_LISTING, httpx.Response(400, html="<title>400 Bad Request</title>"), Refused, REQUEST_REFUSED),
        (PATCH_LISTING, httpx.Response(400), Refused, REQUEST_REFUSED),
        (PATCH_LISTING, httpx.Response(400, text="{"), Refused, REQUEST_REFUSED),
        (GET_FEED, refused(404, "NotFound", "Resource not found"), Refused, NOT_FOUND),
        (PATCH_LISTING, refused(404, "ResourceNotFound", "no such SKU"), Refused, NOT_FOUND),
        (CREATE_FEED, refused(409, "Conflict", "There is one already"), Refused, REQUEST_REFUSED),
        (CREATE_FEED, refused(413, "RequestEntityTooLarge", "Too large"), Refused, REQUEST_REFUSED),
        (CREATE_FEED, refused(415, "UnsupportedMediaType", "Not JSON"), Refused, REQUEST_REFUSED),
    ],
)
def test_what_is_wrong_with_one_thing_is_said_once_and_stops_nothing_else(
    operation: Operation, answer: httpx.Response, error: type[CallError], reason: str
) -> None:
    found, calls = answered(operation, answer)

    assert type(found) is error
    assert isinstance(found, Refused)
    assert (found.reason, found.status, found.stops, calls) == (reason, answer.status_code, "item", 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(403, "Unauthorized", DENIED, "The access token you provided has expired."), CredentialsRefused),
        (
            refused(403, "Unauthorized", DENIED, "The access token you provided is revoked, malformed or invalid."),
            CredentialsRefused,
        ),
        (refused(403, "MissingAuthenticationToken", DENIED), CredentialsRefused),
        (refused(401, "Unauthorized", DENIED), CredentialsRefused),
        (httpx.Response(401), CredentialsRefused),
        (refused(403, "Unauthorized", DENIED), RoleMissing),
        (refused(403, "AccessDenied", DENIED), RoleMissing),
        (httpx.Response(403), RoleMissing),
        (httpx.Response(403, html="<title>Forbidden</title>"), RoleMissing),
    ],
)
@pytest.mark.parametrize("operation", [SEARCH_ORDERS, PATCH_LISTING], ids=["read", "write"])
def test_who_is_not_let_in_asks_for_one_new_token_and_then_says_what_to_do(
    operation: Operation, answer: httpx.Response, error: type[CallError]
) -> None:
    found, calls = answered(operation, answer)

    assert type(found) is error
    assert calls == 2
    assert found.plain_detail.endswith(("Seller Central", "enter the new refresh token"))


@pytest.mark.parametrize(
    "message",
    [
        QUOTA,
        "Too many requests of this application.",
        "Too many requests that change relationships.",
        "Too many requests that change product data.",
    ],
)
@pytest.mark.parametrize("operation", [SEARCH_ORDERS, PATCH_LISTING, CREATE_FEED], ids=["list", "patch", "feed"])
def test_a_429_never_happened_and_is_tried_again_for_every_call_writes_included(
    operation: Operation, message: str
) -> None:
    found, calls = answered(operation, refused(429, "QuotaExceeded", message))

    assert type(found) is Throttled
    assert calls == 4


@pytest.mark.parametrize(
    "answer",
    [
        refused(500, "InternalFailure", "We encountered an internal error. Please try again."),
        refused(503, "ServiceUnavailable", "Temporary overloading or maintenance of the server."),
        httpx.Response(502, html="<title>Bad Gateway</title>"),
        httpx.Response(504),
    ],
    ids=["500", "503", "502", "504"],
)
def test_an_outage_is_tried_again_but_never_a_feed_that_may_have_been_handed_in(answer: httpx.Response) -> None:
    read, reads = answered(SEARCH_ORDERS, answer)
    patch, patches = answered(PATCH_LISTING, answer)
    feed, feeds = answered(CREATE_FEED, answer)

    assert [type(each) for each in (read, patch, feed)] == [Unavailable, Unavailable, OutcomeUnknown]
    assert (reads, patches, feeds) == (4, 4, 1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": [{"code": "InvalidInput", "message": "No"}]}, "InvalidInput: No"),
        ({"errors": [{"code": "A", "message": "b", "details": "c"}, {"code": "D"}]}, "A: b c; D"),
        ({"errors": [{"code": None, "message": 7}]}, "7"),
        ({"errors": {}}, '{"errors": {}}'),
        ([1], "[1]"),
    ],
)
def test_an_error_body_is_read_whatever_is_in_it(body: object, said: str) -> None:
    assert error_text(json.dumps(body).encode()) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ""),
        (b"<html><head>\n<TITLE>\n400 Bad Request</TITLE></head><body>x</body></html>", "400 Bad Request"),
        (b"\xff\xfe no text", "\ufffd\ufffd no text"),
        (b"x" * 1000, "x" * 500),
        (b"[" * 100_000, "[" * 500),
    ],
    ids=["nothing", "a page", "no text", "long", "deep"],
)
def test_what_is_no_json_is_reported_as_far_as_it_says_anything(body: bytes, said: str) -> None:
    assert error_text(body) == said


def test_a_doubtful_refusal_says_that_it_is_asked_again_and_what_to_compare() -> None:
    doubtful = suspect(Refused(service="amazon", operation="searchOrders", reason=REQUEST_REFUSED, detail="No."))

    assert detail_and_fix(doubtful) == (
        "It refuses this request: “No”. It is asked again; if it lasts, compare region and marketplaces with Seller "
        "Central."
    )


def test_a_good_answer_is_no_refusal() -> None:
    assert refusal(SEARCH_ORDERS, Answer(status=200, headers=httpx.Headers(), body=b"{}")) is None
