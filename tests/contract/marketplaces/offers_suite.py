"""How every marketplace adapter lists offers and sends stock and prices."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.offer import Offer, OfferKind, OfferResults
from app.domain.order import Fulfilment
from tests.contract.marketplaces.under_test import (
    MANY,
    MarketplaceUnderTest,
    Subject,
    run_on,
    without,
)


class OffersSuite:
    """Subclassed where the fixture `subject` is: each test gets a fresh one."""

    def test_every_offer_is_listed_exactly_once(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            await tested.put_up(count=MANY)

            listed = [offer for page in await tested.live_pages() for offer in page.items]

            remote = await tested.remote_offers()
            assert sorted(offer.sku for offer in listed) == sorted(remote)
            for offer in listed:
                assert (offer.quantity, offer.price) == (
                    remote[offer.sku]["quantity"],
                    Decimal(remote[offer.sku]["price"]),
                )

        run_on(subject, check)

    def test_a_list_of_offers_goes_on_after_the_pages_that_were_stored(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            await tested.put_up(count=MANY)
            first, *_ = await tested.live_pages()

            rest = await tested.live_pages(resume=first.resume)

            found = {offer.sku for page in (first, *rest) for offer in page.items}
            assert found == set(await tested.remote_offers())

        run_on(subject, check)

    def test_an_offer_says_who_ships_it(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            await tested.put_up(sku="THEIRS-1", fulfilment="marketplace", quantity=3, price="5.00")

            live = await tested.live()

            assert {sku for sku, offer in live.items() if offer.fulfilment is Fulfilment.MARKETPLACE} == {"THEIRS-1"}

        run_on(subject, check)

    def test_stock_changes_and_nothing_else(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            before = await tested.remote_offers()
            first, second, *_ = before

            results = await tested.sent(OfferKind.STOCK, Offer(sku=first, quantity=0), Offer(sku=second, quantity=4321))

            assert results == OfferResults()
            after = await tested.remote_offers()
            assert (after[first]["quantity"], after[second]["quantity"]) == (0, 4321)
            assert without(after, first, "quantity", "active") == without(before, first, "quantity", "active")
            assert without(after, second, "quantity") == without(before, second, "quantity")
            assert {sku: after[sku] for sku in after if sku not in {first, second}} == {
                sku: before[sku] for sku in before if sku not in {first, second}
            }

        run_on(subject, check)

    def test_an_offer_without_stock_says_why_it_is_not_on_sale(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            first, second, *_ = await tested.live()

            await tested.sent(OfferKind.STOCK, Offer(sku=first, quantity=0))
            tested.wait_until_shown()

            live = await tested.live()
            assert live[first].quantity == 0
            assert live[first].inactive
            assert not live[second].inactive

        run_on(subject, check)

    @pytest.mark.parametrize("options", [{}, {"discount_price": "1.50"}, {"channel_prices": {"BE": "77.00"}}])
    def test_a_price_changes_and_the_other_prices_stay(self, subject: Subject, options: dict[str, object]) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            sku, *_ = await tested.live()
            if "channel_prices" in options:
                await tested.switch(channel_pricing=True)
            if options:
                await tested.put_up(sku=sku, **options)
            before = await tested.remote_offers()
            live = (await tested.live())[sku]

            results = await tested.sent(
                OfferKind.PRICE, Offer(sku=sku, price=Decimal("43.21"), other_prices=live.other_prices)
            )

            assert results == OfferResults()
            after = await tested.remote_offers()
            assert Decimal(after[sku]["price"]) == Decimal("43.21")
            assert without(after, sku, "price", "channel_prices") == without(before, sku, "price", "channel_prices")
            reported, stood = after[sku]["channel_prices"], before[sku]["channel_prices"]
            # A channel whose price is one of the offer's own set keeps it; another follows, in the same currency.
            follows = set() if live.other_prices else {"43.21"}
            assert reported.keys() == stood.keys()
            assert [price for channel, price in reported.items() if price not in {stood[channel], *follows}] == []
            assert {**after, sku: None} == {**before, sku: None}
            tested.wait_until_shown()
            assert (await tested.live())[sku] == replace(live, price=Decimal("43.21"), uneven=False)

        run_on(subject, check)

    @pytest.mark.parametrize("kind", list(OfferKind))
    def test_a_sku_nobody_offers_is_refused_with_its_reason_and_made_by_nobody(
        self, subject: Subject, kind: OfferKind
    ) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            before = await tested.remote_offers()
            known, *_ = before

            results = await tested.sent(
                kind,
                Offer(sku="NO-SUCH-SKU", quantity=5, price=Decimal("5.00")),
                Offer(sku=known, quantity=77, price=Decimal("77.00")),
            )

            assert results.refused.keys() == {"NO-SUCH-SKU"}
            assert results.refused["NO-SUCH-SKU"]
            assert (results.gone, results.failed) == (False, "")
            after = await tested.remote_offers()
            assert after.keys() == before.keys()
            assert after[known] != before[known]

        run_on(subject, check)

    @pytest.mark.parametrize("kind", list(OfferKind))
    def test_an_offer_that_can_not_be_sent_is_refused_at_once(self, subject: Subject, kind: OfferKind) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            submitted = await tested.send(kind, Offer(sku="", quantity=5, price=Decimal("5.00")))

            assert submitted.receipt is None
            assert submitted.refused[""]

        run_on(subject, check)

    @pytest.mark.parametrize("kind", list(OfferKind))
    def test_a_receipt_that_nobody_knows_any_more_is_gone(self, subject: Subject, kind: OfferKind) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            offers = [Offer(sku=sku, quantity=5, price=Decimal("5.00")) for sku in await tested.many_skus()]
            submitted = await tested.send(kind, *offers)
            assert submitted.receipt
            await tested.forget_everything()

            assert (await tested.results(kind, submitted)).gone

        run_on(subject, check)
