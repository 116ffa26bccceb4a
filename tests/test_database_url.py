"""A database URL that can't be read is refused with what to write instead, and without any part of its password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from app.database_url import checked_database_url


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("sqlite:///data/marketcron.db", "sqlite:///data/marketcron.db"),
        ("postgresql://u:p@db.example/name", "postgresql://u:p@db.example/name"),
        ("postgres://u:p@db.example:5433/name", "postgresql://u:p@db.example:5433/name"),
        ("postgresql://u:p%40ss%25@[::1]:5432/name?sslmode=require", None),
        ("postgresql://db.example/name", None),
        ("postgresql:///name?host=/var/run/postgresql", None),
    ],
)
def test_a_good_url_is_taken(url: str, written: str | None) -> None:
    assert checked_database_url(url) == (written or url)


@pytest.mark.parametrize(
    ("password", "form"),
    [
        ("hunter@2secret", "%40"),
        ("hunter:2secret", "%3A"),
        ("hunter/2secret", "%2F"),
        ("hunter?2secret", "%3F"),
        ("hunter#2secret", "%23"),
        ("hunter%2xsecret", "%25"),
        ("hunter% secret", "%25"),
        ("hunter 2secret", "%20"),
        ("hunter[2secret", "%5B"),
    ],
)
def test_a_sign_that_must_be_encoded_is_named_with_its_form(password: str, form: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded") as refused:
        checked_database_url(f"postgresql://shop:{password}@db.example/name")

    assert form in str(refused.value)
    assert "hunter" not in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:hunter2@h/name", "must begin with"),
        ("postgresql://u:hunter2@h:port/name", "1 to 65535"),
        ("postgresql://u:hunter2@h:70000/name", "1 to 65535"),
        ("postgresql://u:hunter2@h/name?sslmode=perhaps", "sslmode"),
    ],
)
def test_what_else_is_wrong_is_said(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        checked_database_url(url)

    assert "hunter2" not in str(refused.value)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=4, max_size=12))
def test_any_password_is_taken_whole_or_refused_without_it(password: str) -> None:
    said, taken = "", ""
    try:
        taken = checked_database_url(f"postgresql://user:~{password}~@db.example/name")
    except ValueError as refused:
        said = str(refused)

    assert f"~{password}" not in said
    assert said or make_url(taken).host == "db.example"
