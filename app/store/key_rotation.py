"""A changed SECRET_KEY: what the old key encrypted is encrypted again, so that the old key can be forgotten."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.keys import Cipher
from app.store.tables import AccountRow, EmbeddedCustomerRow, EmbeddedOrderRow, OrderRow, ShopRow

AT_ONCE = 500
_SEALED: tuple[tuple[Any, Any], ...] = (
    (AccountRow.id, AccountRow.config),
    (ShopRow.id, ShopRow.config),
    (EmbeddedCustomerRow.id, EmbeddedCustomerRow.person),
    (EmbeddedOrderRow.id, EmbeddedOrderRow.addresses),
    (OrderRow.id, OrderRow.payload),
)


def reseal(session: Session, cipher: Cipher) -> None:
    """Encrypt every secret with the cipher's first key; raises UnreadableSecret when one fits none of its keys."""
    for key, column in _SEALED:
        last: Any = None
        while rows := session.execute(_portion(key, column, last)).all():
            for row_id, sealed in rows:
                session.execute(sa.update(key.class_).where(key == row_id).values({column: cipher.reseal(sealed)}))
            last = rows[-1][0]


def _portion(key: Any, column: Any, last: Any) -> Any:
    query = sa.select(col(key), col(column)).where(col(column).is_not(None)).order_by(col(key)).limit(AT_ONCE)
    return query if last is None else query.where(col(key) > last)
