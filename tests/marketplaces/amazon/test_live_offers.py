"""All offers of a seller, read from the sandbox: by searching, or from reports."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from app.domain.offer import LiveOffer, Offer
from app.domain.order import Fulfilment
from app.domain.page import Page
from app.domain.task import Priority
from app.errors import BadInput, LimitReached, RoleMissing, Unavailable
from tests.marketplaces.amazon.builders import a_marketplace, letting_in, refused
from tests.marketplaces.amazon.region import LAMP, LIVE_AFTER_S, MAT, PRICE, STOCK, Region, trade
from tests.marketplaces.reaching import NOON
from tests.support.aio import run
from tests.support.sentences import detail_and_fix

# More than a search leads to.
LARGE = 1_200


def test_every_offer_is_reported_once_with_stock_price_and_who_ships_it() -> None:
    async def scene(region: Region) -> None:
        await region.control.offer(MAT, fulfilment="marketplace")

        live = await region.live()

        reported = await region.offers()
        assert live.keys() == reported.keys()
        assert [sku for sku, offer in live.items() if offer.fulfilment is Fulfilment.MARKETPLACE] == [MAT]
        for sku, offer in live.items():
            assert offer.price == Decimal(reported[sku]["price"])
            assert offer.quantity == reported[sku]["quantity"] or sku == MAT
        assert await region.calls("createReport") == 0

    trade(scene)


def test_an_offer_that_nobody_can_buy_says_so() -> None:
    async def scene(region: Region) -> None:
        sold_out = {sku for sku, offer in (await region.offers()).items() if not offer["quantity"]}
        await region.control.offer(LAMP, quantity=0)
        await region.control.offer(MAT, active=False)

        live = await region.live()

        assert {sku for sku, offer in live.items() if offer.inactive} == sold_out | {LAMP, MAT}

    trade(scene)


def test_prices_that_differ_from_one_another_are_noticed_until_one_is_sent() -> None:
    async def scene(region: Region) -> None:
        await region.control.offer(LAMP, channel_prices={"DE": "77.00"})
        assert (await region.live())[LAMP].uneven

        await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.00")))

        region.clock.advance(LIVE_AFTER_S)
        after = (await region.live())[LAMP]
        assert (after.price, after.uneven) == (Decimal("20.00"), False)

    trade(scene)


def test_a_price_is_known_again_from_what_it_is_in_other_currencies() -> None:
    async def scene(region: Region) -> None:
        before = (await region.live())[LAMP]

        await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.05")))

        region.clock.advance(LIVE_AFTER_S)
        assert before.uneven
        assert (await region.live())[LAMP] == replace(before, price=Decimal("20.05"), uneven=False)

    trade(scene, rates="GBP=0.86")


def test_a_discount_is_not_the_price() -> None:
    async def scene(region: Region) -> None:
        before = await region.live()
        await region.control.offer(LAMP, discount_price="1.50", business_price="1.40")

        assert await region.live() == before

    trade(scene)


@pytest.mark.parametrize("marketplaces", ["FR", "FR,DE,UK"])
def test_a_large_range_is_reported_as_a_small_one_would_be(marketplaces: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.offer(MAT, fulfilment="marketplace")
        await region.control.offer(LAMP, channel_prices={"FR": "77.00"}, quantity=0)
        small = await region.live()
        await region.control.control("offers", count=LARGE)

        large = await region.live()

        reported = await region.offers()
        assert large.keys() == reported.keys()
        assert {sku: large[sku] for sku in small} == small
        assert await region.calls("createReport") == len(marketplaces.split(","))
        assert await region.throttled() == {}

    trade(scene, marketplaces=marketplaces)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_report_may_be_written_in_either_way(encoding: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(report_encoding=encoding)
        await region.control.offer("GRÖSSE-É", quantity=3)
        await region.control.control("offers", count=LARGE)

        assert (await region.live())["GRÖSSE-É"].quantity == 3

    trade(scene, marketplaces="FR")


def test_a_range_that_a_search_does_not_lead_through_comes_from_reports() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(listings_found=30)

        pages = await region.live_pages()

        found = {offer.sku for page in pages for offer in page.items}
        assert found == (await region.offers()).keys()
        assert [page.resume is None for page in pages] == [False] * (len(pages) - 1) + [True]

    trade(scene, marketplaces="FR")


def test_an_account_without_an_offer_has_an_empty_list() -> None:
    async def scene(region: Region) -> None:
        for sku in await region.offers():
            await region.control.control("offers", sku=sku, remove=True)

        [page] = await region.live_pages()

        assert (page.items, page.resume) == ((), None)

    trade(scene)


def test_a_large_listing_that_ran_out_of_time_goes_on_with_the_reports_it_ordered() -> None:
    async def scene(region: Region) -> None:
        await region.control.control("offers", count=LARGE)
        resume, reached = await cut_off(region.amazon.live_offers(resume=None))
        region.clock.advance(600)

        rest = region.unhurried().live_offers(resume=resume)
        offers = [offer async for page in rest for offer in page.items]

        assert reached.resume_at > NOON
        assert {offer.sku for offer in offers} == (await region.offers()).keys()
        assert await region.calls("createReport") == 2

    trade(scene, seconds=60, marketplaces="FR,DE")


def test_a_listing_goes_on_after_the_pages_that_were_stored() -> None:
    async def scene(region: Region) -> None:
        await region.control.control("offers", count=LARGE)
        stored = next(page for page in await region.live_pages() if page.items)

        rest = await region.live(stored.resume)

        assert rest.keys() == (await region.offers()).keys() - {offer.sku for offer in stored.items}

    trade(scene, marketplaces="FR")


def test_a_small_listing_that_was_cut_off_is_reported_anew() -> None:
    async def scene(region: Region) -> None:
        first, *_ = await region.live_pages()

        assert (await region.live(first.resume)).keys() == (await region.offers()).keys()

    trade(scene)


def test_words_that_are_no_place_are_refused() -> None:
    async def scene(region: Region) -> None:
        for resume in ("", "41", "{}", '{"reports": [], "listed": 0}', '{"reports": {}, "listed": "x"}'):
            with pytest.raises(BadInput):
                await region.live_pages(resume)

    trade(scene)


def test_a_report_that_amazon_gave_up_is_ordered_once_more_and_then_is_an_outage() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(reports_fail=True)
        await region.control.control("offers", count=LARGE)

        with pytest.raises(Unavailable, match="gave up"):
            await region.live_pages()

        assert await region.calls("createReport") == 2

    trade(scene, marketplaces="FR")


def test_a_report_that_amazon_gave_up_once_is_made_by_the_second_try() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(reports_fail=True)
        await region.control.control("offers", count=LARGE)
        ordered: list[str] = []

        async def before(request: httpx.Request) -> None:
            ordered.extend([request.url.path] if request.method == "POST" and "/reports" in request.url.path else [])
            if len(ordered) == 3:
                await region.control.switch(reports_fail=False)

        region.network.before = before

        assert (await region.live()).keys() == (await region.offers()).keys()

    trade(scene, marketplaces="FR,DE")


def test_reports_that_nobody_knows_any_more_are_ordered_anew() -> None:
    async def scene(region: Region) -> None:
        await region.control.control("offers", count=LARGE)
        forgotten = '{"reports": {"A13V1IB3VIYZZH": "404404"}, "listed": 0}'

        assert (await region.live(forgotten)).keys() == (await region.offers()).keys()

    trade(scene, marketplaces="FR")


def test_reports_without_a_line_never_end_a_large_listing() -> None:
    async def scene(region: Region) -> None:
        await region.control.control("offers", count=LARGE)
        first, *_ = await region.live_pages()
        for sku in await region.offers():
            await region.control.control("offers", sku=sku, remove=True)
        again = '{"reports": {}, "listed": 0}'

        with pytest.raises(Unavailable, match="no report holds an offer"):
            await region.live_pages(again)

        assert first.resume

    trade(scene, marketplaces="FR")


def test_a_seller_of_whom_nobody_may_know_the_marketplaces_is_asked_to_name_them() -> None:
    remote = letting_in(lambda request: refused(403, "Unauthorized", "Access to requested resource is denied."))
    amazon = a_marketplace(remote, marketplaces="")

    with pytest.raises(RoleMissing) as error:
        run(amazon.send_offers(STOCK, [Offer(sku=LAMP, quantity=1)], priority=Priority.STOCK))

    assert "Enter its marketplaces" in detail_and_fix(error.value)


def test_stock_that_was_reported_is_listed_once_it_is_live() -> None:
    async def scene(region: Region) -> None:
        await region.send(STOCK, Offer(sku=LAMP, quantity=4321))
        region.clock.advance(LIVE_AFTER_S)

        assert (await region.live())[LAMP].quantity == 4321

    trade(scene)


async def cut_off(pages: AsyncIterator[Page[LiveOffer]]) -> tuple[str | None, LimitReached]:
    """Return where a listing was when its time ran out."""
    resume = None
    try:
        async for page in pages:
            resume = page.resume
    except LimitReached as reached:
        return resume, reached
    raise AssertionError("it came to its end")
