from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from app.cli import values
from app.cli.values import complete, values_of
from app.errors import BadInput


class Fields(BaseModel):
    address: str
    key: SecretStr
    speed: int = 3


def test_a_value_may_hold_an_equals_sign() -> None:
    assert values_of(["key=a=b"]) == {"key": "a=b"}


def test_a_file_keeps_a_secret_off_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("\ufeffsecret\n")

    assert values_of([f"key=@{tmp_path / 'key'}"]) == {"key": "secret"}


def test_a_variable_keeps_a_secret_off_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "secret")

    assert values_of(["key=env:THE_KEY"]) == {"key": "secret"}


def test_an_empty_value_is_the_default() -> None:
    assert values_of(["speed=", "address="], Fields) == {"speed": 3, "address": ""}


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (["secret"], "Write each as KEY=VALUE"),
        (["=secret"], "Write each as KEY=VALUE"),
        (["key=secret", "key=other"], "key is given twice"),
        (["key=@nowhere"], "key: the file nowhere can't be read"),
        (["key=env:NO_SUCH_VARIABLE"], "key: there is no variable NO_SUCH_VARIABLE"),
    ],
)
def test_what_cannot_be_used_is_named_without_its_value(pairs: list[str], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        values_of(pairs)

    assert "secret" not in caught.value.message


def test_all_that_is_missing_is_named_where_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "somebody_answers", lambda: False)

    with pytest.raises(BadInput) as caught:
        complete({}, Fields)

    first, *fields = caught.value.message.splitlines()
    assert first == "Missing: address, key. Give each with --set KEY=VALUE."
    assert [field.split(":")[0].strip() for field in fields] == ["address", "key"]


def test_nothing_is_asked_for_when_nothing_is_missing() -> None:
    assert complete({"address": "a", "key": "k"}, Fields) == {"address": "a", "key": "k"}
