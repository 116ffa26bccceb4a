"""Stock and prices sent to the sandbox: many at once, by feeds whose results are read later."""

import json
from decimal import Decimal

import httpx
import pytest

from app.domain.offer import Offer, OfferKind, OfferResults, Submitted
from app.domain.task import Priority
from app.domain.wording import in_english
from app.errors import OutcomeUnknown, Unavailable
from app.marketplaces.amazon.offers import patches
from app.marketplaces.amazon.offers.offer_updates import BY_AMAZON, MOST_PATCHES, NOT_LISTED
from tests.marketplaces.amazon.region import FEED_S, LAMP, LIVE_AFTER_S, MAT, PRICE, STOCK, Region, trade
from tests.marketplaces.reaching import NOON
from tests.sandbox.amazon.models import schema_faults, with_models

MANY = MOST_PATCHES + 50


async def many(region: Region, *, quantity: int = 7, price: str = "20.00") -> list[Offer]:
    """Return a change of every offer of a range that is too large for patches."""
    await region.control.control("offers", count=MANY)
    return [Offer(sku=sku, quantity=quantity, price=Decimal(price)) for sku in await region.offers()]


def test_many_offers_go_by_one_feed_whose_results_come_later() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)

        submitted = await region.send(STOCK, *offers)
        early = await region.amazon.follow(STOCK, submitted.receipt or "")

        assert early is None
        assert await region.results(submitted) == OfferResults()
        assert {offer["quantity"] for offer in (await region.offers()).values()} == {7}
        assert (await region.calls("createFeed"), await region.calls("patchListingsItem")) == (1, 0)

    trade(scene)


def test_results_are_read_by_whoever_has_the_receipt() -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(STOCK, *await many(region))
        region.clock.advance(FEED_S)

        assert await region.again().follow(STOCK, submitted.receipt or "") == OfferResults()

    trade(scene)


def test_prices_go_by_one_feed_for_all_marketplaces() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)

        submitted = await region.send(PRICE, *offers)

        assert await region.results(submitted, PRICE) == OfferResults()
        assert await region.calls("createFeed") == 1
        for offer in (await region.offers()).values():
            assert (offer["price"], set(offer["channel_prices"].values())) == ("20.00", {"20.00", "17.20"})

    trade(scene, rates="GBP=0.86")


def test_as_many_calls_count_as_there_are_marketplaces() -> None:
    async def scene(region: Region) -> None:
        skus = list(await region.offers())

        submitted = await region.send(PRICE, *(Offer(sku=sku, price=Decimal("20.00")) for sku in skus))

        assert len(skus) < MOST_PATCHES < 6 * len(skus)
        assert submitted.receipt

    trade(scene)


def test_a_feed_leaves_lead_time_and_discounts_alone() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)
        await region.control.offer(LAMP, lead_time_days=3, discount_price="9.90", minimum_price="5.00")
        before = (await region.offers())[LAMP]

        for kind in (STOCK, PRICE):
            await region.results(await region.send(kind, *offers), kind)

        after = (await region.offers())[LAMP]
        kept = ("lead_time_days", "discount_price", "minimum_price", "maximum_price", "channels")
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
        assert (after["quantity"], after["price"]) == (7, "20.00")

    trade(scene)


@with_models
@pytest.mark.parametrize("kind", list(OfferKind))
def test_a_feed_is_as_amazons_schema_says(kind: OfferKind) -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(kind, *await many(region))

        content = json.loads(await region.sent_feed(submitted.receipt or ""))
        assert schema_faults("listings-feed-schema-v2", content) == []
        assert [message["messageId"] for message in content["messages"]] == list(range(1, len(content["messages"]) + 1))

    trade(scene)


def test_offers_of_amazons_are_in_no_feed() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)
        await region.control.offer(LAMP, fulfilment="marketplace", quantity=5)
        await region.control.control("offers", sku=MAT, remove=True)

        submitted = await region.send(STOCK, *offers)

        assert submitted.refused == {LAMP: BY_AMAZON, MAT: NOT_LISTED}
        assert await region.results(submitted) == OfferResults()
        assert (await region.offers())[LAMP]["fulfilment"] == "marketplace"

    trade(scene)


