"""offers-send: stock and prices that changed.

The marketplace's own offers are read first, and only their SKUs are ever touched. What the shop wants is written beside
what the marketplace shows; the difference is sent in batches, each written down before it is sent, and the results are
read by a later run. Sold-out SKUs go first.
"""

from datetime import timedelta

from app.domain import guards
from app.domain.offer import OfferKind, ShopOffer
from app.domain.page import Page
from app.domain.pricing import published_price, published_quantity
from app.domain.task import Mode, Priority
from app.errors import OutcomeUnknown, Refused
from app.store import offers, run_items, runs, stock
from app.store.offers import Batch, Known, ReceiptState, Wanted
from app.store.run_items import ItemNote
from app.store.tables import OfferRow, ReceiptRow
from app.tasks.context import Context

# Offers made or ended at the marketplace are seen within a day.
LISTING_AGE = timedelta(hours=24)
# Results that did not come by then never will.
RECEIPT_AGE = timedelta(hours=48)
CHUNK = 500
_PRIORITY = {OfferKind.STOCK: Priority.STOCK, OfferKind.PRICE: Priority.PRICES}


async def run(ctx: Context) -> None:
    """Read the results of earlier batches, then what both sides have, then send the difference."""
    if ctx.asked.dry_run:
        await read_listing(ctx)
        await _walk_shop(ctx)
        return
    await _read_results(ctx)
    await read_listing(ctx)
    await _walk_shop(ctx)
    if not await _held(ctx):
        for kind in _kinds(ctx):
            await _send(ctx, kind)
    await _name_refused(ctx)
    waiting = await ctx.read(offers.receipts, ctx.account.id, state=ReceiptState.OPEN)
    ctx.count("pending", sum(receipt.lines for receipt in waiting))


def _kinds(ctx: Context) -> list[OfferKind]:
    settings = ctx.account.settings
    switches = {OfferKind.STOCK: settings.send_stock, OfferKind.PRICE: settings.send_price}
    return [kind for kind, on in switches.items() if on]


async def _read_results(ctx: Context) -> None:
    """Ask about every batch under way; one that was cut off while it was sent is sent anew by its differences."""
    for receipt in await ctx.read(offers.receipts, ctx.account.id, state=ReceiptState.SENDING):
        await ctx.write(offers.give_up, receipt.id or 0)
    for receipt in await ctx.read(offers.receipts, ctx.account.id, state=ReceiptState.OPEN):
        await _follow(ctx, receipt)
        await ctx.steady()


async def _follow(ctx: Context, receipt: ReceiptRow) -> None:
    receipt_id = receipt.id or 0
    results = await ctx.sells.follow(OfferKind(receipt.kind), receipt.remote_id or "")
    if results is None:
        if ctx.now() - receipt.created_at > RECEIPT_AGE:
            await _lost(ctx, receipt, "OFFERS_UNANSWERED", "")
        return
    if results.gone or results.failed:
        await _lost(ctx, receipt, "OFFERS_LOST" if results.gone else "OFFERS_FAILED", results.failed)
        return
    accepted = await ctx.write(offers.settle_results, receipt_id, refused=results.refused)
    ctx.count("accepted", accepted)
    ctx.count("refused", len(results.refused))


async def _lost(ctx: Context, receipt: ReceiptRow, code: str, detail: str) -> None:
    await ctx.write(offers.give_up, receipt.id or 0)
    params = {"detail": detail, "lines": receipt.lines, "receipt": receipt.remote_id}
    await ctx.write(
        run_items.note_items, ctx.run_id, [ItemNote(subject=f"#{code}:{receipt.id}", code=code, params=params)]
    )


async def read_listing(ctx: Context) -> None:
    """Read the marketplace's own offers, when that was never done, long ago, or everything is to be sent."""
    last = await ctx.read(offers.last_listing, ctx.account.id)
    if last is not None and ctx.now() - last < LISTING_AGE and Mode.FULL not in ctx.asked.modes:
        return
    began = ctx.now()
    async for page in ctx.sells.live_offers(resume=None):
        await ctx.write(offers.take_listing, ctx.account.id, page.items, now=ctx.now())
        await ctx.steady()
    await ctx.write(offers.forget_unlisted, ctx.account.id, listed_before=began)


async def _walk_shop(ctx: Context) -> None:
    """Write down what the shop wants of every listed SKU."""
    async for page in ctx.stocks.offers():
        await _take_page(ctx, page)
        await ctx.steady()
    if not ctx.asked.dry_run:
        gone = await ctx.write(offers.want_nothing_of_the_rest, ctx.account.id, run_id=ctx.run_id)
        ctx.count("seen", gone)


