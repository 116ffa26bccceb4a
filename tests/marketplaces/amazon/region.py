"""The offers of a seller in the sandbox's region, and the control API that shows what became of them.

Every call of the adapter and its answer are held to Amazon's model files, and no offer that Amazon ships may ever turn
into one of the merchant's.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx

from app.clock import JumpingClock
from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.page import Page
from app.domain.task import Priority
from app.marketplaces.amazon.adapter import AmazonMarketplace
from app.marketplaces.amazon.config import AmazonConfig
from app.sandbox.app import create_sandbox
from app.transport.connector import Connector
from app.transport.deadline import Deadline
from tests.marketplaces.amazon.held_to_models import HeldToModels
from tests.marketplaces.reaching import NOON, a_connector
from tests.sandbox.amazon.caller import Caller, Json
from tests.sandbox.amazon.models import FOLDER
from tests.support.aio import run

ADDRESS = "https://sandbox.example"
LAMP, MAT = "LAMPE-BUREAU-001", "TAPIS-YOGA-001"
# ACCEPTED means taken; so long until buyers see it, and so long until a feed is through.
LIVE_AFTER_S = 300
FEED_S = 200
STOCK, PRICE = OfferKind.STOCK, OfferKind.PRICE

BeforeRequest = Callable[[httpx.Request], Awaitable[None]]


@dataclass
class WatchedNetwork(httpx.AsyncBaseTransport):
    """A network on which something may happen just before a request arrives; it keeps the requests."""

    network: httpx.AsyncBaseTransport
    before: BeforeRequest | None = None
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.before:
            await self.before(request)
        return await self.network.handle_async_request(request)


@dataclass(frozen=True, kw_only=True)
class Region:
    """An adapter in a region of its own, and the control API."""

    amazon: AmazonMarketplace
    config: AmazonConfig
    connector: Connector
    clock: JumpingClock
    control: Caller
    network: WatchedNetwork

    def again(self, **changes: Any) -> AmazonMarketplace:
        """Return the adapter as another run opens it."""
        return AmazonMarketplace(self.config.model_copy(update=changes), self.connector)

    def unhurried(self) -> AmazonMarketplace:
        """Return the adapter as a run opens it that has all the time in the world."""
        return AmazonMarketplace(self.config, replace(self.connector, deadline=Deadline(None)))

    async def send(self, kind: OfferKind, *offers: Offer) -> Submitted:
        priority = Priority.STOCK if kind is STOCK else Priority.PRICES
        return await self.amazon.send_offers(kind, offers, priority=priority)

    async def results(self, submitted: Submitted, kind: OfferKind = STOCK) -> OfferResults:
        """Return what became of feeds, long enough after."""
        assert submitted.receipt
        self.clock.advance(FEED_S)
        found = await self.amazon.follow(kind, submitted.receipt)
        assert found is not None
        return found

    async def live_pages(self, resume: str | None = None) -> list[Page[LiveOffer]]:
        return [page async for page in self.amazon.live_offers(resume=resume)]

    async def live(self, resume: str | None = None) -> dict[str, LiveOffer]:
        """Return every offer of a listing, each told once."""
        offers = [offer for page in await self.live_pages(resume) for offer in page.items]
        assert len({offer.sku for offer in offers}) == len(offers)
        return {offer.sku: offer for offer in offers}

    async def offers(self) -> dict[str, Json]:
        """Return what Amazon was told of every offer, by SKU."""
        found: dict[str, Json] = (await self.control.state())["offers"]
        return found

    async def calls(self, operation: str) -> int:
        return int((await self.control.state())["calls"].get(operation, 0))

    async def throttled(self) -> Json:
        found: Json = (await self.control.state())["throttled"]
        return found

    async def sent_feed(self, feed_id: str) -> bytes:
        """Return a feed's document as Amazon got it."""
        return (await self.control.http.get(f"/_control/amazon/imports/{feed_id}")).content


Scene = Callable[[Region], Awaitable[None]]


def trade(scene: Scene, *, seconds: float | None = None, odd: Sequence[str] = (), **config: Any) -> None:
    """Play a scene in a fresh region.

    `seconds` is how long a run may take, `odd` what the region answers that no model tells, `config` are fields of the
    account.
    """
    deadline = None if seconds is None else NOON + timedelta(seconds=seconds)

    async def in_a_world() -> None:
        clock = JumpingClock(NOON)
        sandbox = httpx.ASGITransport(app=create_sandbox(seed=1, clock=clock))
        held = HeldToModels(sandbox, prefix="/amazon")
        network = WatchedNetwork(held)
        connector = a_connector(network, clock=clock, deadline=deadline)
        async with connector.http, httpx.AsyncClient(transport=sandbox, base_url=ADDRESS) as http:
            reach = (await http.get("/_control/credentials")).json()["amazon"]
            given = AmazonConfig.model_validate(reach["settings"] | reach["secrets"] | config)
            region = Region(
                amazon=AmazonMarketplace(given, connector),
                config=given,
                connector=connector,
                clock=clock,
                control=Caller(http, clock, reach),
                network=network,
            )
            await scene(region)
            assert (await region.control.state())["turned_to_merchant"] == 0
        assert held.faults == list(odd) or not FOLDER.is_dir()

    run(in_a_world())
