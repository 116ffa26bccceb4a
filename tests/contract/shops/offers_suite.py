"""How every shop lists what it sells."""

from datetime import datetime, timedelta
from decimal import Decimal

from app.domain.offer import ShopOffer
from tests.contract.shops.under_test import SKUS, ShopUnderTest, all_of, imported
from tests.shops.builders import a_line, an_order
from tests.support.aio import run


class OffersSuite:
    """Subclassed where the fixture `tested` is: each test gets a fresh shop."""

    def test_every_product_is_offered_with_its_price_and_free_units(self, tested: ShopUnderTest) -> None:
        run(tested.put("LAMPE", quantity=7, price="12.90"))
        run(imported(tested.shop, an_order(a_line("LAMPE", quantity=2))))

        offers = run(all_of(tested.shop.offers()))

        assert sorted(offer.sku for offer in offers) == sorted(SKUS)
        lamp = next(offer for offer in offers if offer.sku == "LAMPE")
        assert (lamp.quantity, lamp.price_incl, lamp.active) == (5, Decimal("12.90"), True)

    def test_each_product_comes_once_even_while_products_change(self, tested: ShopUnderTest) -> None:
        async def walk() -> list[ShopOffer]:
            offers: list[ShopOffer] = []
            async for page in tested.shop.offers():
                offers += page.items
                for sku in SKUS:
                    await tested.put(sku, quantity=len(offers), price=f"{len(offers)}.50")
                await tested.put(f"NEW-{len(offers)}", quantity=1, price="1.00")
            return offers

        offered = [offer.sku for offer in run(walk())]

        assert len(set(offered)) == len(offered)
        assert set(SKUS) <= set(offered)

    def test_a_page_of_offers_says_when_it_was_read(self, tested: ShopUnderTest) -> None:
        async def walk() -> list[tuple[datetime, bool]]:
            seen = []
            async for page in tested.shop.offers():
                seen.append((page.read_at, page.resume is None))
                tested.wait(10)
            return seen

        started = tested.now()
        seen = run(walk())

        assert [read_at for read_at, _ in seen] == [started + timedelta(seconds=10 * turn) for turn in range(len(seen))]
        assert [last for _, last in seen] == [False] * (len(seen) - 1) + [True]
