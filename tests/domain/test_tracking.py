"""A tracking number is found in whatever stands in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tracking import Tracking, tracking_numbers

LINK = "https://carrier.example/track?lang=fr&parcel=8X00123456789"


@pytest.mark.parametrize(
    "written", ["", " ", "-", "--", "_", ".", "N/A", "n.a.", "NA", "aucun", "Aucune", "none", "NULL", "?", "sans"]
)
def test_what_stands_for_none_is_none(written: str) -> None:
    assert tracking_numbers(written) == ()


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("8X00123456789", ["8X00123456789"]),
        (" 6A 123 456 ", ["6A 123 456"]),
        ("1Z-999", ["1Z-999"]),
        ("A1, B2", ["A1", "B2"]),
        ("A1;B2", ["A1", "B2"]),
        ("A1\nB2", ["A1", "B2"]),
        ("A1 et B2", ["A1", "B2"]),
        ("A1 + B2 & C3", ["A1", "B2", "C3"]),
        ("A1, A1", ["A1"]),
        ("A1, -", ["A1"]),
    ],
)
def test_numbers_are_found_each_once(written: str, numbers: list[str]) -> None:
    assert tracking_numbers(written) == tuple(map(Tracking, numbers))


@pytest.mark.parametrize(
    ("link", "number"),
    [
        (LINK, "8X00123456789"),
        ("https://carrier.example/suivi/6A12345678901", "6A12345678901"),
        ("https://carrier.example/#/parcel/1Z9991234567", "1Z9991234567"),
        ("HTTPS://carrier.example/t/8X0012345", "8X0012345"),
    ],
)
def test_a_link_gives_its_number_and_stays(link: str, number: str) -> None:
    assert tracking_numbers(link) == (Tracking(number, link),)


def test_a_number_beside_its_link_is_one_parcel() -> None:
    assert tracking_numbers(f"8X00123456789 {LINK}") == (Tracking("8X00123456789", LINK),)


def test_words_beside_a_link_are_no_number() -> None:
    assert tracking_numbers(f"Suivi : {LINK}") == (Tracking("8X00123456789", LINK),)


@pytest.mark.parametrize("link", ["https://carrier.example/", "https://carrier.example/track", "https://[broken"])
def test_a_link_without_a_number_is_none(link: str) -> None:
    assert tracking_numbers(link) == ()


@given(st.text(max_size=80))
def test_any_text_has_numbers_or_none(written: str) -> None:
    found = tracking_numbers(written)

    assert len({each.number for each in found}) == len(found)
    assert all(each.number == each.number.strip() != "" for each in found)
