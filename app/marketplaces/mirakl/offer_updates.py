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
from app.marketplaces.shared.json_records import text, whole

# The list has no date to sort by and moves when offers come and go: each page repeats so many of the one before.
PAGE_OVERLAP = 10
# A page that repeats nothing is read again from further back, but not for ever: the next pass sees all again.
STEP_BACK = PAGE_SIZE // 2
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
    in_error = max(whole(record, "lines_in_error"), whole(record, "offers_in_error"))
    if not in_error and record.get("has_error_report") is not True:
        return OfferResults()
    report = await client.error_report(kind, receipt)
    refused = await asyncio.to_thread(offer_files.refused_offers, report or "")
    if in_error and not refused:
        # Which ones is not known: better none of them counts as taken.
        return OfferResults(failed=f"{in_error} were refused, and there is no report that names them")
    return OfferResults(refused=refused)


async def live_offers(client: MiraklClient, *, clock: Clock, resume: str | None) -> AsyncIterator[Page[LiveOffer]]:
    """Yield pages of OF21's offers, each SKU once; a pass that goes on repeats the end of the one before."""
    behind, last = _position(resume)
    offset = max(0, behind - STEP_BACK)
    seen = {last}
    steps_back = 0
    while True:
        read_at = clock.now()
        answer = await client.offers(offset=offset)
        records = {text(record, "shop_sku"): record for record in answer.records}
        if offset and seen.isdisjoint(records) and steps_back < MOST_STEPS_BACK:
            steps_back += 1
            offset = max(0, min(offset, answer.total_count) - STEP_BACK)
            continue
        steps_back = 0
        end = offset + len(answer.records)
        is_last = len(answer.records) < PAGE_SIZE and end >= answer.total_count
        new = [record for sku, record in records.items() if sku and sku not in seen]
        seen.update(records)
        last = next(reversed(records), last)
        yield Page(
            items=tuple(_live_offer(record) for record in new),
            read_at=read_at,
            resume=None if is_last else f"{end} {last}",
            remote_now=answer.date,
        )
        if is_last:
            return
        following = end - max(1, min(PAGE_OVERLAP, len(answer.records) // 2))
        if following <= offset:
            raise malformed(OFFERS, "total_count promises offers that do not come")
        offset = following


def _live_offer(record: Mapping[str, Any]) -> LiveOffer:
    """Return the offer of an OF21 record; what can't be read counts as 0, so that it is sent anew."""
    reasons = record.get("inactivity_reasons")
    reported = tuple(reason for reason in reasons if isinstance(reason, str)) if isinstance(reasons, list) else ()
    return LiveOffer(
        sku=text(record, "shop_sku"),
        quantity=whole(record, "quantity"),
        price=prices.plain_price(record),
        fulfilment=mapping.fulfilment(record),
        inactive=reported or (("INACTIVE",) if record.get("active") is False else ()),
        price_set=prices.price_set(record),
    )


def _position(resume: str | None) -> tuple[int, str]:
    """Return how many offers lie behind a place, and the last of them."""
    offset, space, sku = (resume or "0 ").partition(" ")
    if not space or not offset.isascii() or not offset.isdigit():
        raise BadInput(f"'{offset[:40]}' is not a position to resume at", field="resume")
    return int(offset), sku
