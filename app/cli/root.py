"""All commands, and what becomes of the errors they meet: a sentence and an exit code, never a traceback."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.cli.account import account
from app.cli.demo import demo
from app.cli.migrate import migrate
from app.cli.output import complain
from app.cli.run import run
from app.cli.sandbox import sandbox
from app.cli.serve import serve
from app.cli.shop import shop
from app.cli.status import status
from app.cli.urls import crontab, urls
from app.errors import BadInput, CallError, CredentialsRefused, RoleMissing, SetupWrong, StoreUnavailable

FAILED = 1
BAD_INPUT = 2


class Commands(TyperGroup):
    """Tells expected errors in a sentence on standard error."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BadInput as exc:
            complain(exc.message)
            raise typer.Exit(BAD_INPUT) from exc
        except StoreUnavailable as exc:
            complain(f"Nothing was done: {exc}.")
            raise typer.Exit(FAILED) from exc
        except CallError as exc:
            complain(f"{str(exc).rstrip('.')}. {_what_to_do(exc)}".rstrip())
            raise typer.Exit(FAILED) from exc


def _what_to_do(exc: CallError) -> str:
    match exc:
        # A second sentence is the adapter's own, which knows better where to mend it.
        case _ if ". " in exc.detail:
            return ""
        case CredentialsRefused():
            return "Copy the key again, or make a new one there."
        case RoleMissing():
            return "Give our key this right there."
        case SetupWrong():
            return "Correct the address or what is configured there."
        case _ if exc.retry == "no":
            return "Look there what is wrong."
        case _:
            return "Try again in a moment."


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("marketcron"))
        raise typer.Exit


def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Cron URLs between marketplaces and a shop.

    Settings come from the environment and from .env.
    """


commands = typer.Typer(
    cls=Commands,
    callback=_root,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (serve, demo, sandbox, migrate, run, urls, crontab, status):
    commands.command()(command)
commands.add_typer(account, name="account")
commands.add_typer(shop, name="shop")
