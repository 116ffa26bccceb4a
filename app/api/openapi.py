"""The description of the API at /openapi.json, where FastAPI alone would leave something out."""

from typing import Any

from fastapi import FastAPI

from app.api.cron import EXAMPLE
from app.api.problem import PROBLEM_JSON, ProblemBody, answers

_PROBLEM_EXAMPLE = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "since: 'yesterday' is neither an ISO 8601 date nor a span like 36h or 5d.",
    "field": "since",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description of the routes, made once."""
    if app.openapi_schema is None:
        description = FastAPI.openapi(app)
        schemas = description["components"]["schemas"]
        schemas["ProblemBody"] = ProblemBody.model_json_schema() | {"examples": [_PROBLEM_EXAMPLE]}
        # Every error goes through `problem.py`; the library's own shape is never sent.
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for path in description["paths"].values():
            for operation in path.values():
                if "requestBody" in operation:
                    operation["responses"] |= answers(413)
                operation["responses"] = {str(status): each for status, each in operation["responses"].items()}
                for status, response in operation["responses"].items():
                    _mend(status, response)
    assert app.openapi_schema is not None
    return app.openapi_schema


def _mend(status: str, response: dict[str, Any]) -> None:
    content = response.get("content", {})
    shown = content.get("application/json", {})
    reference = shown.get("schema", {}).get("$ref", "")
    if reference.endswith("/HTTPValidationError"):
        response["content"] = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    elif reference.endswith("/RunReport"):
        # FastAPI leaves the nulls of an example out; ours shows every key of the report.
        shown["example"] = EXAMPLE if status != "202" else EXAMPLE | _UNDER_WAY
    if PROBLEM_JSON in response.get("content", {}):
        title = response["description"]
        response["content"][PROBLEM_JSON]["example"] = _PROBLEM_EXAMPLE | {"title": title, "status": int(status)}


_UNDER_WAY: dict[str, Any] = {
    "status": "running",
    "message": "still running",
    "finished_at": None,
    "duration_s": None,
    "window": None,
    "problems": [],
    "problems_total": 0,
}
