"""The files of this project, for tests that keep its rules."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

FOLDERS = ("app", "tests", "alembic", ".ci")
# What people and machines made here is none of ours: environments, databases, caches.
_TOP = re.compile(r"(?!\.coverage)[\w.-]+\.(md|toml|txt|ini)|Makefile|Dockerfile|LICENSE|\.env\.example|\.\w+ignore")
_TEXT = frozenset({"", ".py", ".md", ".mako", ".json", ".csv", ".xml", ".html", ".txt", ".toml", ".ini"})


def modules(folder: str) -> list[Path]:
    """Return the Python files below a folder, by path."""
    return sorted((ROOT / folder).rglob("*.py"))


def texts() -> Iterator[Path]:
    """Yield every text file that belongs to the project."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and _TOP.fullmatch(path.name):
            yield path
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in _TEXT and "__pycache__" not in path.parts:
                yield path


def short(path: Path) -> str:
    """Return a path as people write it."""
    return path.relative_to(ROOT).as_posix()
