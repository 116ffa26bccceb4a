"""The ledger: the only way in. Polls are absorbed here, whatever the task; tasks act from here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.domain.intake import (
    Decision,
    Intake,
    IntakeStatus,
    Policy,
    first_intake_status,
    next_intake_status,
)
from app.domain.message import Params
from app.domain.order import CANCELLED, SHIPPED_OR_CLOSED, Fulfilment, Missing, Order, OrderState, Unreadable
from app.domain.task import FOUND_LATE
from app.keys import Cipher
from app.store import leases, state_changes
from app.store.order_lines import write_lines
from app.store.orders import LedgerOrder
from app.store.passes import PassKey, mark_page
from app.store.run_items import ItemNote, note_items, note_shown
from app.store.tables import OrderRow
from app.store.values import value_of

_ORDER: TypeAdapter[Order] = TypeAdapter(Order)
_UNDECIDED = frozenset({OrderState.PENDING, OrderState.TO_ACCEPT, OrderState.UNKNOWN})
# An update of marketcron may have learned to read what it could not.
UNREADABLE_RETRY = timedelta(hours=24)
_WAITS_FOR_DATA = frozenset({Intake.BEFORE_START, Intake.LISTED_ONLY})
# Built once, and no object: an order of an import passes here four times.
_BY_NUMBER = select(OrderRow).where(col(OrderRow.id) == sa.bindparam("ledger_id")).with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Whose orders these are: our account and shop, and the seller as the marketplace knows him."""

    account_id: str
    shop_id: str
    platform: str
    seller_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLedger:
    """One account's side of the ledger, for one run of one task."""

    seller: Seller
    policy: Policy
    cipher: Cipher
    run_id: str
    outcome: Callable[[LedgerOrder], str]
    unknown_outcome_wait_s: float


def order_of(payload: bytes | None, cipher: Cipher) -> Order | None:
    """Return our copy of an order, or None when it was deleted or never read."""
    if payload is None:
        return None
    try:
        return _ORDER.validate_json(cipher.open(payload))
    except ValidationError:
        # Written by an earlier version: it is read from the marketplace again. The error itself would show the buyer.
        return None


def absorb(
    session: Session,
    run_ledger: RunLedger,
    items: Sequence[Order | Unreadable | Missing],
    *,
    found_by: str,
    now: datetime,
) -> list[LedgerOrder]:
    """Take what the marketplace said into the ledger; returns the orders as they stand now, in the order given.

    An answer older than what we know is ignored. An order that neither side knows leaves no row.
    """
    rows = absorbed_rows(session, run_ledger, items, found_by=found_by, now=now)
    return [value_of(row, LedgerOrder) for row in rows]


def absorbed_rows(
    session: Session,
    run_ledger: RunLedger,
    items: Sequence[Order | Unreadable | Missing],
    *,
    found_by: str,
    now: datetime,
) -> list[OrderRow]:
    """Take what the marketplace said into the ledger; returns the rows for changing, as `absorb` does the orders."""
    try:
        with session.begin_nested():
            return _absorb_all(session, run_ledger, items, found_by=found_by, now=now)
    except IntegrityError:
        # Another task of this account wrote one of these orders since we looked: now its row is there to be locked.
        return _absorb_all(session, run_ledger, items, found_by=found_by, now=now)


def _absorb_all(
    session: Session,
    run_ledger: RunLedger,
    items: Sequence[Order | Unreadable | Missing],
    *,
    found_by: str,
    now: datetime,
) -> list[OrderRow]:
    newest = {item.order_id: item for item in items}
    known = _rows_by_order_id(session, run_ledger, list(newest))
    # Their numbers are needed below, and one statement gives them to all.
    new = {
        order_id: _new_row(run_ledger, item, found_by=found_by, now=now)
        for order_id, item in newest.items()
        if order_id not in known and not isinstance(item, Missing)
    }
    session.add_all(new.values())
    session.flush()
    lines: list[tuple[OrderRow, Order]] = []
    rows: list[OrderRow] = []
    for order_id, item in newest.items():
        row = known.get(order_id) or new.get(order_id)
        if row is None:
            continue
        rows.append(row)
        if isinstance(item, Unreadable):
            _absorb_unreadable(session, run_ledger, row, item, now=now)
        elif isinstance(item, Order) and order_id in new:
            lines.append((row, item))
            state_changes.record(session, row, "intake", "", row.intake, code=row.code, by=run_ledger.run_id, now=now)
            _follow_decision(session, run_ledger, row, item, now=now)
        elif isinstance(item, Order) and _absorb_known(session, run_ledger, row, item, found_by=found_by, now=now):
            lines.append((row, item))
    write_lines(session, lines, rewritten=[row.id for row, _ in lines if row.order_id in known])
    session.flush()
    return rows


def absorb_page(
    session: Session,
    run_ledger: RunLedger,
    items: Sequence[Order | Unreadable | Missing],
    *,
    key: PassKey | None,
    resume: str | None,
    remote_now: datetime | None,
    found_by: str,
    now: datetime,
) -> None:
    """Take a page into the ledger and the run's items, and keep how far its pass has come, all or nothing."""
    orders = absorb(session, run_ledger, items, found_by=found_by, now=now)
    note_shown(session, run_ledger.run_id, [item_of(order, run_ledger, seen=True) for order in orders])
    if key is not None:
        changes = (item.updated_at for item in items if isinstance(item, Order) and item.updated_at is not None)
        mark_page(session, key, resume=resume, remote_now=remote_now, seen_until=max(changes, default=None))


def item_of(
    order: LedgerOrder,
    run_ledger: RunLedger,
    *,
    seen: bool = False,
    outcome: str | None = None,
    code: str | None = None,
    params: Params | None = None,
) -> ItemNote:
    """Return what a run says about an order: as it stands, unless the run knows better."""
    imported_by_run = order.imported_run == run_ledger.run_id
    said = order.params if params is None else params
    return ItemNote(
        subject=order.order_id,
        outcome=run_ledger.outcome(order) if outcome is None else outcome,
        seen=seen,
        catch_up=imported_by_run and order.found_by in FOUND_LATE,
        code=order.code if code is None else code,
        sku=str(said.get("sku", "")),
        params=said,
        since=order.intake_since,
        deadline=order.accept_by if order.remote_state == OrderState.TO_ACCEPT else order.ship_by,
    )


def note_row(
    session: Session,
    run_ledger: RunLedger,
    row: OrderRow,
    *,
    seen: bool = False,
    outcome: str | None = None,
    code: str | None = None,
    params: Params | None = None,
) -> None:
    """Put into a run's items what it says about an order, as `item_of` does."""
    order = value_of(row, LedgerOrder)
    note = item_of(order, run_ledger, seen=seen, outcome=outcome, code=code, params=params)
    note_items(session, run_ledger.run_id, [note])


def _rows_by_order_id(session: Session, run_ledger: RunLedger, order_ids: Sequence[str]) -> dict[str, OrderRow]:
    rows = session.exec(
        select(OrderRow)
        .where(
            OrderRow.platform == run_ledger.seller.platform,
            OrderRow.seller_key == run_ledger.seller.seller_key,
            col(OrderRow.order_id).in_(order_ids),
        )
        .order_by(col(OrderRow.id))
        .with_for_update()
    )
    return {row.order_id: row for row in rows}


def _absorb_known(
    session: Session, run_ledger: RunLedger, row: OrderRow, order: Order, *, found_by: str, now: datetime
) -> bool:
    """Take what is new about an order of the ledger; returns whether its lines have to be written again."""
    row.read_at = now
    if row.updated_at is not None and order.updated_at is not None and order.updated_at < row.updated_at:
        return False
    before = IntakeStatus(Intake(row.intake), row.code)
    status = _intake_status_now(row, before, order, policy=run_ledger.policy)
    differs = _remote_differs(row, order)
    if differs:
        _write_remote(row, order, policy=run_ledger.policy)
    if status != before:
        state_changes.change_intake(session, row, status.intake, code=status.code, by=run_ledger.run_id, now=now)
        if status.code == "STATE_UNKNOWN":
            row.params = {"platform_status": order.platform_status}
    _follow_decision(session, run_ledger, row, order, now=now)
    _keep_copy(run_ledger, row, order, found_by=found_by)
    return differs


def _keep_copy(run_ledger: RunLedger, row: OrderRow, order: Order, *, found_by: str) -> None:
    """Keep who made an order due, and the buyer's data only as long as they are needed."""
    if row.intake == Intake.DUE and not row.found_by:
        row.found_by = found_by
    if Intake(row.intake) in state_changes.KEEPS_PAYLOAD:
        row.payload = run_ledger.cipher.seal(_ORDER.dump_json(order).decode())
    elif Intake(row.intake) not in _WAITS_FOR_DATA:
        row.payload = None


def _intake_status_now(row: OrderRow, before: IntakeStatus, order: Order, *, policy: Policy) -> IntakeStatus:
    if before.intake is Intake.BLOCKED and not row.platform_status:
        # Until now it was unreadable: it enters only here.
        return first_intake_status(order, policy=policy)
    if before.intake is Intake.HANDLED and row.remote_state in CANCELLED:
        # Somebody handled it knowing that it is cancelled: hearing it again is no news.
        return before
    return next_intake_status(before, order, policy=policy, shop_ref=row.shop_ref)


def _new_row(run_ledger: RunLedger, item: Order | Unreadable, *, found_by: str, now: datetime) -> OrderRow:
    row = unseen_row(run_ledger.seller, item.order_id, now=now)
    if isinstance(item, Order):
        status = first_intake_status(item, policy=run_ledger.policy)
        row.intake, row.code = status.intake, status.code
        row.params = {"platform_status": item.platform_status} if status.code == "STATE_UNKNOWN" else {}
        _write_remote(row, item, policy=run_ledger.policy)
        _keep_copy(run_ledger, row, item, found_by=found_by)
    return row


def _remote_differs(row: OrderRow, order: Order) -> bool:
    return (
        order.updated_at is None or row.updated_at != order.updated_at or row.platform_status != order.platform_status
    )


