"""The tables. `table=True` validates nothing: whoever writes a row has validated it."""

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
from app.store.tables.quotas import Quota, ReferenceCacheRow
from app.store.tables.runs import CursorRow, LeaseRow, PassRow, RunItemRow, RunRow

metadata = SQLModel.metadata

__all__ = [
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
]
