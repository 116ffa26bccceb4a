"""What is skipped is tested elsewhere: no test of a suite is skipped on everything that it runs on."""

from tests.support.skipping import Skips

SUITE = "tests/contract/test_suite.py"


def seen(*outcomes: tuple[str, bool]) -> list[str]:
    skips = Skips(SUITE, {"one", "two"})
    for name, skipped in outcomes:
        skips.note(f"{SUITE}::TestAll::{name}", skipped=skipped)
    return skips.everywhere()


def test_a_test_that_is_skipped_everywhere_is_named() -> None:
    assert seen(("test_a[one]", True), ("test_a[two]", True)) == ["TestAll::test_a"]


def test_one_case_that_is_skipped_everywhere_is_named() -> None:
    named = seen(("test_a[one-closed]", True), ("test_a[two-closed]", True), ("test_a[two-open]", True))

    assert named == ["TestAll::test_a[closed]"]


def test_a_test_that_runs_somewhere_is_not_named() -> None:
    assert seen(("test_a[one]", True), ("test_a[two]", False)) == []


def test_nothing_is_known_where_not_all_were_run() -> None:
    assert seen(("test_a[one]", True)) == []
