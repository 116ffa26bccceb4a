"""A network that holds every call to Amazon, and every answer it gets, to Amazon's own model files.

Without the files next to this repository it passes calls on and finds nothing.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import jsonschema

from tests.sandbox.amazon.models import FOLDER, model, schema_strangers

_VERBS = ("get", "put", "post", "delete", "patch")
_NUMBERS = {"integer": int, "number": float}
# The login and the store of documents are no part of the models.
_ELSEWHERE = ("/auth/o2/token", "/s3/")
_LONGEST_AGENT = 500
# Of each operation and status; a large page takes longer to look through than to read.
ANSWERS_LOOKED_AT = 5
_FORMATS = jsonschema.FormatChecker()


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    """Whether a text is a moment with its zone; what is no text has no format."""
    if not isinstance(value, str):
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None and "T" in value
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class Modelled:
    """One operation of a model file."""

    name: str
    verb: str
    path: re.Pattern[str]
    operation: Mapping[str, Any]
    definitions: Mapping[str, Any]

    def parameters(self, place: str) -> dict[str, Mapping[str, Any]]:
        return {each["name"]: each for each in self.operation.get("parameters", ()) if each["in"] == place}

    def broken(self, schema: Mapping[str, Any], value: object) -> Iterator[str]:
        """Yield where a value breaks a schema, and what it holds that the schema does not know."""
        whole = {**schema, "definitions": self.definitions}
        checker = jsonschema.Draft4Validator(whole, format_checker=_FORMATS)
        yield from (f"{error.json_path}: {error.message}" for error in checker.iter_errors(value))
        yield from (f"{path}: unknown" for path in schema_strangers(schema, self.definitions, value, "$"))


class HeldToModels(httpx.AsyncBaseTransport):
    """Passes calls on; `called` counts them by operation and status, `faults` says what breaks a model.

    Every request is looked at, and the first answers of each operation.
    """

    def __init__(self, network: httpx.AsyncBaseTransport, *, prefix: str = "") -> None:
        self._network, self._prefix = network, prefix
        self.called: Counter[tuple[str, int]] = Counter()
        self.faults: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = self._asked(request)
        response = await self._network.handle_async_request(request)
        if asked is not None:
            self.called[asked.name, response.status_code] += 1
            if self.called[asked.name, response.status_code] > ANSWERS_LOOKED_AT:
                return response
            await response.aread()
            self.faults += [f"{asked.name} {response.status_code} {each}" for each in _answer(asked, response)]
        return response

    def _asked(self, request: httpx.Request) -> Modelled | None:
        """Return the operation that a request asks for, its faults noted; None for what is no operation."""
        asked, faults = held(request, prefix=self._prefix)
        self.faults += faults
        return asked


def held(request: httpx.Request, *, prefix: str = "") -> tuple[Modelled | None, list[str]]:
    """Return the operation that a request asks for, and where the request breaks its model."""
    whole = request.url.raw_path.decode().partition("?")[0]
    path = whole.removeprefix(prefix)
    if not FOLDER.is_dir() or not whole.startswith(prefix):
        return None, []
    if path.startswith(_ELSEWHERE):
        return None, [f"{path} is told the access token"] if "x-amz-access-token" in request.headers else []
    for each in _operations():
        if each.verb == request.method.lower() and (found := each.path.fullmatch(path)):
            return each, [f"{each.name} {fault}" for fault in _request(each, found, request)]
    return None, [f"no model knows {request.method} {path}"]


@cache
def _operations() -> tuple[Modelled, ...]:
    return tuple(
        Modelled(
            name=operation["operationId"],
            verb=verb,
            path=re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))),
            operation=operation,
            definitions=found["definitions"],
        )
        for found in (model(file.stem) for file in sorted(FOLDER.glob("*.json")))
        for path, verbs in found.get("paths", {}).items()
        for verb, operation in verbs.items()
        if verb in _VERBS
    )


def _request(asked: Modelled, found: re.Match[str], request: httpx.Request) -> Iterator[str]:
    agent = request.headers.get("user-agent", "")
    if "Language=" not in agent or len(agent) > _LONGEST_AGENT:
        yield f"user-agent {agent!r}"
    if not request.headers.get("x-amz-access-token"):
        yield "no access token"
    given = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    parameters = asked.parameters("query")
    yield from (f"?{name}: unknown" for name in given.keys() - parameters.keys())
    yield from (f"?{name}: missing" for name, each in parameters.items() if each.get("required") and name not in given)
    for name, text in given.items():
        if name in parameters:
            value = _typed(parameters[name], text)
            yield from (f"?{name} {fault}" for fault in asked.broken(_schema_of(parameters[name]), value))
    for name, each in asked.parameters("path").items():
        yield from (f"{{{name}}} {fault}" for fault in asked.broken(_schema_of(each), unquote(found[name])))
    yield from _body(asked, request)


def _body(asked: Modelled, request: httpx.Request) -> Iterator[str]:
    [wanted] = asked.parameters("body").values() or [None]
    if wanted is None:
        if request.content:
            yield "a body that nobody asked for"
        return
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        yield f"content-type {request.headers.get('content-type')!r}"
    yield from (f"body {fault}" for fault in asked.broken(wanted["schema"], json.loads(request.content or b"null")))


def _answer(asked: Modelled, response: httpx.Response) -> Iterator[str]:
    reported = asked.operation["responses"].get(str(response.status_code))
    # Gateways answer in HTML or with half of it, which no model can know.
    if not _is_whole(response):
        return
    if reported is None:
        yield "is no status of this operation"
    elif "schema" not in reported:
        yield from ["a body where none is told"] if response.content else []
    else:
        yield from asked.broken(reported["schema"], json.loads(response.content or b"null"))


def _is_whole(response: httpx.Response) -> bool:
    try:
        json.loads(response.content or b"null")
    except ValueError:
        return False
    return bool(response.content) or response.is_success


def _schema_of(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = ("type", "format", "enum", "items", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength")
    return {name: parameter[name] for name in (*kept, "pattern") if name in parameter}


def _typed(parameter: Mapping[str, Any], text: str) -> object:
    """Return a value of a query as the model counts it: lists have commas between, and no list is empty."""
    if parameter["type"] == "array":
        return text.split(",")
    try:
        return _NUMBERS[parameter["type"]](text) if parameter["type"] in _NUMBERS else text
    except ValueError:
        return text
