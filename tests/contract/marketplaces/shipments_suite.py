"""How every marketplace adapter confirms shipments."""

from dataclasses import replace

import pytest

from app.domain.order import OrderState
from app.domain.shipment import Carrier, ShipmentResult
from app.marketplaces.port import Capability
from tests.contract.marketplaces.under_test import (
    GONE_OUT,
    MarketplaceUnderTest,
    Subject,
    run_on,
)


class ShipmentsSuite:
    """Subclassed where the fixture `subject` is: each test gets a fresh one."""

    def test_it_says_how_much_a_call_takes(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            assert tested.marketplace.ship_batch > 0
            assert tested.marketplace.offer_batch > 0

        run_on(subject, check)

    def test_carriers_are_listed_once_and_asked_for_once(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            options = await tested.marketplace.shipping_options()
            calls = (await tested.look())["calls"]

            assert options.carriers
            assert all(carrier.code and carrier.label for carrier in options.carriers)
            assert len({carrier.code for carrier in options.carriers}) == len(options.carriers)
            assert await tested.marketplace.shipping_options() == options
            assert (await tested.look())["calls"] == calls

        run_on(subject, check)

    def test_a_parcel_is_shipped_with_its_number(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state="to_ship", lines=2)
            parcel = await tested.parcel(order_id)

            [outcome] = await tested.ship(parcel)

            assert (outcome.order_id, outcome.sequence) == (order_id, parcel.sequence)
            assert (outcome.result, outcome.reason) == (ShipmentResult.SENT, "")
            tested.wait_until_shown()
            assert (await tested.order(order_id)).state is OrderState.SHIPPED
            remote = await tested.remote_order(order_id)
            assert parcel.carrier
            assert (remote["tracking"], remote["carrier_code"]) == (parcel.number, parcel.carrier.code)

        run_on(subject, check)

    def test_a_carrier_on_no_list_goes_by_its_name(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            if not (await tested.marketplace.shipping_options()).other_carriers:
                pytest.skip(f"{subject.name} takes carriers of its list alone")
            [order_id] = await tested.make(state="to_ship")
            parcel = await tested.parcel(order_id, carrier=Carrier(code="", label="Transport Dupont"))

            [outcome] = await tested.ship(parcel)

            assert outcome.result is ShipmentResult.SENT
            assert (await tested.remote_order(order_id))["tracking"] == parcel.number

        run_on(subject, check)

    def test_a_parcel_confirmed_twice_was_sent_already(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state="to_ship")
            parcel = await tested.parcel(order_id)
            await tested.ship(parcel)
            before = await tested.remote_order(order_id)

            [outcome] = await tested.ship(parcel)

            # Where parcels have our own numbers, the same one again corrects it, and that is taken every time.
            again = GONE_OUT if Capability.MANY_PARCELS in tested.marketplace.can else {ShipmentResult.ALREADY}
            assert outcome.result in again
            after = await tested.remote_order(order_id)
            assert (after["tracking"], after["shipped_at"]) == (before["tracking"], before["shipped_at"])

        run_on(subject, check)

    @pytest.mark.parametrize("state", ["shipped", "closed"])
    def test_a_parcel_that_somebody_else_confirmed_was_sent_already(self, subject: Subject, state: str) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state="to_ship")
            parcel = await tested.parcel(order_id)
            await tested.move(order_id, state=state)

            [outcome] = await tested.ship(parcel)

            assert outcome.result is ShipmentResult.ALREADY

        run_on(subject, check)

    @pytest.mark.parametrize("state", ["pending", "to_accept", "accepted", "cancelled", "refused"])
    def test_an_order_that_may_not_leave_is_refused(self, subject: Subject, state: str) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state=state)
            parcel = await tested.parcel(order_id)
            status = (await tested.remote_states())[order_id]

            [outcome] = await tested.ship(parcel)

            assert (outcome.result, outcome.reason) == (ShipmentResult.REFUSED, "SHIP_REFUSED")
            assert (await tested.remote_states())[order_id] == status

        run_on(subject, check)

    def test_an_order_that_is_not_there_can_not_be_shipped(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state="to_ship")
            parcel = replace(await tested.parcel(order_id), order_id=f"{order_id}-9")

            [outcome] = await tested.ship(parcel)

            assert (outcome.result, outcome.reason) == (ShipmentResult.REFUSED, "ORDER_MISSING")

        run_on(subject, check)

    def test_a_carrier_nobody_knows_is_refused_and_nothing_leaves(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state="to_ship")
            status = (await tested.remote_states())[order_id]
            nobody = Carrier(code="no-such-carrier", label="No such carrier")

            outcomes = [
                *await tested.ship(await tested.parcel(order_id, carrier=nobody)),
                *await tested.ship(await tested.parcel(order_id, carrier=None)),
            ]

            assert [(each.result, each.reason) for each in outcomes] == [
                (ShipmentResult.REFUSED, "CARRIER_UNKNOWN")
            ] * 2
            assert (await tested.remote_states())[order_id] == status

        run_on(subject, check)

    def test_a_method_that_needs_a_number_is_refused_without_one(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            options = await tested.marketplace.shipping_options()
            [order_id] = await tested.make(shape="pickup", state="to_ship")
            if (await tested.order(order_id)).shipping_method not in options.tracking_required:
                pytest.skip(f"{subject.name} has no such method")

            [outcome] = await tested.ship(await tested.parcel(order_id, number="", carrier=None))

            assert (outcome.result, outcome.reason) == (ShipmentResult.REFUSED, "TRACKING_MISSING")

        run_on(subject, check)

    def test_a_corrected_number_takes_the_place_of_the_old_one(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            [order_id] = await tested.make(state="to_ship")
            parcel = await tested.parcel(order_id)
            await tested.ship(parcel)
            before = await tested.remote_order(order_id)

            [outcome] = await tested.ship(replace(parcel, number="8X00000000002", correction=True))

            assert outcome.result is ShipmentResult.SENT
            after = await tested.remote_order(order_id)
            assert after["tracking"] == "8X00000000002"
            assert (after["state"], after["shipped_at"]) == (before["state"], before["shipped_at"])

        run_on(subject, check)

    def test_an_order_leaves_in_several_parcels_each_with_its_own_lines_and_number(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            tested.needs(Capability.MANY_PARCELS)
            [order_id] = await tested.make(state="to_ship", lines=2)
            contents = [{line.id: line.quantity} for line in (await tested.order(order_id)).lines]
            first, second = [
                await tested.parcel(order_id, sequence=place, lines=lines, number=f"8X0000000000{place}")
                for place, lines in enumerate(contents, start=1)
            ]

            [one] = await tested.ship(first)
            tested.wait_until_shown()
            between = await tested.order(order_id)
            [other] = await tested.ship(second)
            [corrected] = await tested.ship(replace(first, number="8X00000000009", correction=True))
            tested.wait_until_shown()

            assert {one.result, other.result, corrected.result} == {ShipmentResult.SENT}
            assert [one.sequence, other.sequence, corrected.sequence] == [1, 2, 1]
            assert between.state is OrderState.PARTIALLY_SHIPPED
            assert (await tested.order(order_id)).state is OrderState.SHIPPED
            on_marketplace = (await tested.remote_order(order_id))["packages"]
            assert [(package["tracking"], package["contents"]) for package in on_marketplace] == [
                ("8X00000000009", contents[0]),
                ("8X00000000002", contents[1]),
            ]

        run_on(subject, check)

    def test_one_that_is_refused_keeps_no_other_back(self, subject: Subject) -> None:
        async def check(tested: MarketplaceUnderTest) -> None:
            good = await tested.make(3, state="to_ship")
            [unpaid] = await tested.make(state="pending")
            [shipped] = await tested.make(state="shipped")
            wanted = {
                good[0]: ShipmentResult.SENT,
                unpaid: ShipmentResult.REFUSED,
                good[1]: ShipmentResult.SENT,
                shipped: ShipmentResult.ALREADY,
                good[2]: ShipmentResult.SENT,
            }

            outcomes = await tested.ship(*[await tested.parcel(order_id) for order_id in wanted])

            assert len(outcomes) == len(wanted)
            assert {each.order_id: each.result for each in outcomes} == wanted

        run_on(subject, check)
