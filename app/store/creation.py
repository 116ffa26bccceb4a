"""What an import does to ledger rows: intents, results, retries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.domain.intake import Decision, Intake
from app.domain.message import Params
from app.domain.order import OrderState
from app.store import leases, ledger, orders, state_changes
from app.store.ledger import RunLedger
from app.store.orders import LedgerOrder
from app.store.run_items import note_items
from app.store.tables import OrderRow
from app.store.values import value_of

FIRST_RETRY = timedelta(minutes=15)
LAST_RETRY = timedelta(hours=24)
_CREATABLE = (Intake.DUE, Intake.BLOCKED, Intake.CREATING)


def begin_creations(
    session: Session, run_ledger: RunLedger, ledger_ids: Sequence[int], *, now: datetime
) -> list[LedgerOrder]:
    """Commit the intent to create these orders; returns those that may be created, as they stand now."""
    rows = session.exec(
        select(OrderRow)
        .where(col(OrderRow.id).in_(ledger_ids), col(OrderRow.intake).in_(_CREATABLE))
        .order_by(col(OrderRow.id))
        .with_for_update()
    ).all()
    for row in rows:
        if row.intake == Intake.CREATING:
            continue
        if row.intake == Intake.BLOCKED:
            row.steps = row.steps | {"blocked_code": row.code, "blocked_since": row.intake_since.isoformat()}
        state_changes.change_intake(session, row, Intake.CREATING, by=run_ledger.run_id, now=now)
    return [value_of(row, LedgerOrder) for row in rows]


def note_steps(session: Session, ledger_id: int, steps: Mapping[str, str]) -> None:
    """Keep the ids of things that were made for an order."""
    row = ledger.locked(session, ledger_id)
    row.steps = row.steps | dict(steps)


def note_sending(session: Session, ledger_id: int, step: str) -> None:
    """Keep that an irreversible step is about to be sent, with the real time."""
    row = ledger.locked(session, ledger_id)
    row.steps = row.steps | {"sending": step}
    row.sent_at = leases.real_time(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An order that stands in the shop since then; the first of the warnings is said with it in the report."""

    ref: str
    at: datetime
    warnings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def settle_imported(session: Session, run_ledger: RunLedger, made: Mapping[int, Made]) -> None:
    """Keep that these orders stand in the shop; one cancelled meanwhile stays in cancelling, with its shop order."""
    notes = []
    for row in ledger.locked_all(session, list(made)):
        order = made[row.id]
        row.shop_ref, row.imported_at, row.imported_run = order.ref, order.at, run_ledger.run_id
        row.sent_at = None
        if row.intake == Intake.CREATING:
            state_changes.change_intake(session, row, Intake.IMPORTED, by=run_ledger.run_id, now=order.at)
        code, params = next(iter(order.warnings.items()), (None, None))
        notes.append(ledger.item_of(value_of(row, LedgerOrder), run_ledger, code=code, params=params))
    note_items(session, run_ledger.run_id, notes)


def settle_blocked(
    session: Session, run_ledger: RunLedger, ledger_id: int, *, code: str, params: Params, now: datetime
) -> None:
    """Keep why an order can't enter the shop, and when to try again: after 15 minutes, doubling up to a day."""
    row = ledger.locked(session, ledger_id)
    if row.intake in _CREATABLE:
        state_changes.change_intake(
            session, row, Intake.BLOCKED, code=code, params=params, by=run_ledger.run_id, now=now
        )
        if row.steps.get("blocked_code") == code:
            # Tried again in vain: it has been kept out since the first time.
            row.intake_since = datetime.fromisoformat(row.steps["blocked_since"])
        row.sent_at = None
        row.next_try_at = now + min(FIRST_RETRY * (1 << min(row.tries, 10)), LAST_RETRY)
        row.tries += 1
    ledger.note_row(session, run_ledger, row)


def settle_missing(session: Session, run_ledger: RunLedger, ledger_id: int, *, now: datetime) -> None:
    """Keep that the marketplace no longer knows an order that waited for it; it is asked for again now and then."""
    row = ledger.locked(session, ledger_id)
    if row.intake == Intake.HELD:
        state_changes.change_intake(session, row, Intake.BLOCKED, code="ORDER_MISSING", by=run_ledger.run_id, now=now)
        row.next_try_at = now + LAST_RETRY
    ledger.note_row(session, run_ledger, row)


