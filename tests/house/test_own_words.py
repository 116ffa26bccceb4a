"""What we say ourselves has a code and sentences in both languages: no text of ours is handed on as foreign text."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.files import ROOT, modules, short

# By the name of a keyword: what ends up in the sentence of a report.
HANDED_ON = {"detail"}


def own_texts(path: Path) -> Iterator[str]:
    """Yield where a module hands words of its own on as if somebody else had said them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            text = ast.unparse(keyword.value) if isinstance(keyword.value, ast.Constant | ast.JoinedStr) else ""
            if keyword.arg in HANDED_ON and " " in text:
                yield f"{short(path)}:{node.lineno} {text}"


def test_no_detail_is_a_sentence_of_ours() -> None:
    packages = [path for path in modules("app") if not path.is_relative_to(ROOT / "app/sandbox")]

    assert [text for path in packages for text in own_texts(path)] == []
