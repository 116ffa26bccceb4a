"""The changelog has a place for what comes next, and one for what this version is."""

import re
import tomllib

from tests.house.files import ROOT

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def test_it_begins_with_what_comes_next_and_then_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert re.findall(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE)[:2] == ["Unreleased", version]


def test_it_sorts_changes_by_kind() -> None:
    assert set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)) <= KINDS
