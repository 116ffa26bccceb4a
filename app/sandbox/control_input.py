"""The control input that is the same on every platform, and the sentences that refuse it."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.sandbox.times import duration

Shape = Literal[
    "normal",
    "unknown_sku",
    "no_address",
    "zero_lines",
    "unknown_state",
    "extra_fields",
    "missing_fields",
    "foreign_currency",
    "odd_text",
    "pickup",
    "b2b",
    "same_sku_twice",
    "zero_price",
]


State = TypeVar("State", bound=str)


class ControlRefused(Exception):
    """The control input can't be used; the message says what is allowed."""


class ControlNotFound(Exception):
    """The control input names something that does not exist."""


def platform_state(word: str, states: Sequence[State], common: Mapping[str, State]) -> State:
    """Return the platform's state of a control word, which may be that state itself."""
    return next((state for state in states if state == word), None) or common[word]


class ControlRequest(BaseModel):
    """A control body: unknown keys are refused, so that a typing error never passes as a default."""

    model_config = ConfigDict(extra="forbid")


def _age(text: str) -> str:
    duration(text)
    return text


# "3h", "90m" or "2d".
Age = Annotated[str, AfterValidator(_age)]


class OrderRequest(ControlRequest):
    """The part of an orders body that every platform understands."""

    count: int = Field(default=1, ge=1, le=20_000)
    fulfilment: Literal["merchant", "marketplace"] = "merchant"
    age: Age | None = None
    lines: int | None = Field(default=None, ge=1, le=20)
    sku: str | None = Field(default=None, min_length=1, max_length=40)
    quantity: int | None = Field(default=None, ge=1, le=10_000)
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    shape: Shape = "normal"
    payment: Literal["ok", "refused"] | None = None
    payment_delay_s: float | None = Field(default=None, ge=0)
    late_visible_s: float | None = Field(default=None, ge=0)
    silent: bool = False


class ResetRequest(ControlRequest):
    seed: int | None = None
    speed: float | None = Field(default=None, gt=0)


class ClockRequest(ControlRequest):
    advance_s: float = Field(ge=0)


AnyRequest = TypeVar("AnyRequest", bound=ControlRequest)


def read(kind: type[AnyRequest], body: dict[str, Any]) -> AnyRequest:
    """Return the body as that request; ControlRefused names every key that can't be used and what is allowed."""
    try:
        return kind.model_validate(body)
    except ValidationError as refused:
        sentences = [_sentence(kind, error) for error in refused.errors()]
        raise ControlRefused(" ".join(dict.fromkeys(sentences))) from refused


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a control body; an empty body is an empty object."""
    if not body.strip():
        return {}
    try:
        request = json.loads(body)
    except ValueError as broken:
        raise ControlRefused("The body is not JSON; send a JSON object.") from broken
    if not isinstance(request, dict):
        raise ControlRefused("The body must be a JSON object.")
    return request


def _sentence(kind: type[ControlRequest], error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"Unknown key {key!r}; the keys are: {', '.join(sorted(kind.model_fields))}."
    if error["type"] == "missing":
        return f"The key {key!r} is missing."
    if error["type"] == "literal_error":
        return f"{key} can't be {error['input']!r}; allowed: {error['ctx']['expected']}."
    return f"{key} can't be {error['input']!r}: {error['msg'].removeprefix('Value error, ')}."
