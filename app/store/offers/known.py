"""What the marketplace shows of our SKUs; only these are ever touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.domain.money import CENT
from app.domain.offer import LiveOffer, OfferKind
from app.domain.order import Fulfilment
from app.store import passes
from app.store.engine import change
from app.store.offers.conditions import shown, unsure
from app.store.passes import Pass, PassKey
from app.store.tables import OfferRow

LISTING = "offers-listing"


@dataclass(frozen=True, slots=True)
class Known:
    """What the marketplace shows of one SKU or will show once a batch under way is through, and what it refused.

    Unsure: a batch was sent whose result nobody will know. `was_wanted`: the last walk through the shop wanted
    anything of it; one that several products have is left alone.
    """

    quantity: int
    price: Decimal
    fulfilment: Fulfilment
    refused_stock: str | None = None
    refused_price: str | None = None
    stock_unsure: bool = False
    price_unsure: bool = False
    was_wanted: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether its stock is ours to send: a marketplace-fulfilled offer never gets a quantity."""
        return self.fulfilment is Fulfilment.MERCHANT


def last_listing(session: Session, account_id: str) -> datetime | None:
    """Return when the reading of the marketplace's own offers began that last came to its end."""
    return passes.cursor(session, account_id, LISTING)


def begin_listing(session: Session, key: PassKey, *, now: datetime, oldest_birth: datetime) -> Pass:
    """Return the unfinished listing to go on with, or a new one."""
    return passes.begin_pass(
        session, key, combination=LISTING, window_from=now, now=now, oldest_birth=oldest_birth, reread=False
    )


def take_listing(
    session: Session,
    account_id: str,
    live: Sequence[LiveOffer],
    *,
    now: datetime,
    key: PassKey | None,
    resume: str | None,
) -> None:
    """Keep a page of offers as the marketplace shows them, and how far the listing has come.

    A SKU with a batch under way keeps what was sent.
    """
    if key is not None:
        passes.mark_page(session, key, resume=resume, remote_now=None)
    if not live:
        return
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(OfferRow)
    by_sku = {offer.sku: offer for offer in live}
    fresh = insert.excluded
    no_stock, no_price = col(OfferRow.stock_receipt).is_(None), col(OfferRow.price_receipt).is_(None)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["account_id", "sku"],
            set_={
                "fulfilment": fresh.fulfilment,
                "known_quantity": sa.case((no_stock, fresh.known_quantity), else_=col(OfferRow.known_quantity)),
                "known_price": sa.case((no_price, fresh.known_price), else_=col(OfferRow.known_price)),
                # What was sent without an answer is of no interest any more: this is the answer.
                "sent_quantity": sa.case((no_stock, sa.null()), else_=col(OfferRow.sent_quantity)),
                "sent_price": sa.case((no_price, fresh.sent_price), else_=col(OfferRow.sent_price)),
                "other_prices": fresh.other_prices,
                "listed_at": fresh.listed_at,
            },
        ),
        # Always in the order of SKUs: two runs that write the same offers never wait for each other.
        [_values(account_id, by_sku[sku], now) for sku in sorted(by_sku)],
    )


def end_listing(session: Session, account_id: str, *, began: datetime, key: PassKey | None) -> int:
    """Forget SKUs that a whole listing did not show any more, and keep when it began; returns how many were forgotten.

    One that has a batch under way waits for the next listing.
    """
    if key is not None:
        passes.end_pass(session, key, moves_cursor=False)
    passes.set_cursor(session, account_id, LISTING, moment=began)
    gone = sa.delete(OfferRow).where(
        col(OfferRow.account_id) == account_id,
        col(OfferRow.listed_at) < began,
        col(OfferRow.stock_receipt).is_(None),
        col(OfferRow.price_receipt).is_(None),
    )
    return change(session, gone)


def known_offers(session: Session, account_id: str, skus: Sequence[str]) -> dict[str, Known]:
    """Return what is known of these SKUs; those that are not listed are absent."""
    rows = session.execute(
        sa.select(
            col(OfferRow.sku),
            shown(OfferKind.STOCK),
            shown(OfferKind.PRICE),
            col(OfferRow.fulfilment),
            col(OfferRow.refused_stock),
            col(OfferRow.refused_price),
            unsure(OfferKind.STOCK),
            unsure(OfferKind.PRICE),
            sa.or_(col(OfferRow.wanted_quantity).is_not(None), col(OfferRow.wanted_price).is_not(None)),
        ).where(col(OfferRow.account_id) == account_id, col(OfferRow.sku).in_(skus))
    )
    return {
        sku: Known(quantity, Decimal(price), Fulfilment(fulfilment), *rest)
        for sku, quantity, price, fulfilment, *rest in rows
    }


def _values(account_id: str, offer: LiveOffer, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "sku": offer.sku,
        "fulfilment": offer.fulfilment,
        "known_quantity": offer.quantity,
        "known_price": str(offer.price.quantize(CENT)),
        "other_prices": offer.other_prices,
        # As if it had been sent without an answer: it is not one price.
        "sent_price": str(offer.price.quantize(CENT)) if offer.uneven else None,
        "listed_at": now,
        "walked_by": "",
        "refused_params": {},
    }
