"""The tables. `table=True` validates nothing: whoever writes a row has validated it."""

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.store.tables.accounts import AccountRow, Canary, ShopRow
from app.store.tables.embedded import (
    EmbeddedCustomerRow,
    EmbeddedOrderLineRow,
    EmbeddedOrderRow,
    EmbeddedProductRow,
    EmbeddedShipmentRow,
)
from app.store.tables.ledger import HistoryRow, OrderLineRow, OrderRow, ParcelRow
from app.store.tables.offers import OfferRow, ReceiptRow
from app.store.tables.quotas import AccessTokenRow, Quota, ReferenceCacheRow
from app.store.tables.runs import CursorRow, LeaseRow, PassRow, RunItemRow, RunRow

metadata = SQLModel.metadata


def table_of(row: type[SQLModel]) -> sa.Table:
    """Return the table behind a class of rows, for statements that need no objects."""
    return metadata.tables[str(row.__tablename__)]


__all__ = [
    "AccessTokenRow",
    "AccountRow",
    "Canary",
    "CursorRow",
    "EmbeddedCustomerRow",
    "EmbeddedOrderLineRow",
    "EmbeddedOrderRow",
    "EmbeddedProductRow",
    "EmbeddedShipmentRow",
    "HistoryRow",
    "LeaseRow",
    "OfferRow",
    "OrderLineRow",
    "OrderRow",
    "ParcelRow",
    "PassRow",
    "Quota",
    "ReceiptRow",
    "ReferenceCacheRow",
    "RunItemRow",
    "RunRow",
    "ShopRow",
    "metadata",
    "table_of",
]
