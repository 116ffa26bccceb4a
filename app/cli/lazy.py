"""Commands that are listed before they are imported, so that `--version` and `--help` load none of them."""

from pkgutil import resolve_name
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


class LazyCommand(TyperCommand):
    """A line in the list of commands; `source` says where it stands below app.cli, as `module:name`."""

    def __init__(self, name: str, source: str, summary: str) -> None:
        super().__init__(name, help=summary, rich_markup_mode=None)
        self.source = source

    def load(self) -> Any:
        """Return the command itself; imports its module."""
        found = resolve_name(f"app.cli.{self.source}")
        holder = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=self.name)
        else:
            holder.command(self.name)(found)
        return typer.main.get_group(holder).commands[str(self.name)]


class LazyGroup(TyperGroup):
    """A group whose lazy commands are imported when they are called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest
