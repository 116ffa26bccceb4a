"""What a person says about orders: ignore this one, it is handled, try it again, it is in the shop already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.intake import Intake
from app.store import ledger, state_changes
from app.store.ledger import Seller
from app.store.tables import OrderLineRow, OrderRow

_OPEN = (Intake.HELD, Intake.DUE, Intake.NEEDS_PERSON, Intake.BLOCKED)
_MAY_IGNORE = frozenset({*_OPEN, Intake.LISTED_ONLY, Intake.BEFORE_START})
_MAY_HANDLE = frozenset({*_MAY_IGNORE, Intake.CONFLICT, Intake.CANCELLING})
_MAY_RETRY = frozenset({Intake.BLOCKED, Intake.BEFORE_START, Intake.LISTED_ONLY, Intake.IGNORED, Intake.NEEDS_PERSON})

# What another product behind the SKU settles.
_OF_A_SKU = ("SKU_UNKNOWN", "SKU_AMBIGUOUS", "PRODUCT_INACTIVE")
MOVED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """Which orders followed a person's word, and why the others did not (by order id: their state, or `unknown`)."""

    order_ids: list[str]
    refused: dict[str, str]


def ignore(session: Session, account_id: str, order_ids: Sequence[str], *, now: datetime) -> Moved:
    """Never import these orders."""
    return _move(session, account_id, order_ids, Intake.IGNORED, _MAY_IGNORE, now=now)


def handle(session: Session, account_id: str, order_ids: Sequence[str], *, now: datetime) -> Moved:
    """Leave these orders alone: a person created them in the shop."""
    return _move(session, account_id, order_ids, Intake.HANDLED, _MAY_HANDLE, now=now)


def retry(session: Session, account_id: str, order_ids: Sequence[str], *, now: datetime) -> Moved:
    """Let the next import try these orders again.

    One whose creation was under way goes back to `creating`, so that it is looked for in the shop first.
    """
    rows = {row.order_id: row for row in ledger.locked_by_ids(session, account_id, order_ids)}
    half_way = [order_id for order_id, row in rows.items() if row.intake == Intake.NEEDS_PERSON]
    first = _move(session, account_id, half_way, Intake.CREATING, _MAY_RETRY, now=now)
    rest = [order_id for order_id in order_ids if order_id not in set(half_way)]
    second = _move(session, account_id, rest, Intake.DUE, _MAY_RETRY, now=now)
    return Moved(first.order_ids + second.order_ids, first.refused | second.refused)


def retry_sku(session: Session, account_id: str, sku: str, *, now: datetime) -> list[str]:
    """Let the next import try the orders again that this SKU may keep out of the shop; returns their ids."""
    kept_out = session.exec(
        select(OrderRow.order_id)
        .join(OrderLineRow, col(OrderLineRow.ledger_id) == col(OrderRow.id))
        .where(
            OrderRow.account_id == account_id,
            OrderRow.intake == Intake.BLOCKED,
            col(OrderRow.code).in_(_OF_A_SKU),
            OrderLineRow.sku == sku,
        )
        .distinct()
        .order_by(col(OrderRow.order_id))
    ).all()
    moved: list[str] = []
    for start in range(0, len(kept_out), MOVED_AT_ONCE):
        part = kept_out[start : start + MOVED_AT_ONCE]
        moved += _move(session, account_id, part, Intake.DUE, frozenset({Intake.BLOCKED}), now=now).order_ids
    return moved


def _move(
    session: Session,
    account_id: str,
    order_ids: Sequence[str],
    intake: Intake,
    allowed: frozenset[Intake],
    *,
    now: datetime,
) -> Moved:
    known = {row.order_id: row for row in ledger.locked_by_ids(session, account_id, order_ids)}
    moved: list[str] = []
    refused: dict[str, str] = {}
    for order_id in dict.fromkeys(order_ids):
        row = known.get(order_id)
        if row is None:
            refused[order_id] = "unknown"
        elif row.intake == intake:
            moved.append(order_id)
        elif row.intake in allowed:
            state_changes.change_intake(session, row, intake, by="desk", now=now)
            moved.append(order_id)
        else:
            refused[order_id] = row.intake
    return Moved(moved, refused)


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many orders were taken over as handled, and which are in our own shop's hands already."""

    adopted: int
    already_ours: list[str]


def adopt(session: Session, seller: Seller, refs: Mapping[str, str | None], *, now: datetime) -> Adopted:
    """Mark orders as being in the shop already (by marketplace order id: the shop's own reference, or None).

    Orders that were never seen get a row, so that a later poll finds them handled.
    """
    known = {
        row.order_id: row
        for row in session.exec(
            select(OrderRow)
            .where(
                OrderRow.platform == seller.platform,
                OrderRow.seller_key == seller.seller_key,
                col(OrderRow.order_id).in_(list(refs)),
            )
            .order_by(col(OrderRow.id))
            .with_for_update()
        )
    }
    already_ours: list[str] = []
    adopted = 0
    for order_id, ref in refs.items():
        row = known.get(order_id)
        if row is not None and row.intake not in _MAY_HANDLE and row.intake != Intake.HANDLED:
            already_ours.append(order_id)
            continue
        if row is None:
            row = ledger.unseen_row(seller, order_id, now=now)
            session.add(row)
            session.flush()
        if row.intake != Intake.HANDLED or row.version == 1:
            state_changes.change_intake(session, row, Intake.HANDLED, by="adopted", now=now)
        row.shop_ref = ref or row.shop_ref
        adopted += 1
    return Adopted(adopted, already_ours)
