"""A country is found by its codes, or by what people call it."""

import pytest

from app.domain.countries import country_code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("FR", "FR"),
        ("fra", "FR"),
        (" es ", "ES"),
        ("XKX", "XK"),
        ("UK", "GB"),
        ("EL", "GR"),
        ("FX", "FR"),
        ("France", "FR"),
        ("FRANKRIJK", "FR"),
        ("España", "ES"),
        ("Espana", "ES"),
        ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("La Réunion", "RE"),
        ("République tchèque", "CZ"),
        ("Royaume-Uni", "GB"),
        ("Österreich", "AT"),
        ("", ""),
        ("ZZ", ""),
        ("ZZZ", ""),
        ("Atlantis", ""),
        ("\N{WOMAN}", ""),
    ],
)
def test_a_country_is_found_by_code_or_name(given: str, code: str) -> None:
    assert country_code(given) == code


def test_the_first_text_that_names_a_country_counts() -> None:
    assert country_code("", "ZZ", "Belgique", "FR") == "BE"
