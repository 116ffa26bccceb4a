"""Offers: what each marketplace shows of our SKUs, what the shop wants, and the batches under way between the two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.domain.guards import PRICE_MOVE, Figures
from app.domain.money import CENT
from app.domain.offer import LiveOffer, Offer, OfferKind
from app.domain.order import Fulfilment
from app.store.engine import change
from app.store.tables import OfferRow, ReceiptRow


class ReceiptState(StrEnum):
    """`sending` was written down and maybe sent; `open` waits for its results; `done` has them; `lost` never will."""

    SENDING = "sending"
    OPEN = "open"
    DONE = "done"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the shop wants of one SKU; None leaves it as it is."""

    sku: str
    quantity: int | None
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the marketplace shows of one SKU, as far as we know."""

    quantity: int
    price: Decimal
    fulfilment: Fulfilment

    @property
    def is_ours(self) -> bool:
        """Whether its stock is ours to tell: a marketplace-fulfilled offer never gets a quantity."""
        return self.fulfilment is Fulfilment.MERCHANT


def last_listing(session: Session, account_id: str) -> datetime | None:
    """Return when the marketplace's own offers were last read to the end."""
    return session.scalar(select(sa.func.max(OfferRow.listed_at)).where(OfferRow.account_id == account_id))


def take_listing(session: Session, account_id: str, live: Sequence[LiveOffer], *, now: datetime) -> None:
    """Keep offers as the marketplace shows them; a SKU with a batch under way keeps what was sent."""
    if not live:
        return
    insert = _dialect(session).insert(OfferRow)
    values = [
        {
            "account_id": account_id,
            "sku": offer.sku,
            "fulfilment": offer.fulfilment,
            "known_quantity": offer.quantity,
            "known_price": _amount(offer.price),
            "price_set": offer.price_set,
            "listed_at": now,
            "walked_by": "",
            "refused_reason": "",
        }
        for offer in {offer.sku: offer for offer in live}.values()
    ]
    fresh = insert.excluded
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["account_id", "sku"],
            set_={
                "fulfilment": fresh.fulfilment,
                "known_quantity": sa.case(
                    (col(OfferRow.stock_receipt).is_(None), fresh.known_quantity), else_=col(OfferRow.known_quantity)
                ),
                "known_price": sa.case(
                    (col(OfferRow.price_receipt).is_(None), fresh.known_price), else_=col(OfferRow.known_price)
                ),
                "price_set": fresh.price_set,
                "listed_at": fresh.listed_at,
            },
        ),
        values,
    )


def forget_unlisted(session: Session, account_id: str, *, listed_before: datetime) -> int:
    """Forget SKUs that a whole listing did not show any more."""
    return change(
        session,
        sa.delete(OfferRow).where(col(OfferRow.account_id) == account_id, col(OfferRow.listed_at) < listed_before),
    )


def known_offers(session: Session, account_id: str, skus: Sequence[str]) -> dict[str, Known]:
    """Return what is known of these SKUs; those that are not listed are absent."""
    rows = session.exec(
        select(OfferRow.sku, OfferRow.known_quantity, OfferRow.known_price, OfferRow.fulfilment).where(
            OfferRow.account_id == account_id, col(OfferRow.sku).in_(skus)
        )
    )
    return {sku: Known(quantity, Decimal(price), Fulfilment(fulfilment)) for sku, quantity, price, fulfilment in rows}


def want(session: Session, account_id: str, wanted: Sequence[Wanted], *, run_id: str) -> None:
    """Keep what the shop wants of listed SKUs."""
    if not wanted:
        return
    session.execute(
        sa.update(OfferRow),
        [
            {
                "account_id": account_id,
                "sku": each.sku,
                "wanted_quantity": each.quantity,
                "wanted_price": _amount(each.price) if each.price is not None else None,
                "walked_by": run_id,
            }
            for each in wanted
        ],
    )


def want_nothing_of_the_rest(session: Session, account_id: str, *, run_id: str) -> int:
    """Take SKUs off sale that the shop had at an earlier walk and has no more; others' SKUs are left alone."""
    return change(
        session,
        sa.update(OfferRow)
        .where(
            col(OfferRow.account_id) == account_id,
            col(OfferRow.walked_by) != "",
            col(OfferRow.walked_by) != run_id,
            col(OfferRow.wanted_quantity).is_not(None),
        )
        .values(wanted_quantity=0, wanted_price=None, walked_by=run_id),
    )


