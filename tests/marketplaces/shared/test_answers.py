"""An answer that is none to its call is an outage that names the field, never its content."""

from collections.abc import Callable
from typing import Any

import pytest

from app.errors import Unavailable
from app.marketplaces.shared.answers import Answers
from app.transport.operation import Answer, Operation

LIST = Operation(name="list", method="GET", path="/list")
ANSWERS = Answers("nobody")


def an_answer(data: object) -> Answer:
    return Answer(status=200, headers={}, body=b"", data=data)


def test_what_an_answer_has_to_hold_is_read() -> None:
    answer = an_answer({"items": [{"id": 1}], "total": 1, "id": " 7 "})

    assert ANSWERS.record(LIST, answer) == answer.data
    assert ANSWERS.records(LIST, answer, "items") == [{"id": 1}]
    assert ANSWERS.number(LIST, answer, "total") == 1
    assert ANSWERS.text(LIST, answer, "id") == "7"


@pytest.mark.parametrize("read", [ANSWERS.records, ANSWERS.number, ANSWERS.text])
@pytest.mark.parametrize("data", [None, [], "noise", {}, {"field": None}, {"field": [None]}, {"field": True}])
def test_a_field_that_is_missing_or_none_of_its_kind_is_named(read: Callable[..., Any], data: object) -> None:
    with pytest.raises(Unavailable, match="field") as caught:
        read(LIST, an_answer(data), "field")

    assert (caught.value.service, caught.value.operation) == ("nobody", "list")


@pytest.mark.parametrize("data", [None, [], "noise"])
def test_an_answer_that_is_no_object_is_an_outage(data: object) -> None:
    with pytest.raises(Unavailable):
        ANSWERS.record(LIST, an_answer(data))
