"""orders-reconcile: compare both sides, order by order and offer by offer, and name every difference.

What the marketplace shows goes into the ledger, so that an order nobody saw is imported by the next import. What each
side said is kept in the run's items, not in memory: thousands of orders compare like ten, and a run that meets a quota
goes on where it stood.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.domain.comparison import Verdict, in_both, only_on_marketplace
from app.domain.intake import Intake
from app.domain.message import Message, Param, Params
from app.domain.money import Money
from app.domain.order import CANCELLED, OrderState
from app.domain.task import Priority
from app.shops.port import ShopOrder, ShopProgress
from app.store import orders, passes, run_items
from app.store.comparison import UNMATCHED
from app.store.ledger import RunLedger
from app.store.offers import Known, Wanted
from app.store.orders import LedgerOrder
from app.store.run_items import NOT_ORDERS, ItemNote
from app.tasks.context import Context
from app.tasks.marketplace_orders import pass_key, read_marketplace, take
from app.tasks.polling import answers_by_id
from app.tasks.wanted_offers import differing, read_listing

_SIDES = ("marketplace", "shop")
CHUNK = 500
_SIDES = ("marketplace", "shop")
# A shop order may be younger than the marketplace's last word about it by the time an import took.
MARGIN = timedelta(days=1)
NOT_EXPECTED = Verdict(outcome="not_expected")


async def run(ctx: Context) -> None:
    """Read the marketplace, then the shop, then say what only one of them has; then compare the offers."""
    run_ledger = ctx.run_ledger(lambda row: "")
    since = await read_marketplace(ctx, run_ledger)
    await _read_shop(ctx, run_ledger, since=since)
    await _name_only_on_marketplace(ctx)
    ctx.count("marketplace", (await ctx.read(run_items.outcome_counts, ctx.run_id))["seen"])
    if not ctx.request.order_ids:
        await _note_days(ctx)
        await _compare_offers(ctx)
    if not ctx.request.dry_run:
        await ctx.write(passes.end_pass, pass_key(ctx), moves_cursor=False)


async def _read_shop(ctx: Context, run_ledger: RunLedger, *, since: datetime) -> None:
    prefix = f"mkp:{ctx.account.platform}:"
    async for page in ctx.shop.orders(key_prefix=prefix, since=since - MARGIN):
        ours = await _ours(ctx, page.items)
        order_ids = [order.marketplace_order_id for order in ours]
        await _look_up_unseen(ctx, run_ledger, order_ids)
        seen = await ctx.read(run_items.items_of, ctx.run_id, order_ids)
        notes = [_compared(order, seen.get(order.marketplace_order_id)) for order in ours]
        ctx.count("shop", len(ours))
        await ctx.write(run_items.note_items, ctx.run_id, notes)
        await ctx.checkpoint()


async def _ours(ctx: Context, found: Sequence[ShopOrder]) -> list[ShopOrder]:
    """Return the shop orders of this account: other accounts of the platform have their own run."""
    if ctx.request.order_ids:
        wanted = set(ctx.request.order_ids)
        return [order for order in found if order.marketplace_order_id in wanted]
    ids = [order.marketplace_order_id for order in found]
    others = await ctx.read(orders.ids_of_other_accounts, ctx.account.id, ctx.account.platform, ids)
    return [order for order in found if order.marketplace_order_id not in others]


async def _look_up_unseen(ctx: Context, run_ledger: RunLedger, order_ids: Sequence[str]) -> None:
    """Ask by id for orders of the shop that the marketplace's list did not show: they may be older than its window."""
    seen = await ctx.read(run_items.items_of, ctx.run_id, order_ids)
    unseen = [order_id for order_id in order_ids if order_id not in seen]
    async for answers in answers_by_id(ctx, unseen, priority=Priority.BACKFILL):
        await take(ctx, run_ledger, answers)


def _compared(order: ShopOrder, seen: ItemNote | None) -> ItemNote:
    in_shop: dict[str, Param] = {"shop_state": order.state, "shop_total": order.total}
    if seen is None:
        gone = order.state == "cancelled"
        verdict = NOT_EXPECTED if gone else Verdict(outcome="only_in_shop", code="UNKNOWN_THERE")
        params = {**in_shop, "day": order.created_at.date(), "ref": order.ref, "shop": order.total}
        return ItemNote(subject=order.marketplace_order_id, outcome=verdict.outcome, code=verdict.code, params=params)
    if "marketplace_state" not in seen.params:
        # It can't be understood: its own sentence says so.
        return _note(seen, Verdict(outcome="", code=seen.code), in_shop)
    verdict = in_both(
        on_marketplace=OrderState(str(seen.params["marketplace_state"])),
        marketplace_total=_total(seen),
        in_shop=order.state,
        shop_total=order.total,
    )
    return _note(seen, verdict, in_shop)


def _total(seen: ItemNote) -> Money:
    """Return the total that the marketplace showed."""
    total = seen.params["marketplace_total"]
    assert isinstance(total, Money)
    return total