def test_what_amazon_refuses_of_a_feed_is_named_by_sku() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)
        too_many = Offer(sku=LAMP, quantity=10_000_001)
        submitted = await region.send(STOCK, *(each for each in offers if each.sku != LAMP), too_many)
        await region.control.control("offers", sku=MAT, remove=True)

        results = await region.results(submitted)

        assert results == OfferResults(
            refused={
                LAMP: "The value of 'quantity' is invalid",
                MAT: "'item_name' is required but not supplied",
            }
        )

    trade(scene)


@pytest.mark.parametrize("gzip", [True, False])
def test_a_report_may_be_packed(gzip: bool) -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(gzip=gzip)

        assert await region.results(await region.send(STOCK, *await many(region))) == OfferResults()

    trade(scene)


@pytest.mark.parametrize("fate", ["fatal", "fatal_half"])
def test_a_feed_that_amazon_gave_up_says_so(fate: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(feeds_fail=fate)
        submitted = await region.send(STOCK, *await many(region))

        results = await region.results(submitted)

        assert "FATAL" in in_english(results.failed)
        assert results.refused == {}

    trade(scene)


def test_a_feed_that_somebody_cancelled_says_so() -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(STOCK, *await many(region))
        await region.control.call("DELETE", f"/feeds/2021-06-30/feeds/{submitted.receipt}")

        results = await region.results(submitted)

        assert "CANCELLED" in in_english(results.failed)

    trade(scene)


def test_a_feed_that_nobody_knows_any_more_is_gone() -> None:
    async def scene(region: Region) -> None:
        assert await region.amazon.follow(STOCK, "404404") == OfferResults(gone=True)

    trade(scene)


def test_a_slow_feed_is_waited_for_from_run_to_run() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(job_wait_s=7200, job_run_s=3600)
        submitted = await region.send(STOCK, *await many(region))

        for _ in range(10):
            region.clock.advance(1000)
            assert await region.amazon.follow(STOCK, submitted.receipt or "") is None
        region.clock.advance(1000)

        assert await region.amazon.follow(STOCK, submitted.receipt or "") == OfferResults()
        assert await region.calls("getFeedDocument") == 1

    trade(scene)


def test_what_is_reported_while_a_feed_waits_stands_when_the_feed_is_through() -> None:
    async def scene(region: Region) -> None:
        await region.send(STOCK, *await many(region))

        sold_out = await region.send(STOCK, Offer(sku=LAMP, quantity=0))
        at_once = (await region.offers())[LAMP]["quantity"]

        assert at_once == 0
        assert await region.results(sold_out) == OfferResults()
        region.clock.advance(LIVE_AFTER_S)
        lamp = (await region.offers())[LAMP]
        assert (lamp["quantity"], lamp["live"]["quantity"]) == (0, 0)

    trade(scene)


def test_nothing_waits_for_a_feed_that_is_through() -> None:
    async def scene(region: Region) -> None:
        await region.send(STOCK, *await many(region))
        region.clock.advance(FEED_S)

        assert await region.send(STOCK, Offer(sku=LAMP, quantity=0)) == Submitted(receipt=None)

    trade(scene)


def test_what_does_not_fit_in_one_feed_goes_by_several_with_one_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "LARGEST_FEED", 40_000)

    async def scene(region: Region) -> None:
        offers = await many(region)
        await region.control.switch(job_wait_s=600)
        submitted = await region.send(
            STOCK, *(each for each in offers if each.sku != LAMP), Offer(sku=LAMP, quantity=0)
        )
        feed_ids = (submitted.receipt or "").split()
        await region.control.control("offers", sku=MAT, remove=True)
        region.clock.advance(600)

        early = await region.amazon.follow(STOCK, submitted.receipt or "")
        fetched = await region.calls("getFeedDocument")
        region.clock.advance(600)
        late = await region.amazon.follow(STOCK, submitted.receipt or "")

        assert len(feed_ids) == 3
        assert (early, fetched) == (None, 0)
        assert late is not None
        assert late.refused.keys() == {MAT}
        assert (await region.offers())[LAMP]["quantity"] == 0
        assert await region.throttled() == {}

    trade(scene)


