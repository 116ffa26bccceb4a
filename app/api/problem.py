"""Errors outside a run: `application/problem+json` (RFC 9457), one shape for all."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from app.errors import BadInput, CallError, StoreUnavailable
from app.keys import UnreadableSecret

log = structlog.get_logger()

RETRY_AFTER_S = 30
PROBLEM_JSON = "application/problem+json"
LONGEST_DETAIL = 600
LONGEST_FIELD = 100
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# What the validator says in terms of patterns, in ours.
_SAID = {"string_pattern_mismatch": "holds characters that can't stand there, or is empty"}
NEVER_KEPT = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}


class ProblemBody(BaseModel):
    """What went wrong and what to do about it."""

    type: str = Field(default="about:blank")
    title: str
    status: int
    detail: str
    field: str | None = Field(default=None, description="The parameter or field that is meant, if it is one.")


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self, status: int, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.field, self.headers = status, detail, field, dict(headers or {})


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of problems with these statuses."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
        for status in statuses
    }


def problem_response(
    status: int, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return a problem as an answer that is kept nowhere."""
    body = ProblemBody(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=_printable(detail, LONGEST_DETAIL),
        field=_printable(field, LONGEST_FIELD) if field is not None else None,
    )
    return JSONResponse(
        body.model_dump(),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers={**NEVER_KEPT, **dict(headers or {})},
    )


def _printable(text: str, limit: int) -> str:
    """Return a text that may repeat what the caller sent, fit for an answer."""
    clean = _UNPRINTABLE.sub("\ufffd", text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


async def _on_problem(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, ProblemError)
    return problem_response(exc.status, exc.detail, field=exc.field, headers=exc.headers)


async def _on_bad_input(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, BadInput)
    missing = exc.field == "account" or exc.field in request.path_params
    return problem_response(404 if missing else 422, exc.message, field=exc.field)


async def _on_invalid(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    errors = exc.errors()
    first = errors[0] if errors else {"loc": (), "msg": "the request can't be read"}
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    said = _SAID.get(str(first["type"]), str(first["msg"]).removeprefix("Value error, "))
    return problem_response(422, f"{field or 'request'}: {said}.", field=field)


async def _on_http(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    headers = dict(exc.headers or {})
    detail = "There is nothing at this address." if exc.status_code == 404 else str(exc.detail)
    if exc.status_code == 400:
        return problem_response(422, "The body can't be read: send JSON in UTF-8.", headers=headers)
    if exc.status_code == 405:
        headers["Allow"] = allowed = ", ".join(_methods(request))
        detail = f"This address knows {allowed}."
    return problem_response(exc.status_code, detail, headers=headers)


def _methods(request: Request) -> list[str]:
    """Return the methods of all routes with this path; the library names those of the first alone."""
    routes: list[Route] = request.app.state.routes
    matching = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in matching for method in route.methods or ()})


async def _on_store(_request: Request, exc: Exception) -> JSONResponse:
    log.error("request refused, the database is away", why=str(exc))
    return problem_response(
        503, f"Nothing was recorded: {exc}. Call again later.", headers={"Retry-After": str(RETRY_AFTER_S)}
    )


async def _on_call(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, CallError)
    return problem_response(500, str(exc))


async def _on_unreadable(_request: Request, exc: Exception) -> JSONResponse:
    return problem_response(
        500,
        "The credentials of an account can't be decrypted with this SECRET_KEY. Set the key before it as "
        "SECRET_KEY_PREVIOUS, or set the credentials again: marketcron account set.",
    )


async def _on_anything(_request: Request, exc: Exception) -> JSONResponse:
    return problem_response(500, f"Something went wrong inside marketcron ({type(exc).__name__}); the log says more.")


def install_problems(app: FastAPI) -> None:
    """Answer every error with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(BadInput, _on_bad_input)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(StoreUnavailable, _on_store)
    app.add_exception_handler(CallError, _on_call)
    app.add_exception_handler(UnreadableSecret, _on_unreadable)
    app.add_exception_handler(Exception, _on_anything)
