"""Sending, cancelling and deleting by hand: what is refused says what to do instead."""

import pytest

from app.errors import BadInput
from app.shops.embedded import parcels
from app.store.embedded import ShipRequest
from app.store.engine import Store
from tests.shops.builders import a_line, an_intent, an_order, plan_for
from tests.shops.embedded.world import SHOP_ID, EmbeddedWorld, embedded_world
from tests.support.aio import run


@pytest.fixture
def world(sqlite_store: Store) -> EmbeddedWorld:
    return embedded_world(sqlite_store, stock={"LAMPE": 50, "CAFETIERE": 50})


def held(world: EmbeddedWorld, order_id: str = "MKP-1", *, state: str = "paid") -> str:
    """Import two lamps and a coffee maker; return our reference."""
    order = an_order(a_line("LAMPE", quantity=2), a_line("CAFETIERE"), order_id=order_id)
    plan = run(plan_for(world.shop, order, state=state))
    return run(world.shop.create_order(order, plan=plan, intent=an_intent(order))).ref


def refusal(world: EmbeddedWorld, order: str, parcel: ShipRequest, *, sequence: int | None = None) -> str:
    with pytest.raises(BadInput) as refused:
        run(parcels.ship(world.store, SHOP_ID, order=order, request=parcel, now=world.now(), sequence=sequence))
    return refused.value.message


def test_an_order_is_shipped_by_the_number_of_the_marketplace(world: EmbeddedWorld) -> None:
    ref = held(world)

    shipped = run(parcels.ship(world.store, SHOP_ID, order="MKP-1", request=ShipRequest(), now=world.now()))

    assert (str(shipped.order.id), shipped.shipping.outcome) == (ref, "shipped")


@pytest.mark.parametrize("name", ["MKP-2", "", "0", "mkp-1", "a\0b", "\ud83d", "9" * 40])
def test_an_order_that_is_not_there_says_where_to_look(world: EmbeddedWorld, name: str) -> None:
    held(world)

    assert "marketcron shop orders" in refusal(world, name, ShipRequest())


def test_a_number_of_two_orders_is_not_guessed(world: EmbeddedWorld) -> None:
    ref = held(world)
    held(world, ref)

    assert refusal(world, ref, ShipRequest()).endswith(f"Name one of them in full: mkp:mirakl:MKP-1, mkp:mirakl:{ref}.")
    run(parcels.ship(world.store, SHOP_ID, order=f"mkp:mirakl:{ref}", request=ShipRequest(), now=world.now()))


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
    world: EmbeddedWorld, asked: ShipRequest, words: str
) -> None:
    held(world)

    assert words in refusal(world, "MKP-1", asked)
    assert run(world.shop.progress_of(["1"]))["1"].parcels == ()


def test_too_many_units_name_the_parcels_that_left(world: EmbeddedWorld) -> None:
    ref = held(world)
    run(world.ship(ref, number="6A001", units={"LAMPE": 1}))

    assert refusal(world, ref, ShipRequest(units={"LAMPE": 2})) == (
        "Those are more units than order MKP-1 has open: 1 x LAMPE, 1 x CAFETIERE. Give fewer. "
        "To correct a parcel, name it with --parcel: parcel 1 (Colissimo 6A001)."
    )


def test_a_number_for_one_of_several_parcels_names_them(world: EmbeddedWorld) -> None:
    ref = held(world)
    run(world.ship(ref, number="6A001", units={"LAMPE": 2}))
    run(world.ship(ref, number="", carrier="", units={"CAFETIERE": 1}))

    assert refusal(world, ref, ShipRequest(carrier="UPS", number="1Z9")) == (
        "All of order MKP-1 left already. Say which parcel to correct with --parcel: "
        "parcel 1 (Colissimo 6A001), parcel 2 (without tracking)."
    )


def test_a_parcel_that_is_none_of_the_order_is_refused(world: EmbeddedWorld) -> None:
    ref = held(world)

    assert refusal(world, ref, ShipRequest(), sequence=2) == "Order MKP-1 has no parcel 2. Its first is --parcel 1."
    run(world.ship(ref, number="6A001", units={"LAMPE": 1}))
    assert refusal(world, ref, ShipRequest(), sequence=3).endswith("(Colissimo 6A001), the next is --parcel 2.")
    assert "can't be changed" in refusal(world, ref, ShipRequest(units={"LAMPE": 2}), sequence=1)


def test_a_cancelled_order_says_that_nothing_may_leave(world: EmbeddedWorld) -> None:
    held(world)
    _, outcome = run(parcels.cancel(world.store, SHOP_ID, order="MKP-1", now=world.now()))

    assert outcome == "cancelled"
    assert run(world.stock("LAMPE")) == 50
    assert "is cancelled" in refusal(world, "MKP-1", ShipRequest())


def test_what_left_is_not_cancelled(world: EmbeddedWorld) -> None:
    ref = held(world)
    run(world.ship(ref, number="6A001", units={"LAMPE": 1}))

    with pytest.raises(BadInput, match="Settle a return or a refund at the marketplace"):
        run(parcels.cancel(world.store, SHOP_ID, order=ref, now=world.now()))


def test_a_deleted_order_is_gone(world: EmbeddedWorld) -> None:
    held(world)

    deleted = run(parcels.delete(world.store, SHOP_ID, order="MKP-1"))

    assert deleted.content.marketplace_order_id == "MKP-1"
    assert (run(world.orders()), run(world.customers()), run(world.stock("LAMPE"))) == (0, 0, 48)
    with pytest.raises(BadInput, match="no order 'MKP-1'"):
        run(parcels.delete(world.store, SHOP_ID, order="MKP-1"))
