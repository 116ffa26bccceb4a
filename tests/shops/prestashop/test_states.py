"""What a shop's own states mean to us, and what we suggest of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.shop_mapping import ShopMapping
from app.shops.prestashop.reads.setup import _state
from app.shops.prestashop.reads.states import (
    before_shipping,
    cancelled_state,
    fulfilled_state,
    imported_state,
    mailing_states,
    meaning,
    shipped_states,
    suggested,
)
from app.shops.prestashop.records import records_in
from app.transport.xml import parse
from tests.shops.prestashop.fake_prestashop import STATES, a_state, some_facts
from tests.shops.prestashop.recordings import recorded, with_recordings

OWN_STATES = (*STATES, a_state("20", "Chez le transporteur", "paid", "shipped"), a_state("21", "Annulé par eBay"))


@pytest.mark.parametrize(
    ("state_id", "meant"),
    [
        ("11", "paid"),
        ("3", "paid"),
        ("4", "shipped"),
        ("5", "shipped"),
        ("20", "shipped"),
        ("6", "cancelled"),
        ("7", "paid"),
        ("8", "paid"),
        ("0", "paid"),
        ("", "paid"),
        ("999", "paid"),
    ],
)
def test_a_state_means_what_its_flags_and_the_configuration_say(state_id: str, meant: str) -> None:
    facts = some_facts(OWN_STATES)

    assert meaning(facts, ShopMapping(), state_id) == meant


def test_the_known_states_count_without_a_flag() -> None:
    facts = some_facts([a_state("12", "Parti"), a_state("13", "Arrivé")], PS_OS_SHIPPING="12", PS_OS_DELIVERED="13")

    assert [meaning(facts, ShopMapping(), each) for each in ("12", "13", "4")] == ["shipped", "shipped", "paid"]


def test_the_account_names_its_own_shipped_states() -> None:
    mapping = ShopMapping(shipped_states=("3",))

    means = {each: meaning(some_facts(), mapping, each) for each in ("3", "4", "5")}

    # Delivered is where orders enter that the marketplace shipped.
    assert means == {"3": "shipped", "4": "paid", "5": "shipped"}


def test_an_order_that_entered_as_shipped_is_shipped_whatever_else_is() -> None:
    mapping = ShopMapping(shipped_states=("4",), fulfilled_state="7")

    assert meaning(some_facts(), mapping, "7") == "shipped"


def test_the_accounts_cancelled_state_counts_beside_the_shops_own() -> None:
    mapping = ShopMapping(cancelled_state="21")

    assert [meaning(some_facts(OWN_STATES), mapping, each) for each in ("6", "21")] == ["cancelled", "cancelled"]


@given(shipped=st.sets(st.sampled_from(["3", "4", "5", "6", "21"])), cancelled=st.sampled_from(["", "4", "6", "21"]))
def test_cancelled_is_never_shipped(shipped: set[str], cancelled: str) -> None:
    facts, mapping = some_facts(OWN_STATES), ShopMapping(shipped_states=tuple(shipped), cancelled_state=cancelled)

    left = shipped_states(facts, mapping)

    assert not left & {facts.cancelled_state, mapping.cancelled_state, ""}


def test_an_order_waits_in_the_states_before_it_leaves() -> None:
    assert before_shipping(some_facts(), ShopMapping(imported_state="9")) == {"0", "2", "3", "9", "11"}


def test_we_suggest_what_the_shop_has_for_it() -> None:
    found = suggested(some_facts())

    assert (found.imported_state, found.fulfilled_state, found.cancelled_state) == ("11", "5", "6")
    assert found.shipped_states == ("4", "5")
    assert set(found.reasons) == {name for name in type(found).__dataclass_fields__ if name != "reasons"}


def test_where_orders_enter_unpaid_we_suggest_the_paid_state() -> None:
    facts = some_facts([*STATES, a_state("14", "Commande distante")], PS_OS_WS_PAYMENT="14")

    assert suggested(facts).imported_state == "2"


@pytest.mark.parametrize(
    ("states", "fulfilled"),
    [
        ([a_state("4", "Expédié", "shipped"), a_state("5", "Livré", "shipped", "deleted")], "4"),
        ([a_state("5", "Livré", "shipped", "deleted"), a_state("20", "Parti", "shipped")], "20"),
        ([a_state("2", "Payé", "paid")], ""),
    ],
)
def test_a_deleted_state_is_not_suggested(states: list, fulfilled: str) -> None:  # type: ignore[type-arg]
    found = suggested(some_facts(states))

    assert found.fulfilled_state == fulfilled
    assert found.reasons["fulfilled_state"]


def test_what_the_account_says_wins() -> None:
    facts = some_facts()
    mapping = ShopMapping(imported_state="3", fulfilled_state="4", cancelled_state="7")

    assert (imported_state(facts, mapping), fulfilled_state(facts, mapping), cancelled_state(facts, mapping)) == (
        "3",
        "4",
        "7",
    )


def test_the_states_that_mail_the_buyer_are_named_the_unavoidable_first() -> None:
    mailing = mailing_states(some_facts(), ShopMapping())

    assert [each.name for each in mailing] == ["Paiement à distance accepté", "Expédié", "Annulé"]


@with_recordings
def test_the_states_of_a_real_shop_mean_what_their_names_say() -> None:
    root, _ = parse(recorded("012").body.decode())
    states = [_state(each) for each in records_in(root, plural="order_states", singular="order_state") or ()]

    facts = some_facts(states)

    meant = {each.name: meaning(facts, ShopMapping(), each.id) for each in states}
    assert {name for name, word in meant.items() if word == "shipped"} == {"Expédié", "Livré"}
    assert {name for name, word in meant.items() if word == "cancelled"} == {"Annulé"}
    assert suggested(facts).imported_state == "11"
