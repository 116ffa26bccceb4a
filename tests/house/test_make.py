"""`make` alone tells what there is."""

import re
import shutil
import subprocess

import pytest

from tests.house.files import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def test_the_help_lists_every_target() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make on this machine")

    shown = subprocess.run([make, "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    targets = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
    assert re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE) == targets


def test_no_target_is_taken_for_a_file() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)

    assert phony.split() == re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
