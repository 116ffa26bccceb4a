"""The command `marketcron demo`."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.cli.demo.servers import open_servers
from app.cli.demo.shops import SHOPS
from app.cli.demo.walk import show_the_way_around, walk
from app.cli.output import complain, say
from app.cli.process import run_to_end
from app.errors import BadInput

Once = Annotated[bool, typer.Option("--once", help="End by itself: exit code 0 when all went as it must, else 1.")]
Shop = Annotated[str, typer.Option("--shop", help="embedded or prestashop: the shop that the orders go to.")]


def demo(once: Once = False, shop: Shop = "embedded") -> None:
    """Show it all at work: local marketplaces, the service, every cron URL. Touches none of your data."""
    _reach_ourselves_directly()
    try:
        faults = run_to_end(_demo(once=once, shop_kind=shop))
    except KeyboardInterrupt:
        if once:
            raise
        say("\nThe demo is over; its folder is gone.")
        return
    for fault in faults:
        complain(f"Not as it must be: {fault}")
    if faults:
        raise typer.Exit(1)


async def _demo(*, once: bool, shop_kind: str) -> list[str]:
    if shop_kind not in SHOPS:
        raise BadInput(f"There is no demo with a shop '{shop_kind[:40]}'. Choose one of: {', '.join(SHOPS)}.")
    with tempfile.TemporaryDirectory(prefix="marketcron-demo-") as folder:
        async with open_servers(Path(folder)) as servers:
            shop = SHOPS[shop_kind](servers)
            faults = await walk(servers, shop)
            if not once:
                for fault in faults:
                    complain(f"Not as it must be: {fault}")
                await show_the_way_around(servers, shop)
                await asyncio.Event().wait()
    return faults


def _reach_ourselves_directly() -> None:
    # A proxy of the company's network knows nothing of the servers in this process.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
