"""orders-status: shipments and tracking to the marketplace; cancellations and closings to the shop.

The marketplace is read first, so that nothing is told of an order it has cancelled. A parcel is written down before it
is told; one whose answer was lost is looked up before it is told again, and "shipped already" counts as told.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.domain.intake import Intake
from app.domain.order import Order
from app.domain.shipment import Choices, Shipment, ShipmentOutcome, ShipmentResult
from app.domain.task import Mode
from app.domain.telling import Owed, Parcel, Ready, TellRules, Waits, next_to_tell
from app.marketplaces.port import Capability
from app.shops.port import ShopProgress
from app.store import ledger, orders, parcels, run_items
from app.store.ledger import Book
from app.store.parcels import OrderParcels, ParcelState, SeenParcel
from app.store.tables import OrderRow, ParcelRow
from app.tasks.cancelling import cancel_all_in_shop
from app.tasks.context import Context
from app.tasks.reading import end_passes, read_updates, reread

CHUNK = 100
UNKNOWNS_AT_ONCE = 1000
# How far back `force=1` looks at orders that were told already.
FORCE_DAYS = 30


def outcome(row: OrderRow) -> str:
    """Return the count of the report that an order falls under when it was only read."""
    in_shop = row.shop_ref is not None or row.intake == Intake.CANCELLING
    gone = row.intake in (Intake.CANCELLED, Intake.CANCELLING, Intake.CONFLICT)
    return "cancelled_on_marketplace" if gone and in_shop else ""


async def run(ctx: Context) -> None:
    """Read the marketplace, take cancelled orders out of the shop, then tell what the shop has shipped."""
    book = ctx.book(outcome)
    await read_updates(ctx, book, preview=_nothing)
    if not ctx.asked.dry_run:
        await cancel_all_in_shop(ctx, book)
        while await ctx.write(parcels.close_finished, book, ctx.scope(), now=ctx.now(), limit=CHUNK) == CHUNK:
            await ctx.steady()
        await _settle_unknown(ctx, book)
    await _follow_shop(ctx, book)
    if not ctx.asked.dry_run:
        await _tell_all(ctx, book)
        await end_passes(ctx)


async def _nothing(rows: Sequence[OrderRow], read: Sequence[Order]) -> None:
    return None


async def _settle_unknown(ctx: Context, book: Book) -> None:
    """Look up the orders of which a parcel was told without an answer, in batches of ids."""
    sent_before = await ctx.read(orders.real_time) - ctx.unknown_outcome_wait_s
    order_ids = await ctx.read(
        parcels.orders_with_unknown_parcels, ctx.scope(), sent_before=sent_before, limit=UNKNOWNS_AT_ONCE
    )
    if order_ids:
        for row in await reread(ctx, book, order_ids):
            await ctx.write(parcels.settle_looked_up, book, row.id or 0)


async def _follow_shop(ctx: Context, book: Book) -> None:
    """Take what the shop did with our orders into the ledger; in a rehearsal only say what would be told."""
    choices = await ctx.ships.choices()
    since = ctx.now() - timedelta(days=FORCE_DAYS) if Mode.FORCE in ctx.asked.modes else None
    after_id = 0
    while rows := await ctx.read(
        parcels.orders_to_follow, ctx.scope(), placed_since=since, after_id=after_id, limit=CHUNK
    ):
        after_id = rows[-1].id or 0
        progress = await ctx.follows.progress_of([row.shop_ref or "" for row in rows])
        for row in rows:
            now_there = progress.get(row.shop_ref or "")
            if ctx.asked.dry_run:
                await _rehearse(ctx, book, row, now_there, choices)
            else:
                await _follow(ctx, book, row, now_there)
        await ctx.steady()


async def _follow(ctx: Context, book: Book, row: OrderRow, there: ShopProgress | None) -> None:
    ledger_id = row.id or 0
    code = _lost(there)
    if code and row.remote_state in parcels.OPEN_THERE:
        await ctx.write(parcels.settle_cancelled_in_shop, book, ledger_id, code=code, now=ctx.now())
    elif there is not None and there.shipments:
        await ctx.write(parcels.note_parcels, ledger_id, _seen(there), now=ctx.now())


def _lost(there: ShopProgress | None) -> str:
    if there is None:
        return "DELETED_IN_SHOP"
    return "CANCELLED_IN_SHOP" if there.state == "cancelled" else ""


def _seen(there: ShopProgress) -> list[SeenParcel]:
    return [
        SeenParcel(
            shop_id=shipment.id,
            shipped_at=shipment.shipped_at,
            carrier=shipment.carrier,
            number=shipment.number,
            url=shipment.url,
            pieces=shipment.pieces,
        )
        for shipment in there.shipments
    ]


async def _tell_all(ctx: Context, book: Book) -> None:
    rules = _rules(ctx, await ctx.ships.choices())
    after_id = 0
    batch_size = min(CHUNK, ctx.ships.ship_batch)
    while ledger_ids := await ctx.read(
        parcels.orders_to_tell, ctx.scope(), now=ctx.now(), after_id=after_id, limit=batch_size
    ):
        after_id = ledger_ids[-1]
        ready: dict[tuple[str, int], tuple[OrderParcels, Ready]] = {}
        for each in await ctx.read(parcels.parcels_of, ledger_ids):
            found = _next(each, rules, ctx)
            if isinstance(found, Ready):
                ready[each.order.order_id, found.parcel.sequence] = (each, found)
            elif found is not None:
                await _wait(ctx, book, each.order, found)
        await _tell(ctx, book, ready)
        await ctx.steady()


async def _tell(ctx: Context, book: Book, ready: Mapping[tuple[str, int], tuple[OrderParcels, Ready]]) -> None:
    """Commit the intents of a batch, tell it, and keep what became of each parcel."""
    if not ready:
        return
    keys = [(each.order.id or 0, found.parcel.sequence) for each, found in ready.values()]
    await ctx.write(parcels.begin_telling, keys)
    shipments = [_shipment(each.order, found) for each, found in ready.values()]
    async for told in ctx.ships.ship(shipments):
        each, found = ready[told.order_id, told.sequence]
        await _settle(ctx, book, each.order.id or 0, found, told)


async def _settle(ctx: Context, book: Book, ledger_id: int, found: Ready, told: ShipmentOutcome) -> None:
    if told.result in (ShipmentResult.SENT, ShipmentResult.ALREADY):
        await ctx.write(parcels.settle_told, book, ledger_id, told.sequence, whole=found.whole)
        return
    refused = told.result is ShipmentResult.REFUSED
    await ctx.write(
        parcels.settle_not_told,
        book,
        ledger_id,
        told.sequence,
        state=ParcelState.REFUSED if refused else ParcelState.SENDING,
        outcome="refused" if refused else "waiting_tracking",
        code=told.reason or "SHIP_REFUSED" if refused else "OUTCOME_UNKNOWN",
        params={"detail": told.detail, "service": "The marketplace"},
        now=ctx.now(),
    )


async def _wait(ctx: Context, book: Book, row: OrderRow, found: Waits) -> None:
    await ctx.write(
        parcels.settle_not_told,
        book,
        row.id or 0,
        found.parcel.sequence,
        state=ParcelState.HELD if found.held else ParcelState.FOUND,
        outcome="waiting_tracking",
        code=found.code,
        params=found.params,
        now=ctx.now(),
    )


def _rules(ctx: Context, choices: Choices) -> TellRules:
    settings = ctx.account.settings
    return TellRules(
        grace=timedelta(hours=settings.tracking_grace_h),
        without_tracking=settings.without_tracking,
        names=settings.carriers_by_name(),
        choices=choices,
        many_parcels=Capability.MANY_PARCELS in ctx.marketplace.can,
    )


def _next(each: OrderParcels, rules: TellRules, ctx: Context) -> Ready | Waits | None:
    return next_to_tell(
        [_parcel(row) for row in each.parcels],
        [Owed(line_id=line.line_id, sku=line.sku, pieces=line.quantity_open) for line in each.lines],
        method=each.order.shipping_method,
        postcode=each.order.postcode,
        rules=rules,
        now=ctx.now(),
    )


def _parcel(row: ParcelRow) -> Parcel:
    return Parcel(
        sequence=row.sequence,
        shipped_at=row.shipped_at,
        carrier=row.carrier,
        number=row.number,
        url=row.url,
        pieces=row.pieces,
        told=row.state in (ParcelState.SENT, ParcelState.SENDING),
        correction=row.told_number is not None and row.state != ParcelState.SENT,
    )


def _shipment(row: OrderRow, found: Ready) -> Shipment:
    parcel = found.parcel
    return Shipment(
        order_id=row.order_id,
        sequence=parcel.sequence,
        lines=found.lines,
        shipped_at=parcel.shipped_at,
        carrier=found.carrier,
        number=parcel.number,
        url=found.url,
        correction=parcel.correction,
    )


async def _rehearse(ctx: Context, book: Book, row: OrderRow, there: ShopProgress | None, choices: Choices) -> None:
    """Say what would be told of an order, from what the shop shows now."""
    if code := _lost(there):
        note = ledger.item_of(row, book, outcome="cancelled_in_shop", code=code, params={})
        await ctx.write(run_items.note_items, ctx.run_id, [note])
        return
    assert there is not None
    known = (await ctx.read(parcels.parcels_of, [row.id or 0]))[0]
    by_shop_id = {parcel.shop_id: parcel for parcel in known.parcels}
    shown = []
    for position, shipment in enumerate(there.shipments, start=1):
        before = by_shop_id.get(shipment.id)
        told = before is not None and before.state == ParcelState.SENT and before.told_number == shipment.number
        shown.append(
            Parcel(
                sequence=before.sequence if before else position,
                shipped_at=shipment.shipped_at,
                carrier=shipment.carrier,
                number=shipment.number,
                url=shipment.url,
                pieces=shipment.pieces,
                told=told,
                correction=before is not None and before.told_number is not None,
            )
        )
    owed = [Owed(line_id=line.line_id, sku=line.sku, pieces=line.quantity_open) for line in known.lines]
    found = next_to_tell(
        shown, owed, method=row.shipping_method, postcode=row.postcode, rules=_rules(ctx, choices), now=ctx.now()
    )
    if found is None:
        return
    would = "sent" if isinstance(found, Ready) else "waiting_tracking"
    code, params = ("", {}) if isinstance(found, Ready) else (found.code, found.params)
    await ctx.write(
        run_items.note_items, ctx.run_id, [ledger.item_of(row, book, outcome=would, code=code, params=params)]
    )