def figures(session: Session, account_id: str, *, kinds: Iterable[OfferKind]) -> Figures:
    """Return what sending the changes of these kinds would do."""
    row, kinds = sa.func.count(), set(kinds)
    mine = col(OfferRow.account_id) == account_id
    to_zero = sa.and_(_changed(OfferKind.STOCK), col(OfferRow.wanted_quantity) == 0, col(OfferRow.known_quantity) > 0)
    new, old = (sa.cast(col(price), sa.Float) for price in (OfferRow.wanted_price, OfferRow.known_price))
    priced = col(OfferRow.wanted_price).is_not(None)
    moves = sa.and_(_changed(OfferKind.PRICE), old > 0, sa.func.abs(new - old) > old * PRICE_MOVE)

    def count(*conditions: Any) -> int:
        return int(session.scalar(sa.select(row).select_from(OfferRow).where(mine, *conditions)) or 0)

    stock, price = OfferKind.STOCK in kinds, OfferKind.PRICE in kinds
    return Figures(
        live=count(col(OfferRow.fulfilment) == Fulfilment.MERCHANT, col(OfferRow.known_quantity) > 0),
        to_zero=count(to_zero) if stock else 0,
        priced=count(priced) if price else 0,
        price_changes=count(_changed(OfferKind.PRICE)) if price else 0,
        price_not_positive=count(_changed(OfferKind.PRICE), new <= 0) if price else 0,
        price_moves=count(moves) if price else 0,
    )


