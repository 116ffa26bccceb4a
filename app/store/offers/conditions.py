"""When an offer differs from what the shop wants, as SQL."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.domain.offer import OfferKind
from app.domain.order import Fulfilment
from app.store.tables import OfferRow


def receipt_of(kind: OfferKind) -> Any:
    """The batch under way that holds the offer."""
    return col(OfferRow.stock_receipt if kind is OfferKind.STOCK else OfferRow.price_receipt)


def shown(kind: OfferKind) -> Any:
    """What the marketplace shows, or will show once the batch under way is through."""
    return sa.case((receipt_of(kind).is_not(None), _sent(kind)), else_=_known(kind))


def unsure(kind: OfferKind) -> Any:
    """Whether a batch was sent whose result nobody will know: the marketplace may show the old or the new.

    Or what an earlier one of that kind sent: that the last one sent what is known proves nothing.
    """
    return sa.and_(receipt_of(kind).is_(None), _sent(kind).is_not(None))


def sendable(kind: OfferKind) -> Any:
    """Whether the shop wants anything that may be sent."""
    if kind is OfferKind.STOCK:
        # A marketplace-fulfilled offer that is given a quantity turns into one of the merchant's.
        return sa.and_(col(OfferRow.wanted_quantity).is_not(None), col(OfferRow.fulfilment) == Fulfilment.MERCHANT)
    return col(OfferRow.wanted_price).is_not(None)


def changed(kind: OfferKind) -> Any:
    """A wanted value that the marketplace may not show, and that it did not refuse before."""
    if kind is OfferKind.STOCK:
        wanted: Any = col(OfferRow.wanted_quantity)
        refused: Any = col(OfferRow.refused_stock)
        again = sa.or_(refused.is_(None), refused != sa.cast(wanted, sa.String))
    else:
        wanted, refused = col(OfferRow.wanted_price), col(OfferRow.refused_price)
        again = sa.or_(refused.is_(None), refused != wanted)
    return sa.and_(sendable(kind), sa.or_(wanted != shown(kind), unsure(kind)), again)


def _sent(kind: OfferKind) -> Any:
    return col(OfferRow.sent_quantity if kind is OfferKind.STOCK else OfferRow.sent_price)


def _known(kind: OfferKind) -> Any:
    return col(OfferRow.known_quantity if kind is OfferKind.STOCK else OfferRow.known_price)
