"""`marketcron account map-sku` and `unmap-sku`: SKUs linked to products of the shop by hand."""

from collections.abc import Sequence
from typing import Annotated

import typer

from app.cli.output import AsJson, print_json, say
from app.cli.process import opened, run_to_end
from app.errors import BadInput
from app.tasks.sku_links import Linked

Name = Annotated[str, typer.Argument(help="Name of the account.")]
Sku = Annotated[str, typer.Argument(help="SKU at the marketplace.")]

ORDERS_SHOWN = 20


def map_sku(
    name: Name,
    sku: Sku,
    product: Annotated[str, typer.Argument(help="The product in the shop, by the shop's own reference.")],
    json_: AsJson = False,
) -> None:
    """Say which product of the shop a SKU means; orders that it kept out are tried again by the next import."""
    linked = run_to_end(_link(name, sku, product=product))
    _say(sku, linked, json_=json_)


def unmap_sku(name: Name, sku: Sku, json_: AsJson = False) -> None:
    """Let a SKU mean the product that bears it again."""
    linked = run_to_end(_link(name, sku, product=None))
    if linked.before is None:
        raise BadInput(f"The SKU '{sku[:40]}' is linked to no product. See all links: marketcron account show {name}.")
    _say(sku, linked, json_=json_)


async def _link(name: str, sku: str, *, product: str | None) -> Linked:
    async with opened() as system:
        return await system.accounts.link_sku(name, sku, product=product)


def _say(sku: str, linked: Linked, *, json_: bool) -> None:
    if json_:
        print_json({"sku": sku, "product": linked.product, "before": linked.before, "retried": list(linked.retried)})
        return
    before = f" (it was {linked.before})" if linked.before not in (None, linked.product) else ""
    say(f"{sku} means the product {linked.product} now{before}." if linked.product else f"{sku} is linked no more.")
    if linked.retried:
        say(f"The next import tries again: {_listed(linked.retried)}")


def _listed(order_ids: Sequence[str]) -> str:
    more = f" and {len(order_ids) - ORDERS_SHOWN} more" if len(order_ids) > ORDERS_SHOWN else ""
    return ", ".join(order_ids[:ORDERS_SHOWN]) + more
