"""What every shop promises the tasks. One suite, run on each kind of the registry.

A kind joins with a factory of `ShopWorld`: a fresh shop that holds the products asked for, and eyes that look into it
past the port.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.intent import Intent
from app.domain.money import Money
from app.domain.order import Address, Buyer, Order, marketplace_key
from app.errors import Refused
from app.shops.port import CancelOutcome, HalfOrder, Match, Shop, ShopOrder, Unknown
from tests.shops.building import a_line, a_plan, an_intent, an_order, plan_for
from tests.support.aio import run

STOCK = 50
SKUS = ("LAMPE", "CAFETIERE", "ÉCRAN 24' d'été")
ODD_TEXTS = (
    "Søren N'Guyen-Ångström",
    'Étoile du "Nord"; «\u202fété\u202f», 24"',
    "Robert'); DROP TABLE orders;--",
    "🎁 Zoé 👩‍👩‍👧 = 1+1",
    "é" * 300,
    "<b>&amp;</b> 100 % \\ back \u00a0 end",
)


class ShopWorld(Protocol):
    """A shop with `STOCK` pieces of each of `SKUS`, and what is really in it."""

    @property
    def shop(self) -> Shop: ...

    async def stock(self, sku: str) -> int:
        """Return the pieces in stock."""
        ...

    async def customers(self) -> int:
        """Return how many customers there are."""
        ...

    async def orders(self) -> int:
        """Return how many orders there are."""
        ...

    async def printed_name(self, ref: str) -> str:
        """Return the last name on the parcel of an order."""
        ...


@dataclass
class CrashingIntent:
    """An intent whose worker dies at the first word it would write down."""

    key: str

    @property
    def steps(self) -> dict[str, str]:
        return {}

    async def note(self, **steps: str) -> None:
        raise ConnectionAbortedError

    async def sending(self, step: str) -> None:
        return None


async def imported(shop: Shop, order: Order, **choices: str) -> ShopOrder:
    """Import as the task does: resolve, plan, create."""
    return await shop.create_order(order, plan=await plan_for(shop, order, **choices), intent=an_intent(order))


async def found(shop: Shop, order: Order) -> ShopOrder | HalfOrder | None:
    return await shop.find_order(marketplace_key(order.platform, order.order_id), steps={})


class ShopSuite:
    """Subclassed where the fixture `world` is: each test gets a fresh shop."""

    def test_an_order_is_created_with_its_customer_total_and_pieces(self, world: ShopWorld) -> None:
        order = an_order(a_line("LAMPE", quantity=2, price="12.90", shipping="4.50"), a_line("CAFETIERE", price="7.05"))

        made = run(imported(world.shop, order))

        assert made.key == "mkp:mirakl:MKP-1"
        assert made.marketplace_order_id == "MKP-1"
        assert made.total == Money(Decimal("37.35"), "EUR")
        assert made.pieces == {"LAMPE": 2, "CAFETIERE": 1}
        assert made.state == "paid"
        assert run(world.customers()) == 1
        assert (run(world.stock("LAMPE")), run(world.stock("CAFETIERE"))) == (STOCK - 2, STOCK - 1)

    def test_creating_twice_makes_one_order(self, world: ShopWorld) -> None:
        order = an_order(a_line(quantity=3))
        first = run(imported(world.shop, order))

        second = run(imported(world.shop, order))

        assert second == first
        assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (1, 1, STOCK - 3)

    def test_twenty_at_once_make_one_order(self, world: ShopWorld) -> None:
        order = an_order(a_line(quantity=3))

        async def all_at_once() -> Sequence[ShopOrder]:
            return await asyncio.gather(*(imported(world.shop, order) for _ in range(20)))

        made = run(all_at_once())

        assert len({each.ref for each in made}) == 1
        assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (1, 1, STOCK - 3)

    def test_twenty_different_orders_at_once_all_take_their_pieces(self, world: ShopWorld) -> None:
        # Products in both directions: two orders must not wait for each other for ever.
        pairs = [SKUS[:2], SKUS[1::-1]] * 10
        orders = [an_order(*map(a_line, pair), order_id=f"MKP-{number}") for number, pair in enumerate(pairs)]

        async def all_at_once() -> Sequence[ShopOrder]:
            return await asyncio.gather(*(imported(world.shop, order) for order in orders))

        made = run(all_at_once())

        assert len({each.ref for each in made}) == 20
        assert (run(world.stock(SKUS[0])), run(world.stock(SKUS[1]))) == (STOCK - 20, STOCK - 20)

    def test_a_crash_before_anything_is_noted_leaves_one_order(self, world: ShopWorld) -> None:
        order = an_order(a_line(quantity=3))
        plan = run(plan_for(world.shop, order))
        dying: Intent = CrashingIntent(marketplace_key(order.platform, order.order_id))
        try:
            before = run(world.shop.create_order(order, plan=plan, intent=dying))
        except ConnectionAbortedError:
            before = None

        after = run(world.shop.create_order(order, plan=plan, intent=an_intent(order)))

        assert before is None or after.ref == before.ref
        assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (1, 1, STOCK - 3)

    @pytest.mark.parametrize("turns", [0, 1, 3, 10])
    def test_a_caller_that_is_cut_off_leaves_one_order(self, world: ShopWorld, turns: int) -> None:
        order = an_order(a_line(quantity=3))

        async def cut_off() -> None:
            plan = await plan_for(world.shop, order)
            writing = asyncio.create_task(world.shop.create_order(order, plan=plan, intent=an_intent(order)))
            for _ in range(turns):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.wait([writing])

        run(cut_off())
        run(imported(world.shop, order))

        assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (1, 1, STOCK - 3)

    def test_an_order_is_found_by_its_key(self, world: ShopWorld) -> None:
        order, other = an_order(order_id="MKP-1"), an_order(order_id="MKP-11")
        made = run(imported(world.shop, order))

        assert run(found(world.shop, order)) == made
        assert run(found(world.shop, other)) is None

    def test_one_order_number_of_two_platforms_is_two_orders(self, world: ShopWorld) -> None:
        run(imported(world.shop, an_order()))

        assert run(world.shop.find_order("mkp:rakuten:MKP-1", steps={})) is None

    def test_totals_are_exact_to_the_cent(self, world: ShopWorld) -> None:
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

            made = run(imported(world.shop, order))

            assert made.total == Money(Decimal(expected), "EUR")
            assert sum(made.pieces.values()) == sum(quantity for _, _, quantity in lines)

        check()

    def test_two_lines_of_one_product_add_up(self, world: ShopWorld) -> None:
        order = an_order(a_line(line_id="1", quantity=2), a_line(line_id="2", quantity=3))

        made = run(imported(world.shop, order))

        assert made.pieces == {"LAMPE": 5}
        assert run(world.stock("LAMPE")) == STOCK - 5

    def test_cancelled_lines_are_not_taken(self, world: ShopWorld) -> None:
        kept, dropped = a_line("LAMPE", price="12.90"), a_line("CAFETIERE", quantity=4, cancelled=4)

        made = run(imported(world.shop, an_order(kept, dropped)))

        assert made.pieces == {"LAMPE": 1}
        assert made.total == Money(Decimal("12.90"), "EUR")
        assert run(world.stock("CAFETIERE")) == STOCK

    def test_cancelled_pieces_of_a_line_are_not_taken(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order(a_line(quantity=5, cancelled=2))))

        assert made.pieces == {"LAMPE": 3}
        assert run(world.stock("LAMPE")) == STOCK - 3

    def test_more_may_be_sold_than_there_is(self, world: ShopWorld) -> None:
        run(imported(world.shop, an_order(a_line(quantity=STOCK + 2))))

        assert run(world.stock("LAMPE")) == -2

    def test_an_order_that_keeps_stock_leaves_it(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order(a_line(quantity=3)), state="shipped", stock="keep"))

        assert made.state == "shipped"
        assert run(world.stock("LAMPE")) == STOCK

    def test_cancelling_restocks_once(self, world: ShopWorld) -> None:
        order = an_order(a_line("LAMPE", quantity=3), a_line("CAFETIERE"))
        made = run(imported(world.shop, order))

        outcomes = [run(world.shop.cancel_order(made.ref, intent=an_intent(order))) for _ in range(2)]

        assert outcomes == [CancelOutcome.CANCELLED, CancelOutcome.ALREADY_CANCELLED]
        assert (run(world.stock("LAMPE")), run(world.stock("CAFETIERE"))) == (STOCK, STOCK)
        still = run(found(world.shop, order))
        assert isinstance(still, ShopOrder)
        assert still.state == "cancelled"

    def test_twenty_cancellations_at_once_restock_once(self, world: ShopWorld) -> None:
        order = an_order(a_line(quantity=3))
        made = run(imported(world.shop, order))

        async def all_at_once() -> Sequence[CancelOutcome]:
            return await asyncio.gather(
                *(world.shop.cancel_order(made.ref, intent=an_intent(order)) for _ in range(20))
            )

        outcomes = run(all_at_once())

        assert outcomes.count(CancelOutcome.CANCELLED) == 1
        assert run(world.stock("LAMPE")) == STOCK

    def test_cancelling_gives_back_only_what_was_taken(self, world: ShopWorld) -> None:
        order = an_order(a_line(quantity=3))
        made = run(imported(world.shop, order, stock="keep"))

        run(world.shop.cancel_order(made.ref, intent=an_intent(order)))

        assert run(world.stock("LAMPE")) == STOCK

    def test_a_shipped_order_is_not_cancelled(self, world: ShopWorld) -> None:
        order = an_order(a_line(quantity=3))
        made = run(imported(world.shop, order, state="shipped", stock="keep"))

        outcome = run(world.shop.cancel_order(made.ref, intent=an_intent(order)))

        assert outcome is CancelOutcome.ALREADY_SHIPPED
        assert run(world.stock("LAMPE")) == STOCK

    def test_an_unknown_sku_is_refused_and_nothing_is_made(self, world: ShopWorld) -> None:
        order = an_order(a_line("LAMPE", quantity=2), a_line("NOT-THERE"))

        with pytest.raises(Refused) as refusal:
            run(imported(world.shop, order))

        assert (refusal.value.reason, refusal.value.side) == ("SKU_UNKNOWN", "shop")
        assert run(found(world.shop, order)) is None
        assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (0, 0, STOCK)

    def test_a_line_without_sku_is_refused(self, world: ShopWorld) -> None:
        with pytest.raises(Refused) as refusal:
            run(imported(world.shop, an_order(a_line("LAMPE"), a_line("", line_id="2"))))

        assert (refusal.value.reason, refusal.value.side) == ("SKU_MISSING", "shop")
        assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (0, 0, STOCK)

    def test_an_order_without_anything_to_deliver_is_refused(self, world: ShopWorld) -> None:
        order = an_order(a_line(quantity=2, cancelled=2))

        with pytest.raises(Refused) as refusal:
            run(world.shop.create_order(order, plan=a_plan([]), intent=an_intent(order)))

        assert (refusal.value.reason, refusal.value.side) == ("NO_LINES", "shop")
        assert (run(world.orders()), run(world.customers())) == (0, 0)

    def test_an_order_to_ship_without_an_address_is_refused(self, world: ShopWorld) -> None:
        with pytest.raises(Refused) as refusal:
            run(imported(world.shop, an_order(address=None)))

        assert (refusal.value.reason, refusal.value.side) == ("ADDRESS_MISSING", "shop")
        assert (run(world.orders()), run(world.customers())) == (0, 0)

    def test_every_sku_gets_one_answer(self, world: ShopWorld) -> None:
        asked = ["LAMPE", "NOT-THERE", "LAMPE", "lampe", "NOT-THERE"]

        answers = run(world.shop.resolve(asked)).by_sku

        assert set(answers) == {"LAMPE", "NOT-THERE", "lampe"}
        lamp = answers["LAMPE"]
        assert isinstance(lamp, Match)
        assert (lamp.sku, lamp.active, lamp.available) == ("LAMPE", True, STOCK)
        assert answers["NOT-THERE"] == Unknown("NOT-THERE")

    def test_resolving_nothing_is_no_question(self, world: ShopWorld) -> None:
        assert run(world.shop.resolve([])).by_sku == {}

    @pytest.mark.parametrize("sku", ["", "%", "' OR 1=1 --", "a\0b", "\ud83d", "🎁", "x" * 5000])
    def test_odd_skus_are_unknown(self, world: ShopWorld, sku: str) -> None:
        assert run(world.shop.resolve([sku])).by_sku == {sku: Unknown(sku)}

    @pytest.mark.parametrize("text", ODD_TEXTS)
    def test_odd_texts_survive(self, world: ShopWorld, text: str) -> None:
        person = Address(last_name=text, street_1=text, postcode="59000", city=text, country="FR")
        order = an_order(a_line(SKUS[2], title=text), buyer=Buyer(last_name=text), address=person)

        made = run(imported(world.shop, order))

        assert made.pieces == {SKUS[2]: 1}
        assert run(world.printed_name(made.ref)) == text

    def test_a_shop_that_works_says_so(self, world: ShopWorld) -> None:
        findings = run(world.shop.check())

        assert findings
        assert all(finding.ok and finding.sentence for finding in findings)
