"""When a sale is undone, nobody says whether the marketplace gave the units back to its offer: it is sent again."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.store.engine import change
from app.store.tables import OfferRow, OrderLineRow


def doubt_stock(session: Session, account_id: str, *, ledger_id: int) -> int:
    """Keep that the stock shown for the SKUs of an order is not known any more; returns how many offers that are."""
    skus = select(OrderLineRow.sku).where(OrderLineRow.ledger_id == ledger_id)
    return change(
        session,
        sa.update(OfferRow)
        .where(
            col(OfferRow.account_id) == account_id,
            col(OfferRow.sku).in_(skus),
            col(OfferRow.stock_receipt).is_(None),
            col(OfferRow.sent_quantity).is_(None),
        )
        .values(sent_quantity=col(OfferRow.known_quantity)),
    )