async def _take_page(ctx: Context, page: Page[ShopOffer]) -> None:
    skus = [offer.sku for offer in page.items]
    known = await ctx.read(offers.known_offers, ctx.account.id, skus)
    promised = await ctx.read(stock.promised, ctx.account.shop_id, skus, below_id=None, imported_since=page.read_at)
    ctx.count("seen", len(skus))
    ctx.count("not_listed", sum(sku not in known for sku in skus))
    excluded = set(ctx.account.settings.exclude_skus)
    wanted = [
        _wanted(ctx, offer, reserved=promised.get(offer.sku, 0))
        for offer in page.items
        if offer.sku in known and offer.sku not in excluded
    ]
    changed = [each for each in wanted if _differs(each, known[each.sku])]
    ctx.count("changed", len(changed))
    ctx.count("unchanged", len(wanted) - len(changed))
    if ctx.asked.dry_run:
        notes = [_note(each, known[each.sku]) for each in changed]
        await ctx.write(run_items.note_items, ctx.run_id, notes)
    else:
        await ctx.write(offers.want, ctx.account.id, wanted, run_id=ctx.run_id)


def _wanted(ctx: Context, offer: ShopOffer, *, reserved: int) -> Wanted:
    kinds, rules = _kinds(ctx), ctx.account.settings.rules
    return Wanted(
        sku=offer.sku,
        quantity=published_quantity(offer, reserved=reserved, rules=rules) if OfferKind.STOCK in kinds else None,
        price=published_price(offer, rules=rules) if OfferKind.PRICE in kinds else None,
    )


def _differs(wanted: Wanted, known: Known) -> bool:
    new_stock = wanted.quantity is not None and known.is_ours and wanted.quantity != known.quantity
    return new_stock or (wanted.price is not None and wanted.price != known.price)


def _note(wanted: Wanted, known: Known) -> ItemNote:
    params = {"sku": wanted.sku}
    if wanted.quantity is not None and known.is_ours and wanted.quantity != known.quantity:
        params["quantity"] = f"{known.quantity} → {wanted.quantity}"
    if wanted.price is not None and wanted.price != known.price:
        params["price"] = f"{known.price} → {wanted.price}"
    return ItemNote(subject=f"sku:{wanted.sku}", outcome="changed", sku=wanted.sku, params=params)


async def _held(ctx: Context) -> bool:
    """Hold the run when it would do what is rarely meant, unless a person confirmed the run that was held."""
    figures = await ctx.read(offers.figures, ctx.account.id, kinds=_kinds(ctx))
    why = guards.held(figures)
    if why is None or await _confirmed(ctx):
        return False
    ctx.count("held", figures.to_zero if why.code == "STOCK_GUARD" else figures.price_changes)
    params = {**why.params, "run_id": ctx.run_id}
    await ctx.write(run_items.note_items, ctx.run_id, [ItemNote(subject=f"#{why.code}", code=why.code, params=params)])
    return True


async def _confirmed(ctx: Context) -> bool:
    """Whether the run named by `confirm` was held for this account and not confirmed before."""
    if not ctx.asked.confirm:
        return False
    return await ctx.write(runs.use_confirmation, ctx.account.id, ctx.asked.confirm, by=ctx.run_id)


async def _send(ctx: Context, kind: OfferKind) -> None:
    for sold_out in (True, False) if kind is OfferKind.STOCK else (False,):
        after_sku = ""
        while batch := await ctx.write(
            offers.begin_batch,
            ctx.account.id,
            kind,
            run_id=ctx.run_id,
            everything=Mode.FULL in ctx.asked.modes,
            sold_out=sold_out,
            after_sku=after_sku,
            limit=ctx.sells.offer_batch,
            now=ctx.now(),
        ):
            after_sku = batch.offers[-1].sku
            await _submit(ctx, kind, batch)
            await ctx.steady()


async def _submit(ctx: Context, kind: OfferKind, batch: Batch) -> None:
    try:
        submitted = await ctx.sells.send_offers(kind, batch.offers, priority=_PRIORITY[kind])
    except (OutcomeUnknown, Refused) as exc:
        # The newest value wins at the marketplace too: what differs is simply sent again.
        await ctx.write(offers.give_up, batch.receipt_id)
        unknown = isinstance(exc, OutcomeUnknown)
        code = "OUTCOME_UNKNOWN" if unknown else "OFFERS_FAILED"
        params = {"detail": exc.detail, "service": exc.service, "lines": len(batch.offers)}
        note = ItemNote(subject=f"#{code}:{batch.receipt_id}", code=code, params=params)
        await ctx.write(run_items.note_items, ctx.run_id, [note])
        return
    await ctx.write(offers.settle_submitted, batch.receipt_id, remote_id=submitted.receipt, refused=submitted.refused)
    ctx.count("sent", len(batch.offers))
    ctx.count("refused", len(submitted.refused))
    if submitted.receipt is None:
        ctx.count("accepted", len(batch.offers) - len(submitted.refused))


async def _name_refused(ctx: Context) -> None:
    """Name every SKU that the marketplace refuses as the shop wants it, until one of the two changes."""
    after_sku = ""
    while rows := await ctx.read(offers.refused_offers, ctx.account.id, after_sku=after_sku, limit=CHUNK):
        after_sku = rows[-1].sku
        await ctx.write(run_items.note_items, ctx.run_id, [_refused(row) for row in rows])
        await ctx.steady()


def _refused(row: OfferRow) -> ItemNote:
    params = {"sku": row.sku, "detail": row.refused_reason}
    return ItemNote(subject=f"sku:{row.sku}", code="OFFER_REFUSED", sku=row.sku, params=params)
