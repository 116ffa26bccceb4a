"""Pieces promised to orders that are not in the shop yet, over all accounts of a shop."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.intake import RESERVING
from app.domain.order import Fulfilment
from app.store.tables import AccountRow, OrderLineRow, OrderRow


def promised(
    session: Session, shop_id: str, skus: Sequence[str], *, below_id: int | None, imported_since: datetime
) -> dict[str, int]:
    """Return the pieces by SKU that orders with a lower ledger number wait for; None: all that wait.

    Orders imported after the stock was read count too: the stock that was read still held their pieces.
    """
    waiting: sa.ColumnElement[bool] = col(OrderRow.intake).in_(RESERVING)
    if below_id is not None:
        waiting = sa.and_(waiting, col(OrderRow.id) < below_id)
    rows = session.exec(
        select(OrderLineRow.sku, sa.func.sum(OrderLineRow.quantity_open))
        .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.ledger_id))
        .join(AccountRow, col(AccountRow.id) == col(OrderRow.account_id))
        .where(
            col(AccountRow.removed_at).is_(None),
            OrderRow.shop_id == shop_id,
            OrderRow.fulfilment == Fulfilment.MERCHANT,
            col(OrderLineRow.sku).in_(skus),
            sa.or_(waiting, col(OrderRow.imported_at) > imported_since),
        )
        .group_by(OrderLineRow.sku)
    )
    return {sku: int(pieces) for sku, pieces in rows}