def _note(seen: ItemNote, verdict: Verdict, in_shop: Params) -> ItemNote:
    """Return what is said of an order now; what both sides showed stays with it."""
    return ItemNote(
        subject=seen.subject,
        outcome=verdict.outcome,
        code=verdict.code,
        params={**seen.params, **in_shop, **verdict.params},
        catch_up=seen.catch_up,
    )


async def _name_only_on_marketplace(ctx: Context) -> None:
    """Say of every order that the shop's list did not show whether it has to be there, and why it is not."""
    after = ""
    while items := await ctx.read(run_items.items_with_outcome, ctx.run_id, UNMATCHED, after=after, limit=CHUNK):
        after = items[-1].subject
        subjects = [item.subject for item in items]
        rows = {row.order_id: row for row in await ctx.read(orders.orders_by_ids, ctx.account.id, subjects)}
        refs = [row.shop_ref for row in rows.values() if row.shop_ref]
        in_shop = await ctx.shop.progress_of(refs) if refs else {}
        ctx.count("shop", len(in_shop))
        notes = [_answered(item, rows.get(item.subject), in_shop) for item in items]
        await ctx.write(run_items.note_items, ctx.run_id, notes)
        await ctx.checkpoint()


def _answered(item: ItemNote, row: LedgerOrder | None, in_shop: Mapping[str, ShopProgress]) -> ItemNote:
    progress = in_shop.get(row.shop_ref or "") if row is not None else None
    if progress is None:
        return _note(item, _why_missing(row, item) or NOT_EXPECTED, {})
    # Made before the days that are compared: the shop says how it stands, not what it costs.
    total = _total(item)
    verdict = in_both(
        on_marketplace=OrderState(str(item.params["marketplace_state"])),
        marketplace_total=total,
        in_shop=progress.state,
        shop_total=total,
    )
    return _note(item, verdict, {"shop_state": progress.state, "shop_total": total})


def _why_missing(row: LedgerOrder | None, item: ItemNote) -> Verdict | None:
    if row is None:
        # Only a dry run leaves no row behind.
        return Verdict(outcome="only_on_marketplace", code="NOT_YET_IMPORTED") if item.catch_up else None
    return only_on_marketplace(Intake(row.intake), row.code, row.params)


@dataclass(slots=True)
class Day:
    """One day's orders in one currency, by the date they were placed: how many and how much on each side."""

    currency: str
    orders: Counter[str] = field(default_factory=Counter)
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, side: str, total: Money) -> None:
        self.orders[side] += 1
        self.amounts[side] += total.amount

    def message(self, day: date) -> Message:
        return Message(
            "DAY_TOTALS",
            {"day": day}
            | {f"{side}_orders": self.orders[side] for side in _SIDES}
            | {f"{side}_total": Money(self.amounts[side], self.currency) for side in _SIDES},
        )


async def _note_days(ctx: Context) -> None:
    """Say of each day how many orders each side has, and what they make."""
    days: dict[tuple[date, str], Day] = {}
    after = ""
    while items := await ctx.read(run_items.items, ctx.run_id, after=after, limit=CHUNK):
        after = items[-1].subject
        for item in items:
            if not item.subject.startswith(NOT_ORDERS) and item.outcome != NOT_EXPECTED.outcome:
                _add_to_day(days, item.params)
    notes = [
        ItemNote(subject=f"day:{day} {currency}", outcome="day", params={"change": figures.message(day)})
        for (day, currency), figures in sorted(days.items())
    ]
    await ctx.write(run_items.note_items, ctx.run_id, notes)


def _add_to_day(days: dict[tuple[date, str], Day], params: Params) -> None:
    counted = {
        "marketplace": params.get("marketplace_state") not in CANCELLED,
        "shop": params.get("shop_state") != "cancelled",
    }
    day = params.get("day")
    for side, counts in counted.items():
        total = params.get(f"{side}_total")
        if counts and isinstance(total, Money) and isinstance(day, date):
            days.setdefault((day, total.currency), Day(total.currency)).add(side, total)


async def _compare_offers(ctx: Context) -> None:
    """Read the marketplace's offers and name those that differ from what the shop wants of them now."""
    await read_listing(ctx, at_most=timedelta(0))
    async for offers in differing(ctx):
        ctx.count("offers_differ", len(offers))
        await ctx.write(run_items.note_items, ctx.run_id, [_drift(wanted, known) for wanted, known in offers])


def _drift(wanted: Wanted, known: Known) -> ItemNote:
    sides = {"marketplace": (known.quantity, known.price), "shop": (wanted.quantity, wanted.price)}
    params: dict[str, Param] = {"sku": wanted.sku}
    for side, (quantity, price) in sides.items():
        shown: dict[str, Param] = {}
        if wanted.quantity is not None and quantity is not None:
            shown["quantity"] = quantity
        if wanted.price is not None and price is not None:
            shown["price"] = price
        code = "OFFER_STOCK_AND_PRICE" if len(shown) == 2 else "OFFER_PRICE" if "price" in shown else "OFFER_STOCK"
        params[side] = Message(code, shown)
    return ItemNote(subject=f"sku:{wanted.sku}", code="OFFER_DIFFERS", sku=wanted.sku, params=params)
