"""How a command gets at the parts of the service, and how it is stopped."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

import typer

from app.observe.logs import configure_logs
from app.settings import Settings, load_settings
from app.system import System, open_system

T = TypeVar("T")

TERMINATED = 143


def run_to_end(work: Coroutine[Any, Any, T]) -> T:
    """Return what the work returns; Ctrl-C and SIGTERM cancel it, so that it can tidy up."""

    async def stoppable() -> T:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(stoppable())
    except asyncio.CancelledError as exc:
        raise typer.Exit(TERMINATED) from exc


def settings_of_this_place() -> Settings:
    """Return the settings and send logs to standard error, quietly; raises BadInput."""
    settings = load_settings()
    quiet = settings.log_level == "info"
    configure_logs(level="warning" if quiet else settings.log_level, style=settings.log_format)
    return settings


@asynccontextmanager
async def opened(*, role: Literal["run", "tool"] = "tool") -> AsyncIterator[System]:
    """Open the system for one command; raises BadInput and StoreUnavailable."""
    settings = settings_of_this_place()
    async with open_system(settings, role=role) as system:
        if system.admin_token_is_new:
            kept = settings.data_dir / "admin.token"
            typer.echo(f"Admin token, made just now and kept in {kept}: {system.admin_token}", err=True)
        yield system
