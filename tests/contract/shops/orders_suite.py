"""How every shop makes orders."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.intent import Intent
from app.domain.money import Money
from app.domain.order import Address, Buyer, marketplace_key
from app.errors import Refused
from app.shops.port import ShopOrder
from tests.contract.shops.under_test import (
    ODD_TEXTS,
    SKUS,
    STOCK,
    CrashingIntent,
    ShopUnderTest,
    found,
    imported,
)
from tests.shops.builders import a_line, a_plan, an_intent, an_order, plan_for
from tests.support.aio import run


class OrdersSuite:
    """Subclassed where the fixture `tested` is: each test gets a fresh shop."""

    def test_an_order_is_created_with_its_customer_total_and_units(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line("LAMPE", quantity=2, price="12.90", shipping="4.50"), a_line("CAFETIERE", price="7.05"))

        made = run(imported(tested.shop, order))

        assert made.key == "mkp:mirakl:MKP-1"
        assert made.marketplace_order_id == "MKP-1"
        assert made.total == Money(Decimal("37.35"), "EUR")
        assert made.units == {"LAMPE": 2, "CAFETIERE": 1}
        assert made.state == "paid"
        assert run(tested.customers()) == 1
        assert (run(tested.stock("LAMPE")), run(tested.stock("CAFETIERE"))) == (STOCK - 2, STOCK - 1)

    def test_creating_twice_makes_one_order(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(quantity=3))
        first = run(imported(tested.shop, order))

        second = run(imported(tested.shop, order))

        assert second == first
        assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (1, 1, STOCK - 3)

    def test_twenty_at_once_make_one_order(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(quantity=3))

        async def all_at_once() -> Sequence[ShopOrder]:
            return await asyncio.gather(*(imported(tested.shop, order) for _ in range(20)))

        made = run(all_at_once())

        assert len({each.ref for each in made}) == 1
        assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (1, 1, STOCK - 3)

    def test_twenty_different_orders_at_once_all_take_their_units(self, tested: ShopUnderTest) -> None:
        # Products in both directions: two orders must not wait for each other for ever.
        pairs = [SKUS[:2], SKUS[1::-1]] * 10
        orders = [an_order(*map(a_line, pair), order_id=f"MKP-{number}") for number, pair in enumerate(pairs)]

        async def all_at_once() -> Sequence[ShopOrder]:
            return await asyncio.gather(*(imported(tested.shop, order) for order in orders))

        made = run(all_at_once())

        assert len({each.ref for each in made}) == 20
        assert (run(tested.stock(SKUS[0])), run(tested.stock(SKUS[1]))) == (STOCK - 20, STOCK - 20)

    def test_a_crash_before_anything_is_noted_leaves_one_order(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(quantity=3))
        plan = run(plan_for(tested.shop, order))
        dying: Intent = CrashingIntent(marketplace_key(order.platform, order.order_id))
        try:
            before = run(tested.shop.create_order(order, plan=plan, intent=dying))
        except ConnectionAbortedError:
            before = None

        after = run(tested.shop.create_order(order, plan=plan, intent=an_intent(order)))

        assert before is None or after.ref == before.ref
        assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (1, 1, STOCK - 3)

    @pytest.mark.parametrize("turns", [0, 1, 3, 10])
    def test_a_caller_that_is_cut_off_leaves_one_order(self, tested: ShopUnderTest, turns: int) -> None:
        order = an_order(a_line(quantity=3))
        intent = an_intent(order)

        async def cut_off() -> None:
            plan = await plan_for(tested.shop, order)
            writing = asyncio.create_task(tested.shop.create_order(order, plan=plan, intent=intent))
            for _ in range(turns):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.wait([writing])

        run(cut_off())
        run(imported(tested.shop, order, intent))

        assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (1, 1, STOCK - 3)

    def test_an_order_is_found_by_its_key(self, tested: ShopUnderTest) -> None:
        order, other = an_order(order_id="MKP-1"), an_order(order_id="MKP-11")
        made = run(imported(tested.shop, order))

        assert run(found(tested.shop, order)) == made
        assert run(found(tested.shop, other)) is None

    def test_one_order_number_of_two_platforms_is_two_orders(self, tested: ShopUnderTest) -> None:
        run(imported(tested.shop, an_order()))

        assert run(tested.shop.find_orders({"mkp:rakuten:MKP-1": {}})) == {}

    def test_totals_are_exact_to_the_cent(self, tested: ShopUnderTest) -> None:
        cents = st.integers(0, 10_000_000).map(lambda number: f"{Decimal(number) / 100:.2f}")
        numbers = iter(range(1_000_000))

        @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(st.tuples(cents, cents, st.integers(1, 9)), min_size=1, max_size=6))
        def check(lines: list[tuple[str, str, int]]) -> None:
            order = an_order(
                *(
                    a_line(SKUS[place % 3], line_id=str(place), quantity=quantity, price=price, shipping=shipping)
                    for place, (price, shipping, quantity) in enumerate(lines)
                ),
                order_id=f"MKP-{next(numbers)}",
            )
            expected = sum(Decimal(price) * quantity + Decimal(shipping) for price, shipping, quantity in lines)

            made = run(imported(tested.shop, order))

            assert made.total == Money(Decimal(expected), "EUR")
            assert sum(made.units.values()) == sum(quantity for _, _, quantity in lines)

        check()

    def test_two_lines_of_one_product_add_up(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(line_id="1", quantity=2), a_line(line_id="2", quantity=3))

        made = run(imported(tested.shop, order))

        assert made.units == {"LAMPE": 5}
        assert run(tested.stock("LAMPE")) == STOCK - 5

    def test_cancelled_lines_are_not_taken(self, tested: ShopUnderTest) -> None:
        kept, dropped = a_line("LAMPE", price="12.90"), a_line("CAFETIERE", quantity=4, cancelled=4)

        made = run(imported(tested.shop, an_order(kept, dropped)))

        assert made.units == {"LAMPE": 1}
        assert made.total == Money(Decimal("12.90"), "EUR")
        assert run(tested.stock("CAFETIERE")) == STOCK

    def test_cancelled_units_of_a_line_are_not_taken(self, tested: ShopUnderTest) -> None:
        made = run(imported(tested.shop, an_order(a_line(quantity=5, cancelled=2))))

        assert made.units == {"LAMPE": 3}
        assert run(tested.stock("LAMPE")) == STOCK - 3

    def test_more_may_be_sold_than_there_is(self, tested: ShopUnderTest) -> None:
        run(imported(tested.shop, an_order(a_line(quantity=STOCK + 2))))

        assert run(tested.stock("LAMPE")) == -2

    def test_an_order_that_keeps_stock_leaves_it(self, tested: ShopUnderTest) -> None:
        made = run(imported(tested.shop, an_order(a_line(quantity=3)), state="shipped", stock="keep"))

        assert made.state == "shipped"
        assert run(tested.stock("LAMPE")) == STOCK

    def test_an_unknown_sku_is_refused_and_nothing_is_made(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line("LAMPE", quantity=2), a_line("NOT-THERE"))

        with pytest.raises(Refused) as refusal:
            run(imported(tested.shop, order))

        assert (refusal.value.reason, refusal.value.side) == ("SKU_UNKNOWN", "shop")
        assert run(found(tested.shop, order)) is None
        assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (0, 0, STOCK)

    def test_a_line_without_sku_is_refused(self, tested: ShopUnderTest) -> None:
        with pytest.raises(Refused) as refusal:
            run(imported(tested.shop, an_order(a_line("LAMPE"), a_line("", line_id="2"))))

        assert (refusal.value.reason, refusal.value.side) == ("SKU_MISSING", "shop")
        assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (0, 0, STOCK)

    def test_an_order_without_anything_to_deliver_is_refused(self, tested: ShopUnderTest) -> None:
        order = an_order(a_line(quantity=2, cancelled=2))

        with pytest.raises(Refused) as refusal:
            run(tested.shop.create_order(order, plan=a_plan([]), intent=an_intent(order)))

        assert (refusal.value.reason, refusal.value.side) == ("NO_LINES", "shop")
        assert (run(tested.orders()), run(tested.customers())) == (0, 0)

    def test_an_order_to_ship_without_an_address_is_refused(self, tested: ShopUnderTest) -> None:
        with pytest.raises(Refused) as refusal:
            run(imported(tested.shop, an_order(address=None)))

        assert (refusal.value.reason, refusal.value.side) == ("ADDRESS_MISSING", "shop")
        assert (run(tested.orders()), run(tested.customers())) == (0, 0)

    @pytest.mark.parametrize("text", ODD_TEXTS)
    def test_odd_texts_survive(self, tested: ShopUnderTest, text: str) -> None:
        person = Address(last_name=text, street_1=text, postcode="59000", city=text, country="FR")
        order = an_order(a_line(SKUS[2], title=text), buyer=Buyer(last_name=text), address=person)

        made = run(imported(tested.shop, order))

        assert made.units == {SKUS[2]: 1}
        assert run(tested.printed_name(made.ref)) == tested.printable(text)
