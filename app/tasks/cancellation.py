"""Orders that the marketplace cancelled leave the shop again, if they got there."""

from app.errors import OutcomeUnknown, Refused
from app.shops.port import CancelOutcome, UnfinishedOrder
from app.store import creation, orders
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder
from app.tasks.context import Context
from app.tasks.intent import CreationIntent

CHUNK = 100


async def cancel_all_in_shop(ctx: Context, run_ledger: RunLedger) -> None:
    """Take every cancelled order out of the shop of which nothing is under way."""
    after_id = 0
    while True:
        sent_before = await ctx.read(orders.real_time) - ctx.unknown_outcome_wait_s
        rows = await ctx.read(
            orders.orders_to_cancel, ctx.scope(), sent_before=sent_before, after_id=after_id, limit=CHUNK
        )
        if not rows:
            return
        after_id = rows[-1].id
        for row in rows:
            await cancel_in_shop(ctx, run_ledger, row)


async def cancel_in_shop(ctx: Context, run_ledger: RunLedger, row: LedgerOrder) -> None:
    """Take an order that the marketplace cancelled out of the shop, if it got there."""
    ledger_id, intent = row.id, CreationIntent(ctx, row)
    await ctx.checkpoint()
    try:
        in_shop = (await ctx.shop.find_orders({intent.key: intent.steps})).get(intent.key)
        if isinstance(in_shop, UnfinishedOrder) and in_shop.may_finish:
            params = {"service": "shop", "ref": in_shop.ref}
            await ctx.write(
                creation.settle_kept, run_ledger, ledger_id, code="OUTCOME_UNKNOWN", params=params, now=ctx.now()
            )
            return
        # One that a person or an older module created does not have our key.
        ref = in_shop.ref if in_shop is not None else await _still_in_shop(ctx, row.shop_ref)
        if ref:
            done = await ctx.shop.cancel_order(ref, intent=intent)
        else:
            await ctx.shop.abandon(intent)
            done = CancelOutcome.CANCELLED
    except Refused as refusal:
        why = {"detail": refusal.detail}
        await ctx.write(creation.settle_kept, run_ledger, ledger_id, code="SHOP_REFUSED", params=why, now=ctx.now())
        return
    except OutcomeUnknown as exc:
        await ctx.write(creation.settle_unknown, run_ledger, ledger_id, params={"service": exc.service}, now=ctx.now())
        return
    conflict = done is CancelOutcome.ALREADY_SHIPPED
    await ctx.write(creation.settle_cancelled, run_ledger, ledger_id, conflict=conflict, now=ctx.now())


async def _still_in_shop(ctx: Context, ref: str | None) -> str | None:
    """Return the ref of an order that does not have our key, None if the shop does not have it (any more)."""
    if ref is None:
        return None
    return ref if ref in await ctx.shop.progress_of([ref]) else None
