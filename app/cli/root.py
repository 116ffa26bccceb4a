"""The list of commands, and what becomes of the errors they meet: a sentence and an exit code, never a traceback."""

from importlib.metadata import version
from typing import Annotated, Any

import typer

from app.cli.lazy import LazyCommand, LazyGroup
from app.cli.output import complain, reader_of_terminal
from app.domain.message import Message
from app.domain.wording import in_words, say
from app.errors import BadInput, CallError, CredentialsRefused, RoleMissing, SetupWrong, StoreUnavailable

FAILED = 1
BAD_INPUT = 2


COMMANDS = (
    LazyCommand("serve", "serve:serve", "Start the service: cron URLs, reports, management API."),
    LazyCommand("demo", "demo.command:demo", "Show it all at work: local marketplaces, the service, every cron URL."),
    LazyCommand("sandbox", "sandbox:sandbox", "Serve local marketplaces that speak the real protocols."),
    LazyCommand("migrate", "migrate:migrate", "Bring the database to the tables of this version."),
    LazyCommand("run", "run:run", "Run a task here and now, wait for its end, print its report."),
    LazyCommand("urls", "urls:urls", "Print the cron URLs, ready to paste."),
    LazyCommand("crontab", "urls:crontab", "Print the lines of a crontab: every URL at its recommended times, in UTC."),
    LazyCommand("status", "status:status", "Show for every account and task what ran last, and what stands where."),
    LazyCommand("account", "account:account", "Add, look at, test, change and remove accounts at marketplaces."),
    LazyCommand("shop", "shop:shop", "Add, look at and test shops, load catalogues, ship and cancel orders."),
)


class RootGroup(LazyGroup):
    """All commands; tells expected errors in a sentence on standard error."""

    def __init__(self, **others: Any) -> None:
        super().__init__(**{**others, "commands": COMMANDS})

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BadInput as exc:
            complain(in_words(exc.said, reader_of_terminal()))
            raise typer.Exit(BAD_INPUT) from exc
        except StoreUnavailable as exc:
            complain(f"Nothing was done: {exc}.")
            raise typer.Exit(FAILED) from exc
        except CallError as exc:
            complain(f"{str(exc).rstrip('.')}. {_what_to_do(exc)}".rstrip())
            raise typer.Exit(FAILED) from exc


def _what_to_do(exc: CallError) -> str:
    match exc:
        # The adapter knows better where to mend it.
        case CallError(detail=Message() as detail) if fix := say(detail, reader_of_terminal()).fix:
            return fix
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
    cls=RootGroup,
    callback=_root,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
