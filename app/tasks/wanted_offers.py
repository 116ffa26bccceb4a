"""What both sides have of an offer: the marketplace's own list is read, what the shop wants is written beside it."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from app.domain.guards import PRICE_MOVE, Figures
from app.domain.message import Param
from app.domain.offer import OfferKind, ShopOffer
from app.domain.pricing import published_price, published_quantity
from app.domain.task import Mode
from app.store import offers, run_items, stock
from app.store.offers import Known, Wanted
from app.store.passes import PassKey
from app.store.run_items import ItemNote
from app.tasks.context import Context
from app.tasks.polling import OLDEST_PASS
from app.tasks.sku_matches import shop_sku_names

# Offers made or ended at the marketplace are seen within a day.
LISTING_AGE = timedelta(hours=24)
CHUNK = 500


def kinds(ctx: Context) -> list[OfferKind]:
    """Return what this account sends."""
    settings = ctx.account.settings
    switches = {OfferKind.STOCK: settings.send_stock, OfferKind.PRICE: settings.send_price}
    return [kind for kind, on in switches.items() if on]


async def read_listing(ctx: Context, *, at_most: timedelta = LISTING_AGE) -> None:
    """Read the marketplace's own offers, unless that was done not longer ago.

    A listing that was cut off goes on where it stood, so that a large one comes to its end over several runs.
    """
    last = await ctx.read(offers.last_listing, ctx.account.id)
    if last is not None and ctx.now() - last < at_most:
        return
    began, resume, read_whole, key = ctx.now(), None, False, None
    if not ctx.request.dry_run:
        key = PassKey(ctx.account.id, ctx.request.task, "listing")
        state = await ctx.write(offers.begin_listing, key, now=began, oldest_birth=began - OLDEST_PASS)
        began, resume, read_whole = state.born_at, state.resume, state.read_whole
    if not read_whole:
        async for page in ctx.marketplace.live_offers(resume=resume):
            await ctx.write(offers.take_listing, ctx.account.id, page.items, now=ctx.now(), key=key, resume=page.resume)
            await ctx.checkpoint()
    await ctx.write(offers.end_listing, ctx.account.id, began=began, key=key)


@dataclass(slots=True)
class _Walk:
    """A walk through the shop: the SKUs met, and what a dry run would change."""

    met: set[str] = field(default_factory=set)
    figures: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of the shop: what it wants of listed SKUs, and which SKUs are not listed or met twice."""

    wanted: Sequence[Wanted]
    known: Mapping[str, Known]
    unlisted: Sequence[str]
    twice: Sequence[str]

    @property
    def differing(self) -> list[Wanted]:
        return [each for each in self.wanted if any(_changes(each, self.known[each.sku]))]


async def walk_shop(ctx: Context) -> None:
    """Write down what the shop wants of every listed SKU."""
    await ctx.write(offers.leave_alone, ctx.account.id, sorted(ctx.account.settings.exclude_skus))
    async for page in _pages(ctx, _Walk()):
        await _write_page(ctx, page)
        alone = [Wanted(sku=sku, quantity=None, price=None) for sku in page.twice]
        await ctx.write(offers.want, ctx.account.id, [*page.wanted, *alone], run_id=ctx.run_id)
    rest = await ctx.write(
        offers.want_nothing_of_the_rest, ctx.account.id, run_id=ctx.run_id, stock=OfferKind.STOCK in kinds(ctx)
    )
    _count(ctx, seen=rest.changed + rest.unchanged, changed=rest.changed, unchanged=rest.unchanged)


async def preview_walk(ctx: Context) -> Figures:
    """Say old → new of every SKU that would change; return what sending it would do."""
    walk = _Walk()
    async for page in _pages(ctx, walk):
        await _write_page(ctx, page)
        await _say_changes(ctx, walk, page)
    async for page in _pages_of_the_rest(ctx, walk):
        await _write_page(ctx, page)
        await _say_changes(ctx, walk, page)
    figures = walk.figures
    return Figures(
        listed=0,
        live=await ctx.read(offers.on_sale_count, ctx.account.id),
        stock_changes=figures["stock_changes"],
        to_zero=figures["to_zero"],
        priced=figures["priced"],
        price_changes=figures["price_changes"],
        price_not_positive=figures["price_not_positive"],
        price_moves=figures["price_moves"],
    )


async def differing(ctx: Context) -> AsyncIterator[list[tuple[Wanted, Known]]]:
    """Yield the offers that were sent before and differ from what the shop wants of them now."""
    walk = _Walk()
    async for page in _pages(ctx, walk):
        yield [(each, page.known[each.sku]) for each in page.differing if page.known[each.sku].was_wanted]
    async for page in _pages_of_the_rest(ctx, walk):
        yield [(each, page.known[each.sku]) for each in page.differing]


