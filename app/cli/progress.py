"""How far a run is, on standard error: one living line in a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.status import Status

LINE_EVERY_S = 10.0


class Progress:
    """Says how far a run is."""

    def __init__(self, title: str, *, counts: Sequence[str], status: Status | None) -> None:
        self._title, self._counts, self._status = title, counts, status
        self._shown, self._shown_at = "", float("-inf")

    def note(self, sentence: str) -> None:
        """Say something once."""
        if self._status is not None:
            self._status.console.print(sentence)
        else:
            typer.echo(sentence, err=True)

    def show(self, status: str, counts: Mapping[str, int]) -> None:
        """Say how far the run is now."""
        figures = [f"{name} {counts[name]}" for name in self._counts if counts.get(name)]
        line = ", ".join([f"{self._title}: {status}", *figures])
        if self._status is not None:
            self._status.update(line)
        elif line != self._shown and time.monotonic() - self._shown_at >= LINE_EVERY_S:
            typer.echo(line, err=True)
            self._shown, self._shown_at = line, time.monotonic()


@contextmanager
def shown_progress(title: str, *, counts: Sequence[str]) -> Iterator[Progress]:
    """Show how far a run is while the block lasts; `counts` names the figures to show."""
    if not sys.stderr.isatty():
        yield Progress(title, counts=counts, status=None)
        return
    console = Console(stderr=True, markup=False, highlight=False)
    with console.status(f"{title}: begins") as status:
        yield Progress(title, counts=counts, status=status)
