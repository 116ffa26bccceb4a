"""What a test found, as JSON."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from app.domain.finding import Finding
from app.domain.wording import Reader


class FindingLine(BaseModel):
    """One line of a test."""

    code: str
    ok: bool
    sentence: str
    fix: str = Field(description="What to do when it is not ok.")


class CheckResult(BaseModel):
    ok: bool = Field(description="Whether every line is.")
    findings: list[FindingLine]


def result_of(findings: Sequence[Finding], reader: Reader) -> CheckResult:
    """Return a test's lines in the reader's words, and whether all of them are good."""
    said = [(each, each.said(reader)) for each in findings]
    lines = [FindingLine(code=each.code, ok=each.ok, sentence=words.message, fix=words.fix) for each, words in said]
    return CheckResult(ok=all(line.ok for line in lines), findings=lines)
