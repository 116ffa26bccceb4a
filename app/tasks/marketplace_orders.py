"""What the marketplace shows to a comparison: a list of orders, some by id, or all of them in a few words.

Where it has summaries, an order of which they say nothing new is noted from the ledger, without a
call. The others are read by id; where that takes longer than the list, the list is read first:

    summaries ──► others: few  ────────────────► by id ──► through
        ▲                 most ──► list ──┐
        └─────────────────────────────────┘  what the list did not show is read by id
"""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Self

from app.domain.order import Missing, Order, Unreadable
from app.domain.page import Page
from app.domain.task import RECONCILE, Priority, parse_moment
from app.marketplaces.port import OrderQuery, SumsUp
from app.store import comparison, ledger, passes, run_items
from app.store.ledger import RunLedger
from app.store.passes import Pass, PassKey
from app.tasks.context import Context
from app.tasks.polling import OLDEST_PASS, answers_by_id

# One in two seconds: as many as a run reads in its time. A hundred of a list take three minutes, so more than these are
# read faster from the list, unless most of the list is known: it holds the whole window.
MOST_BY_ID = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a comparison by summaries goes on: `summaries` and `listed` are the places of the two in their own words.

    `stage`: what is read; `rest`: what the list did not show.
    """

    stage: Literal["summaries", "list", "rest"] = "summaries"
    summaries: str | None = None
    listed: str | None = None

    @classmethod
    def of(cls, resume: str | None) -> Self:
        """Return the position of a resume text."""
        return cls(**json.loads(resume)) if resume else cls()

    def text(self) -> str:
        """Return the resume text of this position."""
        return json.dumps(asdict(self))


def pass_key(ctx: Context) -> PassKey:
    """Return the name under which is kept how far a comparison has read."""
    return PassKey(ctx.account.id, ctx.request.task, RECONCILE)


async def read_marketplace(ctx: Context, run_ledger: RunLedger) -> datetime:
    """Take what the marketplace shows into the ledger and the run's items; return since when both sides compare."""
    since, state = _since(ctx), None
    if not ctx.request.dry_run and not ctx.request.order_ids:
        state = await _begun_pass(ctx, since=since)
        since = state.window_from
    ctx.window = {"from": since.isoformat(), "to": ctx.now().isoformat(), "by": ctx.account.poll_policy.by}
    resume = state.resume if state else None
    if ctx.request.order_ids:
        async for answers in answers_by_id(ctx, ctx.request.order_ids):
            await take(ctx, run_ledger, answers)
    elif state is not None and state.read_whole:
        return since
    elif ctx.sums_up is None:
        async for page in _listed(ctx, since=since, resume=resume):
            await take(
                ctx, run_ledger, page.items, marks=state is not None, resume=page.resume, remote_now=page.remote_now
            )
            await ctx.checkpoint()
    else:
        await _read_summed(ctx, run_ledger, ctx.sums_up, since=since, place=Place.of(resume))
    return since


async def take(
    ctx: Context,
    run_ledger: RunLedger,
    answers: Sequence[Order | Unreadable | Missing],
    *,
    marks: bool = False,
    resume: str | None = None,
    remote_now: datetime | None = None,
) -> None:
    """Keep what was shown of some orders and, where it `marks` a place in a list, how far that was read.

    A dry run leaves the ledger as it is.
    """
    if ctx.request.dry_run:
        rows = await ctx.store.preview(ledger.absorb, run_ledger, answers, found_by=RECONCILE, now=ctx.now())
        await ctx.write(run_items.note_items, ctx.run_id, comparison.notes_of(rows, answers))
        return
    key = pass_key(ctx) if marks else None
    await ctx.write(
        comparison.take_shown, run_ledger, answers, key=key, resume=resume, remote_now=remote_now, now=ctx.now()
    )


def _since(ctx: Context) -> datetime:
    now = ctx.now()
    if ctx.request.since:
        return parse_moment(ctx.request.since, now=now)
    return now - timedelta(days=ctx.account.poll_policy.reconcile_days)


async def _begun_pass(ctx: Context, *, since: datetime) -> Pass:
    """Return the pass that this run goes on with, or a new one: only what it was shown itself can be compared."""
    now, key = ctx.now(), pass_key(ctx)
    for _ in range(2):
        state = await ctx.write(
            passes.begin_pass,
            key,
            combination=ctx.request.combination,
            window_from=since,
            now=now,
            oldest_birth=now - OLDEST_PASS,
            reread=False,
        )
        if state.resume is None and not state.read_whole:
            break
        carried = await ctx.write(comparison.carry_over, ctx.run_id)
        # A run that paused while summaries were made was shown nothing yet.
        if carried > 0 or (ctx.sums_up is not None and ctx.goes_on):
            break
        await ctx.write(passes.end_pass, key, moves_cursor=False)
    return state


def _listed(ctx: Context, *, since: datetime, resume: str | None) -> AsyncIterator[Page[Order | Unreadable]]:
    query = OrderQuery(by=ctx.account.poll_policy.by, since=since, resume=resume, priority=Priority.BACKFILL)
    return ctx.marketplace.orders(query)


async def _read_summed(
    ctx: Context, run_ledger: RunLedger, marketplace: SumsUp, *, since: datetime, place: Place
) -> None:
    others: list[str] = []
    while True:
        if place.stage != "list":
            place, summaries, others = await _compare(ctx, run_ledger, marketplace, since=since, place=place)
            if place.stage == "rest" or not _is_listed_faster(len(others), summaries=summaries):
                break
            place = replace(place, stage="list")
        async for page in _listed(ctx, since=since, resume=place.listed):
            place = replace(place, stage="list" if page.resume else "rest", listed=page.resume)
            await take(ctx, run_ledger, page.items, marks=not ctx.request.dry_run, resume=place.text())
            await ctx.checkpoint()
    ctx.pages_left = len(others)
    async for answers in answers_by_id(ctx, others, priority=Priority.BACKFILL):
        await take(ctx, run_ledger, answers)
        ctx.pages_left -= len(answers)
    ctx.pages_left = None
    await _mark(ctx, None)


async def _compare(
    ctx: Context, run_ledger: RunLedger, marketplace: SumsUp, *, since: datetime, place: Place
) -> tuple[Place, int, list[str]]:
    """Note the orders of which the summaries say nothing new; return how many they hold, and the ids of the others.

    What is kept is where the summaries begin: they are gone through again by a run that goes on, for a call or two.
    """
    summaries, others = 0, dict[str, None]()
    async for page in marketplace.summaries(since=since, resume=place.summaries):
        if page.items:
            summaries += len(page.items)
            others |= dict.fromkeys(
                await ctx.write(
                    comparison.take_summaries, run_ledger, page.items, read_within=ctx.account.poll_policy.overlap
                )
            )
        elif page.resume and not summaries:
            place = replace(place, summaries=page.resume)
            await _mark(ctx, place)
        await ctx.checkpoint()
    return place, summaries, list(others)


async def _mark(ctx: Context, place: Place | None) -> None:
    """Keep how far the marketplace was read; None: whole."""
    if not ctx.request.dry_run:
        await ctx.write(passes.mark_page, pass_key(ctx), resume=place.text() if place else None, remote_now=None)


def _is_listed_faster(others: int, *, summaries: int) -> bool:
    return others > MOST_BY_ID and 2 * others > summaries
