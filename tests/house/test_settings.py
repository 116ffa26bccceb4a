"""`.env.example` and the settings say the same."""

import os
import re
from pathlib import Path

import pytest

from app.settings import Settings
from tests.house.files import ROOT

EXAMPLE = ROOT / ".env.example"
ENTRY = re.compile(r"^# (?P<sentence>.+)\n# (?P<name>[A-Z_]+)=(?P<value>.*)$", re.MULTILINE)


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        for spelled in [each for each in os.environ if each.lower() == name]:
            monkeypatch.delenv(spelled)


def test_every_setting_is_in_the_example_with_its_sentence_and_none_more() -> None:
    shown = [(entry["name"], entry["sentence"]) for entry in ENTRY.finditer(EXAMPLE.read_text())]

    assert shown == [(name.upper(), field.description) for name, field in Settings.model_fields.items()]


@pytest.mark.usefixtures("bare_environment")
def test_the_example_with_all_marks_taken_away_is_the_default(tmp_path: Path) -> None:
    taken = "\n".join(f"{entry['name']}={entry['value']}" for entry in ENTRY.finditer(EXAMPLE.read_text()))
    (tmp_path / ".env").write_text(taken)

    assert Settings(_env_file=tmp_path / ".env") == Settings(_env_file=None)


def test_every_sentence_of_a_setting_ends_as_one() -> None:
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []
