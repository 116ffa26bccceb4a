"""Reading orders without gaps: every page goes into the ledger before anything is done with an order.

Acting while paging over a list that the acting changes would skip half of it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.order import Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.task import Mode, Priority, parse_moment
from app.marketplaces.port import OrderQuery
from app.store import ledger, passes, run_items
from app.store.ledger import Book
from app.store.passes import PassKey
from app.store.tables import OrderRow
from app.tasks.context import Context

# A page token or offset of yesterday points into a list that has moved on.
OLDEST_PASS = timedelta(hours=12)

_NOT_SHIPPED = frozenset(
    {
        OrderState.PENDING,
        OrderState.TO_ACCEPT,
        OrderState.ACCEPTED,
        OrderState.TO_SHIP,
        OrderState.PARTIALLY_SHIPPED,
        OrderState.UNKNOWN,
    }
)
_SHIPPED = frozenset({OrderState.SHIPPED, OrderState.CLOSED})

# What a rehearsal does with a page: rows as they would stand, and the orders as read.
Preview = Callable[[Sequence[OrderRow], Sequence[Order]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    name: str
    query: OrderQuery
    window_from: datetime
    moves_cursor: bool
    reread: bool


async def read_updates(ctx: Context, book: Book, *, preview: Preview) -> None:
    """Take everything this run should look at into the ledger; in a rehearsal hand each page to `preview` instead.

    Asked for order ids, it reads just these. Otherwise the live pass reads what changed since the cursor, a catch-up
    what changed in its own, wider window.
    """
    if ctx.asked.order_ids:
        await _read_by_id(ctx, book, ctx.asked.order_ids, preview=preview)
        return
    for name in ctx.asked.pass_names():
        await _read_pass(ctx, book, await _planned(ctx, name), preview=preview)


async def read_waiting_for_acceptance(ctx: Context, book: Book, *, preview: Preview) -> None:
    """Take the orders that wait for acceptance into the ledger, all of them, every time."""
    if ctx.asked.order_ids:
        await _read_by_id(ctx, book, ctx.asked.order_ids, preview=preview)
        return
    reading = _Pass(
        name="live",
        query=OrderQuery(by="to_accept"),
        window_from=ctx.account.settings.start_from,
        moves_cursor=False,
        reread=_reads_anew(ctx),
    )
    await _read_pass(ctx, book, reading, preview=preview)


async def reread(ctx: Context, book: Book, order_ids: Sequence[str]) -> list[OrderRow]:
    """Read some orders of the ledger again and return their rows."""
    answers = [answer async for answer in ctx.marketplace.orders_by_id(order_ids)]
    return await ctx.write(ledger.absorb, book, answers, found_by=ctx.asked.pass_names()[0], now=ctx.now())


async def end_passes(ctx: Context) -> None:
    """Close the passes of a run that has read and acted to its end; the plain live one moves the cursor."""
    if ctx.asked.dry_run or ctx.asked.order_ids:
        return
    for name in ctx.asked.pass_names():
        await ctx.write(passes.end_pass, _key(ctx, name), moves_cursor=_moves_cursor(ctx, name))


def _moves_cursor(ctx: Context, name: str) -> bool:
    return name == "live" and ctx.asked.combination == "live"


def _key(ctx: Context, name: str) -> PassKey:
    return PassKey(ctx.account.id, ctx.asked.task, name)


async def _planned(ctx: Context, name: str) -> _Pass:
    now, reading, settings = ctx.now(), ctx.account.reading, ctx.account.settings
    cursor = await ctx.read(passes.cursor, ctx.account.id, ctx.asked.task)
    fulfilment, states, priority = frozenset(ctx.asked.channels or Fulfilment), frozenset[OrderState](), Priority.LIVE
    if name == "live":
        days = settings.lookback_days or reading.first_days
        since = cursor - reading.overlap if cursor else min(settings.start_from, now - timedelta(days=days))
    else:
        priority = Priority.CATCH_UP
        if name == Mode.RECHECK:
            fulfilment, states, days = frozenset({Fulfilment.MARKETPLACE}), _SHIPPED, reading.recheck_days
        else:
            fulfilment, states, days = frozenset({Fulfilment.MERCHANT}), _NOT_SHIPPED, reading.doublecheck_days
        since = now - timedelta(days=settings.lookback_days or days)
        since = min(since, cursor) if cursor else since
    if ctx.asked.since:
        since = parse_moment(ctx.asked.since, now=now)
    query = OrderQuery(by=reading.by, since=since, fulfilment=fulfilment, states=states, priority=priority)
    return _Pass(
        name=name,
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


async def _read_pass(ctx: Context, book: Book, reading: _Pass, *, preview: Preview) -> None:
    query, key = reading.query, _key(ctx, reading.name)
    if ctx.asked.dry_run:
        ctx.window = _window(query, to=ctx.now())
        async for page in ctx.marketplace.orders(query):
            await _rehearse(ctx, book, _wanted(page.items, query), found_by=reading.name, preview=preview)
            await ctx.steady()
        return
    now = ctx.now()
    state = await ctx.write(
        passes.begin_pass,
        key,
        combination=ctx.asked.combination,
        window_from=reading.window_from,
        now=now,
        oldest_birth=now - OLDEST_PASS,
        reread=reading.reread,
    )
    query = OrderQuery(
        by=query.by,
        since=state.window_from,
        fulfilment=query.fulfilment,
        states=query.states,
        resume=state.resume,
        priority=query.priority,
    )
    ctx.window = _window(query, to=state.remote_now or now)
    if state.read_whole:
        return
    async for page in ctx.marketplace.orders(query):
        await ctx.write(
            ledger.absorb_page,
            book,
            _wanted(page.items, query),
            key=key,
            resume=page.resume,
            remote_now=page.remote_now,
            found_by=reading.name,
            now=ctx.now(),
        )
        await ctx.steady()


def _window(query: OrderQuery, *, to: datetime) -> dict[str, str | None]:
    return {"from": query.since.isoformat() if query.since else None, "to": to.isoformat(), "by": query.by}


def _wanted(items: Sequence[Order | Unreadable], query: OrderQuery) -> list[Order | Unreadable]:
    """Return the items that the query asked for; a platform may give more than it was asked."""
    return [
        item
        for item in items
        if isinstance(item, Unreadable)
        or (item.fulfilment in query.fulfilment and (not query.states or item.state in query.states))
    ]


async def _read_by_id(ctx: Context, book: Book, order_ids: Sequence[str], *, preview: Preview) -> None:
    answers: list[Order | Missing | Unreadable] = [answer async for answer in ctx.marketplace.orders_by_id(order_ids)]
    if ctx.asked.dry_run:
        await _rehearse(ctx, book, answers, found_by="live", preview=preview)
    else:
        await ctx.write(
            ledger.absorb_page, book, answers, key=None, resume=None, remote_now=None, found_by="live", now=ctx.now()
        )
    missing = [answer.order_id for answer in answers if isinstance(answer, Missing)]
    notes = [run_items.ItemNote(subject=order_id, outcome="not_imported", code="ORDER_MISSING") for order_id in missing]
    await ctx.note(notes)


async def _rehearse(
    ctx: Context, book: Book, items: Sequence[Order | Unreadable | Missing], *, found_by: str, preview: Preview
) -> None:
    rows = await ctx.store.rehearse(ledger.absorb, book, items, found_by=found_by, now=ctx.now())
    await ctx.note([ledger.item_of(row, book, seen=True) for row in rows])
    await preview(rows, [item for item in items if isinstance(item, Order)])
