"""Orders as a marketplace tells of them, and this side's book, for the tests of the ledger and the tasks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from app.domain.intake import Intake, Policy
from app.domain.order import Fulfilment, Line, Missing, Order, OrderState, Unreadable
from app.store import ledger, state_changes
from app.store.accounts import StoredAccount
from app.store.engine import Store
from app.store.ledger import RunLedger, Seller
from app.store.orders import LedgerOrder
from app.store.tables import HistoryRow, OrderLineRow, OrderRow
from app.tasks import orders_import
from tests.runs.builders import CIPHER, SELLER, a_run
from tests.shops.builders import NOW, a_line, an_order
from tests.support.aio import run

UPDATED = NOW - timedelta(minutes=30)
PLATFORM_STATUSES = {
    OrderState.PENDING: "WAITING_DEBIT",
    OrderState.TO_ACCEPT: "WAITING_ACCEPTANCE",
    OrderState.ACCEPTED: "WAITING_DEBIT_PAYMENT",
    OrderState.TO_SHIP: "SHIPPING",
    OrderState.PARTIALLY_SHIPPED: "SHIPPING",
    OrderState.SHIPPED: "SHIPPED",
    OrderState.CLOSED: "CLOSED",
    OrderState.CANCELLED: "CANCELED",
    OrderState.REFUSED: "REFUSED",
    OrderState.UNKNOWN: "STAGING_2",
}


def a_sale(
    order_id: str = "MKP-1",
    *lines: Line,
    state: OrderState = OrderState.TO_SHIP,
    minutes: int = 0,
    fulfilment: Fulfilment = Fulfilment.MERCHANT,
    **changes: Any,
) -> Order:
    """An order as the marketplace shows it, last changed so many minutes after the others; one lamp by default."""
    order = an_order(*(lines or (a_line(),)), order_id=order_id)
    return replace(
        order,
        state=state,
        platform_status=PLATFORM_STATUSES[state],
        fulfilment=fulfilment,
        updated_at=UPDATED + timedelta(minutes=minutes),
        **changes,
    )


def a_run_ledger(account: StoredAccount, *, run_id: str = "", wait_s: float = 60.0, **policy: Any) -> RunLedger:
    """The side of the ledger that an import of this account writes."""
    start = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    return RunLedger(
        seller=Seller(
            account_id=account.id,
            shop_id=account.shop_id,
            platform=account.platform,
            seller_key=account.seller_key or SELLER,
        ),
        policy=Policy(**{"start_from": start, **policy}),
        cipher=CIPHER,
        run_id=run_id or a_run(account).id,
        outcome=orders_import.outcome,
        unknown_outcome_wait_s=wait_s,
    )


def heard(
    store: Store,
    run_ledger: RunLedger,
    *items: Order | Unreadable | Missing,
    found_by: str = "live",
    now: datetime = NOW,
) -> list[LedgerOrder]:
    """Take what the marketplace said into the ledger."""
    return run(store.write(ledger.absorb, run_ledger, items, found_by=found_by, now=now))


def put(store: Store, order_id: str, intake: Intake, *, now: datetime = NOW, **columns: Any) -> OrderRow:
    """Put an order of the ledger into a state, as what led there is told elsewhere."""

    def question(session: Session) -> OrderRow:
        row = session.exec(select(OrderRow).where(OrderRow.order_id == order_id)).one()
        code = columns.pop("code", "")
        state_changes.change_intake(session, row, intake, by="test", now=now, code=code)
        for name, value in columns.items():
            setattr(row, name, value)
        session.flush()
        return row

    return run(store.write(question))


def entry(store: Store, order_id: str = "MKP-1") -> OrderRow:
    """Return an order's row of the ledger."""

    def question(session: Session) -> OrderRow:
        return session.exec(select(OrderRow).where(OrderRow.order_id == order_id)).one()

    return run(store.read(question))


def entries(store: Store) -> Sequence[OrderRow]:
    def question(session: Session) -> Sequence[OrderRow]:
        return session.exec(select(OrderRow).order_by(OrderRow.id)).all()  # type: ignore[arg-type]

    return run(store.read(question))


def lines_of(store: Store, order_id: str = "MKP-1") -> dict[str, int]:
    """Return the open units of an order by SKU, as the ledger holds them."""

    def question(session: Session) -> dict[str, int]:
        rows = session.exec(
            select(OrderLineRow).join(OrderRow).where(OrderRow.order_id == order_id).order_by(OrderLineRow.line_id)
        )
        return {row.sku: row.quantity_open for row in rows}

    return run(store.read(question))


def past(store: Store, order_id: str = "MKP-1", *, machine: str = "intake") -> list[str]:
    """Return the states an order went through, oldest first."""
    return [change.after for change in history(store, order_id) if change.machine == machine]


def history(store: Store, order_id: str = "MKP-1") -> Sequence[HistoryRow]:
    """Return everything that ever happened to an order, oldest first."""

    def question(session: Session) -> Sequence[HistoryRow]:
        of_order = select(HistoryRow).join(OrderRow).where(OrderRow.order_id == order_id)
        return session.exec(of_order.order_by(HistoryRow.id)).all()  # type: ignore[arg-type]

    return run(store.read(question))
