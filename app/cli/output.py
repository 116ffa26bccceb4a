"""What commands print: sentences for a person, JSON for a program."""

import json
import os
import sys
from collections.abc import Sequence
from textwrap import fill
from typing import Annotated, Any

import typer

from app.domain.finding import Finding
from app.domain.wording import Reader

STORY_WIDTH = 100

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def for_a_person() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def reader_of_terminal() -> Reader:
    """Return for whom a command puts things into words that no account sets the language of."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Reader("fr" if locale.lower().startswith("fr") else "en")


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


def print_findings(findings: Sequence[Finding], reader: Reader) -> None:
    """Print what a connection test found, each with what to do when it is not good."""
    for finding in findings:
        said = finding.said(reader)
        typer.echo(f"{'ok  ' if finding.ok else 'BAD '}{said.message}")
        if said.fix and not finding.ok:
            typer.echo(f"    {said.fix}")


def finding_records(findings: Sequence[Finding], reader: Reader) -> list[dict[str, Any]]:
    """Return findings for JSON."""
    said = [(each, each.said(reader)) for each in findings]
    return [{"code": each.code, "ok": each.ok, "sentence": words.message, "fix": words.fix} for each, words in said]


def answer_findings(findings: Sequence[Finding], *, as_json: bool, reader: Reader) -> None:
    """Print what a test found; ends with exit code 1 when something is not good."""
    ok = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": ok, "findings": finding_records(findings, reader)})
    else:
        print_findings(findings, reader)
    if not ok:
        raise typer.Exit(1)
