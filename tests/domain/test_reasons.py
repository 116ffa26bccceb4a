"""Every code is said in both languages, with the same facts."""

import typing

import pytest

from app.domain.message import message
from app.domain.reasons import NEEDS_PERSON, QUIET, REASONS, shown_as_problems
from app.domain.wording import CATALOGUES, Language, Reader, say

LANGUAGES: tuple[Language, ...] = typing.get_args(Language)
# The first codes: scripts rely on them. Those of tasks to come are added with their task.
PROMISED = [
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
    "VAT_DIFFERS",
    "ORDER_HALF_MADE",
    "OUTCOME_UNKNOWN",
    "WAITING_PAYMENT",
    "WAITING_ACCEPTANCE",
    "ON_HOLD",
    "BUYER_ASKS_CANCEL",
    "CANCELLED_IN_SHOP",
    "CANCELLED_ON_MARKETPLACE",
    "REPLACEMENT_ORDER",
    "DEADLINE_NEAR",
    "DEADLINE_PASSED",
    "CREDENTIALS_REFUSED",
    "ROLE_MISSING",
    "QUOTA_USED_UP",
    "TIME_USED_UP",
    "MARKETPLACE_DOWN",
    "SHOP_DOWN",
    "SHOP_SETUP",
    "MARKETPLACE_SETUP",
    "TOO_SOON",
    "TASK_LATE",
    "INTERNAL",
]


@pytest.mark.parametrize("code", PROMISED)
def test_a_promised_code_is_there(code: str) -> None:
    assert code in REASONS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_sentence_and_its_fix_end_like_sentences(code: str, language: Language) -> None:
    said = say(message(code), Reader(language))

    assert (said.message[-1], said.fix[-1]) == (".", ".")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_the_two_languages_differ(code: str) -> None:
    assert CATALOGUES["en"][code] != CATALOGUES["fr"][code]


def test_what_waits_in_the_normal_course_of_things_needs_nobody() -> None:
    assert not QUIET & NEEDS_PERSON


def test_whatever_needs_a_person_is_shown() -> None:
    assert set(shown_as_problems()) >= NEEDS_PERSON
