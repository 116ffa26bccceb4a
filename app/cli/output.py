"""What commands print: sentences for a person, JSON for a program."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from textwrap import fill
from typing import Annotated, Any

import typer

from app.domain.finding import Finding

STORY_WIDTH = 100

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def for_a_person() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def say(text: str) -> None:
    typer.echo(text)


def narrate(story: str) -> None:
    """Print what comes next, so that it stands out from what commands and services answer."""
    typer.secho(f"\n{fill(story, width=STORY_WIDTH)}", bold=True)


def complain(sentence: str) -> None:
    typer.echo(sentence, err=True)


def print_json(value: Any) -> None:
    """Print JSON: in lines for a person, in one line for a program."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2 if for_a_person() else None))


def print_findings(findings: Sequence[Finding]) -> None:
    """Print what a connection test found, each with what to do when it is not good."""
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'BAD '}{finding.sentence}")
        if finding.fix and not finding.ok:
            typer.echo(f"    {finding.fix}")


def finding_records(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings for JSON."""
    return [asdict(finding) for finding in findings]


def answer_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print what a test found; ends with exit code 1 when something is not good."""
    ok = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": ok, "findings": finding_records(findings)})
    else:
        print_findings(findings)
    if not ok:
        raise typer.Exit(1)
