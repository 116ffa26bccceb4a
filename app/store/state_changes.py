"""The small machines of an order: every change is kept in its history."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from app.domain.intake import GONE, IN_SHOP, RESERVING, Decision, Intake
from app.domain.message import Params
from app.store.offers.doubts import doubt_stock
from app.store.tables import HistoryRow, OrderRow, table_of

# The intake states in which our copy of the order, with the buyer's data, is still needed.
KEEPS_PAYLOAD = RESERVING
_ADD_HISTORY = sa.insert(table_of(HistoryRow)).inline()


def change_intake(
    session: Session,
    row: OrderRow,
    intake: Intake,
    *,
    by: str,
    now: datetime,
    code: str = "",
    params: Params | None = None,
) -> None:
    """Move an order on in the intake machine and keep the history."""
    if intake in GONE and row.intake not in GONE:
        doubt_stock(session, row.account_id, ledger_id=row.id)
    record(session, row, "intake", row.intake, intake, code=code, by=by, now=now)
    if (row.intake, row.code) != (intake, code):
        row.intake_since = now
    row.intake, row.code, row.params = intake, code, dict(params or {})
    row.version += 1
    if intake is not Intake.BLOCKED:
        row.next_try_at = None
    if intake not in KEEPS_PAYLOAD:
        row.payload = None
    if intake in IN_SHOP or intake in (Intake.CANCELLED, Intake.REFUSED):
        row.tries = 0


def change_decision(
    session: Session, row: OrderRow, decision: Decision, *, by: str, now: datetime, code: str = ""
) -> None:
    """Move an order on in the acceptance machine and keep the history."""
    if decision is Decision.PARTLY and row.decision != decision:
        # Refusing a line may set its offer to nothing.
        doubt_stock(session, row.account_id, ledger_id=row.id)
    record(session, row, "decision", row.decision, decision, code=code, by=by, now=now)
    row.decision, row.decision_code = decision, code
    row.version += 1


def record(
    session: Session, row: OrderRow, machine: str, before: str, after: str, *, code: str, by: str, now: datetime
) -> None:
    """Add a change to an order's history."""
    values = {"ledger_id": row.id, "at": now, "machine": machine, "before": before, "after": after, "code": code}
    # Past the session, which would write the row itself first, and again once it has changed to its end.
    session.connection().execute(_ADD_HISTORY, values | {"by": by})
