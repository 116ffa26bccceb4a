"""Batches: written down before they are sent, asked about until their results are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.message import Param
from app.domain.offer import Offer, OfferKind
from app.store.engine import change
from app.store.offers.conditions import changed, receipt_of, sendable
from app.store.tables import OfferRow, ReceiptRow
from app.store.values import value_of

MARKED_AT_ONCE = 5_000


class ReceiptState(StrEnum):
    """`sending` was written down and maybe sent; `open` waits for its results; `done` has them; `lost` never will."""

    SENDING = "sending"
    OPEN = "open"
    DONE = "done"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Batch:
    """Offers that were written down together and are about to be sent."""

    receipt_id: int
    offers: list[Offer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A batch that was written down; `remote_id` is what the marketplace is asked for its results by."""

    id: int
    kind: str
    remote_id: str | None
    lines: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOffer:
    """An offer that the marketplace refuses as the shop wants it; `refused_params` say why, for OFFER_REFUSED."""

    sku: str
    refused_params: Mapping[str, Param]


def begin_batch(
    session: Session,
    account_id: str,
    kind: OfferKind,
    *,
    run_id: str,
    everything: bool,
    sold_out: bool,
    after_sku: str,
    limit: int,
    now: datetime,
) -> Batch | None:
    """Write down the next batch to send, or return None; `sold_out` takes the ones whose stock is 0, else the others.

    A SKU in an open batch has to wait for its result, unless its stock is gone: that is sent at once.
    """
    stock = kind is OfferKind.STOCK
    free: Any = receipt_of(kind).is_(None)
    conditions = [col(OfferRow.account_id) == account_id, col(OfferRow.sku) > after_sku]
    conditions.append(sendable(kind) if everything else changed(kind))
    if stock:
        conditions.append(col(OfferRow.wanted_quantity) == 0 if sold_out else col(OfferRow.wanted_quantity) > 0)
        if sold_out:
            free = sa.or_(free, col(OfferRow.sent_quantity) != 0)
    rows = session.execute(
        sa.select(
            col(OfferRow.sku), col(OfferRow.wanted_quantity), col(OfferRow.wanted_price), col(OfferRow.other_prices)
        )
        .where(*conditions, free)
        .order_by(col(OfferRow.sku))
        .limit(limit)
        # What is marked below must be what is sent.
        .with_for_update()
    ).all()
    if not rows:
        return None
    receipt = ReceiptRow(
        account_id=account_id, kind=kind, state=ReceiptState.SENDING, lines=len(rows), run_id=run_id, created_at=now
    )
    session.add(receipt)
    session.flush()
    receipt_id = receipt.id
    marks: dict[str, Any] = (
        {"stock_receipt": receipt_id, "sent_quantity": col(OfferRow.wanted_quantity)}
        if stock
        else {"price_receipt": receipt_id, "sent_price": col(OfferRow.wanted_price)}
    )
    skus = [row.sku for row in rows]
    # A statement for thousands: a row of parameters for each of 50,000 offers would take 100 MB.
    for start in range(0, len(skus), MARKED_AT_ONCE):
        session.execute(
            sa.update(OfferRow)
            .where(col(OfferRow.account_id) == account_id, col(OfferRow.sku).in_(skus[start : start + MARKED_AT_ONCE]))
            .values(marks),
            execution_options={"synchronize_session": None},
        )
    offers = [
        Offer(sku=sku, quantity=quantity) if stock else Offer(sku=sku, price=Decimal(price), other_prices=other_prices)
        for sku, quantity, price, other_prices in rows
    ]
    return Batch(receipt_id, offers)


def settle_submitted(session: Session, receipt_id: int, *, remote_id: str | None, refused: Mapping[str, Param]) -> None:
    """Keep that a batch was taken: with a receipt to ask about, or with its results at once."""
    receipt = session.get_one(ReceiptRow, receipt_id)
    receipt.remote_id = remote_id
    receipt.lines -= len(refused)
    _keep_refusals(session, receipt, refused)
    if remote_id is None:
        _keep_accepted(session, receipt)
        receipt.state = ReceiptState.DONE
    else:
        receipt.state = ReceiptState.OPEN


