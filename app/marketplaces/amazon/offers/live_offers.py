"""All offers of a seller: by pages of twenty where there are few, else by one report for each marketplace.

Searching leads to a thousand items at most. Reports have no such limit and take minutes; a listing that is cut off goes
on with the reports that it ordered. As each of them is about one marketplace and an offer comes once, they are put
together in columns: a hundred thousand offers in nine marketplaces take some 30 MB.
"""

import asyncio
import json
from array import array
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Self

from app.clock import Clock
from app.domain.message import message
from app.domain.offer import LiveOffer
from app.domain.order import Fulfilment
from app.domain.page import Page
from app.domain.task import Priority
from app.errors import BadInput, Refused, Unavailable
from app.marketplaces.amazon.errors import SERVICE, malformed, suspect
from app.marketplaces.amazon.files import reports
from app.marketplaces.amazon.files.jobs import until_done
from app.marketplaces.amazon.files.reports import Report
from app.marketplaces.amazon.offers.items import Items
from app.marketplaces.amazon.offers.listing_status import MERCHANT_CHANNEL, ListingStatus, amount, fulfilment_of
from app.marketplaces.amazon.offers.prices import ExchangeRates
from app.marketplaces.amazon.quotas import GET_REPORT, GET_REPORT_DOCUMENT
from app.marketplaces.amazon.stores import AmazonStore
from app.transport.deadline import Deadline

REPORT_KIND = "GET_MERCHANT_LISTINGS_ALL_DATA"
# A search leads to so many, however many it says there are.
MOST_FOUND = 1_000
PAGE_SIZE = 1_000
PRIORITY = Priority.STOCK
GAVE_UP = message("AMAZON_OFFERS_REPORT_GIVEN_UP")

_SEARCH = "search"
_ON_SALE = "Active"
_MINOR_UNITS = Decimal(100)
_ABSENT = -1
_QUANTITY_DIGITS = 9


@dataclass(frozen=True, slots=True)
class _Position:
    """How far a listing by reports came: the report ordered for each marketplace, and how many offers were yielded."""

    report_ids: dict[str, str] = field(default_factory=dict)
    listed: int = 0

    @classmethod
    def of(cls, resume: str) -> Self:
        """Return the position of a resume text; raises BadInput."""
        try:
            kept = json.loads(resume)
            return cls(
                {str(store): str(report_id) for store, report_id in kept["reports"].items()}, int(kept["listed"])
            )
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise BadInput(message("NO_POSITION", text=resume[:40]), field="resume") from exc

    def text(self, *, listed: int = 0) -> str:
        """Return the resume text of this position, once so many offers were yielded."""
        return json.dumps({"reports": self.report_ids, "listed": listed})


async def live_offers(
    items: Items, *, exchange_rates: ExchangeRates, clock: Clock, deadline: Deadline, resume: str | None
) -> AsyncIterator[Page[LiveOffer]]:
    """Yield pages of all offers, each SKU once; a small range that was cut off is read again."""
    position = _Position()
    if resume in {None, _SEARCH}:
        async for page in _searched(items, exchange_rates=exchange_rates, clock=clock):
            yield page
            if page.resume is None:
                return
    else:
        position = _Position.of(resume or "")
    async for page in _reported(items, position, exchange_rates=exchange_rates, clock=clock, deadline=deadline):
        yield page


async def _searched(items: Items, *, exchange_rates: ExchangeRates, clock: Clock) -> AsyncIterator[Page[LiveOffer]]:
    """Yield a small range; without a last page where the search does not lead to all of it."""
    listed: set[str] = set()
    page: Page[LiveOffer] = Page(items=(), read_at=clock.now(), resume=_SEARCH)
    most = 0
    async for found, most in items.pages(priority=PRIORITY):
        if most > MOST_FOUND:
            return
        if page.items:
            yield page
        new = {
            listing_status.sku: listing_status
            for listing_status in found
            if listing_status.sku and listing_status.sku not in listed
        }
        listed |= new.keys()
        offers = tuple(listing_status.live_offer(exchange_rates) for listing_status in new.values())
        page = replace(page, items=offers, read_at=clock.now())
    yield replace(page, resume=None) if len(listed) >= most else page


