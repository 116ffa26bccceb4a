"""Sending, cancelling and deleting by hand: what is refused says what to do instead."""

import pytest

from app.errors import BadInput
from app.shops.embedded import parcels
from app.store.embedded import ShipRequest
from app.store.engine import Store
from tests.shops.builders import a_line, an_intent, an_order, plan_for
from tests.shops.embedded.under_test import SHOP_ID, EmbeddedUnderTest, an_embedded_shop
from tests.support.aio import run


@pytest.fixture
def tested(sqlite_store: Store) -> EmbeddedUnderTest:
    return an_embedded_shop(sqlite_store, stock={"LAMPE": 50, "CAFETIERE": 50})


def held(tested: EmbeddedUnderTest, order_id: str = "MKP-1", *, state: str = "paid") -> str:
    """Import two lamps and a coffee maker; return our reference."""
    order = an_order(a_line("LAMPE", quantity=2), a_line("CAFETIERE"), order_id=order_id)
    plan = run(plan_for(tested.shop, order, state=state))
    return run(tested.shop.create_order(order, plan=plan, intent=an_intent(order))).ref


def refusal(tested: EmbeddedUnderTest, order: str, parcel: ShipRequest, *, sequence: int | None = None) -> str:
    with pytest.raises(BadInput) as refused:
        run(parcels.ship(tested.store, SHOP_ID, order=order, request=parcel, now=tested.now(), sequence=sequence))
    return refused.value.message


def test_an_order_is_shipped_by_the_number_of_the_marketplace(tested: EmbeddedUnderTest) -> None:
    ref = held(tested)

    shipped = run(parcels.ship(tested.store, SHOP_ID, order="MKP-1", request=ShipRequest(), now=tested.now()))

    assert (str(shipped.order.id), shipped.shipping.outcome) == (ref, "shipped")


@pytest.mark.parametrize("name", ["MKP-2", "", "0", "mkp-1", "a\0b", "\ud83d", "9" * 40])
def test_an_order_that_is_not_there_says_where_to_look(tested: EmbeddedUnderTest, name: str) -> None:
    held(tested)

    assert "marketcron shop orders" in refusal(tested, name, ShipRequest())


def test_a_number_of_two_orders_is_not_guessed(tested: EmbeddedUnderTest) -> None:
    ref = held(tested)
    held(tested, ref)

    assert refusal(tested, ref, ShipRequest()).endswith(
        f"Name one of them in full: mkp:mirakl:MKP-1, mkp:mirakl:{ref}."
    )
    run(parcels.ship(tested.store, SHOP_ID, order=f"mkp:mirakl:{ref}", request=ShipRequest(), now=tested.now()))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (ShipRequest(number="6A001"), "needs its carrier"),
        (ShipRequest(carrier="x" * 101), "carrier is too long"),
        (ShipRequest(carrier="UPS", number="x" * 101), "tracking is too long"),
        (ShipRequest(carrier="UPS", number="1Z\n2"), "can't be printed"),
        (ShipRequest(carrier=" UPS"), "blank at an end"),
        (ShipRequest(carrier="UPS", number="\ud83d"), "can't be printed"),
        (ShipRequest(url="javascript:alert(1)"), "no web address"),
        (ShipRequest(units={}), "No units"),
        (ShipRequest(units={"LAMPE": 0}), "Less than one unit"),
        (ShipRequest(units={"LAMPE": -1}), "Less than one unit"),
        (ShipRequest(units={"LAMP": 1}), "has no SKU 'LAMP'. Name one of: LAMPE, CAFETIERE."),
        (ShipRequest(units={"LAMPE": 3}), "has open: 2 x LAMPE, 1 x CAFETIERE. Give fewer."),
    ],
)
def test_a_parcel_that_can_not_be_is_refused_in_a_sentence(
    tested: EmbeddedUnderTest, asked: ShipRequest, words: str
) -> None:
    held(tested)

    assert words in refusal(tested, "MKP-1", asked)
    assert run(tested.shop.progress_of(["1"]))["1"].parcels == ()


def test_too_many_units_name_the_parcels_that_left(tested: EmbeddedUnderTest) -> None:
    ref = held(tested)
    run(tested.ship(ref, number="6A001", units={"LAMPE": 1}))

    assert refusal(tested, ref, ShipRequest(units={"LAMPE": 2})) == (
        "Those are more units than order MKP-1 has open: 1 x LAMPE, 1 x CAFETIERE. Give fewer. "
        "To correct a parcel, name it with --parcel: parcel 1 (Colissimo 6A001)."
    )


def test_a_number_for_one_of_several_parcels_names_them(tested: EmbeddedUnderTest) -> None:
    ref = held(tested)
    run(tested.ship(ref, number="6A001", units={"LAMPE": 2}))
    run(tested.ship(ref, number="", carrier="", units={"CAFETIERE": 1}))

    assert refusal(tested, ref, ShipRequest(carrier="UPS", number="1Z9")) == (
        "All of order MKP-1 left already. Say which parcel to correct with --parcel: "
        "parcel 1 (Colissimo 6A001), parcel 2 (without tracking)."
    )


def test_a_parcel_that_is_none_of_the_order_is_refused(tested: EmbeddedUnderTest) -> None:
    ref = held(tested)

    assert refusal(tested, ref, ShipRequest(), sequence=2) == "Order MKP-1 has no parcel 2. Its first is --parcel 1."
    run(tested.ship(ref, number="6A001", units={"LAMPE": 1}))
    assert refusal(tested, ref, ShipRequest(), sequence=3).endswith("(Colissimo 6A001), the next is --parcel 2.")
    assert "can't be changed" in refusal(tested, ref, ShipRequest(units={"LAMPE": 2}), sequence=1)


def test_a_cancelled_order_says_that_nothing_may_leave(tested: EmbeddedUnderTest) -> None:
    held(tested)
    _, outcome = run(parcels.cancel(tested.store, SHOP_ID, order="MKP-1", now=tested.now()))

    assert outcome == "cancelled"
    assert run(tested.stock("LAMPE")) == 50
    assert "is cancelled" in refusal(tested, "MKP-1", ShipRequest())


def test_what_left_is_not_cancelled(tested: EmbeddedUnderTest) -> None:
    ref = held(tested)
    run(tested.ship(ref, number="6A001", units={"LAMPE": 1}))

    with pytest.raises(BadInput, match="Settle a return or a refund at the marketplace"):
        run(parcels.cancel(tested.store, SHOP_ID, order=ref, now=tested.now()))


def test_a_deleted_order_is_gone(tested: EmbeddedUnderTest) -> None:
    held(tested)

    deleted = run(parcels.delete(tested.store, SHOP_ID, order="MKP-1"))

    assert deleted.content.marketplace_order_id == "MKP-1"
    assert (run(tested.orders()), run(tested.customers()), run(tested.stock("LAMPE"))) == (0, 0, 48)
    with pytest.raises(BadInput, match="no order 'MKP-1'"):
        run(parcels.delete(tested.store, SHOP_ID, order="MKP-1"))
