"""What every shop promises the tasks. One suite, run on each kind of the registry.

A kind joins with a factory of `ShopWorld`: a fresh shop that holds the products asked for, and eyes that look into it
past the port.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.intent import Intent
from app.domain.money import Money
from app.domain.offer import ShopOffer
from app.domain.order import Address, Buyer, Order, marketplace_key
from app.domain.page import Page
from app.domain.shop_mapping import ShopMapping
from app.domain.wording import Reader
from app.errors import Refused
from app.shops.port import CancelOutcome, Match, Shop, ShopOrder, ShopProgress, UnfinishedOrder, Unknown
from tests.shops.builders import a_line, a_plan, an_intent, an_order, plan_for
from tests.support.aio import run

T = TypeVar("T")

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
    """A shop with `STOCK` units of each of `SKUS` that answers in pages of two, and what is really in it."""

    @property
    def shop(self) -> Shop: ...

    def reopened(self, *, mapping: ShopMapping) -> Shop:
        """Return the shop as an account opens it that uses it so."""
        ...

    def now(self) -> datetime:
        """Return what the shop's clock shows."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass in the shop."""
        ...

    async def ship(
        self, ref: str, *, number: str, carrier: str = "Colissimo", units: Mapping[str, int] | None = None
    ) -> None:
        """Send a parcel, as whoever packs it does; all that is open when no units are named."""
        ...

    async def correct(self, ref: str, *, parcel: int, number: str) -> None:
        """Give the parcel of that place, counted from 1, another tracking number."""
        ...

    async def delete(self, ref: str) -> None:
        """Delete an order."""
        ...

    async def put(self, sku: str, *, quantity: int, price: str) -> None:
        """Add a product, or change it."""
        ...

    async def stock(self, sku: str) -> int:
        """Return the units in stock."""
        ...

    async def customers(self) -> int:
        """Return how many customers there are."""
        ...

    async def orders(self) -> int:
        """Return how many orders there are."""
        ...

    async def printed_name(self, ref: str) -> str:
        """Return the name on the parcel of an order."""
        ...

    def printable(self, text: str) -> str:
        """Return what the shop can print of a name."""
        ...

    @property
    def knows_units(self) -> bool:
        """Whether the shop tells which units a parcel holds."""
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


async def imported(shop: Shop, order: Order, intent: Intent | None = None, **choices: str) -> ShopOrder:
    """Import as the task does: resolve, plan, look, create."""
    plan, intent = await plan_for(shop, order, **choices), intent or an_intent(order)
    in_shop = (await shop.find_orders({intent.key: intent.steps})).get(intent.key)
    if in_shop is None or (isinstance(in_shop, ShopOrder) and not in_shop.whole):
        in_shop = await shop.create_order(order, plan=plan, intent=intent)
    assert isinstance(in_shop, ShopOrder), in_shop
    return in_shop


async def found(shop: Shop, order: Order) -> ShopOrder | UnfinishedOrder | None:
    key = marketplace_key(order.platform, order.order_id)
    return (await shop.find_orders({key: {}})).get(key)


async def all_of(pages: AsyncIterator[Page[T]]) -> list[T]:
    """Return what is on all pages."""
    return [item async for page in pages for item in page.items]


def progress_of(world: ShopWorld, made: ShopOrder) -> ShopProgress:
    return run(world.shop.progress_of([made.ref]))[made.ref]


def parcels_of(world: ShopWorld, made: ShopOrder) -> list[tuple[str, str, Mapping[str, int] | None]]:
    """Carrier, number and units of each parcel."""
    return [(each.carrier, each.number, each.units) for each in progress_of(world, made).parcels]


async def orders_since(world: ShopWorld, since: datetime, key_prefix: str = "mkp:") -> list[ShopOrder]:
    return await all_of(world.shop.orders(key_prefix=key_prefix, since=since))


def _needs_units(world: ShopWorld) -> None:
    if not world.knows_units:
        pytest.skip("this kind of shop does not tell which units a parcel holds")


