"""How offers are read and changed: files in, receipts back, results later."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from app.clock import Clock
from app.domain.message import message
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.page import Page
from app.domain.task import Priority
from app.errors import BadInput
from app.marketplaces.mirakl import mapping, offer_files, prices
from app.marketplaces.mirakl.client import PAGE_SIZE, MiraklClient
from app.marketplaces.mirakl.errors import malformed
from app.marketplaces.mirakl.quotas import OFFERS
from app.marketplaces.shared import lists
from app.marketplaces.shared.json_records import text, whole_or_zero

# The list may have become shorter since a position was stored: a pass that goes on begins so many offers before it.
RESUME_OVERLAP = 50
# The list has no date to sort by. A page that overlaps nothing is read again so often; the next pass sees all again.
MOST_STEPS_BACK = 3


async def send(
    client: MiraklClient,
    kind: OfferKind,
    offers: Sequence[Offer],
    *,
    decimals: int,
    clock: Clock,
    priority: Priority,
) -> Submitted:
    """Hand in what fits in a file (STO01, PRI01)."""
    file, refused = await asyncio.to_thread(offer_files.offers_file, kind, offers, decimals=decimals, now=clock.now())
    receipt = await client.import_offers(kind, file, priority=priority) if file else None
    return Submitted(receipt=receipt, refused=refused)


async def follow(client: MiraklClient, kind: OfferKind, receipt: str) -> OfferResults | None:
    """Return the results of an import: COMPLETE says that it is over, not that it went well."""
    record = await client.import_status(kind, receipt)
    if record is None:
        return OfferResults(gone=True)
    status = text(record, "status")
    if status == "FAILED":
        return OfferResults(failed=text(record, "reason_status") or message("OPERATOR_NO_REASON"))
    if status != "COMPLETE":
        return None
    in_error = max(whole_or_zero(record, "lines_in_error"), whole_or_zero(record, "offers_in_error"))
    if not in_error and record.get("has_error_report") is not True:
        return OfferResults()
    report = await client.error_report(kind, receipt)
    refused = await asyncio.to_thread(offer_files.refused_offers, report or "")
    if in_error and not refused:
        # Which ones is not known: better none of them counts as taken.
        return OfferResults(failed=message("OFFERS_REFUSED_UNNAMED", refused=in_error))
    return OfferResults(refused=refused)


async def live_offers(client: MiraklClient, *, clock: Clock, resume: str | None) -> AsyncIterator[Page[LiveOffer]]:
    """Yield pages of OF21's offers, each SKU once; a pass that goes on repeats the end of the one before."""
    offset, last = _position(resume)
    seen = {last}
    listed = lists.pages(
        lambda offset: client.offers(offset=offset),
        start=offset - RESUME_OVERLAP,
        page_size=PAGE_SIZE,
        overlaps=lambda records: not seen.isdisjoint(text(record, "shop_sku") for record in records),
        most_steps_back=MOST_STEPS_BACK,
        clock=clock,
        error_if_incomplete=malformed(OFFERS, message("HINT_LIST_ENDS_EARLY")),
    )
    async for page in listed:
        records = {text(record, "shop_sku"): record for record in page.answer.records}
        new = [record for sku, record in records.items() if sku and sku not in seen]
        seen.update(records)
        last = next(reversed(records), last)
        yield Page(
            items=tuple(_live_offer(record) for record in new),
            read_at=page.read_at,
            resume=None if page.is_last else f"{page.end} {last}",
            remote_now=page.answer.date,
        )


def _live_offer(record: Mapping[str, Any]) -> LiveOffer:
    """Return the offer of an OF21 record; what can't be read counts as 0, so that it is sent again."""
    reasons = record.get("inactivity_reasons")
    reported = tuple(reason for reason in reasons if isinstance(reason, str)) if isinstance(reasons, list) else ()
    return LiveOffer(
        sku=text(record, "shop_sku"),
        quantity=whole_or_zero(record, "quantity"),
        price=prices.plain_price(record),
        fulfilment=mapping.fulfilment(record),
        inactive=reported or (("INACTIVE",) if record.get("active") is False else ()),
        other_prices=prices.other_prices(record),
    )


def _position(resume: str | None) -> tuple[int, str]:
    """Return how far the list was read: its offset, and the last SKU before it."""
    offset, space, sku = (resume or "0 ").partition(" ")
    if not space or not offset.isascii() or not offset.isdigit():
        raise BadInput(message("NO_POSITION", text=offset[:40]), field="resume")
    return int(offset), sku
