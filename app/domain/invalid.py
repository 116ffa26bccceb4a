"""Why a value can't be used, as a message: our own checks, and those of pydantic by their type."""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.message import Message, Param, message
from app.domain.wording import in_english

# By the type of pydantic's error.
_CODES: Mapping[str, str] = {
    "missing": "MUST_BE_GIVEN",
    "extra_forbidden": "MUST_BE_KNOWN",
    "bool_parsing": "MUST_BE_YES_OR_NO",
    "bool_type": "MUST_BE_YES_OR_NO",
    "int_parsing": "MUST_BE_WHOLE",
    "int_parsing_size": "MUST_BE_WHOLE",
    "int_type": "MUST_BE_WHOLE",
    "int_from_float": "MUST_BE_WHOLE",
    "float_parsing": "MUST_BE_NUMBER",
    "float_type": "MUST_BE_NUMBER",
    "decimal_parsing": "MUST_BE_NUMBER",
    "decimal_type": "MUST_BE_NUMBER",
    "finite_number": "MUST_BE_NUMBER",
    "decimal_max_digits": "MUST_BE_FEWER_DIGITS",
    "decimal_max_places": "MUST_BE_FEWER_DIGITS",
    "decimal_whole_digits": "MUST_BE_FEWER_DIGITS",
    "greater_than_equal": "MUST_BE_AT_LEAST",
    "less_than_equal": "MUST_BE_AT_MOST",
    "greater_than": "MUST_BE_MORE",
    "less_than": "MUST_BE_LESS",
    "literal_error": "MUST_BE_ONE_OF",
    "enum": "MUST_BE_ONE_OF",
    "string_type": "MUST_BE_TEXT",
    "string_too_short": "MUST_BE_LONGER",
    "string_too_long": "MUST_BE_SHORTER",
    "too_short": "MUST_BE_MORE_ENTRIES",
    "too_long": "MUST_BE_FEWER_ENTRIES",
    "string_pattern_mismatch": "MUST_BE_READABLE",
    "string_unicode": "MUST_BE_READABLE",
    "datetime_parsing": "MUST_BE_MOMENT",
    "datetime_from_date_parsing": "MUST_BE_MOMENT",
    "datetime_type": "MUST_BE_MOMENT",
    "datetime_object_invalid": "MUST_BE_MOMENT",
    "timezone_aware": "MUST_BE_ZONED",
    "json_invalid": "MUST_BE_JSON",
    "json_type": "MUST_BE_JSON",
    "list_type": "MUST_BE_LIST",
    "dict_type": "MUST_BE_OBJECT",
    "model_type": "MUST_BE_OBJECT",
    "model_attributes_type": "MUST_BE_OBJECT",
}
_LIMITS = ("ge", "le", "gt", "lt", "min_length", "max_length")


class InvalidValue(ValueError):
    """A value that can't be used; `said` is a message that says what is allowed."""

    def __init__(self, code: str, /, **params: Param) -> None:
        self.said = Message(code, params)
        super().__init__(in_english(self.said))


def what_is_wrong(error: Mapping[str, Any]) -> Message:
    """Return what is wrong with a value, from an entry of `ValidationError.errors()`; the value is never repeated."""
    context = error.get("ctx") or {}
    own = context.get("error")
    if isinstance(own, InvalidValue):
        return own.said
    params: dict[str, Param] = {}
    limit = next((context[name] for name in _LIMITS if name in context), None)
    if limit is not None:
        params["limit"] = limit
    if "expected" in context:
        params["allowed"] = tuple(re.findall(r"'([^']*)'", str(context["expected"])))
    return Message(_CODES.get(str(error["type"]), "MUST_BE_OTHER"), params)


def wrong_field(field: str, wrong: Message | InvalidValue) -> Message:
    """Return the sentence about a field whose value can't be used."""
    return message("FIELD_WRONG", field=field, wrong=wrong.said if isinstance(wrong, InvalidValue) else wrong)
