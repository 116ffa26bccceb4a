"""A test of a suite that is skipped on whatever it runs on tests nothing: a session with such a test has failed."""

from collections import defaultdict
from collections.abc import Collection

import pytest

from app.marketplaces.registry import PLATFORMS

SUITE = "tests/contract/test_marketplaces.py"


class Skips:
    """Watches the tests of a suite that run once for each of `kinds`, the first word of their parameters."""

    def __init__(self, suite: str = SUITE, kinds: Collection[str] = PLATFORMS.keys()) -> None:
        self._suite = suite
        self._kinds = frozenset(kinds)
        self._skipped: dict[str, set[str]] = defaultdict(set)

    def note(self, nodeid: str, *, skipped: bool) -> None:
        """Take down what became of a test on one kind."""
        path, _, name = nodeid.partition("::")
        test, _, parameters = name.partition("[")
        kind, _, others = parameters.rstrip("]").partition("-")
        if skipped and path == self._suite and kind in self._kinds:
            self._skipped[f"{test}[{others}]" if others else test].add(kind)

    def everywhere(self) -> list[str]:
        """Return the tests that are skipped on every kind; where not all kinds were run, that is not known."""
        return sorted(test for test, kinds in self._skipped.items() if kinds == self._kinds)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report.nodeid, skipped=report.skipped and not hasattr(report, "wasxfail"))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.everywhere() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for test in self.everywhere():
            terminalreporter.write_line(f"FAILED {self._suite}: {test} is skipped on every platform", red=True)