class ShopSuite:
    """Subclassed where the fixture `world` is: each test gets a fresh shop."""

    def test_an_order_is_created_with_its_customer_total_and_units(self, world: ShopWorld) -> None:
        order = an_order(a_line("LAMPE", quantity=2, price="12.90", shipping="4.50"), a_line("CAFETIERE", price="7.05"))

        made = run(imported(world.shop, order))

        assert made.key == "mkp:mirakl:MKP-1"
        assert made.marketplace_order_id == "MKP-1"
        assert made.total == Money(Decimal("37.35"), "EUR")
        assert made.units == {"LAMPE": 2, "CAFETIERE": 1}
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

    def test_twenty_different_orders_at_once_all_take_their_units(self, world: ShopWorld) -> None:
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
        intent = an_intent(order)

        async def cut_off() -> None:
            plan = await plan_for(world.shop, order)
            writing = asyncio.create_task(world.shop.create_order(order, plan=plan, intent=intent))
            for _ in range(turns):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.wait([writing])

        run(cut_off())
        run(imported(world.shop, order, intent))

        assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (1, 1, STOCK - 3)

    def test_an_order_is_found_by_its_key(self, world: ShopWorld) -> None:
        order, other = an_order(order_id="MKP-1"), an_order(order_id="MKP-11")
        made = run(imported(world.shop, order))

        assert run(found(world.shop, order)) == made
        assert run(found(world.shop, other)) is None

    def test_one_order_number_of_two_platforms_is_two_orders(self, world: ShopWorld) -> None:
        run(imported(world.shop, an_order()))

        assert run(world.shop.find_orders({"mkp:rakuten:MKP-1": {}})) == {}

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
            assert sum(made.units.values()) == sum(quantity for _, _, quantity in lines)

        check()

    def test_two_lines_of_one_product_add_up(self, world: ShopWorld) -> None:
        order = an_order(a_line(line_id="1", quantity=2), a_line(line_id="2", quantity=3))

        made = run(imported(world.shop, order))

        assert made.units == {"LAMPE": 5}
        assert run(world.stock("LAMPE")) == STOCK - 5

    def test_cancelled_lines_are_not_taken(self, world: ShopWorld) -> None:
        kept, dropped = a_line("LAMPE", price="12.90"), a_line("CAFETIERE", quantity=4, cancelled=4)

        made = run(imported(world.shop, an_order(kept, dropped)))

        assert made.units == {"LAMPE": 1}
        assert made.total == Money(Decimal("12.90"), "EUR")
        assert run(world.stock("CAFETIERE")) == STOCK

    def test_cancelled_units_of_a_line_are_not_taken(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order(a_line(quantity=5, cancelled=2))))

        assert made.units == {"LAMPE": 3}
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
        intent = an_intent(order)
        made = run(imported(world.shop, order, intent, stock="keep"))

        run(world.shop.cancel_order(made.ref, intent=intent))

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

        assert made.units == {SKUS[2]: 1}
        assert run(world.printed_name(made.ref)) == world.printable(text)

    def test_a_shop_that_works_says_so(self, world: ShopWorld) -> None:
        findings = run(world.shop.check())

        assert findings
        assert all(finding.ok and finding.said(Reader()).message for finding in findings)

    # Following orders.

    def test_an_order_that_waits_has_no_parcels(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order()))

        assert progress_of(world, made) == ShopProgress(ref=made.ref, state="paid", parcels=())

    def test_an_order_that_left_says_when_and_how(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order(a_line("LAMPE", quantity=2), a_line("CAFETIERE"))))
        world.wait(3600)

        run(world.ship(made.ref, carrier="Colissimo", number="6A001"))

        progress = progress_of(world, made)
        assert progress.state == "shipped"
        assert [each.shipped_at for each in progress.parcels] == [world.now()]
        assert parcels_of(world, made) == [("Colissimo", "6A001", None)]

    def test_an_order_of_which_half_left_is_not_shipped(self, world: ShopWorld) -> None:
        _needs_units(world)
        made = run(imported(world.shop, an_order(a_line("LAMPE"), a_line("CAFETIERE"))))

        run(world.ship(made.ref, number="6A001", units={"LAMPE": 1}))

        assert progress_of(world, made).state == "paid"
        assert parcels_of(world, made) == [("Colissimo", "6A001", {"LAMPE": 1})]

    def test_two_parcels_make_it_whole(self, world: ShopWorld) -> None:
        _needs_units(world)
        made = run(imported(world.shop, an_order(a_line("LAMPE", quantity=2), a_line("CAFETIERE"))))

        run(world.ship(made.ref, number="6A001", units={"LAMPE": 1}))
        run(world.ship(made.ref, number="1Z002", carrier="UPS", units={"LAMPE": 1, "CAFETIERE": 1}))

        progress = progress_of(world, made)
        assert progress.state == "shipped"
        assert parcels_of(world, made) == [
            ("Colissimo", "6A001", {"LAMPE": 1}),
            ("UPS", "1Z002", {"LAMPE": 1, "CAFETIERE": 1}),
        ]
        assert len({each.id for each in progress.parcels}) == 2

    def test_the_rest_follows_in_a_second_parcel(self, world: ShopWorld) -> None:
        _needs_units(world)
        made = run(imported(world.shop, an_order(a_line("LAMPE", quantity=2))))

        run(world.ship(made.ref, number="6A001", units={"LAMPE": 1}))
        run(world.ship(made.ref, number="6A002"))

        assert progress_of(world, made).state == "shipped"
        assert [(number, units) for _, number, units in parcels_of(world, made)] == [
            ("6A001", {"LAMPE": 1}),
            ("6A002", None),
        ]

    def test_a_parcel_without_tracking_is_a_parcel(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order()))

        run(world.ship(made.ref, number=""))

        assert progress_of(world, made).state == "shipped"
        assert [number for _, number, _ in parcels_of(world, made)] == [""]

    def test_shipping_twice_is_one_parcel(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order(a_line(quantity=2))))
        run(world.ship(made.ref, number="6A001"))
        before = progress_of(world, made)
        world.wait(60)

        run(world.ship(made.ref, number="6A001"))

        assert progress_of(world, made) == before

    def test_a_corrected_number_keeps_the_parcel(self, world: ShopWorld) -> None:
        _needs_units(world)
        made = run(imported(world.shop, an_order(a_line("LAMPE"), a_line("CAFETIERE"))))
        run(world.ship(made.ref, number="6A001", units={"LAMPE": 1}))
        run(world.ship(made.ref, number="6A002", units={"CAFETIERE": 1}))
        before = progress_of(world, made).parcels
        world.wait(3600)

        run(world.correct(made.ref, parcel=1, number="6A009"))

        after = progress_of(world, made).parcels
        assert [each.number for each in after] == ["6A009", "6A002"]
        assert [(each.id, each.shipped_at) for each in after] == [(each.id, each.shipped_at) for each in before]

    def test_a_cancelled_order_says_so(self, world: ShopWorld) -> None:
        order = an_order()
        made = run(imported(world.shop, order))

        run(world.shop.cancel_order(made.ref, intent=an_intent(order)))

        assert progress_of(world, made) == ShopProgress(ref=made.ref, state="cancelled", parcels=())

    def test_an_order_shipped_by_the_marketplace_has_no_parcels(self, world: ShopWorld) -> None:
        made = run(imported(world.shop, an_order(), state="shipped", stock="keep"))

        assert progress_of(world, made) == ShopProgress(ref=made.ref, state="shipped", parcels=())

    @pytest.mark.parametrize("units", [None, {"LAMPE": 1}], ids=["all", "half"])
    def test_an_order_of_which_a_parcel_left_is_not_cancelled(
        self, world: ShopWorld, units: Mapping[str, int] | None
    ) -> None:
        if units is not None:
            _needs_units(world)
        order = an_order(a_line("LAMPE", quantity=2))
        made = run(imported(world.shop, order))
        run(world.ship(made.ref, number="6A001", units=units))
        before = progress_of(world, made)

        outcome = run(world.shop.cancel_order(made.ref, intent=an_intent(order)))

        assert outcome is CancelOutcome.ALREADY_SHIPPED
        assert progress_of(world, made) == before
        assert run(world.stock("LAMPE")) == STOCK - 2

    def test_orders_that_are_not_there_are_left_out(self, world: ShopWorld) -> None:
        kept, gone = (run(imported(world.shop, an_order(order_id=number))) for number in ("MKP-1", "MKP-2"))
        run(world.delete(gone.ref))

        asked = [kept.ref, gone.ref, "999", "", "0", "-1", "abc", "²", "9" * 12, "9" * 40, f"0{kept.ref}", "1\0"]
        found = run(world.shop.progress_of([*asked, kept.ref]))

        assert set(found) == {kept.ref}

    def test_many_orders_are_followed_at_once(self, world: ShopWorld) -> None:
        made = [run(imported(world.shop, an_order(order_id=f"MKP-{number}"))) for number in range(5)]
        run(world.ship(made[3].ref, number="6A003"))

        found = run(world.shop.progress_of([each.ref for each in made]))

        assert {ref: progress.ref for ref, progress in found.items()} == {each.ref: each.ref for each in made}
        assert [found[each.ref].state for each in made] == ["paid", "paid", "paid", "shipped", "paid"]
        assert [len(found[each.ref].parcels) for each in made] == [0, 0, 0, 1, 0]

    def test_following_nothing_is_no_question(self, world: ShopWorld) -> None:
        assert run(world.shop.progress_of([])) == {}

    def test_a_new_order_never_gets_the_ref_of_a_deleted_one(self, world: ShopWorld) -> None:
        gone = run(imported(world.shop, an_order()))
        run(world.delete(gone.ref))

        again = run(imported(world.shop, an_order()))

        assert again.ref != gone.ref
        assert set(run(world.shop.progress_of([gone.ref, again.ref]))) == {again.ref}

    # Offers.

    def test_every_product_is_offered_with_its_price_and_free_units(self, world: ShopWorld) -> None:
        run(world.put("LAMPE", quantity=7, price="12.90"))
        run(imported(world.shop, an_order(a_line("LAMPE", quantity=2))))

        offers = run(all_of(world.shop.offers()))

        assert sorted(offer.sku for offer in offers) == sorted(SKUS)
        lamp = next(offer for offer in offers if offer.sku == "LAMPE")
        assert (lamp.quantity, lamp.price_incl, lamp.active) == (5, Decimal("12.90"), True)

    def test_each_product_comes_once_even_while_products_change(self, world: ShopWorld) -> None:
        async def walk() -> list[ShopOffer]:
            offers: list[ShopOffer] = []
            async for page in world.shop.offers():
                offers += page.items
                for sku in SKUS:
                    await world.put(sku, quantity=len(offers), price=f"{len(offers)}.50")
                await world.put(f"NEW-{len(offers)}", quantity=1, price="1.00")
            return offers

        offered = [offer.sku for offer in run(walk())]

        assert len(set(offered)) == len(offered)
        assert set(SKUS) <= set(offered)

    def test_a_page_of_offers_says_when_it_was_read(self, world: ShopWorld) -> None:
        async def walk() -> list[tuple[datetime, bool]]:
            seen = []
            async for page in world.shop.offers():
                seen.append((page.read_at, page.resume is None))
                world.wait(10)
            return seen

        started = world.now()
        seen = run(walk())

        assert [read_at for read_at, _ in seen] == [started + timedelta(seconds=10 * turn) for turn in range(len(seen))]
        assert [last for _, last in seen] == [False] * (len(seen) - 1) + [True]

    # Reconciling.

    def test_all_our_orders_since_a_moment_are_found(self, world: ShopWorld) -> None:
        run(imported(world.shop, an_order(order_id="MKP-OLD")))
        world.wait(3600)
        since = world.now()
        made = [run(imported(world.shop, an_order(order_id=f"MKP-{number}"))) for number in range(5)]

        listed = run(orders_since(world, since))

        assert listed == made

    def test_orders_in_every_state_are_found(self, world: ShopWorld) -> None:
        orders = [an_order(order_id=number) for number in ("MKP-1", "MKP-2", "MKP-3", "MKP-4")]
        since = world.now()
        waiting, left, cancelled, gone = (run(imported(world.shop, order)) for order in orders)
        run(world.ship(left.ref, number="6A001"))
        run(world.shop.cancel_order(cancelled.ref, intent=an_intent(orders[2])))
        run(world.delete(gone.ref))

        listed = run(orders_since(world, since))

        assert {each.ref: each.state for each in listed} == {
            waiting.ref: "paid",
            left.ref: "shipped",
            cancelled.ref: "cancelled",
        }

    @pytest.mark.parametrize(
        ("key_prefix", "found"),
        [("mkp:", 1), ("mkp:mirakl:", 1), ("", 1), ("MKP:", 0), ("mkp:rakuten:", 0), ("mkp_", 0), ("%", 0)],
    )
    def test_only_keys_that_begin_so_are_found(self, world: ShopWorld, key_prefix: str, found: int) -> None:
        run(imported(world.shop, an_order()))

        assert len(run(orders_since(world, world.now() - timedelta(days=1), key_prefix))) == found

    def test_orders_come_once_each_while_others_are_made(self, world: ShopWorld) -> None:
        since = world.now()
        made = [run(imported(world.shop, an_order(order_id=f"MKP-{number}"))) for number in range(4)]

        async def walk() -> list[str]:
            refs: list[str] = []
            async for page in world.shop.orders(key_prefix="mkp:", since=since):
                refs += [order.ref for order in page.items]
                if len(refs) < 8:
                    await imported(world.shop, an_order(order_id=f"MKP-LATE-{len(refs)}"))
            return refs

        refs = run(walk())

        assert len(set(refs)) == len(refs)
        assert {order.ref for order in made} <= set(refs)

    def test_a_shop_without_our_orders_answers_with_an_empty_page(self, world: ShopWorld) -> None:
        async def walk() -> list[Page[ShopOrder]]:
            return [page async for page in world.shop.orders(key_prefix="mkp:", since=world.now())]

        (page,) = run(walk())

        assert (page.items, page.resume, page.read_at) == ((), None, world.now())
