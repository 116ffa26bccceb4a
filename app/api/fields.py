"""What routes share: how they are named, and kinds of parameters, checked before anything else sees them."""

from typing import Annotated

from fastapi.routing import APIRoute
from pydantic import BeforeValidator, Field

from app.domain.invalid import InvalidValue

_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off"})
# PostgreSQL stores no NUL, and no id, slot or name holds any control character.
_READABLE = r"^[^\x00-\x1f\x7f]*$"


def _flag(given: object) -> bool:
    word = str(given).strip().lower()
    if word in _ON:
        return True
    if word in _OFF:
        return False
    # An empty flag may be meant either way, and the wrong guess loses a catch-up without a word.
    raise InvalidValue("WRITE_ONE_OR_ZERO")


def _given(text: object) -> object:
    """Return None for an empty text: templates leave `since=` behind when they have nothing to say."""
    return None if isinstance(text, str) and not text.strip() else text


Flag = Annotated[bool, BeforeValidator(_flag)]
EmptyIsAbsent = BeforeValidator(_given)
Text = Annotated[str, Field(max_length=200, pattern=_READABLE)]
OrderId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f]$")]
RunId = Annotated[str, Field(pattern=r"^[0-9A-Z]{26}$")]


def name_of(route: APIRoute) -> str:
    """Return the name of an operation: its function's."""
    return route.name
