"""SKUs of orders against products of the shop."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.order import Order
from app.shops.port import Ambiguous, Match, Unknown
from app.store import stock
from app.tasks.context import Context


@dataclass(frozen=True, slots=True)
class Matching:
    """The products found by SKU, the code of each SKU without exactly one, and when the stock was read."""

    matches: Mapping[str, Match]
    unresolved: Mapping[str, str]
    read_at: datetime


async def match_skus(ctx: Context, orders: Iterable[Order]) -> Matching:
    """Ask the shop once for the SKUs of some orders."""
    skus = sorted({line.sku for order in orders for line in order.open_lines if line.sku})
    resolved = await ctx.shop.resolve(skus)
    matches: dict[str, Match] = {}
    unresolved: dict[str, str] = {}
    for sku, answer in resolved.by_sku.items():
        match answer:
            case Unknown():
                unresolved[sku] = "SKU_UNKNOWN"
            case Ambiguous():
                unresolved[sku] = "SKU_AMBIGUOUS"
            case Match(active=False):
                unresolved[sku] = "PRODUCT_INACTIVE"
            case Match():
                matches[sku] = answer
    return Matching(matches, unresolved, resolved.read_at)


async def pieces_left(
    ctx: Context, matching: Matching, order: Order, *, ledger_id: int | None, taken: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Return what is free for an order by SKU: the shop's stock less what orders before it wait for.

    An order without a ledger number stands behind all others. `taken` are the pieces of orders that a rehearsal read
    before this one: the ledger does not hold them.
    """
    skus = [line.sku for line in order.open_lines]
    promised = await ctx.read(
        stock.promised,
        ctx.account.shop_id,
        skus,
        below_id=ledger_id,
        imported_since=matching.read_at,
    )
    taken = taken or {}
    return {
        sku: matching.matches[sku].available - promised.get(sku, 0) - taken.get(sku, 0)
        for sku in skus
        if sku in matching.matches
    }
