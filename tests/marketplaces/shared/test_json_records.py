"""Fields of JSON objects are read whatever stands in them."""

from typing import Any

import pytest

from app.marketplaces.shared import json_records
from app.marketplaces.shared.fields import UnreadableField

RECORD: dict[str, Any] = {
    "sku": "TEA-1",
    "empty": " ",
    "null": None,
    "buyer": {"address": {"city": "Lyon"}},
    "lines": [{"id": 1}, "noise", None, {"id": 2}],
    "programs": ["B2B", 7],
    "quantity": 3,
}


def test_objects_and_lists_are_followed_as_far_as_they_go() -> None:
    assert json_records.nested(RECORD, "buyer", "address") == {"city": "Lyon"}
    assert json_records.nested(RECORD, "sku", "address") == {}
    assert list(json_records.each(RECORD, "lines")) == [{"id": 1}, {"id": 2}]
    assert list(json_records.each(RECORD, "buyer")) == []
    assert json_records.texts(RECORD, "programs") == {"B2B"}
    assert json_records.texts(RECORD, "sku") == frozenset()


@pytest.mark.parametrize("name", ["empty", "null", "absent", "lines"])
def test_a_text_that_has_to_be_there_is_missed(name: str) -> None:
    with pytest.raises(UnreadableField, match=name):
        json_records.required_text(RECORD, name)


def test_what_may_be_missing_is_none_and_what_is_wrong_is_named() -> None:
    assert json_records.optional_count(RECORD, "quantity") == 3
    assert json_records.optional_count(RECORD, "null") is None
    assert json_records.optional_moment(RECORD, "absent") is None
    for read in (json_records.optional_count, json_records.optional_moment):
        with pytest.raises(UnreadableField, match="sku"):
            read(RECORD, "sku")
