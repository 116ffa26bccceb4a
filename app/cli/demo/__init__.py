"""`marketcron demo`: everything at work on this machine, with marketplaces of the sandbox.

world.py    the two servers, their clock and their folder
walk.py     what is shown from the beginning to the end
visit.py    two days of one account, step by step, and whether they went as they must
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.cli.opening import run_to_end
from app.cli.output import complain, say

Once = Annotated[bool, typer.Option("--once", help="End by itself: exit code 0 when all went as it must, else 1.")]


def demo(once: Once = False) -> None:
    """Show it all at work: local marketplaces, the service, every cron URL. Touches none of your data."""
    _reach_ourselves_directly()
    try:
        faults = run_to_end(_demo(once=once))
    except KeyboardInterrupt:
        if once:
            raise
        say("\nThe demo is over; its folder is gone.")
        return
    for fault in faults:
        complain(f"Not as it must be: {fault}")
    if faults:
        raise typer.Exit(1)


async def _demo(*, once: bool) -> list[str]:
    # The web framework takes a while to load, and most commands do without it.
    from app.cli.demo.walk import show_the_way_around, walk
    from app.cli.demo.world import open_world

    with tempfile.TemporaryDirectory(prefix="marketcron-demo-") as folder:
        async with open_world(Path(folder)) as world:
            faults = await walk(world)
            if not once:
                for fault in faults:
                    complain(f"Not as it must be: {fault}")
                await show_the_way_around(world)
                await asyncio.Event().wait()
    return faults


def _reach_ourselves_directly() -> None:
    # A proxy of the company's network knows nothing of the servers in this process.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
