"""`marketcron shop test-order`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from app.cli.output import AsJson, answer_findings, complain, reader_of_terminal
from app.cli.process import opened, run_to_end
from app.cli.shop_named import Name
from app.cli.values import somebody_answers
from app.domain.finding import Finding
from app.errors import BadInput
from app.shops import capabilities

# On cheap hosting each of some thirty calls takes seconds.
TIME = timedelta(minutes=10)


def try_order(
    name: Name,
    sku: Annotated[str, typer.Option(help="Reference of the product; without it the first that can be sold.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Leave the order in the shop, to look at it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    json_: AsJson = False,
) -> None:
    """Make an order of one unit for nobody in a shop, look at it, and cancel it again."""
    if not yes:
        if not somebody_answers():
            raise BadInput(f"It writes to the shop, and nobody is there to agree. Write: shop test-order {name} --yes.")
        if not typer.confirm(f"Make a test order in {name}? The shop sends its mails to a placeholder", err=True):
            complain("Nothing was made.")
            raise typer.Exit(1)
    answer_findings(run_to_end(_try(name, sku=sku, keep=keep)), as_json=json_, reader=reader_of_terminal())


async def _try(name: str, *, sku: str, keep: bool) -> Sequence[Finding]:
    async with opened() as system:
        shop = await system.shops.connect(name, within=TIME)
        return await capabilities.try_order(shop, name=name, sku=sku, keep=keep)
