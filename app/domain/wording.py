"""Messages put into words, for a reader: English or French, amounts and times in the reader's form.

A template holds `{name}`, in which foreign text is quoted; `{name:name}` for proper names, which are not;
`{x:amount}` for an amount whose currency is known; `{n:order|orders}` for what follows from a number; and `[…]`, left
out where a parameter inside is missing. A parameter that is missing elsewhere shows as `?`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Literal

from babel import Locale, dates, numbers

from app.domain import sentences_en, sentences_fr
from app.domain import sentences_input_en as input_en
from app.domain import sentences_input_fr as input_fr
from app.domain import sentences_marketplaces_en as marketplaces_en
from app.domain import sentences_marketplaces_fr as marketplaces_fr
from app.domain import sentences_shop_check_en as shop_check_en
from app.domain import sentences_shop_check_fr as shop_check_fr
from app.domain import sentences_shops_en as shops_en
from app.domain import sentences_shops_fr as shops_fr
from app.domain.message import Message, Param, Params
from app.domain.money import Money

Language = Literal["en", "fr"]

CATALOGUES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        **sentences_en.REASONS,
        **sentences_en.DETAILS,
        **marketplaces_en.SENTENCES,
        **shops_en.SENTENCES,
        **shop_check_en.SENTENCES,
        **input_en.SENTENCES,
    },
    "fr": {
        **sentences_fr.REASONS,
        **sentences_fr.DETAILS,
        **marketplaces_fr.SENTENCES,
        **shops_fr.SENTENCES,
        **shop_check_fr.SENTENCES,
        **input_fr.SENTENCES,
    },
}
# Said of a code that this version does not know.
UNKNOWN = "INTERNAL"
_QUOTED: Mapping[Language, str] = {"en": "“{}”", "fr": "«\N{NARROW NO-BREAK SPACE}{}\N{NARROW NO-BREAK SPACE}»"}
_AND: Mapping[Language, str] = {"en": "and", "fr": "et"}
_MORE: Mapping[Language, str] = {"en": "{} more", "fr": "{} autres"}
# Of a longer list the first are shown, and how many more there are.
_LONGEST_LIST = 20
_MOMENT: Mapping[Language, str] = {"en": "d MMM y, HH:mm", "fr": "d MMM y 'à' HH:mm"}
_PART, _FIELD = re.compile(r"\[([^\]]*)\]"), re.compile(r"\{(\w+)(?::([^{}]*))?\}")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom something is put into words."""

    language: Language = "en"
    timezone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and what to do about it, which may be empty."""

    message: str
    fix: str


def say(said: Message, reader: Reader) -> Said:
    """Return the sentence of a message and what to do about it: its detail's fix, which is nearer, if it has one."""
    text = _sentence(said.code, said.params, reader)
    return Said(text[:1].upper() + text[1:], _fix(said.params.get("detail"), reader) or _fix(said, reader))


def sentence(said: Message, reader: Reader) -> str:
    """Return the sentence of a message alone, as it stands inside another one."""
    return _sentence(said.code, said.params, reader)


def in_words(said: Message | str, reader: Reader) -> str:
    """Return the sentence of a message; foreign text stays as it is."""
    return said if isinstance(said, str) else sentence(said, reader)


def in_english(said: Message | str) -> str:
    """Return a message, or foreign text as it is, for logs and exceptions."""
    return in_words(said, Reader())


def _fix(said: Param | None, reader: Reader) -> str:
    if not isinstance(said, Message):
        return ""
    code = said.code if said.code in CATALOGUES["en"] else UNKNOWN
    return _sentence(f"{code}.fix", said.params, reader)


def _sentence(code: str, params: Params, reader: Reader) -> str:
    catalogue = CATALOGUES[reader.language]
    template = catalogue.get(code, "" if code.endswith(".fix") else catalogue[UNKNOWN])
    known = {name: value for name, value in params.items() if value not in (None, "", ())}

    def part(found: re.Match[str]) -> str:
        return found[1] if all(name in known for name, _ in _FIELD.findall(found[1])) else ""

    def filled(found: re.Match[str]) -> str:
        name, spec = found[1], found[2] or ""
        return _shown(known[name], spec, reader) if name in known else "?"

    return _FIELD.sub(filled, _PART.sub(part, template))


def _inside(said: Message, reader: Reader) -> str:
    """Return a sentence as a part of another one: without its full stop, and beginning like a part."""
    text = sentence(said, reader).removesuffix(".")
    return text[:1].lower() + text[1:] if said.code in sentences_en.REASONS else text


def _shown(value: Param, spec: str, reader: Reader) -> str:
    language = reader.language
    if "|" in spec:
        one, many = spec.split("|", 1)
        return one if Locale(language).plural_form(abs(value) if isinstance(value, int) else 2) == "one" else many
    match value:
        case Message():
            return _inside(value, reader)
        case Money():
            return numbers.format_currency(value.amount, value.currency, locale=language)
        case datetime():
            text = dates.format_datetime(value, _MOMENT[language], tzinfo=reader.timezone, locale=language)
            return f"{text} UTC" if reader.timezone is UTC else text
        case date():
            return dates.format_date(value, "long", locale=language)
        case Decimal() | float() | int():
            return numbers.format_decimal(value, "#,##0.00" if spec == "amount" else None, locale=language)
        case tuple():
            shown = [_shown(each, spec, reader) for each in value[:_LONGEST_LIST]]
            if len(value) > _LONGEST_LIST:
                shown.append(_MORE[language].format(len(value) - _LONGEST_LIST))
            *before, last = shown
            return f"{', '.join(before)} {_AND[language]} {last}" if before else last
        case _:
            text = value.removesuffix(".")
            return text if spec == "name" else _QUOTED[language].format(text)