def settle_needs_person(
    session: Session, run_ledger: RunLedger, ledger_id: int, *, code: str, params: Params, now: datetime
) -> None:
    """Keep that only a person can say what to do with an order; one cancelled meanwhile stays in cancelling."""
    row = ledger.locked(session, ledger_id)
    if row.intake == Intake.CREATING:
        state_changes.change_intake(
            session, row, Intake.NEEDS_PERSON, code=code, params=params, by=run_ledger.run_id, now=now
        )
    ledger.note_row(session, run_ledger, row)


def settle_unknown(session: Session, run_ledger: RunLedger, ledger_id: int, *, params: Params, now: datetime) -> None:
    """Keep that a write's outcome is unknown: the order stays where it is until it was looked up.

    Unknown for the second time, it goes to a person: what answers neither to a write nor to a look is not to be trusted
    with a third.
    """
    row = ledger.locked(session, ledger_id)
    if row.intake == Intake.CREATING and "unknown" in row.steps:
        settle_needs_person(session, run_ledger, ledger_id, code="UNKNOWN_TWICE", params=params, now=now)
        return
    settle_kept(session, run_ledger, ledger_id, code="OUTCOME_UNKNOWN", params=params, now=now)
    row.steps = row.steps | {"unknown": run_ledger.run_id}
    row.sent_at = row.sent_at or leases.real_time(session)


def settle_kept(
    session: Session, run_ledger: RunLedger, ledger_id: int, *, code: str, params: Params, now: datetime
) -> None:
    """Keep why an order stays where it is."""
    row = ledger.locked(session, ledger_id)
    state_changes.change_intake(
        session, row, Intake(row.intake), code=code, params=params, by=run_ledger.run_id, now=now
    )
    ledger.note_row(session, run_ledger, row)


def settle_cancelled(session: Session, run_ledger: RunLedger, ledger_id: int, *, conflict: bool, now: datetime) -> None:
    """Keep that a cancelled order is out of the shop, or (`conflict`) that the shop had shipped it already."""
    row = ledger.locked(session, ledger_id)
    after = Intake.CONFLICT if conflict else Intake.CANCELLED
    code = "SHIPPED_BUT_CANCELLED" if conflict else "CANCELLED_ON_MARKETPLACE"
    if row.intake == Intake.CANCELLING:
        state_changes.change_intake(session, row, after, code=code, by=run_ledger.run_id, now=now)
    ledger.note_row(session, run_ledger, row)


def begin_decision(session: Session, run_ledger: RunLedger, ledger_id: int, *, now: datetime) -> None:
    """Commit that a decision is about to be sent."""
    row = ledger.locked(session, ledger_id)
    state_changes.change_decision(session, row, Decision.DECIDING, by=run_ledger.run_id, now=now)
    row.decision_sent_at = leases.real_time(session)


def settle_decision(
    session: Session,
    run_ledger: RunLedger,
    ledger_id: int,
    *,
    decision: Decision,
    outcome: str,
    code: str = "",
    params: Params | None = None,
    now: datetime,
) -> None:
    """Keep what became of a decision; an accepted order goes on reserving its units until it is paid."""
    row = ledger.locked(session, ledger_id)
    if row.decision != decision:
        state_changes.change_decision(session, row, decision, by=run_ledger.run_id, now=now, code=code)
    row.decision_code = code
    if row.intake == Intake.HELD and decision in (Decision.ACCEPTED, Decision.PARTLY):
        state_changes.change_intake(session, row, Intake.HELD, code="WAITING_PAYMENT", by=run_ledger.run_id, now=now)
        row.remote_state = OrderState.ACCEPTED
    elif row.intake == Intake.HELD and decision is Decision.REFUSED:
        state_changes.change_intake(session, row, Intake.REFUSED, by=run_ledger.run_id, now=now)
        row.remote_state = OrderState.REFUSED
    ledger.note_row(session, run_ledger, row, outcome=outcome, code=code, params=params or {})


def include_open(
    session: Session,
    run_ledger: RunLedger,
    scope: orders.Scope,
    intakes: Sequence[Intake],
    *,
    after_id: int,
    limit: int,
) -> int | None:
    """Add a portion of the orders that still wait or are blocked to a run's items; returns the last ledger number."""
    found = orders.open_orders(session, scope, intakes, after_id=after_id, limit=limit)
    note_items(session, run_ledger.run_id, [ledger.item_of(order, run_ledger) for order in found])
    return found[-1].id if len(found) == limit else None
