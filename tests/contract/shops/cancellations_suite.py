"""How every shop cancels orders and puts their units back."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from app.shops.port import CancelOutcome, ShopOrder
from tests.contract.shops.under_test import (
    STOCK,
    ShopUnderTest,
    found,
    imported,
    needs_units,
    progress_of,
)
from tests.shops.builders import a_line, an_intent, an_order
from tests.support.aio import run


class CancellationsSuite:
    """Subclassed where the fixture `tested` is: each test gets a fresh shop."""

    def test_cancelling_restocks_once(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line("LAMPE", quantity=3), a_line("CAFETIERE"))
        made = run(imported(tested.shop, order))

        outcomes = [run(tested.shop.cancel_order(made.ref, intent=an_intent(order))) for _ in range(2)]

        assert outcomes == [CancelOutcome.CANCELLED, CancelOutcome.ALREADY_CANCELLED]
        assert (run(tested.stock("LAMPE")), run(tested.stock("CAFETIERE"))) == (STOCK, STOCK)
        still = run(found(tested.shop, order))
        assert isinstance(still, ShopOrder)
        assert still.state == "cancelled"

    def test_twenty_cancellations_at_once_restock_once(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(quantity=3))
        made = run(imported(tested.shop, order))

        async def all_at_once() -> Sequence[CancelOutcome]:
            return await asyncio.gather(
                *(tested.shop.cancel_order(made.ref, intent=an_intent(order)) for _ in range(20))
            )

        outcomes = run(all_at_once())

        assert outcomes.count(CancelOutcome.CANCELLED) == 1
        assert run(tested.stock("LAMPE")) == STOCK

    def test_cancelling_gives_back_only_what_was_taken(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(quantity=3))
        intent = an_intent(order)
        made = run(imported(tested.shop, order, intent, stock="keep"))

        run(tested.shop.cancel_order(made.ref, intent=intent))

        assert run(tested.stock("LAMPE")) == STOCK

    def test_a_shipped_order_is_not_cancelled(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(quantity=3))
        made = run(imported(tested.shop, order, state="shipped", stock="keep"))

        outcome = run(tested.shop.cancel_order(made.ref, intent=an_intent(order)))

        assert outcome is CancelOutcome.ALREADY_SHIPPED
        assert run(tested.stock("LAMPE")) == STOCK

    @pytest.mark.parametrize("units", [None, {"LAMPE": 1}], ids=["all", "half"])
    def test_an_order_of_which_a_parcel_left_is_not_cancelled(
        self, tested: ShopUnderTest, units: Mapping[str, int] | None
    ) -> None:
        if units is not None:
            needs_units(tested)
        order = an_order(a_line("LAMPE", quantity=2))
        made = run(imported(tested.shop, order))
        run(tested.ship(made.ref, number="6A001", units=units))
        before = progress_of(tested, made)

        outcome = run(tested.shop.cancel_order(made.ref, intent=an_intent(order)))

        assert outcome is CancelOutcome.ALREADY_SHIPPED
        assert progress_of(tested, made) == before
        assert run(tested.stock("LAMPE")) == STOCK - 2