# --- a bad day


@pytest.mark.parametrize("fault", ["lost_ack", "timeout", "http_500"])
def test_a_feed_of_which_nobody_knows_is_sent_again_without_harm(fault: str) -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)
        await region.control.fault(fault, count=1, operation="createFeed")

        with pytest.raises(OutcomeUnknown):
            await region.send(STOCK, *offers)
        submitted = await region.send(STOCK, *offers)

        assert await region.results(submitted) == OfferResults()
        assert {offer["quantity"] for offer in (await region.offers()).values()} == {7}

    trade(scene)


@pytest.mark.parametrize("operation", ["createFeedDocument", "uploadDocument", "getFeed", "getFeedDocument"])
@pytest.mark.parametrize("fault", ["lost_ack", "http_429"])
def test_the_other_steps_are_made_again_at_once(operation: str, fault: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.fault(fault, count=1, operation=operation)

        submitted = await region.send(STOCK, *await many(region))

        assert await region.results(submitted) == OfferResults()

    trade(scene)


def test_a_429_for_a_feed_waits_for_the_next_token_and_keeps_the_document() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)
        await region.control.fault("http_429", count=1, operation="createFeed")

        submitted = await region.send(STOCK, *offers)

        assert submitted.receipt
        assert await region.calls("createFeedDocument") == 1
        assert (region.clock.now() - NOON).total_seconds() > 100

    trade(scene)


def test_an_address_that_ended_before_the_upload_is_asked_for_anew() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)
        slow = iter([301])

        async def before(request: httpx.Request) -> None:
            if request.method == "PUT":
                region.clock.advance(next(slow, 0))

        region.network.before = before

        assert await region.results(await region.send(STOCK, *offers)) == OfferResults()

        assert await region.calls("createFeedDocument") == 2

    trade(scene)


def test_an_address_that_ended_before_the_download_is_asked_for_anew() -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(STOCK, *await many(region))
        slow = iter([301])

        async def before(request: httpx.Request) -> None:
            if request.method == "GET" and "/s3/" in request.url.path:
                region.clock.advance(next(slow, 0))

        region.network.before = before

        assert await region.results(submitted) == OfferResults()

        assert await region.calls("getFeedDocument") == 2

    trade(scene)


def test_a_store_that_takes_no_document_is_an_outage_and_no_missing_role() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)
        await region.control.fault("http_403", operation="uploadDocument")

        with pytest.raises(Unavailable):
            await region.send(STOCK, *offers)

    trade(scene)


def test_a_store_that_gives_no_document_is_an_outage_and_no_missing_role() -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(STOCK, *await many(region))
        await region.control.fault("http_403", operation="downloadDocument")

        with pytest.raises(Unavailable):
            await region.results(submitted)

    trade(scene)


# --- much


@pytest.mark.long
def test_5000_offers_are_looked_up_and_sent_in_a_minute() -> None:
    async def scene(region: Region) -> None:
        await region.control.control("offers", count=5000)
        skus = list(await region.offers())

        submitted = await region.send(STOCK, *(Offer(sku=sku, quantity=7) for sku in skus))

        took_s = (region.clock.now() - NOON).total_seconds()
        assert await region.results(submitted) == OfferResults()
        assert {offer["quantity"] for offer in (await region.offers()).values()} == {7}
        # 253 searches at five in a second.
        assert took_s == pytest.approx(len(skus) / 20 / 5, rel=0.05)
        assert await region.throttled() == {}

    trade(scene)


def test_feeds_of_a_busy_hour_are_never_throttled() -> None:
    async def scene(region: Region) -> None:
        offers = await many(region)

        for number in range(4):
            changed = [Offer(sku=offer.sku, quantity=number, price=Decimal(10 + number)) for offer in offers]
            for kind in OfferKind:
                await region.amazon.send_offers(kind, changed, priority=Priority.PRICES)

        region.clock.advance(FEED_S)
        assert await region.throttled() == {}
        assert {(offer["quantity"], offer["price"]) for offer in (await region.offers()).values()} == {(3, "13.00")}

    trade(scene)
