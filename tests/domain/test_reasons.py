"""Every code is said in both languages, with the same facts."""

import string
import typing
from collections.abc import Mapping

import pytest

from app.domain.reasons import QUIET, REASONS, Language, Reason, Said, needing_a_person, say, shown_as_problems

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
    "TOO_SOON",
    "TASK_LATE",
    "INTERNAL",
]


def placeholders(said: Said) -> set[str]:
    """Return the names in braces of a sentence and its fix."""
    return {name for text in (said.message, said.fix) for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", PROMISED)
def test_a_promised_code_is_there(code: str) -> None:
    assert code in REASONS


@pytest.mark.parametrize(("code", "reason"), REASONS.items(), ids=str)
def test_both_languages_name_the_same_facts(code: str, reason: Reason) -> None:
    assert placeholders(reason.en) == placeholders(reason.fr)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
def test_a_sentence_and_its_fix_end_like_sentences(code: str, language: Language) -> None:
    said = say(code, language=language, params={})

    assert (said.message[-1], said.fix[-1]) == (".", ".")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("params", [{}, {"sku": None, "detail": ""}, {"sku": "{detail}", "detail": "{0}{sku!r}"}])
def test_no_sentence_breaks_on_its_facts(code: str, language: Language, params: Mapping[str, object]) -> None:
    assert say(code, language=language, params=params).message


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
def test_no_sentence_shows_a_placeholder(code: str, language: Language) -> None:
    said = say(code, language=language, params={})

    assert "{" not in said.message + said.fix


def test_a_fact_with_braces_is_said_as_it_is() -> None:
    assert "'{sku}'" in say("SKU_UNKNOWN", language="en", params={"sku": "{sku}"}).message


def test_a_fact_that_is_a_sentence_ends_with_one_full_stop() -> None:
    params = {"service": "amazon", "detail": "the token is wrong. Enter a new one."}

    said = say("CREDENTIALS_REFUSED", language="en", params=params)

    assert said.message == "amazon refuses our key: the token is wrong. Enter a new one."


def test_a_code_of_another_version_is_said_somehow() -> None:
    assert say("GONE_TOMORROW", language="fr", params={}).message.startswith("Une erreur s'est produite")


@pytest.mark.parametrize("code", REASONS)
def test_the_two_languages_differ(code: str) -> None:
    assert REASONS[code].en.message != REASONS[code].fr.message


def test_what_waits_in_the_normal_course_of_things_needs_nobody() -> None:
    assert not QUIET & needing_a_person()


def test_whatever_needs_a_person_is_shown() -> None:
    assert needing_a_person() <= set(shown_as_problems())
