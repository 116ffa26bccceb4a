"""The shop that a command is about."""

from typing import Annotated

import typer

from app.errors import BadInput
from app.store.accounts import StoredShop
from app.system import System

Name = Annotated[str, typer.Argument(help="Name of the shop.")]


async def embedded_shop(system: System, name: str) -> StoredShop:
    """Return the embedded shop of that name; raises BadInput for another kind, or none."""
    row = await system.shops.named(name)
    if row.kind != "embedded":
        raise BadInput(
            f"{name} is a {row.kind} shop: its products and orders are kept there. This command is for embedded shops."
        )
    return row
