"""Reading orders without gaps: every page goes into the ledger before anything is done with an order.

Acting while paging over a list that the acting changes would skip half of it.
"""

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.order import NOT_SHIPPED, SHIPPED_OR_CLOSED, Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.page import Page
from app.domain.poll_policy import LateOrders
from app.domain.task import Mode, Priority, parse_moment
from app.errors import CallError
from app.marketplaces.port import OrderQuery
from app.store import creation, ledger, orders, passes, run_items
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder
from app.store.passes import PassKey
from app.tasks.context import Context

# A page token or offset of yesterday points into a list that has moved on.
OLDEST_PASS = timedelta(hours=12)
# Orders asked for by id are kept in batches: what was read stays, whatever becomes of the rest.
KEPT_AT_ONCE = 50
LATE = "late"


# What a dry run does with a page: rows as they would stand, and the orders as read.
Preview = Callable[[Sequence[LedgerOrder], Sequence[Order]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    name: str
    key: PassKey
    query: OrderQuery
    window_from: datetime
    moves_cursor: bool
    reread: bool


async def read_updates(ctx: Context, run_ledger: RunLedger, *, preview: Preview) -> None:
    """Take everything this run should look at into the ledger; in a dry run hand each page to `preview` instead.

    Asked for order ids, it reads just these. Otherwise the live pass reads what changed since the cursor, a catch-up
    what changed in its own, wider window.
    """
    if ctx.request.order_ids:
        await _read_by_id(ctx, run_ledger, ctx.request.order_ids, preview=preview)
        return
    for name in ctx.request.pass_names():
        await _read_pass(ctx, run_ledger, await _planned(ctx, name), preview=preview)


async def read_waiting_for_acceptance(ctx: Context, run_ledger: RunLedger, *, preview: Preview) -> None:
    """Take the orders that wait for acceptance into the ledger, all of them, every time."""
    if ctx.request.order_ids:
        await _read_by_id(ctx, run_ledger, ctx.request.order_ids, preview=preview)
        return
    planned = _Pass(
        name="live",
        key=_key(ctx, "live"),
        query=OrderQuery(by="to_accept"),
        window_from=ctx.account.settings.start_from,
        moves_cursor=False,
        reread=_reads_anew(ctx),
    )
    await _read_pass(ctx, run_ledger, planned, preview=preview)


async def reread(ctx: Context, run_ledger: RunLedger, order_ids: Sequence[str]) -> list[LedgerOrder]:
    """Read some orders of the ledger again and return their rows."""
    rows: list[LedgerOrder] = []
    async for answers in answers_by_id(ctx, order_ids):
        rows += await ctx.write(ledger.absorb, run_ledger, answers, found_by=ctx.request.pass_names()[0], now=ctx.now())
    return rows


async def answers_by_id(
    ctx: Context, order_ids: Sequence[str], *, priority: Priority = Priority.LIVE
) -> AsyncIterator[list[Order | Missing | Unreadable]]:
    """Yield what the marketplace says of these orders, in batches to be kept before the next is asked for.

    What was read until a quota or an outage ended it is yielded before that is raised.
    """
    batch: list[Order | Missing | Unreadable] = []
    try:
        async for answer in ctx.marketplace.orders_by_id(order_ids, priority=priority):
            batch.append(answer)
            if len(batch) == KEPT_AT_ONCE:
                yield batch
                batch = []
                await ctx.checkpoint()
    except CallError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


async def read_late_orders(ctx: Context, run_ledger: RunLedger) -> bool:
    """Look after orders that the marketplace ships, where it lists them late; returns whether anything was read.

    Only in the plain live import, and after it has done its work: this may wait for a quota.
    """
    rules = ctx.account.poll_policy.late_orders
    if rules is None or ctx.request.combination != "live":
        return False
    waiting = await ctx.read(
        orders.waiting_for_fulfilment, ctx.account.id, read_before=ctx.now() - rules.every, limit=rules.most
    )
    if waiting:
        await _ask_for(ctx, run_ledger, waiting)
    last = await ctx.read(passes.cursor, ctx.account.id, LATE)
    if last is None:
        # A first import has just read further back than that.
        await ctx.write(passes.set_cursor, ctx.account.id, LATE, moment=ctx.now())
    due = last is not None and ctx.now() - last >= rules.every
    if due:
        await _read_late_pass(ctx, run_ledger, rules)
    return due or bool(waiting)


async def _ask_for(ctx: Context, run_ledger: RunLedger, waiting: Mapping[str, int]) -> None:
    """Ask by id for orders of the ledger (by number); one that the marketplace no longer knows needs somebody."""
    async for answers in answers_by_id(ctx, list(waiting), priority=Priority.CATCH_UP):
        await _keep(ctx, run_ledger, answers)
        for each in answers:
            if isinstance(each, Missing):
                await ctx.write(creation.settle_missing, run_ledger, waiting[each.order_id], now=ctx.now())


async def _read_late_pass(ctx: Context, run_ledger: RunLedger, rules: LateOrders) -> None:
    key = PassKey(ctx.account.id, LATE, LATE)
    since = ctx.now() - timedelta(days=rules.days)
    query = OrderQuery(
        by=ctx.account.poll_policy.by,
        since=since,
        fulfilment=frozenset({Fulfilment.MARKETPLACE}),
        priority=Priority.CATCH_UP,
    )
    late_pass = _Pass(name=LATE, key=key, query=query, window_from=since, moves_cursor=True, reread=False)
    await _read_pass(ctx, run_ledger, late_pass, preview=_no_preview, shows_window=False)
    await ctx.write(passes.end_pass, key, moves_cursor=True)


async def _no_preview(rows: Sequence[LedgerOrder], read: Sequence[Order]) -> None:
    return None


async def end_passes(ctx: Context) -> None:
    """Close the passes of a run that has read and acted to its end; the plain live one moves the cursor."""
    if ctx.request.dry_run or ctx.request.order_ids:
        return
    for name in ctx.request.pass_names():
        await ctx.write(passes.end_pass, _key(ctx, name), moves_cursor=_moves_cursor(ctx, name))


def _moves_cursor(ctx: Context, name: str) -> bool:
    return name == "live" and ctx.request.combination == "live"


def _key(ctx: Context, name: str) -> PassKey:
    return PassKey(ctx.account.id, ctx.request.task, name)


async def _planned(ctx: Context, name: str) -> _Pass:
    now, poll_policy, settings = ctx.now(), ctx.account.poll_policy, ctx.account.settings
    cursor = await ctx.read(passes.cursor, ctx.account.id, ctx.request.task)
    fulfilment, states, priority = (
        frozenset(ctx.request.fulfilments or Fulfilment),
        frozenset[OrderState](),
        Priority.LIVE,
    )
    if name == "live":
        days = settings.lookback_days or poll_policy.first_days
        since = cursor - poll_policy.overlap if cursor else min(settings.start_from, now - timedelta(days=days))
    else:
        priority = Priority.CATCH_UP
        if name == Mode.RECHECK:
            fulfilment, states, days = frozenset({Fulfilment.MARKETPLACE}), SHIPPED_OR_CLOSED, poll_policy.recheck_days
        else:
            fulfilment, states, days = frozenset({Fulfilment.MERCHANT}), NOT_SHIPPED, poll_policy.doublecheck_days
        since = now - timedelta(days=settings.lookback_days or days)
        since = min(since, cursor) if cursor else since
    if ctx.request.since:
        since = parse_moment(ctx.request.since, now=now)
    query = OrderQuery(by=poll_policy.by, since=since, fulfilment=fulfilment, states=states, priority=priority)
    return _Pass(
        name=name,
        key=_key(ctx, name),
        query=query,
        window_from=since,
        moves_cursor=_moves_cursor(ctx, name),
        reread=name == "live" and _reads_anew(ctx),
    )


def _reads_anew(ctx: Context) -> bool:
    """Whether a list that was read whole is read once more before acting.

    Not by a run that goes on with a paused one: where reading alone takes all the time of a run, none would ever act.
    """
    return not ctx.goes_on


async def _read_pass(
    ctx: Context, run_ledger: RunLedger, planned: _Pass, *, preview: Preview, shows_window: bool = True
) -> None:
    query, key = planned.query, planned.key
    if ctx.request.dry_run:
        _show_window(ctx, query, to=ctx.now())
        async for page in ctx.marketplace.orders(query):
            await _preview(ctx, run_ledger, _wanted(page.items, query), found_by=planned.name, preview=preview)
            await ctx.checkpoint()
        return
    now = ctx.now()
    state = await ctx.write(
        passes.begin_pass,
        key,
        combination=ctx.request.combination,
        window_from=planned.window_from,
        now=now,
        oldest_birth=now - OLDEST_PASS,
        reread=planned.reread,
        repeats=ctx.account.poll_policy.overlap if ctx.account.poll_policy.oldest_first else None,
    )
    query = replace(query, since=state.window_from, resume=state.resume)
    if shows_window:
        _show_window(ctx, query, to=state.remote_now or now)
    if state.read_whole:
        return
    forecast = _Forecast(ctx)
    async for page in ctx.marketplace.orders(query):
        await ctx.write(
            ledger.absorb_page,
            run_ledger,
            _wanted(page.items, query),
            key=key,
            resume=page.resume,
            remote_now=page.remote_now,
            found_by=planned.name,
            now=ctx.now(),
        )
        forecast.note(page)
        await ctx.checkpoint()
    ctx.pages_left = None


class _Forecast:
    """How many pages of a pass are left: the oldest changes come first, and the rest is as dense as what was seen."""

    def __init__(self, ctx: Context) -> None:
        self._ctx, self._until = ctx, ctx.now()
        self._pages, self._first = 0, self._until

    def note(self, page: Page[Order | Unreadable]) -> None:
        """Count a page, and say what is left after the last date that it showed."""
        self._pages += 1
        dates = [each.updated_at for each in page.items if isinstance(each, Order) and each.updated_at is not None]
        self._first = min([self._first, *dates])
        last = max([self._first, *dates])
        seen, rest = last - self._first, self._until - last
        known = page.resume is not None and seen > timedelta(0)
        self._ctx.pages_left = max(1, math.ceil(self._pages * (rest / seen))) if known else None


def _show_window(ctx: Context, query: OrderQuery, *, to: datetime) -> None:
    """Say what this run reads; of two passes the longer window, which holds the other."""
    since = query.since.isoformat() if query.since else None
    before = ctx.window["from"] if ctx.window else since
    if since and before:
        since = min(since, before)
    ctx.window = {"from": since, "to": to.isoformat(), "by": query.by}


def _wanted(items: Sequence[Order | Unreadable], query: OrderQuery) -> list[Order | Unreadable]:
    """Return the items that the query asked for; a platform may give more than it was asked."""
    return [
        item
        for item in items
        if isinstance(item, Unreadable)
        or (item.fulfilment in query.fulfilment and (not query.states or item.state in query.states))
    ]


async def _read_by_id(ctx: Context, run_ledger: RunLedger, order_ids: Sequence[str], *, preview: Preview) -> None:
    async for answers in answers_by_id(ctx, order_ids):
        if ctx.request.dry_run:
            await _preview(ctx, run_ledger, answers, found_by="live", preview=preview)
        else:
            await _keep(ctx, run_ledger, answers)
        missing = [answer.order_id for answer in answers if isinstance(answer, Missing)]
        await ctx.note(
            [run_items.ItemNote(subject=each, outcome="not_imported", code="ORDER_MISSING") for each in missing]
        )


async def _keep(ctx: Context, run_ledger: RunLedger, answers: Sequence[Order | Missing | Unreadable]) -> None:
    """Take answers that belong to no list into the ledger and the report."""
    await ctx.write(
        ledger.absorb_page, run_ledger, answers, key=None, resume=None, remote_now=None, found_by="live", now=ctx.now()
    )


async def _preview(
    ctx: Context,
    run_ledger: RunLedger,
    items: Sequence[Order | Unreadable | Missing],
    *,
    found_by: str,
    preview: Preview,
) -> None:
    rows = await ctx.store.preview(ledger.absorb, run_ledger, items, found_by=found_by, now=ctx.now())
    await ctx.note([ledger.item_of(row, run_ledger, seen=True) for row in rows])
    await preview(rows, [item for item in items if isinstance(item, Order)])
