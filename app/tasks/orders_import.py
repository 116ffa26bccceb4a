"""orders-import: create accepted orders in the shop, each exactly once.

The pass reads everything into the ledger; then the ledger's due orders are created one after the other, the intent
committed before. Whatever is cut off in between is looked for in the shop before it is made again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.domain.import_obstacles import Obstacle, obstacle
from app.domain.intake import GONE, IN_SHOP, NOT_IMPORTED, WAITING, Intake
from app.domain.message import Param, message
from app.domain.order import SHIPPED_OR_CLOSED, Fulfilment, Order
from app.domain.reasons import REASONS
from app.domain.stock import shortages
from app.errors import LimitReached, OutcomeUnknown, Refused
from app.shops.port import ImportPlan, ShopOrder, UnfinishedOrder
from app.store import creation, ledger, orders
from app.store.creation import Made
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder
from app.tasks.batching import Batch
from app.tasks.cancellation import cancel_in_shop
from app.tasks.context import Context
from app.tasks.intent import CreationIntent
from app.tasks.polling import end_passes, read_late_orders, read_updates, reread
from app.tasks.sku_matches import SkuMatches, match_skus, units_left

CHUNK = 100
INTENTS_AT_ONCE = 20
# An address may have been corrected at the marketplace since we read it.
FRESH = timedelta(minutes=60)


def outcome(row: LedgerOrder) -> str:
    """Return the count of the report that an order falls under (for the run that imported it, `imported`)."""
    intake = Intake(row.intake)
    if intake in IN_SHOP:
        return "already_imported"
    if intake in NOT_IMPORTED:
        return "not_imported"
    if intake in WAITING:
        return "waiting"
    if intake in GONE:
        return "cancelled"
    return intake.value if intake in (Intake.LISTED_ONLY, Intake.BEFORE_START) else ""


async def run(ctx: Context) -> None:
    """Read, then import what is due; a live run also names every order that still waits or needs somebody."""
    run_ledger = ctx.run_ledger(lambda row: "imported" if row.imported_run == ctx.run_id else outcome(row))
    try:
        await read_updates(ctx, run_ledger, preview=lambda rows, read: _preview(ctx, run_ledger, rows, read))
    except LimitReached as reached:
        # The rest of a long list takes hours: what was read of it would be too old by then, and asked for one by one.
        if reached.code == "QUOTA_USED_UP" and not ctx.request.dry_run:
            await _import_due(ctx, run_ledger)
        raise
    if ctx.request.dry_run:
        return
    await _import_due(ctx, run_ledger)
    if not ctx.request.catch_ups and not ctx.request.order_ids:
        await _name_open(ctx, run_ledger)
    await end_passes(ctx)
    if await read_late_orders(ctx, run_ledger):
        await _import_due(ctx, run_ledger)


async def _import_due(ctx: Context, run_ledger: RunLedger) -> None:
    after_id = 0
    while True:
        sent_before = await ctx.read(orders.real_time) - ctx.unknown_outcome_wait_s
        rows = await ctx.read(
            orders.orders_to_import,
            ctx.scope(),
            now=ctx.now(),
            sent_before=sent_before,
            after_id=after_id,
            limit=CHUNK,
        )
        if not rows:
            return
        after_id = rows[-1].id
        for row in rows:
            if row.intake == Intake.CANCELLING:
                await cancel_in_shop(ctx, run_ledger, row)
        await _import_chunk(ctx, run_ledger, [row for row in rows if row.intake != Intake.CANCELLING])


async def _import_chunk(ctx: Context, run_ledger: RunLedger, rows: Sequence[LedgerOrder]) -> None:
    rows = await _fresh(ctx, run_ledger, rows)
    country = ctx.account.settings.default_country
    stored = {row.id: ledger.order_of(row.payload, ctx.cipher) for row in rows}
    copies = {ledger_id: order.in_country(country) for ledger_id, order in stored.items() if order is not None}
    sku_matches = await match_skus(ctx, copies.values())
    ready: list[tuple[int, Order]] = []
    for row in rows:
        order = copies.get(row.id)
        if order is None:
            continue
        # An order that may be in the shop already is looked for, whatever has become of its SKUs since.
        hindrance = None if row.intake == Intake.CREATING else await _obstacle(ctx, sku_matches, order, row)
        if hindrance is None:
            ready.append((row.id, order))
        else:
            await _block(ctx, run_ledger, row.id, hindrance)
    for start in range(0, len(ready), INTENTS_AT_ONCE):
        await _create_some(ctx, run_ledger, sku_matches, dict(ready[start : start + INTENTS_AT_ONCE]))


async def _fresh(ctx: Context, run_ledger: RunLedger, rows: Sequence[LedgerOrder]) -> list[LedgerOrder]:
    """Return the rows that may still be imported, those with an old copy of their order read again."""
    oldest = ctx.now() - FRESH
    stale = {row.order_id for row in rows if row.payload is None or row.read_at < oldest}
    if not stale:
        return list(rows)
    again = await reread(ctx, run_ledger, sorted(stale))
    found = {row.order_id: row for row in again if row.read_at >= oldest}
    current: list[LedgerOrder] = []
    for row in rows:
        if row.order_id in found or row.order_id not in stale:
            current.append(found.get(row.order_id, row))
        elif row.intake == Intake.CREATING and row.payload is not None:
            # It may be in the shop: our old copy is good enough to look for it.
            current.append(row)
        elif row.intake == Intake.CREATING:
            await _needs_person(ctx, run_ledger, row.id, "ORDER_MISSING")
        else:
            await _block(ctx, run_ledger, row.id, Obstacle("ORDER_MISSING"))
    importable = (Intake.DUE, Intake.BLOCKED, Intake.CREATING)
    moved_on = [row for row in current if row.intake not in importable or row.payload is None]
    await ctx.note([ledger.item_of(row, run_ledger) for row in moved_on])
    return [row for row in current if row.intake in importable and row.payload is not None]


async def _obstacle(ctx: Context, sku_matches: SkuMatches, order: Order, row: LedgerOrder) -> Obstacle | None:
    found = obstacle(order, unresolved=sku_matches.unresolved, currencies=sku_matches.currencies)
    if found is not None or ctx.account.settings.import_without_stock or order.fulfilment is Fulfilment.MARKETPLACE:
        return found
    left = await units_left(ctx, sku_matches, order, ledger_id=row.id)
    short = shortages(order, left=left, products=sku_matches.products)
    if not short:
        return None
    return Obstacle("OUT_OF_STOCK", {"sku": short[0].sku, "wanted": short[0].wanted, "left": short[0].left})


async def _block(ctx: Context, run_ledger: RunLedger, ledger_id: int, why: Obstacle) -> None:
    await ctx.write(creation.settle_blocked, run_ledger, ledger_id, code=why.code, params=why.params, now=ctx.now())


async def _create_some(ctx: Context, run_ledger: RunLedger, sku_matches: SkuMatches, copies: dict[int, Order]) -> None:
    """Commit the intents of a few orders together, then create them, as many at a time as the shop takes."""
    rows = await ctx.write(creation.begin_creations, run_ledger, list(copies), now=ctx.now())
    # What an earlier attempt left furthest along comes first: others may have to wait for it.
    rows.sort(key=lambda row: -len(row.steps))
    intents = {row.id: CreationIntent(ctx, row) for row in rows}
    in_shop = await ctx.shop.find_orders({intent.key: intent.steps for intent in intents.values()})
    places = asyncio.Semaphore(ctx.shop.parallel)

    async def keep(made: Sequence[tuple[int, Made]]) -> None:
        await ctx.write(creation.settle_imported, run_ledger, dict(made))

    imported = Batch(keep)
    failures: list[Exception] = []

    async def create(row: LedgerOrder) -> None:
        async with places:
            if failures:
                return
            try:
                await ctx.checkpoint()
                intent = intents[row.id]
                made = await _create(
                    ctx, run_ledger, sku_matches, intent, copies[row.id], in_shop=in_shop.get(intent.key)
                )
                if made is not None:
                    await imported.add((intent.ledger_id, made))
            except Exception as exc:
                failures.append(exc)

    # No task group: it would cut the neighbours of a failed order off in the middle of their writes.
    await asyncio.gather(*(create(row) for row in rows))
    await imported.commit()
    if failures:
        raise failures[0]


async def _create(
    ctx: Context,
    run_ledger: RunLedger,
    sku_matches: SkuMatches,
    intent: CreationIntent,
    order: Order,
    *,
    in_shop: ShopOrder | UnfinishedOrder | None,
) -> Made | None:
    """Create an order, unless it is there already; returns it once it stands in the shop and needs nobody."""
    ledger_id = intent.ledger_id
    try:
        if in_shop is None:
            hindrance = obstacle(order, unresolved=sku_matches.unresolved, currencies=sku_matches.currencies)
            if hindrance is not None:
                await ctx.shop.abandon(intent)
                await _block(ctx, run_ledger, ledger_id, hindrance)
                return None
        if in_shop is None or (isinstance(in_shop, ShopOrder) and not in_shop.whole):
            in_shop = await ctx.shop.create_order(order, plan=_plan(ctx, sku_matches, order), intent=intent)
    except Refused as refusal:
        code = refusal.reason if refusal.reason in REASONS else "SHOP_REFUSED"
        params = {"detail": refusal.detail, **_context_of(order), **refusal.params}
        await _block(ctx, run_ledger, ledger_id, Obstacle(code, params))
        return None
    except OutcomeUnknown as exc:
        await ctx.write(creation.settle_unknown, run_ledger, ledger_id, params={"service": exc.service}, now=ctx.now())
        return None
    return await _checked(ctx, run_ledger, ledger_id, order, in_shop)


async def _checked(
    ctx: Context, run_ledger: RunLedger, ledger_id: int, order: Order, in_shop: ShopOrder | UnfinishedOrder
) -> Made | None:
    """Return an order that stands in the shop as it should; of any other the ledger keeps why not."""
    if isinstance(in_shop, UnfinishedOrder) and in_shop.may_finish:
        params = {"detail": in_shop.reason, "ref": in_shop.ref}
        await ctx.write(
            creation.settle_kept, run_ledger, ledger_id, code="OUTCOME_UNKNOWN", params=params, now=ctx.now()
        )
    elif isinstance(in_shop, UnfinishedOrder):
        await _needs_person(ctx, run_ledger, ledger_id, "ORDER_HALF_MADE", ref=in_shop.ref, detail=in_shop.reason)
    elif in_shop.state == "cancelled":
        detail = message("CANCELLED_IN_THE_SHOP")
        await _needs_person(ctx, run_ledger, ledger_id, "ORDER_HALF_MADE", ref=in_shop.ref, detail=detail)
    elif in_shop.total != order.open_total:
        totals = {"lines": in_shop.total, "total": order.open_total}
        await _needs_person(ctx, run_ledger, ledger_id, "TOTAL_MISMATCH", ref=in_shop.ref, **totals)
    else:
        return Made(ref=in_shop.ref, at=ctx.now(), warnings={**in_shop.warnings, **_special(order)})
    return None


def _special(order: Order) -> Mapping[str, Mapping[str, str]]:
    """Return what is special about an order that was imported as it is."""
    if order.replacement_of:
        return {"REPLACEMENT_ORDER": {"order": order.replacement_of}}
    return {"FREE_ITEMS": {"skus": ", ".join(order.free_skus)}} if order.free_skus else {}


async def _needs_person(ctx: Context, run_ledger: RunLedger, ledger_id: int, code: str, **params: Param) -> None:
    await ctx.write(creation.settle_needs_person, run_ledger, ledger_id, code=code, params=params, now=ctx.now())


def _context_of(order: Order) -> dict[str, str]:
    country = order.shipping_address.country if order.shipping_address else ""
    return {"currency": order.currency, "country": country, "method": order.shipping_method}


def _plan(ctx: Context, sku_matches: SkuMatches, order: Order) -> ImportPlan:
    anonymous = f"{order.order_id.lower()}@{ctx.account.settings.anonymous_email_domain}"
    return ImportPlan(
        matches={
            line.sku: sku_matches.matches[line.sku] for line in order.open_lines if line.sku in sku_matches.matches
        },
        state="shipped" if order.state in SHIPPED_OR_CLOSED else "paid",
        stock="lower" if order.fulfilment is Fulfilment.MERCHANT else "keep",
        email=(order.buyer.email if order.buyer else "") or anonymous,
        placeholder=anonymous,
    )


async def _name_open(ctx: Context, run_ledger: RunLedger) -> None:
    """Put every order that waits or needs somebody into the report, however long ago it was seen."""
    after_id: int | None = 0
    while after_id is not None:
        after_id = await ctx.write(
            creation.include_open,
            run_ledger,
            ctx.scope(),
            sorted(NOT_IMPORTED | WAITING),
            after_id=after_id,
            limit=CHUNK,
        )
        await ctx.checkpoint()


async def _preview(ctx: Context, run_ledger: RunLedger, rows: Sequence[LedgerOrder], read: Sequence[Order]) -> None:
    """Say what would be imported, without importing."""
    by_id = {order.order_id: order.in_country(ctx.account.settings.default_country) for order in read}
    due = [row for row in rows if row.intake in (Intake.DUE, Intake.BLOCKED) and row.order_id in by_id]
    if not due:
        return
    sku_matches = await match_skus(ctx, [by_id[row.order_id] for row in due])
    notes = []
    for row in due:
        hindrance = await _obstacle(ctx, sku_matches, by_id[row.order_id], row)
        would = "imported" if hindrance is None else "not_imported"
        code, params = (hindrance.code, hindrance.params) if hindrance else ("", {})
        notes.append(ledger.item_of(row, run_ledger, outcome=would, code=code, params=params))
    await ctx.note(notes)
