"""orders-reconcile: compare both sides, order by order and offer by offer, and name every difference.

What the marketplace shows goes into the ledger, so that an order nobody saw is imported by the next import. What each
side said is kept in the run's items, not in memory: thousands of orders compare like ten.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from app.domain.comparing import Verdict, in_both, only_there
from app.domain.intake import Intake
from app.domain.order import Missing, Order, OrderState, Unreadable
from app.domain.task import RECONCILE, Priority, parse_moment
from app.marketplaces.port import OrderQuery
from app.shops.port import ShopOrder
from app.store import ledger, offers, orders, run_items
from app.store.ledger import Book
from app.store.run_items import ItemNote
from app.store.tables import OfferRow, OrderRow, RunItemRow
from app.tasks.context import Context
from app.tasks.offers_wanted import read_listing

CHUNK = 500
# What the marketplace showed and the shop has not answered for yet.
UNMATCHED = "unmatched"
# A shop order may be younger than the marketplace's last word about it by the time an import took.
MARGIN = timedelta(days=1)


@dataclass(slots=True)
class Day:
    """One day's orders by the date they were placed: how many and how much on each side."""

    marketplace: int = 0
    shop: int = 0
    there: Decimal = field(default_factory=Decimal)
    here: Decimal = field(default_factory=Decimal)

    def text(self) -> str:
        return f"marketplace {self.marketplace} = {self.there}, shop {self.shop} = {self.here}"


async def run(ctx: Context) -> None:
    """Read the marketplace, then the shop, then say what only one of them has; then compare the offers."""
    book = ctx.book(lambda row: "")
    days: dict[str, Day] = defaultdict(Day)
    since = _since(ctx)
    ctx.window = {"from": since.isoformat(), "to": ctx.now().isoformat(), "by": ctx.account.reading.by}
    await _read_marketplace(ctx, book, days, since=since)
    await _read_shop(ctx, book, days, since=since)
    await _name_only_there(ctx, book)
    if not ctx.asked.order_ids:
        await _note_days(ctx, days)
        await _compare_offers(ctx)


def _since(ctx: Context) -> datetime:
    now = ctx.now()
    if ctx.asked.since:
        return parse_moment(ctx.asked.since, now=now)
    return now - timedelta(days=ctx.account.reading.reconcile_days)


async def _read_marketplace(ctx: Context, book: Book, days: dict[str, Day], *, since: datetime) -> None:
    if ctx.asked.order_ids:
        answers = [each async for each in ctx.marketplace.orders_by_id(ctx.asked.order_ids)]
        await _take(ctx, book, answers, days)
        return
    query = OrderQuery(by=ctx.account.reading.by, since=since, priority=Priority.BACKFILL)
    async for page in ctx.marketplace.orders(query):
        await _take(ctx, book, page.items, days)
        await ctx.steady()


async def _take(
    ctx: Context, book: Book, answers: Sequence[Order | Unreadable | Missing], days: dict[str, Day]
) -> None:
    """Keep what the marketplace showed: in the ledger, and beside it for the comparison."""
    if ctx.asked.dry_run:
        rows = await ctx.store.rehearse(ledger.absorb, book, answers, found_by=RECONCILE, now=ctx.now())
    else:
        rows = await ctx.write(ledger.absorb, book, answers, found_by=RECONCILE, now=ctx.now())
    read = {order.order_id: order for order in answers if isinstance(order, Order)}
    known = await ctx.read(run_items.items_of, ctx.run_id, list(read))
    notes = []
    for row in rows:
        order = read.get(row.order_id)
        if order is None or row.order_id in known:
            continue
        if row.intake in (Intake.IMPORTED, Intake.HANDLED, Intake.CLOSED, Intake.CONFLICT):
            day = days[f"{row.placed_at:%Y-%m-%d}"]
            day.marketplace, day.there = day.marketplace + 1, day.there + order.open_total.amount
        found = row.due_by == RECONCILE and row.intake == Intake.DUE
        params = {"marketplace_state": order.state, "marketplace_total": str(order.open_total)}
        notes.append(ItemNote(subject=row.order_id, outcome=UNMATCHED, seen=True, catch_up=found, params=params))
    ctx.count("marketplace", len(notes))
    await ctx.write(run_items.note_items, ctx.run_id, notes)


async def _read_shop(ctx: Context, book: Book, days: dict[str, Day], *, since: datetime) -> None:
    prefix = f"mkp:{ctx.account.platform}:"
    async for page in ctx.reconciles.orders(key_prefix=prefix, since=since - MARGIN):
        ours = await _ours(ctx, page.items)
        await _look_up_unseen(ctx, book, days, [order.marketplace_order_id for order in ours])
        seen = await ctx.read(run_items.items_of, ctx.run_id, [order.marketplace_order_id for order in ours])
        rows = {
            row.order_id: row
            for row in await ctx.read(
                orders.orders_by_ids, ctx.account.id, [order.marketplace_order_id for order in ours]
            )
        }
        notes = [_compared(order, seen.get(order.marketplace_order_id)) for order in ours]
        for order in ours:
            row = rows.get(order.marketplace_order_id)
            if row is not None and order.state != "cancelled":
                day = days[f"{row.placed_at:%Y-%m-%d}"]
                day.shop, day.here = day.shop + 1, day.here + order.total.amount
        ctx.count("shop", len(ours))
        await ctx.write(run_items.note_items, ctx.run_id, notes)
        await ctx.steady()