async def _reported(
    items: Items, position: _Position, *, exchange_rates: ExchangeRates, clock: Clock, deadline: Deadline
) -> AsyncIterator[Page[LiveOffer]]:
    """Yield a range of any size; the first pages are empty and keep which reports were ordered."""
    read_at, ended = clock.now(), dict[AmazonStore, Report]()
    for last_try in (False, True):
        for each in items.stores:
            if each.id not in position.report_ids:
                position.report_ids[each.id] = await _order(items, each)
                yield Page(items=(), read_at=read_at, resume=position.text())
        for each in items.stores:
            look = partial(_ended, items, position.report_ids[each.id])
            ended[each] = await until_done(look, clock=clock, deadline=deadline, operation=GET_REPORT.name)
        broken = [each for each in items.stores if ended[each].status == reports.FATAL]
        if not broken:
            break
        if last_try:
            raise Unavailable(service=SERVICE, operation=GET_REPORT.name, detail=GAVE_UP)
        for each in broken:
            del position.report_ids[each.id]
    shelf = _Shelf(items.stores)
    for each in items.stores:
        document_id = ended[each].document_id
        # Without one there was nothing to report.
        if document_id:
            async for row in reports.lines(items.client, document_id, priority=PRIORITY):
                shelf.put(each, row)
    if not len(shelf):
        raise malformed(GET_REPORT_DOCUMENT, message("HINT_NO_OFFER"))
    for first in range(position.listed, len(shelf), PAGE_SIZE):
        end = min(first + PAGE_SIZE, len(shelf))
        offers = await asyncio.to_thread(shelf.offers, first, end, exchange_rates)
        resume = position.text(listed=end) if end < len(shelf) else None
        yield Page(items=offers, read_at=read_at, resume=resume)


async def _order(items: Items, store: AmazonStore) -> str:
    try:
        return await reports.request(items.client, kind=REPORT_KIND, marketplace_ids=[store.id], priority=PRIORITY)
    except Refused as refused:
        raise suspect(refused) from refused


async def _ended(items: Items, report_id: str) -> Report | None:
    """Return what became of a report; one that Amazon does not know any more is as good as one that it gave up."""
    try:
        return await reports.finished(items.client, report_id, priority=PRIORITY)
    except Refused:
        return Report(reports.FATAL, None)


class _Shelf:
    """What the reports of several marketplaces say of each SKU, a column for each fact, in the order of coming."""

    def __init__(self, stores: Sequence[AmazonStore]) -> None:
        self._numbers: dict[str, int] = {}
        self._skus: list[str] = []
        self._quantities = array("q")
        self._by_amazon = bytearray()
        self._on_sale = bytearray()
        # In hundredths; where an offer is not sold it has none.
        self._prices = {store: array("q") for store in stores}

    def __len__(self) -> int:
        return len(self._skus)

    def put(self, store: AmazonStore, row: Mapping[str, str]) -> None:
        """Keep a line of the report of one marketplace; raises Unavailable for one without a SKU."""
        sku = row.get("seller-sku", "")
        if not sku:
            raise malformed(GET_REPORT_DOCUMENT, "seller-sku")
        number = self._numbers.setdefault(sku, len(self._skus))
        if number == len(self._skus):
            self._skus.append(sku)
            self._quantities.append(0)
            self._by_amazon.append(False)
            self._on_sale.append(False)
            for column in self._prices.values():
                column.append(_ABSENT)
        channel = row.get("fulfillment-channel") or MERCHANT_CHANNEL
        quantity = row.get("quantity", "")
        if quantity.isascii() and quantity.isdigit() and len(quantity) <= _QUANTITY_DIGITS:
            self._quantities[number] = int(quantity)
        self._by_amazon[number] |= fulfilment_of({channel: row}) is Fulfilment.MARKETPLACE
        self._on_sale[number] |= row.get("status") == _ON_SALE
        if row.get("price"):
            self._prices[store][number] = int(amount(row["price"].replace(",", ".")) * _MINOR_UNITS)

    def offers(self, first: int, end: int, exchange_rates: ExchangeRates) -> tuple[LiveOffer, ...]:
        """Return the offers from one number up to another."""
        return tuple(self._listing_status(number).live_offer(exchange_rates) for number in range(first, end))

    def _listing_status(self, number: int) -> ListingStatus:
        prices = {
            store: Decimal(column[number]).scaleb(-2)
            for store, column in self._prices.items()
            if column[number] != _ABSENT
        }
        return ListingStatus(
            sku=self._skus[number],
            fulfilment=Fulfilment.MARKETPLACE if self._by_amazon[number] else Fulfilment.MERCHANT,
            quantity=self._quantities[number],
            prices=prices,
            on_sale=bool(self._on_sale[number]),
        )
