"""Questions about the orders of the ledger; none of them changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.intake import Decision, Intake
from app.domain.message import Params
from app.domain.order import Fulfilment, OrderState
from app.store import leases
from app.store.tables import OrderRow
from app.store.values import value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerOrder:
    """An order as the ledger held it when it was read; `payload` is our sealed copy of what the marketplace said."""

    id: int
    platform: str
    order_id: str
    intake: str
    code: str
    params: Params
    intake_since: datetime
    next_try_at: datetime | None
    found_by: str
    decision: str
    decision_code: str
    remote_state: str
    platform_status: str
    fulfilment: str
    sales_channel: str
    shipping_method: str
    currency: str
    total: str
    postcode: str = field(repr=False)
    placed_at: datetime
    updated_at: datetime | None
    accept_by: datetime | None
    ship_by: datetime | None
    first_seen_at: datetime
    read_at: datetime
    payload: bytes | None = field(repr=False)
    steps: Mapping[str, str]
    shop_ref: str | None
    imported_at: datetime | None
    imported_run: str | None


def real_time(session: Session) -> float:
    """Return real time in epoch seconds, as `sent_at` is kept in."""
    return leases.real_time(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which orders of an account a run may act on: all, some by id, those a catch-up found, some fulfilments."""

    account_id: str
    order_ids: Sequence[str] = ()
    found_by: Sequence[str] = ()
    fulfilments: Sequence[str] = ()

    def conditions(self) -> list[Any]:
        conditions: list[Any] = [OrderRow.account_id == self.account_id]
        if self.order_ids:
            conditions.append(col(OrderRow.order_id).in_(self.order_ids))
        if self.found_by:
            conditions.append(col(OrderRow.found_by).in_(self.found_by))
        if self.fulfilments:
            conditions.append(col(OrderRow.fulfilment).in_(self.fulfilments))
        return conditions


def page(session: Session, scope: Scope, *conditions: Any, after_id: int, limit: int) -> list[LedgerOrder]:
    """Return the orders of a scope for which the conditions hold and that follow a ledger number, by that number."""
    rows = session.exec(
        select(OrderRow)
        .where(*scope.conditions(), col(OrderRow.id) > after_id, *conditions)
        .order_by(col(OrderRow.id))
        .limit(limit)
    )
    return [value_of(row, LedgerOrder) for row in rows]


def orders_to_import(
    session: Session, scope: Scope, *, now: datetime, sent_before: float, after_id: int, limit: int
) -> list[LedgerOrder]:
    """Return the orders an import may act on now, by ledger number.

    These are due ones, blocked ones whose next try has come (or that were asked for by id), and those a former run left
    half way, unless a write of theirs is so young that its outcome may still show.
    """
    retry: Any = OrderRow.intake == Intake.BLOCKED
    if not scope.order_ids:
        retry = sa.and_(retry, col(OrderRow.next_try_at) <= now)
    settled = sa.or_(col(OrderRow.sent_at).is_(None), col(OrderRow.sent_at) <= sent_before)
    half_way = sa.and_(col(OrderRow.intake).in_([Intake.CREATING, Intake.CANCELLING]), settled)
    wanted = sa.or_(col(OrderRow.intake) == Intake.DUE, retry, half_way)
    return page(session, scope, wanted, after_id=after_id, limit=limit)


def orders_to_cancel(
    session: Session, scope: Scope, *, sent_before: float, after_id: int, limit: int
) -> list[LedgerOrder]:
    """Return the orders that have to leave the shop, by ledger number, but those with a write of unknown outcome."""
    settled = sa.or_(col(OrderRow.sent_at).is_(None), col(OrderRow.sent_at) <= sent_before)
    return page(session, scope, OrderRow.intake == Intake.CANCELLING, settled, after_id=after_id, limit=limit)


def orders_to_decide(session: Session, scope: Scope, *, after_id: int, limit: int) -> list[LedgerOrder]:
    """Return the orders that wait for our decision, by ledger number."""
    waits = (OrderRow.intake == Intake.HELD, OrderRow.remote_state == OrderState.TO_ACCEPT)
    return page(session, scope, *waits, OrderRow.decision == Decision.NONE, after_id=after_id, limit=limit)


