"""How the Selling Partner API says no: a status, and a list of one error."""

from starlette.responses import JSONResponse, Response


class Refusal(Exception):
    """The request is refused; `code` is Amazon's word for why."""

    def __init__(self, status: int, code: str, message: str, *, details: str | None = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def refusal(reason: Refusal) -> Response:
    """Return the error answer."""
    error = {"code": reason.code, "message": reason.message}
    if reason.details is not None:
        error["details"] = reason.details
    return JSONResponse({"errors": [error]}, reason.status, {"x-amzn-ErrorType": f"{reason.code}Exception"})


def invalid(message: str, *, details: str = "") -> Refusal:
    return Refusal(400, "InvalidInput", message, details=details)


def bad_request(details: str) -> Refusal:
    """Listings and files call it otherwise than orders."""
    return Refusal(400, "BAD_REQUEST", "Invalid input", details=details)


def not_found(what: str) -> Refusal:
    return Refusal(404, "NotFound", f"{what} is not found.")


def denied(details: str) -> Refusal:
    return Refusal(403, "Unauthorized", "Access to requested resource is denied.", details=details)


def throttled(message: str = "You exceeded your quota for the requested resource.") -> Refusal:
    return Refusal(429, "QuotaExceeded", message)


def broken() -> Refusal:
    message = "We encountered an internal error. Please try again."
    return Refusal(500, "InternalFailure", message)
