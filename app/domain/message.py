"""What can be said to people: a code with parameters, put into words when it is shown, in the reader's language.

A parameter is a message, a number, a moment or a day, an amount of money, several of these, or foreign text (a name, or
what a remote side said), which is quoted. Our own words are never foreign text: they have a code.

As JSON (in the database): {"code": …, "params": {…}} · 12 · {"number": "1.5"} · {"at": "2026-11-21T09:20:00+00:00"} ·
{"day": "2026-11-21"} · {"amount": "12.90", "currency": "EUR"} · […] · "text".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Union

from app.domain.money import Money

Param = Union["Message", Money, datetime, date, Decimal, float, int, str, "tuple[Param, ...]"]
Params = Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Message:
    """A code of the sentences and what fills it."""

    code: str
    params: Params = field(default_factory=dict)


def message(code: str, /, **params: Param) -> Message:
    """Return a message, its parameters by name."""
    return Message(code, params)


def to_json(params: Params) -> dict[str, Any]:
    """Return parameters as JSON."""
    return {name: _to_json(value) for name, value in params.items()}


def from_json(stored: Mapping[str, Any]) -> dict[str, Param]:
    """Return parameters that were kept as JSON; what another version kept in another form is text."""
    return {name: _from_json(value) for name, value in stored.items()}


def _to_json(value: Param) -> Any:
    match value:
        case Message(code, params):
            return {"code": code, "params": to_json(params)}
        case Money(amount, currency):
            return {"amount": str(amount), "currency": currency}
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Decimal() | float():
            return {"number": str(value)}
        case tuple():
            return [_to_json(each) for each in value]
        case _:
            return value


def _from_json(value: Any) -> Param:
    match value:
        case {"code": str(code), "params": dict(params)}:
            return Message(code, from_json(params))
        case {"amount": str(amount), "currency": str(currency)}:
            return Money(Decimal(amount), currency)
        case {"at": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case {"number": str(number)}:
            return Decimal(number)
        case list():
            return tuple(_from_json(each) for each in value)
        case int() | str():
            return value
        case _:
            return str(value)
