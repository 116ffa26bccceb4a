"""offers-send: stock and prices that changed.

The marketplace's own offers are read first, and only their SKUs are ever touched. What the shop wants is written beside
what the marketplace shows (`wanted_offers.py`); the difference is sent in batches, each written down before it is sent,
and the results are read by a later run. Sold-out SKUs go first.
"""

from collections.abc import Sequence
from datetime import timedelta

from app.domain import guards
from app.domain.guards import Figures, Held
from app.domain.message import Message, Param
from app.domain.offer import OfferKind
from app.domain.task import Mode, Priority
from app.errors import OutcomeUnknown, Refused
from app.store import offers, run_items, runs
from app.store.offers import Batch, Receipt, ReceiptState, RefusedOffer
from app.store.run_items import ItemNote
from app.tasks.context import Context
from app.tasks.wanted_offers import CHUNK, LISTING_AGE, kinds, preview_walk, read_listing, walk_shop

# Results that did not come by then never will.
RECEIPT_AGE = timedelta(hours=48)
# A platform that replaces an offer's prices as a whole would delete a discount that was set there since the listing.
# So a small range is listed again before prices are sent; a large one is not, as that would take longer than a run may.
FRESH_FOR_PRICES = timedelta(minutes=10)
SMALL_RANGE = 1_000
_PRIORITY = {OfferKind.STOCK: Priority.STOCK, OfferKind.PRICE: Priority.PRICES}


async def run(ctx: Context) -> None:
    """Read the results of earlier batches, then what both sides have, then send the difference."""
    full = Mode.FULL in ctx.request.modes
    if ctx.request.dry_run:
        await read_listing(ctx, at_most=timedelta(0) if full else LISTING_AGE)
        await _hold(ctx, await preview_walk(ctx))
        return
    await _read_results(ctx)
    await read_listing(ctx, at_most=timedelta(0) if full else LISTING_AGE)
    await walk_shop(ctx)
    figures = await ctx.read(offers.figures, ctx.account.id, kinds=kinds(ctx))
    if figures.price_changes and figures.listed <= SMALL_RANGE:
        await read_listing(ctx, at_most=FRESH_FOR_PRICES)
        figures = await ctx.read(offers.figures, ctx.account.id, kinds=kinds(ctx))
    if not await _hold(ctx, figures):
        for kind in kinds(ctx):
            await _send(ctx, kind)
    await _name_refused(ctx)
    ctx.count("pending", await ctx.read(offers.pending_count, ctx.account.id))


async def _read_results(ctx: Context) -> None:
    """Ask about every batch under way; one that was cut off while it was sent is sent again by its differences."""
    for receipt in await ctx.read(offers.receipts, ctx.account.id, state=ReceiptState.SENDING):
        await ctx.write(offers.give_up, receipt.id)
    for receipt in await ctx.read(offers.receipts, ctx.account.id, state=ReceiptState.OPEN):
        await _follow(ctx, receipt)
        await ctx.checkpoint()


async def _follow(ctx: Context, receipt: Receipt) -> None:
    results = await ctx.marketplace.follow(OfferKind(receipt.kind), receipt.remote_id or "")
    if results is None:
        if ctx.now() - receipt.created_at > RECEIPT_AGE:
            await _lost(ctx, receipt, "OFFERS_UNANSWERED", "")
        return
    if results.gone or results.failed:
        await _lost(ctx, receipt, "OFFERS_LOST" if results.gone else "OFFERS_FAILED", results.failed)
        return
    accepted = await ctx.write(offers.settle_results, receipt.id, refused=results.refused)
    ctx.count("accepted", accepted)
    ctx.count("refused", len(results.refused))


async def _lost(ctx: Context, receipt: Receipt, code: str, detail: Message | str) -> None:
    await ctx.write(offers.give_up, receipt.id)
    params: dict[str, Param] = {"detail": detail, "lines": receipt.lines, "receipt": receipt.remote_id or ""}
    await ctx.write(
        run_items.note_items, ctx.run_id, [ItemNote(subject=f"#{code}:{receipt.id}", code=code, params=params)]
    )


async def _hold(ctx: Context, figures: Figures) -> bool:
    """Hold the run when it would do what is rarely meant, unless a person confirmed a run held for the same."""
    held = guards.held(figures)
    if not held or await _released(ctx, held):
        return False
    ctx.count("held", figures.stock_changes + figures.price_changes)
    notes = [
        ItemNote(subject=f"#{why.code}", code=why.code, params={**why.params, "run_id": ctx.run_id}) for why in held
    ]
    await ctx.write(run_items.note_items, ctx.run_id, notes)
    return True


async def _released(ctx: Context, held: Sequence[Held]) -> bool:
    """Whether the run named by `confirm` was held for this account and for all of this, and not confirmed before."""
    if not ctx.request.confirm or ctx.request.dry_run:
        return False
    subjects = [f"#{why.code}" for why in held]
    listed = await ctx.read(run_items.items_of, ctx.request.confirm, subjects)
    if len(listed) < len(subjects):
        return False
    return await ctx.write(runs.use_release, ctx.account.id, ctx.request.confirm, by=ctx.run_id)


async def _send(ctx: Context, kind: OfferKind) -> None:
    for sold_out in (True, False) if kind is OfferKind.STOCK else (False,):
        after_sku = ""
        while batch := await ctx.write(
            offers.begin_batch,
            ctx.account.id,
            kind,
            run_id=ctx.run_id,
            everything=Mode.FULL in ctx.request.modes,
            sold_out=sold_out,
            after_sku=after_sku,
            limit=ctx.marketplace.offer_batch,
            now=ctx.now(),
        ):
            after_sku = batch.offers[-1].sku
            await _submit(ctx, kind, batch)
            await ctx.checkpoint()


async def _submit(ctx: Context, kind: OfferKind, batch: Batch) -> None:
    try:
        submitted = await ctx.marketplace.send_offers(kind, batch.offers, priority=_PRIORITY[kind])
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
    sent = len(batch.offers) - len(submitted.refused)
    ctx.count("sent", sent)
    ctx.count("refused", len(submitted.refused))
    if submitted.receipt is None:
        ctx.count("accepted", sent)


async def _name_refused(ctx: Context) -> None:
    """Name every SKU that the marketplace refuses as the shop wants it, until one of the two changes."""
    after_sku = ""
    while rows := await ctx.read(offers.refused_offers, ctx.account.id, after_sku=after_sku, limit=CHUNK):
        after_sku = rows[-1].sku
        await ctx.write(run_items.note_items, ctx.run_id, [_refused(row) for row in rows])
        await ctx.checkpoint()


def _refused(row: RefusedOffer) -> ItemNote:
    params = {"sku": row.sku, **row.refused_params}
    return ItemNote(subject=f"sku:{row.sku}", code="OFFER_REFUSED", sku=row.sku, params=params)