def _write_remote(row: OrderRow, order: Order, *, policy: Policy) -> None:
    row.remote_state, row.platform_status = order.state, order.platform_status
    row.fulfilment, row.sales_channel, row.currency = order.fulfilment, order.sales_channel, order.currency
    row.shipping_method = order.shipping_method
    row.total = str(order.total.amount)
    shipped = order.state in SHIPPED_OR_CLOSED
    if order.shipping_address:
        # Tracking addresses need it, until the parcel has left.
        row.postcode = "" if shipped else order.shipping_address.postcode
    row.placed_at, row.updated_at = order.placed_at, order.updated_at
    row.accept_by = order.accept_by or order.placed_at + policy.acceptance_deadline
    row.ship_by = order.ship_by


def _follow_decision(session: Session, run_ledger: RunLedger, row: OrderRow, order: Order, *, now: datetime) -> None:
    """Settle the acceptance machine from what the marketplace shows.

    A decision whose outcome is unknown counts as not made only when the order still waits after the time that a lost
    write may take to show.
    """
    if row.decision not in (Decision.NONE, Decision.DECIDING):
        return
    ours = row.decision == Decision.DECIDING
    if order.state in _UNDECIDED:
        sent_at = row.decision_sent_at or 0.0
        if ours and leases.real_time(session) >= sent_at + run_ledger.unknown_outcome_wait_s:
            state_changes.change_decision(session, row, Decision.NONE, by=run_ledger.run_id, now=now)
        return
    if order.state in (OrderState.REFUSED, OrderState.CANCELLED):
        after = Decision.REFUSED if ours else Decision.LAPSED
    elif not ours:
        after = Decision.BY_OTHER
    else:
        refused = any(line.state is OrderState.REFUSED for line in order.lines)
        after = Decision.PARTLY if refused else Decision.ACCEPTED
    state_changes.change_decision(session, row, after, by=run_ledger.run_id, now=now)


def _absorb_unreadable(
    session: Session, run_ledger: RunLedger, row: OrderRow, item: Unreadable, *, now: datetime
) -> None:
    if row.intake in (Intake.HELD, Intake.DUE, Intake.BLOCKED) and row.code != "UNREADABLE":
        params = {"detail": item.reason}
        state_changes.change_intake(
            session, row, Intake.BLOCKED, code="UNREADABLE", params=params, by=run_ledger.run_id, now=now
        )
    if row.code == "UNREADABLE":
        # What we read before is no longer what the buyer gets.
        row.payload = None
        row.next_try_at = now + UNREADABLE_RETRY
    row.read_at = now


def unseen_row(seller: Seller, order_id: str, *, now: datetime) -> OrderRow:
    """Return a row for an order of which only the id is known."""
    return OrderRow(
        account_id=seller.account_id,
        shop_id=seller.shop_id,
        platform=seller.platform,
        seller_key=seller.seller_key,
        order_id=order_id,
        intake=Intake.HELD,
        intake_since=now,
        remote_state=OrderState.UNKNOWN,
        platform_status="",
        fulfilment=Fulfilment.MERCHANT,
        currency="",
        total="0",
        placed_at=now,
        first_seen_at=now,
        read_at=now,
    )


def locked(session: Session, ledger_id: int) -> OrderRow:
    """Return a row for changing."""
    return session.exec(_BY_NUMBER, params={"ledger_id": ledger_id}).one()


def locked_all(session: Session, ledger_ids: Sequence[int]) -> list[OrderRow]:
    """Return rows for changing, by ledger number."""
    return list(
        session.exec(
            select(OrderRow).where(col(OrderRow.id).in_(ledger_ids)).order_by(col(OrderRow.id)).with_for_update()
        )
    )


def expire_payloads(session: Session, *, waiting_since: datetime, now: datetime, limit: int) -> int:
    """Delete the buyer's data of orders that stand unchanged since before that; returns of how many.

    They are read again when somebody retries them or the marketplace lists them. One whose creation was under way
    goes to a person: only a look into the shop shows what became of it.
    """
    rows = session.exec(
        select(OrderRow)
        .where(col(OrderRow.payload).is_not(None), OrderRow.intake_since < waiting_since)
        .order_by(col(OrderRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        if row.intake in (Intake.HELD, Intake.DUE, Intake.BLOCKED):
            state_changes.change_intake(session, row, Intake.BLOCKED, code="DATA_EXPIRED", by="purge", now=now)
            row.next_try_at = None
        elif row.intake == Intake.CREATING:
            state_changes.change_intake(session, row, Intake.NEEDS_PERSON, code="DATA_EXPIRED", by="purge", now=now)
        row.payload = None
    return len(rows)


def locked_by_ids(session: Session, account_id: str, order_ids: Sequence[str]) -> list[OrderRow]:
    """Return the rows of these marketplace order ids for changing, by ledger number."""
    return list(
        session.exec(
            select(OrderRow)
            .where(OrderRow.account_id == account_id, col(OrderRow.order_id).in_(order_ids))
            .order_by(col(OrderRow.id))
            .with_for_update()
        )
    )
