"""Stock and prices sent to the sandbox: a few at once."""

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal

import httpx
import pytest

from app.domain.offer import Offer, OfferResults, Submitted
from app.errors import LimitReached, Refused, Unavailable
from app.marketplaces.amazon.offers.offer_updates import BY_AMAZON, MOST_PATCHES, NO_PRICE, NO_SKU, NOT_LISTED
from tests.marketplaces.amazon.region import LAMP, LIVE_AFTER_S, MAT, PRICE, STOCK, Region, trade
from tests.marketplaces.reaching import NOON
from tests.sandbox.amazon.caller import Json
from tests.support.sentences import in_full

TAKEN = Submitted(receipt=None)
ODD_SKUS = ["A/B", "A+B", "A B", "A#B", "Größe-ü", "100%", "50%2F50", "A,B", "a?b=c&d", "..", "'quoted\"", "A\\B"]


def test_stock_is_reported_once_for_all_marketplaces() -> None:
    async def scene(region: Region) -> None:
        before = (await region.offers())[LAMP]

        submitted = await region.send(STOCK, Offer(sku=LAMP, quantity=7))

        after = (await region.offers())[LAMP]
        assert submitted == TAKEN
        assert await region.calls("patchListingsItem") == 1
        assert after["quantity"] == 7
        assert changed(before, after) == {"quantity"}

    trade(scene)


def test_a_price_goes_to_every_marketplace_in_its_own_currency() -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.05")))

        after = (await region.offers())[LAMP]
        assert submitted == TAKEN
        assert after["price"] == "20.05"
        euros = dict.fromkeys(("DE", "IT", "ES", "BE", "NL"), "20.05")
        assert after["channel_prices"] == euros | {"UK": "17.24"}
        assert await region.calls("patchListingsItem") == 7

    trade(scene, rates="GBP=0.86")


def test_a_marketplace_without_a_rate_keeps_its_price() -> None:
    async def scene(region: Region) -> None:
        british = (await region.offers())[LAMP]["channel_prices"]["UK"]

        await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.05")))

        prices = (await region.offers())[LAMP]["channel_prices"]
        assert (prices["DE"], prices["UK"]) == ("20.05", british)

    trade(scene)


def test_a_price_is_sent_only_where_the_sku_is_offered() -> None:
    async def scene(region: Region) -> None:
        answer = await region.control.patch(LAMP, {"op": "delete", "path": "/attributes/purchasable_offer"})
        assert answer.is_success
        region.clock.advance(LIVE_AFTER_S)
        await region.control.offer(LAMP, channel_prices={"FR": "9.00", "DE": "9.00"})

        submitted = await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.00")))

        after = (await region.offers())[LAMP]
        assert submitted == TAKEN
        assert (after["price"], after["channel_prices"]) == ("20.00", {"DE": "20.00"})

    trade(scene)


def test_a_sku_that_is_offered_only_in_an_unknown_currency_gets_no_price_and_says_so() -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.00")))

        assert "GBP" in in_full(submitted.refused[LAMP])
        assert await region.calls("patchListingsItem") == 0

    trade(scene, marketplaces="UK")


def test_lead_time_discount_limits_and_business_price_stay_as_they_are() -> None:
    async def scene(region: Region) -> None:
        more = {"discount_price": "9.90", "minimum_price": "5.00", "maximum_price": "90.00", "business_price": "8.00"}
        await region.control.offer(LAMP, lead_time_days=3, **more)
        before, listed = (await region.offers())[LAMP], await region.control.listing(LAMP)

        await region.send(STOCK, Offer(sku=LAMP, quantity=7))
        await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.00")))

        region.clock.advance(LIVE_AFTER_S)
        after = (await region.offers())[LAMP]
        assert changed(before, after) == {"quantity", "price", "channel_prices"}
        assert business_offers(await region.control.listing(LAMP)) == business_offers(listed) != []

    trade(scene)


