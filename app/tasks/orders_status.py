"""orders-status: shipments and tracking to the marketplace; cancellations and closings to the shop.

The marketplace is read first, so that nothing is confirmed of an order it has cancelled. A parcel is written down
before it is confirmed; one whose answer was lost is looked up before it is confirmed again, and "shipped already"
counts as confirmed. One that was taken and does not show hours later is confirmed again.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from app.domain.intake import Intake
from app.domain.message import message
from app.domain.order import TO_SHIP, Order, OrderState
from app.domain.shipment import Shipment, ShipmentOutcome, ShipmentResult, ShippingOptions
from app.domain.shipping_rules import Ready, ShippingRules, Waits, shipments_to_confirm
from app.domain.task import Mode, Priority, parse_moment
from app.marketplaces.port import Capability
from app.shops.port import ShopProgress
from app.store import ledger, orders, parcels, run_items, unanswered_shipments, unshown_shipments
from app.store.engine import Session
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder
from app.store.parcels import OrderParcels, ParcelState, StoredParcel
from app.store.run_items import ItemNote
from app.tasks.batching import Batch
from app.tasks.cancellation import cancel_all_in_shop
from app.tasks.context import Context
from app.tasks.polling import answers_by_id, end_passes, read_updates, reread

CHUNK = 100
# Orders asked for by id at once: a call each on some marketplaces.
LOOKED_UP = 100
# How far back `force=1` looks at orders that were confirmed already.
FORCE_DAYS = 30
# A marketplace may take a parcel at once and show it minutes later. After so long it has lost it.
SHOWN_AFTER = timedelta(hours=2)


def outcome(row: LedgerOrder) -> str:
    """Return the count of the report that an order falls under when it was only read."""
    if row.intake == Intake.CANCELLING:
        return "cancelled_on_marketplace"
    closed = row.remote_state == OrderState.CLOSED and row.intake in (Intake.IMPORTED, Intake.HANDLED)
    return "closed" if closed else ""


def outcome_of_cancelling(row: LedgerOrder) -> str:
    """Return the count of an order that this run took, or tried to take, out of the shop."""
    return "cancelled_on_marketplace" if row.shop_ref is not None or row.intake == Intake.CANCELLING else ""


async def run(ctx: Context) -> None:
    """Read the marketplace, take cancelled orders out of the shop, then confirm what the shop has shipped."""
    run_ledger = ctx.run_ledger(outcome)
    await read_updates(ctx, run_ledger, preview=_nothing)
    await _name_open(ctx, run_ledger)
    if ctx.request.dry_run:
        await _preview_shop(ctx, run_ledger)
        return
    await cancel_all_in_shop(ctx, ctx.run_ledger(outcome_of_cancelling))
    while await ctx.write(parcels.close_finished, run_ledger, ctx.scope(), now=ctx.now(), limit=CHUNK) == CHUNK:
        await ctx.checkpoint()
    sent_before = await ctx.read(orders.real_time) - ctx.unknown_outcome_wait_s
    doubtful = await _settle_unanswered(ctx, run_ledger, sent_before=sent_before)
    await _check_confirmed(ctx, run_ledger)
    async for row, in_shop in _followed(ctx):
        await _follow(ctx, run_ledger, row, in_shop)
    await _confirm_all(ctx, run_ledger)
    # Many doubts, each a call on some marketplaces, keep nothing back that was never confirmed.
    while doubtful:
        doubtful = await _look_up(ctx, run_ledger, sent_before=sent_before, after_id=doubtful)
        await _confirm_all(ctx, run_ledger)
    await end_passes(ctx)


async def _nothing(rows: Sequence[LedgerOrder], read: Sequence[Order]) -> None:
    return None


async def _settle_unanswered(ctx: Context, run_ledger: RunLedger, *, sent_before: float) -> int:
    """Settle what was confirmed without an answer; returns after which ledger number more is in doubt, or 0."""
    scope = ctx.scope()
    settle = unanswered_shipments.settle_without_a_look
    while await ctx.write(settle, run_ledger, scope, sent_before=sent_before, limit=CHUNK) == CHUNK:
        await ctx.checkpoint()
    return await _look_up(ctx, run_ledger, sent_before=sent_before, after_id=0)


async def _look_up(ctx: Context, run_ledger: RunLedger, *, sent_before: float, after_id: int) -> int:
    """Look up some orders with a parcel confirmed without an answer; returns where to go on, 0 after the last."""
    doubtful = await ctx.read(
        unanswered_shipments.orders_with_unanswered_shipments,
        ctx.scope(),
        sent_before=sent_before,
        after_id=after_id,
        limit=LOOKED_UP,
    )
    if doubtful:
        for row in await reread(ctx, run_ledger, list(doubtful.values())):
            await ctx.write(unanswered_shipments.settle_looked_up, run_ledger, row.id)
    return max(doubtful) if len(doubtful) == LOOKED_UP else 0


async def _check_confirmed(ctx: Context, run_ledger: RunLedger) -> None:
    """Read orders again whose parcels the marketplace took hours ago and does not show: these are confirmed again."""
    confirmed_before = ctx.now() - SHOWN_AFTER
    await ctx.write(unshown_shipments.forget_shown, ctx.scope())
    order_ids = await ctx.read(
        unshown_shipments.orders_not_shown, ctx.scope(), confirmed_before=confirmed_before, limit=LOOKED_UP
    )
    async for answers in answers_by_id(ctx, order_ids, priority=Priority.SHIPMENTS):
        await ctx.write(
            unshown_shipments.settle_read_again,
            run_ledger,
            answers,
            found_by=ctx.request.pass_names()[0],
            confirmed_before=confirmed_before,
            now=ctx.now(),
        )


async def _name_open(ctx: Context, run_ledger: RunLedger) -> None:
    """Name what earlier runs could not settle, until somebody or a later step of this run does."""
    after_id = 0
    while rows := await ctx.read(parcels.lost_or_in_conflict, ctx.scope(), after_id=after_id, limit=CHUNK):
        after_id = rows[-1].id
        await ctx.write(run_items.note_shown, ctx.run_id, [ledger.item_of(row, run_ledger, outcome="") for row in rows])
    after = (0, 0)
    while unconfirmed := await ctx.read(parcels.unconfirmed_parcels, ctx.scope(), after=after, limit=CHUNK):
        after = (unconfirmed[-1][1].ledger_id, unconfirmed[-1][1].parcel.sequence)
        await ctx.write(
            run_items.note_items,
            ctx.run_id,
            [_unconfirmed_item(run_ledger, row, parcel) for row, parcel in unconfirmed],
        )


def _unconfirmed_item(run_ledger: RunLedger, row: LedgerOrder, parcel: StoredParcel) -> ItemNote:
    if parcel.state == ParcelState.REFUSED:
        return ledger.item_of(row, run_ledger, outcome="refused", code=parcel.code, params=parcel.params)
    params = {"service": message("SIDE_MARKETPLACE")}
    return ledger.item_of(row, run_ledger, outcome="waiting_tracking", code="OUTCOME_UNKNOWN", params=params)


async def _followed(ctx: Context) -> AsyncIterator[tuple[LedgerOrder, ShopProgress | None]]:
    """Yield our orders in the shop that the marketplace waits for, with how far they are; with `force` all of late."""
    since = None
    if Mode.FORCE in ctx.request.modes:
        since = parse_moment(ctx.request.since or f"{FORCE_DAYS}d", now=ctx.now())
    after_id = 0
    while rows := await ctx.read(
        parcels.orders_to_follow, ctx.scope(), placed_since=since, after_id=after_id, limit=CHUNK
    ):
        after_id = rows[-1].id
        progress = await ctx.shop.progress_of([row.shop_ref or "" for row in rows])
        for row in rows:
            yield row, progress.get(row.shop_ref or "")
        await ctx.checkpoint()


async def _follow(ctx: Context, run_ledger: RunLedger, row: LedgerOrder, in_shop: ShopProgress | None) -> None:
    """Take what the shop did with one of our orders into the ledger."""
    ledger_id, code = row.id, _lost(in_shop)
    if code and row.remote_state in TO_SHIP:
        await ctx.write(parcels.settle_cancelled_in_shop, run_ledger, ledger_id, code=code, now=ctx.now())
    elif not code and in_shop is not None and in_shop.parcels:
        await ctx.write(parcels.note_parcels, ledger_id, in_shop.parcels, now=ctx.now())


def _lost(in_shop: ShopProgress | None) -> str:
    if in_shop is None:
        return "DELETED_IN_SHOP"
    return "CANCELLED_IN_SHOP" if in_shop.state == "cancelled" else ""


async def _confirm_all(ctx: Context, run_ledger: RunLedger) -> None:
    rules: ShippingRules | None = None
    after_id, refused_until = 0, _refused_until(ctx)
    while ledger_ids := await ctx.read(
        parcels.orders_to_confirm,
        ctx.scope(),
        refused_until=refused_until,
        after_id=after_id,
        limit=ctx.marketplace.ship_batch,
    ):
        after_id = ledger_ids[-1]
        rules = rules or _rules(ctx, await ctx.marketplace.shipping_options())
        ready: dict[tuple[str, int], tuple[LedgerOrder, Ready]] = {}
        for each in await ctx.read(parcels.parcels_of, ledger_ids):
            for found in _to_confirm(ctx, each, rules):
                if isinstance(found, Ready):
                    ready[each.order.order_id, found.parcel.sequence] = (each.order, found)
                else:
                    await _wait(ctx, run_ledger, each.order, found)
        await _confirm(ctx, run_ledger, ready)
        await ctx.checkpoint()


def _refused_until(ctx: Context) -> datetime:
    """Return until when the next try of a refused parcel may be planned: whoever asks for it need not wait."""
    return parcels.ONLY_WHEN_ASKED if ctx.request.order_ids or Mode.FORCE in ctx.request.modes else ctx.now()


async def _confirm(
    ctx: Context, run_ledger: RunLedger, ready: Mapping[tuple[str, int], tuple[LedgerOrder, Ready]]
) -> None:
    """Commit the intents of a batch, confirm it, and keep what became of each parcel."""
    if not ready:
        return
    await ctx.write(parcels.begin_confirming, [(row.id, found.parcel.sequence) for row, found in ready.values()])
    shipments = [_shipment(row, found) for row, found in ready.values()]

    async def keep(settling: Sequence[Callable[[Session], None]]) -> None:
        await ctx.write(_one_after_the_other, settling)

    unsent, settled = list[tuple[int, int]](), Batch(keep)
    try:
        async for outcome in ctx.marketplace.ship(shipments):
            row, found = ready[outcome.order_id, outcome.sequence]
            if outcome.result is ShipmentResult.LATER:
                unsent.append((row.id, outcome.sequence))
            else:
                await settled.add(_settling(ctx, run_ledger, row.id, found, outcome))
    finally:
        await settled.commit()
        if unsent:
            await ctx.write(parcels.take_back, unsent)


def _one_after_the_other(session: Session, questions: Sequence[Callable[[Session], None]]) -> None:
    for question in questions:
        question(session)


def _settling(
    ctx: Context, run_ledger: RunLedger, ledger_id: int, found: Ready, outcome: ShipmentOutcome
) -> Callable[[Session], None]:
    """Return the question that keeps what became of a parcel."""
    if outcome.result in (ShipmentResult.SENT, ShipmentResult.ALREADY):
        return partial(
            parcels.settle_confirmed,
            run_ledger=run_ledger,
            ledger_id=ledger_id,
            sequence=outcome.sequence,
            also=found.also,
            whole=found.whole,
            now=ctx.now(),
        )
    refused = outcome.result is ShipmentResult.REFUSED
    return partial(
        parcels.settle_not_confirmed,
        run_ledger=run_ledger,
        ledger_id=ledger_id,
        sequence=outcome.sequence,
        state=ParcelState.REFUSED if refused else ParcelState.SENDING,
        outcome="refused" if refused else "waiting_tracking",
        code=outcome.reason or "SHIP_REFUSED" if refused else "OUTCOME_UNKNOWN",
        params={"detail": outcome.detail, "service": message("SIDE_MARKETPLACE"), "carrier": found.parcel.carrier},
        now=ctx.now(),
    )


async def _wait(ctx: Context, run_ledger: RunLedger, row: LedgerOrder, found: Waits) -> None:
    await ctx.write(
        parcels.settle_not_confirmed,
        run_ledger,
        row.id,
        found.parcel.sequence,
        state=ParcelState.HELD if found.held else ParcelState.FOUND,
        outcome="waiting_tracking",
        code=found.code,
        params=found.params,
        now=ctx.now(),
    )


def _rules(ctx: Context, options: ShippingOptions) -> ShippingRules:
    settings = ctx.account.settings
    return ShippingRules(
        grace=timedelta(hours=settings.tracking_grace_h),
        without_tracking=settings.without_tracking,
        names=settings.carriers_by_name(),
        options=options,
        many_parcels=Capability.MANY_PARCELS in ctx.marketplace.can,
    )


def _to_confirm(ctx: Context, each: OrderParcels, rules: ShippingRules) -> list[Ready | Waits]:
    refused_until = _refused_until(ctx)
    return shipments_to_confirm(
        [stored.parcel for stored in each.parcels],
        each.lines,
        settled={stored.parcel.sequence for stored in each.parcels if _waits_for_nothing(stored, refused_until)},
        corrections={stored.parcel.sequence for stored in each.parcels if _is_correction(stored)},
        method=each.order.shipping_method,
        postcode=each.order.postcode,
        rules=rules,
        now=ctx.now(),
    )


def _waits_for_nothing(stored: StoredParcel, refused_until: datetime) -> bool:
    if stored.state == ParcelState.REFUSED:
        return stored.next_try_at is None or stored.next_try_at > refused_until
    return stored.state in (ParcelState.SENT, ParcelState.SENDING)


def _is_correction(stored: StoredParcel) -> bool:
    return stored.confirmed_number is not None and stored.state != ParcelState.SENT


def _shipment(row: LedgerOrder, found: Ready) -> Shipment:
    parcel = found.parcel
    return Shipment(
        order_id=row.order_id,
        sequence=parcel.sequence,
        lines=found.lines,
        shipped_at=parcel.shipped_at,
        carrier=found.carrier,
        number=parcel.number,
        url=found.url,
        sales_channel=row.sales_channel,
        correction=found.correction,
    )


async def _preview_shop(ctx: Context, run_ledger: RunLedger) -> None:
    """Say what would be confirmed of each order, from what the shop shows now."""
    rules: ShippingRules | None = None
    async for row, in_shop in _followed(ctx):
        code = _lost(in_shop)
        if code and row.remote_state in TO_SHIP and row.intake == Intake.IMPORTED:
            note = ledger.item_of(row, run_ledger, outcome="cancelled_in_shop", code=code, params={})
        elif not code and in_shop is not None and in_shop.parcels:
            rules = rules or _rules(ctx, await ctx.marketplace.shipping_options())
            noted = await ctx.store.preview(parcels.parcels_as_noted, row.id, in_shop.parcels, now=ctx.now())
            found = _to_confirm(ctx, noted, rules)
            if not found:
                continue
            waits = next((each for each in found if isinstance(each, Waits)), None)
            would = "waiting_tracking" if waits else "sent"
            why, params = (waits.code, waits.params) if waits else ("", {})
            note = ledger.item_of(row, run_ledger, outcome=would, code=why, params=params)
        else:
            continue
        await ctx.write(run_items.note_items, ctx.run_id, [note])
