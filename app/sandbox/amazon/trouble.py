"""What goes wrong on purpose, as callers of Amazon meet it. Only `lost_ack` leaves an effect behind."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.amazon.errors import Refusal, broken, denied, invalid, not_found, refusal, throttled
from app.sandbox.amazon.lwa import lwa_refusal
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.switches import LwaError, Trouble
from app.sandbox.connection import Dropped, Unanswered, client_left_within
from app.sandbox.faults import NOISE, FaultPlan

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


async def answer(seller: Seller, request: Request, *, operation: str, serve: Callable[[], Response]) -> Response:
    """Return what the caller gets: the true answer of `serve`, or what a fault or trouble makes of it."""
    standing = _standing(seller.trouble(operation, seller.world.clock.now()))
    if standing is not None and operation != TOKEN:
        return standing
    # A token changes nothing that could be lost.
    write = request.method not in ("GET", "HEAD") and operation != TOKEN
    fault = _plan(seller.faults, operation).next(operation, write=write)
    if fault is None:
        return serve()
    match fault.kind:
        case "timeout":
            return Unanswered()
        case "reset":
            return Dropped()
        case "malformed":
            return Response(NOISE, media_type="text/html")
        case "slow":
            if await client_left_within(request.receive, fault.delay_s):
                return Dropped()
            return serve()
        case "truncate":
            body = b'{"errors": [{"code": "' if write else bytes(serve().body)
            return Response(body[: max(1, len(body) // 2)], media_type="application/json")
        case "lost_ack":
            serve()
            how = fault.answer or seller.faults.draw.choice(("http_500", "reset"))
            return Dropped() if how == "reset" else Unanswered() if how == "timeout" else _status(500, operation)
        case _:
            return _status(int(fault.kind.removeprefix("http_")), operation)


def _plan(faults: FaultPlan, operation: str) -> FaultPlan:
    """Return the faults that may hit. Tokens come from another host, so that only a fault by name hits them."""
    if operation != TOKEN:
        return faults
    named = [fault for fault in faults.faults if fault.wish.operation == TOKEN]
    return FaultPlan(draw=faults.draw, faults=named, hits=faults.hits)


def _standing(trouble: Trouble | None) -> Response | None:
    match trouble:
        case "html_400":
            # The gateway refuses malformed HTTP before the API sees it.
            return Response("<html><head><title>400 Bad Request</title></head></html>", 400, media_type="text/html")
        case "http_400" | "http_413" | "http_500":
            return refusal(_REASONS[int(trouble.removeprefix("http_"))])
        case _:
            return None


def _status(status: int, operation: str) -> Response:
    """Return an error answer; Amazon's 429 says nothing of how long to wait."""
    if operation == TOKEN:
        answer = lwa_refusal(_LWA_ERRORS.get(status, "server_error"), "Injected by the sandbox")
        answer.status_code = status
        return answer
    if status not in _REASONS:
        # Proxies answer these, and proxies speak HTML.
        return Response(f"<html><body><h1>{status}</h1></body></html>", status, media_type="text/html")
    return refusal(_REASONS[status])
