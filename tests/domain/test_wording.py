"""Messages in the reader's words: quoted names, amounts and times in his form, one sentence inside another."""

import re
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.domain.message import Param, message
from app.domain.money import Money
from app.domain.wording import CATALOGUES, Language, Reader, in_english, say, sentence

LANGUAGES: tuple[Language, ...] = typing.get_args(Language)
FRENCH = Reader("fr", ZoneInfo("Europe/Paris"))
ENGLISH = Reader()
FIELD = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


def fields(text: str) -> set[str]:
    """Return the names in braces of a template."""
    return {name for name, _ in FIELD.findall(text)}


def test_both_languages_know_the_same_codes() -> None:
    assert CATALOGUES["en"].keys() == CATALOGUES["fr"].keys()


def test_both_languages_name_the_same_facts() -> None:
    english, french = ({code: fields(text) for code, text in CATALOGUES[each].items()} for each in LANGUAGES)

    assert english == french


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_quotes_what_is_quoted_when_it_is_filled(language: Language) -> None:
    assert [text for text in CATALOGUES[language].values() if re.search(r"[«“'\"]\s*\{", text)] == []


def test_what_to_do_belongs_to_a_sentence() -> None:
    assert {code.removesuffix(".fix") for code in CATALOGUES["en"]} <= CATALOGUES["en"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("params", [{}, {"sku": "", "detail": ""}, {"sku": "{detail}", "detail": "{0}{sku!r}"}])
def test_no_sentence_breaks_on_its_facts(language: Language, params: Mapping[str, Param]) -> None:
    codes = [code for code in CATALOGUES[language] if not code.endswith(".fix")]

    assert all(say(message(code, **params), Reader(language)).message for code in codes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_shows_a_placeholder(language: Language) -> None:
    said = [say(message(code), Reader(language)) for code in CATALOGUES[language] if not code.endswith(".fix")]

    assert [each for each in said if set("{}[]") & set(each.message + each.fix)] == []


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (Money(Decimal("1079.49"), "EUR"), "€1,079.49", "1 079,49 €"),
        (datetime(2026, 11, 22, 9, 20, tzinfo=UTC), "22 Nov 2026, 09:20 UTC", "22 nov. 2026 à 10:20"),
        (date(2026, 11, 22), "November 22, 2026", "22 novembre 2026"),
        (Decimal("1234.5"), "1,234.5", "1 234,5"),
        (12, "12", "12"),
        ("Bad request.", "“Bad request”", "« Bad request »"),
        (("EUR", "CHF", "USD"), "“EUR”, “CHF” and “USD”", "« EUR », « CHF » et « USD »"),
        (message("SKU_MISSING"), "a line of the order has no SKU", "une ligne de la commande n'a pas de SKU"),
        (message("SIDE_SHOP"), "the shop", "la boutique"),
    ],
)
def test_a_parameter_is_shown_in_the_readers_form(value: Param, english: str, french: str) -> None:
    shown = [sentence(message("UNREADABLE", detail=value), reader) for reader in (ENGLISH, FRENCH)]

    assert [re.sub(r"\s", " ", text).split(": ", 1)[1] for text in shown] == [f"{english}.", f"{french}."]


def test_a_proper_name_is_not_quoted() -> None:
    assert say(message("SHOP_SETUP", service="Mirakl", detail="x"), FRENCH).message.startswith(
        "L'adresse ou la configuration de Mirakl"
    )


def test_a_sentence_begins_with_a_capital_whatever_fills_it() -> None:
    said = say(message("OUTCOME_UNKNOWN", service=message("SIDE_SHOP")), FRENCH)

    assert said.message.startswith("La boutique n'a pas confirmé")


def test_an_amount_has_two_decimals() -> None:
    assert sentence(message("OFFER_PRICE", price=Decimal(1)), FRENCH) == "prix 1,00"


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 commande importée"), (1, "1 commande importée"), (2, "2 commandes importées")]
)
def test_words_follow_their_number(n: int, said: str) -> None:
    assert sentence(message("COUNT_IMPORTED", n=n), FRENCH) == said


def test_a_part_without_its_facts_is_left_out() -> None:
    assert say(message("SHOP_DOWN", detail="x"), ENGLISH).fix == (
        "Nothing to do: the run continues automatically. If it lasts, look at the shop."
    )


def test_a_missing_fact_shows_as_a_question_mark() -> None:
    assert sentence(message("NOT_LISTED"), ENGLISH) == "The marketplace has no offer with the SKU ?."


def test_a_code_of_another_version_is_said_somehow() -> None:
    assert say(message("GONE_TOMORROW"), FRENCH).message.startswith("Une erreur s'est produite")


def test_a_fact_with_braces_is_said_as_it_is() -> None:
    assert "“{sku}”" in sentence(message("SKU_UNKNOWN", sku="{sku}"), ENGLISH)


def test_foreign_text_for_a_log_stays_as_it_is() -> None:
    assert in_english("Bad request") == "Bad request"
