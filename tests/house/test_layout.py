"""What every file of the house keeps to."""

import ast
import re
from pathlib import Path

import pytest

from app.marketplaces.registry import PLATFORMS
from app.sandbox.registry import PLATFORMS as SIMULATED
from tests.house.files import ROOT, modules, short, texts

LONGEST_MODULE = 400
MARKETPLACE_FILES = {
    "README.md",
    "__init__.py",
    "config.py",
    "quotas.py",
    "errors.py",
    "client.py",
    "mapping.py",
    "adapter.py",
}

# What people paste, and how callers name themselves: read or compared, never called.
AS_FOUND_OUTSIDE = {"test_carriers.py", "test_config.py", "test_cron_callers.py"}

_OPEN_ENDS = re.compile(r"\b(?:TO[D]O|FIX[M]E)\b")
_OF_A_MACHINE = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work)/\w")
_E_MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_HOST = re.compile(r"\bhttps?://([\w-]+(?:\.[\w-]+)+)")
# The last is no address but the name of an XML namespace.
_NOBODYS = re.compile(
    r"(?:.*\.)?(?:example(?:\.(?:com|net|org))?|invalid|test|localhost)|127\.0\.0\.1|0\.0\.0\.0|www\.w3\.org",
    re.IGNORECASE,
)


def test_every_module_says_why_it_exists() -> None:
    assert [short(path) for path in modules("app") if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_a_file_that_grows_is_a_folder() -> None:
    lengths = {short(path): len(path.read_text().splitlines()) for path in modules("app")}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_nothing_is_left_open() -> None:
    assert [short(path) for path in texts() if _OPEN_ENDS.search(path.read_text())] == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = {short(path): _OF_A_MACHINE.findall(path.read_text()) for path in texts()}

    assert {name: paths for name, paths in found.items() if paths} == {}


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=short)
def test_a_lock_has_hashes_and_no_addresses(path: Path) -> None:
    text = path.read_text()
    pinned = re.findall(r"^\S+==\S+ .*(?:\n    .*)*", text, re.MULTILINE)

    assert "://" not in text
    assert [each.split()[0] for each in pinned if "--hash=sha256:" not in each] == []
    assert len(pinned) == len(re.findall(r"^\w", text, re.MULTILINE))


def test_names_and_addresses_in_tests_belong_to_nobody() -> None:
    found = [
        (short(path), host)
        for path in texts()
        if path.is_relative_to(ROOT / "tests") or path.is_relative_to(ROOT / "app/sandbox")
        if path.name not in AS_FOUND_OUTSIDE
        for host in (*_E_MAIL.findall(path.read_text()), *_HOST.findall(path.read_text()))
        if not _NOBODYS.fullmatch(host)
    ]

    assert found == []


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_marketplace_has_the_files_of_its_neighbours(name: str) -> None:
    files = {path.name for path in (ROOT / "app/marketplaces" / name).iterdir()}

    assert MARKETPLACE_FILES - files == set()


def test_every_marketplace_has_its_sandbox() -> None:
    assert PLATFORMS.keys() == SIMULATED.keys()


def test_the_shell_scripts_stop_at_the_first_fault() -> None:
    script = ROOT / ".ci/run"

    assert "set -euo pipefail" in script.read_text()
    assert script.stat().st_mode & 0o111
