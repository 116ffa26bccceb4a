"""How far orders are, and which parcels left."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.parcel import Parcel
from app.domain.shop_mapping import ShopMapping
from app.shops.port import ShopProgress
from app.shops.prestashop.reads.progress import progress_of
from tests.shops.prestashop.fake_prestashop import STATES, FakePrestashop, a_setup, a_state, some_facts
from tests.support.aio import run

LEFT_AT = datetime(2026, 11, 21, 16, 14, 47, tzinfo=UTC)


def followed(shop: FakePrestashop, *refs: str, mapping: ShopMapping | None = None) -> Mapping[str, ShopProgress]:
    setup = a_setup(shop)
    facts = some_facts([*STATES, a_state("30", "Avis demandé")])
    return run(progress_of(setup.client, facts=facts, mapping=mapping or ShopMapping(), refs=refs, clock=setup.clock))


def parcels(shop: FakePrestashop, ref: str = "9", mapping: ShopMapping | None = None) -> list[tuple[str, str, str]]:
    """Id, carrier and number of each parcel."""
    return [(each.id, each.carrier, each.number) for each in followed(shop, ref, mapping=mapping)[ref].parcels]


def an_order(shop: FakePrestashop, order_id: int = 9, *, state: str = "4", row: int = 90, number: str = "6A1") -> None:
    """An order that an employee shipped an hour after it was made, unless its state says otherwise."""
    shop.add("orders", order_id, current_state=state, date_add="2026-11-21 16:14:41")
    shop.add("order_carriers", row, id_order=order_id, tracking_number=number)
    shop.add("order_histories", 10 * order_id, id_order=order_id, id_employee=0, date_add="2026-11-21 16:14:41")
    if state not in ("0", "11", "3", "6"):
        shop.add(
            "order_histories", 10 * order_id + 1, id_order=order_id, id_order_state=4, date_add="2026-11-21 17:14:47"
        )


def test_an_order_that_left_says_when_how_and_with_which_number() -> None:
    shop = FakePrestashop()
    an_order(shop)

    assert followed(shop, "9") == {
        "9": ShopProgress(
            ref="9",
            state="shipped",
            parcels=(
                Parcel(
                    id="90",
                    shipped_at=LEFT_AT,
                    carrier="Colissimo",
                    number="6A1",
                    url="https://track.example/?n=6A1",
                    units=None,
                ),
            ),
        )
    }


@pytest.mark.parametrize(("state", "word"), [("11", "paid"), ("3", "paid"), ("0", "paid"), ("6", "cancelled")])
def test_an_order_that_did_not_leave_has_no_parcels_whatever_number_it_bears(state: str, word: str) -> None:
    shop = FakePrestashop()
    an_order(shop, state=state)

    assert followed(shop, "9") == {"9": ShopProgress(ref="9", state=word, parcels=())}


def test_a_parcel_without_a_number_is_a_parcel() -> None:
    shop = FakePrestashop()
    an_order(shop, number="")

    (parcel,) = followed(shop, "9")["9"].parcels

    assert (parcel.number, parcel.url, parcel.shipped_at) == ("", "", LEFT_AT)


def test_a_parcel_left_when_it_was_first_said_to() -> None:
    shop = FakePrestashop()
    an_order(shop, state="5")
    shop.add("order_histories", 92, id_order=9, id_order_state=5, date_add="2026-11-23 09:00:00")

    (parcel,) = followed(shop, "9")["9"].parcels

    assert parcel.shipped_at == LEFT_AT


def test_without_a_history_it_left_when_the_order_changed() -> None:
    shop = FakePrestashop()
    shop.add("orders", 9, current_state="4", date_upd="2026-11-21 17:20:00")
    shop.add("order_carriers", 90, id_order=9)

    (parcel,) = followed(shop, "9")["9"].parcels

    assert parcel.shipped_at == datetime(2026, 11, 21, 16, 20, tzinfo=UTC)


@pytest.mark.parametrize(("state", "count"), [("7", 1), ("30", 1), ("3", 0), ("2", 0), ("11", 0)])
def test_what_left_stays_gone_unless_the_order_went_back(state: str, count: int) -> None:
    shop = FakePrestashop()
    an_order(shop)
    shop.change("orders", 9, current_state=state)

    progress = followed(shop, "9")["9"]

    assert (progress.state, len(progress.parcels)) == ("paid", count)


def test_an_order_refunded_before_it_left_has_no_parcels() -> None:
    shop = FakePrestashop()
    shop.add("orders", 9, current_state="7")
    shop.add("order_carriers", 90, id_order=9, tracking_number="6A1")

    assert parcels(shop) == []


def test_several_numbers_are_several_parcels() -> None:
    shop = FakePrestashop()
    an_order(shop)
    shop.add("order_carriers", 91, id_order=9, id_carrier=3, tracking_number="6A2")

    assert parcels(shop) == [("90", "Colissimo", "6A1"), ("91", "Colissimo d'hier", "6A2")]


def test_one_number_on_two_rows_is_one_parcel() -> None:
    shop = FakePrestashop()
    an_order(shop)
    shop.add("order_carriers", 91, id_order=9, tracking_number="6A1")

    assert parcels(shop) == [("90", "Colissimo", "6A1")]


def test_a_row_without_a_number_beside_one_with_is_no_parcel() -> None:
    shop = FakePrestashop()
    an_order(shop, number="")
    before = parcels(shop)

    shop.add("order_carriers", 91, id_order=9, tracking_number="6A2")

    # The same parcel, which has its number now.
    assert (before, parcels(shop)) == ([("90", "Colissimo", "")], [("90", "Colissimo", "6A2")])


def test_an_order_without_any_row_is_one_parcel() -> None:
    shop = FakePrestashop()
    shop.add("orders", 9, current_state="4")

    assert parcels(shop) == [("0", "", "")]


@pytest.mark.parametrize(
    ("carrier", "name", "url"),
    [
        (1, "Colissimo", "https://track.example/?n=A%2F1%20%26"),
        (2, "", ""),
        (3, "Colissimo d'hier", "https://old.example/A%2F1%20%26"),
        (0, "", ""),
        (77, "Mondial Relay", "https://new.example/A%2F1%20%26"),
        (78, "", ""),
        (79, "Chronopost", ""),
    ],
)
def test_the_carrier_is_who_it_was_when_the_parcel_left(carrier: int, name: str, url: str) -> None:
    shop = FakePrestashop()
    an_order(shop, number="A/1 &")
    shop.change("order_carriers", 90, id_carrier=carrier)
    shop.add("carriers", 77, name="Mondial Relay", url="https://new.example/@")
    shop.add("carriers", 79, name="Chronopost", url="chronopost.example/@")

    (parcel,) = followed(shop, "9")["9"].parcels

    assert (parcel.carrier, parcel.url) == (name, url)


def an_order_of_the_marketplace(
    shop: FakePrestashop, *, state: str = "5", left: str = "2026-11-21 17:15:00", number: str = "", by: int = 0
) -> None:
    shop.add("orders", 9, current_state=state, date_add="2026-11-21 17:14:41")
    shop.add("order_carriers", 90, id_order=9, tracking_number=number)
    shop.add("order_histories", 91, id_order=9, id_order_state=state, id_employee=by, date_add=left)


def test_an_order_that_the_marketplace_shipped_has_no_parcels() -> None:
    shop = FakePrestashop()
    an_order_of_the_marketplace(shop)

    assert followed(shop, "9")["9"] == ShopProgress(ref="9", state="shipped", parcels=())


@pytest.mark.parametrize(
    "differing",
    [{"by": 3}, {"number": "6A1"}, {"left": "2026-11-21 18:00:00"}, {"state": "4"}],
    ids=["an employee", "a number", "later", "another state"],
)
def test_what_anybody_else_shipped_has_parcels(differing: dict) -> None:  # type: ignore[type-arg]
    shop = FakePrestashop()
    an_order_of_the_marketplace(shop, **differing)

    assert len(parcels(shop)) == 1


def test_the_accounts_own_states_decide() -> None:
    shop, mapping = FakePrestashop(), ShopMapping(shipped_states=("3",), fulfilled_state="4")
    shop.add("orders", 9, current_state="3")
    shop.add("order_histories", 91, id_order=9, id_order_state=3, date_add="2026-11-21 17:14:47")

    progress = followed(shop, "9", mapping=mapping)["9"]

    assert (progress.state, progress.parcels[0].shipped_at) == ("shipped", LEFT_AT)


def test_states_that_nobody_can_ask_for_are_not_asked_for() -> None:
    shop, mapping = FakePrestashop(), ShopMapping(shipped_states=("4|5", "]"), fulfilled_state="5")
    an_order(shop, state="5")

    assert len(parcels(shop, mapping=mapping)) == 1


@pytest.mark.parametrize(
    "ref", ["999", "", "0", "-1", "abc", "²", "9" * 12, "9" * 40, "09", "9\0", "9-1", "9|10", " 9"]
)
def test_an_order_that_is_not_there_is_left_out(ref: str) -> None:
    shop = FakePrestashop()
    an_order(shop)

    assert set(followed(shop, ref, "9")) == {"9"}


def test_following_nothing_is_no_question() -> None:
    shop = FakePrestashop()

    assert followed(shop) == {}
    assert followed(shop, "abc") == {}
    assert shop.calls() == 0


def test_two_hundred_orders_take_three_calls() -> None:
    shop = FakePrestashop()
    for number in range(1, 402):
        an_order(shop, number, state="4" if number % 2 else "11", row=1000 + number)

    found = followed(shop, *[str(number) for number in range(1, 402)], "1")

    assert len(found) == 401
    assert sum(len(each.parcels) for each in found.values()) == 201
    assert shop.calls() == 9


def test_orders_that_wait_cost_one_call() -> None:
    shop = FakePrestashop()
    an_order(shop, state="11")

    followed(shop, "9")

    assert shop.calls() == 1


@given(
    moment=st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2035, 1, 1)).map(
        lambda at: at.replace(microsecond=0, tzinfo=UTC)
    )
)
def test_a_moment_survives_the_shops_time_but_for_the_hour_that_comes_twice(moment: datetime) -> None:
    facts = some_facts()

    read = facts.moment(facts.local(moment))

    assert read is not None
    assert facts.local(read) == facts.local(moment)
    assert (moment - read).total_seconds() in (0, 3600)


@pytest.mark.parametrize("number", ["-", "N/A", "aucun"])
def test_what_stands_for_no_number_is_a_parcel_without_one(number: str) -> None:
    shop = FakePrestashop()
    an_order(shop, number=number)

    assert parcels(shop) == [("90", "Colissimo", "")]


def test_several_numbers_in_one_cell_are_several_parcels() -> None:
    shop = FakePrestashop()
    an_order(shop, number="6A1, 6A2")
    shop.add("order_carriers", 91, id_order=9, tracking_number="6A2; 6A3")

    assert parcels(shop) == [("90", "Colissimo", "6A1"), ("90-2", "Colissimo", "6A2"), ("91-2", "Colissimo", "6A3")]


def test_a_link_in_the_cell_gives_its_number_and_is_the_link() -> None:
    shop = FakePrestashop()
    an_order(shop, number="https://carrier.example/t/8X00123456")

    [parcel] = followed(shop, "9")["9"].parcels
    assert (parcel.number, parcel.url) == ("8X00123456", "https://carrier.example/t/8X00123456")
