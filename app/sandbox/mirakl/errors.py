"""How this operator says no: a status, a sentence, and for orders a code."""

from typing import Literal

from starlette.responses import JSONResponse, Response

from app.sandbox.faults import web_server_error

Form = Literal["both", "message", "errors"]


class Refusal(Exception):
    """The request is refused; `code` is one of the published order codes when there is one."""

    def __init__(self, status: int, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.field = field


def refusal(reason: Refusal, *, form: Form = "both") -> Response:
    """Return the error answer; the form matters only where a code exists."""
    body: dict[str, object] = {"status": reason.status, "message": reason.message}
    errors = [{"code": reason.code, "field": reason.field, "message": reason.message}]
    if reason.code is not None and form == "errors":
        body = {"errors": errors}
    elif reason.code is not None and form == "both":
        body["errors"] = errors
    return JSONResponse(body, reason.status)


def by_operator() -> Refusal:
    """The answer for what only the merchant's own orders allow."""
    return Refusal(400, "The order is fulfilled by the operator", code="ORDER_FULFILLED_UNAUTHORIZED", field="order_id")


def order_not_found(order_id: str) -> Refusal:
    """The same answer for an order that does not exist and for another shop's."""
    return Refusal(404, f"Order with identifier '{order_id}' not found", code="ORDER_NOT_FOUND", field="order_id")


def injected(status: int, retry_after: int | None) -> Response:
    """Return the error answer that a fault asks for."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if status in (502, 503, 504):
        return web_server_error(status, headers=headers)
    return JSONResponse({"status": status, "message": "Injected by the sandbox"}, status, headers)