def changed_count(session: Session, account_id: str, *, kind: OfferKind) -> int:
    """Return how many offers differ from what the shop wants."""
    return int(
        session.scalar(
            sa.select(sa.func.count())
            .select_from(OfferRow)
            .where(col(OfferRow.account_id) == account_id, _changed(kind))
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """Offers that were written down together and are about to be sent."""

    receipt_id: int
    offers: list[Offer]


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

    A SKU in an open batch has to wait for its result, unless its stock is gone: that is told at once.
    """
    stock = kind is OfferKind.STOCK
    receipt_column = col(OfferRow.stock_receipt if stock else OfferRow.price_receipt)
    free: Any = receipt_column.is_(None)
    conditions = [col(OfferRow.account_id) == account_id, col(OfferRow.sku) > after_sku]
    conditions.append(_sendable(kind) if everything else _changed(kind))
    if stock:
        conditions.append(col(OfferRow.wanted_quantity) == 0 if sold_out else col(OfferRow.wanted_quantity) > 0)
        if sold_out:
            free = sa.or_(free, col(OfferRow.sent_quantity) != 0)
    rows = session.execute(
        sa.select(col(OfferRow.sku), col(OfferRow.wanted_quantity), col(OfferRow.wanted_price), col(OfferRow.price_set))
        .where(*conditions, free)
        .order_by(col(OfferRow.sku))
        .limit(limit)
    ).all()
    if not rows:
        return None
    receipt = ReceiptRow(
        account_id=account_id, kind=kind, state=ReceiptState.SENDING, lines=len(rows), run_id=run_id, created_at=now
    )
    session.add(receipt)
    session.flush()
    receipt_id = receipt.id or 0
    sent = (
        [
            {"account_id": account_id, "sku": sku, "stock_receipt": receipt_id, "sent_quantity": q}
            for sku, q, _, _ in rows
        ]
        if stock
        else [
            {"account_id": account_id, "sku": sku, "price_receipt": receipt_id, "sent_price": p}
            for sku, _, p, _ in rows
        ]
    )
    session.execute(sa.update(OfferRow), sent)
    offers = [
        Offer(sku=sku, quantity=quantity) if stock else Offer(sku=sku, price=Decimal(price), price_set=price_set)
        for sku, quantity, price, price_set in rows
    ]
    return Batch(receipt_id, offers)


def settle_submitted(session: Session, receipt_id: int, *, remote_id: str | None, refused: Mapping[str, str]) -> None:
    """Keep that a batch was taken: with a receipt to ask about, or with its results at once."""
    receipt = session.get_one(ReceiptRow, receipt_id)
    receipt.remote_id = remote_id
    _keep_refusals(session, receipt, refused)
    if remote_id is None:
        _keep_accepted(session, receipt)
        receipt.state = ReceiptState.DONE
    else:
        receipt.state = ReceiptState.OPEN


def settle_results(session: Session, receipt_id: int, *, refused: Mapping[str, str]) -> int:
    """Keep a batch's results; returns how many SKUs were accepted."""
    receipt = session.get_one(ReceiptRow, receipt_id)
    _keep_refusals(session, receipt, refused)
    receipt.state = ReceiptState.DONE
    return _keep_accepted(session, receipt)


def give_up(session: Session, receipt_id: int) -> None:
    """Let go of a batch whose results nobody will ever tell: what differs is sent again, the newest value wins."""
    receipt = session.get_one(ReceiptRow, receipt_id)
    receipt.state = ReceiptState.LOST
    column = _receipt_column(receipt)
    session.execute(
        sa.update(OfferRow)
        .where(col(OfferRow.account_id) == receipt.account_id, column == receipt_id)
        .values({column.key: None})
    )


def receipts(session: Session, account_id: str, *, state: ReceiptState) -> list[ReceiptRow]:
    """Return an account's batches in a state, oldest first."""
    return list(
        session.exec(
            select(ReceiptRow)
            .where(ReceiptRow.account_id == account_id, ReceiptRow.state == state)
            .order_by(col(ReceiptRow.id))
        )
    )


def refused_offers(session: Session, account_id: str, *, after_sku: str, limit: int) -> list[OfferRow]:
    """Return the offers that the marketplace refuses as the shop wants them, by SKU."""
    return list(
        session.exec(
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
    )


def drifted(session: Session, account_id: str, *, after_sku: str, limit: int) -> list[OfferRow]:
    """Return the offers that differ from what the shop last wanted and have nothing under way, by SKU."""
    return list(
        session.exec(
            select(OfferRow)
            .where(
                OfferRow.account_id == account_id,
                col(OfferRow.sku) > after_sku,
                sa.or_(
                    sa.and_(_changed(OfferKind.STOCK), col(OfferRow.stock_receipt).is_(None)),
                    sa.and_(_changed(OfferKind.PRICE), col(OfferRow.price_receipt).is_(None)),
                ),
            )
            .order_by(col(OfferRow.sku))
            .limit(limit)
        )
    )


def _sendable(kind: OfferKind) -> Any:
    if kind is OfferKind.STOCK:
        # A marketplace-fulfilled offer that is given a quantity turns into one of the merchant's.
        return sa.and_(col(OfferRow.wanted_quantity).is_not(None), col(OfferRow.fulfilment) == Fulfilment.MERCHANT)
    return col(OfferRow.wanted_price).is_not(None)


def _changed(kind: OfferKind) -> Any:
    """A wanted value that differs from the known one and was not refused before."""
    if kind is OfferKind.STOCK:
        wanted: Any = col(OfferRow.wanted_quantity)
        refused: Any = col(OfferRow.refused_stock)
        return sa.and_(
            _sendable(kind),
            wanted != col(OfferRow.known_quantity),
            sa.or_(refused.is_(None), refused != sa.cast(wanted, sa.String)),
        )
    wanted, refused = col(OfferRow.wanted_price), col(OfferRow.refused_price)
    return sa.and_(_sendable(kind), wanted != col(OfferRow.known_price), sa.or_(refused.is_(None), refused != wanted))


def _receipt_column(receipt: ReceiptRow) -> Any:
    return col(OfferRow.stock_receipt if receipt.kind == OfferKind.STOCK else OfferRow.price_receipt)


def _keep_refusals(session: Session, receipt: ReceiptRow, refused: Mapping[str, str]) -> None:
    stock = receipt.kind == OfferKind.STOCK
    for sku, reason in refused.items():
        row = session.get(OfferRow, (receipt.account_id, sku))
        if row is None:
            continue
        if stock and row.stock_receipt == receipt.id:
            row.stock_receipt, row.refused_stock = None, str(row.sent_quantity)
        elif not stock and row.price_receipt == receipt.id:
            row.price_receipt, row.refused_price = None, row.sent_price
        row.refused_reason = reason
    session.flush()


def _keep_accepted(session: Session, receipt: ReceiptRow) -> int:
    stock = receipt.kind == OfferKind.STOCK
    accepted = sa.update(OfferRow).where(
        col(OfferRow.account_id) == receipt.account_id, _receipt_column(receipt) == receipt.id
    )
    values: dict[str, Any] = (
        {"known_quantity": col(OfferRow.sent_quantity), "stock_receipt": None, "refused_stock": None}
        if stock
        else {"known_price": col(OfferRow.sent_price), "price_receipt": None, "refused_price": None}
    )
    return change(session, accepted.values(values))


def _amount(price: Decimal) -> str:
    return str(price.quantize(CENT))


def _dialect(session: Session) -> Any:
    return sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
