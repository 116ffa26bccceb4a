"""What a test found, as JSON."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from app.domain.finding import Finding


class FindingLine(BaseModel):
    """One line of a test."""

    code: str
    ok: bool
    sentence: str
    fix: str = Field(description="What to do when it is not ok.")


class CheckResult(BaseModel):
    ok: bool = Field(description="Whether every line is.")
    findings: list[FindingLine]


def result_of(findings: Sequence[Finding]) -> CheckResult:
    """Return a test's lines and whether all of them are good."""
    lines = [FindingLine(code=each.code, ok=each.ok, sentence=each.sentence, fix=each.fix) for each in findings]
    return CheckResult(ok=all(line.ok for line in lines), findings=lines)
