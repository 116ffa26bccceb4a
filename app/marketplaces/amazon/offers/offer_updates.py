"""How offers are changed: a few at once by patches, many by a feed whose results are read later.

A quantity turns an offer that Amazon ships into one of the merchant's and takes it out of Amazon's warehouses; a price
for a marketplace where a SKU is not offered makes an offer there. So every batch is looked up directly before it is
sent, whatever the last listing said.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from app.domain.message import Message, Param, message
from app.domain.offer import Offer, OfferKind, OfferResults, Submitted
from app.domain.task import Priority
from app.errors import Refused, Throttled
from app.marketplaces.amazon.client import AmazonClient
from app.marketplaces.amazon.concurrent_calls import call_concurrently
from app.marketplaces.amazon.files import feeds
from app.marketplaces.amazon.offers.items import Items
from app.marketplaces.amazon.offers.listing_status import ListingStatus
from app.marketplaces.amazon.offers.patches import (
    ACCEPTED,
    FEED_CONTENT_TYPE,
    FEED_KIND,
    MOST_MESSAGES,
    Patch,
    feed_files,
    is_internal,
    price_patch,
    read_report,
    said,
    stock_patch,
)
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.stores import AmazonStore
from app.marketplaces.shared.refusals import UnfitOffer

OFFER_BATCH = MOST_MESSAGES
# So many take a minute; a feed takes minutes however little is in it.
MOST_PATCHES = 300
# What is read of them is a hundred times larger than what is kept.
LOOKED_UP_AT_ONCE = 1_000

NO_SKU, NOT_LISTED = message("SKU_UNFIT"), message("AMAZON_NOT_LISTED")
BY_AMAZON, NO_PRICE = message("AMAZON_SHIPS_IT"), message("AMAZON_SOLD_NOWHERE")


@dataclass(frozen=True, slots=True)
class _Change:
    """What changes of one SKU: its stock, or its price (the shop's) in some marketplaces."""

    sku: str
    stores: tuple[AmazonStore, ...]
    stock: int | None = None
    price: Decimal | None = None

    def patch(self, exchange_rates: ExchangeRates, *stores: AmazonStore) -> Patch:
        """Return what is sent; of a price, what is meant for those marketplaces (none: for all of them)."""
        if self.price is None:
            return stock_patch(self.stock or 0)
        reported = {store: exchange_rates.local(self.price, store) for store in stores or self.stores}
        return price_patch({store: price for store, price in reported.items() if price is not None})


async def send(
    items: Items, kind: OfferKind, offers: Sequence[Offer], *, exchange_rates: ExchangeRates, priority: Priority
) -> Submitted:
    """Hand in stock or prices: by patches up to `MOST_PATCHES` calls, by feeds above it."""
    changes, refused = [], dict[str, Param]()
    for start in range(0, len(offers), LOOKED_UP_AT_ONCE):
        some = offers[start : start + LOOKED_UP_AT_ONCE]
        skus = [offer.sku for offer in some if _is_sku(offer.sku)]
        found = await items.look_up(skus, prices=kind is OfferKind.PRICE, priority=priority)
        for offer in some:
            try:
                changes.append(_change(kind, offer, found.get(offer.sku), items.stores, exchange_rates=exchange_rates))
            except UnfitOffer as unfit:
                refused[offer.sku] = unfit.said
    if sum(len(change.stores) for change in changes) <= MOST_PATCHES:
        # All sellers of an application share limits that Amazon does not name: a feed needs one call, of another kind.
        with suppress(Throttled):
            patched = await _patch(items, changes, exchange_rates=exchange_rates, priority=priority)
            refused |= patched
            changes = [change for change in changes if change.sku not in patched]
            # A feed on its way may hold older values of these and come last: a feed behind it holds the right ones.
            if not changes or not await feeds.any_under_way(items.client, kind=FEED_KIND, priority=priority):
                return Submitted(receipt=None, refused=refused)
    receipt = await _hand_in(items, changes, exchange_rates=exchange_rates, priority=priority)
    return Submitted(receipt=receipt or None, refused=refused)


async def follow(client: AmazonClient, receipt: str) -> OfferResults | None:
    """Return the results of the feeds of a receipt, None until Amazon is done with all of them."""
    feed_ids = receipt.split()
    refused: dict[str, Param] = {}
    try:
        for feed_id in feed_ids[:-1]:
            # A report can be fetched once in 45 s: none before all are there.
            if not await feeds.is_ended(client, feed_id):
                return None
        for feed_id in reversed(feed_ids):
            result = await feeds.finished(client, feed_id)
            if result is None:
                return None
            report = await asyncio.to_thread(read_report, result.report)
            if result.status != "DONE":
                why = report.failed if result.report else ""
                return OfferResults(failed=message("AMAZON_FEED_ENDED", feed=feed_id, status=result.status, why=why))
            if report.failed:
                return OfferResults(failed=report.failed)
            refused |= report.refused
    except Refused:
        return OfferResults(gone=True)
    return OfferResults(refused=refused)


def _is_sku(sku: str) -> bool:
    return bool(sku.strip()) and sku.isprintable() and sku.encode(errors="ignore").decode() == sku


def _change(
    kind: OfferKind,
    offer: Offer,
    listing_status: ListingStatus | None,
    stores: Sequence[AmazonStore],
    *,
    exchange_rates: ExchangeRates,
) -> _Change:
    if not _is_sku(offer.sku):
        raise UnfitOffer(NO_SKU)
    if listing_status is None:
        raise UnfitOffer(NOT_LISTED)
    if kind is OfferKind.PRICE:
        return _price_change(offer, listing_status, exchange_rates)
    # Whichever marketplace is named, it is the stock of the whole region.
    return _stock_change(offer, listing_status, (*listing_status.listed_in, *stores)[0])


def _stock_change(offer: Offer, listing_status: ListingStatus, store: AmazonStore) -> _Change:
    if listing_status.by_amazon:
        raise UnfitOffer(BY_AMAZON)
    if offer.quantity is None or offer.quantity < 0:
        raise UnfitOffer(message("AMAZON_STOCK_UNFIT", quantity=str(offer.quantity)))
    return _Change(offer.sku, (store,), stock=offer.quantity)


def _price_change(offer: Offer, listing_status: ListingStatus, exchange_rates: ExchangeRates) -> _Change:
    price = offer.price
    if price is None or not price.is_finite() or price <= 0:
        raise UnfitOffer(message("AMAZON_PRICE_UNFIT", price=str(price)))
    if not listing_status.prices:
        raise UnfitOffer(NO_PRICE)
    stores = tuple(store for store in listing_status.prices if exchange_rates.rate(store) is not None)
    if not stores:
        currencies = tuple(sorted({store.currency for store in listing_status.prices}))
        raise UnfitOffer(message("AMAZON_NO_RATE", currencies=currencies))
    return _Change(offer.sku, stores, price=price)


async def _patch(
    items: Items, changes: Sequence[_Change], *, exchange_rates: ExchangeRates, priority: Priority
) -> Mapping[str, Param]:
    """Send one patch for each SKU and marketplace; returns why SKUs were refused.

    Raises Refused where Amazon calls every single one of several requests wrong: that is not about the offers.
    """

    async def one(call: tuple[_Change, AmazonStore]) -> Message | str | Refused:
        change, store = call
        try:
            return await _patched(items, change.sku, store, change.patch(exchange_rates, store), priority=priority)
        except Refused as refused:
            return refused

    calls = [(change, store) for change in changes for store in change.stores]
    outcomes = await call_concurrently(one, calls)
    wrong = [outcome for outcome in outcomes if isinstance(outcome, Refused) and outcome.status == 400]
    if len(wrong) == len(calls) > 1:
        raise wrong[0]
    refused: dict[str, list[Param]] = {}
    for (change, store), outcome in zip(calls, outcomes, strict=True):
        why = (outcome.detail or message("NO_REASON_GIVEN")) if isinstance(outcome, Refused) else outcome
        if why:
            several = len(change.stores) > 1
            reason = message("AMAZON_IN_COUNTRY", country=store.country, why=why) if several else why
            refused.setdefault(change.sku, []).append(reason)
    return {sku: reasons[0] if len(reasons) == 1 else tuple(reasons) for sku, reasons in refused.items()}


async def _patched(items: Items, sku: str, store: AmazonStore, patch: Patch, *, priority: Priority) -> Message | str:
    """Send one patch, twice where Amazon had a fault of its own; returns why it was refused, nothing if it was not."""
    answer = await items.patch(sku, store, patch, priority=priority)
    if answer["status"] != ACCEPTED and is_internal(answer):
        answer = await items.patch(sku, store, patch, priority=priority)
    return "" if answer["status"] == ACCEPTED else said(answer)


async def _hand_in(
    items: Items, changes: Sequence[_Change], *, exchange_rates: ExchangeRates, priority: Priority
) -> str:
    """Hand in feeds; returns their ids with spaces between."""
    files = feed_files(items.seller_id, ((change.sku, change.patch(exchange_rates)) for change in changes))
    marketplace_ids = sorted({store.id for change in changes for store in change.stores})
    feed_ids = []
    while file := await asyncio.to_thread(next, files, None):
        feed_ids.append(
            await feeds.submit(
                items.client,
                kind=FEED_KIND,
                marketplace_ids=marketplace_ids,
                content=file,
                content_type=FEED_CONTENT_TYPE,
                priority=priority,
            )
        )
    return " ".join(feed_ids)
