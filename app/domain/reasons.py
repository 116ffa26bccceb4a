"""Every code a report can hold, with its sentence and what to do, in English and French.

Codes are stable: scripts and support rely on them. The sentences stand in `sentences_en.py` and `sentences_fr.py`;
placeholders in braces are filled from the problem's parameters, a missing one shows as `?`. A part in square brackets
is left out where one of its own is missing.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from app.domain import sentences_en, sentences_fr

Language = Literal["en", "fr"]

_PART, _NAME = re.compile(r"\[([^\]]*)\]"), re.compile(r"\{(\w+)\}")

# Somebody has to act; without it the service goes on by itself.
_PERSON = frozenset(
    {
        "UNKNOWN_TWICE",
        "TRACKING_MISSING",
        "TRACKING_REFUSED",
        "TRACKING_URL_UNKNOWN",
        "CARRIER_UNKNOWN",
        "SHIP_REFUSED",
        "SHIPMENT_NOT_SHOWN",
        "DELETED_IN_SHOP",
        "OFFER_REFUSED",
        "PRICE_GUARD",
        "STOCK_GUARD",
        "OFFERS_UNANSWERED",
        "SHIPPED_THERE_ONLY",
        "TOTAL_DIFFERS",
        "UNKNOWN_THERE",
        "SKU_UNKNOWN",
        "SKU_AMBIGUOUS",
        "SKU_MISSING",
        "PRODUCT_INACTIVE",
        "OUT_OF_STOCK",
        "ADDRESS_MISSING",
        "ADDRESS_REFUSED",
        "COUNTRY_INACTIVE",
        "CURRENCY_UNKNOWN",
        "CARRIER_UNMAPPED",
        "TOTAL_MISMATCH",
        "ORDER_HALF_MADE",
        "ORDER_MISSING",
        "UNREADABLE",
        "NO_LINES",
        "STATE_UNKNOWN",
        "DATA_EXPIRED",
        "SHOP_REFUSED",
        "DECISION_REFUSED",
        "PARTIAL_ACCEPT_OFF",
        "ON_HOLD",
        "BUYER_ASKS_CANCEL",
        "CANCELLED_IN_SHOP",
        "SHIPPED_BUT_CANCELLED",
        "DEADLINE_NEAR",
        "DEADLINE_PASSED",
        "CREDENTIALS_REFUSED",
        "ROLE_MISSING",
        "REQUEST_REFUSED",
        "SHOP_SETUP",
        "TASK_LATE",
        "INTERNAL",
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and what to do about it."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A code's sentences, and whether somebody has to act."""

    person: bool
    en: Said
    fr: Said


REASONS: Mapping[str, Reason] = {
    code: Reason(code in _PERSON, Said(*english), Said(*sentences_fr.SENTENCES[code]))
    for code, english in sentences_en.SENTENCES.items()
}


@cache
def needing_a_person() -> frozenset[str]:
    """Return the codes after which somebody has to act."""
    return frozenset(code for code, reason in REASONS.items() if reason.person)


# Why an order waits in the normal course of things, or what is special about one that was imported: said in the full
# report, never among the problems.
QUIET = frozenset(
    {
        "WAITING_PAYMENT",
        "WAITING_ACCEPTANCE",
        "WAITING_FULFILMENT",
        "REPLACEMENT_ORDER",
        "CANCELLED_ON_MARKETPLACE",
        "PARTLY_SHIPPED",
        "WAITING_TRACKING",
    }
)


@cache
def shown_as_problems() -> tuple[str, ...]:
    """Return the codes that a report lists as problems, by name."""
    return tuple(sorted(set(REASONS) - QUIET))


def say(code: str, *, language: Language, params: Mapping[str, object]) -> Said:
    """Return the sentence and the fix of a code in a language, its placeholders filled."""
    reason = REASONS.get(code, REASONS["INTERNAL"])
    said = reason.fr if language == "fr" else reason.en
    values = defaultdict(lambda: "?", {key: str(value) for key, value in params.items() if value not in (None, "")})
    if "detail" in values:
        # It may be a sentence with a full stop of its own.
        values["detail"] = values["detail"].removesuffix(".")
    return Said(_filled(said.message, values), _filled(said.fix, values))


def _filled(text: str, values: Mapping[str, str]) -> str:
    def part(found: re.Match[str]) -> str:
        return found[1] if all(name in values for name in _NAME.findall(found[1])) else ""

    return _PART.sub(part, text).format_map(values)
