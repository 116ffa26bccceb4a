"""SKUs of orders against products of the shop, and how many units of a product are promised already.

A product may go by another SKU at every account of the shop, but its units are there only once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.order import Order
from app.domain.shop_mapping import SkuSource
from app.domain.sku_names import SkuNames
from app.shops.port import Ambiguous, Match, Unknown
from app.store import stock
from app.store.stock import Name
from app.tasks.context import Context


@dataclass(frozen=True, slots=True)
class ShopSkuNames:
    """How the accounts of one shop name its products, by account id; `own_id` is the run's account."""

    own_id: str
    by_account: Mapping[str, SkuNames]

    def names_of(self, sku: str, *, ref: str, identifiers: Mapping[SkuSource, str]) -> set[Name]:
        """Return every name of a product in this account; `identifiers` as far as the shop gives them."""
        identifiers = self.by_account[self.own_id].identifiers_of(sku, identifiers=identifiers)
        names = {
            (account_id, each)
            for account_id, sku_names in self.by_account.items()
            for each in sku_names.skus_of(ref, identifiers=identifiers)
        }
        return names | {(self.own_id, sku)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuMatches:
    """The products found by SKU, the code of each SKU without exactly one, and when the stock was read.

    `currencies` are those in which the shop takes orders, None where it does not say.
    """

    matches: Mapping[str, Match]
    unresolved: Mapping[str, str]
    read_at: datetime
    currencies: frozenset[str] | None
    shop_sku_names: ShopSkuNames

    @property
    def products(self) -> Mapping[str, str]:
        """The product's ref by SKU: two SKUs may mean one product."""
        return {sku: match.ref for sku, match in self.matches.items()}


async def shop_sku_names(ctx: Context) -> ShopSkuNames:
    """Return how every account of the shop names its products; this one as its shop was opened."""
    mappings = await ctx.read(stock.mappings, ctx.account.shop_id)
    mappings[ctx.account.id] = ctx.account.settings.shop_mapping
    return ShopSkuNames(ctx.account.id, {account_id: SkuNames(mapping) for account_id, mapping in mappings.items()})


async def match_skus(ctx: Context, orders: Iterable[Order]) -> SkuMatches:
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
    return SkuMatches(
        matches=matches,
        unresolved=unresolved,
        read_at=resolved.read_at,
        currencies=resolved.currencies,
        shop_sku_names=await shop_sku_names(ctx),
    )


async def units_left(
    ctx: Context,
    sku_matches: SkuMatches,
    order: Order,
    *,
    ledger_id: int | None,
    taken: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Return what is free for an order by SKU: the shop's stock less what orders before it wait for.

    An order without a ledger number stands behind all others. `taken` are the units, by product, of orders that a
    dry run read before this one: the ledger does not hold them.
    """
    found = {line.sku: sku_matches.matches[line.sku] for line in order.open_lines if line.sku in sku_matches.matches}
    promised = await ctx.read(
        stock.promised,
        ctx.account.shop_id,
        {
            sku: sku_matches.shop_sku_names.names_of(sku, ref=match.ref, identifiers=match.identifiers)
            for sku, match in found.items()
        },
        below_id=ledger_id,
        imported_since=sku_matches.read_at,
    )
    taken = taken or {}
    return {sku: match.available - promised[sku] - taken.get(match.ref, 0) for sku, match in found.items()}
