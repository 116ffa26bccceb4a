"""Many parcels in one XML document (POST_ORDER_FULFILLMENT_DATA), and the report of what became of each.

Amazon works for minutes on a feed. Which parcels it held is remembered beyond the run, so that nobody confirms them by
other ways while it is at work, or without a look after it failed.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from xml.etree.ElementTree import Element, SubElement, tostring

from app.domain.shipment import Shipment
from app.domain.task import Priority
from app.errors import CallError, OutcomeUnknown, Refused
from app.marketplaces.amazon.client import AmazonClient, utc
from app.marketplaces.amazon.errors import NOT_FOUND
from app.marketplaces.amazon.files import feeds, jobs
from app.marketplaces.amazon.quotas import GET_FEED
from app.marketplaces.amazon.shipments.packages import Package
from app.transport.connector import Connector
from app.transport.xml import NotXml, legal, parse

KIND = "POST_ORDER_FULFILLMENT_DATA"
CONTENT_TYPE = "text/xml; charset=UTF-8"

_NAME = "fulfilment feed"
# No feed takes that long, and by then its orders show what became of them.
OPEN_LIFE = timedelta(days=2)
# Long enough for the runs that settle what it held, shorter than the wait after which a parcel is confirmed again.
READ_LIFE = timedelta(hours=1)
DONE = "DONE"
_ERROR = "Error"

# Order and sequence of a parcel → why it was not taken, empty for one that was; those of unknown fate are absent.
Verdicts = Mapping[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A feed on its way (no id: nobody knows whether Amazon took it), and its parcels in the order of its messages.

    A parcel is confirmed by order and sequence, with its number.
    """

    feed_id: str
    parcels: Mapping[tuple[str, int], str]

    def holds(self, shipment: Shipment) -> bool:
        """Whether this very parcel is in it; a correction never is."""
        number = self.parcels.get((shipment.order_id, shipment.sequence))
        return number == shipment.number and not shipment.correction

    @classmethod
    def of(cls, kept: str) -> Self:
        """Return the feed of a text."""
        feed_id, parcels = json.loads(kept)
        return cls(feed_id, {(order_id, sequence): number for order_id, sequence, number in parcels})

    def text(self) -> str:
        """Return the text that is kept of it."""
        return json.dumps([self.feed_id, [(*key, number) for key, number in self.parcels.items()]])


@dataclass(slots=True, kw_only=True)
class FulfilmentFeeds:
    """The feeds of parcels of one seller, one at a time; `scope` names him."""

    client: AmazonClient
    connector: Connector
    scope: str
    seller_id: str
    _read: tuple[HandedIn, Verdicts] | None = field(default=None, init=False)

    async def last(self) -> HandedIn | None:
        """Return the last feed that was handed in, as long as its parcels may be in doubt."""
        kept = await self.connector.references.get(self.scope, _NAME, self.connector.clock.now())
        return HandedIn.of(kept) if kept else None

    async def hand_in(self, packages: Sequence[Package]) -> HandedIn:
        """Hand in packages as one feed; raises Refused and RoleMissing where Amazon takes none, and what stops a run.

        Where the answer is lost, the feed has no id.
        """
        package = {(each.shipment.order_id, each.shipment.sequence): each.shipment.number for each in packages}
        handed = HandedIn("", package)
        content = await asyncio.to_thread(document, packages, seller_id=self.seller_id)
        marketplace_ids = tuple(dict.fromkeys(each.marketplace_id for each in packages))
        # Before it is sent: whoever goes on after the end of this process has to know.
        await self._keep(handed, OPEN_LIFE)
        try:
            feed_id = await feeds.submit(
                self.client,
                kind=KIND,
                marketplace_ids=marketplace_ids,
                content=content,
                content_type=CONTENT_TYPE,
                priority=Priority.SHIPMENTS,
            )
        except OutcomeUnknown:
            return handed
        except CallError:
            await self._keep(handed, timedelta(0))
            raise
        handed = HandedIn(feed_id, package)
        await self._keep(handed, OPEN_LIFE)
        return handed

    async def verdicts(self, handed: HandedIn) -> Verdicts:
        """Return what became of the parcels of a feed once Amazon is done with it; raises LimitReached before that."""
        if self._read is None or self._read[0] != handed:
            verdicts = await self._verdicts(handed)
            self._read = (handed, verdicts)
            await self._keep(handed, READ_LIFE if verdicts else OPEN_LIFE)
        return self._read[1]

    async def _verdicts(self, handed: HandedIn) -> Verdicts:
        async def ended() -> feeds.FeedResult | None:
            if handed.feed_id:
                return await feeds.finished(self.client, handed.feed_id)
            under_way = await feeds.any_under_way(self.client, kind=KIND, priority=Priority.SHIPMENTS)
            return None if under_way else feeds.FeedResult("", None)

        try:
            result = await jobs.until_done(
                ended, clock=self.connector.clock, deadline=self.connector.deadline, operation=GET_FEED.name
            )
        except Refused as refused:
            if refused.reason != NOT_FOUND:
                raise
            return {}
        if result.status != DONE or result.report is None:
            return {}
        found = await asyncio.to_thread(errors_of, result.report, messages=len(handed.parcels))
        if found is None:
            return {}
        return {key: found.get(number, "") for number, key in enumerate(handed.parcels, start=1)}

    async def _keep(self, handed: HandedIn, life: timedelta) -> None:
        await self.connector.references.put(self.scope, _NAME, handed.text(), self.connector.clock.now() + life)


