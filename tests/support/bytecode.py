"""Byte code that is made once, before workers begin: each of them would compile and rewrite all of it by itself."""

import compileall
import re
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

ROOT = Path(__file__).parents[2]
# Pytest rewrites the assertions of these before it compiles them.
_REWRITTEN = re.compile(r"/(test_\w+|conftest)\.py$")


def compile_once(config: pytest.Config) -> None:
    """Write the byte code of app and tests that is missing or old."""
    for folder in ("app", "tests"):
        compileall.compile_dir(ROOT / folder, rx=_REWRITTEN, quiet=2)
    for path in (ROOT / "tests").rglob("*.py"):
        if not _REWRITTEN.search(str(path)):
            continue
        kept = rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"
        if rewrite._read_pyc(path, kept) is None:
            kept.parent.mkdir(exist_ok=True)
            source_hash, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, source_hash, kept)
