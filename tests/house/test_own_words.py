"""What we say ourselves has a code and sentences in both languages: no text of ours is handed on as foreign text."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.files import ROOT, modules, short

# By the name of a keyword: what ends up in a sentence of a report.
HANDED_ON = {"detail", "failed", "said", "what", "why", "reason", "cure"}
# By the name of a call: errors whose text people read, whichever argument it is.
READ_BY_PEOPLE = {"CanNotBeResent", "InvalidValue", "ProblemError", "UnfitOffer", "malformed", "_lost", "_refused"}


def own_texts(path: Path) -> Iterator[str]:
    """Yield where a module hands words of its own on as if somebody else had said them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        given = [keyword.value for keyword in node.keywords if keyword.arg in HANDED_ON]
        if called in READ_BY_PEOPLE:
            given += node.args
        for value in given:
            text = ast.unparse(value) if isinstance(value, ast.Constant | ast.JoinedStr) else ""
            if " " in text:
                yield f"{short(path)}:{node.lineno} {text}"


def test_no_detail_is_a_sentence_of_ours() -> None:
    packages = [path for path in modules("app") if not path.is_relative_to(ROOT / "app/sandbox")]

    assert [text for path in packages for text in own_texts(path)] == []
