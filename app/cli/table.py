"""Tables of commands: columns in a terminal, plain lines with tabs in a pipe."""

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from app.cli.output import for_a_person


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, nothing: str) -> None:
    """Print a table; `nothing` says to a person that it is empty."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not for_a_person():
        for row in cells:
            typer.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    if not cells:
        typer.echo(nothing)
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in cells:
        table.add_row(*row)
    Console(markup=False, highlight=False).print(table)
