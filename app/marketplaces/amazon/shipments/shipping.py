"""How shipments are confirmed: each by a call that may be repeated, a large backlog in one feed.

A call names the package by our own number, so the same one again never makes two. A feed knows no such number: what was
in one is confirmed again only after a look at what became of it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from app.clock import Clock
from app.domain.message import message
from app.domain.shipment import Shipment, ShipmentOutcome, ShipmentResult
from app.domain.task import Priority
from app.errors import CallError, OutcomeUnknown, Refused, RoleMissing, Unavailable
from app.marketplaces.amazon.client import AmazonClient, utc
from app.marketplaces.amazon.errors import NOT_FOUND, malformed
from app.marketplaces.amazon.quotas import CONFIRM_SHIPMENT
from app.marketplaces.amazon.shipments.fulfilment_feed import FulfilmentFeeds, HandedIn
from app.marketplaces.amazon.shipments.packages import (
    Package,
    Unsendable,
    as_package,
    confirmation,
    has_left,
    is_doubtful,
    refusal,
    shows,
)

# Calls go at two a second, a feed takes minutes: more parcels than that are quicker in a feed.
FEED_ABOVE = 300
# One order whose confirmation always fails must not keep the others back; after so many in a row Amazon is down.
MOST_UNANSWERED = 3

_outcome = ShipmentOutcome.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """Confirms shipments for one run; `home` names the marketplace of orders that do not say theirs."""

    client: AmazonClient
    feeds: FulfilmentFeeds
    clock: Clock
    home: Callable[[], Awaitable[str]]

    async def ship(self, shipments: Sequence[Shipment]) -> AsyncIterator[ShipmentOutcome]:
        """Yield what became of each shipment; those that were not sent are for later when what stops a run comes up."""
        waiting = {(shipment.order_id, shipment.sequence): shipment for shipment in shipments}
        try:
            async for outcome in self._confirm(shipments):
                waiting.pop((outcome.order_id, outcome.sequence), None)
                yield outcome
        except CallError:
            for shipment in waiting.values():
                yield _outcome(shipment, ShipmentResult.LATER)
            raise

    async def _confirm(self, shipments: Sequence[Shipment]) -> AsyncIterator[ShipmentOutcome]:
        home = await self.home() if any(not shipment.sales_channel for shipment in shipments) else ""
        packages: list[Package] = []
        for shipment in shipments:
            try:
                packages.append(as_package(shipment, home=home, now=self.clock.now()))
            except Unsendable as odd:
                yield _outcome(shipment, ShipmentResult.REFUSED, reason=odd.reason, detail=odd.detail)
        last = await self.feeds.last()
        fed = [package for package in packages if last and last.holds(package.shipment)]
        rest = [package for package in packages if not (last and last.holds(package.shipment))]
        # A feed names no package, so it can't correct one.
        corrections = [package for package in rest if package.shipment.correction]
        mass = [package for package in rest if not package.shipment.correction]
        if len(mass) <= FEED_ABOVE:
            corrections, mass = rest, []
        async for outcome in self._call_all(corrections):
            yield outcome
        # Amazon wants one feed of a kind at a time.
        if last and (fed or mass):
            async for outcome in self._see_through(last, fed):
                yield outcome
        if mass:
            async for outcome in self._feed(mass):
                yield outcome

    async def _call_all(
        self, packages: Sequence[Package], *, look_first: bool = False
    ) -> AsyncIterator[ShipmentOutcome]:
        unanswered: list[Unavailable] = []
        for package in packages:
            try:
                outcome = await self._call(package, look_first=look_first)
                unanswered.clear()
            except OutcomeUnknown as unknown:
                outcome = _outcome(package.shipment, ShipmentResult.UNKNOWN, detail=unknown.detail)
            except Unavailable as down:
                unanswered.append(down)
                outcome = _outcome(package.shipment, ShipmentResult.UNKNOWN, detail=down.detail)
            yield outcome
            if len(unanswered) == MOST_UNANSWERED:
                break
        if unanswered:
            raise unanswered[-1]

    async def _call(self, package: Package, *, look_first: bool) -> ShipmentOutcome:
        """Confirm one package, after a look whether it is there already where that is not known."""
        order_id = package.shipment.order_id
        if look_first:
            record = await self.client.order(order_id, priority=Priority.SHIPMENTS)
            if record is not None and shows(record, package.shipment):
                return _outcome(package.shipment, ShipmentResult.ALREADY)
        body = confirmation(package, ship_date=utc(package.shipped_at))
        try:
            answer = await self.client.call(
                CONFIRM_SHIPMENT, path={"order_id": order_id}, json=body, priority=Priority.SHIPMENTS
            )
        except Refused as refused:
            if refused.reason == NOT_FOUND:
                return _missing(package.shipment, refused.plain_detail)
            if is_doubtful(refused.plain_detail):
                return await self._looked_up(package.shipment, refused.plain_detail)
            return _refused(package.shipment, refused.plain_detail)
        # Yes has no words: a page is somebody else's answer.
        if answer.body.strip():
            raise malformed(CONFIRM_SHIPMENT, message("HINT_PAGE"))
        return _outcome(package.shipment, ShipmentResult.SENT)

    async def _looked_up(self, shipment: Shipment, said: str) -> ShipmentOutcome:
        """Return whether a parcel that Amazon does not take (any more) is there already."""
        record = await self.client.order(shipment.order_id, priority=Priority.SHIPMENTS)
        if record is None:
            return _missing(shipment, said)
        # That an order left says nothing of a number that was to be corrected.
        if shows(record, shipment) or (has_left(record) and not shipment.correction):
            return _outcome(shipment, ShipmentResult.ALREADY)
        return _refused(shipment, said)

    async def _see_through(self, handed: HandedIn, packages: Sequence[Package]) -> AsyncIterator[ShipmentOutcome]:
        """Settle what an earlier feed held: what it did not take is confirmed by calls."""
        try:
            verdicts = await self.feeds.verdicts(handed)
        except CallError:
            for package in packages:
                yield _outcome(package.shipment, ShipmentResult.UNKNOWN)
            raise
        taken = [
            package
            for package in packages
            if verdicts.get((package.shipment.order_id, package.shipment.sequence)) == ""
        ]
        for package in taken:
            yield _outcome(package.shipment, ShipmentResult.SENT)
        async for outcome in self._call_all([package for package in packages if package not in taken], look_first=True):
            yield outcome

    async def _feed(self, packages: Sequence[Package]) -> AsyncIterator[ShipmentOutcome]:
        """Confirm packages in one feed, and wait for what becomes of it as long as the run may last."""
        try:
            handed = await self.feeds.hand_in(packages)
        except (Refused, RoleMissing):
            # An application without feeds can still call.
            async for outcome in self._call_all(packages):
                yield outcome
            return
        try:
            verdicts = await self.feeds.verdicts(handed)
        except CallError:
            for package in packages:
                yield _outcome(package.shipment, ShipmentResult.UNKNOWN)
            raise
        for package in packages:
            verdict = verdicts.get((package.shipment.order_id, package.shipment.sequence))
            if verdict is None or is_doubtful(verdict):
                yield _outcome(package.shipment, ShipmentResult.UNKNOWN)
            elif verdict:
                yield _refused(package.shipment, verdict)
            else:
                yield _outcome(package.shipment, ShipmentResult.SENT)


def _refused(shipment: Shipment, said: str) -> ShipmentOutcome:
    reason, detail = refusal(said)
    return _outcome(shipment, ShipmentResult.REFUSED, reason=reason, detail=detail)


def _missing(shipment: Shipment, said: str) -> ShipmentOutcome:
    return _outcome(shipment, ShipmentResult.REFUSED, reason="ORDER_MISSING", detail=said)
