"""Reading what a refusal says never fails."""

import pytest

from app.marketplaces.shared.refusals import json_object, raw_text


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b"\xff", b"[" * 100_000, "{", "7"])
def test_what_is_no_json_object_is_an_empty_one(body: str | bytes) -> None:
    assert json_object(body) == {}


def test_a_json_object_is_read_from_bytes_and_from_text() -> None:
    assert json_object(b'{"status": 404}') == json_object(' {"status": 404} ') == {"status": 404}


def test_bytes_that_are_no_text_are_shown_as_far_as_they_are() -> None:
    assert raw_text(b" \xffno ") == "\ufffdno"