@pytest.mark.parametrize("sku", ODD_SKUS)
def test_a_sku_may_hold_any_sign(sku: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.offer(sku, quantity=1, price="5.00")
        reachable = sku != ".."

        stock = await region.send(STOCK, Offer(sku=sku, quantity=7))
        price = await region.send(PRICE, Offer(sku=sku, price=Decimal("20.00")))

        assert (stock == TAKEN) == (price == TAKEN) == reachable
        after = (await region.offers())[sku]
        assert (after["quantity"], after["price"]) == ((7, "20.00") if reachable else (1, "5.00"))

    trade(scene)


@pytest.mark.parametrize("sku", ["", " ", "A\nB", "A\ud800B"])
def test_a_sku_that_can_not_be_sent_is_refused_without_a_call(sku: str) -> None:
    async def scene(region: Region) -> None:
        assert await region.send(STOCK, Offer(sku=sku, quantity=7)) == Submitted(receipt=None, refused={sku: NO_SKU})
        assert await region.calls("searchListingsItems") == 0

    trade(scene)


# --- what Amazon ships


def test_an_offer_that_amazon_ships_gets_no_stock() -> None:
    async def scene(region: Region) -> None:
        await region.control.offer(LAMP, fulfilment="marketplace", quantity=5)

        submitted = await region.send(STOCK, Offer(sku=LAMP, quantity=7), Offer(sku=MAT, quantity=8))

        after = await region.offers()
        assert submitted == Submitted(receipt=None, refused={LAMP: BY_AMAZON})
        assert (after[LAMP]["fulfilment"], after[LAMP]["quantity"]) == ("marketplace", 5)
        assert after[MAT]["quantity"] == 8

    trade(scene)


def test_an_offer_that_went_to_amazon_after_the_listing_gets_no_stock() -> None:
    async def scene(region: Region) -> None:
        assert not (await region.live())[LAMP].inactive
        await region.control.offer(LAMP, fulfilment="marketplace")

        submitted = await region.send(STOCK, Offer(sku=LAMP, quantity=7))

        assert submitted.refused == {LAMP: BY_AMAZON}

    trade(scene)


def test_an_offer_that_amazon_ships_gets_a_price() -> None:
    async def scene(region: Region) -> None:
        await region.control.offer(LAMP, fulfilment="marketplace")

        assert await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.00"))) == TAKEN

        after = (await region.offers())[LAMP]
        assert (after["fulfilment"], after["price"]) == ("marketplace", "20.00")

    trade(scene)


# --- refusals


@pytest.mark.parametrize("kind", [STOCK, PRICE])
@pytest.mark.parametrize("how", ["invalid", "bad_request", "not_found"])
def test_a_sku_that_is_not_listed_is_refused_and_no_offer_is_made(kind: str, how: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(unknown_sku=how)
        offers = [Offer(sku=sku, quantity=7, price=Decimal("20.00")) for sku in ("NO-SUCH-SKU", LAMP)]

        submitted = await region.send(STOCK if kind == STOCK else PRICE, *offers)

        assert submitted == Submitted(receipt=None, refused={"NO-SUCH-SKU": NOT_LISTED})
        assert "NO-SUCH-SKU" not in await region.offers()

    trade(scene)


@pytest.mark.parametrize("how", ["invalid", "bad_request", "not_found"])
def test_a_sku_that_goes_at_the_last_moment_is_refused_in_amazons_words(how: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(unknown_sku=how)
        region.network.before = at_first("PATCH", lambda: region.control.control("offers", sku=LAMP, remove=True))

        submitted = await region.send(STOCK, Offer(sku=LAMP, quantity=7))

        assert submitted.refused[LAMP]
        assert LAMP not in await region.offers()

    trade(scene, odd=["patchListingsItem 404 is no status of this operation"] if how == "not_found" else [])


def test_a_value_that_amazon_calls_invalid_is_refused_in_its_words() -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(STOCK, Offer(sku=LAMP, quantity=10_000_001), Offer(sku=MAT, quantity=8))

        assert submitted.refused == {LAMP: "The value of 'quantity' is invalid"}
        assert (await region.offers())[MAT]["quantity"] == 8

    trade(scene)


@pytest.mark.parametrize("sku", ["NO,SUCH,SKU", "NO SUCH SKU"])
def test_a_sku_with_a_comma_is_looked_up_alone(sku: str) -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(STOCK, Offer(sku=sku, quantity=1))

        assert submitted == Submitted(receipt=None, refused={sku: NOT_LISTED})
        assert await region.calls("getListingsItem") == ("," in sku)

    trade(scene)


def test_a_sku_without_a_price_for_consumers_gets_none() -> None:
    async def scene(region: Region) -> None:
        answer = await region.control.patch(LAMP, {"op": "delete", "path": "/attributes/purchasable_offer"})
        assert answer.is_success
        region.clock.advance(LIVE_AFTER_S)

        submitted = await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.00")))

        assert submitted == Submitted(receipt=None, refused={LAMP: NO_PRICE})

    trade(scene)


@pytest.mark.parametrize("quantity", [None, -1])
def test_a_stock_that_is_none_is_refused(quantity: int | None) -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(STOCK, Offer(sku=LAMP, quantity=quantity))

        assert in_full(submitted.refused[LAMP]).startswith("The stock must be")
        assert await region.calls("patchListingsItem") == 0

    trade(scene)


@pytest.mark.parametrize("price", [None, Decimal(0), Decimal(-1), Decimal("NaN")])
def test_a_price_that_is_none_is_refused(price: Decimal | None) -> None:
    async def scene(region: Region) -> None:
        submitted = await region.send(PRICE, Offer(sku=LAMP, price=price))

        assert in_full(submitted.refused[LAMP]).startswith("The price must be an amount above 0")
        assert await region.calls("patchListingsItem") == 0

    trade(scene)


def test_a_fault_of_amazons_own_is_answered_by_trying_once_more() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(internal_issue_rate=1)
        region.network.before = at_second("PATCH", lambda: region.control.switch(internal_issue_rate=0))

        assert await region.send(STOCK, Offer(sku=LAMP, quantity=7)) == TAKEN

        assert (await region.offers())[LAMP]["quantity"] == 7

    trade(scene)


def test_a_fault_of_amazons_own_that_stays_is_named() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(internal_issue_rate=1)

        submitted = await region.send(STOCK, Offer(sku=LAMP, quantity=7))

        assert submitted.refused[LAMP]
        assert await region.calls("patchListingsItem") == 2

    trade(scene)


def test_a_region_that_calls_everything_wrong_is_not_about_the_offers() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(troubles={"patchListingsItem": "http_400"})

        with pytest.raises(Refused):
            await region.send(STOCK, Offer(sku=LAMP, quantity=7), Offer(sku=MAT, quantity=8))

    trade(scene)


# --- a bad day


@pytest.mark.parametrize("fault", ["lost_ack", "timeout", "reset", "http_500", "http_503", "http_429", "truncate"])
def test_a_patch_whose_answer_was_lost_is_sent_again(fault: str) -> None:
    async def scene(region: Region) -> None:
        await region.control.fault(fault, count=2, operation="patchListingsItem")

        assert await region.send(STOCK, Offer(sku=LAMP, quantity=7), Offer(sku=MAT, quantity=8)) == TAKEN

        after = await region.offers()
        assert (after[LAMP]["quantity"], after[MAT]["quantity"]) == (7, 8)

    trade(scene)


def test_an_outage_stops_the_run_and_what_was_sent_is_harmless_to_send_again() -> None:
    async def scene(region: Region) -> None:
        offers = [Offer(sku=sku, quantity=7) for sku in await region.offers()]
        region.network.before = at_number(
            10, "PATCH", lambda: region.control.fault("http_503", operation="patchListingsItem")
        )

        with pytest.raises(Unavailable):
            await region.send(STOCK, *offers)
        await region.control.http.delete("/_control/amazon/faults")
        assert await region.send(STOCK, *offers) == TAKEN

        assert {offer["quantity"] for offer in (await region.offers()).values()} == {7}

    trade(scene)


def test_a_run_that_has_no_time_left_begins_no_patch() -> None:
    async def scene(region: Region) -> None:
        await region.control.control("offers", count=200)
        offers = [Offer(sku=sku, quantity=7) for sku in await region.offers()]

        with pytest.raises(LimitReached):
            await region.send(STOCK, *offers)

        assert (region.clock.now() - NOON).total_seconds() <= 20
        assert 0 < await region.calls("patchListingsItem") < len(offers)

    trade(scene, seconds=20)


def test_patches_run_at_the_pace_that_amazon_allows_and_meet_no_429() -> None:
    async def scene(region: Region) -> None:
        await region.control.control("offers", count=243)
        skus = list(await region.offers())
        assert len(skus) == MOST_PATCHES

        assert await region.send(STOCK, *(Offer(sku=sku, quantity=7) for sku in skus)) == TAKEN

        # 15 searches and 300 patches at five in a second, five of each at once.
        assert (region.clock.now() - NOON).total_seconds() == pytest.approx(10 / 5 + 295 / 5, rel=0.03)
        assert await region.throttled() == {}
        assert {offer["quantity"] for offer in (await region.offers()).values()} == {7}

    trade(scene)


def test_where_an_application_as_a_whole_is_throttled_a_feed_does_it() -> None:
    async def scene(region: Region) -> None:
        await region.control.switch(application_factor=0.002)
        offers = [Offer(sku=sku, quantity=7) for sku in await region.offers()]

        submitted = await region.send(STOCK, *offers)

        assert await region.results(submitted) == OfferResults()
        assert {offer["quantity"] for offer in (await region.offers()).values()} == {7}

    trade(scene)


def test_prices_leave_two_tokens_to_stock() -> None:
    async def scene(region: Region) -> None:
        await region.send(PRICE, Offer(sku=LAMP, price=Decimal("20.00")))
        at = region.clock.now()

        await region.send(STOCK, Offer(sku=LAMP, quantity=7), Offer(sku=MAT, quantity=7))

        assert region.clock.now() == at

    trade(scene)


def test_the_body_of_a_patch_is_what_amazon_asks_for() -> None:
    async def scene(region: Region) -> None:
        await region.send(STOCK, Offer(sku="LAMPE-BUREAU-001", quantity=0))
        await region.send(PRICE, Offer(sku="LAMPE-BUREAU-001", price=Decimal("24.90")))

        stock, price = [request for request in region.network.requests if request.method == "PATCH"]
        assert json.loads(stock.content)["patches"] == [
            {
                "op": "merge",
                "path": "/attributes/fulfillment_availability",
                "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 0}],
            }
        ]
        assert json.loads(price.content)["patches"] == [
            {
                "op": "merge",
                "path": "/attributes/purchasable_offer",
                "value": [
                    {
                        "marketplace_id": "A13V1IB3VIYZZH",
                        "currency": "EUR",
                        "audience": "ALL",
                        "our_price": [{"schedule": [{"value_with_tax": 24.9}]}],
                    }
                ],
            }
        ]

    trade(scene, marketplaces="FR")


def changed(before: Json, after: Json) -> set[str]:
    """Return the names of what differs, but for what differs with every change."""
    return {name for name in before if before[name] != after[name]} - {"updated", "live", "active"}


def business_offers(listing: Json) -> list[Json]:
    return [offer for offer in listing["offers"] if offer["offerType"] == "B2B"]


def at_first(verb: str, happen: Callable[[], Awaitable[object]]) -> Callable[[httpx.Request], Awaitable[None]]:
    return at_number(1, verb, happen)


def at_second(verb: str, happen: Callable[[], Awaitable[object]]) -> Callable[[httpx.Request], Awaitable[None]]:
    return at_number(2, verb, happen)


def at_number(
    number: int, verb: str, happen: Callable[[], Awaitable[object]]
) -> Callable[[httpx.Request], Awaitable[None]]:
    """Return what lets something happen just before that request of its kind arrives."""
    seen: list[str] = []

    async def before(request: httpx.Request) -> None:
        seen.extend([verb] if request.method == verb else [])
        if request.method == verb and len(seen) == number:
            await happen()

    return before
