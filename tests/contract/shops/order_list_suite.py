"""How every shop lists our orders, for the comparison of both sides."""

from datetime import timedelta

import pytest

from app.domain.page import Page
from app.shops.port import ShopOrder
from tests.contract.shops.under_test import ShopUnderTest, imported, orders_since
from tests.shops.builders import an_intent, an_order
from tests.support.aio import run


class OrderListSuite:
    """Subclassed where the fixture `tested` is: each test gets a fresh shop."""

    def test_all_our_orders_since_a_moment_are_found(self, tested: ShopUnderTest) -> None:
        run(imported(tested.shop, an_order(order_id="MKP-OLD")))
        tested.wait(3600)
        since = tested.now()
        made = [run(imported(tested.shop, an_order(order_id=f"MKP-{number}"))) for number in range(5)]

        listed = run(orders_since(tested, since))

        assert listed == made

    def test_orders_in_every_state_are_found(self, tested: ShopUnderTest) -> None:
        orders = [an_order(order_id=number) for number in ("MKP-1", "MKP-2", "MKP-3", "MKP-4")]
        since = tested.now()
        waiting, left, cancelled, gone = (run(imported(tested.shop, order)) for order in orders)
        run(tested.ship(left.ref, number="6A001"))
        run(tested.shop.cancel_order(cancelled.ref, intent=an_intent(orders[2])))
        run(tested.delete(gone.ref))

        listed = run(orders_since(tested, since))

        assert {each.ref: each.state for each in listed} == {
            waiting.ref: "paid",
            left.ref: "shipped",
            cancelled.ref: "cancelled",
        }

    @pytest.mark.parametrize(
        ("key_prefix", "found"),
        [("mkp:", 1), ("mkp:mirakl:", 1), ("", 1), ("MKP:", 0), ("mkp:rakuten:", 0), ("mkp_", 0), ("%", 0)],
    )
    def test_only_keys_that_begin_so_are_found(self, tested: ShopUnderTest, key_prefix: str, found: int) -> None:
        run(imported(tested.shop, an_order()))

        assert len(run(orders_since(tested, tested.now() - timedelta(days=1), key_prefix))) == found

    def test_orders_come_once_each_while_others_are_made(self, tested: ShopUnderTest) -> None:
        since = tested.now()
        made = [run(imported(tested.shop, an_order(order_id=f"MKP-{number}"))) for number in range(4)]

        async def walk() -> list[str]:
            refs: list[str] = []
            async for page in tested.shop.orders(key_prefix="mkp:", since=since):
                refs += [order.ref for order in page.items]
                if len(refs) < 8:
                    await imported(tested.shop, an_order(order_id=f"MKP-LATE-{len(refs)}"))
            return refs

        refs = run(walk())

        assert len(set(refs)) == len(refs)
        assert {order.ref for order in made} <= set(refs)

    def test_a_shop_without_our_orders_answers_with_an_empty_page(self, tested: ShopUnderTest) -> None:
        async def walk() -> list[Page[ShopOrder]]:
            return [page async for page in tested.shop.orders(key_prefix="mkp:", since=tested.now())]

        (page,) = run(walk())

        assert (page.items, page.resume, page.read_at) == ((), None, tested.now())
