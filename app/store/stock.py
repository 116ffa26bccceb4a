"""Pieces promised to orders that are not in the shop yet, over all accounts of a shop."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.intake import RESERVING
from app.domain.order import Fulfilment
from app.domain.shop_mapping import ShopMapping, shop_mapping_of
from app.store.tables import AccountRow, OrderLineRow, OrderRow

# SQLite takes at most 32,766 parameters in one statement.
MOST_SKUS = 10_000

# What a product is ordered by: the account's id and the SKU that it has there.
Name: TypeAlias = tuple[str, str]


def mappings(session: Session, shop_id: str) -> dict[str, ShopMapping]:
    """Return how each account of a shop uses it, by the account's id."""
    rows = session.exec(
        select(AccountRow.id, AccountRow.settings).where(
            AccountRow.shop_id == shop_id, col(AccountRow.removed_at).is_(None)
        )
    )
    return {account_id: shop_mapping_of(settings) for account_id, settings in rows}


def promised(
    session: Session,
    shop_id: str,
    names: Mapping[str, Collection[Name]],
    *,
    below_id: int | None,
    imported_since: datetime,
) -> dict[str, int]:
    """Return the units that orders with a lower ledger number wait for; None: all that wait.

    `names` holds for each product, under a key of the caller's, every name it is ordered by; the units come under the
    same keys. Orders imported after the stock was read count too: the stock that was read still held their units.
    """
    waiting: sa.ColumnElement[bool] = col(OrderRow.intake).in_(RESERVING)
    if below_id is not None:
        waiting = sa.and_(waiting, col(OrderRow.id) < below_id)
    ordered: Counter[Name] = Counter()
    skus = sorted({sku for each in names.values() for _, sku in each})
    for start in range(0, len(skus), MOST_SKUS):
        rows = session.exec(
            select(OrderRow.account_id, OrderLineRow.sku, sa.func.sum(OrderLineRow.quantity_open))
            .join(OrderLineRow, col(OrderRow.id) == col(OrderLineRow.ledger_id))
            .join(AccountRow, col(AccountRow.id) == col(OrderRow.account_id))
            .where(
                col(AccountRow.removed_at).is_(None),
                OrderRow.shop_id == shop_id,
                OrderRow.fulfilment == Fulfilment.MERCHANT,
                col(OrderLineRow.sku).in_(skus[start : start + MOST_SKUS]),
                sa.or_(waiting, col(OrderRow.imported_at) > imported_since),
            )
            .group_by(col(OrderRow.account_id), col(OrderLineRow.sku))
        )
        ordered.update({(account_id, sku): int(units) for account_id, sku, units in rows})
    return {key: sum(ordered[name] for name in set(each)) for key, each in names.items()}