async def _ours(ctx: Context, found: Sequence[ShopOrder]) -> list[ShopOrder]:
    """Return the shop orders of this account: other accounts of the platform have their own run."""
    if ctx.asked.order_ids:
        wanted = set(ctx.asked.order_ids)
        return [order for order in found if order.marketplace_order_id in wanted]
    ids = [order.marketplace_order_id for order in found]
    others = await ctx.read(orders.ids_of_other_accounts, ctx.account.id, ctx.account.platform, ids)
    return [order for order in found if order.marketplace_order_id not in others]


async def _look_up_unseen(ctx: Context, book: Book, days: dict[str, Day], order_ids: Sequence[str]) -> None:
    """Ask by id for orders of the shop that the marketplace's list did not show: they may be older than its window."""
    seen = await ctx.read(run_items.items_of, ctx.run_id, order_ids)
    unseen = [order_id for order_id in order_ids if order_id not in seen]
    if unseen:
        answers = [each async for each in ctx.marketplace.orders_by_id(unseen, priority=Priority.BACKFILL)]
        await _take(ctx, book, answers, days)


def _compared(order: ShopOrder, seen: RunItemRow | None) -> ItemNote:
    if seen is None:
        params = {"ref": order.ref, "shop": str(order.total)}
        return ItemNote(subject=order.marketplace_order_id, outcome="only_in_shop", code="UNKNOWN_THERE", params=params)
    verdict = in_both(
        there=OrderState(seen.params["marketplace_state"]),
        there_total=seen.params["marketplace_total"],
        here=order.state,
        here_total=str(order.total),
    )
    return _note(order.marketplace_order_id, verdict, catch_up=seen.catch_up)


def _note(order_id: str, verdict: Verdict, *, catch_up: bool) -> ItemNote:
    return ItemNote(
        subject=order_id, outcome=verdict.outcome, code=verdict.code, params=verdict.params, catch_up=catch_up
    )


async def _name_only_there(ctx: Context, book: Book) -> None:
    """Say of every order that the shop did not answer for whether it has to be there, and why it is not."""
    after = ""
    while items := await ctx.read(run_items.items_with_outcome, ctx.run_id, UNMATCHED, after=after, limit=CHUNK):
        after = items[-1].subject
        rows = {
            row.order_id: row
            for row in await ctx.read(orders.orders_by_ids, ctx.account.id, [item.subject for item in items])
        }
        notes = []
        for item in items:
            row = rows.get(item.subject)
            verdict = _why_missing(row, item)
            notes.append(_note(item.subject, verdict or Verdict(outcome="not_expected"), catch_up=item.catch_up))
        await ctx.write(run_items.note_items, ctx.run_id, notes)
        await ctx.steady()


def _why_missing(row: OrderRow | None, item: RunItemRow) -> Verdict | None:
    if row is None:
        # Only a rehearsal leaves no row behind.
        return Verdict(outcome="only_on_marketplace", code="NOT_YET_IMPORTED") if item.catch_up else None
    if row.intake == Intake.HANDLED and row.shop_ref is None:
        return None
    return only_there(Intake(row.intake), row.code, row.params)


async def _note_days(ctx: Context, days: dict[str, Day]) -> None:
    notes = [
        ItemNote(subject=f"day:{day}", outcome="day", params={"change": figures.text()})
        for day, figures in sorted(days.items())
    ]
    await ctx.write(run_items.note_items, ctx.run_id, notes)


async def _compare_offers(ctx: Context) -> None:
    """Read the marketplace's offers and name those that differ from what the shop last wanted."""
    if ctx.asked.dry_run:
        return
    await read_listing(ctx, at_most=timedelta(0))
    after_sku, number = "", 0
    while rows := await ctx.read(offers.drifted, ctx.account.id, after_sku=after_sku, limit=CHUNK):
        after_sku, number = rows[-1].sku, number + len(rows)
        await ctx.write(run_items.note_items, ctx.run_id, [_drift(row) for row in rows])
        await ctx.steady()
    ctx.count("offers_differ", number)


def _drift(row: OfferRow) -> ItemNote:
    params = {
        "sku": row.sku,
        "marketplace": f"{row.known_quantity} × {row.known_price}",
        "shop": f"{row.wanted_quantity} × {row.wanted_price}",
    }
    return ItemNote(subject=f"sku:{row.sku}", code="OFFER_DIFFERS", sku=row.sku, params=params)
