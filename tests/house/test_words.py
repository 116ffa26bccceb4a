"""Names are the field's own words: none of the banned ones stands in an identifier or a file name."""

import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT, short

FOLDERS = ("app", "tests", "alembic")
LIST = ROOT / "tests/house/banned_words.txt"
GLOSSARY = ROOT / "docs/glossary.md"


def banned() -> list[re.Pattern[str]]:
    """Return the patterns of the list."""
    lines = (re.split(r"\s+#|^#", line)[0].strip() for line in LIST.read_text().splitlines())
    return [re.compile(line) for line in lines if line]


def names(path: Path) -> Iterator[str]:
    """Yield the identifiers of a module."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            yield token.string


def test_no_identifier_holds_a_banned_word() -> None:
    patterns = banned()
    found = {
        (short(path), name)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for name in set(names(path))
        if any(pattern.search(name) for pattern in patterns)
    }

    assert found == set()


def test_no_file_is_named_by_a_banned_word() -> None:
    patterns = banned()
    found = {
        short(path)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
        if any(pattern.search(path.name.partition(".")[0]) for pattern in patterns)
    }

    assert found == set()


@pytest.mark.parametrize("word", ["told_at", "untold", "to_tell", "TellRules", "Purse", "steady", "due_by", "Asked"])
def test_the_list_knows_the_words_that_were_here(word: str) -> None:
    assert any(pattern.search(word) for pattern in banned())


def test_the_glossary_has_a_line_for_each_of_its_words() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", GLOSSARY.read_text(), re.MULTILINE)[2:]

    assert len(rows) == len({word for word, _ in rows}) >= 20
