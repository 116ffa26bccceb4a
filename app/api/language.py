"""The language in which a request is answered: `lang=`, else what the browser prefers, else the account's."""

import re
import typing
from typing import Annotated

from fastapi import Depends, Query, Request

from app.api.fields import EmptyIsAbsent
from app.domain.wording import Language

LANGUAGES: tuple[Language, ...] = typing.get_args(Language)
_RANGE = re.compile(r"\s*([a-z]{2})(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*", re.IGNORECASE)


def preferred(accept_language: str) -> Language | None:
    """Return the language of ours that an Accept-Language header likes best (RFC 9110, 12.5.4); None for none."""
    ranges = [found for part in accept_language.split(",") if (found := _RANGE.fullmatch(part))]
    weights = {found[1].lower(): float(found[2] or 1) for found in reversed(ranges)}
    liked = [language for language in LANGUAGES if weights.get(language, 0) > 0]
    return max(liked, key=lambda language: weights[language], default=None)


def language_of(request: Request) -> Language | None:
    """Return the language that a request asks for, whatever becomes of it."""
    given = request.query_params.get("lang", "").strip()
    asked: Language | None = next((language for language in LANGUAGES if language == given), None)
    return asked or preferred(request.headers.get("Accept-Language", ""))


def answer_language(request: Request) -> Language:
    """Return the language of a refusal: what the request asks for, else that of the account it opened, else English."""
    known: Language = getattr(request.state, "account_language", "en")
    return language_of(request) or known


def _asked(
    request: Request,
    lang: Annotated[Language | None, EmptyIsAbsent, Query(description="Language of the sentences.")] = None,
) -> Language | None:
    return lang or language_of(request)


AskedLanguage = Annotated[Language | None, Depends(_asked)]
