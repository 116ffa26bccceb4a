"""orders-accept: move orders to the accepted state, if the merchant's rules allow it.

Every poll goes into the ledger first. A decision is written down before it is sent; one whose answer was lost is looked
up before anything is sent again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.domain import acceptance
from app.domain.acceptance import Choice
from app.domain.intake import GONE, IN_SHOP, Decision, Intake
from app.domain.message import Message, Params
from app.domain.order import Fulfilment, Order, OrderState
from app.errors import OutcomeUnknown, Refused
from app.marketplaces.port import Capability
from app.store import creation, ledger, orders, run_items
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder
from app.tasks.context import Context
from app.tasks.intent import DecisionIntent
from app.tasks.polling import end_passes, read_waiting_for_acceptance, reread
from app.tasks.sku_matches import SkuMatches, match_skus, units_left

CHUNK = 50
UNKNOWNS_AT_ONCE = 1000
_ACCEPTED = frozenset({Decision.ACCEPTED, Decision.PARTLY, Decision.BY_OTHER})
_REFUSALS: Mapping[str, str] = {
    "PARTIAL_ACCEPT_OFF": "PARTIAL_ACCEPT_OFF",
    "FULFILLED_BY_OPERATOR": "WAITING_ACCEPTANCE",
    "ORDER_MISSING": "ORDER_MISSING",
}


def outcome(row: LedgerOrder) -> str:
    """Return the count of the report that an order falls under."""
    if row.remote_state == OrderState.TO_ACCEPT and row.intake == Intake.HELD:
        return "waiting"
    if row.decision in _ACCEPTED or row.intake in IN_SHOP:
        return "already_accepted"
    return "" if row.intake in GONE else "waiting" if row.intake == Intake.HELD else ""


async def run(ctx: Context) -> None:
    """Read what waits for acceptance, settle what was left unknown, then decide order by order, the oldest first."""
    run_ledger = ctx.run_ledger(outcome)
    taken: Counter[str] = Counter()
    await read_waiting_for_acceptance(
        ctx, run_ledger, preview=lambda rows, orders: _preview(ctx, run_ledger, rows, orders, taken)
    )
    if ctx.request.dry_run:
        return
    await _settle_unknown(ctx, run_ledger)
    await _decide_all(ctx, run_ledger)
    await end_passes(ctx)


async def _settle_unknown(ctx: Context, run_ledger: RunLedger) -> None:
    """Look up the decisions whose answer was lost, in batches of ids."""
    sent_before = await ctx.read(orders.real_time) - ctx.unknown_outcome_wait_s
    order_ids = await ctx.read(orders.undecided_outcomes, ctx.scope(), sent_before=sent_before, limit=UNKNOWNS_AT_ONCE)
    if order_ids:
        rows = await reread(ctx, run_ledger, order_ids)
        await ctx.write(run_items.note_items, ctx.run_id, [ledger.item_of(row, run_ledger, seen=True) for row in rows])


async def _decide_all(ctx: Context, run_ledger: RunLedger) -> None:
    after_id = 0
    while rows := await ctx.read(orders.orders_to_decide, ctx.scope(), after_id=after_id, limit=CHUNK):
        after_id = rows[-1].id
        copies = {row.id: order for row in rows if (order := ledger.order_of(row.payload, ctx.cipher)) is not None}
        sku_matches = await match_skus(ctx, copies.values())
        for row in rows:
            if (order := copies.get(row.id)) is not None:
                await _decide(ctx, run_ledger, row, order, await _choice(ctx, sku_matches, order, row))
            await ctx.checkpoint()


async def _choice(
    ctx: Context, sku_matches: SkuMatches, order: Order, row: LedgerOrder, taken: Mapping[str, int] | None = None
) -> Choice:
    settings = ctx.account.settings
    return acceptance.choose(
        order,
        left=await units_left(ctx, sku_matches, order, ledger_id=row.id, taken=taken),
        products=sku_matches.products,
        unresolved=sku_matches.unresolved,
        currencies=sku_matches.currencies,
        accept_when=settings.accept_when,
        when_short=settings.when_short,
        line_by_line=Capability.PARTIAL_ACCEPT in ctx.marketplace.can,
    )


async def _decide(ctx: Context, run_ledger: RunLedger, row: LedgerOrder, order: Order, choice: Choice) -> None:
    if choice.accept is None:
        await _leave(ctx, run_ledger, row, choice)
        return
    try:
        outcomes = await ctx.marketplace.decide(
            order, accept=choice.accept, intent=DecisionIntent(ctx, run_ledger, row)
        )
    except Refused as refusal:
        await _after_refusal(ctx, run_ledger, row, refusal)
        return
    except OutcomeUnknown as exc:
        note = ledger.item_of(
            row, run_ledger, outcome="waiting", code="OUTCOME_UNKNOWN", params={"service": exc.service}
        )
        await ctx.write(run_items.note_items, ctx.run_id, [note])
        return
    accepted = [each.accepted for each in outcomes]
    decision = Decision.ACCEPTED if all(accepted) else Decision.PARTLY if any(accepted) else Decision.REFUSED
    await ctx.write(
        creation.settle_decision,
        run_ledger,
        row.id,
        decision=decision,
        outcome="accepted" if any(accepted) else "refused",
        code=choice.code if decision is not Decision.ACCEPTED else "",
        params=choice.params,
        now=ctx.now(),
    )


async def _leave(ctx: Context, run_ledger: RunLedger, row: LedgerOrder, choice: Choice) -> None:
    code, params = _with_deadline(ctx, row, choice)
    await ctx.write(
        creation.settle_decision,
        run_ledger,
        row.id,
        decision=Decision.NONE,
        outcome="waiting",
        code=code,
        params=params,
        now=ctx.now(),
    )


def _with_deadline(ctx: Context, row: LedgerOrder, choice: Choice) -> tuple[str, Params]:
    """Return the reason why an order waits, or the louder one once half of its time is over."""
    if row.accept_by is None:
        return choice.code, choice.params
    half = timedelta(hours=ctx.account.settings.acceptance_deadline_h) / 2
    if ctx.now() < row.accept_by - half:
        return choice.code, choice.params
    code = "DEADLINE_PASSED" if ctx.now() >= row.accept_by else "DEADLINE_NEAR"
    return code, {**choice.params, "deadline": row.accept_by, "why": Message(choice.code, choice.params)}


async def _after_refusal(ctx: Context, run_ledger: RunLedger, row: LedgerOrder, refusal: Refused) -> None:
    if refusal.reason == "NOT_DECIDABLE":
        # Somebody decided at the marketplace meanwhile; only a decision of which nothing is unknown is ever sent.
        await ctx.write(
            creation.settle_decision, run_ledger, row.id, decision=Decision.NONE, outcome="waiting", now=ctx.now()
        )
        rows = await reread(ctx, run_ledger, [row.order_id])
        await ctx.write(
            run_items.note_items, ctx.run_id, [ledger.item_of(each, run_ledger, seen=True) for each in rows]
        )
        return
    await ctx.write(
        creation.settle_decision,
        run_ledger,
        row.id,
        decision=Decision.NONE,
        outcome="waiting",
        code=_REFUSALS.get(refusal.reason, "DECISION_REFUSED"),
        params={"detail": refusal.detail},
        now=ctx.now(),
    )


async def _preview(
    ctx: Context, run_ledger: RunLedger, rows: Sequence[LedgerOrder], read: Sequence[Order], taken: Counter[str]
) -> None:
    """Say what would be decided, without deciding; `taken` grows by the units that new orders would go on keeping."""
    by_id = {order.order_id: order for order in read}
    waiting = [
        row
        for row in rows
        if row.order_id in by_id
        and row.remote_state == OrderState.TO_ACCEPT
        and row.intake == Intake.HELD
        and row.decision == Decision.NONE
    ]
    sku_matches = await match_skus(ctx, [by_id[row.order_id] for row in waiting])
    notes = []
    for row in waiting:
        order = by_id[row.order_id]
        choice = await _choice(ctx, sku_matches, order, row, taken)
        accepted = choice.accept is not None and any(choice.accept.values())
        would = "waiting" if choice.accept is None else "accepted" if accepted else "refused"
        if would != "refused" and row.first_seen_at == row.read_at and order.fulfilment is Fulfilment.MERCHANT:
            for line in order.open_lines:
                taken[sku_matches.products.get(line.sku, line.sku)] += line.quantity_open
        notes.append(ledger.item_of(row, run_ledger, outcome=would, code=choice.code, params=choice.params))
    await ctx.write(run_items.note_items, ctx.run_id, notes)
