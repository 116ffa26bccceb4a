"""How every shop shows what became of its orders."""

from app.shops.port import ShopProgress
from tests.contract.shops.under_test import ShopUnderTest, imported, needs_units, parcels_of, progress_of
from tests.shops.builders import a_line, an_intent, an_order
from tests.support.aio import run


class ParcelsSuite:
    """Subclassed where the fixture `tested` is: each test gets a fresh shop."""

    def test_an_order_that_waits_has_no_parcels(self, tested: ShopUnderTest) -> None:
        made = run(imported(tested.shop, an_order()))

        assert progress_of(tested, made) == ShopProgress(ref=made.ref, state="paid", parcels=())

    def test_an_order_that_left_says_when_and_how(self, tested: ShopUnderTest) -> None:
        made = run(imported(tested.shop, an_order(a_line("LAMPE", quantity=2), a_line("CAFETIERE"))))
        tested.wait(3600)

        run(tested.ship(made.ref, carrier="Colissimo", number="6A001"))

        progress = progress_of(tested, made)
        assert progress.state == "shipped"
        assert [each.shipped_at for each in progress.parcels] == [tested.now()]
        assert parcels_of(tested, made) == [("Colissimo", "6A001", None)]

    def test_an_order_of_which_half_left_is_not_shipped(self, tested: ShopUnderTest) -> None:
        needs_units(tested)
        made = run(imported(tested.shop, an_order(a_line("LAMPE"), a_line("CAFETIERE"))))

        run(tested.ship(made.ref, number="6A001", units={"LAMPE": 1}))

        assert progress_of(tested, made).state == "paid"
        assert parcels_of(tested, made) == [("Colissimo", "6A001", {"LAMPE": 1})]

    def test_two_parcels_make_it_whole(self, tested: ShopUnderTest) -> None:
        needs_units(tested)
        made = run(imported(tested.shop, an_order(a_line("LAMPE", quantity=2), a_line("CAFETIERE"))))

        run(tested.ship(made.ref, number="6A001", units={"LAMPE": 1}))
        run(tested.ship(made.ref, number="1Z002", carrier="UPS", units={"LAMPE": 1, "CAFETIERE": 1}))

        progress = progress_of(tested, made)
        assert progress.state == "shipped"
        assert parcels_of(tested, made) == [
            ("Colissimo", "6A001", {"LAMPE": 1}),
            ("UPS", "1Z002", {"LAMPE": 1, "CAFETIERE": 1}),
        ]
        assert len({each.id for each in progress.parcels}) == 2

    def test_the_rest_follows_in_a_second_parcel(self, tested: ShopUnderTest) -> None:
        needs_units(tested)
        made = run(imported(tested.shop, an_order(a_line("LAMPE", quantity=2))))

        run(tested.ship(made.ref, number="6A001", units={"LAMPE": 1}))
        run(tested.ship(made.ref, number="6A002"))

        assert progress_of(tested, made).state == "shipped"
        assert [(number, units) for _, number, units in parcels_of(tested, made)] == [
            ("6A001", {"LAMPE": 1}),
            ("6A002", None),
        ]

    def test_a_parcel_without_tracking_is_a_parcel(self, tested: ShopUnderTest) -> None:
        made = run(imported(tested.shop, an_order()))

        run(tested.ship(made.ref, number=""))

        assert progress_of(tested, made).state == "shipped"
        assert [number for _, number, _ in parcels_of(tested, made)] == [""]

    def test_shipping_twice_is_one_parcel(self, tested: ShopUnderTest) -> None:
        made = run(imported(tested.shop, an_order(a_line(quantity=2))))
        run(tested.ship(made.ref, number="6A001"))
        before = progress_of(tested, made)
        tested.wait(60)

        run(tested.ship(made.ref, number="6A001"))

        assert progress_of(tested, made) == before

    def test_a_corrected_number_keeps_the_parcel(self, tested: ShopUnderTest) -> None:
        needs_units(tested)
        made = run(imported(tested.shop, an_order(a_line("LAMPE"), a_line("CAFETIERE"))))
        run(tested.ship(made.ref, number="6A001", units={"LAMPE": 1}))
        run(tested.ship(made.ref, number="6A002", units={"CAFETIERE": 1}))
        before = progress_of(tested, made).parcels
        tested.wait(3600)

        run(tested.correct(made.ref, parcel=1, number="6A009"))

        after = progress_of(tested, made).parcels
        assert [each.number for each in after] == ["6A009", "6A002"]
        assert [(each.id, each.shipped_at) for each in after] == [(each.id, each.shipped_at) for each in before]

    def test_a_cancelled_order_says_so(self, tested: ShopUnderTest) -> None:
        order = an_order()
        made = run(imported(tested.shop, order))

        run(tested.shop.cancel_order(made.ref, intent=an_intent(order)))

        assert progress_of(tested, made) == ShopProgress(ref=made.ref, state="cancelled", parcels=())

    def test_an_order_shipped_by_the_marketplace_has_no_parcels(self, tested: ShopUnderTest) -> None:
        made = run(imported(tested.shop, an_order(), state="shipped", stock="keep"))

        assert progress_of(tested, made) == ShopProgress(ref=made.ref, state="shipped", parcels=())

    def test_orders_that_are_not_there_are_left_out(self, tested: ShopUnderTest) -> None:
        kept, gone = (run(imported(tested.shop, an_order(order_id=number))) for number in ("MKP-1", "MKP-2"))
        run(tested.delete(gone.ref))

        asked = [kept.ref, gone.ref, "999", "", "0", "-1", "abc", "²", "9" * 12, "9" * 40, f"0{kept.ref}", "1\0"]
        found = run(tested.shop.progress_of([*asked, kept.ref]))

        assert set(found) == {kept.ref}

    def test_many_orders_are_followed_at_once(self, tested: ShopUnderTest) -> None:
        made = [run(imported(tested.shop, an_order(order_id=f"MKP-{number}"))) for number in range(5)]
        run(tested.ship(made[3].ref, number="6A003"))

        found = run(tested.shop.progress_of([each.ref for each in made]))

        assert {ref: progress.ref for ref, progress in found.items()} == {each.ref: each.ref for each in made}
        assert [found[each.ref].state for each in made] == ["paid", "paid", "paid", "shipped", "paid"]
        assert [len(found[each.ref].parcels) for each in made] == [0, 0, 0, 1, 0]

    def test_following_nothing_is_no_question(self, tested: ShopUnderTest) -> None:
        assert run(tested.shop.progress_of([])) == {}

    def test_a_new_order_never_gets_the_ref_of_a_deleted_one(self, tested: ShopUnderTest) -> None:
        gone = run(imported(tested.shop, an_order()))
        run(tested.delete(gone.ref))

        again = run(imported(tested.shop, an_order()))

        assert again.ref != gone.ref
        assert set(run(tested.shop.progress_of([gone.ref, again.ref]))) == {again.ref}
