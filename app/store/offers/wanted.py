"""What the shop wants of the SKUs that the marketplace shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.guards import PRICE_MOVE, Figures
from app.domain.money import CENT
from app.domain.offer import OfferKind
from app.domain.order import Fulfilment
from app.store.engine import change
from app.store.offers.conditions import changed
from app.store.tables import OfferRow

MOST_SKUS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the shop wants of one SKU; None leaves it as it is."""

    sku: str
    quantity: int | None
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Rest:
    """How many SKUs the shop has no more: those still on sale at the marketplace, and the others."""

    changed: int
    unchanged: int


def want(session: Session, account_id: str, wanted: Sequence[Wanted], *, run_id: str) -> None:
    """Keep what the shop wants of listed SKUs."""
    if not wanted:
        return
    session.execute(
        # With a condition of its own it forgives a SKU that a listing forgot meanwhile.
        sa.update(OfferRow).where(col(OfferRow.account_id) == account_id),
        [
            {
                "account_id": account_id,
                "sku": each.sku,
                "wanted_quantity": each.quantity,
                "wanted_price": str(each.price.quantize(CENT)) if each.price is not None else None,
                "walked_by": run_id,
            }
            for each in sorted(wanted, key=lambda each: each.sku)
        ],
        execution_options={"synchronize_session": None},
    )


def leave_alone(session: Session, account_id: str, skus: Sequence[str]) -> None:
    """Want nothing of these SKUs, also once the shop has them no more."""
    for start in range(0, len(skus), MOST_SKUS):
        session.execute(
            sa.update(OfferRow)
            .where(
                col(OfferRow.account_id) == account_id,
                col(OfferRow.sku).in_(skus[start : start + MOST_SKUS]),
                col(OfferRow.walked_by) != "",
            )
            .values(wanted_quantity=None, wanted_price=None, walked_by="")
        )


def want_nothing_of_the_rest(session: Session, account_id: str, *, run_id: str, stock: bool) -> Rest:
    """Take SKUs off sale that the shop had at an earlier walk and has no more; others' SKUs are left alone.

    Without `stock` they keep the quantity they have.
    """
    rest = [
        col(OfferRow.account_id) == account_id,
        col(OfferRow.walked_by) != "",
        col(OfferRow.walked_by) != run_id,
    ]
    wanted = {"wanted_quantity": 0 if stock else None, "wanted_price": None}
    session.execute(sa.update(OfferRow).where(*rest).values(**wanted))
    still = session.scalar(sa.select(sa.func.count()).select_from(OfferRow).where(*rest, changed(OfferKind.STOCK))) or 0
    everything = change(session, sa.update(OfferRow).where(*rest).values(walked_by=run_id))
    return Rest(int(still), everything - int(still))


def on_sale_before(session: Session, account_id: str, *, after_sku: str, limit: int) -> list[str]:
    """Return the SKUs that the shop had at an earlier walk, by SKU."""
    return list(
        session.exec(
            select(OfferRow.sku)
            .where(OfferRow.account_id == account_id, col(OfferRow.walked_by) != "", col(OfferRow.sku) > after_sku)
            .order_by(col(OfferRow.sku))
            .limit(limit)
        )
    )


def on_sale_count(session: Session, account_id: str) -> int:
    """Return how many offers of ours are on sale at the marketplace."""
    return _count(
        session, account_id, col(OfferRow.fulfilment) == Fulfilment.MERCHANT, col(OfferRow.known_quantity) > 0
    )


def figures(session: Session, account_id: str, *, kinds: Iterable[OfferKind]) -> Figures:
    """Return what sending the changes of these kinds would do."""
    kinds = set(kinds)
    stock, price = OfferKind.STOCK in kinds, OfferKind.PRICE in kinds
    new, old = (sa.cast(col(amount), sa.Float) for amount in (OfferRow.wanted_price, OfferRow.known_price))
    new_stock, new_price = changed(OfferKind.STOCK), changed(OfferKind.PRICE)
    to_zero = sa.and_(new_stock, col(OfferRow.wanted_quantity) == 0, col(OfferRow.known_quantity) > 0)
    moves = sa.and_(new_price, old > 0, sa.func.abs(new - old) > old * PRICE_MOVE)
    return Figures(
        listed=_count(session, account_id),
        live=on_sale_count(session, account_id),
        stock_changes=_count(session, account_id, new_stock) if stock else 0,
        to_zero=_count(session, account_id, to_zero) if stock else 0,
        priced=_count(session, account_id, col(OfferRow.wanted_price).is_not(None)) if price else 0,
        price_changes=_count(session, account_id, new_price) if price else 0,
        price_not_positive=_count(session, account_id, new_price, new <= 0) if price else 0,
        price_moves=_count(session, account_id, moves) if price else 0,
    )


def _count(session: Session, account_id: str, *conditions: Any) -> int:
    counted = sa.select(sa.func.count()).select_from(OfferRow).where(col(OfferRow.account_id) == account_id)
    return int(session.scalar(counted.where(*conditions)) or 0)