def settle_results(session: Session, receipt_id: int, *, refused: Mapping[str, Param]) -> int:
    """Keep a batch's results; returns how many SKUs were accepted."""
    receipt = session.get_one(ReceiptRow, receipt_id)
    _keep_refusals(session, receipt, refused)
    receipt.state = ReceiptState.DONE
    return _keep_accepted(session, receipt)


def give_up(session: Session, receipt_id: int) -> None:
    """Let go of a batch whose results nobody will ever know: all of it is sent again, the newest value wins."""
    receipt = session.get_one(ReceiptRow, receipt_id)
    receipt.state = ReceiptState.LOST
    column = receipt_of(OfferKind(receipt.kind))
    session.execute(
        sa.update(OfferRow)
        .where(col(OfferRow.account_id) == receipt.account_id, column == receipt_id)
        .values({column.key: None})
    )


def receipts(session: Session, account_id: str, *, state: ReceiptState) -> list[Receipt]:
    """Return an account's batches in a state, oldest first."""
    rows = session.exec(
        select(ReceiptRow)
        .where(ReceiptRow.account_id == account_id, ReceiptRow.state == state)
        .order_by(col(ReceiptRow.id))
    )
    return [value_of(row, Receipt) for row in rows]


def refused_offers(session: Session, account_id: str, *, after_sku: str, limit: int) -> list[RefusedOffer]:
    """Return the offers that the marketplace refuses as the shop wants them, by SKU."""
    rows = session.exec(
        select(OfferRow)
        .where(
            OfferRow.account_id == account_id,
            col(OfferRow.sku) > after_sku,
            sa.or_(
                col(OfferRow.refused_stock) == sa.cast(col(OfferRow.wanted_quantity), sa.String),
                col(OfferRow.refused_price) == col(OfferRow.wanted_price),
            ),
        )
        .order_by(col(OfferRow.sku))
        .limit(limit)
    )
    return [value_of(row, RefusedOffer) for row in rows]


def pending_count(session: Session, account_id: str) -> int:
    """Return how many values wait for the marketplace's answer."""
    counted = sa.select(sa.func.count(col(OfferRow.stock_receipt)) + sa.func.count(col(OfferRow.price_receipt))).where(
        col(OfferRow.account_id) == account_id
    )
    return int(session.scalar(counted) or 0)


def _keep_refusals(session: Session, receipt: ReceiptRow, refused: Mapping[str, Param]) -> None:
    stock = receipt.kind == OfferKind.STOCK
    for sku, reason in refused.items():
        row = session.get(OfferRow, (receipt.account_id, sku))
        if row is None:
            continue
        if stock and row.stock_receipt == receipt.id:
            row.refused_stock, row.refused_params = str(row.sent_quantity), {"detail": reason}
            row.stock_receipt, row.sent_quantity = None, None
        elif not stock and row.price_receipt == receipt.id:
            row.refused_price, row.refused_params = row.sent_price, {"detail": reason}
            row.price_receipt, row.sent_price = None, None
    session.flush()


def _keep_accepted(session: Session, receipt: ReceiptRow) -> int:
    stock = receipt.kind == OfferKind.STOCK
    accepted = sa.update(OfferRow).where(
        col(OfferRow.account_id) == receipt.account_id, receipt_of(OfferKind(receipt.kind)) == receipt.id
    )
    values: dict[str, Any] = (
        {
            "known_quantity": col(OfferRow.sent_quantity),
            "sent_quantity": None,
            "stock_receipt": None,
            "refused_stock": None,
        }
        if stock
        else {
            "known_price": col(OfferRow.sent_price),
            "sent_price": None,
            "price_receipt": None,
            "refused_price": None,
        }
    )
    return change(session, accepted.values(values))
