"""The lines of the ledger's orders, written for a page of orders at once: an import reads thousands."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from app.domain.order import Order
from app.store.tables import OrderLineRow, OrderRow, table_of

_LINES = table_of(OrderLineRow)
_ADD_LINES = sa.insert(_LINES)


def write_lines(session: Session, orders: Sequence[tuple[OrderRow, Order]], *, rewritten: Sequence[int]) -> None:
    """Write the lines of some orders, in place of those that the rewritten ones had."""
    if rewritten:
        session.execute(sa.delete(_LINES).where(_LINES.c.ledger_id.in_(rewritten)))
    values = [
        {
            "ledger_id": row.id,
            "line_id": line.id,
            "unit_ids": list(line.unit_ids),
            "sku": line.sku,
            "quantity": line.quantity,
            "quantity_open": line.quantity_open,
        }
        for row, order in orders
        for line in order.lines
    ]
    if values:
        session.execute(_ADD_LINES, values)