def document(packages: Sequence[Package], *, seller_id: str) -> bytes:
    """Return the feed of these packages; a message has the number of its place, from 1."""
    envelope = Element("AmazonEnvelope")
    header = SubElement(envelope, "Header")
    _add(header, "DocumentVersion", "1.01")
    _add(header, "MerchantIdentifier", seller_id)
    _add(envelope, "MessageType", "OrderFulfillment")
    for number, package in enumerate(packages, start=1):
        message = SubElement(envelope, "Message")
        _add(message, "MessageID", str(number))
        _add_fulfilment(message, package)
    content: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return content


def errors_of(report: bytes, *, messages: int) -> dict[int, str] | None:
    """Return why messages were not taken, by their number; None where the report does not account for all of them."""
    try:
        root, _ = parse(report.decode("utf-8", errors="replace"))
    except NotXml:
        return None
    summary = next(root.iter("ProcessingSummary"), None)
    wrong = {
        _number(result.findtext("MessageID")): _why(result)
        for result in root.iter("Result")
        if result.findtext("ResultCode") == _ERROR
    }
    if summary is None or _number(summary.findtext("MessagesProcessed")) != messages:
        return None
    # An error of the feed as a whole names no message.
    return wrong if len(wrong) == _number(summary.findtext("MessagesWithError")) and 0 not in wrong else None


def _add_fulfilment(message: Element, package: Package) -> None:
    shipment, fulfilment = package.shipment, SubElement(message, "OrderFulfillment")
    _add(fulfilment, "AmazonOrderID", shipment.order_id)
    _add(fulfilment, "FulfillmentDate", utc(package.shipped_at))
    data = SubElement(fulfilment, "FulfillmentData")
    if package.carrier_name:
        _add(data, "CarrierName", package.carrier_name)
    else:
        _add(data, "CarrierCode", package.carrier_code)
    _add(data, "ShipperTrackingNumber", shipment.number)
    for line_id, units in shipment.lines.items():
        item = SubElement(fulfilment, "Item")
        _add(item, "AmazonOrderItemCode", line_id)
        _add(item, "Quantity", str(units))


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = legal(text)


def _why(result: Element) -> str:
    said = (result.findtext("ResultMessageCode"), result.findtext("ResultDescription"))
    return " ".join(part.strip() for part in said if part) or _ERROR


def _number(text: str | None) -> int:
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