async def _pages(ctx: Context, walk: _Walk) -> AsyncIterator[_Page]:
    """Yield what the shop wants, page by page; a SKU that several products have is left alone."""
    excluded, named = set(ctx.account.settings.exclude_skus), await shop_sku_names(ctx)
    async for page in ctx.shop.offers():
        skus = [offer.sku for offer in page.items]
        known = await ctx.read(offers.known_offers, ctx.account.id, skus)
        promised = await ctx.read(
            stock.promised,
            ctx.account.shop_id,
            {
                offer.sku: named.names_of(offer.sku, ref=offer.ref, identifiers=offer.identifiers)
                for offer in page.items
                if offer.sku in known
            },
            below_id=None,
            imported_since=page.read_at,
        )
        twice = _met_twice(walk, skus)
        yield _Page(
            wanted=[
                _wanted(ctx, offer, reserved=promised[offer.sku])
                for offer in page.items
                if offer.sku in known and offer.sku not in excluded and offer.sku not in twice
            ],
            known=known,
            unlisted=[sku for sku in skus if sku not in known],
            twice=sorted((twice & known.keys()) - excluded),
        )
        await ctx.checkpoint()


async def _pages_of_the_rest(ctx: Context, walk: _Walk) -> AsyncIterator[_Page]:
    """Yield the SKUs that the shop had at an earlier walk and has no more."""
    if OfferKind.STOCK not in kinds(ctx):
        return
    excluded = set(ctx.account.settings.exclude_skus)
    after_sku = ""
    while skus := await ctx.read(offers.on_sale_before, ctx.account.id, after_sku=after_sku, limit=CHUNK):
        after_sku = skus[-1]
        known = await ctx.read(offers.known_offers, ctx.account.id, [sku for sku in skus if sku not in walk.met])
        wanted = [Wanted(sku=sku, quantity=0, price=None) for sku in sorted(known.keys() - excluded)]
        yield _Page(wanted=wanted, known=known, unlisted=(), twice=())


async def _write_page(ctx: Context, page: _Page) -> None:
    """Count a page; name SKUs met twice, and to whoever asked for all or for a dry run those without an offer."""
    seen, changed = len(page.wanted) + len(page.unlisted) + len(page.twice), len(page.differing)
    _count(ctx, seen=seen, changed=changed, unchanged=len(page.wanted) - changed)
    ctx.count("not_listed", len(page.unlisted))
    notes = [ItemNote(subject=f"sku:{sku}", code="SKU_AMBIGUOUS", sku=sku) for sku in page.twice]
    if ctx.request.dry_run or Mode.FULL in ctx.request.modes:
        notes += [ItemNote(subject=f"sku:{sku}", code="NOT_LISTED", sku=sku) for sku in page.unlisted]
    await ctx.write(run_items.note_items, ctx.run_id, notes)


def _count(ctx: Context, *, seen: int, changed: int, unchanged: int) -> None:
    ctx.count("seen", seen)
    ctx.count("unchanged", unchanged)
    if not ctx.request.dry_run:
        # A dry run has an item for each.
        ctx.count("changed", changed)


def _met_twice(walk: _Walk, skus: Sequence[str]) -> set[str]:
    """Return the SKUs that several products have."""
    twice: set[str] = set()
    for sku in skus:
        if sku in walk.met:
            twice.add(sku)
        walk.met.add(sku)
    return twice


def _wanted(ctx: Context, offer: ShopOffer, *, reserved: int) -> Wanted:
    sent, rules = kinds(ctx), ctx.account.settings.rules
    return Wanted(
        sku=offer.sku,
        quantity=published_quantity(offer, reserved=reserved, rules=rules) if OfferKind.STOCK in sent else None,
        price=published_price(offer, rules=rules) if OfferKind.PRICE in sent else None,
    )


def _changes(wanted: Wanted, known: Known) -> tuple[bool, bool]:
    """Return whether the stock, and whether the price has to be sent; what was refused as it is, has not."""
    quantity, price = wanted.quantity, wanted.price
    new_stock = (
        quantity is not None
        and known.is_ours
        and (quantity != known.quantity or known.stock_unsure)
        and str(quantity) != known.refused_stock
    )
    new_price = price is not None and (price != known.price or known.price_unsure) and str(price) != known.refused_price
    return new_stock, new_price


async def _say_changes(ctx: Context, walk: _Walk, page: _Page) -> None:
    notes = []
    for each in page.wanted:
        old = page.known[each.sku]
        new_stock, new_price = _changes(each, old)
        walk.figures.update(_figures(each, old, new_stock=new_stock, new_price=new_price))
        params: dict[str, Param] = {"sku": each.sku}
        if new_stock:
            params["quantity"] = f"{old.quantity} → {each.quantity}"
        if new_price:
            params["price"] = f"{old.price} → {each.price}"
        if new_stock or new_price:
            notes.append(ItemNote(subject=f"sku:{each.sku}", outcome="changed", sku=each.sku, params=params))
    await ctx.write(run_items.note_items, ctx.run_id, notes)


def _figures(wanted: Wanted, known: Known, *, new_stock: bool, new_price: bool) -> dict[str, int]:
    price = wanted.price or Decimal(0)
    far = known.price > 0 and abs(price - known.price) > known.price * Decimal(str(PRICE_MOVE))
    return {
        "stock_changes": new_stock,
        "to_zero": new_stock and wanted.quantity == 0 and known.quantity > 0,
        "priced": wanted.price is not None,
        "price_changes": new_price,
        "price_not_positive": new_price and price <= 0,
        "price_moves": new_price and far,
    }
