"""The embedded shop's questions about parcels, and orders that go: on both databases."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.parcel import Parcel
from app.store import embedded
from app.store.embedded import NotShipped, Progress, Shipping, ShipRequest, StoredOrder
from app.store.engine import Store
from tests.shops.builders import NOW
from tests.shops.embedded.test_store import a_content, created, quantities
from tests.shops.embedded.under_test import OTHER_SHOP_ID, SHOP_ID, EmbeddedUnderTest, an_embedded_shop
from tests.support.aio import run

LATER = NOW + timedelta(hours=1)


def a_parcel(number: str = "6A001", units: Mapping[str, int] | None = None, *, url: str = "") -> ShipRequest:
    """A parcel by Colissimo; units by the SKUs that were ordered."""
    return ShipRequest(carrier="Colissimo", number=number, url=url, units=units)


@pytest.fixture
def tested(store: Store) -> EmbeddedUnderTest:
    return an_embedded_shop(store, stock={"LAMPE": 50, "B": 50})


@pytest.fixture
def order(tested: EmbeddedUnderTest) -> StoredOrder:
    """Two lamps and a B, ordered as `theirs-LAMPE` and `theirs-B`."""
    return created(tested.store, a_content(units={"LAMPE": 2, "B": 1}))


def shipped(
    tested: EmbeddedUnderTest,
    order: StoredOrder,
    request: ShipRequest,
    *,
    sequence: int | None = None,
    shop_id: str = SHOP_ID,
) -> Shipping | NotShipped | None:
    return run(
        tested.store.write(
            embedded.ship_order, shop_id, order_id=order.id, request=request, now=LATER, sequence=sequence
        )
    )


def outcome(answer: Shipping | NotShipped | None) -> str:
    """The outcome or the reason, with the parcel it is about."""
    if isinstance(answer, Shipping):
        return f"{answer.outcome} {answer.parcel.sequence if answer.parcel else 'none'}"
    return answer.reason if answer else "no such order"


def progress(tested: EmbeddedUnderTest, order: StoredOrder) -> Progress:
    return run(tested.store.read(embedded.progress, SHOP_ID, order_ids=[order.id]))[order.id]


def numbers(tested: EmbeddedUnderTest, order: StoredOrder) -> list[str]:
    return [each.number for each in progress(tested, order).parcels]


def test_a_parcel_with_all_is_read_as_it_was_written(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    answer = shipped(tested, order, a_parcel(url="https://track.example/6A001"))

    expected = Parcel(
        id=f"{order.id}-1",
        sequence=1,
        shipped_at=LATER,
        carrier="Colissimo",
        number="6A001",
        url="https://track.example/6A001",
        units=None,
    )
    assert answer == Shipping(outcome="shipped", parcel=expected, left={}, following=2)
    assert progress(tested, order) == Progress("shipped", (expected,))


def test_a_parcel_with_some_leaves_the_rest_open(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    answer = shipped(tested, order, a_parcel(units={"theirs-LAMPE": 1}))

    assert isinstance(answer, Shipping)
    assert (answer.outcome, answer.left) == ("partly", {"theirs-LAMPE": 1, "theirs-B": 1})
    assert progress(tested, order).state == "paid"


def test_the_last_unit_makes_the_order_shipped(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    parcels = [
        a_parcel("1", {"theirs-LAMPE": 1}),
        a_parcel("2", {"theirs-LAMPE": 1}),
        a_parcel("3", {"theirs-B": 1}),
    ]

    assert [outcome(shipped(tested, order, parcel)) for parcel in parcels] == ["partly 1", "partly 2", "shipped 3"]
    assert progress(tested, order).state == "shipped"


def test_two_lines_of_one_sku_count_together(tested: EmbeddedUnderTest) -> None:
    content = a_content(units={"LAMPE": 1, "B": 2})
    lines = tuple(replace(line, sku="SAME") for line in content.lines)
    order = created(tested.store, replace(content, lines=lines))

    assert outcome(shipped(tested, order, a_parcel(units={"SAME": 4}))) == "too_many"
    assert outcome(shipped(tested, order, a_parcel(units={"SAME": 3}))) == "shipped 1"


@pytest.mark.parametrize("units", [None, {"theirs-LAMPE": 1}, {"theirs-LAMPE": 2, "theirs-B": 1}])
@pytest.mark.parametrize("number", ["6A001", ""])
def test_shipping_a_parcel_again_changes_nothing(
    tested: EmbeddedUnderTest, order: StoredOrder, number: str, units: dict[str, int] | None
) -> None:
    shipped(tested, order, a_parcel(number, units))
    before = progress(tested, order)

    assert outcome(shipped(tested, order, a_parcel(number, units))) == "already 1"
    assert progress(tested, order) == before


def test_another_parcel_with_the_same_in_it_is_named(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    shipped(tested, order, a_parcel("", {"theirs-LAMPE": 1}))

    assert outcome(shipped(tested, order, a_parcel("", {"theirs-LAMPE": 1}), sequence=2)) == "partly 2"
    assert outcome(shipped(tested, order, a_parcel("", {"theirs-LAMPE": 1}), sequence=2)) == "already 2"


def test_a_number_for_what_left_without_one_is_a_correction(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    shipped(tested, order, ShipRequest())

    answer = shipped(tested, order, a_parcel("6A001"))

    assert isinstance(answer, Shipping)
    assert (answer.outcome, answer.before and answer.before.number) == ("corrected", "")
    assert numbers(tested, order) == ["6A001"]


def test_a_correction_drops_the_link_of_the_old_number(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    shipped(tested, order, a_parcel("6A001", url="https://track.example/6A001"))

    shipped(tested, order, a_parcel("6A002"))

    (shipment,) = progress(tested, order).parcels
    assert (shipment.number, shipment.url) == ("6A002", "")


def test_a_correction_keeps_what_it_does_not_name(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    shipped(tested, order, a_parcel("6A001", url="https://track.example/6A001"))

    assert outcome(shipped(tested, order, ShipRequest())) == "already 1"
    assert outcome(shipped(tested, order, ShipRequest(url="https://track.example/new"))) == "corrected 1"
    (shipment,) = progress(tested, order).parcels
    assert (shipment.carrier, shipment.number, shipment.url) == ("Colissimo", "6A001", "https://track.example/new")


def test_the_same_units_with_another_number_correct_when_no_more_are_open(
    tested: EmbeddedUnderTest, order: StoredOrder
) -> None:
    shipped(tested, order, a_parcel("6A001", {"theirs-B": 1}))

    assert outcome(shipped(tested, order, a_parcel("6A002", {"theirs-B": 1}))) == "corrected 1"
    assert numbers(tested, order) == ["6A002"]


def test_of_several_parcels_the_one_to_correct_has_to_be_named(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    shipped(tested, order, a_parcel("6A001", {"theirs-LAMPE": 2}))
    shipped(tested, order, a_parcel("6A002", {"theirs-B": 1}))

    assert outcome(shipped(tested, order, a_parcel("6A009"))) == "which"
    assert outcome(shipped(tested, order, a_parcel("6A009"), sequence=2)) == "corrected 2"
    assert outcome(shipped(tested, order, a_parcel("6A001"))) == "already 1"
    assert outcome(shipped(tested, order, ShipRequest())) == "already 2"
    assert numbers(tested, order) == ["6A001", "6A009"]


@pytest.mark.parametrize(
    ("parcel", "sequence", "reason"),
    [
        (a_parcel("6A002", {"theirs-LAMPE": 2}), None, "too_many"),
        (a_parcel("6A002", {"theirs-LAMPE": 2}), 2, "too_many"),
        (a_parcel("6A002", {"theirs-LAMPE": 1}), 3, "no_such_parcel"),
        (a_parcel("6A002", {"theirs-B": 1}), 1, "other_units"),
        (a_parcel("6A002", {"LAMPE": 1}), None, "not_ordered"),
    ],
)
def test_what_can_not_be_writes_nothing(
    tested: EmbeddedUnderTest, order: StoredOrder, parcel: ShipRequest, sequence: int | None, reason: str
) -> None:
    shipped(tested, order, a_parcel("6A001", {"theirs-LAMPE": 1}))
    before = progress(tested, order)

    assert outcome(shipped(tested, order, parcel, sequence=sequence)) == reason
    assert progress(tested, order) == before


def test_nothing_more_fits_into_a_shipped_order(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    shipped(tested, order, a_parcel())

    assert outcome(shipped(tested, order, a_parcel("6A002"), sequence=2)) == "too_many"
    assert outcome(shipped(tested, order, a_parcel("6A002", {"theirs-B": 1}))) == "too_many"


def test_a_cancelled_order_is_not_shipped(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    run(tested.store.write(embedded.cancel_order, SHOP_ID, order_id=order.id, now=NOW))

    assert outcome(shipped(tested, order, a_parcel())) == "cancelled"
    assert progress(tested, order) == Progress("cancelled", ())


def test_an_order_of_another_shop_is_none(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    assert shipped(tested, order, a_parcel(), shop_id=OTHER_SHOP_ID) is None
    assert run(tested.store.read(embedded.progress, OTHER_SHOP_ID, order_ids=[order.id])) == {}
    assert not run(tested.store.write(embedded.delete_order, OTHER_SHOP_ID, order_id=order.id))
    assert progress(tested, order) == Progress("paid", ())


def test_an_order_that_the_marketplace_shipped_has_no_parcel_to_confirm(tested: EmbeddedUnderTest) -> None:
    order = created(tested.store, replace(a_content(), state="shipped"))

    assert outcome(shipped(tested, order, a_parcel())) == "already none"
    assert progress(tested, order) == Progress("shipped", ())


def test_twenty_calls_at_once_are_one_parcel(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    async def all_at_once() -> list[str]:
        answers = await asyncio.gather(
            *(
                tested.store.write(embedded.ship_order, SHOP_ID, order_id=order.id, request=a_parcel(), now=LATER)
                for _ in range(20)
            )
        )
        return sorted(map(outcome, answers))

    assert run(all_at_once()) == ["already 1"] * 19 + ["shipped 1"]


@pytest.mark.parametrize("first", ["ship", "cancel"])
def test_shipping_and_cancelling_at_once_do_one_of_the_two(
    tested: EmbeddedUnderTest, order: StoredOrder, first: str
) -> None:
    async def both() -> tuple[str, str | None]:
        ship = tested.store.write(embedded.ship_order, SHOP_ID, order_id=order.id, request=a_parcel(), now=LATER)
        cancel = tested.store.write(embedded.cancel_order, SHOP_ID, order_id=order.id, now=LATER)
        if first == "ship":
            shipped, cancelled = await asyncio.gather(ship, cancel)
        else:
            cancelled, shipped = await asyncio.gather(cancel, ship)
        return outcome(shipped), cancelled

    assert run(both()) in [("shipped 1", "already_shipped"), ("cancelled", "cancelled")]


def test_more_orders_are_followed_than_a_statement_takes(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    shipped(tested, order, a_parcel())

    found = run(tested.store.read(embedded.progress, SHOP_ID, order_ids=list(range(order.id, order.id + 70_000))))

    assert {order_id: len(each.parcels) for order_id, each in found.items()} == {order.id: 1}


def test_a_deleted_order_goes_with_its_buyer_and_parcels(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    other = created(tested.store, a_content("mkp:mirakl:2"))
    shipped(tested, order, a_parcel())
    stock = quantities(tested.store)

    answers = [run(tested.store.write(embedded.delete_order, SHOP_ID, order_id=order.id)) for _ in range(2)]

    assert answers == [True, False]
    assert [each.order for each in run(tested.store.read(embedded.listed_after, SHOP_ID))] == [other]
    assert run(tested.customers()) == 1
    assert quantities(tested.store) == stock


def test_an_order_is_named_by_any_of_its_numbers(tested: EmbeddedUnderTest, order: StoredOrder) -> None:
    taken = created(tested.store, a_content(f"mkp:rakuten:{order.id}"))

    def named(name: str) -> list[int]:
        return [each.id for each in run(tested.store.read(embedded.orders_named, SHOP_ID, name=name))]

    assert named("mkp:mirakl:1") == [order.id]
    assert named(str(order.id)) == [order.id, taken.id]
    assert named(str(taken.id)) == [taken.id]
    assert named(f"0{order.id}") == named("%") == named("9" * 40) == []
    assert run(tested.store.read(embedded.orders_named, OTHER_SHOP_ID, name="mkp:mirakl:1")) == []
