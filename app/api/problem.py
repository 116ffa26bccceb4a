"""Errors outside a run: `application/problem+json` (RFC 9457), one shape for all."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.errors import BadInput, CallError, StoreUnavailable

log = structlog.get_logger()

RETRY_AFTER_S = 30
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
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
            "model": ProblemBody,
        }
        for status in statuses
    }


def _response(
    status: int, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = ProblemBody(title=HTTPStatus(status).phrase, status=status, detail=detail, field=field)
    return JSONResponse(
        body.model_dump(),
        status_code=status,
        media_type="application/problem+json",
        headers={**NEVER_KEPT, **dict(headers or {})},
    )


async def _on_problem(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, ProblemError)
    return _response(exc.status, exc.detail, field=exc.field, headers=exc.headers)


async def _on_bad_input(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, BadInput)
    return _response(404 if exc.field == "account" else 422, exc.message, field=exc.field)


async def _on_invalid(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    errors = exc.errors()
    first = errors[0] if errors else {"loc": (), "msg": "the request can't be read"}
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    return _response(422, f"{field or 'request'}: {first['msg']}.", field=field)


async def _on_http(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    detail = "There is nothing at this address." if exc.status_code == 404 else str(exc.detail)
    return _response(exc.status_code, detail, headers=exc.headers)


async def _on_store(_request: Request, exc: Exception) -> JSONResponse:
    log.error("request refused, the database is away", why=str(exc))
    return _response(
        503, f"Nothing was recorded: {exc}. Call again later.", headers={"Retry-After": str(RETRY_AFTER_S)}
    )


async def _on_call(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, CallError)
    return _response(500, str(exc))


async def _on_anything(_request: Request, exc: Exception) -> JSONResponse:
    return _response(500, f"Something went wrong inside marketcron ({type(exc).__name__}); the log says more.")


def install_problems(app: FastAPI) -> None:
    """Answer every error with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(BadInput, _on_bad_input)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(StoreUnavailable, _on_store)
    app.add_exception_handler(CallError, _on_call)
    app.add_exception_handler(Exception, _on_anything)
