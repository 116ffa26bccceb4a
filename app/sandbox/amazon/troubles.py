"""What goes wrong on purpose, as callers of Amazon meet it. Only `lost_ack` leaves an effect behind."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox import faults
from app.sandbox.amazon.errors import Refusal, broken, denied, invalid, not_found, refusal, throttled
from app.sandbox.amazon.lwa import lwa_refusal
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.switches import LwaError, Trouble
from app.sandbox.faults import FaultPlan

TOKEN = "token"  # noqa: S105 - the name of an operation
_REASONS: dict[int, Refusal] = {
    400: invalid("Invalid Input"),
    401: Refusal(401, "Unauthorized", "Access to requested resource is denied."),
    403: denied("The access token you provided is revoked, malformed or invalid."),
    404: not_found("Resource"),
    413: Refusal(413, "RequestEntityTooLarge", "The request size exceeded the maximum accepted size."),
    429: throttled(),
    500: broken(),
    503: Refusal(503, "ServiceUnavailable", "Temporary overloading or maintenance of the server."),
}
_LWA_ERRORS: dict[int, LwaError] = {
    400: "invalid_request",
    401: "invalid_client",
    403: "access_denied",
    503: "temporarily_unavailable",
}


async def answer(
    seller: Seller, request: Request, *, operation: str, serve: Callable[[], Awaitable[Response]]
) -> Response:
    """Return what the caller gets: the true answer of `serve`, or what a fault or trouble makes of it."""
    response = _answer_of(seller.trouble(operation, seller.context.clock.now()))
    if response is not None and operation != TOKEN:
        return response
    # A token changes nothing that could be lost.
    write = request.method not in ("GET", "HEAD") and operation != TOKEN
    plan = _plan(seller.faults, operation)
    protocol = LWA if operation == TOKEN else SELLING_PARTNER
    return await faults.answer(plan, request, operation=operation, write=write, protocol=protocol, serve=serve)


def _plan(plan: FaultPlan, operation: str) -> FaultPlan:
    """Return the faults that may hit. Tokens come from another host, so that only a fault by name hits them."""
    if operation != TOKEN:
        return plan
    named = [fault for fault in plan.faults if fault.request.operation == TOKEN]
    return FaultPlan(draw=plan.draw, faults=named, hits=plan.hits)


def _answer_of(trouble: Trouble | None) -> Response | None:
    match trouble:
        case "html_400":
            # The gateway refuses malformed HTTP before the API sees it.
            return Response("<html><head><title>400 Bad Request</title></head></html>", 400, media_type="text/html")
        case "http_400" | "http_413" | "http_500":
            return refusal(_REASONS[int(trouble.removeprefix("http_"))])
        case _:
            return None


def _error(status: int, _: int | None) -> Response:
    """Return an error answer; Amazon's 429 says nothing of how long to wait."""
    return refusal(_REASONS[status]) if status in _REASONS else faults.web_server_error(status)


def _lwa_error(status: int, _: int | None) -> Response:
    answer = lwa_refusal(_LWA_ERRORS.get(status, "server_error"), "Injected by the sandbox")
    answer.status_code = status
    return answer


SELLING_PARTNER = faults.Protocol(_error, beginning=b'{"errors": [{"code": "')
LWA = faults.Protocol(_lwa_error, beginning=SELLING_PARTNER.beginning)
