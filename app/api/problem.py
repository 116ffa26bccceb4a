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

from app.api.language import answer_language
from app.domain.invalid import what_is_wrong, wrong_field
from app.domain.message import Message, message
from app.domain.wording import Reader, in_english, in_words
from app.errors import BadInput, CallError, StoreUnavailable
from app.keys import UnreadableSecret

log = structlog.get_logger()

RETRY_AFTER_S = 30
PROBLEM_JSON = "application/problem+json"
LONGEST_DETAIL = 600
LONGEST_FIELD = 100
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
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
        self, status: int, said: Message | str, *, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(in_english(said))
        self.status, self.said, self.field, self.headers = status, said, field, dict(headers or {})


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
    request: Request,
    status: int,
    said: Message | str,
    *,
    field: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem in the caller's language, as an answer that is kept nowhere."""
    body = ProblemBody(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=_printable(in_words(said, Reader(answer_language(request))), LONGEST_DETAIL),
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


async def _on_problem(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, ProblemError)
    return problem_response(request, exc.status, exc.said, field=exc.field, headers=exc.headers)


async def _on_bad_input(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, BadInput)
    missing = exc.field == "account" or exc.field in request.path_params
    return problem_response(request, 404 if missing else 422, exc.said, field=exc.field)


async def _on_invalid(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    first = exc.errors()[0]
    wrong = what_is_wrong(first)
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    said = wrong_field(field, wrong) if field else message("REQUEST_WRONG", wrong=wrong)
    return problem_response(request, 422, said, field=field)


async def _on_http(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    headers = dict(exc.headers or {})
    match exc.status_code:
        case 400:
            return problem_response(request, 422, message("BODY_UNREADABLE"), headers=headers)
        case 404:
            said = message("NOTHING_HERE")
        case 405:
            methods = _methods(request)
            headers["Allow"] = ", ".join(methods)
            said = message("METHODS", methods=tuple(methods))
        case status:
            said = message("NOT_ANSWERED", status=f"HTTP {status}")
    return problem_response(request, exc.status_code, said, headers=headers)


def _methods(request: Request) -> list[str]:
    """Return the methods of all routes with this path; the library names those of the first alone."""
    routes: list[Route] = request.app.state.routes
    matching = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in matching for method in route.methods or ()})


async def _on_store(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, StoreUnavailable)
    log.error("request refused, the database is away", why=str(exc))
    why = exc.said if isinstance(exc.said, Message) else message("STORE_NOT_USABLE")
    return problem_response(
        request, 503, message("NOTHING_RECORDED", why=why), headers={"Retry-After": str(RETRY_AFTER_S)}
    )


async def _on_call(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, CallError)
    log.warning("request refused, a remote side did not do what was asked", why=str(exc))
    return problem_response(request, 500, message("CALL_FAILED", service=exc.service, detail=exc.detail))


async def _on_unreadable(request: Request, _exc: Exception) -> JSONResponse:
    return problem_response(request, 500, message("CREDENTIALS_OF_ANOTHER_KEY"))


async def _on_anything(request: Request, exc: Exception) -> JSONResponse:
    return problem_response(request, 500, message("WENT_WRONG", error=type(exc).__name__))


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