def undecided_outcomes(session: Session, scope: Scope, *, sent_before: float, limit: int) -> list[str]:
    """Return the ids of orders whose decision was sent and never confirmed, oldest first."""
    return list(
        session.exec(
            select(OrderRow.order_id)
            .where(
                *scope.conditions(),
                OrderRow.decision == Decision.DECIDING,
                sa.or_(col(OrderRow.decision_sent_at).is_(None), col(OrderRow.decision_sent_at) <= sent_before),
            )
            .order_by(col(OrderRow.decision_sent_at))
            .limit(limit)
        )
    )


def open_orders(
    session: Session, scope: Scope, intakes: Sequence[Intake], *, after_id: int, limit: int
) -> list[LedgerOrder]:
    """Return the orders in these intake states, by ledger number."""
    return page(session, scope, col(OrderRow.intake).in_(intakes), after_id=after_id, limit=limit)


def listed(
    session: Session,
    scope: Scope,
    intakes: Sequence[Intake],
    *,
    to_accept: bool,
    placed_since: datetime,
    after_id: int,
    limit: int,
) -> list[LedgerOrder]:
    """Return orders for people to look at, by ledger number; `to_accept`: only those that wait for a decision."""
    conditions: list[Any] = [col(OrderRow.intake).in_(intakes), OrderRow.placed_at >= placed_since]
    if to_accept:
        conditions.append(OrderRow.remote_state == OrderState.TO_ACCEPT)
    return page(session, scope, *conditions, after_id=after_id, limit=limit)


def waiting_for_fulfilment(session: Session, account_id: str, *, read_before: datetime, limit: int) -> dict[str, int]:
    """Return ids and ledger numbers of orders that wait for the marketplace to ship them, longest unread first."""
    found = session.exec(
        select(OrderRow.order_id, OrderRow.id)
        .where(
            OrderRow.account_id == account_id,
            OrderRow.intake == Intake.HELD,
            OrderRow.fulfilment == Fulfilment.MARKETPLACE,
            OrderRow.read_at <= read_before,
        )
        .order_by(col(OrderRow.read_at), col(OrderRow.id))
        .limit(limit)
    )
    return dict(found.all())


def intake_counts(session: Session, account_id: str) -> dict[str, int]:
    """Return how many of an account's orders stand where."""
    rows = session.exec(
        select(OrderRow.intake, sa.func.count()).where(OrderRow.account_id == account_id).group_by(OrderRow.intake)
    )
    return {intake: int(number) for intake, number in rows}


def placed_by_fulfilment(session: Session, account_id: str, *, since: datetime) -> dict[str, int]:
    """Return how many of an account's orders were placed since then, by who ships them."""
    rows = session.exec(
        select(OrderRow.fulfilment, sa.func.count())
        .where(*_read_of(account_id), OrderRow.placed_at >= since)
        .group_by(OrderRow.fulfilment)
    )
    return {fulfilment: int(number) for fulfilment, number in rows}


def first_placed_at(session: Session, account_id: str) -> datetime | None:
    """Return when the oldest order that was read of an account was placed."""
    return session.exec(select(sa.func.min(OrderRow.placed_at)).where(*_read_of(account_id))).one()


def _read_of(account_id: str) -> tuple[Any, ...]:
    """Return the conditions for orders of which more than the id is known."""
    return (OrderRow.account_id == account_id, OrderRow.platform_status != "")


def last_import_at(session: Session, account_id: str) -> datetime | None:
    """Return when an order of this account last entered the shop."""
    return session.exec(
        select(OrderRow.imported_at)
        .where(OrderRow.account_id == account_id, col(OrderRow.imported_at).is_not(None))
        .order_by(col(OrderRow.imported_at).desc())
        .limit(1)
    ).first()


def orders_by_ids(session: Session, account_id: str, order_ids: Sequence[str]) -> list[LedgerOrder]:
    """Return the rows of these marketplace order ids, by ledger number."""
    rows = session.exec(
        select(OrderRow)
        .where(OrderRow.account_id == account_id, col(OrderRow.order_id).in_(order_ids))
        .order_by(col(OrderRow.id))
    )
    return [value_of(row, LedgerOrder) for row in rows]


def ids_of_other_accounts(session: Session, account_id: str, platform: str, order_ids: Sequence[str]) -> set[str]:
    """Return those of the order ids that the ledger holds for another account of the platform, and not for this one."""
    found = session.exec(
        select(OrderRow.order_id, OrderRow.account_id).where(
            OrderRow.platform == platform, col(OrderRow.order_id).in_(order_ids)
        )
    ).all()
    mine = {order_id for order_id, owner in found if owner == account_id}
    return {order_id for order_id, owner in found if owner != account_id} - mine
