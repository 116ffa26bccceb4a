"""What every marketplace adapter does when its marketplace fails, is slow or limits calls."""

from decimal import Decimal

import pytest

from app.domain.offer import Offer, OfferKind, OfferResults
from app.domain.order import OrderState
from app.domain.shipment import ShipmentResult
from app.errors import CredentialsRefused, OutcomeUnknown, Unavailable
from tests.contract.marketplaces.on_sandbox import OnSandbox
from tests.contract.marketplaces.under_test import GONE_OUT, Subject, run_on


class TroublesSuite:
    """Subclassed where the fixture `subject` is: each test gets a fresh one."""

    def test_wrong_secrets_are_refused_by_name(self, subject: Subject) -> None:
        async def check(tested: OnSandbox) -> None:
            with pytest.raises(CredentialsRefused):
                await tested.marketplace.check()
            with pytest.raises(CredentialsRefused):
                await tested.pages()

        run_on(subject, check, wrong_secrets=True)

    @pytest.mark.parametrize("kind", ["lost_ack", "timeout", "reset", "http_500"])
    def test_a_decision_without_an_answer_is_unknown_until_it_is_read_back(self, subject: Subject, kind: str) -> None:
        async def check(tested: OnSandbox) -> None:
            tested.needs_decisions()
            [order_id] = await tested.make(state="to_accept")
            order = await tested.order(order_id)
            await tested.break_down(kind, count=1)

            with pytest.raises(OutcomeUnknown):
                await tested.decide(order, True)

            decided = (await tested.order(order_id)).state is not OrderState.TO_ACCEPT
            looked = await tested.look()
            assert decided == (looked["accepted"] == [order_id])
            assert decided or kind != "lost_ack"
            assert looked["writes_repeated"] == 0

        run_on(subject, check)

    @pytest.mark.parametrize("kind", ["lost_ack", "timeout", "reset", "http_500"])
    def test_a_parcel_whose_answer_was_lost_leaves_once(self, subject: Subject, kind: str) -> None:
        async def check(tested: OnSandbox) -> None:
            [first, *others] = await tested.make(6, state="to_ship")
            parcel = await tested.parcel(first)
            before = (await tested.look())["calls"]
            await tested.ship(parcel)
            after = (await tested.look())["calls"]
            operations = [name for name, calls in after.items() if calls > before.get(name, 0)]

            for operation, order_id in zip(operations, others, strict=False):
                reported = await tested.parcel(order_id)
                await tested.break_down(kind, operation=operation, count=1)
                [outcome] = await tested.ship(reported)
                assert outcome.result in {*GONE_OUT, ShipmentResult.UNKNOWN}
                left_at = (await tested.remote_order(order_id))["shipped_at"]
                tested.clock.advance(600)

                [again] = await tested.ship(reported)

                assert again.result in GONE_OUT
                remote = await tested.remote_order(order_id)
                assert remote["tracking"] == reported.number
                assert left_at in {None, remote["shipped_at"]}
            assert operations

        run_on(subject, check)

    def test_a_breakdown_stops_parcels_and_is_over_when_it_is_over(self, subject: Subject) -> None:
        async def check(tested: OnSandbox) -> None:
            [order_id] = await tested.make(state="to_ship")
            parcel = await tested.parcel(order_id)
            await tested.break_down("http_503")

            with pytest.raises(Unavailable):
                await tested.ship(parcel)

            await tested.mend()
            [outcome] = await tested.ship(parcel)
            assert outcome.result in GONE_OUT

        run_on(subject, check)

    @pytest.mark.parametrize("fault", ["lost_ack", "timeout", "reset", "http_500", "http_429"])
    def test_offers_whose_answer_was_lost_are_right_in_the_end(self, subject: Subject, fault: str) -> None:
        async def check(tested: OnSandbox) -> None:
            known, *_ = await tested.live()
            offer = Offer(sku=known, quantity=4321)
            await tested.break_down(fault, count=1)

            try:
                submitted = await tested.send(OfferKind.STOCK, offer)
            except OutcomeUnknown:
                submitted = await tested.send(OfferKind.STOCK, offer)

            assert await tested.results(OfferKind.STOCK, submitted) == OfferResults()
            assert (await tested.remote_offers())[known]["quantity"] == 4321

        run_on(subject, check)

    @pytest.mark.parametrize("fault", ["http_503", "malformed", "truncate", "timeout"])
    def test_a_breakdown_stops_offers_and_is_over_when_it_is_over(self, subject: Subject, fault: str) -> None:
        async def check(tested: OnSandbox) -> None:
            known, *others = await tested.many_skus()
            offers = [Offer(sku=sku, quantity=4321) for sku in (known, *others)]
            submitted = await tested.send(OfferKind.STOCK, *offers)
            assert submitted.receipt
            await tested.break_down(fault)

            with pytest.raises(Unavailable):
                await tested.live()
            with pytest.raises(Unavailable):
                await tested.results(OfferKind.STOCK, submitted)
            with pytest.raises((OutcomeUnknown, Unavailable)):
                await tested.send(OfferKind.STOCK, Offer(sku=known, quantity=1))

            await tested.mend()
            assert await tested.results(OfferKind.STOCK, submitted) == OfferResults()

        run_on(subject, check)

    def test_offers_sent_all_day_are_never_throttled(self, subject: Subject) -> None:
        async def check(tested: OnSandbox) -> None:
            known, *_ = await tested.live()

            for number in range(10):
                offer = Offer(sku=known, quantity=number, price=Decimal(10 + number))
                receipts = [(kind, await tested.send(kind, offer)) for kind in OfferKind]
                assert [await tested.results(*receipt) for receipt in receipts] == [OfferResults()] * 2
                await tested.live()

            looked = await tested.look()
            assert looked["throttled"] == {}
            assert looked["offers"][known]["quantity"] == 9
            assert Decimal(looked["offers"][known]["price"]) == 19

        run_on(subject, check)

    @pytest.mark.parametrize("kind", ["http_500", "http_502", "http_503", "http_429", "timeout", "reset", "truncate"])
    def test_a_question_is_asked_again_after_a_hiccup(self, subject: Subject, kind: str) -> None:
        async def check(tested: OnSandbox) -> None:
            made = await tested.make(3, state="to_ship")
            await tested.break_down(kind, count=1)

            assert set(await tested.orders()) == set(made)
            assert tested.connector.meter.retries == 1

        run_on(subject, check)

    @pytest.mark.parametrize("kind", ["http_503", "malformed", "truncate", "timeout"])
    def test_a_breakdown_that_lasts_is_named_and_over_when_it_is_over(self, subject: Subject, kind: str) -> None:
        async def check(tested: OnSandbox) -> None:
            made = await tested.make(3, state="to_ship")
            await tested.break_down(kind)

            with pytest.raises(Unavailable):
                await tested.pages()
            with pytest.raises(Unavailable):
                await tested.by_id(made)
            with pytest.raises(Unavailable):
                await tested.marketplace.check()

            await tested.mend()
            assert set(await tested.orders()) == set(made)

        run_on(subject, check)

    def test_a_busy_day_is_never_throttled(self, subject: Subject) -> None:
        async def check(tested: OnSandbox) -> None:
            made = await tested.make(400, state="to_ship", age="2h")

            for _ in range(8):
                assert len(await tested.orders()) == len(made)

            looked = await tested.look()
            assert sum(looked["calls"].values()) > 30
            assert looked["throttled"] == {}

        run_on(subject, check)
