"""Amazon's static sandbox: the examples that stand in its own model files, matched by their parameters.

The files are Amazon's and not ours to ship; whoever has them says where they are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.amazon.buckets import TokenBuckets, Wanted
from app.sandbox.amazon.errors import invalid, refusal, throttled
from app.sandbox.amazon.quotas import STATIC

BLOCK = "x-amzn-api-sandbox"
VERBS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Example:
    """One request and its answer; `weight` is how much the request says, so that the closest one wins."""

    status: int
    parameters: Mapping[str, Any]
    response: Any

    @property
    def weight(self) -> int:
        return sum(map(_leaves, self.parameters.values()))


@dataclass(frozen=True)
class Modelled:
    """One operation of a model file."""

    name: str
    verb: str
    path: re.Pattern[str]
    lists: frozenset[str]
    examples: tuple[Example, ...]


class StaticSandbox:
    """All examples below a folder of model files, read at the first request."""

    def __init__(self, models: Path | None) -> None:
        self._models = models
        self._operations: list[Modelled] | None = None
        self._buckets = TokenBuckets()

    def answer(self, request: Request, path: str, body: bytes, *, now_s: float) -> Response:
        """Return the example that the request matches."""
        if self._models is None or not self._models.is_dir():
            detail = "The static sandbox needs Amazon's model files; start the sandbox with the folder they are in."
            return JSONResponse({"detail": detail}, 404)
        if self._operations is None:
            self._operations = list(_read(self._models))
        for operation in self._operations:
            found = operation.path.fullmatch(path) if operation.verb == request.method.lower() else None
            if found is not None:
                return self._example(operation, _given(operation, found, request, body), now_s)
        return JSONResponse({"detail": f"No model has an example for {request.method} {path}."}, 404)

    def _example(self, operation: Modelled, given: Mapping[str, Any], now_s: float) -> Response:
        if self._buckets.take(Wanted(operation.name, STATIC), now_s=now_s) is not None:
            return refusal(throttled())
        matching = [example for example in operation.examples if _matches(example.parameters, given)]
        if not matching:
            return refusal(invalid("Could not match input arguments"))
        best = max(matching, key=lambda example: example.weight)
        if best.response in (None, {}) or best.status == 204:
            return Response(b"", best.status)
        return JSONResponse(best.response, best.status)


def _read(folder: Path) -> Iterator[Modelled]:
    for file in sorted(folder.glob("*.json")):
        model = json.loads(file.read_text())
        if isinstance(model, dict) and "swagger" in model:
            yield from _operations(model)


def _operations(model: Mapping[str, Any]) -> Iterator[Modelled]:
    for path, verbs in model["paths"].items():
        for verb, operation in verbs.items():
            if verb not in VERBS:
                continue
            parameters = operation.get("parameters", [])
            yield Modelled(
                name=f"{path} {verb}",
                verb=verb,
                path=re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))),
                lists=frozenset(each["name"] for each in parameters if each.get("type") == "array"),
                examples=tuple(_examples(operation)),
            )


def _examples(operation: Mapping[str, Any]) -> Iterator[Example]:
    for status, response in operation["responses"].items():
        for block in response.get(BLOCK, {}).get("static", []):
            parameters = block["request"]["parameters"]
            wanted = {name: each["value"] for name, each in parameters.items() if "value" in each}
            yield Example(int(status), wanted, block.get("response"))


def _given(operation: Modelled, found: re.Match[str], request: Request, body: bytes) -> Mapping[str, Any]:
    given: dict[str, Any] = {name: unquote(text) for name, text in found.groupdict().items()}
    for name, text in request.query_params.multi_items():
        given[name] = text.split(",") if name in operation.lists else text
    try:
        given["body"] = json.loads(body) if body else None
    except ValueError:
        given["body"] = None
    return given


def _matches(wanted: object, given: object) -> bool:
    """Say whether everything that is wanted is given; more may be given, but not in lists."""
    if isinstance(wanted, Mapping):
        return isinstance(given, Mapping) and all(
            name in given and _matches(value, given[name]) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(given, list) and len(given) == len(wanted) and all(map(_matches, wanted, given))
    # What stands in a query string has no type.
    return wanted == given or (isinstance(given, str) and not isinstance(wanted, bool) and str(wanted) == given)


def _leaves(value: object) -> int:
    if isinstance(value, Mapping):
        return sum(map(_leaves, value.values()))
    return max(1, len(value)) if isinstance(value, list) else 1
